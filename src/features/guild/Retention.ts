/**
 * How long things are kept: each feature says how its part is thinned out, and the hourly clean-up of the reports
 * asks each of them for every server.
 *
 * ```ts
 * yield* Retention.register({
 *   name: "cases",
 *   prune: (guildId, { caseDays }, now) => (caseDays === null ? Effect.succeed(0) : cases.deleteBefore(guildId, now - caseDays * DAY)),
 * })
 * ```
 *
 * @module
 */
import { Context, Effect, Layer, type Scope } from "effect"
import type { Settings } from "./GuildSettings.js"
import * as Registry from "./Registry.js"

/** One feature's part. */
export interface Part {
  /** As in the log: `cases`. */
  readonly name: string
  /**
   * Deletes what is older than the server keeps it; how many records that were. `now` is in epoch milliseconds.
   * A failure is reported, and does not keep the other parts and servers from their turn.
   */
  readonly prune: (guildId: string, settings: Settings, now: number) => Effect.Effect<number, unknown>
}

export type Retention = Registry.Registry<Part>

export const Retention = Context.GenericTag<Retention>("bosun/features/guild/Retention")

export const layer: Layer.Layer<Retention> = Layer.sync(Retention, () => Registry.make<Part>())

/** Enters a part until the scope ends. */
export const register = (part: Part): Effect.Effect<void, never, Retention | Scope.Scope> =>
  Effect.flatMap(Retention, (retention) => retention.register(part))
