import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as policies from "../../docs/examples/policies.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

const run = <A, E>(effect: Effect.Effect<A, E, Sandbox.Sandbox>) =>
  Effect.promise(() =>
    VirtualClock.run(
      Effect.zipRight(Deploy.apply(), effect).pipe(
        Effect.provide(Harbour.inProcess(policies.layer, { policies: policies.policies })),
      ),
    ),
  ).pipe(
    Effect.flatMap(({ exit }) => exit),
    Effect.orDie,
  )

/** Somebody calls a command; what they are told in the end, whole seconds later. */
const told = (name: string, command: string, values: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const clock = yield* Effect.clock
    const before = clock.unsafeCurrentTimeMillis()
    const actor = yield* sandbox.actor(name)
    const turn = yield* actor.slash("general", `yard ${command}`, values)
    const state = yield* turn.settled
    const text =
      state._tag === "Responded" ? state.messages.map(({ content }) => content).join("\n") : state._tag
    return { text, after: Math.floor((clock.unsafeCurrentTimeMillis() - before) / 1_000) }
  })

describe("the example policies", () => {
  it.live("lifts one boat after the other, in spite of a busy crane, twice an hour", () =>
    Effect.gen(function* () {
      const seen = yield* run(
        Effect.gen(function* () {
          const cleo = yield* Effect.fork(told("cleo", "lift", { boat: "Elly" }))
          yield* Effect.sleep("1 second")
          const dan = yield* told("dan", "lift", { boat: "Mary" })
          const first = yield* Fiber.join(cleo)
          yield* told("cleo", "lift", { boat: "Elsa" })
          return { first, dan, third: yield* told("cleo", "lift", { boat: "Elly" }) }
        }),
      )
      expect(seen.first).toEqual({ text: "Elly hangs on the crane.", after: 5 })
      // Four seconds in the queue, then two until the second try, and three on the crane.
      expect(seen.dan).toEqual({ text: "Mary hangs on the crane.", after: 9 })
      expect(seen.third.text).toMatch(/^You have used this a moment ago\. Please try again <t:\d+:R>\.$/u)
    }),
  )

  it.live("sends away only those who stand below", () =>
    Effect.gen(function* () {
      const seen = yield* run(
        Effect.gen(function* () {
          return {
            himself: (yield* told("ben", "evict", { skipper: "ben" })).text,
            owner: (yield* told("ben", "evict", { skipper: "ada" })).text,
            below: (yield* told("ben", "evict", { skipper: "dan" })).text,
          }
        }),
      )
      expect(seen).toEqual({
        himself: "You cannot do that to yourself.",
        owner: "Nobody can do that to the owner of the server.",
        below: "Dan has left.",
      })
    }),
  )

  it.live("shows the journal to the owner alone", () =>
    Effect.gen(function* () {
      const seen = yield* run(
        Effect.gen(function* () {
          yield* told("cleo", "lift", { boat: "Elly" })
          return [
            (yield* told("cleo", "evict", { skipper: "dan" })).text,
            (yield* told("ben", "journal")).text,
            (yield* told("ada", "journal")).text,
          ]
        }),
      )
      expect(seen).toEqual([
        "That needs the permission Kick Members.",
        "Only my owner can do that.",
        "cleo: yard lift, done",
      ])
    }),
  )

  it.live("offers the boats of the yard while somebody types", () =>
    Effect.gen(function* () {
      const seen = yield* run(
        Effect.gen(function* () {
          const sandbox = yield* Sandbox.Sandbox
          const cleo = yield* sandbox.actor("cleo")
          const turn = yield* cleo.autocomplete("general", "yard lift", "boat", { boat: "el" })
          return yield* turn.settled
        }),
      )
      expect(seen).toMatchObject({
        _tag: "ChoicesShown",
        choices: [
          { name: "Elly", value: "Elly" },
          { name: "Elsa", value: "Elsa" },
        ],
      })
    }),
  )
})
