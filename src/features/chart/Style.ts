/**
 * What all charts share: colours, the head, numbers and labels.
 *
 * @module
 */
import type { SKRSContext2D as Pen } from "@napi-rs/canvas"

export type { Pen }

export const WIDTH = 900
export const MARGIN = 32
export const FONT = "Bosun Sans"

/** Light on dark. */
export const colour = {
  ground: "#1e1f26",
  title: "#f5f6fa",
  text: "#d4d7e0",
  faint: "#8b90a0",
  grid: "#33353f",
  track: "#282a33",
  accent: "#6c8cff",
  accentDeep: "#4a63e0",
  negative: "#ff7a85",
  negativeDeep: "#e0525f",
} as const

/** A picture's height, and what draws it. */
export interface Drawn {
  readonly height: number
  readonly draw: (pen: Pen) => void
}

export interface Titled {
  readonly title: string
  readonly unit?: string | undefined
}

export const headHeight = ({ unit }: Titled): number => (unit === undefined ? 84 : 106)

/** The ground, the title and the unit. */
export const head = (pen: Pen, { title, unit }: Titled, height: number): void => {
  pen.fillStyle = colour.ground
  pen.fillRect(0, 0, WIDTH, height)
  pen.textBaseline = "alphabetic"
  pen.textAlign = "left"
  pen.fillStyle = colour.title
  pen.font = `bold 26px "${FONT}"`
  pen.fillText(cut(pen, title, WIDTH - 2 * MARGIN), MARGIN, 52)
  if (unit === undefined) return
  pen.fillStyle = colour.faint
  pen.font = `15px "${FONT}"`
  pen.fillText(cut(pen, unit, WIDTH - 2 * MARGIN), MARGIN, 78)
}

/** Said where there is nothing to draw. */
export const empty = (spec: Titled): Drawn => {
  const height = headHeight(spec) + 100
  return {
    height,
    draw: (pen) => {
      head(pen, spec, height)
      pen.fillStyle = colour.faint
      pen.font = `18px "${FONT}"`
      pen.textAlign = "center"
      pen.fillText("There is nothing to show.", WIDTH / 2, height - 70)
    },
  }
}

/** As much of a text as is at most so wide in the pen's font. */
export const cut = (pen: Pen, text: string, width: number): string => {
  if (pen.measureText(text).width <= width) return text
  const letters = Array.from(text)
  let [least, most] = [0, letters.length]
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (pen.measureText(`${letters.slice(0, middle).join("").trimEnd()}…`).width <= width) least = middle
    else most = middle - 1
  }
  return `${letters.slice(0, least).join("").trimEnd()}…`
}

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 })
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 })

/** A number as it is written in a chart. */
export const number = (value: number): string =>
  (Math.abs(value) < 1_000_000 ? plain : short).format(value === 0 ? 0 : value)

/** From the least to the greatest value, zero included, in round steps. */
export const scale = (values: ReadonlyArray<number>, steps: number): ReadonlyArray<number> => {
  let [least, most] = [0, 0]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (least === most) most = 1
  const rough = (most - least) / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power
  const first = Math.floor(least / step)
  const last = Math.ceil(most / step)
  const count = Math.min(last - first, 4 * steps)
  return Array.from({ length: count + 1 }, (_, index) => (first + index) * step)
}
