/**
 * What a check has found: one line, with what to do where something is to be done.
 *
 * @module
 */
import { Cause, Duration, Effect } from "effect"

export interface Finding {
  /** `warn`: the bot runs, but less well or not as somebody may think. */
  readonly level: "ok" | "warn" | "fail"
  /** What was looked at: `token`, `database`. */
  readonly what: string
  /** What it is like, and what to do. */
  readonly text: string
}

export const ok = (what: string, text: string): Finding => ({ level: "ok", what, text })
export const warn = (what: string, text: string): Finding => ({ level: "warn", what, text })
export const fail = (what: string, text: string): Finding => ({ level: "fail", what, text })

/** How long one check may take. */
const WITHIN: Duration.DurationInput = "5 seconds"

/**
 * A check that always ends with a finding: one that dies or takes longer than 5 seconds (or than `within`) has
 * failed. What is left of a late one is interrupted in the background.
 */
export const bounded = <R>(
  what: string,
  check: Effect.Effect<ReadonlyArray<Finding>, never, R>,
  within = WITHIN,
): Effect.Effect<ReadonlyArray<Finding>, never, R> =>
  check.pipe(
    Effect.disconnect,
    Effect.timeoutTo({
      duration: within,
      onTimeout: (): ReadonlyArray<Finding> => [fail(what, `no answer within ${Duration.format(within)}`)],
      onSuccess: (found) => found,
    }),
    Effect.catchAllCause((cause) => Effect.succeed([fail(what, reasonOf(Cause.squash(cause)))])),
  )

/** In one line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/gu, " ")

/** As it is printed; secrets in it are covered, wherever they come from. */
export const line = ({ level, text, what }: Finding, secrets: ReadonlyArray<string>): string =>
  secrets.reduce(
    (shown, secret) => shown.replaceAll(secret, "…"),
    `${level.padEnd(5)}${what.padEnd(13)}${text}`,
  )
