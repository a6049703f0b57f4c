/**
 * When a job is due, as its options say it.
 *
 * @module
 */
import { type DateTime, Duration, Effect, Option } from "effect"
import * as Calendar from "./Calendar.js"

/** An IANA name or an offset such as `+02:00`; an effect is asked again before each occasion, at least once a minute. Default UTC. */
export type Zone<R> = string | Effect.Effect<string, never, R>

/** When a job is due. */
export type When<R> =
  | {
      readonly every:
        | { /** Counted from the epoch. */ readonly fixed: Duration.DurationInput }
        | { /** From the end of the last run. */ readonly spaced: Duration.DurationInput }
      readonly cron?: never
      readonly at?: never
      readonly zone?: never
    }
  | {
      /** Five fields, or six with seconds first. */
      readonly cron: string
      readonly zone?: Zone<R>
      readonly every?: never
      readonly at?: never
    }
  | {
      /** Times of day, `09:00`. */
      readonly at: ReadonlyArray<string>
      readonly zone?: Zone<R>
      readonly every?: never
      readonly cron?: never
    }

/** By the calendar, or so long after the end of the last run. */
export type Timing =
  | { readonly _tag: "Dated"; readonly calendar: Calendar.Calendar }
  | { readonly _tag: "Spaced"; readonly millis: number; readonly text: string }

/** A zone under the name that it was given by. */
export interface Zoned {
  readonly name: string
  readonly value: DateTime.TimeZone
}

const utc: Zoned = { name: "UTC", value: Calendar.UTC }

/** Throws `InvalidCalendar`. */
export const of = <R>(when: When<R>): Timing => {
  if (when.cron !== undefined) return { _tag: "Dated", calendar: Calendar.make({ cron: when.cron }) }
  if (when.at !== undefined) return { _tag: "Dated", calendar: Calendar.make({ at: when.at }) }
  if ("fixed" in when.every) return { _tag: "Dated", calendar: Calendar.make({ every: when.every.fixed }) }
  const millis = Duration.toMillis(when.every.spaced)
  return { _tag: "Spaced", millis, text: `${Calendar.make({ every: millis }).text} after the last` }
}

/** The zone as it is now. One that there is not, or that cannot be known, is logged and leaves the former. */
export const zone = <R>(
  { zone: given = "UTC" }: When<R>,
  label: string,
  former: Zoned = utc,
): Effect.Effect<Zoned, never, R> =>
  (typeof given === "string" ? Effect.succeed(given) : given).pipe(
    Effect.flatMap((name) =>
      name === former.name
        ? Effect.succeed(former)
        : Option.match(Calendar.zoneOf(name), {
            onSome: (value) => Effect.succeed({ name, value }),
            onNone: () =>
              Effect.as(
                Effect.logWarning(`${label}: there is no time zone “${name}”; it stays with ${former.name}`),
                former,
              ),
          }),
    ),
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logWarning(`${label}: its time zone could not be read`, defect), former),
    ),
  )

/** `at 09:00 and 19:00 (Europe/Berlin)`. */
export const text = (timing: Timing, zoneName: string): string => {
  if (timing._tag === "Spaced") return timing.text
  return timing.calendar.zoned ? `${timing.calendar.text} (${zoneName})` : timing.calendar.text
}
