import { describe, expect, it } from "@effect/vitest"
import {
  Cause,
  Effect,
  Exit,
  FastCheck as fc,
  Fiber,
  Layer,
  Logger,
  Schedule,
  Scope,
  TestClock,
} from "effect"
import * as Inbox from "../../src/supervise/Inbox.js"
import { Lanes } from "../../src/supervise/inbox/Lanes.js"
import * as Shutdown from "../../src/supervise/Shutdown.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const layer = Layer.mergeAll(Shutdown.layer, Supervisor.layer()).pipe(Layer.provideMerge(Timers.layer))

const withLog = () => {
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => {
    lines.push(String(message))
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

/** An inbox whose work takes a second, and what was worked on. */
const slow = (options: Partial<Inbox.Options<string, string, never>> = {}) =>
  Effect.gen(function* () {
    const done: Array<string> = []
    const inbox = yield* Inbox.make<string, string, never>({
      name: "test",
      capacity: 2,
      handle: (item) =>
        Effect.delay(
          Effect.sync(() => done.push(item)),
          "1 second",
        ),
      ...options,
    })
    return { done, inbox }
  })

describe("Inbox", () => {
  it.scoped("takes what it has room for at once, and works on it in order", () =>
    Effect.gen(function* () {
      const { done, inbox } = yield* slow()
      expect(["a", "b", "c", "d"].map(inbox.offer)).toEqual([true, true, true, false])
      yield* TestClock.adjust("2 seconds")
      expect(done).toEqual(["a", "b"])
      expect(inbox.stats()).toEqual({
        taken: 4,
        running: 1,
        done: 2,
        failed: 0,
        dropped: 1,
        depth: 0,
        oldestMillis: 0,
      })
      yield* TestClock.adjust("1 second")
      yield* inbox.idle
      expect(done).toEqual(["a", "b", "c"])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("drops the oldest, where it is told to", () =>
    Effect.gen(function* () {
      const { done, inbox } = yield* slow({ overflow: "drop oldest" })
      expect(["a", "b", "c", "d"].map(inbox.offer)).toEqual([true, true, true, true])
      yield* TestClock.adjust("3 seconds")
      expect(done).toEqual(["a", "c", "d"])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("lets whoever puts wait for room, first come, first served", () =>
    Effect.gen(function* () {
      const { done, inbox } = yield* slow({ capacity: 1, overflow: "backpressure" })
      const order: Array<string> = []
      const put = (item: string) => Effect.tap(inbox.put(item), () => Effect.sync(() => order.push(item)))
      const fibers = yield* Effect.forEach(["a", "b", "c", "d", "e"], (item) => Effect.fork(put(item)))
      yield* TestClock.adjust(0)
      expect(order).toEqual(["a", "b"])
      // Who comes now would overtake those that wait.
      expect(inbox.offer("x")).toBe(false)
      yield* Fiber.interrupt(fibers[2]!)
      yield* TestClock.adjust("1 second")
      expect(order).toEqual(["a", "b", "d"])
      yield* TestClock.adjust("3 seconds")
      expect(done).toEqual(["a", "b", "d", "e"])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("works on several at once, on those of one key one after the other", () =>
    Effect.gen(function* () {
      const { done, inbox } = yield* slow({
        capacity: 9,
        concurrency: 3,
        key: (item) => item.slice(0, 1),
      })
      for (const item of ["a1", "a2", "b1", "a3", "c1", "b2"]) inbox.offer(item)
      yield* TestClock.adjust("1 second")
      // Within one moment in any order.
      expect(done.toSorted()).toEqual(["a1", "b1", "c1"])
      yield* TestClock.adjust("1 second")
      expect(done.slice(3).toSorted()).toEqual(["a2", "b2"])
      yield* TestClock.adjust("1 second")
      expect(done.slice(5)).toEqual(["a3"])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("reports what fails, after its retries, and goes on", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const tried: Array<string> = []
      const { inbox } = yield* slow({
        capacity: 9,
        retry: Schedule.recurs(2),
        handle: (item) =>
          Effect.suspend(() => {
            tried.push(item)
            return item === "bad" ? Effect.fail("no") : item === "worse" ? Effect.die("oh") : Effect.void
          }),
      })
      for (const item of ["bad", "worse", "good"]) inbox.offer(item)
      yield* inbox.idle
      expect(tried).toEqual(["bad", "bad", "bad", "worse", "good"])
      expect(inbox.stats()).toMatchObject({ done: 1, failed: 2 })
      expect(log.lines).toEqual(Array.from({ length: 2 }, () => "inbox test: the work on an item failed"))
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.scoped("says that it drops once a minute, with how many", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const { inbox } = yield* slow({ capacity: 1, handle: () => Effect.never })
      for (let n = 0; n < 12; n++) inbox.offer("x")
      yield* TestClock.adjust("1 minute")
      inbox.offer("x")
      expect(log.lines.filter((line) => line.includes("drops"))).toEqual([
        "inbox test drops what it has no room for: 1 since it last said so",
        "inbox test drops what it has no room for: 10 since it last said so",
      ])
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.scoped("is on the roster while it works; one that is cancelled there leaves the rest", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const { done, inbox } = yield* slow()
      expect(yield* supervisor.roster).toEqual([])
      inbox.offer("a")
      inbox.offer("b")
      yield* TestClock.adjust(0)
      const [entry] = yield* supervisor.roster
      expect(entry).toMatchObject({ kind: "inbox", name: "test" })
      yield* supervisor.cancel(entry!.id, "admin")
      yield* TestClock.adjust("1 second")
      expect(done).toEqual(["b"])
      expect(inbox.stats()).toMatchObject({ done: 1, failed: 1, running: 0 })
      expect(yield* supervisor.roster).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("takes nothing more at shutdown, and works on what it has", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.Shutdown
      const { done, inbox } = yield* slow()
      inbox.offer("a")
      inbox.offer("b")
      const down = yield* Effect.fork(shutdown.run("25 seconds"))
      yield* TestClock.adjust("1 second")
      expect(inbox.offer("late")).toBe(false)
      expect(yield* inbox.put("later")).toBe(false)
      yield* TestClock.adjust("1 second")
      const results = yield* Fiber.join(down)
      expect(done).toEqual(["a", "b"])
      expect(results.map(({ detail, name, outcome, phase }) => ({ detail, name, outcome, phase }))).toEqual([
        { name: "inbox test", phase: "intake", outcome: "done", detail: undefined },
        { name: "inbox test", phase: "drain", outcome: "done", detail: undefined },
      ])
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("works off what waits for its key when the bot takes nothing new any more", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.Shutdown
      const { close } = yield* Supervisor.Supervisor
      yield* shutdown.register({ name: "new commands", phase: "intake", run: close })
      const { done, inbox } = yield* slow({ capacity: 9, concurrency: 3, key: () => "one" })
      const items = ["a", "b", "c", "d"]
      for (const item of items) inbox.offer(item)
      const down = yield* Effect.fork(shutdown.run("25 seconds"))
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(down)
      expect(done).toEqual(items)
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("says what it drops, where nothing is begun any more", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const shutdown = yield* Shutdown.Shutdown
      const { drain } = yield* Supervisor.Supervisor
      const { inbox } = yield* slow({ capacity: 9 })
      for (const item of ["a", "b", "c"]) inbox.offer(item)
      yield* shutdown.register({ name: "all", phase: "intake", run: drain(0) })
      yield* shutdown.run("25 seconds")
      expect(inbox.stats()).toMatchObject({ failed: 1, dropped: 2, depth: 0, running: 0 })
      expect(log.lines).toContain("inbox test ends and drops what still waited: 2")
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.scoped("throws at whoever puts what has no key, and keeps neither the others nor the count", () =>
    Effect.gen(function* () {
      const { done, inbox } = yield* slow({
        capacity: 1,
        overflow: "backpressure",
        key: (item) => {
          if (item === "bad") throw new Error("no key")
          return item
        },
      })
      const fibers = yield* Effect.forEach(["a", "b", "bad", "c"], (item) => Effect.fork(inbox.put(item)))
      yield* TestClock.adjust("3 seconds")
      expect(Exit.isFailure(yield* Fiber.await(fibers[2]!))).toBe(true)
      expect(() => inbox.offer("bad")).toThrow("no key")
      expect(done).toEqual(["a", "b", "c"])
      expect(inbox.stats()).toMatchObject({ taken: 3, done: 3, depth: 0, running: 0 })
    }).pipe(Effect.provide(layer)),
  )

  it.scoped("drops at shutdown what takes too long, and says how much", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.Shutdown
      const { inbox } = yield* slow({ capacity: 9, drainWithin: "2500 millis" })
      for (const item of ["a", "b", "c", "d", "e"]) inbox.offer(item)
      const down = yield* Effect.fork(shutdown.run("25 seconds"))
      yield* TestClock.adjust("3 seconds")
      const results = yield* Fiber.join(down)
      expect(results[1]).toMatchObject({ outcome: "done", detail: "2 dropped, 1 cut short" })
      expect(inbox.stats()).toMatchObject({ taken: 5, done: 2, failed: 1, dropped: 2, depth: 0, running: 0 })
    }).pipe(Effect.provide(layer)),
  )

  it.scoped(
    "ends with its scope: what waits is dropped, what runs is interrupted, whoever puts is told",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const { inbox } = yield* Scope.extend(slow({ capacity: 1, overflow: "backpressure" }), scope)
        inbox.offer("a")
        inbox.offer("b")
        const putting = yield* Effect.fork(inbox.put("c"))
        yield* TestClock.adjust(0)
        yield* Scope.close(scope, Exit.void)
        expect(yield* Fiber.join(putting)).toBe(false)
        expect(inbox.stats()).toMatchObject({ taken: 2, failed: 1, dropped: 1, depth: 0, running: 0 })
        expect(yield* (yield* Supervisor.Supervisor).roster).toEqual([])
      }).pipe(Effect.provide(layer)),
  )

  it.scoped("has room for one for each consumer that is free, beyond its capacity", () =>
    Effect.gen(function* () {
      const { inbox } = yield* slow({ capacity: 1, concurrency: 3 })
      expect(["a", "b", "c", "d", "e"].map(inbox.offer)).toEqual([true, true, true, true, false])
    }).pipe(Effect.provide(layer)),
  )

  const overflow = fc.constantFrom<Inbox.Overflow>("drop newest", "drop oldest", "backpressure")
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant("offer" as const),
        key: fc.integer({ min: 0, max: 2 }),
        millis: fc.integer({ min: 0, max: 30 }),
        end: fc.constantFrom("well", "fail", "die", "interrupt"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant("put" as const),
        key: fc.integer({ min: 0, max: 2 }),
        millis: fc.integer({ min: 0, max: 30 }),
        end: fc.constant("well"),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ op: fc.constant("pass" as const), millis: fc.integer({ min: 0, max: 40 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constantFrom("cancel" as const, "giveUp" as const, "shutdown" as const, "close" as const),
      }),
    },
  )

  it.prop(
    "whatever is offered, fails, is cancelled or closed: counts add up, keys keep their order, nothing is done twice",
    {
      capacity: fc.integer({ min: 1, max: 4 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
      keyed: fc.boolean(),
      overflow,
      steps: fc.array(step, { maxLength: 40 }),
    },
    ({ capacity, concurrency, keyed, overflow, steps }) => {
      interface Job {
        readonly id: number
        readonly key: number
        readonly millis: number
        readonly end: string
      }
      const program = Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        const shutdown = yield* Shutdown.Shutdown
        const scope = yield* Scope.make()
        const begun: Array<Job> = []
        const working = new Set<Job>()
        let most = 0
        let overlapped = false
        const inbox = yield* Scope.extend(
          Inbox.make<Job, string, never>({
            name: "test",
            capacity,
            concurrency,
            overflow,
            ...(keyed ? { key: (job: Job) => String(job.key) } : {}),
            drainWithin: 25,
            handle: (job) =>
              Effect.acquireUseRelease(
                Effect.sync(() => {
                  begun.push(job)
                  if (keyed && [...working].some(({ key }) => key === job.key)) overlapped = true
                  working.add(job)
                  most = Math.max(most, working.size)
                }),
                () =>
                  Effect.zipRight(
                    Effect.sleep(job.millis),
                    job.end === "well"
                      ? Effect.void
                      : job.end === "fail"
                        ? Effect.fail("no")
                        : job.end === "die"
                          ? Effect.die("oh")
                          : Effect.interrupt,
                  ),
                () => Effect.sync(() => working.delete(job)),
              ),
          }),
          scope,
        )
        let nextId = 0
        let came = 0
        const puts: Array<Fiber.RuntimeFiber<boolean>> = []
        const check = () => {
          const { depth, done, dropped, failed, running, taken } = inbox.stats()
          expect(taken).toBe(done + failed + dropped + depth + running)
          expect(depth).toBeLessThanOrEqual(capacity)
          expect(running).toBeLessThanOrEqual(concurrency)
        }
        for (const one of steps) {
          switch (one.op) {
            case "offer":
              if (inbox.offer({ id: nextId++, key: one.key, millis: one.millis, end: one.end })) came++
              break
            case "put":
              puts.push(
                yield* Effect.fork(
                  inbox.put({ id: nextId++, key: one.key, millis: one.millis, end: one.end }),
                ),
              )
              yield* Effect.yieldNow()
              break
            case "pass":
              yield* Effect.sleep(one.millis)
              break
            case "cancel":
              for (const { id } of (yield* supervisor.roster).slice(0, 1))
                yield* supervisor.cancel(id, "admin")
              break
            case "giveUp":
              for (const fiber of puts.splice(0, 1)) yield* Fiber.interrupt(fiber)
              break
            case "shutdown":
              yield* Effect.fork(shutdown.run("25 seconds"))
              break
            case "close":
              yield* Scope.close(scope, Exit.void)
          }
          check()
        }
        yield* Effect.sleep("1 minute")
        check()
        const stats = inbox.stats()
        expect(stats).toMatchObject({ depth: 0, running: 0 })
        expect(stats.taken).toBeGreaterThanOrEqual(came)
        expect(new Set(begun.map(({ id }) => id)).size).toBe(begun.length)
        expect(begun.length).toBeLessThanOrEqual(stats.done + stats.failed)
        expect(most).toBeLessThanOrEqual(concurrency)
        expect(overlapped).toBe(false)
        expect(working.size).toBe(0)
        for (const key of [0, 1, 2]) {
          const ids = begun.filter((job) => job.key === key).map(({ id }) => id)
          if (keyed || concurrency === 1) expect(ids).toEqual([...ids].sort((a, b) => a - b))
        }
        expect(yield* supervisor.roster).toEqual([])
        yield* Scope.close(scope, Exit.void)
        for (const fiber of puts) expect(Exit.isSuccess(yield* Fiber.await(fiber))).toBe(true)
      })
      const exit = VirtualClock.runSync(
        Effect.provide(program, Layer.provideMerge(layer, Logger.remove(Logger.defaultLogger))),
      ).exit
      if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    },
    { fastCheck: { numRuns: 200 } },
  )
})

describe("Lanes", () => {
  it.prop(
    "gives every item once, those of one key in order, and forgets the keys",
    {
      moves: fc.array(
        fc.tuple(fc.constantFrom("add", "take", "release", "drop"), fc.integer({ min: 0, max: 3 })),
      ),
    },
    ({ moves }) => {
      const lanes = new Lanes<number>()
      const taken: Array<NonNullable<ReturnType<typeof lanes.take>>> = []
      const out: Array<number> = []
      let added = 0
      for (const [move, key] of moves) {
        if (move === "add") lanes.add(added++, 0, key === 3 ? undefined : String(key))
        if (move === "drop") {
          const dropped = lanes.dropOldest()
          if (dropped !== undefined) out.push(dropped)
        }
        if (move === "take") {
          const item = lanes.take()
          if (item !== undefined) {
            const keys = taken.map(({ lane }) => lane?.key)
            if (item.lane !== undefined) expect(keys).not.toContain(item.lane.key)
            taken.push(item)
            out.push(item.value)
          }
        }
        if (move === "release") {
          const item = taken.shift()
          if (item !== undefined) lanes.release(item)
        }
        expect(out.length + lanes.size()).toBe(added)
      }
      for (const item of taken) lanes.release(item)
      for (let item = lanes.take(); item !== undefined; item = lanes.take()) {
        out.push(item.value)
        lanes.release(item)
      }
      expect([...out].sort((a, b) => a - b)).toEqual(Array.from({ length: added }, (_, n) => n))
      expect(lanes.keys()).toBe(0)
    },
  )
})
