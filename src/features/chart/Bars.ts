/**
 * Bars from left to right, one below the other, with their labels before and their values behind them.
 *
 * @module
 */
import type { Spec } from "./Chart.js"
import {
  colour,
  cut,
  type Drawn,
  empty,
  FONT,
  head,
  headHeight,
  MARGIN,
  number,
  type Pen,
  WIDTH,
} from "./Style.js"

/** How many there are at most; `Chart.MOST`, which a worker does not load. */
const MOST = 200

type Bar = Spec["series"][number]

/** Pixels for each, by their number. */
const rows = (count: number) =>
  count <= 24
    ? { row: 36, bar: 22, font: 15 }
    : count <= 60
      ? { row: 26, bar: 16, font: 13 }
      : { row: 20, bar: 12, font: 12 }

export const plan = (spec: Spec, measure: Pen): Drawn => {
  const bars = grouped(spec.series)
  if (bars.length === 0) return empty(spec)
  const size = rows(bars.length)
  const top = headHeight(spec)
  const height = top + bars.length * size.row + MARGIN - 6
  measure.font = `${size.font}px "${FONT}"`
  const widest = (texts: ReadonlyArray<string>, most: number) =>
    Math.min(most, Math.max(...texts.map((text) => measure.measureText(text).width)))
  const labels =
    widest(
      bars.map(({ label }) => label),
      250,
    ) + 16
  const values = widest(bars.map(written), 170) + 12
  // Bars to the left of zero have their values there too.
  const isSplit = bars.some(({ value }) => value < 0)
  const left = MARGIN + labels + (isSplit ? values : 0)
  const right = WIDTH - MARGIN - values
  const { least, most } = range(bars)
  const at = (value: number) => left + ((value - least) / (most - least)) * (right - left)
  return {
    height,
    draw: (pen) => {
      head(pen, spec, height)
      pen.textBaseline = "middle"
      bars.forEach((bar, index) => {
        const middle = top + index * size.row + size.row / 2
        pen.font = `${size.font}px "${FONT}"`
        pen.textAlign = "right"
        pen.fillStyle = colour.text
        pen.fillText(cut(pen, bar.label, labels - 16), MARGIN + labels - 16, middle)
        const y = middle - size.bar / 2
        pen.fillStyle = colour.track
        round(pen, left, y, right - left, size.bar)
        const [from, to] = [Math.min(at(0), at(bar.value)), Math.max(at(0), at(bar.value))]
        if (bar.value !== 0) {
          const fill = pen.createLinearGradient(from, 0, Math.max(to, from + 1), 0)
          fill.addColorStop(0, bar.value < 0 ? colour.negative : colour.accentDeep)
          fill.addColorStop(1, bar.value < 0 ? colour.negativeDeep : colour.accent)
          pen.fillStyle = fill
          // The least that can be seen.
          round(pen, bar.value < 0 ? Math.min(from, to - 3) : from, y, Math.max(3, to - from), size.bar)
        }
        pen.fillStyle = bar.value === 0 ? colour.faint : colour.title
        pen.textAlign = bar.value < 0 ? "right" : "left"
        const beside = bar.value < 0 ? left - 10 : right + 12
        pen.fillText(cut(pen, written(bar), values - 8), beside, middle)
      })
      if (isSplit) {
        pen.fillStyle = colour.faint
        pen.fillRect(at(0) - 0.5, top, 1, bars.length * size.row)
      }
    },
  }
}

const written = ({ text, value }: Bar): string => text ?? number(value)

const range = (bars: ReadonlyArray<Bar>) => {
  let [least, most] = [0, 0]
  for (const { value } of bars) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return { least, most: least === most ? 1 : most }
}

const round = (pen: Pen, x: number, y: number, width: number, height: number): void => {
  pen.beginPath()
  pen.roundRect(x, y, width, height, Math.min(5, width / 2, height / 2))
  pen.fill()
}

/** What is too much becomes one bar. */
const grouped = (series: ReadonlyArray<Bar>): ReadonlyArray<Bar> => {
  if (series.length <= MOST) return series
  const rest = series.slice(MOST - 1)
  const value = rest.reduce((sum, { value }) => sum + value, 0)
  return [...series.slice(0, MOST - 1), { label: `${rest.length} others`, value }]
}
