import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as Shutdown from "../../src/supervise/Shutdown.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const phases: ReadonlyArray<Shutdown.Phase> = ["intake", "drain", "end", "flush"]

describe("Shutdown", () => {
  it.scoped("runs what was registered by phase, says how each ended, and runs nothing twice", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.make
      const ran: Array<string> = []
      const step = (
        name: string,
        phase: Shutdown.Phase,
        run: Effect.Effect<unknown, unknown> = Effect.void,
      ) =>
        shutdown.register({
          name,
          phase,
          run: Effect.zipRight(
            Effect.sync(() => ran.push(name)),
            run,
          ),
        })
      yield* step("flush", "flush")
      yield* step("inbox", "drain", Effect.succeed("3 left"))
      yield* step("broken", "drain", Effect.fail("no disk"))
      yield* step("stop", "intake", Effect.dieMessage("a bug"))
      const gone = yield* Scope.make()
      yield* Scope.extend(step("gone", "intake"), gone)
      yield* Scope.close(gone, Exit.void)

      expect(shutdown.begun()).toBe(false)
      const [first, second] = yield* Effect.all([shutdown.run("1 second"), shutdown.run("1 second")], {
        concurrency: 2,
      })
      expect(shutdown.begun()).toBe(true)
      expect(second).toBe(first)
      expect(ran).toEqual(["stop", "inbox", "broken", "flush"])
      expect(first.map(({ detail, name, outcome }) => [name, outcome, detail?.split("\n")[0]])).toEqual([
        ["stop", "failed", expect.stringContaining("a bug")],
        ["inbox", "done", "3 left"],
        ["broken", "failed", "Error: no disk"],
        ["flush", "done", undefined],
      ])
    }),
  )

  it.scoped("leaves a step at its deadline, also one that does not heed its interruption", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.make
      yield* shutdown.register({ name: "deaf", phase: "drain", run: Effect.uninterruptible(Effect.never) })
      yield* shutdown.register({
        name: "after",
        phase: "flush",
        deadline: "1 second",
        run: Effect.sleep("10 millis"),
      })
      const running = yield* Effect.fork(Effect.exit(Shutdown.complete(shutdown, 0)))
      yield* TestClock.adjust("5 seconds")
      yield* TestClock.adjust("10 millis")
      const exit = yield* Fiber.join(running)
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("The shutdown was not complete: deaf late")
    }),
  )

  it.scoped("goes on when whoever asked is interrupted", () =>
    Effect.gen(function* () {
      const shutdown = yield* Shutdown.make
      let flushed = false
      yield* shutdown.register({ name: "slow", phase: "drain", run: Effect.sleep("1 second") })
      yield* shutdown.register({
        name: "last",
        phase: "flush",
        run: Effect.sync(() => {
          flushed = true
        }),
      })
      const asked = yield* Effect.fork(shutdown.run("1 second"))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(asked)
      yield* TestClock.adjust("1 second")
      expect((yield* shutdown.run(0)).map(({ outcome }) => outcome)).toEqual(["done", "done"])
      expect(flushed).toBe(true)
    }),
  )

  it.prop(
    "ends within the sum of the phases' deadlines, with each step run once and no phase before the former",
    [
      fc.array(
        fc.record({
          phase: fc.constantFrom(...phases),
          deadline: fc.nat(1_000),
          takes: fc.nat(2_000),
          how: fc.constantFrom("done", "failed", "deaf"),
        }),
        { maxLength: 12 },
      ),
    ],
    ([steps]) => {
      const begun: Array<{ readonly at: number; readonly phase: Shutdown.Phase }> = []
      const { endedAt, exit } = VirtualClock.runSync(
        Effect.gen(function* () {
          const shutdown = yield* Shutdown.make
          for (const [index, { deadline, how, phase, takes }] of steps.entries()) {
            const work = Effect.zipRight(
              Effect.sleep(takes),
              how === "failed" ? Effect.fail("no") : Effect.void,
            )
            yield* shutdown.register({
              name: String(index),
              phase,
              deadline,
              run: Effect.zipRight(
                Effect.map(Effect.clock, (clock) =>
                  begun.push({ at: clock.unsafeCurrentTimeMillis(), phase }),
                ),
                how === "deaf" ? Effect.uninterruptible(work) : work,
              ),
            })
          }
          return yield* shutdown.run(0)
        }).pipe(Effect.scoped),
      )
      if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
      expect(begun).toHaveLength(steps.length)
      expect(begun.map(({ phase }) => phases.indexOf(phase))).toEqual(
        begun.map(({ phase }) => phases.indexOf(phase)).toSorted((a, b) => a - b),
      )
      const longest = phases.map((phase) =>
        Math.max(
          0,
          ...steps
            .filter((step) => step.phase === phase)
            .map(({ deadline, takes }) => Math.min(deadline, takes)),
        ),
      )
      expect(endedAt).toBe(longest.reduce((sum, one) => sum + one, 0))
      for (const { name, outcome } of exit.value) {
        const { deadline, how, takes } = steps[Number(name)]!
        if (takes > deadline) expect(outcome).toBe("late")
        else if (takes < deadline) expect(outcome).toBe(how === "failed" ? "failed" : "done")
      }
    },
  )
})
