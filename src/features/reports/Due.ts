/**
 * Which reports are due in a server, by its own clock: the daily one at 9, the status at 9, 14 and 19.
 *
 * Asked every quarter of an hour: the clocks of all zones are whole quarters away from UTC. A report that is more
 * than an hour late is not sent any more.
 *
 * @module
 */
import { type DateTime, Option } from "effect"
import * as Calendar from "../../supervise/job/Calendar.js"

const daily = Calendar.make({ at: ["09:00"] })
const status = Calendar.make({ at: ["09:00", "14:00", "19:00"] })

const HOUR = 3_600_000

/** Milliseconds: how often it is asked what is due. */
export const EVERY = HOUR / 4

/** A report that is due. Times are epoch milliseconds. */
export interface Due {
  readonly at: number
  /** What the status covers: since the one before. */
  readonly since: number
  /** What the daily report covers, where it is due as well. */
  readonly day: number | undefined
}

/** The last report due in (after, now], unless it is more than an hour late. */
export const find = (zone: string, after: number, now: number): Due | undefined => {
  const value = zoneOf(zone)
  const [at] = Calendar.latest(status, { after: Math.max(after, now - HOUR), until: now, zone: value }, 1)
  if (at === undefined) return undefined
  const before = (calendar: Calendar.Calendar): number =>
    Calendar.latest(calendar, { after: at - 50 * HOUR, until: at - 1, zone: value }, 1)[0] ?? at - 24 * HOUR
  return {
    at,
    since: before(status),
    day: Calendar.next(daily, at - 1, value) === at ? before(daily) : undefined,
  }
}

/** The next reports after then. */
export const upcoming = (zone: string, after: number, count: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  let next = Calendar.next(status, after, zoneOf(zone))
  while (next !== undefined && found.length < count) {
    found.push(next)
    next = Calendar.next(status, next, zoneOf(zone))
  }
  return found
}

const zoneOf = (name: string): DateTime.TimeZone =>
  Option.getOrElse(Calendar.zoneOf(name), () => Calendar.UTC)
