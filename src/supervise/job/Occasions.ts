/**
 * Which of a job's occasions are run, and which are over: the policy for missed runs, as plain functions.
 *
 * An occasion is missed where nobody was there for it: the bot was down, the machine asleep, the clock set forward.
 *
 * @module
 */
import type { DateTime } from "effect"
import * as Calendar from "./Calendar.js"

/** What becomes of missed occasions. */
export type Missed =
  /** They are over. */
  | "skip"
  /** One run makes up for all of them. */
  | "once"
  /** Each is run, in order, one after the other: the last 1,000. */
  | "all"

/** Milliseconds. Whoever sees an occasion later than that has missed it. */
export const LATE = 60_000

/** How many missed occasions are made up for at most. */
export const MOST = 1000

/** What is due. Times are epoch milliseconds. */
export interface Due {
  /** In order; the last of them, alone or after the missed ones, is run as the overlap policy says. */
  readonly runs: ReadonlyArray<number>
  /** The last occasion that there was: all up to it are dealt with. */
  readonly passed: number
}

/** What is due of the occasions in (passed, now]. */
export const due = (
  calendar: Calendar.Calendar,
  missed: Missed,
  span: { readonly passed: number; readonly now: number; readonly zone?: DateTime.TimeZone },
): Due => {
  const { now, passed, zone } = span
  const found = Calendar.latest(
    calendar,
    { after: passed, until: now, ...(zone === undefined ? {} : { zone }) },
    missed === "all" ? MOST : 1,
  )
  const last = found.at(-1)
  if (last === undefined) return { runs: [], passed }
  return { runs: missed === "skip" && now - last > LATE ? [] : found, passed: last }
}
