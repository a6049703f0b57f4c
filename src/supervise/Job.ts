/**
 * Work that comes round: at equal distances, by a cron expression, at times of day.
 *
 * ```ts
 * const sync = Job.define({
 *   name: "sync",
 *   every: { fixed: "1 hour" },
 *   missed: "once",
 *   retry: { tags: ["HttpTimeout"] },
 *   run: pull,
 * })
 * const layer = Job.layer(Job.retryOn(sync, "HttpUnreachable"))
 * ```
 *
 * A job begins when the bot is ready (`Jobs.begin`). Each run is a fiber on the roster. What it fails with is logged,
 * and the schedule goes on; so it does when a run is interrupted.
 *
 * An occasion is begun once at most, also over restarts where the `JobStore` outlives the process: its due time is
 * stored before the run. A crash in a run is not made up for. One that is seen more than a minute late (the bot was down,
 * the clock was set forward) is missed, and `missed` says what becomes of it. Where the clock is set back, what was run is not run again, unless it
 * went back by more than a day: then the job begins afresh. Where the clocks change for the summer, see `Calendar`.
 *
 * Failure modes: a schedule that is none dies with `InvalidCalendar` when the layer is built, a name that is taken
 * with `DuplicateJob`. Where the store fails, the job goes on with what it knows.
 *
 * @module
 */
import {
  Cause,
  Clock,
  Data,
  type DateTime,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Random,
  Schedule,
  type Scope,
} from "effect"
import { Alarm } from "./Alarm.js"
import * as Calendar from "./Calendar.js"
import { Jobs, type Listed } from "./Jobs.js"
import { JobStore } from "./JobStore.js"
import * as Occasions from "./Occasions.js"
import { Supervisor } from "./Supervisor.js"
import * as Turns from "./Turns.js"

/** One run. Times are epoch milliseconds. */
export interface Occasion {
  /** When it was due; undefined for a run by hand. */
  readonly dueAt: number | undefined
}

/** An IANA name or an offset such as `+02:00`; an effect is asked again before each occasion, at least once a minute. Default UTC. */
export type Zone<R> = string | Effect.Effect<string, never, R>

/** When it is due. */
export type When<R> =
  | {
      readonly every:
        | { /** Counted from the epoch. */ readonly fixed: Duration.DurationInput }
        | { /** From the end of the last run. */ readonly spaced: Duration.DurationInput }
      readonly cron?: never
      readonly at?: never
      readonly zone?: never
    }
  | {
      /** Five fields, or six with seconds first. */
      readonly cron: string
      readonly zone?: Zone<R>
      readonly every?: never
      readonly at?: never
    }
  | {
      /** Times of day, `09:00`. */
      readonly at: ReadonlyArray<string>
      readonly zone?: Zone<R>
      readonly every?: never
      readonly cron?: never
    }

/** The tags of an error type. */
export type Tags<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : never

export interface Retry<E> {
  /** Only these failures are tried again. */
  readonly tags: ReadonlyArray<Tags<E>>
  /** Default 3 more tries, after 1, 2 and 4 seconds, with jitter. */
  readonly schedule?: Schedule.Schedule<unknown, E>
}

/** What a job is. Where it is written as a value of its own, `define` keeps its types. */
export type Options<E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never> = When<RZone> & {
  /** As in `/jobs` and the log. No two have the same. */
  readonly name: string
  /** The work. It has a scope of its own. */
  readonly run: Effect.Effect<unknown, E, R> | ((occasion: Occasion) => Effect.Effect<unknown, E, R>)
  /** Runs once, when the bot is ready, and is waited for. Its failure is logged, and the job begins. */
  readonly first?: Effect.Effect<unknown, unknown, RFirst>
  /** Before each run, but not before each try. Its failure is the run's, which then does not take place. */
  readonly before?: Effect.Effect<unknown, unknown, RBefore>
  /** After each run, however it ended; 10 seconds at most. Its failure is logged. */
  readonly after?: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<unknown, unknown, RAfter>
  readonly retry?: Retry<NoInfer<E>>
  /** When one is due while another goes on. Default `skip`. */
  readonly overlap?: Turns.Overlap
  /** Default `skip`. With `spaced`, both others mean: at once, where the distance is over. */
  readonly missed?: Occasions.Missed
  /** Each begins later by a random time below this. Default none. */
  readonly jitter?: Duration.DurationInput
  /** For a run with all its tries; then it is interrupted and counts as failed, with `JobLate`. Default none. */
  readonly deadline?: Duration.DurationInput
  /** After so many failures in a row the operator is told; and not again until one was good. Default 3. */
  readonly alarmAfter?: number
}

/** A job with all it needs. */
export type Job<E, R> = Options<E, R, R, R, R, R>

/** What a job needs besides its own services. */
export type Services = Alarm | Jobs | JobStore | Supervisor

/** A job as a value, with its types inferred. */
export const define = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Job<E, R | RFirst | RBefore | RAfter | RZone> => options

/** The same job, that is tried again for these failures too. */
export const retryOn = <E, R>(job: Job<E, R>, ...tags: ReadonlyArray<Tags<E>>): Job<E, R> => ({
  ...job,
  retry: { ...job.retry, tags: [...(job.retry?.tags ?? []), ...tags] },
})

/**
 * Enters a job until the scope ends; what runs of it is then interrupted. It begins once the bot is ready.
 */
export const make = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Effect.Effect<
  void,
  never,
  Exclude<R, Scope.Scope> | RFirst | RBefore | RAfter | RZone | Scope.Scope | Services
> =>
  Effect.gen(function* () {
    const { missed = "skip", name } = options
    const alarm = yield* Alarm
    const jobs = yield* Jobs
    const store = yield* JobStore
    const supervisor = yield* Supervisor
    const clock = yield* Effect.clock
    const context = yield* Effect.context<RFirst | RZone>()
    const alarmAfter = options.alarmAfter ?? 3
    const longest = Duration.toMillis(options.jitter ?? 0)
    const timing = timingOf(options)
    const label = `job ${name}`

    let begun = false
    let closed = false
    let loaded = false
    let paused = false
    /** All occasions up to it are dealt with. */
    let passed = -Infinity
    let lastDueAt: number | undefined
    let lastEndedAt: number | undefined
    let last: Listed["last"]
    let failures = 0
    let zone: Zoned = { name: "UTC", value: Calendar.UTC }
    const resumed = Effect.unsafeMakeLatch(true)
    const oneAtATime = Effect.unsafeMakeSemaphore(1)
    const now = () => clock.unsafeCurrentTimeMillis()

    // ---- What is known after a restart ----

    const persist = Effect.suspend(() => store.save(name, { lastDueAt, lastEndedAt, paused })).pipe(
      oneAtATime.withPermits(1),
      Effect.catchAllCause((cause) => Effect.logWarning(`${label}: its state could not be stored`, cause)),
    )
    const load = Effect.suspend(() => (loaded ? Effect.void : restore)).pipe(oneAtATime.withPermits(1))
    const restore = Effect.suspend(() => store.load(name)).pipe(
      Effect.sandbox,
      Effect.tapError((cause) => Effect.logWarning(`${label}: its state could not be read; trying again`, cause)),
      Effect.retry(Schedule.spaced("10 seconds")),
      Effect.orDie,
      Effect.map((state) => {
        loaded = true
        lastDueAt = state?.lastDueAt
        lastEndedAt = state?.lastEndedAt
        if (state?.paused === true) setPaused(true)
      }),
    )
    const setPaused = (to: boolean): void => {
      paused = to
      if (to) resumed.unsafeClose()
      else resumed.unsafeOpen()
    }
    /** What is due until now is none of ours. */
    const forget = (): void => {
      passed = Math.max(passed, now())
      lastDueAt = passed
    }

    // ---- One run ----

    const work = workOf(options)
    const program = ({ dueAt }: Occasion) =>
      (dueAt === undefined ? Effect.void : persist).pipe(
        Effect.zipRight(work({ dueAt })),
        Effect.onExit((exit) => note(exit)),
      )
    const note = Effect.fnUntraced(function* (exit: Exit.Exit<unknown, unknown>) {
      const before = failures
      lastEndedAt = now()
      if (Exit.isSuccess(exit)) {
        last = "completed"
        failures = 0
      } else if (Cause.isInterruptedOnly(exit.cause)) last = "interrupted"
      else {
        last = "failed"
        failures++
        if (failures === alarmAfter)
          yield* alarm.raise({ about: label, text: `It has failed ${times(failures)} in a row.`, cause: exit.cause })
      }
      if (failures === 0 && before >= alarmAfter) yield* Effect.logInfo(`${label} works again`)
      yield* persist
    })
    const turns = yield* Turns.make({ supervisor, name, overlap: options.overlap ?? "skip", run: program })
    /** False once nothing is begun any more. */
    const ask = (dueAt: number) =>
      Effect.suspend(() => {
        passed = dueAt
        lastDueAt = dueAt
        return turns.ask({ dueAt })
      })

    // ---- The schedule ----

    const readZone = Effect.suspend(() => zoneOf(options, label, zone)).pipe(
      Effect.provide(context),
      Effect.map((found) => {
        // What lies behind us by the new zone was not missed.
        if (found.name !== zone.name) passed = Math.max(passed, now())
        zone = found
      }),
    )
    /** The occasion that comes next; undefined where there is none. */
    const upcoming = (): number | undefined =>
      timing._tag === "Spaced" ? passed + timing.millis : Calendar.next(timing.calendar, passed, zone.value)
    const sleepTowards = (due: number) =>
      Effect.sleep(Duration.millis(Math.max(0, Math.min(due - now(), CHUNK))))

    let drawnFor: number | undefined
    let jitter = 0
    /** What is left of the way to the next occasion, and what is due there. */
    const step = Effect.gen(function* () {
      if (paused) {
        yield* resumed.await
        return true
      }
      if (timing._tag === "Spaced") yield* turns.idle
      else yield* readZone
      if (timing._tag === "Spaced") passed = Math.min(Math.max(passed, lastEndedAt ?? -Infinity), now())
      else if (passed > now() + DAY) {
        yield* Effect.logWarning(`${label}: the clock was set back; it begins afresh`)
        passed = now()
      }
      const next = upcoming()
      if (next === undefined) return yield* Effect.never
      if (next !== drawnFor) {
        drawnFor = next
        jitter = longest === 0 ? 0 : Math.floor((yield* Random.next) * longest)
      }
      if (now() < next + jitter) {
        yield* sleepTowards(next + jitter)
        return true
      }
      return yield* timing._tag === "Spaced" ? turn(next) : deal(timing.calendar)
    })
    const turn = (due: number) => Effect.map(ask(due), ({ _tag }) => _tag !== "Refused")
    const deal = Effect.fnUntraced(function* (calendar: Calendar.Calendar) {
      const due = Occasions.due(calendar, missed, { passed, now: now() - jitter, zone: zone.value })
      for (const dueAt of due.runs.slice(0, -1)) {
        yield* turns.idle
        if (paused) break
        const answer = yield* ask(dueAt)
        if (answer._tag === "Refused") return false
        yield* answer.ended
      }
      const newest = due.runs.at(-1)
      if (newest !== undefined && !paused) return yield* turn(newest)
      passed = Math.max(passed, due.passed)
      lastDueAt = passed
      return true
    })
    const loop = Effect.gen(function* () {
      yield* load
      const at = now()
      if (timing._tag === "Spaced") {
        const over = lastEndedAt === undefined || lastEndedAt + timing.millis < at
        passed = lastEndedAt === undefined || (over && missed === "skip") ? at : lastEndedAt
      } else passed = Math.max(passed, lastDueAt ?? at)
      if (lastDueAt === undefined) {
        lastDueAt = passed
        yield* persist
      }
      if (options.first !== undefined) {
        const first = yield* supervisor.fork({ kind: "job", name: `${name} (first)` }, options.first)
        yield* Fiber.await(first)
      }
      yield* step.pipe(
        Effect.catchAllDefect((defect) =>
          Effect.logError(`${label}: its schedule failed; it goes on in a minute`, Cause.die(defect)).pipe(
            Effect.zipRight(Effect.sleep("1 minute")),
            Effect.as(true),
          ),
        ),
        Effect.repeat({ while: (open) => open }),
      )
    }).pipe(Effect.provide(context))

    // ---- What the bot and the operator may do ----

    let loops: Fiber.RuntimeFiber<unknown, unknown> | undefined
    /** Whoever ends the loop from outside ends one turn of it, unless everything ends. */
    const start: Effect.Effect<void> = Effect.suspend(() =>
      closed
        ? Effect.void
        : supervisor.fork({ kind: "background", name: label }, Effect.onInterrupt(loop, () => start)).pipe(
            Effect.map((fiber) => {
              loops = fiber
            }),
            Effect.exit,
            Effect.asVoid,
          ),
    )
    const listed = (): Listed => ({
      name,
      schedule: textOf(timing, zone.name),
      state: turns.isRunning() ? "running" : paused ? "paused" : begun ? "waiting" : "not begun",
      nextAt: paused || !begun || !loaded || (timing._tag === "Spaced" && turns.isRunning()) ? undefined : upcoming(),
      lastEndedAt,
      last,
      failures,
    })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.zipRight(loops === undefined ? Effect.void : Fiber.interrupt(loops), turns.close)
      }),
    )
    yield* jobs.enter(name, {
      listed,
      begin: Effect.suspend(() => {
        if (begun) return Effect.void
        begun = true
        return start
      }),
      runNow: load.pipe(
        Effect.zipRight(turns.ask({ dueAt: undefined })),
        Effect.flatMap((answer) => (answer._tag === "Refused" ? Effect.void : answer.ended)),
      ),
      pause: Effect.zipRight(
        load,
        Effect.suspend(() => {
          setPaused(true)
          return persist
        }),
      ),
      resume: Effect.zipRight(
        load,
        Effect.suspend(() => {
          if (!paused) return Effect.void
          forget()
          setPaused(false)
          return persist
        }),
      ),
    })
  })

/** The same as a layer. */
export const layer = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Layer.Layer<never, never, Exclude<R | RFirst | RBefore | RAfter | RZone, Scope.Scope> | Services> =>
  Layer.scopedDiscard(make(options))

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** A run did not end before its deadline and was interrupted. */
export class JobLate extends Data.TaggedError("JobLate")<{ readonly name: string; readonly millis: number }> {
  override get message() {
    return `The job ${this.name} did not end within ${Calendar.spell(this.millis)}`
  }
}
