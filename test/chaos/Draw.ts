/** Draws that depend on a seed alone. */
import { PCGRandom } from "effect/Utils"

export interface Draw {
  /** From 0 to below `limit`. */
  readonly below: (limit: number) => number
  /** Whether a chance of so many in a hundred comes true. */
  readonly chance: (percent: number) => boolean
  readonly one: <A>(from: ReadonlyArray<A>) => A
  /** From the least to the most, and not whole. */
  readonly between: (least: number, most: number) => number
}

export const make = (seed: number): Draw => {
  const random = new PCGRandom(seed)
  const below = (limit: number) => random.integer(limit)
  return {
    below,
    chance: (percent) => random.number() * 100 < percent,
    one: (from) => {
      if (from.length === 0) throw new RangeError("There is nothing to draw from")
      return from[below(from.length)]!
    },
    between: (least, most) => least + random.number() * (most - least),
  }
}
