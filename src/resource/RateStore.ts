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
  // A clock that was set back, or another process's that is behind, gives nothing twice.
  const now = Math.max(at, level?.at ?? at)
  const blockedUntil = level?.blockedUntil ?? 0
  const tokens =
    level === undefined ? limit : Math.min(limit, level.tokens + ((now - level.at) * limit) / windowMillis)
  const isThere = tokens >= ONE
  if (isThere && blockedUntil <= at) return [0, { tokens: Math.max(0, tokens - 1), at: now, blockedUntil }]
  const untilThere = isThere ? 0 : now - at + Math.ceil(((1 - tokens) * windowMillis) / limit)
  return [Math.max(1, untilThere, blockedUntil - at), { tokens, at: now, blockedUntil }]
}

/** One, but for what sums of fractions lose. */
const ONE = 1 - 1e-9

/** At that moment there is one again, and the bucket begins to fill. */
export const blocked = (level: Level | undefined, until: number): Level =>
  level !== undefined && level.blockedUntil >= until
    ? level
    : {
        tokens: Math.min(1, level?.tokens ?? 1),
        at: Math.max(until, level?.at ?? until),
        blockedUntil: until,
      }

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
