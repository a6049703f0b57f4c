import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Fiber } from "effect"
import * as Command from "../../../src/command/Command.js"
import { OnCooldown } from "../../../src/command/CommandError.js"
import * as Cooldown from "../../../src/command/stages/Cooldown.js"
import * as Policy from "../../../src/command/Policy.js"
import * as Reply from "../../../src/interaction/Reply.js"
import { caller, ending, run } from "../Passages.js"

class Broken {
  readonly _tag = "Broken"
  readonly userText = "it broke"
}
const done = Effect.succeed(Reply.text("done"))
const make = (handler: Effect.Effect<Reply.Reply, Broken> = done) =>
  Command.make("dig", { description: "d" }, () => handler)

/** Calls one after the other, each at its time and by its user; what each ended with. */
const play = (
  command: Command.Any,
  calls: ReadonlyArray<{ readonly at: number; readonly user?: string; readonly channel?: string }>,
) =>
  run(
    Effect.gen(function* () {
      const { call } = yield* caller(command)
      return yield* Effect.forEach(
        calls,
        ({ at, ...who }) => Effect.delay(Effect.flatMap(call(who), ending), at),
        { concurrency: "unbounded" },
      )
    }),
  )

describe("Policy.cooldown", () => {
  it("lets one through in a window, and the next one at its very end", () => {
    const dig = make().pipe(Policy.cooldown({ per: "user", window: "10 seconds" }))
    expect(play(dig, [{ at: 0 }, { at: 9_999 }, { at: 10_000 }, { at: 10_001 }])).toEqual([
      "done",
      "OnCooldown",
      "done",
      "OnCooldown",
    ])
  })

  it("counts for each user, channel or server apart, or all together", () => {
    const calls = [
      { at: 0, user: "1", channel: "10" },
      { at: 1, user: "2", channel: "10" },
      { at: 2, user: "1", channel: "11" },
    ]
    const through = (per: Policy.Per) =>
      play(make().pipe(Policy.cooldown({ per, window: "1 minute" })), calls).map((one) => one === "done")
    expect(through("user")).toEqual([true, true, false])
    expect(through("channel")).toEqual([true, false, true])
    expect(through("guild")).toEqual([true, false, false])
    expect(through("global")).toEqual([true, false, false])
  })

  it("says when to come back", () => {
    const error = run(
      Effect.gen(function* () {
        const { call } = yield* caller(
          make().pipe(Policy.cooldown({ per: "channel", window: "90 seconds", uses: 1 })),
        )
        yield* Effect.flatMap(call(), ending)
        yield* Effect.sleep("1 second")
        const long = yield* Effect.flip(Fiber.join((yield* call()).fiber))
        yield* Effect.sleep("84500 millis")
        return [long, yield* Effect.flip(Fiber.join((yield* call()).fiber))]
      }),
    ) as [OnCooldown, OnCooldown]
    expect(error[0]).toMatchObject({ _tag: "OnCooldown", retryAfter: 89_000, until: 90_000 })
    expect(error[0].userText).toBe("This was used in this channel a moment ago. Please try again <t:90:R>.")
    expect(error[1].userText).toBe(
      "This was used in this channel a moment ago. Please try again in 5 seconds.",
    )
  })

  it("clears a use that failed, if asked to", () => {
    const broken = make(Effect.fail(new Broken()))
    const options = { per: "user", window: "1 minute" } as const
    const twice = [{ at: 0 }, { at: 1 }]
    expect(play(broken.pipe(Policy.cooldown(options)), twice)).toEqual(["Broken", "OnCooldown"])
    expect(play(broken.pipe(Policy.cooldown({ ...options, clearOnFailure: true })), twice)).toEqual([
      "Broken",
      "Broken",
    ])
  })

  it("does not count a call for which there was no place", () => {
    const slow = make(Effect.delay(done, "1 second")).pipe(
      Policy.cooldown({ per: "user", window: "1 minute", uses: 2 }),
      Policy.concurrency({ per: "user" }),
    )
    expect(play(slow, [{ at: 0 }, { at: 500 }, { at: 2_000 }, { at: 4_000 }])).toEqual([
      "done",
      "TooManyCalls",
      "done",
      "OnCooldown",
    ])
  })

  it("does not count a call that a hook before the handler turned away", () => {
    let open = false
    const dig = make().pipe(
      Policy.cooldown({ per: "user", window: "1 minute" }),
      Policy.before(Effect.suspend(() => (open ? Effect.void : Effect.fail(new Broken())))),
    )
    const ends = run(
      Effect.gen(function* () {
        const { call } = yield* caller(dig)
        const refused = yield* Effect.flatMap(call(), ending)
        open = true
        return [refused, yield* Effect.flatMap(call(), ending), yield* Effect.flatMap(call(), ending)]
      }),
    )
    expect(ends).toEqual(["Broken", "done", "OnCooldown"])
  })

  it("never lets more than its uses through any window, and never refuses one that would fit", () => {
    const steps = fc.array(
      fc.record({
        // Round numbers, so that a use often comes at the very end of a window.
        wait: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constantFrom(0, 100, 200)),
        key: fc.constantFrom("a", "b"),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(
        steps,
        fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(100, 200, 300)),
        fc.integer({ min: 1, max: 5 }),
        (steps, window, uses) => {
          const cooldown = Cooldown.make({ uses, window })
          const taken: Record<string, Array<number>> = { a: [], b: [] }
          let now = 0
          for (const { key, wait } of steps) {
            now += wait
            const times = taken[key]!
            const within = times.filter((at) => at > now - window)
            const until = cooldown.take(key, now)
            if (until === undefined) {
              expect(within.length).toBeLessThan(uses)
              times.push(now)
            } else {
              expect(within).toHaveLength(uses)
              expect(until).toBe(within[0]! + window)
            }
          }
          // Only what is still in the window is kept.
          cooldown.take("c", now + window)
          expect(cooldown.size()).toBe(1)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it("keeps no more keys than there were callers in one window", () => {
    const cooldown = Cooldown.make({ uses: 1, window: 1_000 })
    let most = 0
    for (let n = 0; n < 100_000; n++) {
      cooldown.take(`user ${n}`, n)
      most = Math.max(most, cooldown.size())
    }
    expect(most).toBe(1_000)
  })

  it("refuses values that make no sense", () => {
    expect(() => make().pipe(Policy.cooldown({ per: "user", window: 0 }))).toThrow("must be a time above 0")
    expect(() => make().pipe(Policy.cooldown({ per: "user", window: "1 second", uses: 0 }))).toThrow(
      'command "dig" → cooldown → uses: 0 must be a whole number, at least 1',
    )
  })
})
