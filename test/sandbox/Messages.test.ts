import { describe, expect, it, vi } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { bodyOf, codeOf, faults, idOf, provided, setUp, without } from "./Harbour.js"

const ids = (body: unknown) => (body as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)

describe("Messages", () => {
  it.scoped("pages through the history: before, after or around, and only one of them", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const sent: Array<string> = []
      for (let n = 0; n < 9; n++) sent.push(idOf(yield* send({ content: String(n) })))
      const page = (query: string) => Effect.map(call("GET", `${messages}?${query}`), ({ body }) => ids(body))
      const newest = sent.toReversed()
      expect(yield* page("limit=3")).toEqual(newest.slice(0, 3))
      expect(yield* page(`limit=3&before=${sent[5]}`)).toEqual([sent[4], sent[3], sent[2]])
      expect(yield* page(`limit=3&after=${sent[5]}`)).toEqual([sent[8], sent[7], sent[6]])
      expect(yield* page(`limit=3&after=${sent[1]}`)).toEqual([sent[4], sent[3], sent[2]])
      expect(yield* page(`limit=3&around=${sent[4]}`)).toEqual([sent[5], sent[4], sent[3]])
      expect(yield* page(`limit=1&around=${sent[4]}`)).toEqual([sent[4]])
      expect(codeOf(yield* call("GET", `${messages}?before=${sent[1]}&after=${sent[0]}`))).toEqual([
        400, 50035,
      ])
      expect(faults(yield* call("GET", `${messages}?limit=101`))).toEqual(["limit: NUMBER_TYPE_MAX"])
      expect(faults(yield* call("GET", `${messages}?before=x`))).toEqual(["before: NUMBER_TYPE_COERCE"])
    }).pipe(provided),
  )

  it.scoped("shows no history to a bot that may not read it, and takes no reply from it", () =>
    Effect.gen(function* () {
      const { call, messages, sandbox, send } = yield* without(Bit.ReadMessageHistory)
      const ada = yield* sandbox.actor("ada")
      const { id } = yield* ada.say("general", "hello")
      expect((yield* call("GET", messages)).body).toEqual([])
      expect(codeOf(yield* call("GET", `${messages}/${id}`))).toEqual([403, 50013])
      const reply = yield* send({ content: "re", message_reference: { message_id: id } })
      expect(codeOf(reply)).toEqual([400, 160002])
    }).pipe(provided),
  )

  it.scoped("replies to what is there, and otherwise only where that is allowed", () =>
    Effect.gen(function* () {
      const { call, messages, sandbox, send } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const { id } = yield* ada.say("general", "hello")
      const reply = yield* send({ content: "re", message_reference: { message_id: id } })
      expect(reply.body).toMatchObject({
        type: 19,
        message_reference: { type: 0, message_id: id },
        referenced_message: { id, content: "hello" },
        mentions: [{ username: "ada" }],
      })
      const quiet = { message_reference: { message_id: id }, allowed_mentions: { replied_user: false } }
      expect((yield* send({ content: "re", ...quiet })).body).toMatchObject({ type: 19, mentions: [] })
      const gone = { message_id: "175928847299117063" }
      expect(faults(yield* send({ content: "re", message_reference: gone }))).toEqual([
        "message_reference: REPLIES_UNKNOWN_MESSAGE",
      ])
      const anyway = { ...gone, fail_if_not_exists: false }
      expect((yield* send({ content: "re", message_reference: anyway })).body).toMatchObject({ type: 0 })
      expect(faults(yield* send({ content: "re", message_reference: { type: 3 } }))).toEqual([
        "message_reference.type: BASE_TYPE_CHOICES",
        "message_reference.message_id: BASE_TYPE_REQUIRED",
      ])
      yield* call("PUT", `${messages}/pins/${id}`)
      const [notice] = (yield* call("GET", `${messages}?limit=1`)).body as ReadonlyArray<{ id: string }>
      expect(faults(yield* send({ content: "re", message_reference: { message_id: notice?.id } }))).toEqual([
        "message_reference: REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE",
      ])
    }).pipe(provided),
  )

  it.scoped("forwards a message as it was, and nothing beside it", () =>
    Effect.gen(function* () {
      const { call, general, messages, sandbox, send } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const { id } = yield* ada.say("general", "as it was")
      const reference = { type: 1, message_id: id, channel_id: general.id }
      const forward = yield* send({ message_reference: reference })
      yield* ada.edit(id, "as it is")
      const shown = bodyOf(yield* call("GET", `${messages}/${idOf(forward)}`))
      expect(shown).toMatchObject({
        type: 0,
        content: "",
        flags: 1 << 14,
        message_reference: { type: 1, message_id: id, channel_id: general.id },
        message_snapshots: [{ message: { content: "as it was" } }],
      })
      expect(shown["referenced_message"]).toBeUndefined()
      expect(codeOf(yield* send({ content: "and", message_reference: reference }))).toEqual([400, 160011])
      const gone = { ...reference, message_id: "175928847299117063" }
      expect(codeOf(yield* send({ message_reference: gone }))).toEqual([404, 10008])
      expect(faults(yield* send({ message_reference: { type: 1, message_id: id } }))).toEqual([
        "message_reference.channel_id: BASE_TYPE_REQUIRED",
      ])
    }).pipe(provided),
  )

  it.scoped("mentions a role that everyone may mention, or that the author may", () =>
    Effect.gen(function* () {
      const { guild, send, world } = yield* without(Bit.MentionEveryone)
      const closed = Guilds.addRole(world, guild, { name: "Closed" })
      const open = Guilds.addRole(world, guild, { name: "Open" })
      open.mentionable = true
      const content = `<@&${closed.id}> <@&${open.id}> @everyone`
      expect((yield* send({ content })).body).toMatchObject({
        mention_roles: [open.id],
        mention_everyone: false,
      })
      for (const role of guild.roles.values()) if (role.managed) role.permissions |= Bit.MentionEveryone
      const all = yield* send({ content })
      expect(all.body).toMatchObject({ mention_roles: [closed.id, open.id], mention_everyone: true })
      const some = yield* send({ content, allowed_mentions: { roles: [closed.id] } })
      expect(some.body).toMatchObject({ mention_roles: [closed.id], mention_everyone: false })
    }).pipe(provided),
  )

  it.scoped("finds a nonce again for five minutes", () =>
    Effect.gen(function* () {
      const { send, told } = yield* setUp
      const body = { content: "once", nonce: "n", enforce_nonce: true }
      const first = idOf(yield* send(body))
      yield* TestClock.adjust("4 minutes")
      expect(idOf(yield* send({ ...body, content: "twice" }))).toBe(first)
      expect((yield* told).filter(({ t }) => t === "MESSAGE_CREATE")).toHaveLength(1)
      yield* TestClock.adjust("2 minutes")
      expect(idOf(yield* send(body))).not.toBe(first)
      const plain = { content: "c", nonce: 5 }
      expect(idOf(yield* send(plain))).not.toBe(idOf(yield* send(plain)))
    }).pipe(provided),
  )

  it.scoped("edits its own: content, embeds, flags and their absence", () =>
    Effect.gen(function* () {
      const { call, messages, sandbox, send, told } = yield* setUp
      const id = idOf(yield* send({ content: "a", embeds: [{ title: "t" }], flags: 4 }))
      const edit = (body: unknown, of = id) => call("PATCH", `${messages}/${of}`, body)
      yield* told
      expect((yield* edit({ content: "b" })).body).toMatchObject({
        content: "b",
        flags: 4,
        embeds: [{ title: "t" }],
      })
      expect((yield* told).map(({ t }) => t)).toEqual(["MESSAGE_UPDATE"])
      expect((yield* edit({ flags: 0 })).body).toMatchObject({ content: "b", flags: 0 })
      expect((yield* edit({ content: null })).body).toMatchObject({ content: "" })
      expect(codeOf(yield* edit({ embeds: [] }))).toEqual([400, 50006])
      expect((yield* call("GET", `${messages}/${id}`)).body).toMatchObject({ embeds: [{ title: "t" }] })
      const ada = yield* sandbox.actor("ada")
      const hers = (yield* ada.say("general", "https://example.com")).id
      expect(codeOf(yield* edit({ content: "mine now" }, hers))).toEqual([403, 50005])
      expect((yield* edit({ flags: 4 }, hers)).body).toMatchObject({
        content: "https://example.com",
        flags: 4,
      })
      const v2 = yield* edit({
        content: null,
        embeds: [],
        flags: 1 << 15,
        components: [{ type: 10, content: "w" }],
      })
      expect(v2.body).toMatchObject({ flags: 1 << 15, components: [{ content: "w" }] })
      expect(faults(yield* edit({ content: "back" }))).toEqual([
        "content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      ])
    }).pipe(provided),
  )

  it.scoped("wants the permission for each thing in a message", () =>
    Effect.gen(function* () {
      const { send, upload, messages } = yield* without(
        Bit.EmbedLinks | Bit.AttachFiles | Bit.SendTTSMessages | Bit.SendPolls,
      )
      const poll = { question: { text: "q" }, answers: [{ poll_media: { text: "a" } }] }
      for (const body of [{ embeds: [{ title: "t" }] }, { content: "c", tts: true }, { poll }])
        expect(codeOf(yield* send(body))).toEqual([403, 50013])
      const file = { name: "a.txt", bytes: Buffer.from("a") }
      expect(codeOf(yield* upload("POST", messages, {}, [file]))).toEqual([403, 50013])
      expect((yield* send({ content: "c" })).status).toBe(200)
      expect(codeOf(yield* send({ sticker_ids: ["175928847299117063"] }))).toEqual([400, 50081])
    }).pipe(provided),
  )

  it.scoped("publishes in an announcement channel, once", () =>
    Effect.gen(function* () {
      const { call, guild, messages, send, told } = yield* setUp
      expect(
        codeOf(yield* call("POST", `${messages}/${idOf(yield* send({ content: "c" }))}/crosspost`)),
      ).toEqual([400, 50024])
      const made = yield* call("POST", `/guilds/${guild.id}/channels`, { name: "news", type: 5 })
      const path = `/channels/${idOf(made)}/messages`
      const { body } = yield* call("POST", path, { content: "news" })
      yield* told
      const crosspost = `${path}/${(body as { id: string }).id}/crosspost`
      expect((yield* call("POST", crosspost)).body).toMatchObject({ flags: 1 })
      expect((yield* told).map(({ t }) => t)).toEqual(["MESSAGE_UPDATE"])
      expect(codeOf(yield* call("POST", crosspost))).toEqual([400, 40033])
    }).pipe(provided),
  )

  it.scoped("deletes its own, and others' with permission", () =>
    Effect.gen(function* () {
      const { call, messages, sandbox, send, told } = yield* without(Bit.ManageMessages)
      const ada = yield* sandbox.actor("ada")
      const hers = (yield* ada.say("general", "hers")).id
      const own = idOf(yield* send({ content: "own" }))
      yield* told
      expect(codeOf(yield* call("DELETE", `${messages}/${hers}`))).toEqual([403, 50013])
      expect((yield* call("DELETE", `${messages}/${own}`)).status).toBe(204)
      expect(codeOf(yield* call("DELETE", `${messages}/${own}`))).toEqual([404, 10008])
      expect((yield* told).map(({ d, t }) => [t, d["id"]])).toEqual([["MESSAGE_DELETE", own]])
    }).pipe(provided),
  )

  it.scoped("shows of a reply the message before it, and nothing of what that one replied to", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const reply = (to: string) => send({ content: "re", message_reference: { message_id: to } })
      const first = idOf(yield* send({ content: "first" }))
      const second = idOf(yield* reply(first))
      const third = idOf(yield* reply(second))
      const shown = (yield* call("GET", `${messages}/${third}`)).body as {
        readonly referenced_message: Readonly<Record<string, unknown>>
      }
      expect(shown.referenced_message).toMatchObject({ id: second, message_reference: { message_id: first } })
      expect(shown.referenced_message).not.toHaveProperty("referenced_message")
    }).pipe(provided),
  )

  it.scoped("cost the same at the end of a long chain of replies", () =>
    Effect.gen(function* () {
      const { send, world } = yield* setUp
      let last = idOf(yield* send({ content: "0" }))
      for (let n = 1; n <= 300; n++)
        last = idOf(yield* send({ content: String(n), message_reference: { message_id: last } }))
      const find = vi.spyOn(world.channels, "get")
      yield* send({ content: "end", message_reference: { message_id: last } })
      expect(find.mock.calls.length).toBeLessThan(20)
    }).pipe(provided),
  )

  it.scoped("that are refused wake no thread", () =>
    Effect.gen(function* () {
      const { call, general, told } = yield* setUp
      const thread = `/channels/${idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))}`
      const say = (more: object) => call("POST", `${thread}/messages`, { content: "c", ...more })
      const once = { nonce: "n", enforce_nonce: true }
      const said = idOf(yield* say(once))
      yield* call("PATCH", thread, { archived: true })
      yield* told
      const gone = { message_reference: { message_id: "175928847299117063" } }
      expect(faults(yield* say(gone))).toEqual(["message_reference: REPLIES_UNKNOWN_MESSAGE"])
      expect(codeOf(yield* say({ sticker_ids: ["175928847299117063"] }))).toEqual([400, 50081])
      expect(idOf(yield* say(once))).toBe(said)
      expect(yield* told).toEqual([])
      expect((yield* say({})).status).toBe(200)
      expect((yield* told).map(({ t }) => t)).toEqual(["THREAD_UPDATE", "MESSAGE_CREATE"])
    }).pipe(provided),
  )

  it.scoped("are not sent again with the nonce of one that was deleted", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const once = { content: "c", nonce: 7, enforce_nonce: true }
      const sent = idOf(yield* send(once))
      expect(idOf(yield* send(once))).toBe(sent)
      yield* call("DELETE", `${messages}/${sent}`)
      expect(codeOf(yield* send(once))).toEqual([404, 10008])
      yield* TestClock.adjust("6 minutes")
      expect((yield* send(once)).status).toBe(200)
    }).pipe(provided),
  )

  it.scoped("go only to people with whom the bot is in a guild", () =>
    Effect.gen(function* () {
      const { call, guild, id, world } = yield* setUp
      const direct = idOf(yield* call("POST", "/users/@me/channels", { recipient_id: id("cleo") }))
      const say = call("POST", `/channels/${direct}/messages`, { content: "c" })
      expect((yield* say).status).toBe(200)
      Guilds.leave(world, guild, id("cleo"))
      expect(codeOf(yield* say)).toEqual([403, 50278])
    }).pipe(provided),
  )

  it.scoped("stay where Discord keeps them, and where their thread is archived", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const thread = `/channels/${idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))}`
      const own = idOf(yield* call("POST", `${thread}/messages`, { content: "c" }))
      yield* call("PATCH", thread, { name: "renamed" })
      const renamed = ids((yield* call("GET", `${thread}/messages`)).body)[0] ?? ""
      expect(codeOf(yield* call("DELETE", `${thread}/messages/${renamed}`))).toEqual([403, 50021])
      const bulk = call("POST", `${thread}/messages/bulk-delete`, { messages: [own, renamed] })
      expect(codeOf(yield* bulk)).toEqual([403, 50021])
      yield* call("PATCH", thread, { archived: true })
      expect(codeOf(yield* call("DELETE", `${thread}/messages/${own}`))).toEqual([400, 50083])
      expect(codeOf(yield* bulk)).toEqual([400, 50083])
      yield* call("PATCH", thread, { archived: false })
      expect((yield* call("DELETE", `${thread}/messages/${own}`)).status).toBe(204)
    }).pipe(provided),
  )

  it.scoped("show an application without the message-content intent only what concerns it", () =>
    Effect.gen(function* () {
      const { call, id, messages, sandbox, send, world } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const hers = (yield* ada.say("general", "hers")).id
      yield* ada.say("general", `<@${world.bot.id}>`)
      yield* send({ content: "own" })
      const direct = idOf(yield* call("POST", "/users/@me/channels", { recipient_id: id("ada") }))
      yield* ada.say("dm", "between us")
      yield* call("PUT", `${messages}/pins/${hers}`)
      const texts = (body: unknown) =>
        (body as ReadonlyArray<{ readonly content: string }>).map(({ content }) => content)
      expect(texts((yield* call("GET", messages)).body)).toEqual(["", "own", `<@${world.bot.id}>`, ""])
      expect(bodyOf(yield* call("GET", `${messages}/${hers}`))["content"]).toBe("")
      expect(texts((yield* call("GET", messages.replace("/messages", "/pins"))).body)).toEqual([""])
      const pins = bodyOf(yield* call("GET", `${messages}/pins`))["items"] as ReadonlyArray<{
        message: unknown
      }>
      expect(texts(pins.map(({ message }) => message))).toEqual([""])
      expect(texts((yield* call("GET", `/channels/${direct}/messages`)).body)).toEqual(["between us"])
    }).pipe(
      Effect.provide(
        SandboxModule.layer({ rateLimits: false, privilegedIntents: { messageContent: false } }),
      ),
    ),
  )
})
