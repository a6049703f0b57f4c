/**
 * Draws charts; runs in a worker.
 *
 * @module
 */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createCanvas, GlobalFonts } from "@napi-rs/canvas"
import type * as Offload from "../../resource/Offload.js"
import type * as Chart from "./Chart.js"
import * as Bars from "./Bars.js"
import * as Line from "./Line.js"
import { type Drawn, FONT, WIDTH } from "./Style.js"

export const chart: Offload.Work<typeof Chart.chart> = (given) => {
  register()
  const spec = prepared(given)
  const measure = createCanvas(1, 1).getContext("2d")
  const plan: Drawn = spec.kind === "line" ? Line.plan(spec) : Bars.plan(spec, measure)
  const canvas = createCanvas(WIDTH, plan.height)
  plan.draw(canvas.getContext("2d"))
  return new Uint8Array(canvas.toBuffer("image/png"))
}

/** The library ends its whole process at a NUL in a text, and at a coordinate that is no number. */
const prepared = (spec: Chart.Spec): Chart.Spec => ({
  ...spec,
  title: oneLine(spec.title),
  ...(spec.unit === undefined ? {} : { unit: oneLine(spec.unit) }),
  series: spec.series.map(({ label, text, value }) => ({
    label: oneLine(label),
    value: within(value),
    ...(text === undefined ? {} : { text: oneLine(text) }),
  })),
})

const oneLine = (text: string): string =>
  text
    .slice(0, 500)
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()

const GREATEST = 1e300

/** So that sums, differences and quotients are numbers too. */
const within = (value: number): number =>
  Math.abs(value) < 1 / GREATEST ? 0 : Math.max(-GREATEST, Math.min(GREATEST, value))

let isRegistered = false

/** Once in a worker. */
const register = (): void => {
  if (isRegistered) return
  const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf")
  GlobalFonts.registerFromPath(join(fonts, "DejaVuSans.ttf"), FONT)
  GlobalFonts.registerFromPath(join(fonts, "DejaVuSans-Bold.ttf"), FONT)
  isRegistered = true
}
