import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Channels from "../../src/sandbox/world/Channels.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import type { Channel } from "../../src/sandbox/model/Model.js"
import * as Roles from "../../src/sandbox/world/Roles.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import { bodyOf, codeOf, listOf, make, provided, wrongOf } from "./Scene.js"

describe("Channels", () => {
  it.scoped("of every kind that a bot makes show what belongs to the kind", () =>
    Effect.gen(function* () {
      const { call, last, path } = yield* make()
      const made = (body: Readonly<Record<string, unknown>>) =>
        Effect.map(call("POST", `${path}/channels`, body), bodyOf)
      expect(yield* made({ name: "Deck Plans", topic: "ropes", nsfw: true })).toMatchObject({
        type: 0,
        name: "deck-plans",
        topic: "ropes",
        nsfw: true,
        parent_id: null,
      })
      expect(yield* made({ name: "Bridge", type: 2, bitrate: 32_000, user_limit: 5 })).toMatchObject({
        type: 2,
        name: "Bridge",
        bitrate: 32_000,
        user_limit: 5,
        rtc_region: null,
      })
      for (const type of [4, 5, 13]) expect(yield* made({ name: "x", type })).toMatchObject({ type })
      const forum = yield* made({
        name: "help",
        type: 15,
        available_tags: [{ name: "engine", moderated: true, emoji_name: "⚙️" }],
        default_reaction_emoji: { emoji_name: "👍" },
        default_sort_order: 1,
        default_thread_rate_limit_per_user: 5,
      })
      expect(forum).toMatchObject({
        type: 15,
        available_tags: [{ name: "engine", moderated: true, emoji_id: null, emoji_name: "⚙️" }],
        default_reaction_emoji: { emoji_id: null, emoji_name: "👍" },
        default_sort_order: 1,
        default_thread_rate_limit_per_user: 5,
      })
      expect(yield* last("CHANNEL_CREATE")).toMatchObject({ id: forum["id"], type: 15 })
      expect(listOf(yield* call("GET", `${path}/channels`)).map(({ type }) => type)).toEqual([
        0, 0, 0, 0, 2, 4, 5, 13, 15,
      ])
    }).pipe(provided),
  )

  it.scoped("are refused field by field", () =>
    Effect.gen(function* () {
      const { call, general, path } = yield* make()
      const bad = yield* call("POST", `${path}/channels`, {
        type: 2,
        topic: 7,
        bitrate: 1,
        user_limit: 100,
        nsfw: "yes",
        rate_limit_per_user: 21_601,
        permission_overwrites: [{ id: "x", allow: "z" }],
      })
      expect(codeOf(bad)).toEqual([400, 50035])
      expect(wrongOf(bad)).toEqual([
        "bitrate",
        "name",
        "nsfw",
        "permission_overwrites",
        "rate_limit_per_user",
        "topic",
        "user_limit",
      ])
      expect(wrongOf(yield* call("POST", `${path}/channels`, { name: "x", type: 11 }))).toEqual(["type"])
      const orphan = yield* call("POST", `${path}/channels`, { name: "x", parent_id: general.id })
      expect(wrongOf(orphan)).toEqual(["parent_id"])
      expect(wrongOf(yield* call("PATCH", `/channels/${general.id}`, { type: 2 }))).toEqual(["type"])
      const overwrite = (id: string, body: object) =>
        call("PUT", `/channels/${general.id}/permissions/${id}`, body)
      expect(codeOf(yield* overwrite("123456789012345678", { type: 0, deny: "1" }))).toEqual([404, 10009])
      expect(wrongOf(yield* overwrite(general.guildId ?? "", { deny: "1" }))).toEqual(["type"])
      expect(codeOf(yield* call("DELETE", `/channels/${general.id}/permissions/1`))).toEqual([404, 10009])
    }).pipe(provided),
  )

  it.scoped("take over their category's overwrites, and have room in it for 50", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, world } = yield* make()
      const denied = [{ id: guild.id, type: 0, allow: "0", deny: String(Bit.SendMessages) }]
      const category = bodyOf(
        yield* call("POST", `${path}/channels`, { name: "c", type: 4, permission_overwrites: denied }),
      )["id"]
      const child = bodyOf(yield* call("POST", `${path}/channels`, { name: "a", parent_id: category }))
      expect(child).toMatchObject({ parent_id: category, permission_overwrites: denied })
      const own = [{ id: id("ben"), type: 1, allow: "0", deny: "1024" }]
      const other = yield* call("POST", `${path}/channels`, {
        name: "b",
        parent_id: category,
        permission_overwrites: own,
      })
      expect(bodyOf(other)["permission_overwrites"]).toEqual(own)
      for (let n = 2; n < 50; n++) Channels.add(world, guild, { name: `c${n}`, parentId: String(category) })
      const full = yield* call("POST", `${path}/channels`, { name: "x", parent_id: category })
      expect(full.body).toMatchObject({
        code: 50035,
        errors: { parent_id: { _errors: [{ code: "CHANNEL_PARENT_MAX_CHANNELS" }] } },
      })
      // Without their category they go on alone.
      yield* call("DELETE", `/channels/${String(category)}`)
      expect(bodyOf(yield* call("GET", `/channels/${String(child["id"])}`))["parent_id"]).toBe(null)
      while (guild.channels.size < 500) Channels.add(world, guild, { name: "x" })
      expect(codeOf(yield* call("POST", `${path}/channels`, { name: "x" }))).toEqual([400, 30013])
    }).pipe(provided),
  )

  it.scoped("move with PATCH of the guild's list, one into a category at a time", () =>
    Effect.gen(function* () {
      const { call, guild, path, told, world } = yield* make()
      const [general, tryouts] = [...guild.channels.values()]
      const deny = { id: guild.id, type: 0 as const, allow: 0n, deny: Bit.SendMessages }
      const category = Channels.add(world, guild, { name: "c", type: 4, overwrites: [deny] })
      const both = [general, tryouts].map((one) => ({ id: one?.id, parent_id: category.id }))
      expect(codeOf(yield* call("PATCH", `${path}/channels`, both))).toEqual([400, 40009])
      const moves = [
        { id: general?.id, position: 1, parent_id: category.id, lock_permissions: true },
        { id: tryouts?.id, position: 0 },
      ]
      expect((yield* call("PATCH", `${path}/channels`, moves)).status).toBe(204)
      const updates = (yield* told).filter(({ t }) => t === "CHANNEL_UPDATE")
      expect(updates.map(({ d }) => [d["id"], d["position"], d["parent_id"]])).toEqual([
        [general?.id, 1, category.id],
        [tryouts?.id, 0, null],
      ])
      expect(general?.overwrites.get(guild.id)).toEqual(deny)
      const unknown = yield* call("PATCH", `${path}/channels`, [{ id: "123456789012345678", position: 1 }])
      expect(codeOf(unknown)).toEqual([404, 10003])
      expect(wrongOf(yield* call("PATCH", `${path}/channels`, [{ position: "x" }]))).toEqual(["0"])
    }).pipe(provided),
  )

  it.scoped("move all or none, and keep who may do what from a bot that may not say so", () =>
    Effect.gen(function* () {
      const { call, guild, own, path, types, world } = yield* make()
      const [general, tryouts] = [...guild.channels.values()] as [Channel, Channel]
      const halves = [
        { id: general.id, position: 7 },
        { id: tryouts.id, parent_id: general.id },
      ]
      expect(wrongOf(yield* call("PATCH", `${path}/channels`, halves))).toEqual(["parent_id"])
      expect([general.position, yield* types]).toEqual([0, []])
      // What the bot has not got itself, it neither gives nor takes back in any way.
      const loud = Roles.add(world, guild, { name: "loud" })
      const deny = { id: loud.id, type: 0 as const, allow: 0n, deny: Bit.MuteMembers }
      const category = Channels.add(world, guild, { name: "c", type: 4, overwrites: [deny] })
      const adopt = () =>
        call("PATCH", `${path}/channels`, [
          { id: tryouts.id, parent_id: category.id, lock_permissions: true },
        ])
      Channels.setOverwrite(world, general, deny)
      const here = `/channels/${general.id}`
      expect(codeOf(yield* call("PATCH", here, { permission_overwrites: [] }))).toEqual([403, 50013])
      expect(codeOf(yield* call("DELETE", `${here}/permissions/${loud.id}`))).toEqual([403, 50013])
      expect(codeOf(yield* adopt())).toEqual([403, 50013])
      own.permissions |= Bit.MuteMembers
      expect((yield* call("DELETE", `${here}/permissions/${loud.id}`)).status).toBe(204)
      own.permissions &= ~Bit.ManageRoles
      expect(codeOf(yield* adopt())).toEqual([403, 50013])
      expect([tryouts.parentId, tryouts.overwrites.size]).toEqual([null, 0])
      own.permissions |= Bit.ManageRoles
      expect((yield* adopt()).status).toBe(204)
      expect(tryouts.overwrites.get(loud.id)).toEqual(deny)
    }).pipe(provided),
  )

  it.scoped("change between text and announcements, and nobody allows what they may not do", () =>
    Effect.gen(function* () {
      const { call, general, guild, last, own, world } = yield* make()
      const path = `/channels/${general.id}`
      expect(bodyOf(yield* call("PATCH", path, { type: 5, topic: "" }))).toMatchObject({
        type: 5,
        topic: null,
      })
      expect(yield* last("CHANNEL_UPDATE")).toMatchObject({ id: general.id, type: 5 })
      const allow = (bit: bigint) =>
        call("PUT", `${path}/permissions/${guild.id}`, { type: 0, allow: String(bit), deny: "0" })
      expect((yield* allow(Bit.EmbedLinks)).status).toBe(204)
      expect(codeOf(yield* allow(Bit.MuteMembers))).toEqual([403, 50013])
      // Only an administrator hands on the right to manage permissions.
      expect(codeOf(yield* allow(Bit.ManageRoles))).toEqual([403, 50013])
      own.permissions |= Bit.Administrator
      expect((yield* allow(Bit.ManageRoles)).status).toBe(204)
      own.permissions = Bit.ViewChannel
      expect(codeOf(yield* call("PATCH", path, { name: "x" }))).toEqual([403, 50013])
      Channels.setOverwrite(world, general, { id: own.id, type: 0, allow: 0n, deny: Bit.ViewChannel })
      expect(codeOf(yield* call("GET", path))).toEqual([403, 50001])
    }).pipe(provided),
  )

  it.scoped("that the bot comes to see bring their threads", () =>
    Effect.gen(function* () {
      const { general, guild, id, last, own, types, world } = yield* make()
      const hide = { id: own.id, type: 0 as const, allow: 0n, deny: Bit.ViewChannel }
      Channels.setOverwrite(world, general, hide)
      const open = Threads.open(world, general, { name: "a", type: 11, ownerId: id("cleo") })
      const old = Threads.open(world, general, { name: "b", type: 11, ownerId: id("cleo") })
      Threads.open(world, general, { name: "c", type: 12, ownerId: id("cleo") })
      Threads.change(world, old, id("cleo"), { archived: true })
      expect(yield* types).not.toContain("THREAD_CREATE")
      own.permissions &= ~Bit.ManageThreads
      Channels.removeOverwrite(world, general, own.id)
      expect(yield* last("THREAD_LIST_SYNC")).toMatchObject({
        guild_id: guild.id,
        channel_ids: [general.id],
        threads: [{ id: open.id }],
        members: [],
      })
    }).pipe(provided),
  )
})
