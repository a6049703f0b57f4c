/**
 * So many places, handed over strictly in the order of arrival: Effect's own semaphore lets a newcomer take a permit
 * that somebody was about to be woken for.
 *
 * @module
 */
import { Effect } from "effect"

export class Places {
  private held = 0
  private readonly line = new Set<Ticket>()

  constructor(private readonly limit: number) {}

  /** How many places are held. */
  get running(): number {
    return this.held
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.line.size
  }

  /**
   * Runs an effect in a place, which is waited for at most `patience` milliseconds; then fails with what `onLate`
   * makes. Interruption leaves the line, or the place.
   */
  hold<A, E, R, E2>(
    patience: number,
    onLate: () => E2,
    effect: Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | E2, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        // Joined before anything can be interrupted, so that a place that was handed over is always given back.
        const ticket = this.join()
        const come = ticket.held
          ? Effect.void
          : restore(Effect.timeoutFail(ticket.come, { duration: patience, onTimeout: onLate }))
        return Effect.ensuring(
          Effect.zipRight(come, restore(effect)),
          Effect.sync(() => this.leave(ticket)),
        )
      }),
    )
  }

  private join(): Ticket {
    const ticket = new Ticket()
    if (this.held < this.limit) {
      this.held++
      ticket.take()
    } else this.line.add(ticket)
    return ticket
  }

  private leave(ticket: Ticket): void {
    if (!ticket.held) {
      this.line.delete(ticket)
      return
    }
    for (const next of this.line) {
      this.line.delete(next)
      return next.take()
    }
    this.held--
  }
}

/** Somebody in the line or in a place. */
class Ticket {
  held = false
  private wake: (() => void) | undefined

  take(): void {
    this.held = true
    this.wake?.()
  }

  readonly come: Effect.Effect<void> = Effect.async((resume) => {
    if (this.held) resume(Effect.void)
    else this.wake = () => resume(Effect.void)
  })
}
