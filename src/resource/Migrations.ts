/**
 * Brings the tables of one part of the bot to what the program knows.
 *
 * A part's steps are run in their order, each once in the life of a database, all in one transaction: a step that
 * fails leaves nothing. Of several processes that start at once one does it, the others wait. What was run stands
 * in the table `bosun_migrations`, by position and name: a step, once released, is never changed, moved or taken
 * away; a change is a further step.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Clock, Effect } from "effect"
import { Database, DatabaseUnusable, type Services } from "./Database.js"

/** A name, and what it does. A failure of it that is not the database's is a defect. */
export type Step = readonly [name: string, up: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, SqlError>]

/**
 * Runs the steps that were not run yet. Fails with `DatabaseUnusable` where a step fails, and, without having
 * changed anything, where the database is newer than the program or knows a step by another name.
 */
export const run = (
  part: string,
  steps: ReadonlyArray<Step>,
): Effect.Effect<void, DatabaseUnusable, Services> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { location } = yield* Database
    const unusable = (reason: string) => new DatabaseUnusable({ location, reason })
    const done = Effect.gen(function* () {
      yield* lock(sql)
      yield* sql`CREATE TABLE IF NOT EXISTS bosun_migrations (
        part TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (part, id)
      )`
      const known = yield* sql<{ readonly name: string }>`
        SELECT name FROM bosun_migrations WHERE part = ${part} ORDER BY id`
      for (const [index, { name }] of known.entries()) {
        const step = steps[index]
        if (step === undefined)
          return yield* unusable(
            `its part ${part} is newer than this program, which does not know the step "${name}". Start the newer program, or restore a copy from before it`,
          )
        if (step[0] !== name)
          return yield* unusable(
            `step ${index + 1} of its part ${part} is "${name}", where this program has "${step[0]}". It belongs to another program, or to another branch of this one`,
          )
      }
      for (const [index, [name, up]] of steps.entries()) {
        if (index < known.length) continue
        yield* Effect.mapError(up(sql), (error) =>
          unusable(
            `the step "${name}" of its part ${part} failed, and nothing of it was kept: ${told(error)}`,
          ),
        )
        const at = yield* Clock.currentTimeMillis
        yield* sql`INSERT INTO bosun_migrations ${sql.insert({ part, id: index + 1, name, at })}`
      }
      return { isFresh: known.length === 0, names: steps.slice(known.length).map(([name]) => name) }
    })
    const { isFresh, names } = yield* Effect.catchTag(sql.withTransaction(done), "SqlError", (error) =>
      Effect.fail(unusable(`its part ${part} could not be brought up to date: ${told(error)}`)),
    )
    if (names.length > 0) {
      const log = isFresh ? Effect.logDebug : Effect.logInfo
      yield* log(`The database's part ${part} was brought up to date: ${names.join(", ")}`)
    }
  })

/** SQLite's transactions are one at a time as it is. */
const lock = (sql: SqlClient.SqlClient) =>
  sql.onDialectOrElse({
    pg: () => Effect.asVoid(sql`SELECT pg_advisory_xact_lock(${LOCK})`),
    orElse: () => Effect.void,
  })

/** Any number that nobody else locks. */
const LOCK = 1_114_534_238

const told = (error: SqlError): string =>
  error.cause instanceof Error ? error.cause.message : (error.message ?? "for no stated reason")
