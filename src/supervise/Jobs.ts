/**
 * The jobs of a bot, by name: what is there, when each is due, how it went last; run one now, pause and resume.
 *
 * `Job.layer` enters a job here; the bot lets them begin once it is connected.
 *
 * Failure modes: none of its own. What a job does when it is paused or run is said in `Job`.
 *
 * @module
 */
import { Context, Data, Effect, Layer, type Scope } from "effect"
import * as Detached from "./Detached.js"

/** One job as it stands. Times are epoch milliseconds. */
export interface Listed {
  readonly name: string
  /** In words: `every 5 minutes`, `at 09:00, 14:00 and 19:00 (Europe/Berlin)`. */
  readonly schedule: string
  /** `unreadable`: it does not begin before its store can be read. */
  readonly state: "waiting" | "running" | "paused" | "unreadable" | "not begun"
  /** Undefined while it is paused, and where nothing is due any more. */
  readonly nextAt: number | undefined
  readonly lastEndedAt: number | undefined
  /** How the last run ended. */
  readonly last: "completed" | "failed" | "interrupted" | undefined
  /** In a row. */
  readonly failures: number
}

/** What a job gives to be listed and ordered about. */
export interface Held {
  readonly listed: () => Listed
  /** Runs it as its overlap policy says, and waits for that run to end; its failure is reported, not given. */
  readonly runNow: Effect.Effect<void>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Called once, when the bot is ready. */
  readonly begin: Effect.Effect<void>
}

export interface Jobs {
  /** Enters a job until the scope ends. A name that is taken dies with `DuplicateJob`. One that is entered after `begin` begins at once. */
  readonly enter: (name: string, job: Held) => Effect.Effect<void, never, Scope.Scope>
  /** By name. */
  readonly list: Effect.Effect<ReadonlyArray<Listed>>
  /** Waits for the run's end. Within a transaction it dies with `RunInTransaction`. */
  readonly run: (name: string) => Effect.Effect<void, UnknownJob>
  readonly pause: (name: string) => Effect.Effect<void, UnknownJob>
  readonly resume: (name: string) => Effect.Effect<void, UnknownJob>
  /** Lets all begin: the bot is ready. Called again it does nothing. */
  readonly begin: Effect.Effect<void>
}

export const Jobs = Context.GenericTag<Jobs>("bosun/supervise/Jobs")

export const make: Effect.Effect<Jobs> = Effect.sync(() => {
  const jobs = new Map<string, Held>()
  let begun = false
  const names = () => [...jobs.keys()].sort()
  const find = (name: string) =>
    Effect.suspend(() => {
      const job = jobs.get(name)
      return job === undefined ? Effect.fail(new UnknownJob({ name, known: names() })) : Effect.succeed(job)
    })
  return {
    enter: (name, job) =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          if (jobs.has(name)) return Effect.die(new DuplicateJob({ name }))
          jobs.set(name, job)
          return begun ? job.begin : Effect.void
        }),
        () => Effect.sync(() => jobs.delete(name)),
      ),
    list: Effect.sync(() => names().flatMap((name) => jobs.get(name)?.listed() ?? [])),
    run: (name) =>
      Effect.flatMap(Detached.inTransaction, (within) =>
        within ? Effect.die(new RunInTransaction({ name })) : Effect.flatMap(find(name), (job) => job.runNow),
      ),
    pause: (name) => Effect.flatMap(find(name), (job) => job.pause),
    resume: (name) => Effect.flatMap(find(name), (job) => job.resume),
    begin: Effect.suspend(() => {
      if (begun) return Effect.void
      begun = true
      return Effect.forEach([...jobs.values()], (job) => job.begin, { discard: true })
    }),
  }
})

export const layer: Layer.Layer<Jobs> = Layer.effect(Jobs, make)

/** There is no job of that name. */
export class UnknownJob extends Data.TaggedError("UnknownJob")<{
  readonly name: string
  readonly known: ReadonlyArray<string>
}> {
  override get message() {
    return `There is no job “${this.name}”. There are: ${this.known.join(", ")}`
  }
  get userText() {
    return this.message
  }
}

/** Whoever waits for a run holds what the run may wait for: a mistake of the program's. */
export class RunInTransaction extends Data.TaggedError("RunInTransaction")<{ readonly name: string }> {
  override get message() {
    return `The job “${this.name}” is run within a transaction, whose end it may have to wait for: run it after that`
  }
}

/** Two jobs of one name: a mistake of the program's. */
export class DuplicateJob extends Data.TaggedError("DuplicateJob")<{ readonly name: string }> {
  override get message() {
    return `Two jobs are called “${this.name}”: give each a name of its own`
  }
}
