/**
 * Where the settings of servers are kept: one row for each server that has set anything.
 *
 * A value that was never set follows the default. A change is one statement, so that of two at once none is lost.
 * What was read is kept in the process until the next change here; a second process that changes the same server
 * is seen after a restart.
 *
 * Failure modes: a failure of the database is a defect. Within a transaction of the caller's a change may be
 * overlooked by others until the next one; so it has one of its own.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer, Ref } from "effect"
import type * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"
import { defaults, GuildSettings, type Settings } from "./GuildSettings.js"

export const make: Effect.Effect<GuildSettings, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("guild", steps)
    const sql = yield* SqlClient.SqlClient
    const known = new Map<string, Settings>()
    /** How often something was changed: what was read across a change is not kept. */
    let changes = 0
    const changing = <A, E>(change: Effect.Effect<A, E>): Effect.Effect<A> => {
      const forget = Effect.sync(() => {
        changes++
        known.clear()
      })
      // A statement that was given up may be carried out all the same.
      return Effect.uninterruptible(Effect.orDie(Effect.ensuring(Effect.zipRight(forget, change), forget)))
    }
    const read = Effect.fnUntraced(function* (guildId: string) {
      const before = changes
      const rows = yield* sql<Row>`SELECT * FROM guild_settings WHERE guild_id = ${guildId}`
      const settings = settingsOf(rows[0])
      if (before === changes) known.set(guildId, settings)
      return settings
    }, Effect.orDie)
    return {
      of: (guildId) =>
        Effect.suspend(() => {
          const settings = known.get(guildId)
          return settings === undefined ? read(guildId) : Effect.succeed(settings)
        }),
      change: (guildId, changes) => {
        const columns = columnsOf(changes)
        const names = Object.keys(columns)
        const set = sql.csv(names.map((name) => sql`${sql(name)} = excluded.${sql(name)}`))
        const conflict = names.length === 0 ? sql`guild_id = excluded.guild_id` : set
        return changing(
          Effect.map(
            sql<Row>`INSERT INTO guild_settings ${sql.insert({ guild_id: guildId, ...columns })}
              ON CONFLICT (guild_id) DO UPDATE SET ${conflict} RETURNING *`,
            (rows) => settingsOf(rows[0]),
          ),
        )
      },
      forget: (guildId) =>
        changing(Effect.asVoid(sql`DELETE FROM guild_settings WHERE guild_id = ${guildId}`)),
      all: sql<Row>`SELECT * FROM guild_settings ORDER BY guild_id`.pipe(
        Effect.map((rows) => rows.map((row) => ({ guildId: row.guild_id, settings: settingsOf(row) }))),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<GuildSettings, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  GuildSettings,
  make,
)

export const makeMemory: Effect.Effect<GuildSettings> = Effect.gen(function* () {
  const ref = yield* Ref.make<ReadonlyMap<string, Settings>>(new Map())
  const of = (guilds: ReadonlyMap<string, Settings>, guildId: string) => guilds.get(guildId) ?? defaults
  return {
    of: (guildId) => Effect.map(Ref.get(ref), (guilds) => of(guilds, guildId)),
    change: (guildId, changes) =>
      Ref.modify(ref, (guilds) => {
        const next = { ...of(guilds, guildId), ...given(changes) }
        return [next, new Map([...guilds, [guildId, next]])]
      }),
    forget: (guildId) => Ref.update(ref, (guilds) => new Map([...guilds].filter(([id]) => id !== guildId))),
    all: Effect.map(Ref.get(ref), (guilds) =>
      [...guilds]
        .map(([guildId, settings]) => ({ guildId, settings }))
        .sort((a, b) => (a.guildId < b.guildId ? -1 : 1)),
    ),
  }
})

/** In memory, empty. */
export const layerMemory: Layer.Layer<GuildSettings> = Layer.effect(GuildSettings, makeMemory)

// ---------------------------------------------------------------------------------------------------------
// The table
// ---------------------------------------------------------------------------------------------------------

const steps: Parameters<typeof Migrations.run>[1] = [
  [
    "settings",
    (sql) =>
      sql`CREATE TABLE guild_settings (
        guild_id TEXT PRIMARY KEY,
        zone TEXT,
        mod_log_id TEXT,
        report_channel_id TEXT,
        stats_days INTEGER,
        case_days INTEGER
      )`,
  ],
]

/** Null is what was never set; of the channels and the cases it is a value as well, and the default. */
interface Row {
  readonly guild_id: string
  readonly zone: string | null
  readonly mod_log_id: string | null
  readonly report_channel_id: string | null
  readonly stats_days: number | null
  readonly case_days: number | null
}

const settingsOf = (row: Row | undefined): Settings =>
  row === undefined
    ? defaults
    : {
        zone: row.zone ?? defaults.zone,
        modLogId: row.mod_log_id,
        reportChannelId: row.report_channel_id,
        statsDays: row.stats_days ?? defaults.statsDays,
        caseDays: row.case_days,
      }

const columnsOf = (changes: Partial<Settings>): Readonly<Record<string, string | number | null>> => {
  const { caseDays, modLogId, reportChannelId, statsDays, zone } = changes
  return given({
    zone,
    mod_log_id: modLogId,
    report_channel_id: reportChannelId,
    stats_days: statsDays,
    case_days: caseDays,
  })
}

/** Without what is undefined. */
const given = <A>(changes: { readonly [name: string]: A | undefined }): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(changes).filter((entry): entry is [string, A] => entry[1] !== undefined))
