import { describe, expect, it } from "@effect/vitest"
import { GatewayIntentBits } from "discord-api-types/v10"
import { Cause, Effect, Exit, FastCheck as fc, Fiber, TestClock } from "effect"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"
import * as Harness from "./Harness.js"

const { layer, leftovers, messageDelete, press, reactionAdd, said, waiting } = Harness

type Answer = Wait.Press | Wait.Message | Wait.Reaction

const button = Wait.component({ customId: "w1.q", userId: "ada" })
const word = Wait.message({ channelId: "general", authorId: "ada" })
const thumb = Wait.reaction({ messageId: "m", userId: "ada" })
const any: Wait.For<Answer> = Wait.either(button, Wait.either(word, thumb))
const within = "10 seconds"

const kindOf = (answer: Answer): string =>
  "customId" in answer ? "press" : "content" in answer ? "message" : "reaction"

/** Brings one answer of the kind. */
const give = (waits: Waits.Waits, kind: string): void => {
  if (kind === "press") waits.press(press().press)
  else if (kind === "message") waits.message(said("yes"), false)
  else waits.packet(reactionAdd("m"))
}

describe("a wait for the first of several", () => {
  it("gives the answers in their order of arrival, whichever of them they are", () => {
    const arrivals = fc.array(fc.constantFrom("press", "message", "reaction"), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(arrivals, fc.nat(8), (kinds, before) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const waits = yield* Waits.Waits
            const armed = yield* Wait.arm(any)
            for (const kind of kinds.slice(0, before)) give(waits, kind)
            const { next } = yield* armed.start(within)
            const reading = yield* waiting(Effect.replicateEffect(next, kinds.length))
            for (const kind of kinds.slice(before)) give(waits, kind)
            return [...(yield* Fiber.join(reading))].map(kindOf)
          }).pipe(Effect.scoped, Effect.provide(layer())),
        )
        expect(exit).toEqual(Exit.succeed(kinds))
      }),
    )
  })

  it.effect("is one wait: one entry on the roster, one answer, one deadline", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const answered = yield* waiting(Wait.next(any, { within }))
      expect(yield* leftovers).toEqual(["wait a press of w1.q of <@ada>"])
      expect(waits.message(said("yes"), false)).toBe(true)
      expect(waits.message(said("again"), false)).toBe(false)
      expect(waits.press(press().press)).toBe("late")
      expect(kindOf(yield* Fiber.join(answered))).toBe("message")
      const late = yield* waiting(Wait.next(any, { within }))
      yield* TestClock.adjust(within)
      expect((yield* Effect.flip(Fiber.join(late)))._tag).toBe("WaitTimeout")
      for (const kind of ["press", "message"]) give(waits, kind)
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("takes turns with other waits by who came first", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const first = yield* waiting(Wait.next(any, { within }))
      const second = yield* waiting(Wait.next(word, { within }))
      waits.message(said("one"), false)
      waits.message(said("two"), false)
      expect(yield* Fiber.join(first)).toMatchObject({ content: "one" })
      expect((yield* Fiber.join(second)).content).toBe("two")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("has all of those that are themselves of several", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fiber = yield* waiting(Wait.next(any, { within }))
      waits.packet(reactionAdd("m"))
      expect(kindOf(yield* Fiber.join(fiber))).toBe("reaction")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("sees an event once that fits two of them", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const what = Wait.either(Wait.component({ customId: "w1.q" }), Wait.component({ messageId: "m" }))
      const watching = yield* waiting(Wait.collect(what, { within, watch: true }))
      const taking = yield* waiting(Wait.collect(what, { within }))
      waits.press(press({ messageId: "m" }).press)
      waits.press(press({ customId: "x", messageId: "m" }).press)
      yield* TestClock.adjust(within)
      const seen = yield* Effect.all([Fiber.join(watching), Fiber.join(taking)])
      expect(seen.map((presses) => presses.map(({ customId }) => customId))).toEqual([
        ["w1.q", "x"],
        ["w1.q", "x"],
      ])
    }).pipe(Effect.provide(layer())),
  )
})

describe("an optional one", () => {
  const without = layer({ granted: () => GatewayIntentBits.Guilds })
  const text = Wait.optional(word)

  it.effect("is left out where the bot does not get such events", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      for (const what of [Wait.either(button, text), Wait.either(text, button)]) {
        const fiber = yield* waiting(Wait.next(what, { within }))
        expect(waits.message(said("yes"), false)).toBe(false)
        expect(waits.press(press().press)).toBe("claimed")
        expect(kindOf(yield* Fiber.join(fiber))).toBe("press")
      }
      const both = Wait.either(button, Wait.optional(Wait.either(word, thumb)))
      expect((yield* waiting(Wait.next(both, { within }))).unsafePoll()).toBeNull()
    }).pipe(Effect.provide(without)),
  )

  it.effect("counts where the bot gets them", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fiber = yield* waiting(Wait.next(Wait.either(button, text), { within }))
      expect(waits.message(said("yes"), false)).toBe(true)
      expect(kindOf(yield* Fiber.join(fiber))).toBe("message")
    }).pipe(Effect.provide(layer({ granted: () => GatewayIntentBits.GuildMessages }))),
  )

  it.effect("is a defect to be without for one that is not", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Wait.next(Wait.either(button, word), { within }))
      expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBeInstanceOf(Wait.MissingIntent)
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(without)),
  )
})

describe("a question that is deleted while it is being sent", () => {
  it.effect("ends its wait as soon as it is known", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      // Before anybody waited: not of any question that is under way.
      waits.packet(messageDelete("old"))
      const armed = yield* Wait.arm(any)
      waits.packet(messageDelete("question"))
      const { next } = yield* armed.start(within)
      yield* armed.until({ messageId: "old", channelId: "general" })
      expect(yield* leftovers).toHaveLength(1)
      yield* armed.until({ messageId: "question", channelId: "general" })
      expect(yield* leftovers).toEqual([])
      expect(yield* Effect.flip(next)).toMatchObject({ _tag: "WaitTargetGone", gone: "message" })
    }).pipe(Effect.scoped, Effect.provide(layer())),
  )

  it.effect("gives an answer that came before that", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const armed = yield* Wait.arm(any)
      waits.message(said("yes"), false)
      waits.packet(messageDelete("question"))
      const { next } = yield* armed.start(within)
      yield* armed.until({ messageId: "question", channelId: "general" })
      expect(kindOf(yield* next)).toBe("message")
      expect((yield* Effect.flip(next))._tag).toBe("WaitTargetGone")
    }).pipe(Effect.scoped, Effect.provide(layer())),
  )
})
