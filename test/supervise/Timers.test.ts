import { describe, expect, it } from "@effect/vitest"
import { type Clock, Duration, Effect, Exit, FastCheck as fc, TestClock } from "effect"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const DAY = 24 * 60 * 60 * 1_000

describe("Timers", () => {
  it("fires every entry once at its time, unless it was cancelled before", () => {
    const entry = fc.record({
      lane: fc.nat(2),
      setAt: fc.nat(500),
      after: fc.nat(1_000),
      cancelAfter: fc.option(fc.nat(1_500), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        const fired: Array<{ readonly index: number; readonly at: number }> = []
        const { exit } = VirtualClock.runSync(
          Effect.scoped(
            Effect.gen(function* () {
              const timers = yield* Timers.make
              const lanes = [timers.lane(), timers.heap(), timers.heap()]
              yield* Effect.forEach(
                entries,
                ({ after, cancelAfter, lane, setAt }, index) =>
                  Effect.gen(function* () {
                    yield* Effect.sleep(setAt)
                    const timer = lanes[lane]!.at(timers.now() + after, () => {
                      fired.push({ index, at: timers.now() })
                    })
                    if (cancelAfter === undefined) return
                    yield* Effect.sleep(cancelAfter)
                    timer.cancel()
                    timer.cancel()
                  }),
                { concurrency: "unbounded", discard: true },
              )
              yield* Effect.sleep(5_000)
              return lanes.map((lane) => lane.size())
            }),
          ),
        )
        expect(exit).toEqual(Exit.succeed([0, 0, 0]))
        entries.forEach(({ after, cancelAfter, setAt }, index) => {
          const times = fired.filter((one) => one.index === index).map(({ at }) => at)
          if (cancelAfter === undefined || cancelAfter > after) expect(times).toEqual([setAt + after])
          else if (cancelAfter < after) expect(times).toEqual([])
          else expect(times.length).toBeLessThanOrEqual(1)
        })
      }),
      { numRuns: 1_000 },
    )
  })

  it("fires what is due at one moment in the order of its making", () => {
    const { exit } = VirtualClock.runSync(
      Effect.scoped(
        Effect.gen(function* () {
          const timers = yield* Timers.make
          const heap = timers.heap()
          const fired: Array<string> = []
          for (const [name, after] of [
            ["c", 20],
            ["a", 10],
            ["d", 20],
            ["b", 10],
          ] as const) {
            heap.after(after, () => fired.push(name))
          }
          yield* Effect.sleep(30)
          return fired
        }),
      ),
    )
    expect(exit).toEqual(Exit.succeed(["a", "b", "c", "d"]))
  })

  it("goes on when a callback throws", () => {
    const { exit } = VirtualClock.runSync(
      Effect.scoped(
        Effect.gen(function* () {
          const timers = yield* Timers.make
          const lane = timers.lane()
          let fired = 0
          lane.at(10, () => {
            throw new Error("a bug")
          })
          lane.at(10, () => fired++)
          lane.at(20, () => fired++)
          yield* Effect.sleep(30)
          return fired
        }),
      ),
    )
    expect(exit).toEqual(Exit.succeed(2))
  })

  it.effect("fires what is due later than Effect's Clock can sleep", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      // As Effect's own does (2^31 - 1 ms).
      const sleep: Clock.Clock["sleep"] = (duration) =>
        Duration.toMillis(duration) > 2 ** 31 - 1 ? Effect.never : clock.sleep(duration)
      const limited: Clock.Clock = {
        ...clock,
        unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis(),
        sleep,
      }
      const timers = yield* Effect.withClock(Timers.make, limited)
      const fired: Array<string> = []
      timers.heap().after(60 * DAY, () => fired.push("in 60 days"))
      timers.lane().after(30 * DAY, () => fired.push("in 30 days"))
      yield* TestClock.adjust("30 days")
      expect(fired).toEqual(["in 30 days"])
      yield* TestClock.adjust(30 * DAY - 1)
      expect(fired).toEqual(["in 30 days"])
      yield* TestClock.adjust(1)
      expect(fired).toEqual(["in 30 days", "in 60 days"])
    }).pipe(Effect.scoped),
  )

  it("fires nothing after its scope has closed", () => {
    let fired = false
    VirtualClock.runSync(
      Effect.zipRight(
        Effect.scoped(
          Effect.map(Timers.make, (timers) => {
            timers.lane().at(10, () => {
              fired = true
            })
          }),
        ),
        Effect.sleep(100),
      ),
    )
    expect(fired).toBe(false)
  })
})
