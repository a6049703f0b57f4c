import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck as fc, Fiber, Layer, Logger, TestClock } from "effect"
import * as Group from "../../src/supervise/Group.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const layer = Supervisor.layer().pipe(Layer.provideMerge(Timers.layer))

const after = <A>(millis: number, value: A) => Effect.delay(Effect.succeed(value), millis)

describe("Group", () => {
  it.effect("gives the results of all, by name and type", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Group.all({ one: after(10, 1), two: after(20, "2") }))
      yield* TestClock.adjust(20)
      const { one, two } = yield* Fiber.join(fiber)
      expect(one + two.length).toBe(2)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("ends with the first failure, when the others have ended", () =>
    Effect.gen(function* () {
      const ended: Array<string> = []
      const tidy = Effect.onInterrupt(Effect.never, () =>
        Effect.delay(
          Effect.sync(() => ended.push("tidied")),
          50,
        ),
      )
      const fiber = yield* Effect.fork(
        Effect.flip(Group.all({ slow: tidy, bad: Effect.delay(Effect.fail("no" as const), 10) })),
      )
      yield* TestClock.adjust(10)
      expect(fiber.unsafePoll()).toBe(null)
      yield* TestClock.adjust(50)
      expect(yield* Fiber.join(fiber)).toBe("no")
      expect(ended).toEqual(["tidied"])
      expect(yield* (yield* Supervisor.Supervisor).roster).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("collects what each has ended with", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        Group.collect({ good: after(10, 1), bad: Effect.fail("no"), worse: Effect.die("oh") }),
      )
      yield* TestClock.adjust(10)
      const { bad, good, worse } = yield* Fiber.join(fiber)
      expect(good).toEqual(Exit.succeed(1))
      expect(bad).toEqual(Exit.fail("no"))
      expect(Exit.isFailure(worse) && Cause.isDie(worse.cause)).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("lists each child under its parent; to cancel one leaves the others", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const parent = yield* supervisor.fork(
        { kind: "command", name: "welcome", userId: "42" },
        Group.collect({ message: after(10, "hi"), roles: Effect.never }),
      )
      yield* TestClock.adjust(0)
      const [own, ...children] = yield* supervisor.roster
      expect(children).toMatchObject([
        { kind: "child", name: "welcome: message", userId: "42", ownerId: own!.id },
        { kind: "child", name: "welcome: roles", userId: "42", ownerId: own!.id },
      ])
      yield* supervisor.cancel(children[1]!.id, "admin")
      yield* TestClock.adjust(10)
      const { message, roles } = yield* Fiber.join(parent)
      expect(message).toEqual(Exit.succeed("hi"))
      expect(Exit.isInterrupted(roles)).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("is begun within the grace too, by what runs", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const task = yield* supervisor.fork(
        { kind: "listener", name: "join" },
        Effect.delay(Group.all({ one: after(1_000, 1), two: after(2_000, 2) }), "1 second"),
      )
      const draining = yield* Effect.fork(supervisor.drain("5 seconds"))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(draining)
      expect(yield* Fiber.join(task)).toEqual({ one: 1, two: 2 })
    }).pipe(Effect.provide(layer)),
  )

  it.effect("takes its children along when it is interrupted, and starts none once the bot stops", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const fiber = yield* Effect.fork(
        Group.collect({ one: Effect.never, two: Effect.never }, { concurrency: 1 }),
      )
      yield* TestClock.adjust(0)
      expect(yield* supervisor.roster).toHaveLength(1)
      yield* Fiber.interrupt(fiber)
      expect(yield* supervisor.roster).toEqual([])
      yield* supervisor.drain(0)
      expect(Exit.isInterrupted(yield* Effect.exit(Group.all({ one: Effect.void })))).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.prop(
    "runs no more at once than it may, and leaves nobody behind whatever happens",
    {
      children: fc.array(fc.record({ millis: fc.integer({ min: 0, max: 9 }), fails: fc.boolean() }), {
        maxLength: 8,
      }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      together: fc.boolean(),
      stopAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    },
    ({ children, concurrency, stopAt, together }) => {
      let running = 0
      let most = 0
      let failed = false
      let late = false
      const work = ({ fails, millis }: (typeof children)[number], n: number) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            most = Math.max(most, ++running)
            late ||= failed
          }),
          () => Effect.delay(fails ? Effect.fail(n) : Effect.succeed(n), millis),
          () =>
            Effect.delay(
              Effect.sync(() => running--),
              1,
            ),
        ).pipe(
          Effect.tapError(() =>
            Effect.sync(() => {
              failed = true
            }),
          ),
        )
      const all = Object.fromEntries(children.map((one, n) => [`c${n}`, work(one, n)]))
      const program = Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        const group: Effect.Effect<object, number, Supervisor.Supervisor> = together
          ? Group.all(all, { concurrency })
          : Group.collect(all, { concurrency })
        const fiber = yield* Effect.fork(group)
        if (stopAt !== undefined) {
          yield* Effect.sleep(stopAt)
          yield* Fiber.interrupt(fiber)
        }
        const exit = yield* Fiber.await(fiber)
        expect(running).toBe(0)
        expect(most).toBeLessThanOrEqual(concurrency)
        // Who had not begun when one failed never begins.
        if (together) expect(late).toBe(false)
        expect(yield* supervisor.roster).toEqual([])
        if (stopAt === undefined) {
          expect(Exit.isSuccess(exit)).toBe(!together || children.every(({ fails }) => !fails))
          if (Exit.isSuccess(exit)) expect(Object.keys(exit.value)).toEqual(Object.keys(all))
        }
      })
      const { exit } = VirtualClock.runSync(
        Effect.provide(program, Layer.provideMerge(layer, Logger.remove(Logger.defaultLogger))),
      )
      if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    },
    { fastCheck: { numRuns: 200 } },
  )
})
