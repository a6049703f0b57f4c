/**
 * The way down: what has to be done before the resources are released, each step registered by its owner.
 *
 * Steps run in the order of their phases, those of one phase at the same time. Each has its own deadline and leaves one line in the log: what it was, how it ended,
 * how long it took. One that fails or is late never keeps the next from running.
 *
 * A second signal ends the process at once, whatever is left (see `Process`).
 *
 * @module
 */
import { Context, type Duration, type Effect, type Scope } from "effect"

/**
 * In this order:
 *
 * - `intake`: nothing new comes in: commands are refused, jobs and inboxes take nothing more.
 * - `drain`: what runs may end: commands within the grace, inboxes empty themselves, durable work settles.
 * - `flush`: what was said goes out: replies, statistics, traces.
 */
export type Phase = "intake" | "drain" | "flush"

export interface Step {
  /** As in the log: `inbox guard`. */
  readonly name: string
  readonly phase: Phase
  /** After it the step is interrupted and counts as failed. Default 5 seconds. */
  readonly deadline?: Duration.DurationInput
  /** What it gives is appended to its line: `3 left`. */
  readonly run: Effect.Effect<string | void, unknown>
}

/** How a step ended. */
export interface Result {
  readonly name: string
  readonly phase: Phase
  readonly outcome: "done" | "late" | "failed"
  readonly millis: number
  readonly detail: string | undefined
}

export interface Shutdown {
  /** Adds a step until the scope ends; a scope that ends before the shutdown takes its step away unrun. */
  readonly register: (step: Step) => Effect.Effect<void, never, Scope.Scope>
  /** Whether it has begun. */
  readonly begun: () => boolean
  /** Runs all steps, once: called again it waits for the first call. Uninterruptible but for the deadlines. */
  readonly run: Effect.Effect<ReadonlyArray<Result>>
}

export const Shutdown = Context.GenericTag<Shutdown>("bosun/supervise/Shutdown")
