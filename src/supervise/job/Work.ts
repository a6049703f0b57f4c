/**
 * One run of a job: its hooks, its tries, its deadline.
 *
 * @module
 */
import { Data, Duration, Effect, type Exit, Schedule, type Scope } from "effect"
import * as Calendar from "./Calendar.js"

/** One run. */
export interface Occasion {
  /** When it was due, in epoch milliseconds; undefined for a run by hand. */
  readonly dueAt: number | undefined
}

/** The tags of an error type. */
export type Tags<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : never

export interface Retry<E> {
  /**
   * Only these failures are tried again. Where `run` is written in the same place and has a function in it whose parameters
   * have no types, the compiler does not know them yet: name `run` before, or use `retryOn`.
   */
  readonly tags: ReadonlyArray<Tags<E>>
  /** Default 3 more tries, after 1, 2 and 4 seconds, each with jitter. */
  readonly schedule?: Schedule.Schedule<unknown, E>
}

export interface Work<E, R, RBefore, RAfter> {
  /** As in `/jobs` and the log. No two have the same. */
  readonly name: string
  /** The work. It has a scope of its own. */
  readonly run: Effect.Effect<unknown, E, R> | ((occasion: Occasion) => Effect.Effect<unknown, E, R>)
  /** Before each run, but not before each try. Its failure is the run's, which then does not take place. */
  readonly before?: Effect.Effect<unknown, unknown, RBefore>
  /** After each run, however it ended; 10 seconds at most. Its failure is logged. */
  readonly after?: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<unknown, unknown, RAfter>
  readonly retry?: Retry<NoInfer<E>>
  /** For a run with all its tries; then it is interrupted and counts as failed, with `JobLate`. Default none. */
  readonly deadline?: Duration.DurationInput
}

/** A whole run. Fails with what the work or its first hook fails with, or with `JobLate`. */
export const of = <E, R, RBefore, RAfter>(
  options: Work<E, R, RBefore, RAfter>,
): ((occasion: Occasion) => Effect.Effect<void, unknown, Exclude<R, Scope.Scope> | RBefore | RAfter>) => {
  const { after, before, deadline, name, retry, run } = options
  const tags: ReadonlyArray<string> = retry?.tags ?? []
  const again = {
    schedule: retry?.schedule ?? THRICE,
    while: (error: E) => tags.includes(tagOf(error)),
  }
  return (occasion) => {
    const once = Effect.scoped(Effect.suspend(() => (Effect.isEffect(run) ? run : run(occasion))))
    const tried = tags.length === 0 ? once : Effect.retry(once, again)
    const whole: Effect.Effect<unknown, unknown, Exclude<R, Scope.Scope> | RBefore> =
      before === undefined ? tried : Effect.zipRight(before, tried)
    const timed =
      deadline === undefined
        ? whole
        : Effect.timeoutFail(whole, {
            duration: deadline,
            onTimeout: () => new JobLate({ name, millis: Duration.toMillis(deadline) }),
          })
    return Effect.asVoid(
      after === undefined
        ? timed
        : Effect.onExit(timed, (exit) =>
            hook(
              name,
              Effect.suspend(() => after(exit)),
            ),
          ),
    )
  }
}

/** A hook cannot keep a run from ending, nor change how it ended. */
const hook = <R>(name: string, after: Effect.Effect<unknown, unknown, R>) =>
  Effect.interruptible(after).pipe(
    Effect.timeoutFail({
      duration: "10 seconds",
      onTimeout: () => new JobLate({ name: `${name} (after)`, millis: 10_000 }),
    }),
    Effect.catchAllCause((cause) => Effect.logWarning(`job ${name}: what follows a run failed`, cause)),
  )

const THRICE = Schedule.exponential("1 second").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(3)),
)

const tagOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "_tag" in error ? String(error._tag) : ""

/** A run did not end before its deadline and was interrupted. */
export class JobLate extends Data.TaggedError("JobLate")<{ readonly name: string; readonly millis: number }> {
  override get message() {
    return `The job ${this.name} did not end within ${Calendar.spell(this.millis)}`
  }
}
