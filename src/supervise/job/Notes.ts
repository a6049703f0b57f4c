/**
 * How the runs of a job have ended, and when the operator is told.
 *
 * @module
 */
import { Cause, Effect, Exit } from "effect"
import { Alarm } from "../Alarm.js"
import type { Listed } from "../Jobs.js"

export interface Notes {
  readonly last: () => Listed["last"]
  /** In a row. */
  readonly failures: () => number
  /** A run has ended. */
  readonly end: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
}

/** After so many failures in a row the operator is told. */
export const make = (label: string, alarmAfter: number): Effect.Effect<Notes, never, Alarm> =>
  Effect.map(Alarm, (alarm) => {
    let last: Listed["last"]
    let failures = 0
    return {
      last: () => last,
      failures: () => failures,
      end: (exit) =>
        Effect.suspend(() => {
          if (Exit.isSuccess(exit)) {
            const before = failures
            last = "completed"
            failures = 0
            return before >= alarmAfter ? Effect.logInfo(`${label} works again`) : Effect.void
          }
          if (Cause.isInterruptedOnly(exit.cause)) {
            last = "interrupted"
            return Effect.void
          }
          last = "failed"
          failures++
          if (failures !== alarmAfter) return Effect.void
          const often = failures === 1 ? "once" : `${failures} times in a row`
          return alarm.raise({
            about: label,
            text: `It has failed ${often}: ${firstLine(exit.cause)}`,
            cause: exit.cause,
          })
        }),
    }
  })

/** What a cause says in short. */
export const firstLine = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause).split("\n", 1)[0] ?? ""
