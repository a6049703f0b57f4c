import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, TestClock } from "effect"
import * as fc from "fast-check"
import * as Identify from "../../src/gateway/Identify.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const info = (remaining: number, maxConcurrency = 1) => ({
  url: "fake://gateway",
  shards: 1,
  session_start_limit: { total: 1_000, remaining, reset_after: 90_000, max_concurrency: maxConcurrency },
})

describe("Identify", () => {
  it("lets one shard per key through in 5 s, and the keys beside one another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 60 }), (concurrency, count) => {
        const turns: Array<{ readonly at: number; readonly key: number }> = []
        const { endedAt } = VirtualClock.runSync(
          Effect.gen(function* () {
            const gate = Identify.make(info(1_000, concurrency), Effect.never)
            yield* Effect.forEach(
              Array.from({ length: count }, (_, id) => id),
              (id) =>
                gate.take(id).pipe(
                  Effect.zipRight(Clock.currentTimeMillis),
                  Effect.map((at) => turns.push({ at, key: id % concurrency })),
                ),
              { concurrency: "unbounded" },
            )
          }),
        )
        expect(turns).toHaveLength(count)
        for (const { at, key } of turns) {
          const near = turns.filter((other) => other.key === key && Math.abs(other.at - at) < 5_000)
          expect(near).toHaveLength(1)
        }
        expect(endedAt).toBe((Math.ceil(count / concurrency) - 1) * Identify.spacing)
      }),
      { numRuns: 200 },
    )
  })

  it.effect("asks for fresh figures when the budget is used up, and fails where they are no better", () =>
    Effect.gen(function* () {
      let asked = 0
      const fresh = Effect.sync(() => info(asked++ === 0 ? 1 : 0))
      const gate = Identify.make(info(1), fresh)
      const fiber = yield* Effect.fork(Effect.exit(Effect.forEach([0, 1, 2], gate.take)))
      yield* TestClock.adjust("1 minute")
      const exit = yield* Fiber.join(fiber)
      expect(asked).toBe(2)
      expect(exit).toEqual(
        Exit.fail(expect.objectContaining({ _tag: "SessionBudgetUsedUp", resetAfter: 90_000 })),
      )
    }),
  )

  it.effect("an interrupted shard leaves the line to the next", () =>
    Effect.gen(function* () {
      const gate = Identify.make(info(10), Effect.never)
      yield* gate.take(0)
      const second = yield* Effect.fork(gate.take(1))
      const third = yield* Effect.fork(gate.take(2))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust(Identify.spacing - 1_000)
      yield* Fiber.join(third)
    }),
  )
})
