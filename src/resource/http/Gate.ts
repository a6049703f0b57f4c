/**
 * Lets the calls of one upstream take their tokens one after the other, and nobody while it wants to be left alone.
 *
 * @module
 */
import { type Clock, Effect } from "effect"
import { HttpLimited } from "../HttpError.js"
import { Places } from "./Places.js"
import type { Rate, RateStore } from "../RateStore.js"

/** Nothing that an upstream says keeps it from being asked for longer than this. Milliseconds. */
const LONGEST_BLOCK = 3_600_000

export class Gate {
  private readonly turn = new Places(1)
  private readonly bucket: string
  /** When the first in the line will have its token. */
  private nextAt = 0
  /** Epoch milliseconds. */
  blockedUntil = 0

  constructor(
    private readonly name: string,
    private readonly rate: Rate | undefined,
    private readonly store: RateStore,
    private readonly clock: Clock.Clock,
  ) {
    this.bucket = `http:${name}`
  }

  /** Why a call that comes now, behind `ahead` others, would have to wait beyond its deadline. */
  refusal(now: number, ahead: number, deadline: number): HttpLimited | undefined {
    const token = this.rate === undefined ? 0 : this.rate.windowMillis / this.rate.limit
    const line = this.nextAt > now ? this.nextAt + (this.turn.waiting + ahead) * token : 0
    const at = Math.ceil(Math.max(this.blockedUntil, line))
    return at > now && at >= deadline ? this.limited(at) : undefined
  }

  /** Waits for a token, or fails with `HttpLimited` where that would take longer than until the deadline. */
  pass(deadline: number): Effect.Effect<void, HttpLimited> {
    return Effect.suspend(() => {
      if (this.rate === undefined && this.blockedUntil <= this.clock.unsafeCurrentTimeMillis())
        return Effect.void
      const left = deadline - this.clock.unsafeCurrentTimeMillis()
      return this.turn.hold(left, () => this.limited(Math.max(this.nextAt, deadline)), this.token(deadline))
    })
  }

  /** Until then (epoch milliseconds) nobody passes; an hour ahead at most. */
  readonly block = (until: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const at = Math.min(until, this.clock.unsafeCurrentTimeMillis() + LONGEST_BLOCK)
      if (at <= this.blockedUntil) return Effect.void
      this.blockedUntil = at
      return this.rate === undefined ? Effect.void : this.store.block(this.bucket, at)
    })

  private token(deadline: number): Effect.Effect<void, HttpLimited> {
    return Effect.suspend(() => {
      const now = this.clock.unsafeCurrentTimeMillis()
      const wait =
        this.blockedUntil > now
          ? Effect.succeed(this.blockedUntil - now)
          : this.rate === undefined
            ? Effect.succeed(0)
            : this.store.take(this.bucket, this.rate, now)
      return Effect.flatMap(wait, (millis) => {
        if (millis <= 0) return Effect.void
        this.nextAt = now + millis
        return this.nextAt >= deadline
          ? Effect.fail(this.limited(this.nextAt))
          : Effect.zipRight(Effect.sleep(millis), this.token(deadline))
      })
    })
  }

  private limited(retryAt: number): HttpLimited {
    return new HttpLimited({ upstream: this.name, retryAt })
  }
}
