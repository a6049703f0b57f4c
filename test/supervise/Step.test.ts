import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, TestClock } from "effect"
import * as Step from "../../src/supervise/Step.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

const lines: Array<string> = []
const log = Logger.replace(
  Logger.defaultLogger,
  Logger.make<unknown, void>(({ message }) => {
    lines.push(String(message))
  }),
)
const layer = Supervisor.layer().pipe(Layer.provideMerge(Timers.layer), Layer.provideMerge(log))

describe("Step", () => {
  it.effect("names a step that takes long, and its task, while it does", () =>
    Effect.gen(function* () {
      lines.length = 0
      const supervisor = yield* Supervisor.Supervisor
      const steps = Step.timed("ask", Effect.sleep("900 millis")).pipe(
        Effect.zipRight(
          Step.timed("fetch", Step.timed("decode", Effect.sleep("2 seconds"), { warnAfter: "5 seconds" })),
        ),
        Effect.zipRight(Effect.sleep("2 seconds")),
      )
      yield* supervisor.fork({ kind: "command", name: "repos" }, steps)
      const at = Effect.map(supervisor.roster, ([entry]) => entry?.doing)
      expect(yield* at).toBe("ask")
      yield* TestClock.adjust("1 second")
      expect(yield* at).toBe("decode")
      expect(lines).toEqual([])
      yield* TestClock.adjust("1 second")
      expect(lines).toEqual(["command repos: fetch has taken 1 s so far"])
      yield* TestClock.adjust("1 second")
      expect(yield* at).toBe(undefined)
      yield* TestClock.adjust("1 minute")
      expect(lines).toHaveLength(1)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("shows the one begun last of those that still go on", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const steps = Effect.all(
        [
          Step.timed("slow", Effect.sleep("3 seconds")),
          Step.timed("quick", Effect.sleep("1 second")),
          Step.timed("later", Effect.sleep("2 seconds")),
        ],
        { concurrency: "unbounded" },
      )
      yield* supervisor.fork({ kind: "command", name: "repos" }, Effect.zipRight(steps, Effect.never))
      const seen: Array<string | undefined> = []
      for (let second = 0; second < 4; second++) {
        yield* TestClock.adjust(second === 0 ? "500 millis" : "1 second")
        seen.push((yield* supervisor.roster)[0]?.doing)
      }
      expect(seen).toEqual(["later", "later", "slow", undefined])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("gives what the step gives, and forgets one that fails or is interrupted", () =>
    Effect.gen(function* () {
      lines.length = 0
      expect(yield* Step.timed("sum", Effect.succeed(2))).toBe(2)
      expect(yield* Effect.exit(Step.timed("bad", Effect.fail("no")))).toEqual(Exit.fail("no"))
      const fiber = yield* Effect.fork(Step.timed("never", Effect.never))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      expect(lines).toEqual([])
    }).pipe(Effect.provide(layer)),
  )
})
