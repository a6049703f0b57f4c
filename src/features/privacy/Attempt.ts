/**
 * One operation on one part of what is stored: where it fails, the other parts have their turn all the same, and the
 * operator is told.
 *
 * @module
 */
import { Effect, Exit } from "effect"
import { Alarm } from "../../supervise/Alarm.js"
import type { Part } from "../guild/Stored.js"

export interface What<A> {
  /** As in the log: `export`. */
  readonly name: string
  readonly run: Effect.Effect<A>
  /** What becomes of it; a sentence without its point. */
  readonly next: string
}

/** How it ended. */
export const of = <A>(part: Part, { name, run, next }: What<A>): Effect.Effect<Exit.Exit<A>, never, Alarm> =>
  Effect.tap(Effect.exit(run), (exit) =>
    Exit.isSuccess(exit)
      ? Effect.void
      : Effect.flatMap(Alarm, (alarm) =>
          alarm.raise({
            about: `privacy ${part.name}`,
            text: `The ${name} of “${part.name}” failed: what it has stored is still there. ${next}`,
            cause: exit.cause,
          }),
        ),
  )
