/**
 * Charts as PNG files, drawn by a worker process: bars, or a line, light on dark as Discord is.
 *
 * ```ts
 * const png = yield* Chart.draw({ title: "Messages by hour", unit: "messages", series })
 * return Reply.withFiles({ name: "messages.png", data: png })(Reply.text("Here it is."))
 * ```
 *
 * The picture is 900 pixels wide; with bars its height goes by their number. Bars beyond `MOST` become one, "others";
 * a line of more points is drawn whole, with fewer labels. Long labels are cut. Values may be negative, or all zero.
 *
 * Drawback: the font that comes along has Latin, Greek, Cyrillic, Arabic and Hebrew letters; what it lacks is drawn
 * with the system's fonts, or as empty boxes.
 *
 * Failure modes: those of `Offload.run`; whoever shows a chart beside text had better go on without it.
 *
 * @module
 */
import { type Effect, Schema } from "effect"
import * as Offload from "../../resource/Offload.js"

/** One bar, or one point of the line. */
export const Item = Schema.Struct({
  label: Schema.String,
  /** Finite. */
  value: Schema.Finite,
  /** What is written beside the bar in place of the value: `12.50 €`. */
  text: Schema.optional(Schema.String),
})
export type Item = typeof Item.Type

/** How many bars there are at most; what is left over is put together. */
export const MOST = 200

export const Spec = Schema.Struct({
  title: Schema.String,
  /** What the values are, written under the title. */
  unit: Schema.optional(Schema.String),
  /** In the order drawn: from the top, or from the left. At most 10,000. */
  series: Schema.Array(Item).pipe(Schema.maxItems(10_000)),
  /** Default bars. */
  kind: Schema.optional(Schema.Literal("bars", "line")),
})

/** What is drawn. */
export interface Spec {
  readonly title: string
  readonly unit?: string | undefined
  readonly series: ReadonlyArray<{
    readonly label: string
    readonly value: number
    readonly text?: string | undefined
  }>
  readonly kind?: "bars" | "line" | undefined
}

/** The task, for `Offload.run`. In a process of its own, since the library is native code and can crash. */
export const chart = Offload.task("chart", {
  isolation: "process",
  file: new URL("./Chart.worker.js", import.meta.url),
  input: Spec,
  output: Schema.Uint8ArrayFromSelf,
})

/** Draws a PNG. Fails as `Offload.run` does; interruption ends the drawing. */
export const draw = (
  spec: Spec,
  options?: Offload.RunOptions,
): Effect.Effect<Uint8Array, Offload.OffloadError, Offload.Offload> => Offload.run(chart, spec, options)
