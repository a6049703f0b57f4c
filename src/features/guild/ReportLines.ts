/**
 * What reports say of a server: each feature adds its own lines.
 *
 * @module
 */
import { Context, Effect, Layer, type Scope } from "effect"
import * as Registry from "./Registry.js"

/** One feature's part. */
export interface Part {
  /** As in the log: `cases`. Parts stand in the report in the order of their names. */
  readonly name: string
  /**
   * Lines of Markdown on what happened in the server since then (epoch milliseconds), what users wrote escaped; none where there is nothing to
   * say. A part that fails is left out and logged.
   */
  readonly lines: (guildId: string, since: number) => Effect.Effect<ReadonlyArray<string>, unknown>
}

export type ReportLines = Registry.Registry<Part>

export const ReportLines = Context.GenericTag<ReportLines>("bosun/features/guild/ReportLines")

export const layer: Layer.Layer<ReportLines> = Layer.sync(ReportLines, () => Registry.make<Part>())

/** Enters a part until the scope ends. */
export const register = (part: Part): Effect.Effect<void, never, ReportLines | Scope.Scope> =>
  Effect.flatMap(ReportLines, (lines) => lines.register(part))
