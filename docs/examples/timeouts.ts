import { expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Ref } from "effect"
import * as Command from "bosun/Command"
import * as Param from "bosun/Param"
import * as Prompt from "bosun/Prompt"
import * as Reply from "bosun/Reply"
import { Arb, Explore, Kit } from "bosun/testing"

// ---- The feature: it asks before it books, and waits 30 seconds for the answer. ----

class Berths extends Context.Tag("Berths")<
  Berths,
  { readonly book: Effect.Effect<number>; readonly taken: Effect.Effect<number> }
>() {
  static readonly memory = Layer.effect(
    Berths,
    Effect.map(Ref.make(0), (taken) => ({
      book: Ref.updateAndGet(taken, (n) => n + 1),
      taken: Ref.get(taken),
    })),
  )
}

const WITHIN = 30_000

const book = Command.make(
  "book",
  { description: "Books a berth", params: { boat: Param.string("Its name", { max: 32 }) } },
  ({ boat }) =>
    Effect.gen(function* () {
      const sure = yield* Prompt.confirm(`Book a berth for ${boat}?`, { within: WITHIN })
      if (!sure) return Reply.text("Nothing booked.")
      const berths = yield* Berths
      return Reply.text(`${boat} lies at berth ${yield* berths.book}.`)
    }),
)

const features = Command.layer(book).pipe(Layer.provideMerge(Berths.memory))

// ---- The properties. Each is tried on a hundred drawn values, in virtual time. ----

it.effect.prop(
  "a press before the deadline books, one at the deadline or after does not",
  { at: Arb.around([WITHIN], 60_000) },
  ({ at }) =>
    Kit.run(features, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(book, { boat: "Elly" })
        const question = yield* turn.nextMessage
        // After the deadline the button is gone, and the press fails: that is what the property is about.
        yield* ada.click(question, "Yes").pipe(Effect.delay(at), Effect.ignore, Effect.fork)
        yield* clock.runToIdle

        const inTime = at < WITHIN
        expect((yield* turn.outcome)._tag).toBe(inTime ? "Completed" : "TimedOut")
        expect(yield* (yield* Berths).taken).toBe(inTime ? 1 : 0)
        expect(yield* ada.finalReplies(turn)).toHaveLength(1)
        expect(yield* leftovers).toEqual([])
      }),
    ),
)

it.effect.prop(
  "whatever arrives, in whatever order, there is one outcome and nothing is left",
  {
    plan: Arb.arrivals(["yes", "no", "stranger"], { within: 40_000, near: [WITHIN] }),
    latency: Arb.latencies(500),
    interleaving: Arb.interleaving,
  },
  ({ interleaving, latency, plan }) =>
    Kit.run(features, { latency, ...(interleaving === undefined ? {} : { interleaving }) }, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, clock, leftovers } = kit
        const turn = yield* ada.run(book, { boat: "Elly" })
        yield* turn.nextMessage
        yield* Explore.play(plan, {
          yes: ada.click("Yes"),
          no: ada.click("No"),
          stranger: ben.click("Yes"),
        })
        yield* clock.runToIdle

        expect((yield* turn.outcome)._tag).toMatch(/^(?:Completed|TimedOut)$/u)
        const taken = yield* (yield* Berths).taken
        const [answer, ...more] = yield* ada.finalReplies(turn)
        expect(more).toEqual([])
        // What Ada reads is what has happened.
        expect(answer?.content.includes("lies at berth")).toBe(taken === 1)
        expect(yield* leftovers).toEqual([])
      }),
    ),
)
