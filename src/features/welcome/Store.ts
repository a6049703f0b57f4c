/**
 * Where is kept how servers welcome their members: one row for each that does.
 *
 * Failure modes: a failure of the database is a defect.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Schema } from "effect"
import type * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"

/** How a server welcomes. */
export interface Welcome {
  readonly channelId: string
  /** As `Template.parse` gives it. */
  readonly message: string
  readonly roleIds: ReadonlyArray<string>
}

export interface WelcomeStore {
  readonly of: (guildId: string) => Effect.Effect<Welcome | undefined>
  /** In place of what was there. */
  readonly set: (guildId: string, welcome: Welcome) => Effect.Effect<void>
  /** Whether there was any. */
  readonly off: (guildId: string) => Effect.Effect<boolean>
  /** Servers of which anything is stored. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

export const WelcomeStore = Context.GenericTag<WelcomeStore>("bosun/features/welcome/WelcomeStore")

export const make: Effect.Effect<WelcomeStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("welcome", steps)
    const sql = yield* SqlClient.SqlClient
    return {
      of: Effect.fnUntraced(function* (guildId: string) {
        const [row] = yield* sql<Row>`SELECT * FROM welcome_settings WHERE guild_id = ${guildId}`
        if (row === undefined) return undefined
        return { channelId: row.channel_id, message: row.message, roleIds: yield* roles(row.role_ids) }
      }, Effect.orDie),
      set: (guildId, { channelId, message, roleIds }) =>
        Effect.orDie(
          sql`INSERT INTO welcome_settings ${sql.insert({
            guild_id: guildId,
            channel_id: channelId,
            message,
            role_ids: JSON.stringify(roleIds),
          })} ON CONFLICT (guild_id) DO UPDATE SET
            channel_id = excluded.channel_id, message = excluded.message, role_ids = excluded.role_ids`,
        ),
      off: (guildId) =>
        Effect.orDie(
          Effect.map(
            sql`DELETE FROM welcome_settings WHERE guild_id = ${guildId} RETURNING guild_id`,
            ({ length }) => length > 0,
          ),
        ),
      guilds: sql<{ readonly guild_id: string }>`SELECT guild_id FROM welcome_settings`.pipe(
        Effect.map((rows) => rows.map(({ guild_id }) => guild_id)),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<WelcomeStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  WelcomeStore,
  make,
)

interface Row {
  readonly channel_id: string
  readonly message: string
  readonly role_ids: string
}

const roles = Schema.decode(Schema.parseJson(Schema.Array(Schema.String)))

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "settings",
    (sql) =>
      sql`CREATE TABLE welcome_settings (
        guild_id TEXT PRIMARY KEY,
        channel_id TEXT NOT NULL,
        message TEXT NOT NULL,
        role_ids TEXT NOT NULL
      )`,
  ],
]
