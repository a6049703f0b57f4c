/**
 * The hooks around a handler.
 *
 * Those before it run in turn, the outermost first; the first that fails ends the call. Those after it all run,
 * in the same order, whatever the call ended with; each sees what it would end with now.
 *
 * After an interruption the hooks have 10 seconds each; what one fails with never hides an earlier failure.
 *
 * @module
 */
import { Cause, Effect, Exit } from "effect"
import type { Reply } from "../../interaction/Reply.js"
import type { After, Before } from "../Spec.js"
import type { Stage } from "../Stages.js"

/** How long a hook may take after the call was interrupted: its user was told, but its task is not over. */
const LAST_WORDS = "10 seconds"

export const stage =
  (before: ReadonlyArray<Before<unknown, unknown>>, after: ReadonlyArray<After<unknown, unknown>>): Stage =>
  ({ params, passage }, next) => {
    const body = before.reduceRight(
      (rest, hook) =>
        Effect.flatMap(
          provided(() => hook(params, passage.interaction)),
          (reply) => (reply === undefined ? rest : Effect.succeed(reply)),
        ),
      next,
    )
    if (after.length === 0) return body
    return Effect.uninterruptibleMask((restore) =>
      after
        .reduce(
          (ended, hook) =>
            Effect.flatMap(ended, (exit) =>
              Effect.map(Effect.exit(restored(restore, exit, hook)), (added) => joined(exit, added)),
            ),
          Effect.exit(restore(body)),
        )
        .pipe(Effect.flatten),
    )
  }

type Ended = Exit.Exit<Reply, unknown>

const restored = (
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
  exit: Ended,
  hook: After<unknown, unknown>,
): Effect.Effect<Reply | undefined, unknown> => {
  const run = provided(() => hook(exit))
  if (!Exit.isInterrupted(exit)) return restore(run)
  // This fiber is interrupted for good: only a child of it can still be ended by time.
  return Effect.timeoutTo(Effect.interruptible(run), {
    duration: LAST_WORDS,
    onSuccess: (reply) => reply,
    onTimeout: () => undefined,
  })
}

/** The runtime of a call has what its hooks require. */
const provided = (
  hook: () => Effect.Effect<Reply | undefined, unknown, unknown>,
): Effect.Effect<Reply | undefined, unknown> =>
  Effect.suspend(hook) as Effect.Effect<Reply | undefined, unknown>

const joined = (exit: Ended, added: Exit.Exit<Reply | undefined, unknown>): Ended => {
  if (Exit.isSuccess(added)) return added.value === undefined ? exit : Exit.succeed(added.value)
  return Exit.failCause(Exit.isSuccess(exit) ? added.cause : Cause.sequential(exit.cause, added.cause))
}
