import { describe, expect, it } from "@effect/vitest"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Clock, Effect, Exit, Fiber, Layer, Metric, Scope } from "effect"
import * as fc from "effect/FastCheck"
import * as Offload from "../../src/resource/Offload.js"
import * as Runner from "../../src/resource/offload/Runner.js"
import { Slots } from "../../src/resource/offload/Slots.js"
import * as Tasks from "./Tasks.js"

const live = <A, E>(name: string, effect: Effect.Effect<A, E, Offload.Offload>, options?: Offload.Options) =>
  it.live(name, () => Effect.provide(effect, Offload.layer({ threads: 2, memory: 64, ...options })), 60_000)

const failed = (reason: string, detail: RegExp) => ({
  _tag: "OffloadFailed",
  reason,
  detail: expect.stringMatching(detail),
})

describe("a task", () => {
  live(
    "goes over encoded and comes back decoded",
    Effect.gen(function* () {
      expect(yield* Offload.run(Tasks.double, 21)).toBe(42)
      expect(yield* Offload.run(Tasks.apart(Tasks.double), 4)).toBe(8)
      const answer = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, index) => index),
        (index) => Offload.run(Tasks.double, index),
        { concurrency: "unbounded" },
      )
      expect(answer).toEqual(answer.map((_, index) => index * 2))
    }),
  )

  live(
    "fails its caller when it throws, exits, or runs out of memory, and the next one runs",
    Effect.gen(function* () {
      const { run } = yield* Offload.Offload
      for (const isolation of ["thread", "process"] as const) {
        const inThere = <N extends string, I, IE, O, OE>(task: Offload.Task<N, I, IE, O, OE>) => ({
          ...task,
          isolation,
        })
        // One that does nothing wrong goes on beside all of them.
        const neighbour = yield* Effect.fork(run(inThere(Tasks.burn), 3_000))
        const fails = <I, IE, O, OE>(task: Offload.Task<string, I, IE, O, OE>, input: I) =>
          Effect.flip(run(inThere(task), input, { within: "20 seconds" }))
        expect(yield* fails(Tasks.fail, "error")).toMatchObject(
          failed("threw", /TypeError: the work is wrong/u),
        )
        expect(yield* fails(Tasks.fail, "null")).toMatchObject(failed("threw", /null/u))
        expect(yield* fails(Tasks.fail, "text")).toMatchObject(failed("threw", /just text/u))
        expect(yield* fails(Tasks.fail, "later")).toMatchObject(failed("threw", /rejected later/u))
        expect(yield* fails(Tasks.exit, 3)).toMatchObject(failed("exited", /3/u))
        expect(yield* fails(Tasks.swell, undefined)).toMatchObject(failed("memory", /memory/u))
        expect(yield* fails(Tasks.lost, undefined)).toMatchObject(failed("file", /no function named lost/u))
        expect(yield* fails(Tasks.nowhere, undefined)).toMatchObject(failed("file", /is not there/u))
        expect(yield* fails(Tasks.lie, "type")).toMatchObject(failed("output", /Expected number/u))
        expect(yield* fails(Tasks.lie, "function")).toMatchObject({ _tag: "OffloadFailed" })
        expect(yield* fails(Tasks.echo, () => 1)).toMatchObject(failed("input", /could not be cloned/u))
        expect(yield* run(inThere(Tasks.double), 1)).toBe(2)
        expect(yield* Fiber.join(neighbour)).toBeTypeOf("number")
      }
    }),
    { processes: 2 },
  )

  live(
    "that crashes its process fails alone",
    Effect.gen(function* () {
      const crashed = yield* Effect.flip(Offload.run(Tasks.apart(Tasks.crash), undefined))
      expect(crashed).toMatchObject(failed("exited", /SIGABRT/u))
      expect(yield* Offload.run(Tasks.apart(Tasks.pid), undefined)).not.toBe(process.pid)
    }),
  )

  it.scopedLive("that leaves a process behind frees its place, and keeps the pool from no end", () =>
    Effect.gen(function* () {
      const started = yield* Clock.currentTimeMillis
      const left = yield* Effect.gen(function* () {
        const error = yield* Effect.flip(Offload.run(Tasks.apart(Tasks.leave), undefined))
        expect(error).toMatchObject(failed("exited", /exited with 3: left \d+/u))
        expect(yield* Offload.run(Tasks.apart(Tasks.double), 1)).toBe(2)
        return Number(/left (\d+)/u.exec(String(error))?.[1])
      }).pipe(Effect.provide(Offload.layer({ processes: 1 })))
      expect((yield* Clock.currentTimeMillis) - started).toBeLessThan(10_000)
      // It is still there.
      expect(process.kill(left, "SIGKILL")).toBe(true)
    }),
  )

  live(
    "is not ended by the one before it in its process",
    Effect.gen(function* () {
      const before = yield* Offload.run(Tasks.apart(Tasks.brittle), undefined)
      const after = yield* Offload.run(Tasks.apart(Tasks.pid), undefined)
      expect(after).not.toBe(before)
      expect((yield* Offload.Offload).stats()).toMatchObject({ running: 0, waiting: 0 })
    }),
    { processes: 1 },
  )

  it.effect("for which there is no thread fails, and takes no place", () =>
    Effect.gen(function* () {
      const slots = new Slots(1, 0)
      const start = () => {
        throw new Error("spawn ENOMEM")
      }
      const request = { file: "", name: "", input: undefined }
      const run = Runner.run({ start, close: () => Promise.resolve() }, slots, request, () => "full")
      for (let round = 0; round < 2; round++)
        expect(yield* run).toMatchObject({
          ok: false,
          reason: "exited",
          detail: expect.stringContaining("could not be started: Error: spawn ENOMEM"),
        })
      expect(slots.running).toBe(0)
    }),
  )

  live(
    "never ends by itself, and is ended by its deadline and by interruption, for real",
    Effect.gen(function* () {
      const { run, stats } = yield* Offload.Offload
      const shared = new SharedArrayBuffer(4)
      const counter = new Int32Array(shared)
      const stands = Effect.gen(function* () {
        // Its place is free when its thread has ended.
        yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().running === 0 })
        const at = Atomics.load(counter, 0)
        expect(at).not.toBe(0)
        yield* Effect.sleep("50 millis")
        expect(Atomics.load(counter, 0)).toBe(at)
      })
      yield* run(Tasks.double, 1)
      const late = yield* Effect.flip(run(Tasks.count, shared, { within: "1 second" }))
      expect(late).toMatchObject({ _tag: "OffloadTimeout", task: "count", millis: 1_000 })
      yield* stands
      Atomics.store(counter, 0, 0)
      const fiber = yield* Effect.fork(run(Tasks.count, shared))
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => Atomics.load(counter, 0) > 0 })
      yield* Fiber.interrupt(fiber)
      yield* stands
      expect(yield* run(Tasks.double, 1)).toBe(2)
    }),
  )

  live(
    "in a process is killed by its deadline and by interruption",
    Effect.gen(function* () {
      const { run, stats } = yield* Offload.Offload
      const endless = Tasks.apart(Tasks.burn)
      const child = yield* run(Tasks.apart(Tasks.pid), undefined)
      expect(yield* Effect.flip(run(endless, 60_000, { within: "200 millis" }))).toMatchObject({
        _tag: "OffloadTimeout",
      })
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().running === 0 })
      // It was the one that was kept.
      expect(() => process.kill(child, 0)).toThrow(/ESRCH/u)
      const fiber = yield* Effect.fork(run(endless, 60_000))
      yield* Effect.sleep("200 millis")
      yield* Fiber.interrupt(fiber)
      expect(yield* run(Tasks.apart(Tasks.double), 1)).toBe(2)
    }),
  )

  live(
    "is not taken where as many wait as may wait",
    Effect.gen(function* () {
      const { run, stats } = yield* Offload.Offload
      const busy = yield* Effect.fork(run(Tasks.burn, 60_000))
      const waiting = yield* Effect.fork(run(Tasks.double, 2))
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().waiting === 1 })
      const refused = yield* Effect.flip(run(Tasks.double, 3))
      expect(refused).toMatchObject({ _tag: "OffloadOverloaded", task: "double", waiting: 1 })
      expect(refused).toHaveProperty("userText", "There is too much to do just now. Try again in a moment.")
      // Who waits has a deadline too.
      const next = yield* Effect.fork(Effect.flip(run(Tasks.double, 3, { within: "100 millis" })))
      yield* Fiber.interrupt(busy)
      expect(yield* Fiber.join(waiting)).toBe(4)
      yield* Fiber.interrupt(next)
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().running === 0 })
      expect(stats()).toMatchObject({ running: 0, waiting: 0 })
    }),
    { threads: 1, queue: 1 },
  )

  live(
    "carries bytes, few and many, and leaves those that it was given",
    Effect.gen(function* () {
      for (const size of [0, 10, 3_000_000]) {
        const made = yield* Offload.run(Tasks.bytes, size)
        expect(made.byteLength).toBe(size)
        expect(made.every((byte) => byte === 7)).toBe(true)
        const mine = new Uint8Array(size).fill(1)
        yield* Offload.run(Tasks.echo, mine)
        expect(mine.byteLength).toBe(size)
      }
      const apart = yield* Offload.run(Tasks.apart(Tasks.bytes), 100_000)
      expect(apart).toEqual(new Uint8Array(100_000).fill(7))
    }),
  )

  live(
    "is counted by its name and how it ended",
    Effect.gen(function* () {
      const counted = (outcome: string) =>
        Metric.value(
          Metric.counter("bosun_offload_tasks_total", {
            description: "Offloaded tasks by name and outcome",
            incremental: true,
          }).pipe(Metric.tagged("task", "fail"), Metric.tagged("outcome", outcome)),
        ).pipe(Effect.map(({ count }) => count))
      const before = yield* counted("threw")
      yield* Effect.flip(Offload.run(Tasks.fail, "text"))
      expect(yield* counted("threw")).toBe(before + 1)
    }),
  )
})

describe("a hundred tasks", () => {
  live(
    "that are cancelled at once leave nothing behind",
    Effect.gen(function* () {
      const { run, stats } = yield* Offload.Offload
      const fibers = yield* Effect.forEach(Array.from({ length: 100 }), (_, index) =>
        Effect.fork(run(Tasks.burn, index % 3 === 0 ? 60_000 : 1)),
      )
      yield* Effect.sleep("200 millis")
      yield* Fiber.interruptAll(fibers)
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().running === 0 })
      expect(stats()).toMatchObject({ running: 0, waiting: 0 })
      expect(yield* run(Tasks.double, 1)).toBe(2)
    }),
    { queue: 100 },
  )
})

describe("the pool", () => {
  it.live("has ended with its scope, with all that ran in it", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Offload.layer({ threads: 2 }), scope)
      const counter = new Int32Array(new SharedArrayBuffer(4))
      const run = <I, IE, O, OE>(task: Offload.Task<string, I, IE, O, OE>, input: I) =>
        Effect.provide(Offload.run(task, input), context)
      const kept = yield* run(Tasks.apart(Tasks.pid), undefined)
      const fiber = yield* Effect.fork(run(Tasks.count, counter.buffer))
      const waiting = yield* Effect.fork(run(Tasks.apart(Tasks.burn), 60_000))
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => Atomics.load(counter, 0) > 0 })
      yield* Scope.close(scope, Exit.void)
      expect(() => process.kill(kept, 0)).toThrow(/ESRCH/u)
      const at = Atomics.load(counter, 0)
      expect(at).not.toBe(0)
      yield* Effect.sleep("50 millis")
      expect(Atomics.load(counter, 0)).toBe(at)
      // Nobody is left waiting.
      expect(yield* Effect.flip(Fiber.join(fiber))).toMatchObject(failed("exited", /./u))
      expect(yield* Effect.flip(Fiber.join(waiting))).toMatchObject(failed("exited", /SIGKILL/u))
      expect(Exit.isInterrupted(yield* Effect.exit(run(Tasks.double, 1)))).toBe(true)
    }),
  )

  it.live.prop(
    "goes on after any mixture of tasks, and ends whole",
    {
      plan: fc.array(
        fc.record({
          task: fc.constantFrom("double" as const, "throws" as const, "exits" as const, "endless" as const),
          stopAfter: fc.option(fc.integer({ min: 0, max: 60 })),
          apart: fc.boolean(),
        }),
        { maxLength: 12 },
      ),
    },
    ({ plan }) =>
      Effect.gen(function* () {
        const { run, stats } = yield* Offload.Offload
        const outcomes = yield* Effect.forEach(
          plan,
          ({ apart, stopAfter, task }) => {
            const inThere = <N extends string, I, IE, O, OE>(task: Offload.Task<N, I, IE, O, OE>) =>
              apart ? Tasks.apart(task) : task
            const options = { within: "2 seconds" } as const
            const kinds: Readonly<Record<typeof task, Effect.Effect<unknown, Offload.OffloadError>>> = {
              double: run(inThere(Tasks.double), 1, options),
              throws: run(inThere(Tasks.fail), "error", options),
              exits: run(inThere(Tasks.exit), 1, options),
              endless: run(inThere(Tasks.burn), 60_000, { within: "50 millis" }),
            }
            const work = kinds[task]
            return stopAfter === null
              ? Effect.map(Effect.exit(work), (exit) => [task, exit] as const)
              : work.pipe(
                  Effect.fork,
                  Effect.tap(Effect.sleep(stopAfter)),
                  Effect.flatMap(Fiber.interrupt),
                  Effect.map((exit) => [task, exit] as const),
                )
          },
          { concurrency: "unbounded" },
        )
        for (const [task, exit] of outcomes) {
          if (Exit.isSuccess(exit)) expect([task, exit.value]).toEqual(["double", 2])
        }
        yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => stats().running === 0 })
        expect(yield* run(Tasks.double, 5)).toBe(10)
        expect(yield* run(Tasks.apart(Tasks.double), 5)).toBe(10)
        expect(stats()).toMatchObject({ running: 0, waiting: 0 })
      }).pipe(Effect.provide(Offload.layer({ threads: 2 }))),
    { fastCheck: { numRuns: 6 }, timeout: 60_000 },
  )

  it.live(
    "leaves the event loop alone while a task burns",
    () =>
      Effect.gen(function* () {
        yield* Offload.run(Tasks.double, 1)
        const measure = Effect.gen(function* () {
          const delay = monitorEventLoopDelay({ resolution: 1 })
          delay.enable()
          const burning = yield* Effect.fork(Offload.run(Tasks.burn, 1_000))
          yield* Effect.sleep("2 seconds")
          delay.disable()
          yield* Fiber.join(burning)
          // Nanoseconds; the resolution is part of each.
          return delay.percentile(99) / 1e6 - 1
        })
        // The best of three, since others use the machine too.
        let best = Number.POSITIVE_INFINITY
        for (let round = 0; round < 3 && best > 20; round++) best = Math.min(best, yield* measure)
        expect(best).toBeLessThan(20)
      }).pipe(Effect.provide(Offload.layer({ threads: 1 }))),
    30_000,
  )
})

describe("on the calling thread", () => {
  it.effect("a task is checked as elsewhere", () =>
    Effect.gen(function* () {
      const fails = <I, IE, O, OE>(task: Offload.Task<string, I, IE, O, OE>, input: I) =>
        Effect.flip(Offload.run(task, input))
      expect(yield* Offload.run(Tasks.double, 21)).toBe(42)
      expect(yield* Offload.run(Tasks.apart(Tasks.double), 21)).toBe(42)
      expect(yield* fails(Tasks.fail, "error")).toMatchObject(failed("threw", /the work is wrong/u))
      expect(yield* fails(Tasks.fail, "later")).toMatchObject(failed("threw", /rejected later/u))
      expect(yield* fails(Tasks.lie, "type")).toMatchObject(failed("output", /Expected number/u))
      expect(yield* fails(Tasks.lost, undefined)).toMatchObject(failed("file", /no function named lost/u))
      expect(yield* fails(Tasks.nowhere, undefined)).toMatchObject(failed("file", /is not there/u))
    }).pipe(Effect.provide(Offload.layerInline)),
  )
})
