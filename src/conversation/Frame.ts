/**
 * What surrounds a question that is part of something longer: a step of a wizard.
 *
 * Whoever leads through the steps provides a frame; `Exchange` reads it from its context and puts the header above
 * the question and the button Back beside Cancel, so that a prompt needs to know nothing of wizards. Without a
 * frame a question stands alone.
 *
 * @module
 */
import { Clock, Context, Duration, Effect } from "effect"

export interface Frame {
  /** A line above the question: `Application · 2/5`. */
  readonly header: string
  /** Run when Back was pressed and the question is closed; undefined where there is no way back. */
  readonly back: Effect.Effect<never> | undefined
  /** Epoch milliseconds on the runtime's Clock: no question lives longer. Undefined means no limit. */
  readonly deadlineAt: number | undefined
  /** Goes around what changes the screen: the deadline gives up nothing meanwhile. */
  readonly hold: <E, R>(effect: Effect.Effect<void, E, R>) => Effect.Effect<void, E, R>
  /** Called where a question is asked that only the person sees. */
  readonly asksPrivately: () => void
}

/** The frame around the present question, if there is one. */
export class Current extends Context.Reference<Current>()("bosun/conversation/Frame", {
  defaultValue: (): Frame | undefined => undefined,
}) {}

/** How long a question may live in the present frame, that would by itself have so long. */
export const limit = (within: Duration.DurationInput): Effect.Effect<Duration.DurationInput> =>
  Effect.gen(function* () {
    const deadlineAt = (yield* Current)?.deadlineAt
    if (deadlineAt === undefined) return within
    const left = Math.max(1, deadlineAt - (yield* Clock.currentTimeMillis))
    return Duration.min(within, Duration.millis(left))
  })
