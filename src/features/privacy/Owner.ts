/**
 * Whose database this is: the bot that first looked for servers it had left, and was in one of those stored or found
 * none stored.
 *
 * Another bot, started on the same database by a wrong token, is in none of the servers that are stored, and must
 * not take them for left.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"
import * as Migrations from "../../resource/Migrations.js"

/** Whether the bot of that id owns the database; where nobody does, the first that may. A failure of the database is a defect. */
export const make = Effect.gen(function* () {
  yield* Migrations.run("privacy", [
    ["owner", (sql) => sql`CREATE TABLE privacy_owner (one INTEGER PRIMARY KEY, bot_id TEXT NOT NULL)`],
  ])
  const sql = yield* SqlClient.SqlClient
  return {
    isOwn: (botId: string, mayClaim: boolean): Effect.Effect<boolean> =>
      Effect.gen(function* () {
        if (mayClaim)
          yield* sql`INSERT INTO privacy_owner ${sql.insert({ one: 1, bot_id: botId })} ON CONFLICT DO NOTHING`
        const [row] = yield* sql<{ readonly bot_id: string }>`SELECT bot_id FROM privacy_owner`
        return row?.bot_id === botId
      }).pipe(Effect.orDie),
  }
})
