/**
 * The heartbeat of one connection, which also tells when the peer is gone without a word (a zombie).
 *
 * @module
 */
import { type Clock, Effect, Random } from "effect"

/** What one heartbeat took. All in milliseconds; the first two since the epoch. */
export interface Beat {
  readonly heartbeatAt: number
  readonly ackAt: number
  readonly latency: number
}

/** The heartbeat of one connection. */
export interface Heartbeat {
  /** Sends one now: Discord may ask for it (op 1). */
  readonly beat: () => void
  /** An op 11 has come. Undefined where no heartbeat was open. */
  readonly acknowledge: () => Beat | undefined
  /**
   * Beats for ever, the first time after a random part of the interval (in ms), as Discord asks. Returns when
   * the last one had no acknowledgement by the time of the next: the connection is dead.
   */
  readonly run: (interval: number) => Effect.Effect<void>
}

/** More than 120 frames in 60 s would have the connection closed, whatever interval the peer asks for. */
const shortest = 500

/**
 * `send` writes one op 1 frame to the connection. `onDue` is told how late each one in turn goes out, in
 * milliseconds: what the event loop, or the scheduler, has added to the interval.
 */
export const make = (
  clock: Clock.Clock,
  send: () => void,
  onDue: (late: number) => void = () => {},
): Heartbeat => {
  /** When the oldest unanswered heartbeat went out. */
  let openSince: number | undefined
  const beat = () => {
    openSince ??= clock.unsafeCurrentTimeMillis()
    send()
  }
  return {
    beat,
    acknowledge: () => {
      if (openSince === undefined) return undefined
      const heartbeatAt = openSince
      const ackAt = clock.unsafeCurrentTimeMillis()
      openSince = undefined
      return { heartbeatAt, ackAt, latency: ackAt - heartbeatAt }
    },
    run: Effect.fnUntraced(function* (interval) {
      const every = Math.max(shortest, interval)
      const first = Math.floor(every * (yield* Random.next))
      let due = clock.unsafeCurrentTimeMillis() + first
      yield* Effect.sleep(first)
      for (;;) {
        const now = clock.unsafeCurrentTimeMillis()
        onDue(Math.max(0, now - due))
        due = now + every
        beat()
        const sentAt = openSince
        yield* Effect.sleep(every)
        if (openSince !== undefined && openSince === sentAt) return
      }
    }),
  }
}
