import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { codeOf, faults, idOf, png, provided, setUp, without } from "./Harbour.js"

const path = (messages: string, id: string, emoji: string, who = "") =>
  `${messages}/${id}/reactions/${encodeURIComponent(emoji)}${who}`

describe("Reactions", () => {
  it.scoped("come and go with their events", () =>
    Effect.gen(function* () {
      const { call, general, guild, id, messages, sandbox, send, told, world } = yield* setUp
      const message = idOf(yield* send({ content: "c" }))
      const ada = yield* sandbox.actor("ada")
      yield* ada.react(message, "🎉")
      yield* call("PUT", path(messages, message, "🎉", "/@me"))
      yield* call("PUT", path(messages, message, "🎉", "/@me"))
      expect((yield* call("GET", `${messages}/${message}`)).body).toMatchObject({
        reactions: [{ emoji: { id: null, name: "🎉" }, count: 2, me: true, me_burst: false }],
      })
      yield* call("DELETE", path(messages, message, "🎉", `/${id("ada")}`))
      yield* call("DELETE", path(messages, message, "🎉"))
      yield* call("PUT", path(messages, message, "👍", "/@me"))
      yield* call("DELETE", `${messages}/${message}/reactions`)
      const place = { channel_id: general.id, guild_id: guild.id, message_id: message }
      const events = (yield* told).filter(({ t }) => t?.startsWith("MESSAGE_REACTION") === true)
      expect(events.map(({ d, t }) => [t, d])).toMatchObject([
        [
          "MESSAGE_REACTION_ADD",
          {
            ...place,
            user_id: id("ada"),
            emoji: { id: null, name: "🎉" },
            burst: false,
            type: 0,
            message_author_id: world.bot.id,
            member: { user: { username: "ada" } },
          },
        ],
        ["MESSAGE_REACTION_ADD", { user_id: world.bot.id }],
        ["MESSAGE_REACTION_REMOVE", { ...place, user_id: id("ada"), burst: false, type: 0 }],
        ["MESSAGE_REACTION_REMOVE_EMOJI", { ...place, emoji: { name: "🎉" } }],
        ["MESSAGE_REACTION_ADD", { emoji: { name: "👍" } }],
        ["MESSAGE_REACTION_REMOVE_ALL", place],
      ])
    }).pipe(provided),
  )

  it.scoped("are listed by page; nobody has super ones", () =>
    Effect.gen(function* () {
      const { call, messages, sandbox, send } = yield* setUp
      const message = idOf(yield* send({ content: "c" }))
      for (const name of ["dan", "ada", "ben"]) yield* (yield* sandbox.actor(name)).react(message, "👍")
      const list = (query: string) =>
        Effect.map(call("GET", `${path(messages, message, "👍")}?${query}`), ({ body }) => body)
      const all = (yield* list("")) as ReadonlyArray<{ readonly id: string; readonly username: string }>
      expect(all.map(({ username }) => username)).toEqual(["ada", "ben", "dan"])
      expect(yield* list("limit=2")).toEqual(all.slice(0, 2))
      expect(yield* list(`after=${all[0]?.id}`)).toEqual(all.slice(1))
      expect(yield* list("type=1")).toEqual([])
      expect(faults(yield* call("GET", `${path(messages, message, "👍")}?limit=0`))).toEqual([
        "limit: NUMBER_TYPE_MIN",
      ])
    }).pipe(provided),
  )

  it.scoped("are of 20 kinds at most, and of emojis that there are", () =>
    Effect.gen(function* () {
      const { call, guild, messages, send } = yield* setUp
      const message = idOf(yield* send({ content: "c" }))
      const react = (emoji: string) => call("PUT", path(messages, message, emoji, "/@me"))
      expect(codeOf(yield* react("thumbs"))).toEqual([400, 10014])
      expect(codeOf(yield* react("gone:175928847299117063"))).toEqual([400, 10014])
      const image = `data:image/png;base64,${Buffer.from(png(32, 32)).toString("base64")}`
      const emoji = idOf(yield* call("POST", `/guilds/${guild.id}/emojis`, { name: "anchor", image }))
      expect((yield* react(`anything:${emoji}`)).status).toBe(204)
      expect((yield* call("GET", `${messages}/${message}`)).body).toMatchObject({
        reactions: [{ emoji: { id: emoji, name: "anchor" } }],
      })
      for (let n = 0; n < 19; n++) expect((yield* react(String.fromCodePoint(0x1f600 + n))).status).toBe(204)
      expect(codeOf(yield* react("👍"))).toEqual([400, 30010])
      expect((yield* react(String.fromCodePoint(0x1f600))).status).toBe(204)
      expect(codeOf(yield* call("DELETE", path(messages, message, "👍", "/@me")))).toEqual([400, 10014])
    }).pipe(provided),
  )

  it.scoped("want a permission for a new kind, and another to take away those of others", () =>
    Effect.gen(function* () {
      const { call, id, messages, sandbox, send } = yield* without(Bit.AddReactions | Bit.ManageMessages)
      const message = idOf(yield* send({ content: "c" }))
      const put = call("PUT", path(messages, message, "👍", "/@me"))
      expect(codeOf(yield* put)).toEqual([403, 50013])
      // The owner may.
      yield* (yield* sandbox.actor("ada")).react(message, "👍")
      expect((yield* put).status).toBe(204)
      for (const target of [`/${id("ada")}`, ""])
        expect(codeOf(yield* call("DELETE", path(messages, message, "👍", target)))).toEqual([403, 50013])
      expect((yield* call("DELETE", path(messages, message, "👍", "/@me"))).status).toBe(204)
    }).pipe(provided),
  )

  it.scoped("are no emoji of a poll's own", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const answers = [{ poll_media: { text: "a", emoji: { name: "🎉" } } }]
      const poll = idOf(yield* send({ poll: { question: { text: "q" }, answers } }))
      expect(codeOf(yield* call("PUT", path(messages, poll, "🎉", "/@me")))).toEqual([400, 520004])
      expect((yield* call("PUT", path(messages, poll, "👍", "/@me"))).status).toBe(204)
    }).pipe(provided),
  )

  it.scoped("of others stay in direct messages, and all of them in an archived thread", () =>
    Effect.gen(function* () {
      const { call, general, id } = yield* setUp
      const direct = idOf(yield* call("POST", "/users/@me/channels", { recipient_id: id("ada") }))
      const thread = idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))
      const reacted = (channel: string) =>
        Effect.gen(function* () {
          const message = idOf(yield* call("POST", `/channels/${channel}/messages`, { content: "c" }))
          const on = `/channels/${channel}/messages/${message}/reactions`
          yield* call("PUT", `${on}/${encodeURIComponent("👍")}/@me`)
          return ["", "/👍", `/👍/${id("ada")}`].map((rest) => encodeURI(on + rest))
        })
      for (const one of yield* reacted(direct))
        expect(codeOf(yield* call("DELETE", one))).toEqual([403, 50003])
      const inThread = yield* reacted(thread)
      yield* call("PATCH", `/channels/${thread}`, { archived: true })
      for (const one of inThread) expect(codeOf(yield* call("DELETE", one))).toEqual([400, 50083])
    }).pipe(provided),
  )
})
