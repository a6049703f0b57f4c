/**
 * What a server has set for all features alike: its time zone, where acts of moderation are noted, how long things
 * are kept. Changed by `/settings`.
 *
 * @module
 */
import { Context, type Effect, Schema } from "effect"

export const Settings = Schema.Struct({
  /** An IANA time zone. Default `UTC`. */
  zone: Schema.String,
  /** Where acts of moderation are noted; null means the channel `mod-log`, where there is one. */
  modLogId: Schema.NullOr(Schema.String),
  /** Where reports go; null means nowhere. */
  reportChannelId: Schema.NullOr(Schema.String),
  /** How many days the statistics of messages are kept. Default 30. */
  statsDays: Schema.Number,
  /** How many days cases are kept; null, the default, means for ever. */
  caseDays: Schema.NullOr(Schema.Number),
})
export type Settings = typeof Settings.Type

export const defaults: Settings = {
  zone: "UTC",
  modLogId: null,
  reportChannelId: null,
  statsDays: 30,
  caseDays: null,
}

/** A failure of the database is a defect. */
export interface GuildSettings {
  /** What the server has set, and the defaults for the rest. */
  readonly of: (guildId: string) => Effect.Effect<Settings>
  /** Gives all of them as they are then; what the changes leave out stays. */
  readonly change: (guildId: string, changes: Partial<Settings>) => Effect.Effect<Settings>
  /** Forgets a server. */
  readonly forget: (guildId: string) => Effect.Effect<void>
  /** Servers that have set anything. */
  readonly all: Effect.Effect<ReadonlyArray<{ readonly guildId: string; readonly settings: Settings }>>
}

export const GuildSettings = Context.GenericTag<GuildSettings>("bosun/features/guild/GuildSettings")
