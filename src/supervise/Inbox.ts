/**
 * A bounded queue between events and whoever works on them.
 *
 * Events come as fast as people write; the work on each may take longer. The inbox takes what it has room for, at
 * once and without a fiber, and says what became of the rest. Its consumer is a fiber on the roster; one item that
 * fails is reported and does not touch the others.
 *
 * @module
 */
import type { Duration, Effect, Schedule } from "effect"

/** What happens to an item that comes while the inbox is full. */
export type Overflow =
  /** It is dropped and counted. */
  | "drop newest"
  /** The one that has waited longest is dropped and counted, and this one taken. */
  | "drop oldest"
  /** `put` waits for room; `offer`, which cannot wait, gives false. */
  | "backpressure"

export interface Options<A, E, R> {
  /** As in the log, the metrics and the shutdown. */
  readonly name: string
  /** How many may wait; those being worked on are not counted. 1 or more. */
  readonly capacity: number
  /** Default `drop newest`. */
  readonly overflow?: Overflow
  /** How many are worked on at once. Default 1. */
  readonly concurrency?: number
  /** Items of one key are worked on one after the other, in the order in which they came. Default: no order but by concurrency. */
  readonly key?: (item: A) => string
  /** The work. Its failure is logged and counted, and the next item is taken. */
  readonly handle: (item: A) => Effect.Effect<void, E, R>
  /** For a failed item, before it counts as failed. Default none. */
  readonly retry?: Schedule.Schedule<unknown, E>
  /** How long the drain may take at shutdown. What is left then is counted as dropped. Default 5 seconds. */
  readonly drainWithin?: Duration.DurationInput
}

export interface Inbox<A> {
  /** Takes an item at once, or says false: it was dropped (or there is no room, with backpressure), or the inbox is closed. */
  readonly offer: (item: A) => boolean
  /** Takes an item; with backpressure waits for room. Interruptible while it waits: then the item was not taken. */
  readonly put: (item: A) => Effect.Effect<boolean>
  readonly stats: () => Stats
  /** Completes when nothing waits and nothing is worked on. */
  readonly idle: Effect.Effect<void>
}

/** Counts since it was made. */
export interface Stats {
  /** How many wait now. */
  readonly depth: number
  readonly running: number
  readonly taken: number
  readonly done: number
  readonly failed: number
  readonly dropped: number
  /** How long the oldest that waits has waited, in milliseconds. */
  readonly oldestMillis: number
}
