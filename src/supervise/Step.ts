/**
 * One named step of a task: what it is at stands on the roster, and a step that takes long is named in the log
 * while it does.
 *
 * ```ts
 * const repos = yield* Step.timed("ask GitHub", http.get("/users/ada/repos"))
 * // WARN command github repos: ask GitHub has taken 1 s so far
 * ```
 *
 * A step is what waits for the outside: a request, a statement, a lock. One that computes without a pause is the
 * Watchdog's to find, since no timer fires meanwhile. It costs an entry in a timer list, no fiber and no timer of
 * the runtime.
 *
 * @module
 */
import { Duration, Effect, Option } from "effect"
import { Going } from "./Going.js"
import { CurrentTask } from "./Roster.js"
import { Supervisor } from "./Supervisor.js"

export interface Options {
  /** A step that takes longer is named in the log, once. Default 1 second. */
  readonly warnAfter?: Duration.DurationInput
}

/** Runs an effect as a step of that name. Steps may be inside others, or at once: the one begun last is shown. */
export const timed = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  options: Options = {},
): Effect.Effect<A, E, R | Supervisor> =>
  Effect.flatMap(Supervisor, (supervisor) =>
    Effect.flatMap(Effect.serviceOption(CurrentTask), (found) => {
      const task = Option.getOrUndefined(found)
      return Effect.suspend(() => {
        const steps = task === undefined ? undefined : (task.steps ??= new Going<string>())
        const place = steps?.add(name)
        const warning = supervisor.warnOf(task, name, Duration.toMillis(options.warnAfter ?? "1 second"))
        return Effect.onExit(effect, () =>
          Effect.sync(() => {
            warning.cancel()
            if (place !== undefined) steps?.remove(place)
          }),
        )
      })
    }),
  )
