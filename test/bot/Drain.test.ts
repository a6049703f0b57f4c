import { describe, expect, it } from "@effect/vitest"
import { Data, Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Command from "../../src/command/Command.js"
import * as Param from "../../src/command/Param.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Group from "../../src/supervise/Group.js"
import { Arb, Kit } from "../../src/testing/index.js"

class CannotWork extends Data.TaggedError("CannotWork") {
  readonly userText = "It cannot be done."
}

const kinds = ["work", "shows", "asks", "fails", "dies", "clings"] as const
type Kind = (typeof kinds)[number]

const work = Command.make(
  "work",
  {
    description: "Works",
    params: { how: Param.string("How", { choices: kinds }), millis: Param.integer("For how long") },
  },
  ({ how, millis }, interaction) =>
    Effect.gen(function* () {
      if (how === "shows") yield* interaction.show(Reply.text("Working…"))
      if (how === "asks") yield* Prompt.confirm("Go on?", { within: "10 minutes" })
      yield* how === "clings" ? Effect.uninterruptible(Effect.sleep(millis)) : Effect.sleep(millis)
      if (how === "fails") return yield* new CannotWork()
      if (how === "dies") return yield* Effect.dieMessage("a bug")
      return Reply.text("Worked")
    }),
)

/** What a command ends with once the bot was asked to stop, by whether its work is done before the grace is over. */
const expected = (how: Kind, inTime: boolean): string => {
  if (how === "asks" || !inTime) return "Cancelled"
  if (how === "fails") return "Failed"
  return how === "dies" ? "Died" : "Completed"
}

/** The outcome's own text, told from what was only shown and from a question that was closed. */
const OUTCOME = /^(?:Worked|It cannot be done|Something in me broke|I am being restarted)/u

const GRACE = 5_000

const splits = Command.make("split", { description: "Splits its work" }, () =>
  Effect.gen(function* () {
    yield* Effect.sleep("2 seconds")
    const { one, two } = yield* Group.all({ one: Effect.succeed(1), two: Effect.succeed(2) })
    return Reply.text(`Worked ${one + two}`)
  }),
)

describe("the drain", () => {
  it.effect("lets a command that runs begin a group", () =>
    Kit.run(Command.layer(splits), {}, ({ ada, clock, shutdown }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(splits, {})
        yield* clock.advance(1_000)
        yield* shutdown(GRACE)
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("Completed")
        expect((yield* turn.replies).map(({ content }) => content)).toEqual(["Worked 3"])
      }),
    ),
  )

  it.effect.prop(
    "gives each running command one visible outcome, whatever runs and however slow Discord is",
    {
      calls: fc.array(
        fc.record({
          how: fc.constantFrom(...kinds),
          millis: Arb.around([GRACE], 2 * GRACE),
          after: fc.nat(2_000),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      latency: Arb.latencies(400),
    },
    ({ calls, latency }) =>
      Kit.run(Command.layer(work), { latency }, ({ ada, clock, shutdown }) =>
        Effect.gen(function* () {
          const turns = yield* Effect.forEach(calls, ({ after, how, millis }) =>
            Effect.gen(function* () {
              const turn = yield* ada.run(work, { how, millis })
              yield* clock.advance(after)
              return { how, millis, turn, startedAt: (yield* clock.now) - after }
            }),
          )
          const askedAt = yield* clock.now
          yield* shutdown(GRACE)
          yield* clock.runToIdle
          for (const { how, millis, startedAt, turn } of turns) {
            const outcome = yield* turn.outcome
            const endsAt = startedAt + millis
            // What ends while the stop is on its way may go either way: an answer takes up to a second.
            if (Math.abs(endsAt - (askedAt + GRACE)) > 1_000)
              expect(outcome._tag, `${how} ${millis}`).toBe(expected(how, endsAt < askedAt + GRACE))
            const shown = (yield* turn.replies).map(({ content }) => content)
            expect(
              shown.filter((text) => OUTCOME.test(text)),
              JSON.stringify(shown),
            ).toHaveLength(1)
          }
        }),
      ),
    { fastCheck: { numRuns: 60 }, timeout: 60_000 },
  )
})
