/**
 * Where the rules of servers and the numbers of their messages are kept.
 *
 * Numbers are added to what is there in one statement, so that of several bots on one database none loses what
 * another has counted.
 *
 * Failure modes: a failure of the database is a defect, but for `count`, which can be tried again.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Array, Context, Effect, Layer, Order, Schema } from "effect"
import type * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"
import { defaults, Mode, type Rules } from "./Model.js"

/** How many messages came in a channel within an hour. */
export interface Counted {
  readonly guildId: string
  readonly channelId: string
  /** When the hour begins. Epoch milliseconds. */
  readonly hour: number
  readonly messages: number
}

export type InChannel = Pick<Counted, "channelId" | "messages">
export type InHour = Pick<Counted, "hour" | "messages">

export interface GuardStore {
  readonly rules: (guildId: string) => Effect.Effect<Rules>
  /** Changes what is given; what it is then. */
  readonly change: (guildId: string, changes: Partial<Rules>) => Effect.Effect<Rules>
  /** Adds to what was counted before: all or nothing. No two for the same channel and hour. */
  readonly count: (counted: ReadonlyArray<Counted>) => Effect.Effect<void, SqlError>
  /** The messages in each of a server's channels from then on, the most first. */
  readonly byChannel: (guildId: string, since: number) => Effect.Effect<ReadonlyArray<InChannel>>
  /** The messages in a server in each hour from then on in which there were any, oldest first. */
  readonly byHour: (guildId: string, since: number) => Effect.Effect<ReadonlyArray<InHour>>
  /** Deletes a server's hours before then; how many rows that were. */
  readonly prune: (guildId: string, before: number) => Effect.Effect<number>
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** Servers of which anything is stored. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

export const GuardStore = Context.GenericTag<GuardStore>("bosun/features/guard/GuardStore")

/** How many rows a statement writes. */
const ROWS = 100

export const make: Effect.Effect<GuardStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("guard", steps)
    const sql = yield* SqlClient.SqlClient
    const rulesIn = (rows: ReadonlyArray<RulesRow>) => rulesOf(rows[0])
    return {
      rules: (guildId) =>
        Effect.orDie(
          Effect.map(sql<RulesRow>`SELECT * FROM guard_rules WHERE guild_id = ${guildId}`, rulesIn),
        ),
      change: (guildId, changes) => {
        const columns = columnsOf(changes)
        const fresh = { ...columnsOf(defaults), ...columns, guild_id: guildId }
        const names = Object.keys(columns)
        const set = sql.csv(names.map((name) => sql`${sql(name)} = excluded.${sql(name)}`))
        const conflict = names.length === 0 ? sql`guild_id = excluded.guild_id` : set
        return Effect.orDie(
          Effect.map(
            sql<RulesRow>`INSERT INTO guard_rules ${sql.insert(fresh)}
              ON CONFLICT (guild_id) DO UPDATE SET ${conflict} RETURNING *`,
            rulesIn,
          ),
        )
      },
      count: (counted) => {
        // In one order, so that two bots never wait for each other's rows.
        const rows = Array.sort(counted, byKey).map(({ channelId, guildId, hour, messages }) => ({
          guild_id: guildId,
          channel_id: channelId,
          hour,
          messages,
        }))
        return sql.withTransaction(
          Effect.forEach(
            Array.chunksOf(rows, ROWS),
            (some) => sql`INSERT INTO guard_hours ${sql.insert(some)}
              ON CONFLICT (guild_id, channel_id, hour)
              DO UPDATE SET messages = guard_hours.messages + excluded.messages`,
            { discard: true },
          ),
        )
      },
      byChannel: (guildId, since) =>
        Effect.orDie(sql<InChannel>`
          SELECT channel_id AS ${sql("channelId")}, SUM(messages) AS messages FROM guard_hours
          WHERE guild_id = ${guildId} AND hour >= ${since} GROUP BY channel_id ORDER BY 2 DESC, 1`),
      byHour: (guildId, since) =>
        Effect.orDie(sql<InHour>`
          SELECT hour, SUM(messages) AS messages FROM guard_hours
          WHERE guild_id = ${guildId} AND hour >= ${since} GROUP BY hour ORDER BY hour`),
      prune: (guildId, before) =>
        Effect.orDie(
          Effect.map(
            sql`DELETE FROM guard_hours WHERE guild_id = ${guildId} AND hour < ${before} RETURNING hour`,
            (rows) => rows.length,
          ),
        ),
      forgetGuild: (guildId) =>
        Effect.orDie(
          sql.withTransaction(
            Effect.zipRight(
              sql`DELETE FROM guard_hours WHERE guild_id = ${guildId}`,
              Effect.asVoid(sql`DELETE FROM guard_rules WHERE guild_id = ${guildId}`),
            ),
          ),
        ),
      guilds: sql<{
        readonly guild_id: string
      }>`SELECT guild_id FROM guard_rules UNION SELECT guild_id FROM guard_hours`.pipe(
        Effect.map((rows) => rows.map(({ guild_id }) => guild_id)),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the tables are made where there are none. */
export const layer: Layer.Layer<GuardStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  GuardStore,
  make,
)

// ---------------------------------------------------------------------------------------------------------
// The tables
// ---------------------------------------------------------------------------------------------------------

const steps: Parameters<typeof Migrations.run>[1] = [
  [
    "rules",
    (sql) =>
      sql`CREATE TABLE guard_rules (
        guild_id TEXT PRIMARY KEY,
        mode TEXT NOT NULL,
        rate INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        mentions INTEGER NOT NULL,
        invites INTEGER NOT NULL,
        timeout_minutes INTEGER NOT NULL
      )`,
  ],
  [
    "hours",
    (sql) =>
      sql`CREATE TABLE guard_hours (
        guild_id TEXT NOT NULL,
        channel_id TEXT NOT NULL,
        hour BIGINT NOT NULL,
        messages BIGINT NOT NULL,
        PRIMARY KEY (guild_id, channel_id, hour)
      )`,
  ],
]

interface RulesRow {
  readonly mode: string
  readonly rate: number
  readonly duplicates: number
  readonly mentions: number
  readonly invites: number
  readonly timeout_minutes: number
}

const byKey = Order.mapInput(Order.string, ({ channelId, guildId, hour }: Counted) =>
  [guildId, channelId, String(hour)].join("/"),
)

const isMode = Schema.is(Mode)

const rulesOf = (row: RulesRow | undefined): Rules =>
  row === undefined
    ? defaults
    : {
        mode: isMode(row.mode) ? row.mode : defaults.mode,
        rate: row.rate,
        duplicates: row.duplicates,
        mentions: row.mentions,
        invites: row.invites !== 0,
        timeoutMinutes: row.timeout_minutes,
      }

const columnsOf = (changes: Partial<Rules>): Readonly<Record<string, string | number>> => {
  const { duplicates, invites, mentions, mode, rate, timeoutMinutes } = changes
  const columns: Readonly<Record<string, string | number | undefined>> = {
    mode,
    rate,
    duplicates,
    mentions,
    invites: invites === undefined ? undefined : Number(invites),
    timeout_minutes: timeoutMinutes,
  }
  return Object.fromEntries(
    Object.entries(columns).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )
}
