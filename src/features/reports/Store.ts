/**
 * Which reports a server has had, and whether they are paused.
 *
 * Failure modes: a failure of the database is a defect.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer } from "effect"
import type * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"

/** How far a server is. */
export interface Mark {
  /** The zone that the due times were computed in last. */
  readonly zone: string
  /** All reports due until then are sent or over. Epoch milliseconds. */
  readonly passed: number
  readonly paused: boolean
}

export interface ReportStore {
  /** Undefined for a server that never had one. */
  readonly of: (guildId: string) => Effect.Effect<Mark | undefined>
  /** Notes that all until then is sent or over; false where it was noted before, for the same zone: by another bot, for instance. */
  readonly claim: (guildId: string, zone: string, until: number) => Effect.Effect<boolean>
  /** True where it was not paused before. */
  readonly pause: (guildId: string) => Effect.Effect<boolean>
  /** Reports go on with what is due after then. */
  readonly resume: (guildId: string, zone: string, now: number) => Effect.Effect<void>
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** Servers of which anything is stored. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

export const ReportStore = Context.GenericTag<ReportStore>("bosun/features/reports/ReportStore")

export const make: Effect.Effect<ReportStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("reports", steps)
    const sql = yield* SqlClient.SqlClient
    return {
      of: (guildId) =>
        sql<Row>`SELECT * FROM reports_guilds WHERE guild_id = ${guildId}`.pipe(
          Effect.map(([row]) =>
            row === undefined ? undefined : { zone: row.zone, passed: row.passed, paused: row.paused !== 0 },
          ),
          Effect.orDie,
        ),
      claim: (guildId, zone, until) =>
        sql<Row>`INSERT INTO reports_guilds ${sql.insert({ guild_id: guildId, zone, passed: until, paused: 0 })}
          ON CONFLICT (guild_id) DO UPDATE SET zone = excluded.zone, passed = excluded.passed
          WHERE reports_guilds.passed < excluded.passed OR reports_guilds.zone <> excluded.zone
          RETURNING *`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie,
        ),
      pause: (guildId) =>
        sql<Row>`INSERT INTO reports_guilds ${sql.insert({ guild_id: guildId, zone: "", passed: 0, paused: 1 })}
          ON CONFLICT (guild_id) DO UPDATE SET paused = 1 WHERE reports_guilds.paused = 0
          RETURNING *`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie,
        ),
      resume: (guildId, zone, now) =>
        sql`INSERT INTO reports_guilds ${sql.insert({ guild_id: guildId, zone, passed: now, paused: 0 })}
          ON CONFLICT (guild_id) DO UPDATE SET paused = 0, zone = excluded.zone, passed = excluded.passed`.pipe(
          Effect.asVoid,
          Effect.orDie,
        ),
      forgetGuild: (guildId) =>
        Effect.orDie(Effect.asVoid(sql`DELETE FROM reports_guilds WHERE guild_id = ${guildId}`)),
      guilds: sql<{ readonly guild_id: string }>`SELECT guild_id FROM reports_guilds`.pipe(
        Effect.map((rows) => rows.map(({ guild_id }) => guild_id)),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<ReportStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  ReportStore,
  make,
)

const steps: Parameters<typeof Migrations.run>[1] = [
  [
    "guilds",
    (sql) =>
      sql`CREATE TABLE reports_guilds (
        guild_id TEXT PRIMARY KEY,
        zone TEXT NOT NULL,
        passed BIGINT NOT NULL,
        paused INTEGER NOT NULL
      )`,
  ],
]

interface Row {
  readonly guild_id: string
  readonly zone: string
  readonly passed: number
  readonly paused: number
}
