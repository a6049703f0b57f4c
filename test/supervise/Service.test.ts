import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck as fc, Layer, Logger, Ref, Schedule, Scope, TestClock } from "effect"
import * as Alarm from "../../src/supervise/Alarm.js"
import * as Service from "../../src/supervise/Service.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const layer = Alarm.layer.pipe(
  Layer.provideMerge(Supervisor.layer()),
  Layer.provideMerge(Timers.layer),
  Layer.provide(Logger.remove(Logger.defaultLogger)),
)

/** What is raised. */
const raised = Effect.gen(function* () {
  const alarm = yield* Alarm.Alarm
  const notices: Array<string> = []
  yield* alarm.listen(({ about, text }) => Effect.sync(() => notices.push(`${about}: ${text}`)))
  return notices
})

const doing = Effect.gen(function* () {
  const supervisor = yield* Supervisor.Supervisor
  return (yield* supervisor.roster).filter(({ kind }) => kind === "service").map((one) => one.doing)
})

/** Fails after each of the times, then runs for ever. */
const failingAfter = (...times: ReadonlyArray<number>) =>
  Effect.map(Ref.make(0), (runs) => ({
    runs: Ref.get(runs),
    run: Effect.flatMap(
      Ref.getAndUpdate(runs, (n) => n + 1),
      (n) =>
        Effect.suspend(() =>
          times[n] === undefined ? Effect.never : Effect.delay(Effect.fail("lost"), times[n]),
        ),
    ),
  }))

describe("Service", () => {
  it.scoped("runs in the background, and says on the roster what it is at", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const { run } = yield* failingAfter(500, 500)
      yield* Service.make({ name: "feed", run, restart: Schedule.spaced("2 seconds") })
      yield* TestClock.adjust(0)
      expect(yield* supervisor.roster).toMatchObject([{ kind: "service", name: "feed", background: true }])
      expect(supervisor.busy()).toBe(0)
      expect(yield* doing).toEqual(["running"])
      yield* TestClock.adjust("600 millis")
      expect(yield* doing).toEqual(["backing off, restarted once"])
      yield* TestClock.adjust("2 seconds")
      expect(yield* doing).toEqual(["running, restarted once"])
      yield* TestClock.adjust("3 seconds")
      expect(yield* doing).toEqual(["running, restarted 2 times"])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("is restarted also when it ends, dies, or is cancelled", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      let runs = 0
      yield* Service.make({
        name: "feed",
        restart: Schedule.spaced("1 second"),
        run: Effect.suspend(() => {
          runs++
          return runs === 1 ? Effect.void : runs === 2 ? Effect.die("oh") : Effect.never
        }),
      })
      yield* TestClock.adjust("2 seconds")
      expect(runs).toBe(3)
      for (const { id } of yield* supervisor.roster) yield* supervisor.cancel(id, "admin")
      yield* TestClock.adjust("1 second")
      expect(runs).toBe(4)
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("is given up when it is restarted too often: an alarm, and what was to be done", () =>
    Effect.gen(function* () {
      const notices = yield* raised
      const { run, runs } = yield* failingAfter(...Array.from({ length: 9 }, () => 1_000))
      const ends: Array<string> = []
      yield* Service.make({
        name: "feed",
        run,
        restart: Schedule.spaced("1 second"),
        intensity: { restarts: 2, within: "10 seconds" },
        onEscalate: (exit) =>
          Effect.sync(() => ends.push(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "")),
      })
      yield* TestClock.adjust("1 minute")
      expect(yield* runs).toBe(3)
      expect(ends).toEqual(["Error: lost"])
      expect(notices).toEqual([
        "service feed: given up: it was restarted 2 times within 10s, and ended again; it stays down until the bot is started again",
      ])
      expect(yield* doing).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("ends the bot, where the bot cannot do without it", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const ended = yield* Effect.fork(Effect.flip(supervisor.escalated))
      yield* Service.make({ name: "feed", run: Effect.fail("no"), restart: Schedule.stop, escalate: "stop" })
      yield* TestClock.adjust("1 minute")
      const why = yield* ended
      expect(why.message).toBe("The service feed was given up: its schedule has no further restart")
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("ends the bot also where what was to be done before never ends", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const notices = yield* raised
      const ended = yield* Effect.fork(Effect.flip(supervisor.escalated))
      yield* Service.make({
        name: "feed",
        run: Effect.fail("no"),
        restart: Schedule.stop,
        escalate: "stop",
        onEscalate: () => Effect.never,
      })
      yield* TestClock.adjust("10 seconds")
      expect((yield* ended).service).toBe("feed")
      expect(notices).toHaveLength(1)
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("begins its schedule anew once it has run for long", () =>
    Effect.gen(function* () {
      const notices = yield* raised
      const { run, runs } = yield* failingAfter(100, 100, 120_000, 100)
      yield* Service.make({
        name: "feed",
        run,
        restart: Schedule.recurs(2).pipe(Schedule.addDelay(() => "1 second")),
      })
      yield* TestClock.adjust("5 minutes")
      expect(yield* runs).toBe(5)
      expect(notices).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("ends with its scope and with the bot", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      let ends = 0
      const run = Effect.onInterrupt(Effect.never, () => Effect.sync(() => ends++))
      const scope = yield* Scope.make()
      yield* Scope.extend(Service.make({ name: "one", run }), scope)
      yield* Service.make({ name: "two", run })
      yield* TestClock.adjust(0)
      yield* Scope.close(scope, Exit.void)
      expect(ends).toBe(1)
      yield* supervisor.drain(0)
      yield* TestClock.adjust("1 minute")
      expect(ends).toBe(2)
      expect(yield* doing).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.prop(
    "never restarts more often within the time than its intensity allows",
    {
      restarts: fc.integer({ min: 0, max: 4 }),
      within: fc.integer({ min: 1, max: 60 }),
      pause: fc.integer({ min: 0, max: 20 }),
      lives: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }),
    },
    ({ lives, pause, restarts, within }) => {
      const begun: Array<number> = []
      const program = Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        let n = 0
        yield* Service.make({
          name: "feed",
          restart: Schedule.spaced(pause),
          intensity: { restarts, within },
          escalate: "stop",
          run: Effect.clockWith((clock) => {
            begun.push(clock.unsafeCurrentTimeMillis())
            const life = lives[n++]
            return life === undefined ? Effect.never : Effect.sleep(life)
          }),
        })
        yield* Effect.sleep("1 hour")
        const { message } = yield* Effect.timeoutTo(Effect.flip(supervisor.escalated), {
          duration: 1,
          onSuccess: (why) => ({ message: why.message }),
          onTimeout: () => ({ message: "" }),
        })
        return { message, runs: begun.length }
      })
      const { exit } = VirtualClock.runSync(Effect.scoped(program).pipe(Effect.provide(layer)))
      if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
      // Ends, and so the moments at which restarts are decided.
      const ends = begun.map((at, n) => at + (lives[n] ?? Infinity)).filter(Number.isFinite)
      let allowed = 0
      const recent: Array<number> = []
      for (const at of ends) {
        const within_ = recent.filter((one) => at - one < within)
        if (within_.length >= restarts) break
        recent.push(at)
        allowed++
      }
      expect(exit.value.runs).toBe(1 + allowed)
      expect(exit.value.message === "").toBe(exit.value.runs === lives.length + 1)
    },
  )
})
