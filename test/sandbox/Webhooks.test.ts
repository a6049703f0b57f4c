import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Webhooks from "../../src/sandbox/world/Webhooks.js"
import { bodyOf, codeOf, faults, idOf, png, provided, setUp, without } from "./Harbour.js"

const row = { type: 1, components: [{ type: 2, style: 1, label: "B", custom_id: "b" }] }

/** One webhook in `general`. */
const hooked = Effect.gen(function* () {
  const all = yield* setUp
  const made = bodyOf(yield* all.call("POST", `/channels/${all.general.id}/webhooks`, { name: "Crier" }))
  const path = `/webhooks/${String(made["id"])}`
  yield* all.told
  return { ...all, made, path, open: `${path}/${String(made["token"])}` }
})

describe("Webhooks", () => {
  it.scoped("are made, listed, changed and deleted, each time with an event", () =>
    Effect.gen(function* () {
      const { call, general, guild, made, open, path, told, world } = yield* hooked
      expect(made).toMatchObject({
        type: 1,
        name: "Crier",
        avatar: null,
        channel_id: general.id,
        guild_id: guild.id,
        application_id: world.bot.id,
        user: { id: world.bot.id },
      })
      expect((yield* call("GET", `/channels/${general.id}/webhooks`)).body).toEqual([made])
      expect((yield* call("GET", `/guilds/${guild.id}/webhooks`)).body).toEqual([made])
      expect((yield* call("GET", path)).body).toEqual(made)
      const { user: _user, ...public_ } = made
      expect((yield* call("GET", open)).body).toEqual(public_)
      const other = [...guild.channels.values()].find(({ name }) => name === "tryouts")?.id
      const avatar = `data:image/png;base64,${Buffer.from(png(8, 8)).toString("base64")}`
      const changed = yield* call("PATCH", path, { name: "Herald", avatar, channel_id: other })
      expect(changed.body).toMatchObject({ name: "Herald", channel_id: other, avatar: expect.any(String) })
      expect((yield* call("PATCH", open, { name: "Crier", channel_id: general.id })).body).toMatchObject({
        name: "Crier",
        channel_id: other,
      })
      expect((yield* call("DELETE", open)).status).toBe(204)
      expect(codeOf(yield* call("GET", open))).toEqual([404, 10015])
      const updates = (yield* told).filter(({ t }) => t === "WEBHOOKS_UPDATE").map(({ d }) => d["channel_id"])
      expect(updates).toEqual([other, general.id, other, other])
    }).pipe(provided),
  )

  it.scoped("write under any name, with components where an application has made them", () =>
    Effect.gen(function* () {
      const { call, general, made, open, sandbox, told, world, id } = yield* hooked
      expect((yield* call("POST", open, { content: "quiet" })).status).toBe(204)
      const sent = yield* call("POST", `${open}?wait=true`, {
        content: "Oyez",
        username: "Town",
        avatar_url: "https://example.com/a.png",
        components: [row],
      })
      expect(sent.body).toMatchObject({
        content: "Oyez",
        webhook_id: made["id"],
        application_id: world.bot.id,
        author: {
          id: made["id"],
          username: "Town",
          avatar: "https://example.com/a.png",
          bot: true,
          discriminator: "0000",
        },
        components: [{ components: [{ custom_id: "b" }] }],
      })
      const [first] = yield* told
      expect([first?.t, first?.d]).toMatchObject(["MESSAGE_CREATE", { author: { username: "Crier" } }])
      expect(first?.d["member"]).toBeUndefined()
      const ada = yield* sandbox.actor("ada")
      expect((yield* ada.history("general")).map(({ content }) => content)).toEqual(["quiet", "Oyez"])
      const hers = Webhooks.create(
        world,
        general,
        { name: "Hers" },
        { userId: id("ada"), applicationId: null },
      )
      const by = `/webhooks/${hers.id}/${hers.token}?wait=true`
      expect(bodyOf(yield* call("POST", by, { content: "c", components: [row] }))["components"]).toEqual([])
    }).pipe(provided),
  )

  it.scoped("show, edit and delete what they wrote, and nothing else", () =>
    Effect.gen(function* () {
      const { call, open, send } = yield* hooked
      const id = idOf(yield* call("POST", `${open}?wait=true`, { content: "a" }))
      const at = `${open}/messages/${id}`
      expect((yield* call("GET", at)).body).toMatchObject({ content: "a" })
      expect((yield* call("PATCH", at, { content: "b" })).body).toMatchObject({ content: "b" })
      expect((yield* call("DELETE", at)).status).toBe(204)
      expect(codeOf(yield* call("GET", at))).toEqual([404, 10008])
      const bots = idOf(yield* send({ content: "the bot's own" }))
      expect(codeOf(yield* call("DELETE", `${open}/messages/${bots}`))).toEqual([404, 10008])
    }).pipe(provided),
  )

  it.scoped("write into threads of their channel only", () =>
    Effect.gen(function* () {
      const { call, general, guild, open } = yield* hooked
      const thread = (channel: string) =>
        Effect.map(call("POST", `/channels/${channel}/threads`, { name: "T", type: 11 }), idOf)
      const own = yield* thread(general.id)
      const sent = yield* call("POST", `${open}?wait=true&thread_id=${own}`, { content: "c" })
      expect(sent.body).toMatchObject({ channel_id: own })
      expect((yield* call("GET", `${open}/messages/${idOf(sent)}?thread_id=${own}`)).status).toBe(200)
      const other = [...guild.channels.values()].find(({ name }) => name === "tryouts")?.id ?? ""
      const foreign = yield* thread(other)
      expect(codeOf(yield* call("POST", `${open}?thread_id=${foreign}`, { content: "c" }))).toEqual([
        404, 10003,
      ])
    }).pipe(provided),
  )

  it.scoped("start posts in forums, by name", () =>
    Effect.gen(function* () {
      const { call, guild, open } = yield* hooked
      const forum = idOf(yield* call("POST", `/guilds/${guild.id}/channels`, { name: "ideas", type: 15 }))
      const made = bodyOf(yield* call("POST", `/channels/${forum}/webhooks`, { name: "Crier" }))
      const path = `/webhooks/${String(made["id"])}/${String(made["token"])}?wait=true`
      expect(codeOf(yield* call("POST", path, { content: "c" }))).toEqual([400, 220001])
      const sent = bodyOf(yield* call("POST", path, { content: "c", thread_name: "An idea" }))
      expect(sent).toMatchObject({ id: sent["channel_id"], content: "c", webhook_id: made["id"] })
      expect((yield* call("GET", `/channels/${String(sent["channel_id"])}`)).body).toMatchObject({
        name: "An idea",
        parent_id: forum,
      })
      expect(codeOf(yield* call("POST", open, { content: "c", thread_name: "No" }))).toEqual([400, 220003])
    }).pipe(provided),
  )

  it.scoped("refuse what Discord refuses", () =>
    Effect.gen(function* () {
      const { call, general, open, path } = yield* hooked
      const make = (name: unknown) => call("POST", `/channels/${general.id}/webhooks`, { name })
      expect(faults(yield* make(undefined))).toEqual(["name: BASE_TYPE_REQUIRED"])
      expect(faults(yield* make("x".repeat(81)))).toEqual(["name: BASE_TYPE_BAD_LENGTH"])
      expect(faults(yield* make("My Discord"))).toEqual(["name: USERNAME_INVALID_CONTAINS"])
      expect(faults(yield* make("Everyone"))).toEqual(["name: USERNAME_INVALID"])
      expect(faults(yield* call("POST", open, { content: "c", username: "clyde" }))).toEqual([
        "username: USERNAME_INVALID_CONTAINS",
      ])
      expect(codeOf(yield* call("POST", open, {}))).toEqual([400, 50006])
      expect(codeOf(yield* call("POST", `${path}/wrong`, { content: "c" }))).toEqual([401, 50027])
      expect(codeOf(yield* call("POST", "/webhooks/175928847299117063/x", { content: "c" }))).toEqual([
        404, 10015,
      ])
      for (let n = 1; n < Webhooks.limit; n++) expect((yield* make(`Crier ${n}`)).status).toBe(200)
      expect(codeOf(yield* make("One more"))).toEqual([400, 30007])
    }).pipe(provided),
  )

  it.scoped("are managed with the permission only", () =>
    Effect.gen(function* () {
      const { call, general, guild } = yield* without(Bit.ManageWebhooks)
      for (const path of [`/channels/${general.id}/webhooks`, `/guilds/${guild.id}/webhooks`])
        expect(codeOf(yield* call("GET", path))).toEqual([403, 50013])
      expect(codeOf(yield* call("POST", `/channels/${general.id}/webhooks`, { name: "n" }))).toEqual([
        403, 50013,
      ])
    }).pipe(provided),
  )

  it.scoped("are in channels where one writes, and in no thread", () =>
    Effect.gen(function* () {
      const { call, general, guild } = yield* setUp
      const channel = (body: object) => Effect.map(call("POST", `/guilds/${guild.id}/channels`, body), idOf)
      const make = (id: string) => call("POST", `/channels/${id}/webhooks`, { name: "w" })
      const category = yield* channel({ name: "c", type: 4 })
      const forum = yield* channel({ name: "f", type: 15 })
      const thread = idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))
      for (const id of [category, thread]) expect(codeOf(yield* make(id))).toEqual([400, 50024])
      const webhook = `/webhooks/${idOf(yield* make(forum))}`
      for (const channel_id of [category, thread])
        expect(codeOf(yield* call("PATCH", webhook, { channel_id }))).toEqual([400, 50024])
      expect(bodyOf(yield* call("GET", webhook))["channel_id"]).toBe(forum)
      expect((yield* call("PATCH", webhook, { channel_id: general.id })).status).toBe(200)
    }).pipe(provided),
  )

  it.scoped("write in threads as nobody's members, and leave none behind where they are refused", () =>
    Effect.gen(function* () {
      const { call, general, guild, open, told, world } = yield* hooked
      const thread = idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))
      yield* call("PATCH", `/channels/${thread}`, { archived: true })
      yield* told
      const into = `${open}?thread_id=${thread}`
      const stickers = { sticker_ids: ["175928847299117063"] }
      expect(codeOf(yield* call("POST", into, { content: "c", ...stickers }))).toEqual([400, 50081])
      expect(yield* told).toEqual([])
      yield* call("POST", into, { content: "c" })
      expect((yield* told).map(({ t }) => t)).toEqual(["THREAD_UPDATE", "MESSAGE_CREATE"])
      expect([...(guild.threads.get(thread)?.thread?.members.keys() ?? [])]).toEqual([world.bot.id])
      const forum = idOf(yield* call("POST", `/guilds/${guild.id}/channels`, { name: "f", type: 15 }))
      const made = bodyOf(yield* call("POST", `/channels/${forum}/webhooks`, { name: "w" }))
      const post = { content: "c", thread_name: "p", ...stickers }
      expect(codeOf(yield* call("POST", `/webhooks/${made["id"]}/${made["token"]}`, post))).toEqual([
        400, 50081,
      ])
      expect([...guild.threads.keys()]).toEqual([thread])
    }).pipe(provided),
  )
})
