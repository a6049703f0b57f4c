import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
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
})
