import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Fiber } from "effect"
import * as Command from "../../../src/command/Command.js"
import * as Deploy from "../../../src/command/Deploy.js"
import * as Policy from "../../../src/command/Policy.js"
import * as Spec from "../../../src/command/Spec.js"
import * as Stages from "../../../src/command/Stages.js"
import * as Reply from "../../../src/interaction/Reply.js"
import * as Rest from "../../../src/rest/Rest.js"
import * as Sandbox from "../../../src/sandbox/Sandbox.js"
import * as Timers from "../../../src/supervise/Timers.js"
import * as VirtualClock from "../../../src/testing/VirtualClock.js"
import * as Harbour from "../../bot/Harbour.js"
import { caller, ending, run, type Started } from "../Passages.js"

const done = Effect.succeed(Reply.text("done"))
const slow = Command.make("dig", { description: "d" }, () => Effect.delay(done, "10 seconds"))

interface Planned {
  readonly at: number
  readonly user: string
  readonly takes: number
  readonly giveUpAfter: number | undefined
  readonly uninterruptible: boolean
}

/** Plays a plan, and watches who runs at the same time. */
const play = (policy: Policy.Policy, plan: ReadonlyArray<Planned>) => {
  const running = new Map<string, Set<number>>()
  const began: Array<{ readonly call: number; readonly user: string; readonly at: number }> = []
  let most = 0
  const command = Command.make("dig", { description: "d" }, (params) => {
    const { call, takes, uninterruptible, user } = params as unknown as Planned & { readonly call: number }
    return Effect.acquireUseRelease(
      Effect.map(Effect.clock, (clock) => {
        const now = running.get(user) ?? new Set()
        running.set(user, now.add(call))
        began.push({ call, user, at: clock.unsafeCurrentTimeMillis() })
        most = Math.max(most, now.size)
        return now
      }),
      () => {
        const work = Effect.delay(done, takes)
        return uninterruptible ? Effect.uninterruptible(work) : work
      },
      (now) => Effect.sync(() => now.delete(call)),
    )
  }).pipe(policy)
  return run(
    Effect.gen(function* () {
      const { call } = yield* caller(command)
      const calls: Array<Started> = []
      const one = (planned: Planned, index: number) =>
        Effect.gen(function* () {
          yield* Effect.sleep(planned.at)
          const started = yield* call({ user: planned.user }, { ...planned, call: index })
          calls[index] = started
          if (planned.giveUpAfter !== undefined) {
            yield* Effect.fork(
              Effect.delay(
                Effect.sync(() => started.fiber.unsafeInterruptAsFork(started.fiber.id())),
                planned.giveUpAfter,
              ),
            )
          }
          return yield* ending(started)
        })
      const ends = yield* Effect.forEach(plan, one, { concurrency: "unbounded" })
      // Whatever happened before, every user's place is free now.
      const after = yield* Effect.forEach([...new Set(plan.map(({ user }) => user))], (user) =>
        Effect.flatMap(call({ user }, { user, takes: 0, call: -1, uninterruptible: false }), ending),
      )
      return { began: began.filter((one) => one.call >= 0), ends, after, most, calls }
    }),
  )
}

const plan: fc.Arbitrary<ReadonlyArray<Planned>> = fc.array(
  fc.record({
    at: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.constantFrom(0, 1_000, 2_000)),
    user: fc.constantFrom("1", "2"),
    takes: fc.constantFrom(0, 500, 1_000, 2_000),
    giveUpAfter: fc.option(fc.constantFrom(0, 500, 1_000, 1_500), { nil: undefined }),
    uninterruptible: fc.boolean(),
  }),
  { maxLength: 12 },
)

describe("Policy.concurrency", () => {
  it("refuses a second call while the first runs, each user for themselves", () => {
    const calls = [
      { at: 0, user: "1" },
      { at: 1, user: "1" },
      { at: 2, user: "2" },
    ].map((one) => ({ ...one, takes: 1_000, giveUpAfter: undefined, uninterruptible: false }))
    expect(play(Policy.concurrency({ per: "user" }), calls).ends).toEqual(["done", "TooManyCalls", "done"])
  })

  it("says why, and when to come back", () => {
    const texts = run(
      Effect.gen(function* () {
        const { call } = yield* caller(
          slow.pipe(Policy.concurrency({ per: "channel", whenFull: { queue: 1, within: "5 seconds" } })),
        )
        yield* call()
        const waiting = yield* call()
        const refused = yield* Effect.flip(Fiber.join((yield* call()).fiber))
        return [refused, yield* Effect.flip(Fiber.join(waiting.fiber))].map(
          (error) => (error as Command.Tellable).userText,
        )
      }),
    )
    expect(texts).toEqual([
      "Too many are waiting for this already. Please try again in a minute.",
      "Others took too long before it was your turn. Please try again in a minute.",
    ])
  })

  it("begins the deadline with the turn, not with the waiting", () => {
    const admitted = run(
      Effect.gen(function* () {
        const { call } = yield* caller(slow.pipe(Policy.concurrency({ per: "user", whenFull: { queue: 5 } })))
        const calls = [yield* call(), yield* call(), yield* call()]
        yield* Effect.forEach(calls, ending)
        return calls.map(({ admittedAt }) => admittedAt())
      }),
    )
    expect(admitted).toEqual([0, 10_000, 20_000])
  })

  it("replaces the former call, and begins only when it has really ended", () => {
    const { began, calls, ends } = play(Policy.concurrency({ per: "user", whenFull: "replace" }), [
      { at: 0, user: "1", takes: 5_000, giveUpAfter: undefined, uninterruptible: true },
      { at: 1_000, user: "1", takes: 1_000, giveUpAfter: undefined, uninterruptible: false },
      { at: 2_000, user: "1", takes: 1_000, giveUpAfter: undefined, uninterruptible: false },
    ])
    expect(ends).toEqual(["interrupted", "interrupted", "done"])
    expect(calls.map(({ wasReplaced }) => wasReplaced())).toEqual([true, true, false])
    expect(began.map(({ at, call }) => [call, at])).toEqual([
      [0, 0],
      [2, 5_000],
    ])
  })

  it.each<[string, Policy.WhenFull]>([
    ["replaces", "replace"],
    ["stands in line", { queue: 1 }],
  ])("keeps a place until what its call acquired is released, where the next one %s", (_, whenFull) => {
    const log: Array<string> = []
    const command = Command.make("dig", { description: "d" }, (params) =>
      Effect.zipRight(
        Effect.acquireRelease(
          Effect.sync(() => log.push(`acquire ${String(params["call" as never])}`)),
          () =>
            Effect.delay(
              Effect.sync(() => log.push(`release ${String(params["call" as never])}`)),
              "5 seconds",
            ),
        ),
        Effect.delay(done, "10 seconds"),
      ),
    ).pipe(Policy.concurrency({ per: "user", whenFull }))
    run(
      Effect.gen(function* () {
        const { call } = yield* caller(command)
        const first = yield* call({}, { call: 1 })
        yield* Effect.sleep("1 second")
        yield* Effect.forEach([first, yield* call({}, { call: 2 })], ending)
      }),
    )
    expect(log).toEqual(["acquire 1", "release 1", "acquire 2", "release 2"])
  })

  it("shares one list of who waits among all commands", () => {
    let lists = 0
    const dug = slow.pipe(Policy.concurrency({ per: "user", whenFull: { queue: 1, within: "1 second" } }))
    run(
      Effect.gen(function* () {
        const timers = yield* Timers.make
        const count = <A>(make: () => A) => {
          lists++
          return make()
        }
        const bench = yield* Stages.bench({}).pipe(
          Effect.provideService(Timers.Timers, {
            ...timers,
            lane: () => count(timers.lane),
            heap: () => count(timers.heap),
          }),
          Effect.provideService(Rest.Rest, { request: () => Effect.never } as unknown as Rest.Rest),
        )
        for (let n = 0; n < 10; n++) Stages.make(Spec.leaves(dug)[0]!, bench)
      }),
    )
    expect(lists).toBe(1)
  })

  it("keeps the place of a newcomer where one who was refused leaves at the same moment", () => {
    const at = (at: number, takes: number) => ({
      at,
      takes,
      user: "2",
      giveUpAfter: undefined,
      uninterruptible: false,
    })
    const plan = [at(2_000, 1_000), at(2_001, 0), at(0, 1_000), at(0, 500), at(1_000, 500), at(1_000, 0)]
    const seen = play(Policy.concurrency({ per: "user", whenFull: { queue: 2, within: "1 second" } }), plan)
    expect(seen.most).toBe(1)
  })

  it.each([1, 2, 3])("never runs more than %i at a time, whatever becomes of one more", (limit) => {
    const full = fc.oneof(
      fc.constant<Policy.WhenFull>("reject"),
      fc.constant<Policy.WhenFull>("replace"),
      fc.record({ queue: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ queue: fc.integer({ min: 1, max: 4 }), within: fc.constantFrom(500, 1_000) }),
    )
    fc.assert(
      fc.property(plan, full, (plan, whenFull) => {
        const seen = play(Policy.concurrency({ per: "user", limit, whenFull }), plan)
        expect(seen.most).toBeLessThanOrEqual(limit)
        // Nothing is left behind: the next one finds a place at once.
        expect(seen.after.every((end) => end === "done")).toBe(true)
        // Nobody who neither gave up nor was told to end is left without an answer.
        plan.forEach(({ giveUpAfter }, index) => {
          const ended = seen.ends[index]
          if (giveUpAfter === undefined && seen.calls[index]?.wasReplaced() === false) {
            expect(["done", "TooManyCalls"]).toContain(ended)
          }
        })
      }),
      { numRuns: 300 },
    )
  })

  it("serves a queue strictly in the order of arrival, also around those who give up", () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 1, max: 2 }), (plan, limit) => {
        const { began } = play(Policy.concurrency({ per: "user", limit, whenFull: { queue: 100 } }), plan)
        for (const user of ["1", "2"]) {
          // Two places that become free in one instant are taken in that instant, in either order.
          const times = began
            .filter((one) => one.user === user)
            .toSorted((a, b) => plan[a.call]!.at - plan[b.call]!.at || a.call - b.call)
            .map(({ at }) => at)
          expect(times).toEqual(times.toSorted((a, b) => a - b))
        }
      }),
      { numRuns: 300 },
    )
  })

  it("with replace, the newest call is the one that ends by itself", () => {
    fc.assert(
      fc.property(plan, (plan) => {
        const staying = plan.map((one) => ({ ...one, giveUpAfter: undefined, user: "1" }))
        const { ends } = play(Policy.concurrency({ per: "user", whenFull: "replace" }), staying)
        const newest = staying.reduce((best, one, index) => (one.at >= staying[best]!.at ? index : best), 0)
        expect(ends[newest] ?? "done").toBe("done")
      }),
      { numRuns: 300 },
    )
  })
})

describe("Policy.concurrency, over the sandbox", () => {
  /** What Ada sees in the end of two calls, one second apart. */
  const seen = (command: Command.Command<"dig", {}, Command.Tellable, never>) =>
    Effect.promise(() =>
      VirtualClock.run(
        Effect.gen(function* () {
          yield* Deploy.apply()
          const ada = yield* (yield* Sandbox.Sandbox).actor("ada")
          const first = yield* ada.slash("general", "dig")
          yield* Effect.sleep("1 second")
          const second = yield* ada.slash("general", "dig")
          const states = [yield* first.settled, yield* second.settled]
          return states.map((state) =>
            state._tag === "Responded"
              ? state.messages.map(
                  ({ content, flags }) => `${content}${(flags & 64) === 0 ? "" : " (private)"}`,
                )
              : [state._tag],
          )
        }).pipe(Effect.provide(Harbour.inProcess(Command.layer(command)))),
      ),
    ).pipe(
      Effect.flatMap(({ exit }) => exit),
      Effect.orDie,
    )

  it.live("tells the one that is replaced, and the one that takes its place", () =>
    Effect.gen(function* () {
      const replaced = slow.pipe(Policy.concurrency({ per: "user", whenFull: "replace" }))
      expect(yield* seen(replaced)).toEqual([["I stopped this: it was called anew. (private)"], ["done"]])
    }),
  )

  it.live("runs nothing of a handler that is refused", () =>
    Effect.gen(function* () {
      let begun = 0
      const counted = Command.make("dig", { description: "d" }, () => {
        begun++
        return Effect.delay(done, "10 seconds")
      }).pipe(Policy.concurrency({ per: "user" }), Policy.ephemeral)
      expect(yield* seen(counted)).toEqual([
        ["done (private)"],
        ["You are running this already. Please try again when that has ended. (private)"],
      ])
      expect(begun).toBe(1)
    }),
  )

  it.live("gives who waits in the queue a deadline from their turn on", () =>
    Effect.gen(function* () {
      const queued = slow.pipe(
        Policy.deadline("11 seconds"),
        Policy.concurrency({ per: "user", whenFull: { queue: 1 } }),
      )
      expect(yield* seen(queued)).toEqual([["done"], ["done"]])
    }),
  )
})
