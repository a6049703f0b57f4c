import { describe, expect, it } from "@effect/vitest"
import { ChannelType, ComponentType } from "discord-api-types/v10"
import { Effect } from "effect"
import type { Failure } from "../../src/sandbox/people/Actor.js"
import * as InProcess from "./InProcess.js"
import { bodyOf, make, provided } from "./Scene.js"

/** The sentence of a refusal. */
const refusal = <A, E extends { readonly message: string }, R>(deed: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(deed), ({ message }) => message)

const setUp = Effect.gen(function* () {
  const scene = yield* make()
  const { call, sandbox, world } = scene
  yield* call("PUT", `/applications/${world.bot.id}/commands`, [{ name: "go", description: "Goes" }])
  return {
    ...scene,
    cleo: yield* sandbox.actor("cleo"),
    /** Answers the newest interaction. */
    answer: (type: number, data: object) =>
      Effect.gen(function* () {
        const { id, token } = (yield* scene.last("INTERACTION_CREATE")) ?? {}
        return (yield* call("POST", `/interactions/${id}/${token}/callback`, { type, data })).status
      }),
  }
})

const panel = [
  { type: 1, components: [{ type: 2, style: 1, label: "Ask", custom_id: "ask" }] },
  {
    type: 1,
    components: [
      {
        type: ComponentType.StringSelect,
        custom_id: "colours",
        max_values: 2,
        options: ["red", "green"].map((value) => ({ label: value, value })),
      },
    ],
  },
]

describe("a person's screen", () => {
  it.scoped("lets nobody write or run a command where there is nothing to type into", () =>
    Effect.gen(function* () {
      const { call, cleo, connection, path } = yield* setUp
      for (const [name, type] of [
        ["shelf", ChannelType.GuildCategory],
        ["forum", ChannelType.GuildForum],
      ] as const) {
        yield* call("POST", `${path}/channels`, { name, type })
        yield* InProcess.settle
        const before = connection.events().length
        for (const deed of [cleo.say(name, "x"), cleo.type(name), cleo.slash(name, "go")])
          expect((yield* Effect.flip(Effect.asVoid(deed)))._tag).toBe("NotAllowed")
        yield* InProcess.settle
        expect(connection.events().slice(before)).toEqual([])
      }
    }).pipe(provided),
  )

  it.scoped("lets nobody write to a bot with which they share no server, nor in a locked thread", () =>
    Effect.gen(function* () {
      const { call, cleo, connection, person, sandbox } = yield* setUp
      person("eve")
      const eve = yield* sandbox.actor("eve")
      const lone = "eve shares no server with Bosun"
      expect(yield* refusal(eve.say("dm", "x"))).toBe(lone)
      expect(yield* refusal(eve.type("dm"))).toBe(lone)
      expect(yield* refusal(eve.slash("dm", "go"))).toBe(lone)
      yield* eve.join
      yield* eve.say("dm", "x")
      yield* eve.slash("dm", "go")
      const ada = yield* sandbox.actor("ada")
      const thread = yield* cleo.startThread("general", { name: "deck" })
      yield* cleo.say("deck", "x")
      yield* call("PATCH", `/channels/${thread.id}`, { locked: true })
      yield* InProcess.settle
      const before = connection.events().length
      for (const deed of [cleo.say("deck", "x"), cleo.type("deck"), cleo.slash("deck", "go")])
        expect(yield* refusal<unknown, Failure, never>(deed)).toBe("Thread is locked")
      yield* InProcess.settle
      expect(connection.events().slice(before)).toEqual([])
      yield* ada.type("deck")
      yield* ada.slash("deck", "go")
    }).pipe(provided),
  )

  it.scoped("chooses each value of a select once", () =>
    Effect.gen(function* () {
      const { call, cleo, general, last } = yield* setUp
      const asked = yield* call("POST", `/channels/${general.id}/messages`, { components: panel })
      const id = String(bodyOf(asked)["id"])
      expect(yield* refusal(cleo.select(id, "colours", ["red", "Red"]))).toBe("Red is chosen twice")
      yield* cleo.select(id, "colours", ["red", "green"])
      expect((yield* last("INTERACTION_CREATE"))?.["data"]).toMatchObject({ values: ["red", "green"] })
    }).pipe(provided),
  )

  it.scoped("has nothing left of a server that they have left: no own message, no open modal", () =>
    Effect.gen(function* () {
      const { answer, cleo, connection } = yield* setUp
      yield* cleo.slash("general", "go")
      expect(yield* answer(4, { flags: 64, components: panel })).toBe(204)
      const [own] = yield* cleo.history("general")
      const id = own?.id ?? ""
      yield* cleo.press(id, "ask")
      const field = { type: 4, custom_id: "why", style: 1 }
      expect(
        yield* answer(9, {
          title: "Why?",
          custom_id: "why",
          components: [{ type: 18, label: "Why?", component: field }],
        }),
      ).toBe(204)
      const [modal] = cleo.modals()
      if (modal === undefined) return yield* Effect.dieMessage("no modal")
      yield* cleo.leave
      yield* InProcess.settle
      const before = connection.events().length
      expect(yield* refusal(cleo.press(id, "ask"))).toBe(`There is no message ${id}`)
      expect(yield* refusal(cleo.submit(modal, { why: "so" }))).toBe("cleo does not see #general any more")
      yield* InProcess.settle
      expect(connection.events().slice(before)).toEqual([])
      yield* cleo.join
      yield* cleo.submit(modal, { why: "so" })
    }).pipe(provided),
  )
})
