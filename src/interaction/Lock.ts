/**
 * The state of an interaction's response lock: where its first response is, and whether that is known.
 *
 * ```
 *            defer                    accepted
 *   open ───────────▶ acknowledging ───────────▶ deferred ─── @original edited ──▶ answered ─▶ follow-ups
 *     │  first answer ──────▶ acknowledging ─────────── accepted ────────────────────▲
 *     ▲                            │ refused                       │ 10062
 *     └────────────────────────────┘                               ▼
 *                                                                 lost
 * ```
 *
 * @module
 */
import { Effect } from "effect"
import { isUncertain, type RestError } from "../DiscordError.js"

export type State = "open" | "acknowledging" | "deferred" | "answered" | "lost"

/** What `@original` names: a message of ours, the one that was pressed on, or nothing. */
export type Original = "none" | "message" | "source"

export class Lock {
  state: State = "open"
  original: Original = "none"
  /** The first response was sent, but whether it arrived is not known. */
  isDoubtful = false
  private waiting: Array<() => void> = []

  /** The first response has come to `state`, or to an error. */
  settle(state: "deferred" | "answered", original: Original, error: RestError | null): void {
    this.original = original
    if (error === null) this.state = state
    else if (error._tag === "UnknownInteraction") this.state = "lost"
    else if (error._tag === "AlreadyAcknowledged") this.state = "answered"
    else if (isUncertain(error)) {
      this.state = state
      this.isDoubtful = true
    } else this.state = "open"
    if (this.waiting.length > 0) for (const resume of this.waiting.splice(0)) resume()
  }

  /** What was doubtful is gone, or never was: there is no message of ours. */
  settleDoubt(state: "open" | "answered"): void {
    this.state = state
    this.original = "none"
    this.isDoubtful = false
  }

  /** Runs it when the first response is no longer on its way. */
  whenSettled(task: () => void): void {
    if (this.state === "acknowledging") this.waiting.push(task)
    else task()
  }

  /** Resumes when the first response is no longer on its way. */
  readonly settled: Effect.Effect<void> = Effect.async<void>((resume) => {
    this.whenSettled(() => resume(Effect.void))
  })
}
