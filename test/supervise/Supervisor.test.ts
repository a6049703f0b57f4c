import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Deferred, Effect, Exit, Fiber, Layer, Logger, TestClock } from "effect"
import * as Database from "../../src/resource/Database.js"
import * as Door from "../../src/supervise/Door.js"
import * as Roster from "../../src/supervise/Roster.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

const layer = Supervisor.layer().pipe(Layer.provideMerge(Timers.layer))
const origin = { kind: "test", name: "sleeper" }

/** The task that a fiber runs as. */
const current = Effect.flatMap(Effect.serviceOption(Roster.CurrentTask), Effect.orDie)

const withLog = () => {
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => {
    lines.push(String(message))
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

describe("Supervisor", () => {
  it.effect("lists what runs, since when, and forgets it at its end", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      yield* TestClock.adjust("1 minute")
      const fiber = yield* supervisor.fork({ ...origin, userId: "42" }, Effect.sleep("10 seconds"))
      expect(yield* supervisor.roster).toMatchObject([
        { kind: "test", name: "sleeper", userId: "42", startedAt: 60_000, state: "running" },
      ])
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(fiber)
      expect(yield* supervisor.roster).toEqual([])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("reports a failure and touches no other", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const other = yield* supervisor.fork(origin, Effect.as(Effect.sleep("1 second"), "fine"))
      const failing = yield* supervisor.fork({ kind: "test", name: "loser" }, Effect.fail("no"))
      expect(Exit.isFailure(yield* Fiber.await(failing))).toBe(true)
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(other)).toBe("fine")
      expect(log.lines).toContain("test loser failed")
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.effect("names what has run for long, once", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      yield* supervisor.fork(origin, Effect.never)
      yield* TestClock.adjust("29 seconds")
      expect(log.lines).toEqual([])
      yield* TestClock.adjust("5 minutes")
      expect(log.lines).toEqual(["test sleeper has run for 30 s"])
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.effect("does not name a task that waits for a person, until it has gone on for long", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      yield* supervisor.fork(
        origin,
        Effect.flatMap(current, (task) =>
          Effect.acquireUseRelease(
            Effect.sync(() => supervisor.pause(task)),
            () => Effect.sleep("2 minutes"),
            () => Effect.sync(() => supervisor.resume(task)),
          ),
        ).pipe(Effect.zipRight(Effect.never)),
      )
      yield* TestClock.adjust("2 minutes")
      expect(log.lines).toEqual([])
      yield* TestClock.adjust("1 minute")
      expect(log.lines).toHaveLength(1)
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.effect("neither names what is in the background nor waits for it, and lists it as that", () => {
    const log = withLog()
    return Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const fiber = yield* supervisor.fork({ ...origin, background: true, ownerId: 7 }, Effect.never)
      yield* TestClock.adjust("5 minutes")
      expect(log.lines).toEqual([])
      expect(supervisor.busy()).toBe(0)
      expect(yield* supervisor.roster).toMatchObject([{ kind: "test", background: true, ownerId: 7 }])
      yield* supervisor.drain("1 hour")
      expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
    }).pipe(Effect.provide(Layer.provideMerge(layer, log.layer)))
  })

  it.effect("is escalated once, by whoever comes first", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const ended = yield* Effect.fork(Effect.flip(supervisor.escalated))
      yield* supervisor.escalate(new Supervisor.Escalated({ service: "one", reason: "it ended" }))
      yield* supervisor.escalate(new Supervisor.Escalated({ service: "two", reason: "it ended" }))
      expect((yield* Fiber.join(ended)).message).toBe("The service one was given up: it ended")
    }).pipe(Effect.provide(layer)),
  )

  it.effect("tells each fiber its own task", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const own = Effect.map(current, ({ name }) => name)
      const outer = yield* supervisor.fork(
        { kind: "test", name: "outer" },
        Effect.zip(own, Effect.flatMap(supervisor.fork({ kind: "test", name: "inner" }, own), Fiber.join)),
      )
      expect(yield* Fiber.join(outer)).toEqual(["outer", "inner"])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("cancels by id", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const fiber = yield* supervisor.fork(origin, Effect.never)
      const [entry] = yield* supervisor.roster
      expect(yield* supervisor.cancel(entry!.id, "admin")).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
      expect(yield* supervisor.cancel(entry!.id, "admin")).toBe(false)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("ends a task once, however often it is told to", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const entered = { ...origin, userId: undefined, guildId: undefined, channelId: undefined }
      const told: Array<string> = []
      const own = supervisor.start(
        entered,
        yield* Effect.runtime<never>(),
        Effect.uninterruptible(Effect.sleep("1 minute")),
        (_, self) => supervisor.release(self),
        (entry) => {
          entry.cancel = (reason) => told.push(reason)
        },
      )!
      const wait = supervisor.park({
        name: "a word",
        userId: undefined,
        guildId: undefined,
        channelId: undefined,
        owner: own,
        cancel: (reason) => told.push(`wait ${reason}`),
      })!
      for (const { id } of [own, wait, own, wait]) expect(yield* supervisor.cancel(id, "admin")).toBe(true)
      const draining = yield* Effect.fork(supervisor.drain(0))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(draining)
      expect(told).toEqual(["admin", "wait admin"])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("does not cut a finalizer short that another cancel finds at work", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      let finished = false
      const goodbye = Effect.sync(() => {
        finished = true
      }).pipe(Effect.delay("2 seconds"), Effect.interruptible, Effect.timeoutOption("10 seconds"))
      const fiber = yield* supervisor.fork(
        origin,
        Effect.onInterrupt(Effect.never, () => goodbye),
      )
      const [entry] = yield* supervisor.roster
      yield* supervisor.cancel(entry!.id, "admin")
      yield* TestClock.adjust("1 second")
      yield* supervisor.cancel(entry!.id, "admin")
      const draining = yield* Effect.fork(supervisor.drain(0))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(draining)
      expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
      expect(finished).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("drains: what ends within the grace ends well, the rest is interrupted, nothing new starts", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const quick = yield* supervisor.fork(origin, Effect.as(Effect.sleep("2 seconds"), "done"))
      const slow = yield* supervisor.fork(origin, Effect.sleep("1 hour"))
      const draining = yield* Effect.fork(supervisor.drain("5 seconds"))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(draining)
      expect(yield* Fiber.join(quick)).toBe("done")
      expect(Exit.isInterrupted(yield* Fiber.await(slow))).toBe(true)
      expect(Exit.isInterrupted(yield* Effect.exit(supervisor.fork(origin, Effect.void)))).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("closed, takes nothing new in, while what runs may fork until the grace is over", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const parts: Array<string> = []
      const fork = (name: string, effect: Effect.Effect<unknown>) =>
        supervisor.fork(
          origin,
          Effect.zipRight(
            effect,
            Effect.sync(() => parts.push(name)),
          ),
        )
      const busy = yield* supervisor.fork(
        origin,
        Effect.delay(fork("quick", Effect.sleep("1 second")), "1 second"),
      )
      const late = yield* supervisor.fork(
        origin,
        Effect.onInterrupt(Effect.never, () => fork("late", Effect.void)),
      )
      yield* supervisor.close
      expect(Exit.isInterrupted(yield* Effect.exit(fork("fresh", Effect.void)))).toBe(true)
      const draining = yield* Effect.fork(supervisor.drain("5 seconds"))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(draining)
      expect(Exit.isSuccess(yield* Fiber.await(busy))).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(late))).toBe(true)
      expect(parts).toEqual(["quick"])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("keeps what is forked out of its caller's transaction", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const supervisor = yield* Supervisor.Supervisor
      yield* sql`CREATE TABLE notes (text TEXT)`
      const note = (text: string) => sql`INSERT INTO notes VALUES (${text})`
      const forked = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
      const transaction = note("its own").pipe(
        Effect.zipRight(supervisor.fork(origin, note("of the fork"))),
        Effect.flatMap((fiber) => Deferred.succeed(forked, fiber)),
        Effect.zipRight(Effect.fail("rolled back")),
      )
      expect(yield* Effect.flip(sql.withTransaction(transaction))).toBe("rolled back")
      yield* Effect.flatMap(Deferred.await(forked), Fiber.join)
      expect(yield* sql`SELECT text FROM notes`).toEqual([{ text: "of the fork" }])
    }).pipe(Effect.provide(Layer.merge(layer, Database.layerMemory))),
  )

  it.effect("ends its fibers with its scope", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        yield* supervisor.fork(
          origin,
          Deferred.succeed(started, undefined).pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined)),
          ),
        )
        yield* Deferred.await(started)
      }).pipe(Effect.provide(layer))
      expect(yield* Deferred.isDone(ended)).toBe(true)
    }),
  )
})

describe("Door", () => {
  it.effect("runs effects for foreign callbacks, on the roster, until the bot ends", () =>
    Effect.gen(function* () {
      const settled: Array<string> = []
      yield* Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        const door = yield* Door.make()
        expect(yield* Effect.promise(() => door.run("sum", Effect.succeed(2)))).toBe(2)
        const refused = door.run("bad", Effect.fail("no")).catch(String)
        expect(yield* Effect.promise(() => refused)).toBe("no")
        const controller = new AbortController()
        const aborted = door.run("gone", Effect.never, { signal: controller.signal })
        controller.abort()
        expect(yield* Effect.promise(() => aborted.catch((error: Error) => error.message))).toContain(
          "gone did not finish",
        )
        door.run("late", Effect.never).catch((error: Error) => settled.push(error.message))
        expect((yield* supervisor.roster).map(({ name }) => name)).toEqual(["late"])
      }).pipe(Effect.provide(layer))
      yield* Effect.promise(() => Promise.resolve())
      yield* Effect.yieldNow()
      expect(settled).toEqual(["late did not finish: the bot has stopped or it was cancelled"])
    }),
  )
})
