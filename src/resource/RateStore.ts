/**
 * Token buckets that outlive the process: how much of an upstream's allowance is left.
 *
 * The store in memory starts full with every process; `resource/RateStoreSql` keeps the buckets in the database.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"

/** An allowance: so many at once, so many again in each window. */
export interface Rate {
  /** Tokens of a full bucket, 1 or more. */
  readonly limit: number
  /** Milliseconds in which an empty bucket fills up, evenly. */
  readonly windowMillis: number
}

/** A failure of the store's infrastructure is a defect. */
export interface RateStore {
  /** Takes one token: gives 0, or, where there is none, takes nothing and gives the milliseconds until there is. */
  readonly take: (bucket: string, rate: Rate, at: number) => Effect.Effect<number>
  /** Empties the bucket until then (epoch milliseconds): the upstream itself has said so. */
  readonly block: (bucket: string, until: number) => Effect.Effect<void>
}

export const RateStore = Context.GenericTag<RateStore>("bosun/resource/RateStore")

// ---------------------------------------------------------------------------------------------------------
// A bucket
// ---------------------------------------------------------------------------------------------------------

/** A bucket as it was left. Times are epoch milliseconds. */
export interface Level {
  readonly tokens: number
  readonly at: number
  /** Nothing is given until then. */
  readonly blockedUntil: number
}

/** Takes one token; no level is a full bucket. Gives the milliseconds to wait, 0 where it was taken, and what is left. */
export const taken = (
  level: Level | undefined,
  { limit, windowMillis }: Rate,
  at: number,
): readonly [wait: number, next: Level] => {
  if (level === undefined) return [0, { tokens: limit - 1, at, blockedUntil: 0 }]
  const { blockedUntil } = level
  // A clock that was set back, or another process's that is behind, gives nothing twice.
  const now = Math.max(at, level.at)
  const after = (tokens: number, millis: number) => Math.min(limit, tokens + (millis * limit) / windowMillis)
  const tokens =
    level.at < blockedUntil && blockedUntil <= now
      ? after(Math.min(1, after(level.tokens, blockedUntil - level.at)), now - blockedUntil)
      : after(level.tokens, now - level.at)
  const isThere = tokens >= ONE
  if (isThere && blockedUntil <= at) return [0, { tokens: Math.max(0, tokens - 1), at: now, blockedUntil }]
  const untilThere = isThere ? 0 : now - at + Math.ceil(((1 - tokens) * windowMillis) / limit - LOST)
  // Nothing is taken: what was left stays as it is, so that no fraction is lost by asking often.
  return [Math.max(1, untilThere, blockedUntil - at), level]
}

/** What sums of fractions lose, at most. */
const LOST = 1e-6

/** A whole token, but for that. */
const ONE = 1 - LOST

/** Gives nothing until then; there is one at that moment, if it would have come by then, and the bucket begins to fill. */
export const blocked = (level: Level | undefined, until: number): Level =>
  level === undefined
    ? { tokens: 1, at: until, blockedUntil: until }
    : { ...level, blockedUntil: Math.max(level.blockedUntil, until) }

// ---------------------------------------------------------------------------------------------------------
// In memory
// ---------------------------------------------------------------------------------------------------------

export const makeMemory: Effect.Effect<RateStore> = Effect.sync(() => {
  const levels = new Map<string, Level>()
  return {
    take: (bucket, rate, at) =>
      Effect.sync(() => {
        const [wait, next] = taken(levels.get(bucket), rate, at)
        levels.set(bucket, next)
        return wait
      }),
    block: (bucket, until) =>
      Effect.sync(() => {
        levels.set(bucket, blocked(levels.get(bucket), until))
      }),
  }
})

/** In memory, full. */
export const layerMemory: Layer.Layer<RateStore> = Layer.effect(RateStore, makeMemory)
