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
import {
  Cause,
  Clock,
  Context,
  Data,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberId,
  Layer,
  Runtime,
  type Scope,
} from "effect"

/**
 * In this order:
 *
 * - `intake`: nothing new comes in: commands are refused, jobs and inboxes take nothing more.
 * - `drain`: what was taken in is worked off: inboxes empty themselves, durable work settles.
 * - `end`: what runs may go on until the grace is over; the rest is ended, and its users are told.
 * - `flush`: what was counted and said goes out: statistics, traces.
 */
export type Phase = "intake" | "drain" | "end" | "flush"

const phases: ReadonlyArray<Phase> = ["intake", "drain", "end", "flush"]

export interface Step {
  /** As in the log: `inbox guard`. */
  readonly name: string
  readonly phase: Phase
  /** After it the step is interrupted and counts as failed. Default 5 seconds. */
  readonly deadline?: Duration.DurationInput
  /** A text that it gives is appended to its line: `3 left`. */
  readonly run: Effect.Effect<unknown, unknown>
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
  /** How much of the grace is left, in milliseconds; 0 before it has begun. */
  readonly remaining: Effect.Effect<number>
  /**
   * Runs all steps, once: called again it waits for the first call. `grace` is how long what runs may go on.
   * Interruption does not end it; the deadlines do.
   */
  readonly run: (grace: Duration.DurationInput) => Effect.Effect<ReadonlyArray<Result>>
}

export const Shutdown = Context.GenericTag<Shutdown>("bosun/supervise/Shutdown")

export const make: Effect.Effect<Shutdown> = Effect.gen(function* () {
  const fork = Runtime.runFork(yield* Effect.runtime<never>())
  const steps = new Set<Step>()
  let until = 0
  let ended: Deferred.Deferred<ReadonlyArray<Result>> | undefined

  const all = Effect.fnUntraced(function* (grace: Duration.DurationInput) {
    until = (yield* Clock.currentTimeMillis) + Duration.toMillis(grace)
    const results: Array<Result> = []
    for (const phase of phases) {
      const due = [...steps].filter((step) => step.phase === phase)
      results.push(...(yield* Effect.forEach(due, taken, { concurrency: "unbounded" })))
    }
    return results
  })
  return {
    register: (step) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          steps.add(step)
        }),
        () => Effect.sync(() => steps.delete(step)),
      ),
    begun: () => ended !== undefined,
    remaining: Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, until - now)),
    run: (grace) =>
      Effect.suspend(() => {
        if (ended !== undefined) return Deferred.await(ended)
        const mine = (ended = Deferred.unsafeMake<ReadonlyArray<Result>>(FiberId.none))
        // A fiber of its own: whoever asked may be interrupted once more, which would cut the steps short.
        fork(Effect.intoDeferred(all(grace), mine))
        return Deferred.await(mine)
      }),
  }
})

export const layer: Layer.Layer<Shutdown> = Layer.effect(Shutdown, make)

/** Runs all steps, and dies with `ShutdownIncomplete` where not all of them held: what a scope ends with. */
export const complete = (shutdown: Shutdown, grace: Duration.DurationInput): Effect.Effect<void> =>
  Effect.flatMap(shutdown.run(grace), (results) => {
    const steps = results.filter(({ outcome }) => outcome !== "done")
    return steps.length === 0 ? Effect.void : Effect.die(new ShutdownIncomplete({ steps }))
  })

/** One step with its deadline, and its line in the log. */
const taken = Effect.fnUntraced(function* ({ deadline = "5 seconds", name, phase, run }: Step) {
  const startedAt = yield* Clock.currentTimeMillis
  const fiber = yield* Effect.forkDaemon(Effect.interruptible(run))
  // What does not heed its interruption is left behind: the next step comes all the same.
  const exit = yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), deadline)
  const millis = (yield* Clock.currentTimeMillis) - startedAt
  if (exit._tag === "None") {
    yield* Fiber.interruptFork(fiber)
    yield* Effect.logError(`Shutdown: ${name} was not done after ${millis} ms, and is left`)
    return { name, phase, outcome: "late", millis, detail: undefined } satisfies Result
  }
  if (Exit.isFailure(exit.value)) {
    yield* Effect.logError(`Shutdown: ${name} failed after ${millis} ms`, exit.value.cause)
    return { name, phase, outcome: "failed", millis, detail: Cause.pretty(exit.value.cause) } satisfies Result
  }
  const detail = typeof exit.value.value === "string" ? exit.value.value : undefined
  yield* Effect.logInfo(`Shutdown: ${name} done in ${millis} ms${detail === undefined ? "" : ` (${detail})`}`)
  return { name, phase, outcome: "done", millis, detail } satisfies Result
})

/** Not all steps held: the process does not exit with 0. */
export class ShutdownIncomplete extends Data.TaggedError("ShutdownIncomplete")<{
  readonly steps: ReadonlyArray<Result>
}> {
  override get message() {
    return `The shutdown was not complete: ${this.steps.map(({ name, outcome }) => `${name} ${outcome}`).join(", ")}`
  }
}

/** Tasks that did not end although they were interrupted. */
export class StillRunning extends Data.TaggedError("StillRunning")<{ readonly left: number }> {
  override get message() {
    return `${this.left} tasks did not end`
  }
}
