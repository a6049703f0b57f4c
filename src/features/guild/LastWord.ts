/**
 * What is said and looked up at the end of something that may have been interrupted.
 *
 * @module
 */
import { type Duration, Effect, Fiber, type Option } from "effect"

/**
 * Runs something at the end of a task: it has so long, whether or not the task was interrupted. Fails with
 * nothing.
 */
export const within = <A, E, R>(
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<Option.Option<A>, never, R> =>
  // A second interruption would cut short what is made interruptible for its time-out: so it is a daemon's.
  Effect.uninterruptible(
    Effect.flatMap(
      Effect.forkDaemon(Effect.interruptible(Effect.option(Effect.timeout(effect, time)))),
      Fiber.join,
    ),
  )

/** Has so long after an interruption to come to its end; then it is interrupted itself. */
export const lasting = <A, E, R>(
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> => Effect.uninterruptibleMask((restore) => begun(restore, time, effect))

/**
 * The same after something that cannot be undone, both in one uninterruptible region: it begins also where the
 * interruption has come by then.
 */
export const begun = <A, E, R>(
  restore: <B, E2, R2>(effect: Effect.Effect<B, E2, R2>) => Effect.Effect<B, E2, R2>,
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.forkDaemon(Effect.interruptible(effect)), (going) =>
    Effect.onInterrupt(restore(Fiber.join(going)), () =>
      Effect.zipRight(within(time, Fiber.await(going)), Fiber.interrupt(going)),
    ),
  )
