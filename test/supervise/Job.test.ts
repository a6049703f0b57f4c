import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Cause, Data, DateTime, Deferred, Effect, Exit, Fiber, Layer, Ref, Schedule, TestClock } from "effect"
import * as Database from "../../src/resource/Database.js"
import * as Alarm from "../../src/supervise/Alarm.js"
import * as Job from "../../src/supervise/Job.js"
import * as Jobs from "../../src/supervise/Jobs.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import { life } from "./JobField.js"

class Busy extends Data.TaggedError("Busy") {}
class Broken extends Data.TaggedError("Broken") {}

const MINUTE = 60_000
const at = (text: string): number => Date.parse(text)

/** Runs in virtual time from the given moment on; fails the test where the program does. */
const play = <A, E>(start: string, program: Effect.Effect<A, E>): A => {
  const { exit } = VirtualClock.runSync(program, { start: at(start) })
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

const told = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(Object(Cause.squash(exit.cause)).message) : "nothing"

/** The moments at which a job has run. */
const log = Effect.map(Ref.make<ReadonlyArray<string>>([]), (ref) => ({
  note: Effect.flatMap(Effect.clock, (clock) =>
    Ref.update(ref, (all) => [
      ...all,
      DateTime.formatIso(DateTime.unsafeMake(clock.unsafeCurrentTimeMillis())).slice(5, 19),
    ]),
  ),
  all: Ref.get(ref),
}))

const listed = (name: string) =>
  Effect.map(
    Effect.flatMap(Jobs.Jobs, ({ list }) => list),
    (all) => all.find((one) => one.name === name)!,
  )

describe("Job", () => {
  it("runs every five minutes by the clock, and says so", () =>
    play(
      "2026-03-01T10:02:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const store = yield* JobStore.makeMemory
        yield* life(
          Job.layer({ name: "tick", every: { fixed: "5 minutes" }, run: note }),
          Effect.gen(function* () {
            yield* Effect.sleep("1 millis")
            expect(yield* listed("tick")).toEqual({
              name: "tick",
              schedule: "every 5 minutes",
              state: "waiting",
              nextAt: at("2026-03-01T10:05:00Z"),
              lastEndedAt: undefined,
              last: undefined,
              failures: 0,
            })
            yield* Effect.sleep("14 minutes")
            expect(yield* listed("tick")).toMatchObject({
              last: "completed",
              nextAt: at("2026-03-01T10:20:00Z"),
            })
          }),
          store,
        )
        expect(yield* all).toEqual(["03-01T10:05:00", "03-01T10:10:00", "03-01T10:15:00"])
        yield* Effect.sleep("1 hour")
        expect(yield* all).toHaveLength(3)
      }),
    ))

  it("counts from the end of the last run where it is spaced", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({
            name: "slow",
            every: { spaced: "5 minutes" },
            run: Effect.zipRight(note, Effect.sleep("2 minutes")),
          }),
          Effect.sleep("20 minutes"),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["03-01T10:05:00", "03-01T10:12:00", "03-01T10:19:00"])
      }),
    ))

  it("runs at times of day in a zone, over the change to summer time", () =>
    play(
      "2026-03-28T00:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({ name: "daily", at: ["02:30", "09:00"], zone: "Europe/Berlin", run: note }),
          Effect.zipRight(
            Effect.sleep("3 days"),
            Effect.map(listed("daily"), ({ schedule }) =>
              expect(schedule).toBe("at 02:30 and 09:00 (Europe/Berlin)"),
            ),
          ),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual([
          "03-28T01:30:00",
          "03-28T08:00:00",
          "03-29T01:00:00",
          "03-29T07:00:00",
          "03-30T00:30:00",
          "03-30T07:00:00",
        ])
      }),
    ))

  it("sleeps for longer than 24.8 days", () =>
    play(
      "2026-01-01T00:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({ name: "yearly", cron: "0 12 9 2 *", run: note }),
          Effect.sleep("45 days"),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["02-09T12:00:00"])
      }),
    ))

  it("goes by the zone of the moment: what lies behind by a new one is not made up for", () =>
    play(
      "2026-06-01T00:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const zone = yield* Ref.make("Europe/Berlin")
        yield* life(
          Job.layer({ name: "daily", at: ["09:00"], zone: Ref.get(zone), missed: "all", run: note }),
          Effect.gen(function* () {
            yield* Effect.sleep("12 hours")
            yield* Ref.set(zone, "America/New_York")
            yield* Effect.sleep("20 hours")
            yield* Ref.set(zone, "Europe/Berlin")
            yield* Effect.sleep("1 hour")
            yield* Ref.set(zone, "Nowhere/Land")
            yield* Effect.sleep("1 day")
          }),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["06-01T07:00:00", "06-01T13:00:00", "06-03T07:00:00"])
      }),
    ))

  it("keeps its schedule whatever its runs end with, and tells the operator once", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const heard = yield* Ref.make<ReadonlyArray<string>>([])
        const runs = yield* Ref.make(0)
        yield* life(
          Job.layer({
            name: "sync",
            every: { fixed: "1 minute" },
            run: Effect.zipRight(
              note,
              Effect.flatMap(
                Ref.getAndUpdate(runs, (n) => n + 1),
                (n) =>
                  n === 6 ? Effect.void : n % 2 === 0 ? Effect.fail(new Broken()) : Effect.die("defect"),
              ),
            ),
          }),
          Effect.gen(function* () {
            const alarm = yield* Alarm.Alarm
            yield* alarm.listen(({ about, text }) =>
              Ref.update(heard, (all) => [...all, `${about}: ${text}`]),
            )
            yield* Effect.sleep("5.5 minutes")
            expect(yield* listed("sync")).toMatchObject({ last: "failed", failures: 5 })
            yield* Effect.sleep("2 minutes")
            expect(yield* listed("sync")).toMatchObject({ last: "completed", failures: 0 })
            yield* Effect.sleep("3 minutes")
          }).pipe(Effect.scoped),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toHaveLength(10)
        expect(yield* Ref.get(heard)).toEqual([
          expect.stringMatching(/^job sync: It has failed 3 times in a row: .*Broken/u),
          expect.stringMatching(/^job sync: It has failed 3 times in a row: .*defect/u),
        ])
      }),
    ))

  it("tries again for the failures that are named, and for those that are added", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const tries = yield* Ref.make(0)
        const run = Effect.flatMap(
          Ref.updateAndGet(tries, (n) => n + 1),
          (n): Effect.Effect<void, Busy | Broken> =>
            n < 3 ? Effect.fail(new Busy()) : n < 5 ? Effect.fail(new Broken()) : Effect.void,
        )
        const sync = Job.define({
          name: "sync",
          every: { fixed: "1 hour" },
          retry: { tags: ["Busy"], schedule: Schedule.recurs(5) },
          run,
        })
        // @ts-expect-error -- it cannot fail with that
        Job.define({ name: "sync", every: { fixed: "1 hour" }, retry: { tags: ["Sunk"] }, run })
        const once = (job: typeof sync) =>
          Effect.flatMap(JobStore.makeMemory, (store) =>
            life(
              Job.layer(job),
              Effect.zipRight(
                Effect.sleep("1 hour"),
                Effect.zipRight(Effect.sleep("1 minute"), listed("sync")),
              ),
              store,
            ),
          )
        expect((yield* once(sync)).last).toBe("failed")
        expect(yield* Ref.get(tries)).toBe(3)
        yield* Ref.set(tries, 0)
        expect((yield* once(Job.retryOn(sync, "Broken"))).last).toBe("completed")
        expect(yield* Ref.get(tries)).toBe(5)
        // @ts-expect-error -- it cannot fail with that
        Job.retryOn(sync, "Sunk")
      }),
    ))

  it("calls its hooks around each run, with how it ended, and waits for its first step", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const said = yield* Ref.make<ReadonlyArray<string>>([])
        const say = (word: string) => Ref.update(said, (all) => [...all, word])
        const runs = yield* Ref.make(0)
        yield* life(
          Job.layer({
            name: "hooked",
            every: { fixed: "1 minute" },
            first: Effect.zipRight(Effect.sleep("90 seconds"), say("first")),
            before: say("before"),
            after: (exit) => Effect.zipRight(say(`after ${exit._tag}`), Effect.fail("lost")),
            deadline: "10 seconds",
            run: Effect.flatMap(
              Ref.getAndUpdate(runs, (n) => n + 1),
              (n) => (n === 0 ? say("run") : Effect.never),
            ),
          }),
          Effect.sleep("190 seconds"),
          yield* JobStore.makeMemory,
        )
        expect(yield* Ref.get(said)).toEqual([
          "first",
          // The occasion of 10:01 is half a minute late, which is not missed.
          "before",
          "run",
          "after Success",
          "before",
          "after Failure",
          "before",
          "after Failure",
        ])
      }),
    ))

  describe("overlap", () => {
    const overlapping = (overlap: "skip" | "queue one" | "cancel former") =>
      Effect.gen(function* () {
        const said = yield* Ref.make<ReadonlyArray<string>>([])
        const clock = yield* Effect.clock
        const say = (word: string) =>
          Ref.update(said, (all) => [
            ...all,
            `${clock.unsafeCurrentTimeMillis() / 1000 - at("2026-03-01T10:00:00Z") / 1000} ${word}`,
          ])
        yield* life(
          Job.layer({
            name: "slow",
            every: { fixed: "1 minute" },
            overlap,
            run: Effect.zipRight(say("begun"), Effect.sleep("150 seconds")).pipe(
              Effect.onExit((exit) => say(Exit.isSuccess(exit) ? "ended" : "cancelled")),
            ),
          }),
          Effect.sleep("269 seconds"),
          yield* JobStore.makeMemory,
        )
        return yield* Ref.get(said)
      })

    it("skips, queues one, or cancels the former", () => {
      expect(play("2026-03-01T10:00:00Z", overlapping("skip"))).toEqual([
        "60 begun",
        "210 ended",
        "240 begun",
        "269 cancelled",
      ])
      expect(play("2026-03-01T10:00:00Z", overlapping("queue one"))).toEqual([
        "60 begun",
        "210 ended",
        "210 begun",
        "269 cancelled",
      ])
      expect(play("2026-03-01T10:00:00Z", overlapping("cancel former"))).toEqual([
        "60 begun",
        "120 cancelled",
        "120 begun",
        "180 cancelled",
        "180 begun",
        "240 cancelled",
        "240 begun",
        "269 cancelled",
      ])
    })
  })

  describe("after a restart", () => {
    const restarted = (missed: "skip" | "once" | "all") =>
      Effect.gen(function* () {
        const { all, note } = yield* log
        const store = yield* JobStore.makeMemory
        const job = Job.layer({ name: "tick", at: ["09:00", "14:00", "19:00"], missed, run: note })
        yield* life(job, Effect.sleep("5 hours"), store)
        yield* Effect.sleep("1 day")
        yield* life(job, Effect.sleep("6 hours"), store)
        return yield* all
      })

    it("skips what was missed, makes up for it once, or for all of it", () => {
      const start = "2026-03-01T05:00:00Z"
      expect(play(start, restarted("skip"))).toEqual(["03-01T09:00:00", "03-02T14:00:00"])
      expect(play(start, restarted("once"))).toEqual(["03-01T09:00:00", "03-02T10:00:00", "03-02T14:00:00"])
      expect(play(start, restarted("all"))).toEqual([
        "03-01T09:00:00",
        "03-02T10:00:00",
        "03-02T10:00:00",
        "03-02T10:00:00",
        "03-02T14:00:00",
      ])
    })

    it("makes up for a thousand at most, the last", () =>
      play(
        "2026-03-01T00:00:00Z",
        Effect.gen(function* () {
          const ran = yield* Ref.make<ReadonlyArray<number>>([])
          const store = yield* JobStore.makeMemory
          const job = Job.layer({
            name: "tick",
            every: { fixed: "1 minute" },
            missed: "all",
            run: ({ dueAt }) => Ref.update(ran, (all) => [...all, dueAt ?? 0]),
          })
          yield* life(job, Effect.sleep("30 seconds"), store)
          yield* Effect.sleep("2 days")
          yield* life(job, Effect.sleep("1 second"), store)
          const all = yield* Ref.get(ran)
          expect(all).toHaveLength(1000)
          expect(all.at(-1)).toBe(at("2026-03-03T00:00:00Z"))
          expect(all[0]).toBe(at("2026-03-03T00:00:00Z") - 999 * MINUTE)
        }),
      ))

    it("stays paused, and what fell into the pause is over", () =>
      play(
        "2026-03-01T10:00:00Z",
        Effect.gen(function* () {
          const { all, note } = yield* log
          const store = yield* JobStore.makeMemory
          const job = Job.layer({ name: "tick", every: { fixed: "10 minutes" }, missed: "all", run: note })
          yield* life(
            job,
            Effect.gen(function* () {
              const jobs = yield* Jobs.Jobs
              yield* Effect.sleep("15 minutes")
              yield* jobs.pause("tick")
              expect(yield* listed("tick")).toMatchObject({ state: "paused", nextAt: undefined })
              yield* Effect.sleep("1 hour")
            }),
            store,
          )
          yield* life(
            job,
            Effect.gen(function* () {
              const jobs = yield* Jobs.Jobs
              yield* Effect.sleep("30 minutes")
              // By hand it runs all the same.
              yield* jobs.run("tick")
              yield* Effect.sleep("1 minute")
              yield* jobs.resume("tick")
              expect(yield* listed("tick")).toMatchObject({
                state: "waiting",
                nextAt: at("2026-03-01T11:50:00Z"),
              })
              yield* Effect.sleep("6 minutes")
            }),
            store,
          )
          expect(yield* all).toEqual(["03-01T10:10:00", "03-01T11:45:00", "03-01T11:50:00"])
        }),
      ))
  })

  it("runs by hand and waits for that run; a name that is not there is said", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({
            name: "slow",
            every: { spaced: "1 hour" },
            run: Effect.zipRight(note, Effect.sleep("1 minute")),
          }),
          Effect.gen(function* () {
            const jobs = yield* Jobs.Jobs
            const clock = yield* Effect.clock
            yield* Effect.all([jobs.run("slow"), jobs.run("slow")], { concurrency: 2 })
            expect(clock.unsafeCurrentTimeMillis()).toBe(at("2026-03-01T10:01:00Z"))
            expect((yield* Effect.flip(jobs.run("fast"))).userText).toBe(
              "There is no job “fast”. There are: slow",
            )
            yield* Effect.sleep("61 minutes")
          }),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["03-01T10:00:00", "03-01T11:01:00"])
      }),
    ))

  it("goes on when somebody cancels a run, or its schedule", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({
            name: "stuck",
            every: { fixed: "10 minutes" },
            run: Effect.zipRight(note, Effect.never),
          }),
          Effect.gen(function* () {
            const supervisor = yield* Supervisor
            const cancel = (kind: string) =>
              Effect.flatMap(supervisor.roster, (all) =>
                supervisor.cancel(all.find((one) => one.kind === kind)!.id, "admin"),
              )
            yield* Effect.sleep("15 minutes")
            yield* cancel("job")
            yield* Effect.sleep("1 second")
            expect(yield* listed("stuck")).toMatchObject({
              state: "waiting",
              last: "interrupted",
              failures: 0,
            })
            yield* cancel("background")
            yield* Effect.sleep("10 minutes")
          }),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["03-01T10:10:00", "03-01T10:20:00"])
      }),
    ))

  it("lets a run end when the bot stops, and begins none", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const ended = yield* Ref.make(0)
        yield* life(
          Job.layer({
            name: "tick",
            every: { fixed: "1 minute" },
            overlap: "queue one",
            run: Effect.zipRight(note, Effect.sleep("70 seconds")).pipe(
              Effect.zipRight(Ref.update(ended, (n) => n + 1)),
            ),
          }),
          Effect.gen(function* () {
            yield* Effect.sleep("61 seconds")
            yield* (yield* Supervisor).drain("5 minutes")
          }),
          yield* JobStore.makeMemory,
        )
        expect(yield* all).toEqual(["03-01T10:01:00"])
        expect(yield* Ref.get(ended)).toBe(1)
      }),
    ))

  it("waits with its jitter, and never for as long as that", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const clock = yield* Effect.clock
        const late = yield* Ref.make<ReadonlyArray<number>>([])
        yield* life(
          Job.layer({
            name: "tick",
            every: { fixed: "1 hour" },
            jitter: "10 minutes",
            run: ({ dueAt }) =>
              Ref.update(late, (all) => [...all, clock.unsafeCurrentTimeMillis() - (dueAt ?? 0)]),
          }),
          Effect.sleep("2 days"),
          yield* JobStore.makeMemory,
        )
        const all = yield* Ref.get(late)
        expect(all.length).toBeGreaterThanOrEqual(47)
        expect(all.every((one) => one >= 0 && one < 10 * MINUTE)).toBe(true)
        expect(new Set(all).size).toBeGreaterThan(40)
      }),
    ))

  it("goes on where the store fails", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const tries = yield* Ref.make(0)
        const store: JobStore.JobStore = {
          load: () =>
            Effect.flatMap(
              Ref.getAndUpdate(tries, (n) => n + 1),
              (n) => (n < 3 ? Effect.die("no disk") : Effect.void.pipe(Effect.as(undefined))),
            ),
          save: () => Effect.die("no disk"),
        }
        yield* life(
          Job.layer({ name: "tick", every: { fixed: "1 minute" }, run: note }),
          Effect.sleep("3 minutes"),
          store,
        )
        expect(yield* all).toEqual(["03-01T10:01:00", "03-01T10:02:00", "03-01T10:03:00"].slice(0, 2))
      }),
    ))

  it("does not begin where the store cannot be read, tells the operator, and obeys by hand", () =>
    play(
      "2026-03-01T10:00:30Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        let down = true
        let saved: JobStore.State = { lastDueAt: undefined, lastEndedAt: undefined, paused: true }
        const store: JobStore.JobStore = {
          load: () => Effect.suspend(() => (down ? Effect.die("no disk") : Effect.succeed(saved))),
          save: (_, state) =>
            Effect.sync(() => {
              saved = state
            }),
        }
        const notices: Array<string> = []
        yield* life(
          Job.layer({ name: "tick", every: { fixed: "1 minute" }, run: note }),
          Effect.gen(function* () {
            const alarm = yield* Alarm.Alarm
            const jobs = yield* Jobs.Jobs
            yield* Effect.scoped(
              Effect.zipRight(
                alarm.listen(({ text }) => Effect.sync(() => notices.push(text))),
                Effect.sleep("2 minutes"),
              ),
            )
            expect(yield* all).toEqual([])
            expect(notices).toEqual([
              "It does not run, since its state cannot be read: Error: no disk. It is tried again until it can be",
            ])
            expect(yield* listed("tick")).toMatchObject({ state: "unreadable", nextAt: undefined })
            yield* jobs.run("tick")
            expect(yield* all).toEqual(["03-01T10:02:30"])
            yield* jobs.resume("tick")
            // Nothing was written over.
            expect(saved.paused).toBe(true)
            down = false
            yield* Effect.sleep("1 minute")
            expect(saved).toMatchObject({ lastDueAt: at("2026-03-01T10:03:00Z"), paused: false })
            expect(yield* all).toEqual(["03-01T10:02:30", "03-01T10:03:00"])
          }),
          store,
        )
      }),
    ))

  it("tells the operator, too, where the store never answers, and begins once it does", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        let hangs = true
        const notices: Array<string> = []
        yield* life(
          Job.layer({ name: "tick", every: { fixed: "1 minute" }, run: note }),
          Effect.gen(function* () {
            const alarm = yield* Alarm.Alarm
            yield* alarm.listen(({ text }) => Effect.sync(() => notices.push(text)))
            yield* Effect.sleep("2 minutes")
            expect(notices).toEqual([expect.stringMatching(/^It does not run, since .*Timeout/u)])
            expect(yield* listed("tick")).toMatchObject({ state: "unreadable" })
            hangs = false
            yield* Effect.sleep("2 minutes")
            expect(notices.slice(1)).toEqual(["Its state can be read again."])
            expect(yield* all).not.toEqual([])
          }).pipe(Effect.scoped),
          {
            load: () => Effect.suspend(() => (hangs ? Effect.never : Effect.as(Effect.void, undefined))),
            save: () => Effect.void,
          },
        )
      }),
    ))

  it("is ordered about although the store never answers", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        yield* life(
          Job.layer({ name: "tick", every: { fixed: "1 minute" }, run: note }),
          Effect.flatMap(Jobs.Jobs, (jobs) => Effect.zipRight(jobs.run("tick"), jobs.pause("tick"))),
          { load: () => Effect.never, save: () => Effect.never },
        )
        expect(yield* all).toEqual(["03-01T10:00:05"])
      }),
    ))

  it("is not run within a transaction: whoever waits would hold what it waits for", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const { all, note } = yield* log
        const within = Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const jobs = yield* Jobs.Jobs
          return told(yield* Effect.exit(sql.withTransaction(jobs.run("tick"))))
        })
        const answer = yield* life(
          Job.layer({ name: "tick", every: { fixed: "1 hour" }, run: note }),
          Effect.provide(within, Database.layerMemory),
          yield* JobStore.makeMemory,
        )
        expect(answer).toContain("The job “tick” is run within a transaction")
        expect(yield* all).toEqual([])
      }),
    ))

  it("takes no two jobs of one name, and no schedule that is none", () =>
    play(
      "2026-03-01T10:00:00Z",
      Effect.gen(function* () {
        const job = Job.layer({ name: "tick", every: { fixed: "1 minute" }, run: Effect.void })
        const twice = yield* Effect.exit(
          life(Layer.merge(job, Layer.fresh(job)), Effect.void, yield* JobStore.makeMemory),
        )
        expect(told(twice)).toBe("Two jobs are called “tick”: give each a name of its own")
        const wrong = yield* Effect.exit(
          life(
            Job.layer({ name: "tick", cron: "nonsense", run: Effect.void }),
            Effect.void,
            yield* JobStore.makeMemory,
          ),
        )
        expect(told(wrong)).toMatch(/job \S+: “nonsense” is no schedule/u)
      }),
    ))

  it.effect("works under TestClock", () =>
    Effect.gen(function* () {
      const ran = yield* Deferred.make<void>()
      const going = yield* Effect.fork(
        life(
          Job.layer({ name: "tick", every: { fixed: "5 minutes" }, run: Deferred.succeed(ran, undefined) }),
          Deferred.await(ran),
          yield* JobStore.makeMemory,
        ),
      )
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(going)
    }),
  )
})
