import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Ref } from "effect"
import * as fc from "effect/FastCheck"
import * as Command from "../../src/command/Command.js"
import * as Param from "../../src/command/Param.js"
import * as Md from "../../src/interaction/Md.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Arb from "../../src/testing/Arb.js"
import * as Explore from "../../src/testing/Explore.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Asking from "./Asking.js"

const messageOf = async (check: Promise<void>): Promise<string> =>
  check.then(
    () => "it held",
    (error: unknown) => String(error),
  )

describe("Explore", () => {
  it("shrinks to the smallest counterexample and names the seed", async () => {
    const message = await messageOf(
      Explore.check(
        { at: Arb.millis(0, 60_000) },
        ({ at }) =>
          Kit.run(Command.layer(Asking.book), ({ ada, clock }) =>
            Effect.gen(function* () {
              const turn = yield* ada.run(Asking.book)
              const question = yield* turn.nextMessage
              yield* ada.click(question, "Yes").pipe(Effect.delay(at), Effect.ignore, Effect.fork)
              yield* clock.runToIdle
              const [answer] = yield* ada.finalReplies(turn)
              // Wrong on purpose: the deadline is 30 seconds.
              expect(answer?.content).toBe(at < 40_000 ? "Booked." : "Too late.")
            }),
          ),
        { seed: 7, runs: 60 },
      ),
    )
    expect(message).toContain("seed: 7")
    expect(message).toContain('Counterexample: [{"at":30000}]')
    expect(message).toContain("ada /book")
    expect(message).toContain("INTERACTION_CREATE")
  })

  it("reports a deadlock as such", () => {
    expect(() =>
      Explore.checkSync({ n: Arb.millis(0, 10) }, ({ n }) =>
        Effect.gen(function* () {
          const [first, second] = [yield* Effect.makeSemaphore(1), yield* Effect.makeSemaphore(1)]
          const both = (a: Effect.Semaphore, b: Effect.Semaphore, after: number) =>
            a.withPermits(1)(Effect.zipRight(Effect.sleep(after), b.withPermits(1)(Effect.void)))
          yield* Effect.all([both(first, second, 5), both(second, first, n)], { concurrency: 2 })
        }),
      ),
    ).toThrow(/No timer is left/u)
  })

  it("finds what only another order of simultaneous things brings out", async () => {
    const racy = (interleaving: number | undefined) =>
      Kit.run(Command.layer(Asking.book), interleaving === undefined ? {} : { interleaving }, () =>
        Effect.gen(function* () {
          const balance = yield* Ref.make(0)
          const add = Effect.flatMap(Ref.get(balance), (n) =>
            Effect.zipRight(Effect.yieldNow(), Ref.set(balance, n + 1)),
          )
          const slot = yield* Deferred.make<void>()
          yield* Effect.fork(Effect.zipRight(add, Deferred.succeed(slot, undefined)))
          yield* Effect.fork(add)
          yield* Deferred.await(slot)
          yield* Effect.sleep(1)
          return yield* Ref.get(balance)
        }),
      )
    const seen = new Set<number>()
    for (let seed = 0; seed < 20; seed++) seen.add(await Effect.runPromise(racy(seed)))
    expect(seen).toEqual(new Set([1, 2]))
    expect(await Effect.runPromise(racy(3))).toBe(await Effect.runPromise(racy(3)))
  })

  it.effect.prop(
    "plays arrivals at their times",
    { plan: Arb.arrivals(["a", "b", "c"], { within: 1_000, near: [500] }) },
    ({ plan }) =>
      Kit.run(Command.layer(Asking.book), ({ clock }) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const say = (what: string) => Effect.map(clock.now, (now) => void seen.push(`${what}@${now}`))
          const ended = yield* Explore.play(plan, { a: say("a"), b: say("b"), c: say("c") })
          expect(ended.map(({ what }) => what)).toEqual(plan.map(({ what }) => what))
          expect(seen).toEqual(plan.map(({ at, what }) => `${what}@${at}`))
        }),
      ),
    { fastCheck: { numRuns: 30 } },
  )

  it.effect.prop(
    "a bot gets through any plan of faults with one outcome",
    { plan: Arb.faultPlan(5_000), latency: Arb.latencies(300), interleaving: Arb.interleaving },
    ({ interleaving, latency, plan }) =>
      Kit.run(
        Command.layer(Asking.book),
        { latency, ...(interleaving === undefined ? {} : { interleaving }) },
        ({ ada, clock, sandbox }) =>
          Effect.gen(function* () {
            yield* Effect.fork(Explore.sabotage(sandbox, plan))
            const turn = yield* ada.run(Asking.book)
            yield* clock.runToIdle
            const { _tag } = yield* turn.outcome
            expect(["Completed", "Died", "Unanswered"]).toContain(_tag)
          }),
      ),
    { fastCheck: { numRuns: 25 } },
  )
})

describe("Arb", () => {
  const shout = Command.make(
    "shout",
    {
      description: "d",
      params: {
        text: Param.string("d", { min: 2, max: 40 }),
        times: Param.integer("d", { min: 1, max: 3 }).pipe(Param.withDefault(1)),
        how: Param.string("d", { choices: ["loud", "louder"] }).pipe(Param.optional),
        where: Param.channel("d").pipe(Param.optional),
      },
    },
    ({ text, times }) => Effect.succeed(Reply.text(Md.text`${text}${Md.raw("!".repeat(times))}`)),
  )

  it.effect.prop(
    "draws what a command takes",
    { given: Arb.params(shout) },
    ({ given }) =>
      Kit.run(Command.layer(shout), ({ ada, clock }) =>
        Effect.gen(function* () {
          const turn = yield* ada.run(shout, given)
          yield* clock.runToIdle
          expect((yield* turn.outcome)._tag).toBe("Completed")
        }),
      ),
    { fastCheck: { numRuns: 60 } },
  )

  it("draws what Discord takes", () => {
    fc.assert(
      fc.property(Arb.messageText(50), Arb.memberName, (text, name) => {
        expect(text.length).toBeLessThanOrEqual(50)
        expect(text.trim()).not.toBe("")
        expect(name).toMatch(/^[a-z0-9_.]{2,32}$/u)
      }),
    )
    const times = fc.sample(Arb.around([30_000], 60_000), 200)
    for (const at of [29_999, 30_000, 30_001]) expect(times).toContain(at)
  })
})
