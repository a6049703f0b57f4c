import { open, readFile } from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber, Random, Schedule } from "effect"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

describe("VirtualClock", () => {
  it("jumps over sleeps and tells when the program ended", () => {
    const { exit, endedAt } = VirtualClock.runSync(
      Effect.sleep("30 days").pipe(Effect.zipRight(Clock.currentTimeMillis)),
      { start: 1_000 },
    )
    expect(exit).toEqual(Exit.succeed(1_000 + 30 * 86_400_000))
    expect(endedAt).toBe(30 * 86_400_000)
  })

  it("fires timers in order of their time, then of their making", () => {
    const seen: Array<string> = []
    const say = (name: string, after: number) =>
      Effect.sleep(after).pipe(Effect.zipRight(Effect.sync(() => seen.push(name))))
    VirtualClock.runSync(
      Effect.all([say("c", 30), say("a", 10), say("b", 20), say("a2", 10)], { concurrency: "unbounded" }),
    )
    expect(seen).toEqual(["a", "a2", "b", "c"])
  })

  it("reports a program that can never go on", () => {
    const { exit } = VirtualClock.runSync(Effect.sleep(5).pipe(Effect.zipRight(Effect.never)))
    expect(Exit.isFailure(exit) && exit.cause._tag === "Fail" && exit.cause.error._tag).toBe("Deadlock")
  })

  it("interrupts sleepers without waiting for them", () => {
    const { endedAt } = VirtualClock.runSync(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.sleep("1 hour"))
        yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
      }),
    )
    expect(endedAt).toBe(1)
  })

  it("lets promises settle before it jumps", async () => {
    const { exit, endedAt } = await VirtualClock.run(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<number>()
        yield* Effect.fork(
          Effect.promise(async () => {
            await new Promise((resolve) => setImmediate(resolve))
            return 7
          }).pipe(Effect.flatMap((n) => Deferred.succeed(gate, n))),
        )
        return yield* Effect.race(Deferred.await(gate), Effect.sleep(1_000).pipe(Effect.as(0)))
      }),
    )
    expect(exit).toEqual(Exit.succeed(7))
    expect(endedAt).toBe(0)
  })

  it("waits in real time for work that is counted as outside, and for files", async () => {
    const worker = VirtualClock.outside(
      Effect.promise(() => pause(30, 7)),
      "a worker",
    )
    const file = Effect.promise(() => readFile(new URL(import.meta.url), "utf8"))
    const { endedAt, exit } = await VirtualClock.run(
      Effect.all([worker, file]).pipe(Effect.timeoutOption("1 second")),
    )
    expect(Exit.isSuccess(exit) && exit.value._tag).toBe("Some")
    expect(endedAt).toBe(0)
  })

  it("waits for the end of a file handle", async () => {
    const closing = Effect.promise(async () => {
      const handle = await open(new URL(import.meta.url))
      await handle.close()
    })
    for (let n = 0; n < 50; n++) {
      const { exit } = await VirtualClock.run(Effect.timeoutOption(closing, "1 hour"))
      expect(Exit.isSuccess(exit) && exit.value._tag).toBe("Some")
    }
  })

  it("names what is outside and does not end", async () => {
    const stuck = VirtualClock.outside(Effect.never, "the lighthouse")
    await expect(VirtualClock.run(stuck, { patience: 20 })).rejects.toThrow(/the lighthouse/u)
  })

  it("is not moved by a timer that was taken back", () => {
    const { endedAt } = VirtualClock.runSync(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.sleep("1 hour"))
        yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
        return yield* Effect.never
      }),
    )
    expect(endedAt).toBe(1)
  })

  it("draws the same for the same seed", () => {
    const draw = (seed: number) => VirtualClock.runSync(Random.nextIntBetween(0, 1_000_000), { seed }).exit
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  it("runs thousands of programs a second", () => {
    const program = Effect.repeat(
      Effect.sleep("1 second").pipe(Effect.zipRight(Random.next)),
      Schedule.recurs(5),
    )
    let total = 0
    for (let n = 0; n < 2_000; n++) total += VirtualClock.runSync(program).endedAt
    expect(total).toBe(2_000 * 6_000)
  })
})
