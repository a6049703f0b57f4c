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
 * A job begins when the bot is ready (`Jobs.begin`). Each run is a fiber on the roster. What it fails with is
 * logged, and the schedule goes on; so it does when a run is interrupted.
 *
 * An occasion is begun once at most, also over restarts where the `JobStore` outlives the process: its due time is
 * stored before the run, and a crash within it is not made up for. An occasion that is seen more than a minute
 * late (the bot was down, the machine slept, the clock was set forward) is missed, and `missed` says what becomes
 * of it. Where the clock is set back nothing is run twice; where by more than a day, the job begins afresh.
 * For summer time see `Calendar`. What falls into a pause is over.
 *
 * Failure modes: a schedule that is none dies with `InvalidCalendar` when the layer is built, a name that is taken
 * with `DuplicateJob`. Where the store cannot be written, the job goes on with what it knows. Where it cannot be
 * read the job does not begin, since it may be paused or have run; it is `unreadable` in the list, the operator is
 * told after three tries, and it begins once it can be read. By hand it can be run, paused and resumed meanwhile.
 *
 * @module
 */
import { Cause, Duration, Effect, Fiber, Layer, Random, type Scope } from "effect"
import type { Alarm } from "./Alarm.js"
import * as Calendar from "./job/Calendar.js"
import * as Known from "./job/Known.js"
import * as Notes from "./job/Notes.js"
import * as Timing from "./job/Timing.js"
import * as Work from "./job/Work.js"
import { Jobs, type Listed } from "./Jobs.js"
import type { JobStore } from "./JobStore.js"
import * as Occasions from "./job/Occasions.js"
import { Supervisor } from "./Supervisor.js"
import * as Turns from "./job/Turns.js"

export { JobLate } from "./job/Work.js"
export type { Occasion, Retry, Tags } from "./job/Work.js"
export type { When, Zone } from "./job/Timing.js"

/** What a job is. Where it is a value of its own, `define` keeps its types. */
export type Options<
  E,
  R,
  RFirst = never,
  RBefore = never,
  RAfter = never,
  RZone = never,
> = Timing.When<RZone> & More<RFirst> & Work.Work<E, R, RBefore, RAfter>

interface More<RFirst> {
  /** Runs once, when the bot is ready, and is waited for. Its failure is logged, and the job begins. */
  readonly first?: Effect.Effect<unknown, unknown, RFirst>
  /** When an occasion comes while another run goes on. Default `skip`. */
  readonly overlap?: Turns.Overlap
  /** Default `skip`. Where it is `spaced`, both others mean: at once, if the distance is over. */
  readonly missed?: Occasions.Missed
  /** Each run begins later by a random time below this. Default none. */
  readonly jitter?: Duration.DurationInput
  /** After so many failures in a row the operator is told; and not again until a run was good. Default 3. */
  readonly alarmAfter?: number
}

/** A job with all it needs. */
export type Job<E, R> = Options<E, R, R, R, R, R>

/** What each job needs besides what its work needs. */
export type Services = Alarm | Jobs | JobStore | Supervisor

/** A job as a value, with its types inferred. */
export const define = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Job<E, R | RFirst | RBefore | RAfter | RZone> => options

/** The same job, which is tried again for these failures too. */
export const retryOn = <E, R>(job: Job<E, R>, ...tags: ReadonlyArray<Work.Tags<E>>): Job<E, R> => ({
  ...job,
  retry: { ...job.retry, tags: [...(job.retry?.tags ?? []), ...tags] },
})

/** Enters a job until the scope ends; what runs of it is then interrupted. It begins once the bot is ready. */
export const make = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Effect.Effect<
  void,
  never,
  Exclude<R, Scope.Scope> | RFirst | RBefore | RAfter | RZone | Scope.Scope | Services
> =>
  Effect.gen(function* () {
    const { missed = "skip", name } = options
    const label = `job ${name}`
    const jobs = yield* Jobs
    const supervisor = yield* Supervisor
    const clock = yield* Effect.clock
    const context = yield* Effect.context<RFirst | RZone>()
    const longest = Duration.toMillis(options.jitter ?? 0)
    const timing = yield* Effect.catchAllDefect(
      Effect.sync(() => Timing.of(options)),
      (defect) => Effect.die(defect instanceof Calendar.InvalidCalendar ? defect.of(label) : defect),
    )
    const now = () => clock.unsafeCurrentTimeMillis()
    const known = yield* Known.make(name)
    const notes = yield* Notes.make(label, options.alarmAfter ?? 3)

    let begun = false
    let closed = false
    let zone: Timing.Zoned | undefined
    /** All occasions up to it are dealt with: begun, waiting for another run's end, or over. */
    let passed = -Infinity

    // ---- One run ----

    const work = Work.of(options)
    const turns = yield* Turns.make({
      supervisor,
      name,
      overlap: options.overlap ?? "skip",
      run: (occasion: Work.Occasion) =>
        Effect.suspend(() => {
          // Nothing waits when a run begins.
          if (passed > (known.lastDueAt ?? -Infinity)) known.lastDueAt = passed
          return Effect.zipRight(known.save, work(occasion))
        }).pipe(
          Effect.onExit((exit) => {
            known.lastEndedAt = now()
            return Effect.zipRight(notes.end(exit), known.save)
          }),
        ),
    })
    const ask = (dueAt: number) =>
      Effect.suspend(() => {
        passed = dueAt
        return turns.ask({ dueAt })
      })

    // ---- The schedule ----

    const readZone = Effect.suspend(() => Timing.zone(options, label, zone)).pipe(
      Effect.map((found) => {
        // What lies behind by the new zone was not missed.
        if (zone !== undefined && found.name !== zone.name) passed = Math.max(passed, now())
        zone = found
      }),
    )
    /** What was asked of the calendar last: it is asked once a minute, and would give the same. */
    let asked:
      | { readonly after: number; readonly zone: string | undefined; readonly next: number | undefined }
      | undefined
    /** The occasion that comes next; undefined where there is none. */
    const upcoming = (): number | undefined => {
      if (timing._tag === "Spaced") return passed + timing.millis
      if (asked?.after !== passed || asked.zone !== zone?.name)
        asked = { after: passed, zone: zone?.name, next: Calendar.next(timing.calendar, passed, zone?.value) }
      return asked.next
    }

    let drawnFor: number | undefined
    let jitter = 0
    /** A part of the way to the next occasion, or the occasion itself. False once nothing is begun any more. */
    const step = Effect.gen(function* () {
      yield* known.unpaused
      if (timing._tag === "Spaced") {
        yield* turns.idle
        passed = Math.min(Math.max(passed, known.lastEndedAt ?? passed), now())
        known.lastEndedAt &&= Math.min(known.lastEndedAt, now())
      } else {
        yield* readZone
        if (passed > now() + DAY) {
          yield* Effect.logWarning(`${label}: the clock was set back by more than a day; it begins afresh`)
          passed = now()
          known.lastDueAt = passed
        }
      }
      const next = upcoming()
      if (next === undefined) return yield* Effect.never
      if (next !== drawnFor) {
        drawnFor = next
        jitter = longest === 0 ? 0 : Math.floor((yield* Random.next) * longest)
      }
      const left = next + jitter - now()
      if (left > 0) {
        yield* Effect.sleep(Duration.millis(Math.min(left, PART)))
        return true
      }
      if (known.paused()) return true
      return yield* timing._tag === "Spaced" ? turn(next) : deal(timing.calendar)
    })
    const deal = Effect.fnUntraced(function* (calendar: Calendar.Calendar) {
      const due = Occasions.due(calendar, missed, {
        passed,
        now: now() - jitter,
        ...(zone === undefined ? {} : { zone: zone.value }),
      })
      const [first] = due.runs
      if (missed === "all" && first !== undefined && first !== upcoming())
        yield* Effect.logWarning(`${label}: more than ${Occasions.MOST} runs were missed; the older are over`)
      for (const dueAt of due.runs.slice(0, -1)) {
        yield* turns.idle
        if (known.paused()) return true
        const answer = yield* ask(dueAt)
        if (answer._tag === "Refused") return false
        yield* answer.ended
      }
      const newest = due.runs.at(-1)
      if (newest !== undefined && !known.paused()) return yield* turn(newest)
      passed = Math.max(passed, due.passed)
      return true
    })
    const turn = Effect.fnUntraced(function* (due: number) {
      const answer = yield* ask(due)
      if (answer._tag === "Skipped" && options.overlap !== "queue one") {
        known.lastDueAt = due
        yield* known.save
      }
      return answer._tag !== "Refused"
    })
    let prepared = false
    const prepare = Effect.gen(function* () {
      if (prepared) return
      yield* known.load
      prepared = true
      const { lastDueAt, lastEndedAt } = known
      if (timing._tag === "Spaced") {
        const over = lastEndedAt === undefined || lastEndedAt + timing.millis < now()
        passed = lastEndedAt === undefined || (over && missed === "skip") ? now() : lastEndedAt
      } else passed = Math.max(passed, lastDueAt ?? now())
      if (lastDueAt === undefined) {
        known.lastDueAt = passed
        yield* known.save
      }
      if (options.first !== undefined) {
        const origin = { kind: "job", name: `${name} (first)`, inner: false }
        const first = yield* supervisor.fork(origin, options.first)
        yield* Fiber.await(first)
      }
    })
    /** A defect in it would be the zone's, or ours: neither may end the job. */
    const steps: Effect.Effect<void, never, RZone> = Effect.iterate(true, {
      while: (open) => open,
      body: () => step,
    }).pipe(
      Effect.asVoid,
      Effect.catchAllDefect((defect) =>
        Effect.logError(`${label}: its schedule failed; it goes on in a minute`, Cause.die(defect)).pipe(
          Effect.zipRight(Effect.sleep("1 minute")),
          Effect.zipRight(Effect.suspend(() => steps)),
        ),
      ),
    )
    const loop = Effect.provide(Effect.zipRight(prepare, steps), context)

    // ---- What the bot and the operator may do ----

    let fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
    /** Whoever interrupts the schedule starts it anew, unless everything ends. */
    const start: Effect.Effect<void> = Effect.suspend(() =>
      closed
        ? Effect.void
        : supervisor
            .fork(
              { kind: "background", name: label, inner: false },
              Effect.onInterrupt(loop, () => start),
            )
            .pipe(
              Effect.map((forked) => {
                fiber = forked
              }),
              Effect.exit,
            ),
    )
    const state = (): Listed["state"] => {
      if (turns.isRunning()) return "running"
      if (known.paused()) return "paused"
      if (known.isUnreadable()) return "unreadable"
      return begun ? "waiting" : "not begun"
    }
    const isDue = () => prepared && !known.paused() && !(timing._tag === "Spaced" && turns.isRunning())

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.zipRight(fiber === undefined ? Effect.void : Fiber.interrupt(fiber), turns.close)
      }),
    )
    yield* jobs.enter(name, {
      listed: () => ({
        name,
        schedule: Timing.text(
          timing,
          zone?.name ?? (typeof options.zone === "string" ? options.zone : "UTC"),
        ),
        state: state(),
        nextAt: isDue() ? upcoming() : undefined,
        lastEndedAt: known.lastEndedAt,
        last: notes.last(),
        failures: notes.failures(),
      }),
      begin: Effect.suspend(() => {
        if (begun) return Effect.void
        begun = true
        return start
      }),
      runNow: known.tried.pipe(
        Effect.zipRight(turns.ask({ dueAt: undefined })),
        Effect.flatMap((answer) => (answer._tag === "Refused" ? Effect.void : answer.ended)),
      ),
      pause: Effect.zipRight(known.tried, known.pause(true)),
      resume: Effect.zipRight(
        known.tried,
        Effect.suspend(() => {
          if (!known.paused() && known.isRead()) return Effect.void
          passed = Math.max(passed, now())
          known.lastDueAt = passed
          return known.pause(false)
        }),
      ),
    })
  })

/** The same as a layer. */
export const layer = <E, R, RFirst = never, RBefore = never, RAfter = never, RZone = never>(
  options: Options<E, R, RFirst, RBefore, RAfter, RZone>,
): Layer.Layer<never, never, Exclude<R | RFirst | RBefore | RAfter | RZone, Scope.Scope> | Services> =>
  Layer.scopedDiscard(make(options))

/** Milliseconds slept at once: so soon is it seen that the clock or the zone was changed. */
const PART = 60_000

const DAY = 86_400_000
