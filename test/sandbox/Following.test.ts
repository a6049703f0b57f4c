import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Stickers from "../../src/sandbox/world/Stickers.js"
import { idOf, png } from "./Harbour.js"
import { bodyOf, codeOf, listOf, make, provided } from "./Scene.js"

const setUp = Effect.gen(function* () {
  const scene = yield* make()
  const made = yield* scene.call("POST", `${scene.path}/channels`, { name: "news", type: 5 })
  const news = `/channels/${String(bodyOf(made)["id"])}`
  return {
    ...scene,
    news,
    follow: (id: unknown) => scene.call("POST", `${news}/followers`, { webhook_channel_id: id }),
  }
})

describe("A channel that follows another", () => {
  it.scoped("says so, and has a webhook that nobody writes with", () =>
    Effect.gen(function* () {
      const { call, follow, general, guild, last, news, types } = yield* setUp
      const followed = bodyOf(yield* follow(general.id))
      const [webhook] = listOf(yield* call("GET", `/channels/${general.id}/webhooks`))
      expect(followed).toEqual({ channel_id: news.split("/").at(-1), webhook_id: webhook?.["id"] })
      expect(webhook).toMatchObject({
        type: 2,
        name: "Harbour #news",
        application_id: null,
        source_guild: { id: guild.id, name: "Harbour" },
        source_channel: { id: followed["channel_id"], name: "news" },
      })
      expect(webhook).not.toHaveProperty("token")
      expect(yield* types).toContain("WEBHOOKS_UPDATE")
      expect(yield* last("MESSAGE_CREATE")).toMatchObject({
        type: 12,
        content: "Harbour #news",
        message_reference: { channel_id: followed["channel_id"], guild_id: guild.id },
      })
    }).pipe(provided),
  )

  it.scoped("is shown what is published there, and nothing else", () =>
    Effect.gen(function* () {
      const { call, follow, general, last, news } = yield* setUp
      yield* follow(general.id)
      const sent = bodyOf(yield* call("POST", `${news}/messages`, { content: "Ahoy" }))
      yield* call("POST", `${news}/messages`, { content: "not this" })
      const published = yield* call("POST", `${news}/messages/${String(sent["id"])}/crosspost`)
      expect(bodyOf(published)["flags"]).toBe(1)
      const copy = yield* last("MESSAGE_CREATE")
      expect(copy).toMatchObject({
        channel_id: general.id,
        type: 0,
        flags: 2,
        content: "Ahoy",
        author: { username: "Harbour #news", bot: true },
        message_reference: { message_id: sent["id"], channel_id: sent["channel_id"] },
      })
      expect(copy).not.toHaveProperty("referenced_message")
      const shown = listOf(yield* call("GET", `/channels/${general.id}/messages`))
      expect(shown.map(({ content }) => content)).toEqual(["Ahoy", "Harbour #news"])
    }).pipe(provided),
  )

  it.scoped("is told of edits, and of what is deleted keeps a mark", () =>
    Effect.gen(function* () {
      const { call, follow, general, last, news } = yield* setUp
      yield* follow(general.id)
      const publish = Effect.fnUntraced(function* (content: string) {
        const sent = bodyOf(yield* call("POST", `${news}/messages`, { content, embeds: [{ title: "Tide" }] }))
        const path = `${news}/messages/${String(sent["id"])}`
        yield* call("POST", `${path}/crosspost`)
        return { path, id: String(sent["id"]), copy: (yield* last("MESSAGE_CREATE"))?.["id"] }
      })
      const copies = Effect.map(call("GET", `/channels/${general.id}/messages`), (answer) =>
        listOf(answer).filter(({ type }) => type === 0),
      )
      const [one, two, three] = [yield* publish("one"), yield* publish("two"), yield* publish("three")]
      yield* call("PATCH", one.path, { content: "won", flags: 4 })
      expect(yield* last("MESSAGE_UPDATE")).toMatchObject({
        id: one.copy,
        channel_id: general.id,
        content: "won",
        flags: 2 | 4,
        edited_timestamp: expect.any(String),
        message_reference: { message_id: one.id },
      })
      expect((yield* copies).map(({ content }) => content)).toEqual(["three", "two", "won"])
      yield* call("DELETE", one.path)
      const mark = { content: "[Original Message Deleted]", embeds: [], flags: 2 | 8 }
      expect(yield* last("MESSAGE_UPDATE")).toMatchObject({ id: one.copy, ...mark })
      yield* call("POST", `${news}/messages/bulk-delete`, { messages: [two.id, three.id] })
      expect(yield* copies).toMatchObject([mark, mark, mark])
    }).pipe(provided),
  )

  it.scoped("shows no edit where embeds were hidden, and no sticker of what is deleted", () =>
    Effect.gen(function* () {
      const { call, follow, general, guild, last, news, world } = yield* setUp
      yield* follow(general.id)
      const image = { bytes: png(8, 8), name: "anchor.png", contentType: "image/png" }
      const { id } = Stickers.create(world, guild, guild.ownerId, { name: "anchor", tags: "anchor" }, image)
      const path = `${news}/messages/${idOf(yield* call("POST", `${news}/messages`, { sticker_ids: [id] }))}`
      yield* call("POST", `${path}/crosspost`)
      expect(yield* last("MESSAGE_CREATE")).toMatchObject({ sticker_items: [{ id }] })
      yield* call("PATCH", path, { flags: 4 })
      expect(yield* last("MESSAGE_UPDATE")).toMatchObject({ flags: 2 | 4, edited_timestamp: null })
      yield* call("DELETE", path)
      const mark = yield* last("MESSAGE_UPDATE")
      expect(mark).toMatchObject({ content: "[Original Message Deleted]" })
      expect(mark).not.toHaveProperty("sticker_items")
    }).pipe(provided),
  )

  it.scoped("keeps what it has when it follows no more", () =>
    Effect.gen(function* () {
      const { call, follow, general, news } = yield* setUp
      const webhook = bodyOf(yield* follow(general.id))["webhook_id"]
      const sent = bodyOf(yield* call("POST", `${news}/messages`, { content: "Ahoy" }))
      yield* call("POST", `${news}/messages/${String(sent["id"])}/crosspost`)
      expect((yield* call("DELETE", `/webhooks/${String(webhook)}`)).status).toBe(204)
      yield* call("PATCH", `${news}/messages/${String(sent["id"])}`, { content: "Avast" })
      const [copy] = listOf(yield* call("GET", `/channels/${general.id}/messages`))
      expect(copy).toMatchObject({ content: "Ahoy", flags: 2 })
    }).pipe(provided),
  )

  it.scoped("needs the right to webhooks, and a channel of announcements", () =>
    Effect.gen(function* () {
      const { call, follow, general, own } = yield* setUp
      const wrong = yield* call("POST", `/channels/${general.id}/followers`, {
        webhook_channel_id: general.id,
      })
      expect(codeOf(wrong)).toEqual([400, 50024])
      expect(codeOf(yield* follow(undefined))).toEqual([400, 50035])
      own.permissions &= ~(1n << 29n)
      expect(codeOf(yield* follow(general.id))).toEqual([403, 50013])
    }).pipe(provided),
  )
})
