/**
 * Times in words, against the sandbox's clock, as Discord's client writes them.
 *
 * @module
 */

/** Milliseconds since 1970 of an id. */
export const ofId = (id: string): number => Number(BigInt(id) >> 22n) + 1_420_070_400_000

const written = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat(undefined, options)
  return (at) => format.format(at)
}

const clock = written({ timeStyle: "short" })
/** `12:30`, in one piece */
export const time = (at: number): string => clock(at).replaceAll(/\s/gu, "\u00A0")
/** `21 November 2026` */
export const day = written({ dateStyle: "long" })
/** `21 November 2026 at 12:30` */
export const dayAndTime = written({ dateStyle: "long", timeStyle: "short" })
/** `Saturday, 21 November 2026 at 12:30` */
export const full = written({ dateStyle: "full", timeStyle: "short" })
const timeWithSeconds = written({ timeStyle: "medium" })
const shortDay = written({ dateStyle: "short" })

const relativeFormat = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" })

const units: ReadonlyArray<readonly [Intl.RelativeTimeFormatUnit, number]> = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
]

/** `in 5 minutes`, `2 days ago` */
export const relative = (at: number, now: number): string => {
  const apart = at - now
  const [unit, size] = units.find(([, millis]) => Math.abs(apart) >= millis) ?? units.at(-1)!
  return relativeFormat.format(Math.round(apart / size), unit)
}

/** How long something takes: `2 h`, `45 s`. */
export const span = (millis: number): string => {
  const [unit, size] = units.find(([, each]) => millis >= each) ?? units.at(-1)!
  const count = Math.max(0, Math.round(millis / size))
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

/** In the style that `<t:…:style>` asks for; `f` where it asks for none. */
export const styled = (at: number, style: string | undefined, now: number): string => {
  switch (style) {
    case "t":
      return time(at)
    case "T":
      return timeWithSeconds(at)
    case "d":
      return shortDay(at)
    case "D":
      return day(at)
    case "F":
      return full(at)
    case "R":
      return relative(at, now)
    default:
      return dayAndTime(at)
  }
}

/** Whether a time can be written at all: JavaScript's dates end somewhere. */
export const isWritable = (at: number): boolean => Math.abs(at) <= 8_640_000_000_000_000

/** Beside a name: the time alone for today, `Yesterday at …`, else the day with it. */
export const beside = (at: number, now: number): string => {
  if (day(at) === day(now)) return time(at)
  if (day(at) === day(now - 86_400_000)) return `Yesterday at ${time(at)}`
  return `${shortDay(at)} ${time(at)}`
}
