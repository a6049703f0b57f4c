import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as Moves from "../../src/cli/Moves.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Permissions from "../../src/sandbox/world/Permissions.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as InProcess from "./InProcess.js"

const setUp = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]!
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  return {
    sandbox,
    world,
    guild,
    path: `/guilds/${guild.id}`,
    id: (name: string) => world.findUser(name)?.id ?? "",
    person: (name: string) => Guilds.addUser(world, { username: name }).id,
    call: (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body),
    told: Effect.map(InProcess.settle, () =>
      connection
        .events()
        .map(({ t }) => t)
        .filter((t) => t !== "READY" && t !== null),
    ),
  }
})

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))
const codeOf = ({ body, status }: InProcess.Answer) => [status, (body as { code?: number } | null)?.code]

interface Outcome {
  readonly banned_users: ReadonlyArray<string>
  readonly failed_users: ReadonlyArray<string>
}

describe("bans", () => {
  it.scoped("are made in bulk, and say who could not be banned", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, person, world } = yield* setUp
      const strangers = [person("eve"), person("fay")]
      Guilds.ban(world, guild, id("dan"), null)
      const nobody = "100000000000000000"
      const asked = [...strangers, id("cleo"), id("dan"), id("ada"), world.bot.id, nobody]
      const answer = yield* call("POST", `${path}/bulk-ban`, { user_ids: asked })
      expect(answer.status).toBe(200)
      const { banned_users, failed_users } = answer.body as Outcome
      expect(banned_users).toEqual([...strangers, id("cleo")])
      expect(failed_users).toEqual([id("dan"), id("ada"), world.bot.id, nobody])
      expect(guild.members.has(id("cleo"))).toBe(false)
      // Nobody is left to be banned.
      expect(codeOf(yield* call("POST", `${path}/bulk-ban`, { user_ids: asked }))).toEqual([400, 500000])
    }).pipe(provided),
  )

  it.scoped("in bulk are of 1 to 200, and need both permissions", () =>
    Effect.gen(function* () {
      const { call, guild, path, person } = yield* setUp
      const many = Array.from({ length: 201 }, (_, n) => person(`p${n}`))
      const post = (user_ids: ReadonlyArray<string>) => call("POST", `${path}/bulk-ban`, { user_ids })
      expect(codeOf(yield* post(many))).toEqual([400, 50035])
      expect(codeOf(yield* post([]))).toEqual([400, 50035])
      expect(codeOf(yield* post(["x"]))).toEqual([400, 50035])
      const own = [...guild.roles.values()].find(({ managed }) => managed)!
      own.permissions &= ~Permissions.Bit.ManageGuild
      expect(codeOf(yield* post(many.slice(1)))).toEqual([403, 50013])
      own.permissions |= Permissions.Bit.ManageGuild
      expect((yield* post(many.slice(1))).status).toBe(200)
      expect(guild.bans.size).toBe(200)
    }).pipe(provided),
  )

  it.scoped("are told once, and only to a bot that may know of them", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, person, told, world } = yield* setUp
      const bans = Effect.map(told, (types) => types.filter((type) => type === "GUILD_BAN_ADD").length)
      const ban = (userId: string) => call("PUT", `${path}/bans/${userId}`, {})
      for (let n = 0; n < 2; n++) expect((yield* ban(id("dan"))).status).toBe(204)
      expect(yield* bans).toBe(1)
      expect(guild.auditLog.filter(({ action }) => action === 22)).toHaveLength(1)
      const own = [...guild.roles.values()].find(({ managed }) => managed)!
      own.permissions &= ~(Permissions.Bit.BanMembers | Permissions.Bit.ViewAuditLog)
      Guilds.ban(world, guild, person("eve"), null)
      expect(yield* bans).toBe(1)
    }).pipe(provided),
  )

  it.scoped("delete what was written, and are listed page by page", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, person, sandbox } = yield* setUp
      const cleo = yield* sandbox.actor("cleo")
      yield* cleo.say("general", "spam")
      yield* call("POST", `${path}/bulk-ban`, {
        user_ids: [id("cleo"), person("eve"), person("fay")],
        delete_message_seconds: 60,
      })
      const general = [...guild.channels.values()][0]!
      expect(general.messages.size).toBe(0)
      const idsOf = ({ body }: InProcess.Answer) =>
        (body as ReadonlyArray<{ user: { id: string } }>).map(({ user }) => user.id)
      const all = idsOf(yield* call("GET", `${path}/bans`))
      expect(all).toHaveLength(3)
      const first = idsOf(yield* call("GET", `${path}/bans?limit=2`))
      const rest = idsOf(yield* call("GET", `${path}/bans?limit=2&after=${first[1]}`))
      expect([...first, ...rest]).toEqual(all)
      expect(idsOf(yield* call("GET", `${path}/bans?limit=1&before=${all[2]}`))).toEqual([all[1]])
      expect(codeOf(yield* call("GET", `${path}/bans?limit=1001`))).toEqual([400, 50035])
    }).pipe(provided),
  )

  it.scoped("take what was written in threads too, each place in one event, and no more than was asked", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, sandbox } = yield* setUp
      const cleo = yield* sandbox.actor("cleo")
      const general = [...guild.channels.values()][0]!
      const old = yield* cleo.say("general", "long ago")
      yield* TestClock.adjust("2 minutes")
      const thread = Threads.open(sandbox.world, general, { name: "t", type: 11, ownerId: cleo.user.id })
      for (const where of ["general", "t", "t"]) yield* cleo.say(where, "spam")
      const gone: Array<unknown> = []
      sandbox.world.onEvent(({ data, type }) => type === "MESSAGE_DELETE_BULK" && gone.push(data()))
      expect((yield* call("PUT", `${path}/bans/${id("cleo")}`, { delete_message_seconds: 60 })).status).toBe(
        204,
      )
      expect(gone).toMatchObject([{ channel_id: general.id }, { channel_id: thread.id }])
      expect(gone.map((one) => (one as { ids: ReadonlyArray<string> }).ids.length)).toEqual([2, 2])
      expect(general.messages.has(old.id)).toBe(true)
    }).pipe(provided),
  )

  it.effect.prop(
    "of any users answer for each exactly once",
    { picked: fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1 }) },
    ({ picked }) =>
      Effect.gen(function* () {
        const { call, guild, id, path, person, world } = yield* setUp
        const pool = [id("ada"), id("ben"), id("cleo"), world.bot.id, "123456789012345678"]
        while (pool.length < 12) pool.push(person(`p${pool.length}`))
        Guilds.ban(world, guild, pool[11] ?? "", null)
        const before = new Set(guild.bans.keys())
        const asked = picked.map((n) => pool[n] ?? "")
        const answer = yield* call("POST", `${path}/bulk-ban`, { user_ids: asked })
        const fresh = [...guild.bans.keys()].filter((one) => !before.has(one))
        const { banned_users = [], failed_users = [] } = answer.body as Partial<Outcome>
        expect(banned_users.toSorted()).toEqual(fresh.toSorted())
        expect([...banned_users, ...failed_users].toSorted()).toEqual(
          answer.status === 400 ? [] : [...new Set(asked)].toSorted(),
        )
      }).pipe(provided, Effect.scoped),
    { fastCheck: { numRuns: 30 } },
  )

  it.scoped("and kicks keep their reason in the audit log", () =>
    Effect.gen(function* () {
      const { call, id, path, sandbox } = yield* setUp
      yield* Effect.async<void>((resume) =>
        Effect.sync(
          sandbox.handle(
            {
              method: "PUT",
              path: `/api/v10${path}/bans/${id("dan")}`,
              headers: { authorization: "Bot x", "x-audit-log-reason": encodeURIComponent("Spåm") },
              body: null,
            },
            () => resume(Effect.void),
          ),
        ),
      )
      yield* call("DELETE", `${path}/members/${id("cleo")}`)
      const { body } = yield* call("GET", `${path}/audit-logs`)
      expect(body).toMatchObject({
        audit_log_entries: [
          { action_type: 20, target_id: id("cleo") },
          { action_type: 22, target_id: id("dan"), reason: "Spåm" },
        ],
      })
      const kicks = yield* call("GET", `${path}/audit-logs?action_type=20`)
      expect((kicks.body as { audit_log_entries: ReadonlyArray<unknown> }).audit_log_entries).toHaveLength(1)
    }).pipe(provided),
  )
})

describe("coming and going", () => {
  it.scoped("is told to the bot", () =>
    Effect.gen(function* () {
      const { guild, person, sandbox, told, world } = yield* setUp
      const dora = person("dora")
      const actor = yield* sandbox.actor("dora")
      yield* actor.join
      expect((yield* Effect.flip(actor.join)).message).toBe("dora is in Harbour already")
      yield* actor.leave
      expect((yield* Effect.flip(actor.leave)).message).toBe("dora is not in Harbour")
      Guilds.ban(world, guild, dora, null)
      expect((yield* Effect.flip(actor.join)).message).toBe("dora is banned from Harbour")
      const owner = yield* sandbox.actor("ada")
      expect((yield* Effect.flip(owner.leave)).message).toContain("an owner cannot leave")
      Guilds.create(world, { name: "Bay", ownerId: dora, channels: ["general"], memberIds: [] })
      expect((yield* told).slice(1)).toEqual([
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_REMOVE",
        "GUILD_BAN_ADD",
        "GUILD_CREATE",
      ])
    }).pipe(provided),
  )

  it.scoped("is done by a line of the chat, by the bot too", () =>
    Effect.gen(function* () {
      const { guild, sandbox, told, world } = yield* setUp
      yield* Moves.join(sandbox, "dora")
      expect(guild.members.has(world.findUser("dora")?.id ?? "")).toBe(true)
      yield* Moves.leave(sandbox, "dora")
      const unknown = yield* Effect.flip(Moves.leave(sandbox, "zoe"))
      expect(unknown.message).toContain("Nobody here is called zoe")
      expect((yield* Effect.flip(Moves.join(sandbox, "Ÿ"))).message).toContain("is no username")
      yield* Moves.leave(sandbox, "bosun")
      // It hears of its own going, and of nothing after it.
      yield* Moves.join(sandbox, "dora")
      expect((yield* Effect.flip(Moves.leave(sandbox, "bosun"))).message).toBe("Bosun is not in Harbour")
      yield* Moves.join(sandbox, "bosun")
      expect((yield* told).slice(1)).toEqual([
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_REMOVE",
        "GUILD_DELETE",
        "GUILD_CREATE",
      ])
    }).pipe(provided),
  )
})
