/**
 * How far Discord's clock stands from ours, from the `Date` header of its answers.
 *
 * The header is cut to whole seconds, so that one answer only proves an interval: with `D` the header, `sent`
 * and `received` our times, the difference lies in `(D - received, D + 1000 - sent)`. Intervals of many answers
 * are intersected, and the value told is the one nearest to 0 that all of them allow: it never corrects more
 * than is proven, and 0 is told until something is.
 *
 * @module
 */

/** Clocks drift apart: what was proven is widened by this much per elapsed millisecond (100 ppm). */
const DRIFT = 0.0001

export interface Skew {
  /** One answer: its `Date` header, and our times in milliseconds. A header that is no date is left out. */
  readonly note: (date: string | undefined, sent: number, received: number) => void
  /** Milliseconds to add to our clock to get Discord's. */
  readonly millis: () => number
}

export const make = (): Skew => {
  let lower = -Infinity
  let upper = Infinity
  let at = 0
  let text = ""
  let parsed = Number.NaN
  return {
    note: (date, sent, received) => {
      if (date === undefined) return
      if (date !== text) {
        text = date
        parsed = Date.parse(date)
      }
      if (Number.isNaN(parsed)) return
      const slack = Math.max(0, received - at) * DRIFT
      at = received
      const low = parsed - received
      const high = parsed + 1_000 - sent
      lower = Math.max(lower - slack, low)
      upper = Math.min(upper + slack, high)
      if (lower > upper) {
        // One of the clocks was set: what was proven before is void.
        lower = low
        upper = high
      }
    },
    millis: () => (lower > 0 ? Math.round(lower) : upper < 0 ? Math.round(upper) : 0),
  }
}
