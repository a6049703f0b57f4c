/**
 * Discord's rate limits, kept before Discord has to refuse.
 *
 * A call passes three gates: the turn of its order key (calls of one key go out one after the other, in the
 * order made), its bucket, and the bot's 50 requests a second. Buckets are learned from the headers of answers
 * and never written down here: until a route's first answer came, one request of it is on its way at a time.
 * A bucket whose window has passed is full again, less what is still on its way, since that may land in the
 * new window; so a server that counts as its headers say is never asked more than its limit.
 *
 * Failure modes: an answer that is lost may have opened a window that nothing tells of; the longest one seen is
 * then assumed, which is too short until one was seen from its first request on. A 429 that comes all the same
 * closes its bucket (or, with scope `global`, everything that the global limit counts) for as long as it says.
 * A call that would have to wait longer than its patience fails with `RateLimited`. Interruption gives the place
 * up and leaves the order of the others as it was.
 * Memory: what is idle is swept as the tables grow, so that routes with a token leave nothing behind.
 *
 * @module
 */
import { Clock, Effect, type Exit } from "effect"
import { RateLimited } from "../DiscordError.js"
import * as Answer from "./Answer.js"
import type { Route } from "./Route.js"
import type { Lane } from "../supervise/Timers.js"
import type { Response } from "./Transport.js"
import { Turn } from "./Turn.js"

export interface Limiter {
  /** Runs `calls` while it holds its turn among those with the same order key. `deadline`: epoch milliseconds. */
  readonly inOrder: <A, E>(
    route: Route,
    deadline: number,
    calls: Effect.Effect<A, E>,
  ) => Effect.Effect<A, E | RateLimited>
  /** Sends one request once the limits allow it, and learns from its answer. */
  readonly through: <E>(
    route: Route,
    deadline: number,
    send: Effect.Effect<Response, E>,
  ) => Effect.Effect<Response, E | RateLimited>
  /** How many tables' entries are kept: for tests and metrics. */
  readonly size: () => number
}

export interface Options {
  /** Requests a second for all routes but those with a token of their own. Discord: 50. */
  readonly globalPerSecond: number
}

/** Not a number of milliseconds, but: until one of those on their way is answered. */
const untilAnswer = -1
/** A 429 that asks for no wait at all still waits this long from the second one on, in milliseconds. */
const LEAST_PAUSE = 100
/** Tables below this size are not swept. */
const SWEEP_AT = 256

class Bucket {
  readonly gate = new Turn()
  /** Undefined until the first answer; Infinity where answers name no limit. */
  limit: number | undefined
  remaining = 0
  /** When the current window ends, as far as is known: epoch milliseconds. */
  reset = 0
  /** The longest window seen, in milliseconds. */
  window = 0
  blockedUntil = 0
  refusals = 0
  inFlight = 0
  wake: (() => void) | undefined

  /** Milliseconds until one more may go out; 0 for now. */
  wait(now: number): number {
    if (now < this.blockedUntil) return this.blockedUntil - now
    if (this.limit === undefined) return this.inFlight === 0 ? 0 : untilAnswer
    if (this.limit === Infinity) return 0
    if (now < this.reset) return this.remaining > 0 ? 0 : this.reset - now
    return this.limit - this.inFlight > 0 ? 0 : untilAnswer
  }

  take(now: number): void {
    if (this.limit !== undefined) {
      if (now >= this.reset) this.remaining = this.limit - this.inFlight
      this.remaining--
    }
    this.inFlight++
  }

  /** One is no longer on its way. */
  back(): void {
    this.inFlight--
    this.wake?.()
  }

  learn(limit: number, remaining: number, resetAfter: number, now: number, others: number): void {
    // The headers do not know of those still on their way, nor, where a window has passed, do we of this one's.
    const left = now >= this.reset || this.limit === undefined ? limit - others - 1 : this.remaining
    this.limit = limit
    this.remaining = Math.min(left, remaining)
    this.reset = Math.max(this.reset, now + resetAfter)
    this.window = Math.max(this.window, resetAfter)
  }

  /** An answer was lost: it may have opened a window that nothing tells of. */
  lost(now: number): void {
    if (this.limit !== undefined && this.limit !== Infinity) {
      this.reset = Math.max(this.reset, now + this.window)
    }
  }

  idle(now: number): boolean {
    return this.inFlight === 0 && this.gate.idle && now >= this.reset && now >= this.blockedUntil
  }
}

export const make = (timeOuts: Lane, clock: Clock.Clock, { globalPerSecond }: Options): Limiter => {
  const turns = new Map<string, { readonly turn: Turn; users: number }>()
  const hashes = new Map<string, string>()
  const buckets = new Map<string, Bucket>()
  const everything = new Turn()
  /** When each of the last `globalPerSecond` requests went out. */
  const sends = Array.from({ length: globalPerSecond }, () => -Infinity)
  let oldest = 0
  let pausedUntil = 0
  let globalRefusals = 0
  let sweepAt = SWEEP_AT

  const now = () => clock.unsafeCurrentTimeMillis()

  const bucketOf = (route: Route): Bucket => bucketAt(route, hashes.get(route.template))
  const bucketAt = (route: Route, hash: string | undefined): Bucket => {
    const unnamed = `${route.template} ${route.major}`
    const key = hash === undefined ? unnamed : `${hash} ${route.major}`
    let bucket = buckets.get(key)
    if (bucket !== undefined) return bucket
    if (buckets.size >= sweepAt) sweep()
    bucket = buckets.get(unnamed)
    if (bucket === undefined) bucket = new Bucket()
    // Now that its name is known: what is on its way keeps counting.
    else buckets.delete(unnamed)
    buckets.set(key, bucket)
    return bucket
  }

  const sweep = () => {
    const at = now()
    for (const [key, bucket] of buckets) if (bucket.idle(at)) buckets.delete(key)
    sweepAt = Math.max(SWEEP_AT, buckets.size * 2)
    // Templates are few; a server that made them many is forgotten and learned again.
    if (hashes.size > 4_096) hashes.clear()
  }

  const globalWait = (at: number) => Math.max(0, pausedUntil - at, sends[oldest]! + 1_000 - at)
  const takeGlobal = (at: number) => {
    sends[oldest] = at
    oldest = (oldest + 1) % globalPerSecond
  }

  const outOfPatience = (route: Route) => () =>
    refused(
      route,
      now() < pausedUntil ? "global" : "user",
      Math.max(globalWait(now()), bucketOf(route).wait(now())),
    )

  /** Sleeps, if that ends before the deadline. */
  const pause = (route: Route, scope: RateLimited["scope"], wait: number, deadline: number) =>
    wait > deadline - now() ? Effect.fail(refused(route, scope, wait)) : Effect.sleep(wait)

  const awaitAnswer = (route: Route, bucket: Bucket, deadline: number) =>
    Effect.async<void, RateLimited>((resume) => {
      const timer = timeOuts.after(Math.max(0, deadline - now()), () => {
        bucket.wake = undefined
        resume(Effect.fail(outOfPatience(route)()))
      })
      bucket.wake = () => {
        bucket.wake = undefined
        timer.cancel()
        resume(Effect.void)
      }
      return Effect.sync(() => {
        bucket.wake = undefined
        timer.cancel()
      })
    })

  type Restore = <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

  /** At the head of a bucket's gate: true with one taken, false when the route has moved to another bucket. */
  const atGate = Effect.fnUntraced(function* (
    route: Route,
    bucket: Bucket,
    deadline: number,
    restore: Restore,
  ) {
    while (bucketOf(route) === bucket) {
      const wait = bucket.wait(now())
      if (wait === 0) {
        bucket.take(now())
        return true
      }
      yield* restore(
        wait === untilAnswer ? awaitAnswer(route, bucket, deadline) : pause(route, "user", wait, deadline),
      )
    }
    return false
  })

  const takeBucket = Effect.fnUntraced(function* (route: Route, deadline: number, restore: Restore) {
    for (;;) {
      const bucket = bucketOf(route)
      yield* restore(bucket.gate.enter(timeOuts, Math.max(0, deadline - now()), outOfPatience(route)))
      const taken = yield* Effect.ensuring(
        atGate(route, bucket, deadline, restore),
        Effect.sync(() => bucket.gate.leave()),
      )
      if (taken) return bucket
    }
  })

  const passGlobal = Effect.fnUntraced(function* (route: Route, deadline: number, restore: Restore) {
    yield* restore(everything.enter(timeOuts, Math.max(0, deadline - now()), outOfPatience(route)))
    const wait = Effect.suspend(() => {
      const millis = globalWait(now())
      return millis === 0 ? Effect.succeed(false) : Effect.as(pause(route, "global", millis, deadline), true)
    })
    yield* Effect.ensuring(
      Effect.zipRight(
        restore(Effect.repeat(wait, { while: (slept) => slept })),
        Effect.sync(() => takeGlobal(now())),
      ),
      Effect.sync(() => everything.leave()),
    )
  })

  const admit = (route: Route, deadline: number, restore: Restore): Effect.Effect<Bucket, RateLimited> => {
    const at = now()
    const bucket = bucketOf(route)
    const free = bucket.gate.idle && bucket.wait(at) === 0
    if (free && (!route.global || (everything.idle && globalWait(at) === 0))) {
      bucket.take(at)
      if (route.global) takeGlobal(at)
      return Effect.succeed(bucket)
    }
    const taken = takeBucket(route, deadline, restore)
    if (!route.global) return taken
    return Effect.tap(taken, (bucket) =>
      Effect.onError(passGlobal(route, deadline, restore), () => Effect.sync(() => bucket.back())),
    )
  }

  const settle = (route: Route, bucket: Bucket, exit: Exit.Exit<Response, unknown>): void => {
    const at = now()
    if (exit._tag === "Failure") {
      bucket.lost(at)
      return bucket.back()
    }
    const { headers, status } = exit.value
    const limit = count(headers["x-ratelimit-limit"])
    const remaining = count(headers["x-ratelimit-remaining"])
    const resetAfter = Answer.seconds(headers["x-ratelimit-reset-after"])
    const hash = headers["x-ratelimit-bucket"]
    if (hash !== undefined) hashes.set(route.template, hash)
    const learned = hash === undefined ? bucket : bucketAt(route, hash)
    if (limit !== undefined && limit > 0 && remaining !== undefined && resetAfter !== undefined) {
      learned.learn(
        limit,
        remaining,
        resetAfter,
        at,
        learned === bucket ? bucket.inFlight - 1 : learned.inFlight,
      )
    } else if (status < 300 && learned.limit === undefined) learned.limit = Infinity
    else learned.lost(at)
    if (status === 429) refuse(route, learned, Answer.refusal(headers, Answer.text(exit.value.body)), at)
    else {
      learned.refusals = 0
      if (route.global) globalRefusals = 0
    }
    bucket.back()
  }

  const refuse = (route: Route, bucket: Bucket, refusal: Answer.Refusal, at: number): void => {
    if (refusal.retryAfter === undefined) return
    if (refusal.scope === "global") {
      const least = LEAST_PAUSE * Math.min(globalRefusals++, 50)
      pausedUntil = Math.max(pausedUntil, at + Math.max(refusal.retryAfter, least))
      if (route.global) return
    }
    const least = LEAST_PAUSE * Math.min(bucket.refusals++, 50)
    bucket.blockedUntil = Math.max(bucket.blockedUntil, at + Math.max(refusal.retryAfter, least))
  }

  return {
    inOrder: (route, deadline, calls) => {
      if (route.order === "") return calls
      return Effect.uninterruptibleMask((restore) => {
        const place = turns.get(route.order) ?? { turn: new Turn(), users: 0 }
        if (place.users++ === 0) turns.set(route.order, place)
        const leave = Effect.sync(() => place.turn.leave())
        const gone = Effect.sync(() => {
          if (--place.users === 0) turns.delete(route.order)
        })
        const entered = place.turn.tryEnter()
          ? Effect.void
          : restore(place.turn.enter(timeOuts, Math.max(0, deadline - now()), outOfPatience(route)))
        return Effect.ensuring(Effect.zipRight(entered, Effect.ensuring(restore(calls), leave)), gone)
      })
    },
    through: (route, deadline, send) => {
      if (!route.bucketed) return send
      return Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(admit(route, deadline, restore), (bucket) =>
          Effect.onExit(restore(send), (exit) => Effect.sync(() => settle(route, bucket, exit))),
        ),
      )
    },
    size: () => turns.size + buckets.size,
  }
}

const count = (header: string | undefined): number | undefined => {
  if (header === undefined || !/^\d+$/.test(header)) return undefined
  return Number(header)
}

const refused = (route: Route, scope: RateLimited["scope"], wait: number): RateLimited =>
  new RateLimited({ route: route.display, scope, retryAfter: Math.max(1, wait) })
