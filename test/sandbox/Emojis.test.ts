import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Emojis from "../../src/sandbox/world/Emojis.js"
import { codeOf, faults, idOf, png, provided, setUp, without } from "./Harbour.js"

const uri = (bytes: Uint8Array, type = "png") =>
  `data:image/${type};base64,${Buffer.from(bytes).toString("base64")}`
const image = uri(png(32, 32))
const gif = uri(Buffer.from("GIF89a\x0a\x00\x14\x00\x00\x00", "latin1"), "gif")

describe("Emojis", () => {
  it.scoped("of a guild are made, shown, changed and deleted, each time with an event", () =>
    Effect.gen(function* () {
      const { call, fetch, guild, told, world } = yield* setUp
      const path = `/guilds/${guild.id}/emojis`
      const made = yield* call("POST", path, { name: "anchor", image })
      expect([made.status, made.body]).toMatchObject([
        201,
        { name: "anchor", animated: false, available: true, roles: [], user: { id: world.bot.id } },
      ])
      const id = idOf(made)
      expect((yield* call("GET", path)).body).toEqual([made.body])
      expect((yield* call("GET", `${path}/${id}`)).body).toEqual(made.body)
      expect((yield* call("GET", `/guilds/${guild.id}`)).body).toMatchObject({
        emojis: [{ id, name: "anchor" }],
      })
      const served = yield* fetch(`${world.origin}/emojis/${id}.png?size=48`)
      expect([served.status, served.headers["content-type"]]).toEqual([200, "image/png"])
      const moderator = [...guild.roles.values()].find(({ name }) => name === "Moderator")?.id
      const changed = yield* call("PATCH", `${path}/${id}`, { name: "helm", roles: [moderator] })
      expect(changed.body).toMatchObject({ name: "helm", roles: [moderator] })
      expect((yield* call("DELETE", `${path}/${id}`)).status).toBe(204)
      expect(codeOf(yield* call("GET", `${path}/${id}`))).toEqual([404, 10014])
      expect((yield* fetch(`${world.origin}/emojis/${id}.png`)).status).toBe(404)
      const updates = (yield* told).filter(({ t }) => t === "GUILD_EMOJIS_UPDATE").map(({ d }) => d["emojis"])
      expect(updates).toMatchObject([[{ name: "anchor" }], [{ name: "helm" }], []])
    }).pipe(provided),
  )

  it.scoped("of the application are its own", () =>
    Effect.gen(function* () {
      const { call, told, world } = yield* setUp
      yield* told
      const path = `/applications/${world.bot.id}/emojis`
      const made = yield* call("POST", path, { name: "anchor", image: gif })
      expect(made.body).toMatchObject({ name: "anchor", animated: true })
      expect((yield* call("GET", path)).body).toEqual({ items: [made.body] })
      const one = `${path}/${idOf(made)}`
      expect((yield* call("PATCH", one, { name: "helm" })).body).toMatchObject({ name: "helm" })
      expect((yield* call("GET", one)).body).toMatchObject({ name: "helm" })
      expect((yield* call("DELETE", one)).status).toBe(204)
      expect(codeOf(yield* call("GET", one))).toEqual([404, 10014])
      expect(codeOf(yield* call("GET", "/applications/175928847299117063/emojis"))).toEqual([404, 10002])
      expect(yield* told).toEqual([])
    }).pipe(provided),
  )

  it.scoped("need a name and an image that are right", () =>
    Effect.gen(function* () {
      const { call, guild } = yield* setUp
      const make = (body: object) => Effect.map(call("POST", `/guilds/${guild.id}/emojis`, body), faults)
      expect(yield* make({})).toEqual(["image: BASE_TYPE_REQUIRED", "name: BASE_TYPE_REQUIRED"])
      expect(yield* make({ name: "a", image })).toEqual(["name: BASE_TYPE_BAD_LENGTH"])
      expect(yield* make({ name: "x".repeat(33), image })).toEqual(["name: BASE_TYPE_BAD_LENGTH"])
      expect(yield* make({ name: "two words", image })).toEqual(["name: STRING_TYPE_REGEX"])
      expect(yield* make({ name: "ok", image: "https://example.com/a.png" })).toEqual([
        "image: IMAGE_INVALID",
      ])
      expect(yield* make({ name: "ok", image: uri(Buffer.from("no image at all")) })).toEqual([
        "image: IMAGE_INVALID",
      ])
      const big = new Uint8Array(Emojis.imageLimit + 1)
      big.set(png(32, 32))
      expect(yield* make({ name: "ok", image: uri(big) })).toEqual(["image: BINARY_TYPE_MAX_SIZE"])
      expect(yield* make({ name: "ok", image: uri(big.subarray(0, Emojis.imageLimit)) })).toEqual([])
      expect(yield* make({ name: "ok", image, roles: ["175928847299117063"] })).toEqual([
        "roles.0: UNKNOWN_ROLE",
      ])
    }).pipe(provided),
  )

  it.scoped("of a guild are 50 of each kind", () =>
    Effect.gen(function* () {
      const { call, guild } = yield* setUp
      const make = (one: string) => call("POST", `/guilds/${guild.id}/emojis`, { name: "ok", image: one })
      for (let n = 0; n < Emojis.guildLimit; n++) yield* make(image)
      expect(codeOf(yield* make(image))).toEqual([400, 30008])
      for (let n = 0; n < Emojis.guildLimit; n++) expect((yield* make(gif)).status).toBe(201)
      expect(codeOf(yield* make(gif))).toEqual([400, 30018])
    }).pipe(provided),
  )

  it.scoped("want a permission to make them, and another for those of others", () =>
    Effect.gen(function* () {
      const { call, guild, id, world } = yield* without(Bit.ManageGuildExpressions)
      const path = `/guilds/${guild.id}/emojis`
      const own = idOf(yield* call("POST", path, { name: "ours", image }))
      const hers = Emojis.create(world, guild, id("ada"), { name: "hers", image })
      expect((yield* call("PATCH", `${path}/${own}`, { name: "mine" })).status).toBe(200)
      expect(codeOf(yield* call("DELETE", `${path}/${hers.id}`))).toEqual([403, 50013])
      const role = [...guild.roles.values()].find(({ managed }) => managed)
      if (role !== undefined) role.permissions &= ~Bit.CreateGuildExpressions
      expect(codeOf(yield* call("POST", path, { name: "more", image }))).toEqual([403, 50013])
    }).pipe(provided),
  )
})
