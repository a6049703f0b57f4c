/**
 * An effect as a task of its own that somebody waits for: what groups and services are made of.
 *
 * @module
 */
import { Deferred, Effect, type Exit, Fiber, FiberId } from "effect"
import type * as Roster from "./Roster.js"
import { owned, Supervisor } from "./Supervisor.js"

/** How it ended, and the entry that it had. */
export interface Ended<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly task: Roster.Held
}

/**
 * Starts it and waits for its end; undefined where the bot has ended all that ran, and it was not started. Interruption
 * interrupts it and waits until it has ended. `onEntry` is given its entry before it begins. Its failure is not logged.
 */
export const run = <A, E, R>(
  origin: Roster.Origin,
  effect: Effect.Effect<A, E, R>,
  onEntry: (entry: Roster.Held) => void = () => {},
): Effect.Effect<Ended<A, E> | undefined, never, R | Supervisor> =>
  // No interruption may fall between the start and the wait for the end.
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.zip(Supervisor, Effect.runtime<R>()), ([supervisor, runtime]) => {
      const ended = Deferred.unsafeMake<Ended<A, E>>(FiberId.none)
      const own = owned(effect)
      const entry = supervisor.start(
        // Whoever waits for it was taken in before.
        { ...origin, inner: true },
        runtime,
        Effect.interruptible(own.effect),
        (exit, task) => {
          supervisor.release(task)
          Deferred.unsafeDone(ended, Effect.succeed({ exit, task }))
        },
        (task) => {
          own.onEntry(task)
          onEntry(task)
        },
      )
      if (entry === undefined) return Effect.sync(() => undefined)
      const stop = Effect.suspend(() =>
        entry.fiber === undefined ? Effect.void : Fiber.interrupt(entry.fiber),
      )
      return Effect.onInterrupt(restore(Deferred.await(ended)), () => stop)
    }),
  )
