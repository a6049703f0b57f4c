/**
 * What is said and looked up at the end of something that may have been interrupted.
 *
 * Not by children: an interruption goes on to the children of a fiber at once, even of one that cannot be
 * interrupted itself. So each runs as a daemon that somebody waits for.
 *
 * @module
 */
import { type Duration, Effect, Fiber, type Option } from "effect"

/** Cannot be interrupted, and ends when the effect does; within it time-outs work, also in a finalizer. */
export const apart = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptible(Effect.flatMap(Effect.forkDaemon(Effect.interruptible(effect)), Fiber.join))

/**
 * Runs something at the end of a task: it has so long, whether or not the task was interrupted. Fails with
 * nothing.
 */
export const within = <A, E, R>(
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<Option.Option<A>, never, R> => apart(Effect.option(Effect.timeout(effect, time)))

/** Is waited for so long, whether or not the task was interrupted; what takes longer goes on by itself. */
export const patient = <A, E, R>(
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<void, never, R> =>
  Effect.uninterruptible(
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(effect)), (going) =>
      within(time, Fiber.await(going)),
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
