/**
 * When something is due: at equal distances, by a cron expression, or at times of day, in a time zone. Pure.
 *
 * Distances are counted from the epoch: every 5 minutes means :00, :05, :10, whenever the bot was started.
 *
 * Where the clocks change, one rule: what is due at a local time is due at the first moment at which the clock on
 * the wall shows that time or a later one. So a time that is skipped in spring is due at the moment of the change, and one that
 * comes twice in autumn is due the first time. Several that fall on one moment are one. Only a cron expression
 * whose hour is `*` goes by the passing of time: it is due in the repeated hour again.
 *
 * Failure modes: `make` throws `InvalidCalendar` for what is no schedule.
 *
 * @module
 */
import { Cron, Data, DateTime, Duration, Either, Option } from "effect"

/** What is to be due. */
export type Spec =
  /** At least 1 ms. */
  | { readonly every: Duration.DurationInput }
  /** Five fields, or six with seconds first. */
  | { readonly cron: string }
  /** `09:00`, `21:30:15`: one or more. */
  | { readonly at: ReadonlyArray<string> }

/** A schedule that was understood. */
export interface Calendar {
  /** In words: `every 5 minutes`, `at 09:00, 14:00 and 19:00`. */
  readonly text: string
  /** Whether the zone means anything to it. */
  readonly zoned: boolean
  /** The first local time after the given one, both as if they were UTC. For equal distances, plain epoch time. */
  readonly nextLocal: (after: number) => number | undefined
  /** Whether it is due in a repeated hour again. */
  readonly repeats: boolean
}

/** Throws `InvalidCalendar`. */
export const make = (spec: Spec): Calendar => {
  if ("every" in spec) return distances(Duration.toMillis(spec.every))
  return "cron" in spec ? expression(spec.cron) : times(spec.at)
}

/**
 * The first moment after the given one at which it is due, in epoch milliseconds; undefined where there is none (30
 * February).
 */
export const next = (
  { nextLocal, repeats, zoned }: Calendar,
  after: number,
  zone: DateTime.TimeZone = UTC,
): number | undefined => {
  if (!zoned) return nextLocal(after)
  const change = changeNear(zone, after)
  const wall = after + offsetAt(zone, after)
  // In a repeated hour, the wall has shown the times up to the change already.
  const shown =
    change !== undefined && change.at <= after ? Math.max(wall, change.at + change.before - 1) : wall
  let local = nextLocal(shown)
  let due = local === undefined ? undefined : momentOf(zone, local)
  while (local !== undefined && due !== undefined && due <= after) {
    local = nextLocal(local)
    due = local === undefined ? undefined : momentOf(zone, local)
  }
  if (!repeats || change === undefined || change.after >= change.before) return due
  const again = nextLocal(Math.max(after, change.at - 1) + change.after)
  if (again === undefined || again >= change.at + change.before) return due
  return due === undefined ? again - change.after : Math.min(due, again - change.after)
}

/** The last moments in (after, until] at which it was due, at most so many, in order. */
export const latest = (
  calendar: Calendar,
  span: { readonly after: number; readonly until: number; readonly zone?: DateTime.TimeZone },
  limit: number,
): ReadonlyArray<number> => {
  const { after, until, zone = UTC } = span
  // From the end backwards, so that a dense schedule over a long time costs what is asked for.
  for (let back = 60_000; ; back *= 2) {
    const from = Math.max(after, until - back)
    const found: Array<number> = []
    for (
      let due = next(calendar, from, zone);
      due !== undefined && due <= until;
      due = next(calendar, due, zone)
    ) {
      found.push(due)
      if (found.length > limit) found.shift()
    }
    if (found.length === limit || from === after) return found
  }
}

/** The zone of an IANA name or an offset such as `+02:00`. */
export const zoneOf = (name: string): Option.Option<DateTime.TimeZone> => DateTime.zoneFromString(name)

// ---------------------------------------------------------------------------------------------------------
// Schedules
// ---------------------------------------------------------------------------------------------------------

const distances = (millis: number): Calendar => {
  if (!(millis >= 1) || !Number.isFinite(millis))
    throw new InvalidCalendar({ given: `${millis} ms`, reason: "a distance is 1 ms or more" })
  return {
    text: `every ${spell(millis)}`,
    zoned: false,
    repeats: false,
    nextLocal: (after) => (Math.floor(after / millis) + 1) * millis,
  }
}

const expression = (text: string): Calendar => {
  const cron = Either.getOrThrowWith(
    Cron.parse(text, "UTC"),
    ({ message }) => new InvalidCalendar({ given: text, reason: message }),
  )
  return {
    text: `cron ${text}`,
    zoned: true,
    repeats: cron.hours.size === 0,
    nextLocal: (after) => {
      try {
        return Cron.next(cron, after).getTime()
      } catch {
        // Such as 30 February.
        return undefined
      }
    },
  }
}

const times = (given: ReadonlyArray<string>): Calendar => {
  const offsets = [...new Set(given.map(timeOfDay))].sort((a, b) => a - b)
  if (offsets.length === 0)
    throw new InvalidCalendar({ given: "no time", reason: "there has to be one or more" })
  return {
    text: `at ${new Intl.ListFormat("en-GB", { type: "conjunction" }).format(given)}`,
    zoned: true,
    repeats: false,
    nextLocal: (after) => {
      const day = Math.floor(after / DAY) * DAY
      const today = offsets.find((one) => day + one > after)
      return today === undefined ? day + DAY + (offsets[0] ?? 0) : day + today
    },
  }
}

const timeOfDay = (text: string): number => {
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/u.exec(text) ?? []
  const found = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  if (!(Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60))
    throw new InvalidCalendar({ given: text, reason: "a time of day is written 09:00 or 21:30:15" })
  return found * 1000
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const

/** Milliseconds in words: `5 minutes`, `1 hour`. */
export const spell = (millis: number): string => {
  const [name, size] = units.find(([, one]) => millis % one === 0) ?? (["ms", 1] as const)
  const count = millis / size
  return `${count} ${name}${count === 1 || name === "ms" ? "" : "s"}`
}

// ---------------------------------------------------------------------------------------------------------
// Zones
// ---------------------------------------------------------------------------------------------------------

const DAY = 86_400_000

/** No offset, no change of the clocks. */
export const UTC: DateTime.TimeZone = DateTime.zoneMakeOffset(0)

/** A change of the clocks: the first moment with the new offset. Offsets are the milliseconds that the wall is ahead of UTC. */
interface Change {
  readonly at: number
  readonly before: number
  readonly after: number
}

/** By day of UTC: its change; where there is none, it is never. Asking `Intl` takes 10 µs and more. */
const known = new WeakMap<DateTime.TimeZone, Map<number, Change>>()
/** Days kept for each zone. */
const KEPT = 1000

const dayOf = (zone: DateTime.TimeZone, day: number): Change => {
  let days = known.get(zone)
  if (days === undefined || days.size > KEPT) known.set(zone, (days = new Map()))
  const found = days.get(day) ?? changeOf(zone, day * DAY)
  days.set(day, found)
  return found
}

/** A day has one change at most. */
const changeOf = (zone: DateTime.TimeZone, start: number): Change => {
  const before = ask(zone, start)
  let [low, high] = [start, start + DAY]
  const after = ask(zone, high)
  if (before === after) return { at: Infinity, before, after }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (ask(zone, middle) === before) low = middle
    else high = middle
  }
  return { at: high, before, after }
}

const ask = (zone: DateTime.TimeZone, moment: number): number =>
  DateTime.zonedOffset(DateTime.unsafeMakeZoned(moment, { timeZone: zone }))

const offsetAt = (zone: DateTime.TimeZone, moment: number): number => {
  if (zone._tag === "Offset") return zone.offset
  const { after, at, before } = dayOf(zone, Math.floor(moment / DAY))
  return moment < at ? before : after
}

/** The first change in (from, to]. */
const changeIn = (zone: DateTime.TimeZone, from: number, to: number): Change | undefined => {
  for (let day = Math.floor(from / DAY); day * DAY <= to; day++) {
    const change = dayOf(zone, day)
    if (change.at > from && change.at <= to) return change
  }
  return undefined
}

const changeNear = (zone: DateTime.TimeZone, moment: number): Change | undefined =>
  zone._tag === "Offset" ? undefined : changeIn(zone, moment - DAY, moment + DAY)

/** The first moment at which the wall shows this time or a later one. */
const momentOf = (zone: DateTime.TimeZone, local: number): number => {
  if (zone._tag === "Offset") return local - zone.offset
  // No zone is further from UTC than 14 hours.
  const change = changeIn(zone, local - DAY, local + DAY)
  if (change === undefined) return local - offsetAt(zone, local)
  const first = local - change.before
  return first < change.at ? first : Math.max(local - change.after, change.at)
}

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** What was given is no schedule: a mistake of the program's. */
export class InvalidCalendar extends Data.TaggedError("InvalidCalendar")<{
  readonly given: string
  readonly reason: string
  /** What it is the schedule of: `job sync`. */
  readonly whose?: string
}> {
  override get message() {
    return `${this.whose === undefined ? "" : `${this.whose}: `}“${this.given}” is no schedule: ${this.reason}`
  }
  /** The same, with whose it is. */
  of(whose: string): InvalidCalendar {
    return new InvalidCalendar({ given: this.given, reason: this.reason, whose })
  }
}
