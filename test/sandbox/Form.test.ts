import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Scene from "./Scene.js"

const ping = { name: "ping", description: "Pings" }

describe("a body", () => {
  it.scoped("that names what every object has is refused at that place, and changes nothing else", () =>
    Effect.gen(function* () {
      const { call, world } = yield* Scene.make()
      const commands = `/applications/${world.bot.id}/commands`
      for (const name of ["__proto__", "constructor", "_errors"]) {
        const body = `{"name":"ping","description":"Pings","name_localizations":{"${name}":"x"}}`
        const answer = yield* call("POST", commands, body)
        expect(Scene.codeOf(answer)).toEqual([400, 50035])
        const errors = Scene.bodyOf(answer)["errors"] as { readonly name_localizations: object }
        expect(Object.keys(errors.name_localizations)).toEqual([name])
      }
      expect(({} as Record<string, unknown>)["_errors"]).toBeUndefined()
    }).pipe(Scene.provided),
  )

  it.scoped(
    "with a value of another kind is refused by name, and never converted from a list or an object",
    () =>
      Effect.gen(function* () {
        const { call, general, path, world } = yield* Scene.make()
        const odd = { toString: 1, valueOf: 1 }
        const commands = `/applications/${world.bot.id}/commands`
        const rule = { name: "Rule", event_type: 1, trigger_type: 1, actions: [{ type: 1 }] }
        const rules = `${path}/auto-moderation/rules`
        const wrong: ReadonlyArray<readonly [string, string, unknown, string]> = [
          ["POST", `${path}/roles`, { permissions: ["1024"] }, "permissions"],
          ["POST", `${path}/roles`, { permissions: odd }, "permissions"],
          ["POST", `${path}/roles`, { colors: "x" }, "colors"],
          ["POST", `${path}/channels`, { name: "a", parent_id: odd }, "parent_id"],
          [
            "POST",
            `${path}/channels`,
            { name: "a", type: 15, default_reaction_emoji: "x" },
            "default_reaction_emoji",
          ],
          ["POST", commands, { ...ping, default_member_permissions: odd }, "default_member_permissions"],
          ["POST", commands, { ...ping, options: [{ ...ping, type: [3] }] }, "options"],
          ["POST", commands, { ...ping, options: [{ ...ping, type: "4" }] }, "options"],
          ["POST", `/channels/${general.id}/messages`, { content: "x", flags: odd }, "flags"],
          ["POST", `/channels/${general.id}/messages/bulk-delete`, { messages: [odd, [1]] }, "messages"],
          ["POST", `${path}/bulk-ban`, { user_ids: [odd] }, "user_ids"],
          ["POST", rules, { ...rule, actions: "x" }, "actions"],
          ["POST", rules, { ...rule, exempt_roles: ["abc"] }, "exempt_roles"],
          [
            "POST",
            rules,
            { ...rule, trigger_type: 4, trigger_metadata: { presets: "x" } },
            "trigger_metadata",
          ],
        ]
        for (const [method, to, body, field] of wrong) {
          const answer = yield* call(method, to, body)
          expect([to, body, Scene.codeOf(answer)]).toEqual([to, body, [400, 50035]])
          expect(Scene.wrongOf(answer)).toEqual([field])
        }
      }).pipe(Scene.provided),
  )

  it.scoped("deeper than anything that Discord knows is no JSON", () =>
    Effect.gen(function* () {
      const { call, general } = yield* Scene.make()
      const body = `{"content":"x","nonce":${"[".repeat(20_000)}${"]".repeat(20_000)}}`
      const answer = yield* call("POST", `/channels/${general.id}/messages`, body)
      expect(Scene.codeOf(answer)).toEqual([400, 50109])
    }).pipe(Scene.provided),
  )

  it.scoped("of all commands must be there, and numbers in it are kept as numbers", () =>
    Effect.gen(function* () {
      const { call, world } = yield* Scene.make()
      const commands = `/applications/${world.bot.id}/commands`
      const choices = [{ name: "seven", value: "7" }]
      const options = [{ ...ping, type: 4, min_value: "5", choices }]
      const made = yield* call("PUT", commands, [{ ...ping, options }])
      expect(made.body).toMatchObject([{ options: [{ min_value: 5, choices: [{ value: 7 }] }] }])
      for (const body of [undefined, "null", {}])
        expect(Scene.codeOf(yield* call("PUT", commands, body))).toEqual([400, 50035])
      expect((yield* call("GET", commands)).body).toHaveLength(1)
    }).pipe(Scene.provided),
  )

  it.scoped("keeps a forum's tags by ids of its own alone", () =>
    Effect.gen(function* () {
      const { call, path } = yield* Scene.make()
      const forum = yield* call("POST", `${path}/channels`, {
        name: "forum",
        type: 15,
        available_tags: [{ id: "123456789012345678", name: "a" }],
      })
      const { available_tags, id } = Scene.bodyOf(forum) as {
        readonly id: string
        readonly available_tags: ReadonlyArray<{ readonly id: string }>
      }
      const own = available_tags[0]?.id
      expect(own).not.toBe("123456789012345678")
      const tags = [
        { id: own, name: "b" },
        { id: own, name: "c" },
        { id: "5", name: "d" },
      ]
      const changed = Scene.bodyOf(yield* call("PATCH", `/channels/${id}`, { available_tags: tags }))
      const ids = (changed["available_tags"] as typeof available_tags).map((tag) => tag.id)
      expect([ids[0], new Set(ids).size, ids.includes("5")]).toEqual([own, 3, false])
    }).pipe(Scene.provided),
  )

  it.scoped("about polls names an answer that is there; embeds hidden are no correction", () =>
    Effect.gen(function* () {
      const { call, general } = yield* Scene.make()
      const at = `/channels/${general.id}`
      const poll = { question: { text: "?" }, answers: [{ poll_media: { text: "yes" } }] }
      const { id } = Scene.bodyOf(yield* call("POST", `${at}/messages`, { poll }))
      expect((yield* call("GET", `${at}/polls/${String(id)}/answers/1`)).status).toBe(200)
      for (const answer of ["77", "x"])
        expect(Scene.codeOf(yield* call("GET", `${at}/polls/${String(id)}/answers/${answer}`))).toEqual([
          400, 50035,
        ])
      const plain = Scene.bodyOf(yield* call("POST", `${at}/messages`, { content: "x" }))
      const hidden = yield* call("PATCH", `${at}/messages/${String(plain["id"])}`, { flags: 4 })
      expect(hidden.body).toMatchObject({ flags: 4, edited_timestamp: null })
    }).pipe(Scene.provided),
  )
})
