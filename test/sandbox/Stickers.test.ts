import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Stickers from "../../src/sandbox/world/Stickers.js"
import { codeOf, faults, idOf, png, provided, setUp, without } from "./Harbour.js"

const file = (bytes: Uint8Array = png(320, 320)) => ({ name: "anchor.png", bytes })
const anchor = { name: "anchor", description: "", tags: "anchor" }

describe("Stickers", () => {
  it.scoped("are made, served, sent, changed and deleted, each time with an event", () =>
    Effect.gen(function* () {
      const { call, fetch, guild, send, told, upload, world } = yield* setUp
      const path = `/guilds/${guild.id}/stickers`
      const made = yield* upload("POST", path, anchor, [file()])
      expect([made.status, made.body]).toMatchObject([
        201,
        { name: "anchor", description: null, tags: "anchor", type: 2, format_type: 1, guild_id: guild.id },
      ])
      const id = idOf(made)
      expect((yield* call("GET", path)).body).toEqual([made.body])
      expect((yield* call("GET", `${path}/${id}`)).body).toEqual(made.body)
      expect((yield* call("GET", `/stickers/${id}`)).body).toMatchObject({ id })
      expect((yield* call("GET", `/guilds/${guild.id}`)).body).toMatchObject({ stickers: [{ id }] })
      const served = yield* fetch(`${world.origin}/stickers/${id}.png`)
      expect([served.status, Buffer.from(served.bytes)]).toEqual([200, Buffer.from(png(320, 320))])
      const sent = yield* send({ sticker_ids: [id] })
      const item = { id, name: "anchor", format_type: 1 }
      expect(sent.body).toMatchObject({ content: "", sticker_items: [item] })
      expect(
        (yield* call("PATCH", `${path}/${id}`, { name: "kedge", description: "Hold" })).body,
      ).toMatchObject({ name: "kedge", description: "Hold", tags: "anchor" })
      expect((yield* call("DELETE", `${path}/${id}`)).status).toBe(204)
      expect(codeOf(yield* call("GET", `${path}/${id}`))).toEqual([404, 10060])
      expect(codeOf(yield* call("GET", `/stickers/${id}`))).toEqual([404, 10060])
      expect((yield* fetch(`${world.origin}/stickers/${id}.png`)).status).toBe(404)
      const news = yield* told
      const updates = news.filter(({ t }) => t === "GUILD_STICKERS_UPDATE").map(({ d }) => d["stickers"])
      expect(updates).toMatchObject([[{ name: "anchor" }], [{ name: "kedge" }], []])
      expect(news.find(({ t }) => t === "MESSAGE_CREATE")?.d).toMatchObject({ sticker_items: [item] })
      expect(guild.auditLog.map(({ action }) => action)).toEqual([90, 91, 92])
      expect(guild.auditLog[1]?.changes).toEqual([
        { key: "name", old: "anchor", new: "kedge" },
        { key: "description", new: "Hold" },
      ])
    }).pipe(provided),
  )

  it.scoped("need a name, tags and a file that are right, and are five", () =>
    Effect.gen(function* () {
      const { guild, upload } = yield* setUp
      const make = (body: object, files = [file()]) =>
        upload("POST", `/guilds/${guild.id}/stickers`, body, files)
      expect(faults(yield* make({}))).toEqual(["name: BASE_TYPE_REQUIRED", "tags: BASE_TYPE_REQUIRED"])
      expect(faults(yield* make({ name: "x", description: "y", tags: "z".repeat(201) }))).toEqual([
        "name: BASE_TYPE_BAD_LENGTH",
        "description: BASE_TYPE_BAD_LENGTH",
        "tags: BASE_TYPE_MAX_LENGTH",
      ])
      expect(codeOf(yield* make(anchor, []))).toEqual([400, 50046])
      expect(codeOf(yield* make(anchor, [file(Buffer.from("no image at all"))]))).toEqual([400, 50046])
      const big = new Uint8Array(Stickers.fileLimit + 1)
      big.set(png(320, 320))
      expect(codeOf(yield* make(anchor, [file(big)]))).toEqual([400, 50045])
      const moving = Buffer.concat([png(320, 320), Buffer.from("acTL")])
      expect((yield* make(anchor, [file(moving)])).body).toMatchObject({ format_type: 2 })
      for (let n = 1; n < Stickers.limit; n++) expect((yield* make(anchor)).status).toBe(201)
      expect(codeOf(yield* make(anchor))).toEqual([400, 30039])
    }).pipe(provided),
  )

  it.scoped(
    "go with their own guild's messages alone: not a webhook's, an answer's, or another guild's",
    () =>
      Effect.gen(function* () {
        const { call, general, guild, id, send, upload, world } = yield* setUp
        const sticker = idOf(yield* upload("POST", `/guilds/${guild.id}/stickers`, anchor, [file()]))
        const bay = Guilds.create(world, { name: "Bay", ownerId: id("ada"), channels: ["x"], memberIds: [] })
        const elsewhere = [...bay.channels.keys()][0]
        const body = { sticker_ids: [sticker] }
        expect(codeOf(yield* call("POST", `/channels/${elsewhere}/messages`, body))).toEqual([400, 50081])
        const hook = yield* call("POST", `/channels/${general.id}/webhooks`, { name: "Crier" })
        const { token } = hook.body as { readonly token: string }
        expect(codeOf(yield* call("POST", `/webhooks/${idOf(hook)}/${token}`, body))).toEqual([400, 50081])
        const one = idOf(yield* send({ ...body, content: "Ahoy" }))
        const forward = { message_reference: { type: 1, channel_id: general.id, message_id: one } }
        expect((yield* send(forward)).body).toMatchObject({
          message_snapshots: [{ message: { sticker_items: [{ id: sticker }] } }],
        })
        const emptied = yield* call("PATCH", `/channels/${general.id}/messages/${one}`, { content: "" })
        expect(emptied.body).toMatchObject({ content: "", sticker_items: [{ id: sticker }] })
        Guilds.forget(world, guild)
        expect(world.uploads.size).toBe(0)
      }).pipe(provided),
  )

  it.scoped("want a permission to make them, and another for those of others", () =>
    Effect.gen(function* () {
      const { call, guild, id, upload, world } = yield* without(Bit.ManageGuildExpressions)
      const path = `/guilds/${guild.id}/stickers`
      const own = idOf(yield* upload("POST", path, anchor, [file()]))
      const hers = Stickers.create(world, guild, id("ada"), anchor, { ...file(), contentType: "image/png" })
      expect((yield* call("PATCH", `${path}/${own}`, { name: "mine" })).status).toBe(200)
      expect(codeOf(yield* call("DELETE", `${path}/${hers.id}`))).toEqual([403, 50013])
      const role = [...guild.roles.values()].find(({ managed }) => managed)
      if (role !== undefined) role.permissions &= ~Bit.CreateGuildExpressions
      expect(codeOf(yield* upload("POST", path, anchor, [file()]))).toEqual([403, 50013])
    }).pipe(provided),
  )
})
