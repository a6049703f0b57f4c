/**
 * How long to wait before the next attempt: exponential, with full jitter, capped.
 *
 * Full jitter (a uniform choice between nothing and the ceiling) keeps many shards, or many bots, from coming
 * back at the same moment after an outage.
 *
 * @module
 */
import { Effect, Random } from "effect"

/** Both in milliseconds. */
export interface Bounds {
  /** The ceiling before the second attempt. */
  readonly base: number
  /** The highest ceiling. */
  readonly cap: number
}

/** Before a first READY: four waits of 3.75 s together at most, so that a start fails soon. */
export const atStart: Bounds = { base: 250, cap: 2_000 }

/** After a first READY: retried for ever. */
export const afterwards: Bounds = { base: 1_000, cap: 60_000 }

/**
 * After a connection that was up, where its session goes on: a resume is free, and every second away makes
 * interactions run out of their three.
 */
export const resuming: Bounds = { base: 500, cap: 2_000 }

/** The most that is waited after this many failures in a row (1 or more), in milliseconds. */
export const ceiling = (bounds: Bounds, failures: number): number =>
  Math.min(bounds.cap, bounds.base * 2 ** Math.min(failures - 1, 30))

/** A wait in milliseconds, between 0 and the ceiling. Takes its chance from Effect's `Random`. */
export const delay = (bounds: Bounds, failures: number): Effect.Effect<number> =>
  Effect.map(Random.next, (chance) => Math.floor(chance * ceiling(bounds, failures)))

/** What Discord asks for between an op 9 and a new session: 1 to 5 s. In milliseconds. */
export const afterInvalidSession: Effect.Effect<number> = Effect.map(Random.next, (chance) =>
  Math.floor(1_000 + chance * 4_000),
)
