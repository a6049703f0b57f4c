/**
 * Ids as Discord makes them: milliseconds since 2015 above 22 bits of counter, 17 to 19 digits, always growing.
 *
 * Failure modes: none. More than 4,096 ids in one millisecond run over into the next one, as they must to stay
 * in order.
 *
 * @module
 */

/** Discord's epoch, 2015-01-01, in milliseconds since 1970. */
export const epoch = 1_420_070_400_000

/** A source of ids that never repeats and never goes back. */
export interface Generator {
  /** The next id, not before `now` (milliseconds since 1970). */
  readonly next: (now: number) => string
}

/** Makes a source. */
export const make = (): Generator => {
  let last = 0n
  return {
    next: (now) => {
      const candidate = BigInt(Math.max(0, Math.trunc(now) - epoch)) << 22n
      last = candidate > last ? candidate : last + 1n
      return last.toString()
    },
  }
}

/** When the id was made, in milliseconds since 1970. */
export const timestamp = (id: string): number => Number(BigInt(id) >> 22n) + epoch

/** Whether the text has the shape of an id. */
export const is = (text: unknown): text is string => typeof text === "string" && /^\d{17,19}$/.test(text)

/** Older first; for ids of any length. */
export const compare = (a: string, b: string): number =>
  a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length
