import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Pictures from "../../src/sandbox/world/Pictures.js"
import { codeOf, faults, idOf, png, provided, setUp } from "./Harbour.js"

const uri = (bytes: Uint8Array, type = "png") =>
  `data:image/${type};base64,${Buffer.from(bytes).toString("base64")}`
const [first, second] = [png(64, 64), png(32, 32)]
const gif = Buffer.from("GIF89a\x0a\x00\x14\x00\x00\x00", "latin1")
const still = /^[0-9a-f]{32}$/u
const moving = /^a_[0-9a-f]{32}$/u

/** What was made or changed, and a look at what the CDN has below a folder. */
const scene = Effect.map(setUp, (all) => ({
  ...all,
  change: (path: string, body: object, method = "PATCH") =>
    Effect.map(all.call(method, path, body), ({ body: shown }) => shown as Readonly<Record<string, string>>),
  served: (path: string) =>
    Effect.map(all.fetch(`${all.world.origin}/${path}.png?size=64`), ({ bytes, headers, status }) =>
      status === 200 ? [headers["content-type"], Buffer.from(bytes)] : status,
    ),
}))

const asPng = (bytes: Uint8Array) => ["image/png", Buffer.from(bytes)]

describe("Pictures", () => {
  it.scoped("of a guild are known by a hash, served, told of and taken away", () =>
    Effect.gen(function* () {
      const { change, guild, served, told, world } = yield* scene
      guild.settings.features = ["BANNER", "INVITE_SPLASH", "DISCOVERABLE"]
      const path = `/guilds/${guild.id}`
      const image = uri(first)
      const set = yield* change(path, { icon: image, banner: image, splash: image, discovery_splash: image })
      const { banner, discovery_splash: discovery, icon, splash } = set
      for (const hash of [icon, banner, splash, discovery]) expect(hash).toMatch(still)
      expect(yield* served(`icons/${guild.id}/${icon}`)).toEqual(asPng(first))
      expect(yield* served(`banners/${guild.id}/${banner}`)).toEqual(asPng(first))
      expect(yield* served(`splashes/${guild.id}/${splash}`)).toEqual(asPng(first))
      expect(yield* served(`discovery-splashes/${guild.id}/${discovery}`)).toEqual(asPng(first))
      const update = (yield* told).find(({ t }) => t === "GUILD_UPDATE")
      expect(update?.d).toMatchObject({ icon, banner, splash, discovery_splash: discovery })
      const next = yield* change(path, { icon: uri(second) })
      expect([next["icon"] === icon, next["banner"]]).toEqual([false, banner])
      expect(yield* served(`icons/${guild.id}/${icon}`)).toBe(404)
      expect(yield* served(`icons/${guild.id}/${next["icon"]}`)).toEqual(asPng(second))
      expect(yield* change(path, { icon: null, banner: null })).toMatchObject({ icon: null, banner: null })
      expect(yield* served(`icons/${guild.id}/${next["icon"]}`)).toBe(404)
      const changes = guild.auditLog.flatMap((entry) => entry.changes.map(({ key }) => key))
      expect(changes).toEqual([
        ...["icon_hash", "splash_hash", "discovery_splash_hash", "banner_hash"],
        ...["icon_hash", "icon_hash", "banner_hash"],
      ])
      Guilds.forget(world, guild)
      expect(world.uploads.size).toBe(0)
    }).pipe(provided),
  )

  it.scoped("of a guild take boosts, and move where the guild may have them so", () =>
    Effect.gen(function* () {
      const { call, change, guild } = yield* scene
      const path = `/guilds/${guild.id}`
      expect(codeOf(yield* call("PATCH", path, { name: "Bay", banner: uri(first) }))).toEqual([403, 50101])
      expect(codeOf(yield* call("PATCH", path, { splash: uri(first) }))).toEqual([403, 50101])
      expect((yield* call("GET", path)).body).toMatchObject({ name: "Harbour", banner: null })
      expect((yield* change(path, { icon: uri(gif, "gif") }))["icon"]).toMatch(still)
      guild.settings.features = ["ANIMATED_ICON"]
      expect((yield* change(path, { icon: uri(gif, "gif") }))["icon"]).toMatch(moving)
    }).pipe(provided),
  )

  it.scoped("of the bot are its own, and others in a guild, which no audit log tells of", () =>
    Effect.gen(function* () {
      const { change, guild, served, told, world } = yield* scene
      const { id } = world.bot
      const { avatar, banner } = yield* change("/users/@me", { avatar: uri(gif, "gif"), banner: uri(first) })
      expect([avatar, banner]).toEqual([expect.stringMatching(moving), expect.stringMatching(still)])
      expect(yield* served(`avatars/${id}/${avatar}`)).toEqual(["image/gif", gif])
      expect(yield* served(`banners/${id}/${banner}`)).toEqual(asPng(first))
      yield* told
      const path = `/guilds/${guild.id}/members/@me`
      const here = yield* change(path, { avatar: uri(second), banner: uri(first), bio: "Ahoy" })
      expect(here).toMatchObject({ avatar: expect.stringMatching(still), user: { avatar } })
      const folder = `guilds/${guild.id}/users/${id}`
      expect(yield* served(`${folder}/avatars/${here["avatar"]}`)).toEqual(asPng(second))
      expect(yield* served(`${folder}/banners/${here["banner"]}`)).toEqual(asPng(first))
      expect(yield* told).toMatchObject([{ t: "GUILD_MEMBER_UPDATE", d: { avatar: here["avatar"] } }])
      expect(yield* change(path, { nick: "Bo" })).toMatchObject({ nick: "Bo", avatar: here["avatar"] })
      expect(yield* change(path, { avatar: null })).toMatchObject({ avatar: null, banner: here["banner"] })
      expect(guild.auditLog.flatMap(({ changes }) => changes.map(({ key }) => key))).toEqual(["nick"])
    }).pipe(provided),
  )

  it.scoped("of a role, an event and the application go with them", () =>
    Effect.gen(function* () {
      const { call, change, guild, served, world } = yield* scene
      guild.settings.features = ["ROLE_ICONS"]
      const path = `/guilds/${guild.id}`
      const role = yield* change(`${path}/roles`, { name: "Mate", icon: uri(first) }, "POST")
      expect(yield* served(`role-icons/${role["id"]}/${role["icon"]}`)).toEqual(asPng(first))
      expect((yield* change(`${path}/roles/${role["id"]}`, { hoist: true }))["icon"]).toBe(role["icon"])
      yield* call("DELETE", `${path}/roles/${role["id"]}`)
      expect(yield* served(`role-icons/${role["id"]}/${role["icon"]}`)).toBe(404)
      const event = yield* call("POST", `${path}/scheduled-events`, {
        name: "Regatta",
        privacy_level: 2,
        entity_type: 3,
        entity_metadata: { location: "The bay" },
        scheduled_start_time: "2027-06-01T10:00:00.000Z",
        scheduled_end_time: "2027-06-01T12:00:00.000Z",
        image: uri(first),
      })
      const cover = `guild-events/${idOf(event)}/${String((event.body as { image: unknown }).image)}`
      expect(yield* served(cover)).toEqual(asPng(first))
      const held = yield* change(`${path}/scheduled-events/${idOf(event)}`, { status: 2 })
      expect(cover).toBe(`guild-events/${idOf(event)}/${held["image"]}`)
      yield* call("DELETE", `${path}/scheduled-events/${idOf(event)}`)
      expect(yield* served(cover)).toBe(404)
      const { icon } = yield* change("/applications/@me", { icon: uri(first) })
      expect(yield* served(`app-icons/${world.bot.id}/${icon}`)).toEqual(asPng(first))
      expect((yield* change("/applications/@me", { icon: null }))["icon"]).toBeNull()
      expect(world.uploads.size).toBe(0)
    }).pipe(provided),
  )

  it.scoped("need to be images, and no larger than Discord takes them", () =>
    Effect.gen(function* () {
      const { call, guild } = yield* scene
      guild.settings.features = ["ROLE_ICONS"]
      const large = (size: number) => {
        const bytes = new Uint8Array(size)
        bytes.set(first)
        return uri(bytes)
      }
      const wrong = uri(Buffer.from("no image at all"))
      const path = `/guilds/${guild.id}`
      const ask = (method: string, below: string, body: object) =>
        Effect.map(call(method, below, body), faults)
      expect(yield* ask("PATCH", path, { icon: wrong, splash: "x", banner: 1 })).toEqual([
        "icon: IMAGE_INVALID",
        "banner: IMAGE_INVALID",
        "splash: IMAGE_INVALID",
      ])
      for (const below of ["/users/@me", `${path}/members/@me`])
        expect(yield* ask("PATCH", below, { avatar: large(Pictures.imageLimit + 1) })).toEqual([
          "avatar: BINARY_TYPE_MAX_SIZE",
        ])
      expect(yield* ask("POST", `${path}/roles`, { icon: large(256 * 1024 + 1) })).toEqual([
        "icon: BINARY_TYPE_MAX_SIZE",
      ])
    }).pipe(provided),
  )
})
