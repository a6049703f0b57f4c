/**
 * What a shard sends on behalf of others: queued, in order, within Discord's limit.
 *
 * Discord takes 120 frames per 60 s on one connection, and closes it with 4008 beyond that. Heartbeats go out
 * whatever is queued here, so a part of the limit is kept for them. Every connection starts with a new count.
 *
 * Drawback: a frame that was written right before its connection broke may be lost; Discord confirms none.
 *
 * @module
 */
import type { GatewaySendPayload } from "discord-api-types/v10"
import { Data, Deferred, Effect } from "effect"
import * as Frame from "./Frame.js"
import type { Connection } from "./Transport.js"

/** The queue of one shard. */
export interface Outbox {
  /**
   * Returns when the payload was written. Waits for a connection that is ready, and for the limit. Fails with
   * `NotSent` when it is too long, or when the shard ends. Interruption takes it out of the queue.
   */
  readonly send: (payload: GatewaySendPayload) => Effect.Effect<void, NotSent>
  /** What waits goes to this connection from now on. */
  readonly attach: (connection: Connection) => void
  /** What waits goes on waiting. */
  readonly detach: () => void
  /** What waits, and whatever comes later, fails. */
  readonly end: Effect.Effect<void>
}

/** Discord: 120. Five are kept for IDENTIFY and the heartbeats. */
export const perWindow = 115

/** Discord: 60 s. In milliseconds. */
export const window = 60_000

/** An empty queue, without a connection. */
export const make = Effect.fnUntraced(function* (shardId: number) {
  const clock = yield* Effect.clock
  const turn = Effect.unsafeMakeSemaphore(1)
  const attached = Effect.unsafeMakeLatch(false)
  const ended = yield* Deferred.make<never, NotSent>()
  let connection: Connection | undefined
  let limit = slidingWindow()

  const write = Effect.fnUntraced(function* (text: string) {
    for (;;) {
      yield* attached.await
      // It may be gone again by the time that this fiber runs.
      if (connection === undefined) continue
      const wait = limit(clock.unsafeCurrentTimeMillis())
      if (wait === 0) return connection.send(text)
      yield* Effect.sleep(wait)
    }
  })
  return {
    send: Effect.fnUntraced(function* (payload: GatewaySendPayload) {
      const text = Frame.frame(payload)
      const bytes = Buffer.byteLength(text)
      if (bytes > Frame.maxBytes) {
        return yield* new NotSent({
          shardId,
          reason: `its ${bytes} bytes are more than Discord's ${Frame.maxBytes}`,
        })
      }
      yield* Effect.raceFirst(Deferred.await(ended), turn.withPermits(1)(write(text)))
    }),
    attach: (next: Connection) => {
      connection = next
      limit = slidingWindow()
      attached.unsafeOpen()
    },
    detach: () => {
      connection = undefined
      attached.unsafeClose()
    },
    end: Deferred.fail(ended, new NotSent({ shardId, reason: "the shard has ended" })),
  } satisfies Outbox
})

/** Returns 0 when a frame may go now, and counts it; else the milliseconds after which to ask again. */
const slidingWindow = (): ((now: number) => number) => {
  const sentAt: Array<number> = []
  let oldest = 0
  return (now) => {
    if (sentAt.length < perWindow) {
      sentAt.push(now)
      return 0
    }
    const wait = sentAt[oldest]! + window - now
    if (wait > 0) return wait
    sentAt[oldest] = now
    oldest = (oldest + 1) % perWindow
    return 0
  }
}

/** A payload that will not be sent: too long, or there is no such shard (any more). */
export class NotSent extends Data.TaggedError("NotSent")<{
  readonly shardId: number
  readonly reason: string
}> {
  override get message() {
    return `A payload for shard ${this.shardId} was not sent: ${this.reason}`
  }
}
