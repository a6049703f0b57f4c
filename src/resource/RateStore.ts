/**
 * Token buckets that outlive the process: how much of an upstream's allowance is left.
 *
 * The store in memory starts full with every process; `resource/RateStoreSql` keeps the buckets in the database.
 *
 * @module
 */
import { Context, type Effect } from "effect"

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
