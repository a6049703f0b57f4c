import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Channels from "../../src/sandbox/world/Channels.js"
import * as CommandPermissions from "../../src/sandbox/world/CommandPermissions.js"
import * as Emojis from "../../src/sandbox/world/Emojis.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Members from "../../src/sandbox/world/Members.js"
import * as Roles from "../../src/sandbox/world/Roles.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { png } from "./Harbour.js"
import { bodyOf, codeOf, make, provided } from "./Scene.js"

const rule = {
  name: "r",
  event_type: 1,
  trigger_type: 1,
  trigger_metadata: { keyword_filter: ["tar"] },
  actions: [{ type: 1 }],
}

describe("Leftovers", () => {
  it.scoped("of a channel are none: invites, webhooks, polls, settings, exemptions", () =>
    Effect.gen(function* () {
      const { call, guild, last, path, sandbox, world } = yield* make()
      let timers = 0
      const after = world.after
      world.after = (millis, task) => {
        timers++
        const cancel = after(millis, task)
        return () => {
          timers--
          cancel()
        }
      }
      const gone = [
        Channels.add(world, guild, { name: "dock" }),
        Channels.add(world, guild, { name: "shed" }),
        Threads.open(world, [...guild.channels.values()][0]!, { name: "t", type: 11, ownerId: world.bot.id }),
      ]
      const [dock, shed, thread] = gone.map(({ id }) => id)
      const invite = bodyOf(yield* call("POST", `/channels/${dock}/invites`, {}))["code"]
      yield* call("POST", `/channels/${dock}/webhooks`, { name: "w" })
      const poll = { question: { text: "q" }, answers: [{ poll_media: { text: "a" } }] }
      for (const id of [dock, shed, thread]) yield* call("POST", `/channels/${id}/messages`, { poll })
      expect(timers).toBe(3)
      Guilds.change(world, guild, { systemChannelId: dock ?? "", afkChannelId: shed ?? "" })
      const exempt = { ...rule, exempt_channels: [dock] }
      const { id } = bodyOf(yield* call("POST", `${path}/auto-moderation/rules`, exempt))
      CommandPermissions.set(world, guild, world.bot.id, [{ id: dock ?? "", type: 3, permission: false }])
      yield* call("DELETE", `/channels/${dock}`)
      expect(yield* last("GUILD_UPDATE")).toMatchObject({ system_channel_id: null, afk_channel_id: shed })
      expect(codeOf(yield* call("GET", `/invites/${String(invite)}`))).toEqual([404, 10006])
      expect([world.invites.of(guild).size, world.webhooks.size]).toEqual([0, 0])
      expect(bodyOf(yield* call("GET", `${path}/auto-moderation/rules/${String(id)}`))).toMatchObject({
        exempt_channels: [],
      })
      expect(world.commandPermissions.of(guild).size).toBe(0)
      yield* call("DELETE", `/channels/${thread}`)
      expect(timers).toBe(1)
      sandbox.forget(guild)
      expect(timers).toBe(0)
    }).pipe(provided),
  )

  it.scoped("of a role are none: emojis, exemptions, what was decided for it", () =>
    Effect.gen(function* () {
      const { call, guild, last, path, world } = yield* make()
      const { id } = Roles.add(world, guild, { name: "mate" })
      const image = `data:image/png;base64,${Buffer.from(png(16, 16)).toString("base64")}`
      const emoji = Emojis.create(world, guild, world.bot.id, { name: "gull", image, roles: [id] })
      const made = yield* call("POST", `${path}/auto-moderation/rules`, { ...rule, exempt_roles: [id] })
      CommandPermissions.set(world, guild, world.bot.id, [{ id, type: 1, permission: true }])
      yield* call("DELETE", `${path}/roles/${id}`)
      expect(yield* last("GUILD_EMOJIS_UPDATE")).toMatchObject({ emojis: [{ id: emoji.id, roles: [] }] })
      const shown = yield* call("GET", `${path}/auto-moderation/rules/${String(bodyOf(made)["id"])}`)
      expect(bodyOf(shown)).toMatchObject({ exempt_roles: [] })
      expect(world.commandPermissions.of(guild).size).toBe(0)
    }).pipe(provided),
  )

  it.scoped("of a bot that left are no threads; of a guild those people whom another one knows", () =>
    Effect.gen(function* () {
      const { call, general, guild, path, person, sandbox, world } = yield* make()
      const thread = Threads.open(world, general, { name: "t", type: 12, ownerId: guild.ownerId })
      Threads.invite(world, thread, guild.ownerId, world.bot.id)
      const [zed, kim] = [person("zed"), person("kim")]
      const other = Guilds.create(world, { name: "Bay", ownerId: kim, channels: ["x"], memberIds: [zed] })
      Members.join(world, guild, zed)
      const writer = yield* sandbox.actor("zed", guild.id)
      yield* writer.say("general", `hello <@${kim}>`)
      Guilds.ban(world, guild, zed, null)
      sandbox.forget(other)
      expect((yield* call("GET", `/channels/${general.id}/messages`)).status).toBe(200)
      expect((yield* call("GET", `${path}/bans`)).body).toMatchObject([{ user: { id: zed } }])
      expect([world.users.has(zed), world.users.has(kim)]).toEqual([true, false])
      Guilds.removeBot(world, guild)
      Guilds.addBot(world, guild)
      expect(thread.thread?.members.has(world.bot.id)).toBe(false)
      sandbox.forget(guild)
      expect(world.users.has(zed)).toBe(false)
    }).pipe(provided),
  )

  it.scoped("of archived threads are as many as a channel keeps messages", () =>
    Effect.gen(function* () {
      const { general, guild, world } = yield* make()
      const open = () => Threads.open(world, general, { name: "t", type: 11, ownerId: world.bot.id })
      const first = open()
      Threads.change(world, first, world.bot.id, { archived: true })
      for (let n = 0; n <= world.historyLimit; n++)
        Threads.change(world, open(), world.bot.id, { archived: true })
      expect([guild.threads.has(first.id), guild.threads.size]).toEqual([false, 6])
    }).pipe(Effect.provide(SandboxModule.layer({ historyLimit: 5 }))),
  )
})
