/**
 * A place that one at a time holds, handed over strictly in the order of arrival.
 *
 * Effect's own semaphore lets a newcomer take a permit between its release and the waking of who waited
 * longest; calls of one route must never overtake each other, so here the place goes from hand to hand.
 * Who is interrupted while waiting is forgotten; who is interrupted at the very moment of being handed the
 * place passes it on.
 *
 * @module
 */
import { Effect } from "effect"
import type { Lane } from "../supervise/Timers.js"

/** A queue of one place. Holding it is the caller's duty to end, by `leave`, exactly once. */
export class Turn {
  private held = false
  private readonly waiting = new Set<() => void>()

  /** True while nobody holds the place or waits for it. */
  get idle(): boolean {
    return !this.held
  }

  /** Takes the place if it is free. */
  tryEnter(): boolean {
    if (this.held) return false
    this.held = true
    return true
  }

  /**
   * Waits for the place, at most `patience` milliseconds; then fails with what `onTimeOut` makes. Interruption
   * gives the wait up.
   */
  enter<E>(timeOuts: Lane, patience: number, onTimeOut: () => E): Effect.Effect<void, E> {
    return Effect.suspend(() => {
      if (this.tryEnter()) return Effect.void
      return Effect.async<void, E>((resume) => {
        let mine = false
        const timer = timeOuts.after(patience, () => {
          this.waiting.delete(wake)
          resume(Effect.fail(onTimeOut()))
        })
        const wake = () => {
          mine = true
          timer.cancel()
          resume(Effect.void)
        }
        this.waiting.add(wake)
        return Effect.sync(() => {
          if (mine) return this.leave()
          timer.cancel()
          this.waiting.delete(wake)
        })
      })
    })
  }

  /** Hands the place to whoever waited longest. */
  leave(): void {
    for (const next of this.waiting) {
      this.waiting.delete(next)
      return next()
    }
    this.held = false
  }
}
