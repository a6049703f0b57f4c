/**
 * One line over points from left to right, above a grid.
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
  scale,
  WIDTH,
} from "./Style.js"

const HEIGHT = 300
const BELOW = 56

export const plan = (spec: Spec): Drawn => {
  const { series } = spec
  if (series.length === 0) return empty(spec)
  const top = headHeight(spec)
  const height = top + HEIGHT + BELOW
  const ticks = scale(
    series.map(({ value }) => value),
    5,
  )
  const [least, most] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  return {
    height,
    draw: (pen) => {
      head(pen, spec, height)
      pen.font = `13px "${FONT}"`
      const axis = Math.max(...ticks.map((tick) => pen.measureText(number(tick)).width))
      const left = MARGIN + axis + 14
      const right = WIDTH - MARGIN
      const x = (index: number) =>
        series.length === 1
          ? (left + right) / 2
          : left + 8 + (index / (series.length - 1)) * (right - left - 16)
      const y = (value: number) => top + HEIGHT - ((value - least) / (most - least)) * HEIGHT
      grid(pen, ticks, left, right, y)
      labels(pen, series, x, top + HEIGHT)
      const points = series.map(({ value }, index) => [x(index), y(value)] as const)
      line(pen, points, y(0), top)
    },
  }
}

const grid = (
  pen: Pen,
  ticks: ReadonlyArray<number>,
  left: number,
  right: number,
  y: (value: number) => number,
): void => {
  pen.textBaseline = "middle"
  pen.textAlign = "right"
  for (const tick of ticks) {
    pen.fillStyle = tick === 0 ? colour.faint : colour.grid
    pen.fillRect(left, Math.round(y(tick)), right - left, 1)
    pen.fillStyle = colour.faint
    pen.fillText(number(tick), left - 10, y(tick))
  }
}

/** As many as fit. */
const labels = (pen: Pen, series: Spec["series"], x: (index: number) => number, bottom: number): void => {
  const texts = series.map(({ label }) => cut(pen, label, 110))
  const widest = Math.max(...texts.map((text) => pen.measureText(text).width))
  const most = Math.max(1, Math.floor((x(series.length - 1) - x(0)) / (widest + 18)) + 1)
  const every = Math.ceil(series.length / most)
  pen.fillStyle = colour.faint
  pen.textBaseline = "top"
  texts.forEach((text, index) => {
    if (index % every !== 0) return
    const half = pen.measureText(text).width / 2
    pen.textAlign = "center"
    pen.fillText(text, Math.max(MARGIN + half, Math.min(WIDTH - MARGIN - half, x(index))), bottom + 14)
  })
}

const line = (
  pen: Pen,
  points: ReadonlyArray<readonly [x: number, y: number]>,
  zero: number,
  top: number,
): void => {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return
  const trace = () => {
    pen.beginPath()
    for (const [x, y] of points) pen.lineTo(x, y)
  }
  trace()
  pen.lineTo(last[0], zero)
  pen.lineTo(first[0], zero)
  pen.closePath()
  const shade = pen.createLinearGradient(0, top, 0, zero)
  shade.addColorStop(0, `${colour.accent}66`)
  shade.addColorStop(1, `${colour.accent}08`)
  pen.fillStyle = shade
  pen.fill()
  trace()
  pen.strokeStyle = colour.accent
  pen.lineWidth = 2.5
  pen.lineJoin = "round"
  pen.lineCap = "round"
  pen.stroke()
  if (points.length > 48) return
  for (const [x, y] of points) {
    pen.beginPath()
    pen.arc(x, y, 4, 0, 2 * Math.PI)
    pen.fillStyle = colour.accent
    pen.fill()
    pen.lineWidth = 1.5
    pen.strokeStyle = colour.ground
    pen.stroke()
  }
}
