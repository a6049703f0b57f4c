/**
 * Where tasks run: in threads or in processes. What they have in common, and how a task gets a place in one.
 *
 * @module
 */
import { Deferred, Effect, FiberId } from "effect"
import { type Answer, detailOf, type Request } from "./Perform.js"
import type { Slots } from "./Slots.js"

/** How a task ended. */
export type Ending =
  | Answer
  | {
      readonly ok: false
      readonly reason: "exited" | "memory" | "input" | "output"
      readonly detail: string
    }

export interface Runner {
  /**
   * Starts a task. Calls `ended` once with how it went, unless it was stopped; and `free` once when its place can
   * be another's. Returns what stops it: for real, also a loop without end. Throws where it cannot start, and calls
   * neither then.
   */
  readonly start: (request: Request, ended: (ending: Ending) => void, free: () => void) => () => void
  /** Ends all that runs, and waits until it has. */
  readonly close: () => Promise<void>
}

/** There is no thread or process for the task: the machine has none left. */
export const unstarted = (error: unknown): Ending => ({
  ok: false,
  reason: "exited",
  detail: `it could not be started: ${detailOf(error)}`,
})

/** Runs a task when there is a place. Interruption takes it out of the queue, or stops it. */
export const run = <E>(
  runner: Runner,
  slots: Slots,
  request: Request,
  full: () => E,
): Effect.Effect<Ending, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(slots.enter(full)), () =>
      Effect.suspend(() => {
        const ending = Deferred.unsafeMake<Ending>(FiberId.none)
        try {
          const stop = runner.start(
            request,
            (how) => Deferred.unsafeDone(ending, Effect.succeed(how)),
            () => slots.leave(),
          )
          return Effect.onInterrupt(restore(Deferred.await(ending)), () => Effect.sync(stop))
        } catch (error) {
          slots.leave()
          return Effect.succeed(unstarted(error))
        }
      }),
    ),
  )
