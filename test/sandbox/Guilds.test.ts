import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Scene from "./Scene.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as InProcess from "./InProcess.js"

const bare = SandboxModule.layer({ seed: { harbour: false }, membersInGuildCreate: "all", replayLimit: 100 })

const connected = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const types = () => connection.events().map(({ t }) => t)
  return { sandbox, connection, types }
})

/** A guild with two people of its own. */
const fresh = (sandbox: Sandbox, name: string) => {
  const [ada, ben] = ["ada", "ben"].map((username) => Guilds.addUser(sandbox.world, { username }))
  if (ada === undefined || ben === undefined) throw new Error("nobody")
  return Guilds.create(sandbox.world, { name, ownerId: ada.id, channels: ["general"], memberIds: [ben.id] })
}

describe("Guilds", () => {
  it.scoped("come and go at run time, each with its own people, and leave nothing behind", () =>
    Effect.gen(function* () {
      const { connection, sandbox, types } = yield* connected
      const before = [sandbox.world.users.size, sandbox.world.channels.size]
      for (let n = 0; n < 50; n++) {
        const guild = fresh(sandbox, `Guild ${n}`)
        const ada = yield* sandbox.actor("ada", guild.id)
        expect(guild.members.has(ada.user.id)).toBe(true)
        const general = [...guild.channels.values()][0]
        if (general === undefined) return yield* Effect.dieMessage("no channel")
        Threads.open(sandbox.world, general, { name: "deck", ownerId: ada.user.id })
        yield* ada.say("general", "hi", { attachments: [{ name: "a.txt", bytes: new Uint8Array(3) }] })
        yield* ada.say("dm", "hi")
        sandbox.forget(guild)
      }
      yield* InProcess.settle
      expect([sandbox.world.users.size, sandbox.world.channels.size]).toEqual(before)
      expect([
        sandbox.world.uploads.size,
        sandbox.world.directMessages.size,
        sandbox.world.guilds.size,
      ]).toEqual([0, 0, 0])
      expect(types().filter((type) => type === "GUILD_CREATE")).toHaveLength(50)
      expect(types().filter((type) => type === "GUILD_DELETE")).toHaveLength(50)
      const [first] = connection.events().filter(({ t }) => t === "GUILD_CREATE")
      expect(first?.d).toMatchObject({ name: "Guild 0", member_count: 3 })
      expect(first?.d["members"]).toHaveLength(3)
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("go on without a bot that was put out, and take it in again", () =>
    Effect.gen(function* () {
      const { connection, sandbox, types } = yield* connected
      const guild = fresh(sandbox, "Harbour")
      const ada = yield* sandbox.actor("ada", guild.id)
      Guilds.leave(sandbox.world, guild, sandbox.world.bot.id)
      yield* ada.say("general", "gone at last")
      const dan = Guilds.addUser(sandbox.world, { username: "dan" })
      Guilds.join(sandbox.world, guild, dan.id)
      yield* InProcess.settle
      expect(types().slice(-2)).toEqual(["GUILD_CREATE", "GUILD_DELETE"])
      const answer = yield* InProcess.call(sandbox, "GET", `/guilds/${guild.id}`)
      expect(answer.body).toMatchObject({ code: 10004 })
      // One identify in 5 s.
      yield* TestClock.adjust("5 seconds")
      const second = InProcess.connect(sandbox)
      InProcess.identify(second)
      yield* InProcess.settle
      expect(second.events().map(({ t }) => t)).toEqual(["READY"])
      Guilds.addBot(sandbox.world, guild)
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({
        t: "GUILD_CREATE",
        d: { id: guild.id, member_count: 4 },
      })
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("a deletion ends what was asked in it", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* connected
      yield* InProcess.call(sandbox, "PUT", `/applications/${sandbox.world.bot.id}/commands`, [
        { name: "ping", description: "Pings" },
      ])
      const guild = fresh(sandbox, "Harbour")
      const ada = yield* sandbox.actor("ada", guild.id)
      const turn = yield* ada.slash("general", "ping")
      yield* InProcess.settle
      sandbox.forget(guild)
      expect(turn.state()).toEqual({ _tag: "Failed", reason: "The guild is gone" })
      expect(sandbox.unansweredInteractions()).toBe(0)
      const { id, token } = connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d ?? {}
      const late = yield* InProcess.call(
        sandbox,
        "POST",
        `/interactions/${String(id)}/${String(token)}/callback`,
        {
          type: 4,
          data: { content: "late" },
        },
      )
      expect(late.body).toMatchObject({ code: 10062 })
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("fail for a while: the bot is told, and then nothing until it is over", () =>
    Effect.gen(function* () {
      const { connection, sandbox, types } = yield* connected
      const guild = fresh(sandbox, "Harbour")
      const ada = yield* sandbox.actor("ada", guild.id)
      const general = `/channels/${[...guild.channels.keys()][0]}`
      const made = yield* InProcess.call(sandbox, "POST", `${general}/webhooks`, { name: "w" })
      const hook = made.body as { readonly id: string; readonly token: string }
      const paths = [
        `/guilds/${guild.id}`,
        general,
        `${general}/messages`,
        `/webhooks/${hook.id}/${hook.token}`,
      ]
      yield* InProcess.settle
      connection.frames.length = 0
      Guilds.setUnavailable(sandbox.world, guild, true)
      Guilds.setUnavailable(sandbox.world, guild, true)
      yield* ada.say("general", "anybody?")
      yield* InProcess.settle
      expect(types()).toEqual(["GUILD_DELETE"])
      expect(connection.events().at(-1)?.d).toEqual({ id: guild.id, unavailable: true })
      for (const path of paths)
        expect([path, (yield* InProcess.call(sandbox, "GET", path)).status]).toEqual([path, 500])
      Guilds.setUnavailable(sandbox.world, guild, false)
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({ t: "GUILD_CREATE", d: { id: guild.id } })
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("are changed field by field, and shown to whoever asks", () =>
    Effect.gen(function* () {
      const { call, guild, general, last, own, path } = yield* Scene.make()
      const voice = Scene.bodyOf(yield* call("POST", `${path}/channels`, { name: "v", type: 2 }))["id"]
      const changed = yield* call("PATCH", path, {
        name: "Haven",
        description: "Boats",
        verification_level: 1,
        default_message_notifications: 1,
        explicit_content_filter: 2,
        afk_channel_id: voice,
        afk_timeout: 900,
        system_channel_id: general.id,
        rules_channel_id: general.id,
        public_updates_channel_id: general.id,
        preferred_locale: "de",
      })
      const wanted = {
        name: "Haven",
        description: "Boats",
        verification_level: 1,
        explicit_content_filter: 2,
        afk_channel_id: voice,
        afk_timeout: 900,
        rules_channel_id: general.id,
        preferred_locale: "de",
      }
      expect(changed.body).toMatchObject(wanted)
      expect(yield* last("GUILD_UPDATE")).toMatchObject(wanted)
      expect((yield* call("GET", `${path}/preview`)).body).toMatchObject({
        name: "Haven",
        description: "Boats",
        approximate_member_count: 5,
      })
      const community = { features: ["COMMUNITY", "VIP_REGIONS"] }
      expect(Scene.codeOf(yield* call("PATCH", path, community))).toEqual([403, 50013])
      own.permissions |= Bit.Administrator
      expect((yield* call("PATCH", path, community)).body).toMatchObject({ features: ["COMMUNITY"] })
      // A community needs its rules.
      expect(Scene.codeOf(yield* call("DELETE", `/channels/${general.id}`))).toEqual([400, 50074])
      const bad = yield* call("PATCH", path, {
        name: "x",
        afk_timeout: 7,
        system_channel_id: voice,
        preferred_locale: "xx",
      })
      expect(Scene.wrongOf(bad)).toEqual(["afk_timeout", "name", "preferred_locale", "system_channel_id"])
      expect(guild.name).toBe("Haven")
    }).pipe(Scene.provided),
  )

  it.scoped("that the bot is in are listed page by page", () =>
    Effect.gen(function* () {
      const { call, guild, id, world } = yield* Scene.make()
      for (const name of ["Bay", "Cove"])
        Guilds.create(world, { name, ownerId: id("ada"), channels: [], memberIds: [] })
      const names = (query: string) =>
        Effect.map(call("GET", `/users/@me/guilds${query}`), (answer) =>
          Scene.listOf(answer).map(({ name }) => name),
        )
      expect(yield* names("")).toEqual(["Harbour", "Bay", "Cove"])
      expect(yield* names(`?limit=1&after=${guild.id}`)).toEqual(["Bay"])
      expect(yield* names(`?before=${guild.id}`)).toEqual([])
      const [counted] = Scene.listOf(yield* call("GET", "/users/@me/guilds?with_counts=true&limit=1"))
      expect(counted).toMatchObject({ name: "Harbour", owner: false, approximate_member_count: 5 })
      yield* call("DELETE", `/users/@me/guilds/${guild.id}`)
      expect(yield* names("")).toEqual(["Bay", "Cove"])
    }).pipe(Scene.provided),
  )
})
