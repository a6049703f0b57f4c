import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as InProcess from "./InProcess.js"
import { bodyOf, codeOf, make, provided, wrongOf } from "./Scene.js"

describe("A guild's widget", () => {
  it.scoped("is nobody's until it is switched on, and then anybody's", () =>
    Effect.gen(function* () {
      const { call, general, last, own, path, sandbox, world } = yield* make()
      expect(bodyOf(yield* call("GET", `${path}/widget`))).toEqual({ enabled: false, channel_id: null })
      expect(codeOf(yield* call("GET", `${path}/widget.json`))).toEqual([403, 50004])
      const on = yield* call("PATCH", `${path}/widget`, { enabled: true, channel_id: general.id })
      expect(bodyOf(on)).toEqual({ enabled: true, channel_id: general.id })
      expect(yield* last("GUILD_UPDATE")).toMatchObject({
        widget_enabled: true,
        widget_channel_id: general.id,
      })
      expect((yield* last("GUILD_AUDIT_LOG_ENTRY_CREATE"))?.["changes"]).toEqual([
        { key: "widget_enabled", old_value: false, new_value: true },
        { key: "widget_channel_id", new_value: general.id },
      ])
      const hidden = [{ id: path.slice("/guilds/".length), type: 0, deny: String(Bit.ViewChannel) }]
      yield* call("POST", `${path}/channels`, { name: "Deck", type: 2 })
      yield* call("POST", `${path}/channels`, { name: "Hold", type: 2, permission_overwrites: hidden })
      const { code } = bodyOf(yield* call("POST", `/channels/${general.id}/invites`, {}))
      const shown = bodyOf(yield* call("GET", `${path}/widget.json`))
      expect(shown).toMatchObject({
        name: "Harbour",
        instant_invite: `https://discord.com/invite/${String(code)}`,
        channels: [{ name: "Deck" }],
      })
      expect(shown["members"]).toHaveLength(Number(shown["presence_count"]))
      expect(JSON.stringify(shown["members"])).not.toContain(world.bot.id)
      const anonymous = yield* Effect.async<number>((resume) =>
        Effect.sync(
          sandbox.handle(
            { method: "GET", path: `/api/v10${path}/widget.json`, headers: {}, body: null },
            ({ status }) => resume(Effect.succeed(status)),
          ),
        ),
      )
      expect(anonymous).toBe(200)
      yield* call("DELETE", `/channels/${general.id}`)
      expect(bodyOf(yield* call("GET", `${path}/widget`))).toEqual({ enabled: true, channel_id: null })
      expect(wrongOf(yield* call("PATCH", `${path}/widget`, { channel_id: general.id }))).toEqual([
        "channel_id",
      ])
      own.permissions &= ~Bit.ManageGuild
      expect(codeOf(yield* call("GET", `${path}/widget`))).toEqual([403, 50013])
      expect(codeOf(yield* call("PATCH", `${path}/widget`, {}))).toEqual([403, 50013])
    }).pipe(provided),
  )
})

describe("A welcome screen", () => {
  it.scoped("is a community's, is switched on and off, and forgets channels that are gone", () =>
    Effect.gen(function* () {
      const { call, connection, general, guild, own, path } = yield* make()
      const screen = `${path}/welcome-screen`
      const channel = { channel_id: general.id, description: "Talk", emoji_id: null, emoji_name: "⚓" }
      expect(codeOf(yield* call("PATCH", screen, { enabled: true }))).toEqual([404, 10069])
      guild.settings.features = ["COMMUNITY"]
      expect(codeOf(yield* call("GET", screen))).toEqual([404, 10069])
      const made = yield* call("PATCH", screen, { description: "Ahoy", welcome_channels: [channel] })
      expect(bodyOf(made)).toEqual({ description: "Ahoy", welcome_channels: [channel] })
      yield* InProcess.settle
      expect(connection.events().some(({ t }) => t === "GUILD_UPDATE")).toBe(false)
      yield* call("PATCH", screen, { enabled: true })
      expect(bodyOf(yield* call("GET", path))["features"]).toEqual(["COMMUNITY", "WELCOME_SCREEN_ENABLED"])
      own.permissions &= ~Bit.ManageGuild
      expect(bodyOf(yield* call("GET", screen))).toEqual(made.body)
      expect(codeOf(yield* call("PATCH", screen, { enabled: false }))).toEqual([403, 50013])
      own.permissions |= Bit.ManageGuild
      yield* call("PATCH", screen, { enabled: false })
      yield* call("DELETE", `/channels/${general.id}`)
      expect(bodyOf(yield* call("GET", screen))).toEqual({ description: "Ahoy", welcome_channels: [] })
      own.permissions &= ~Bit.ManageGuild
      expect(codeOf(yield* call("GET", screen))).toEqual([403, 50013])
    }).pipe(provided),
  )

  it.scoped("refuses what is too long, too many, or not there", () =>
    Effect.gen(function* () {
      const { call, general, guild, path } = yield* make()
      guild.settings.features = ["COMMUNITY"]
      const change = (body: object) => call("PATCH", `${path}/welcome-screen`, body)
      const one = { channel_id: general.id, description: "Talk" }
      expect(wrongOf(yield* change({ description: "x".repeat(141), enabled: "maybe" }))).toEqual([
        "description",
        "enabled",
      ])
      for (const wrong of [
        Array.from({ length: 6 }, () => one),
        [{ ...one, description: "x".repeat(51) }],
        [{ ...one, channel_id: "175928847299117063" }],
        [{ ...one, emoji_id: "175928847299117063" }],
        [{ description: "Talk" }],
      ])
        expect(wrongOf(yield* change({ welcome_channels: wrong }))).toEqual(["welcome_channels"])
      expect((yield* change({ welcome_channels: [one] })).status).toBe(200)
    }).pipe(provided),
  )
})

describe("Onboarding", () => {
  it.scoped("asks what it is told to, keeps ids, and forgets what is gone", () =>
    Effect.gen(function* () {
      const { call, general, guild, last, path, role } = yield* make()
      const there = `${path}/onboarding`
      expect(bodyOf(yield* call("GET", there))).toEqual({
        guild_id: guild.id,
        prompts: [],
        default_channel_ids: [],
        enabled: false,
        mode: 0,
      })
      const player = role("Player")
      const option = { title: "Deck", role_ids: [player.id], channel_ids: [general.id], emoji_name: "⚓" }
      const asked = { id: "0", title: "Where to?", single_select: true, options: [option] }
      type Prompts = [{ readonly id: string; readonly options: [{ readonly id: string }] }]
      const put = (body: object) => Effect.map(call("PUT", there, body), bodyOf)
      const made = yield* put({ prompts: [asked], default_channel_ids: [general.id] })
      expect(made).toMatchObject({
        default_channel_ids: [general.id],
        prompts: [
          {
            title: "Where to?",
            single_select: true,
            required: false,
            options: [{ title: "Deck", description: "", emoji: { id: null, name: "⚓", animated: false } }],
          },
        ],
      })
      expect(yield* last("GUILD_AUDIT_LOG_ENTRY_CREATE")).toMatchObject({ action_type: 167 })
      const [{ id, options }] = made["prompts"] as Prompts
      expect(id).not.toBe("0")
      const again = yield* put({ prompts: [{ ...asked, id, options: [{ ...option, id: options[0].id }] }] })
      expect(again).toEqual(made)
      yield* call("DELETE", `/channels/${general.id}`)
      yield* call("DELETE", `${path}/roles/${player.id}`)
      expect(bodyOf(yield* call("GET", there))).toMatchObject({
        default_channel_ids: [],
        prompts: [{ id, options: [{ role_ids: [], channel_ids: [] }] }],
      })
    }).pipe(provided),
  )

  it.scoped("is switched on with seven channels, five of them to write in", () =>
    Effect.gen(function* () {
      const { call, guild, own, path } = yield* make()
      guild.settings.features = ["COMMUNITY"]
      const ids: Array<unknown> = []
      for (let n = 0; n < 7; n++) {
        const overwrite = { id: guild.id, type: 0, deny: String(Bit.SendMessages) }
        const more = n < 2 ? { permission_overwrites: [overwrite] } : {}
        ids.push(bodyOf(yield* call("POST", `${path}/channels`, { name: `c${n}`, ...more }))["id"])
      }
      const put = (body: object) => call("PUT", `${path}/onboarding`, body)
      const few = { default_channel_ids: ids.slice(1) }
      expect(codeOf(yield* put({ enabled: true, ...few }))).toEqual([400, 350000])
      const asked = { id: "0", title: "?", options: [{ title: "!", channel_ids: [ids[0]] }] }
      expect(codeOf(yield* put({ enabled: true, ...few, prompts: [asked] }))).toEqual([400, 350000])
      expect((yield* put({ enabled: true, ...few, prompts: [asked], mode: 1 })).status).toBe(200)
      expect(codeOf(yield* put({ mode: 0 }))).toEqual([400, 350001])
      expect((yield* put({ mode: 0, default_channel_ids: ids })).status).toBe(200)
      expect(wrongOf(yield* put({ default_channel_ids: ["1"], mode: 2, prompts: [{}] }))).toEqual([
        "default_channel_ids",
        "mode",
        "prompts",
      ])
      own.permissions &= ~Bit.ManageRoles
      expect(codeOf(yield* put({}))).toEqual([403, 50013])
    }).pipe(provided),
  )
})
