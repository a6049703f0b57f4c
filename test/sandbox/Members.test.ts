import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Time from "../../src/sandbox/model/Time.js"
import { bodyOf, codeOf, listOf, make, provided, wrongOf } from "./Scene.js"

const day = 86_400_000

describe("Members", () => {
  it.scoped("are listed page by page, and found by the beginning of a name", () =>
    Effect.gen(function* () {
      const { call, id, path } = yield* make()
      const names = (query: string) =>
        Effect.map(call("GET", `${path}/members${query}`), (answer) =>
          listOf(answer).map(({ user }) => (user as { username: string }).username),
        )
      const all = yield* names("?limit=1000")
      expect(all).toHaveLength(5)
      expect(yield* names("")).toEqual(all.slice(0, 1))
      const first = yield* names("?limit=2")
      const rest = yield* names(`?limit=3&after=${id(first[1] ?? "")}`)
      expect([...first, ...rest]).toEqual(all)
      yield* call("PATCH", `${path}/members/${id("dan")}`, { nick: "Clever" })
      expect((yield* names("/search?query=CL&limit=10")).toSorted()).toEqual(["cleo", "dan"])
      expect(wrongOf(yield* call("GET", `${path}/members/search`))).toEqual(["query"])
      expect(wrongOf(yield* call("GET", `${path}/members?limit=1001`))).toEqual(["limit"])
      expect(codeOf(yield* call("GET", `${path}/members/123456789012345678`))).toEqual([404, 10013])
    }).pipe(provided),
  )

  it.scoped("in time-out see and read, and do nothing else until it ends", () =>
    Effect.gen(function* () {
      const { call, id, last, path, sandbox, world } = yield* make()
      const cleo = yield* sandbox.actor("cleo")
      yield* call("POST", `/applications/${world.bot.id}/commands`, { name: "ping", description: "Pings" })
      const said = yield* cleo.say("general", "before")
      const end = (millis: number) =>
        call("PATCH", `${path}/members/${id("cleo")}`, {
          communication_disabled_until: Time.iso(world.now() + millis),
        })
      expect(wrongOf(yield* end(28 * day + 1_000))).toEqual(["communication_disabled_until"])
      expect((yield* end(60_000)).status).toBe(200)
      expect(yield* last("GUILD_MEMBER_UPDATE")).toMatchObject({
        user: { id: id("cleo") },
        communication_disabled_until: Time.iso(world.now() + 60_000),
      })
      expect((yield* Effect.flip(cleo.say("general", "x")))._tag).toBe("NotAllowed")
      expect((yield* Effect.flip(cleo.react(said.id, "👍")))._tag).toBe("NotAllowed")
      const dan = yield* sandbox.actor("dan")
      yield* dan.react(said.id, "👍")
      expect((yield* Effect.flip(cleo.react(said.id, "👍")))._tag).toBe("NotAllowed")
      expect((yield* Effect.flip(cleo.slash("general", "ping")))._tag).toBe("NotAllowed")
      expect(yield* cleo.history("general")).toHaveLength(1)
      yield* TestClock.adjust("1 minute")
      yield* cleo.say("general", "after")
      const owner = call("PATCH", `${path}/members/${id("ada")}`, {
        communication_disabled_until: Time.iso(world.now() + 1_000),
      })
      expect(codeOf(yield* owner)).toEqual([403, 50013])
    }).pipe(provided),
  )

  it.scoped("are changed by those who stand above them", () =>
    Effect.gen(function* () {
      const { call, guild, id, own, path, role } = yield* make()
      const change = (name: string, body: object) => call("PATCH", `${path}/members/${id(name)}`, body)
      expect(bodyOf(yield* change("cleo", { nick: "C", roles: [role("Player").id] }))).toMatchObject({
        nick: "C",
        roles: [role("Player").id],
      })
      expect(bodyOf(yield* change("cleo", { nick: "", flags: 5 }))).toMatchObject({ nick: null, flags: 4 })
      expect(codeOf(yield* change("ada", { nick: "A" }))).toEqual([403, 50013])
      expect(codeOf(yield* change("cleo", { roles: [own.id] }))).toEqual([403, 50013])
      expect(codeOf(yield* change("cleo", { roles: ["123456789012345678"] }))).toEqual([404, 10011])
      expect(codeOf(yield* change("cleo", { mute: true }))).toEqual([400, 40032])
      expect(wrongOf(yield* change("cleo", { nick: "x".repeat(33), roles: 1 }))).toEqual(["nick", "roles"])
      expect(bodyOf(yield* call("PATCH", `${path}/members/@me`, { nick: "Bo" }))).toMatchObject({
        nick: "Bo",
      })
      own.permissions &= ~Bit.ChangeNickname
      guild.roles.get(guild.id)!.permissions &= ~Bit.ChangeNickname
      expect(codeOf(yield* call("PATCH", `${path}/members/@me`, { nick: "x" }))).toEqual([403, 50013])
      // The bot's own place: a role as high as its own is out of reach.
      role("Moderator").position = own.position
      expect(codeOf(yield* call("DELETE", `${path}/members/${id("ben")}`))).toEqual([403, 50013])
      expect(yield* call("PUT", `${path}/members/${id("ben")}`, { access_token: "x" })).toMatchObject({
        status: 501,
      })
    }).pipe(provided),
  )

  it.scoped("who come back are marked so, and greeted where the guild wants it", () =>
    Effect.gen(function* () {
      const { call, general, id, last, path, sandbox } = yield* make()
      yield* call("PATCH", path, { system_channel_id: general.id })
      const dan = yield* sandbox.actor("dan")
      yield* dan.leave
      yield* dan.join
      expect(yield* last("GUILD_MEMBER_ADD")).toMatchObject({ user: { id: id("dan") }, flags: 1 })
      expect(yield* last("MESSAGE_CREATE")).toMatchObject({ channel_id: general.id, type: 7 })
      yield* call("PATCH", path, { system_channel_flags: 1 })
      const seen = (yield* dan.history("general")).length
      yield* dan.leave
      yield* dan.join
      expect(yield* dan.history("general")).toHaveLength(seen)
    }).pipe(provided),
  )

  it.scoped("who are silent are pruned: nobody with a role that is not named, and no owner", () =>
    Effect.gen(function* () {
      const { call, guild, id, own, path, role, sandbox, world } = yield* make()
      // The bot's connection does not outlive a silence of days, so events are taken where they begin.
      const types: Array<string> = []
      world.onEvent(({ type }) => types.push(type))
      yield* TestClock.adjust("8 days")
      const fresh = Guilds.join(world, guild, Guilds.addUser(world, { username: "eve" }).id)
      const dan = yield* sandbox.actor("dan")
      yield* dan.say("general", "still here")
      const count = (query: string) => Effect.map(call("GET", `${path}/prune${query}`), bodyOf)
      expect(yield* count("")).toEqual({ pruned: 1 })
      expect(yield* count("?days=9")).toEqual({ pruned: 0 })
      const moderators = `?include_roles=${role("Moderator").id}`
      expect(yield* count(moderators)).toEqual({ pruned: 2 })
      // Nobody who stands beside the bot or above it.
      const { position } = own
      own.position = role("Moderator").position
      expect(yield* count(moderators)).toEqual({ pruned: 1 })
      own.position = position
      expect(wrongOf(yield* call("GET", `${path}/prune?days=31`))).toEqual(["days"])
      const done = yield* call("POST", `${path}/prune`, { days: 7, compute_prune_count: false })
      expect(done.body).toEqual({ pruned: null })
      expect(guild.members.has(id("cleo"))).toBe(false)
      expect([...guild.members.keys()].toSorted()).toEqual(
        [id("ada"), id("ben"), id("dan"), fresh.userId, world.bot.id].toSorted(),
      )
      expect(types.filter((type) => type === "GUILD_MEMBER_REMOVE")).toHaveLength(1)
      const log = bodyOf(yield* call("GET", `${path}/audit-logs?action_type=21`))
      expect(log["audit_log_entries"]).toMatchObject([
        { options: { delete_member_days: "7", members_removed: "1" }, target_id: null },
      ])
    }).pipe(provided),
  )
})
