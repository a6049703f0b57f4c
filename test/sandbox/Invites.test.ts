import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { ApiError } from "../../src/sandbox/model/ApiError.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Invites from "../../src/sandbox/world/Invites.js"
import * as Permissions from "../../src/sandbox/world/Permissions.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { iso } from "../../src/sandbox/model/Time.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

const opened = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  const channel = [...world.channels.values()].find(({ name }) => name === "general")
  if (guild === undefined || channel === undefined) return yield* Effect.dieMessage("no Harbour")
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const call = (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body)
  const make = (body: object = {}) =>
    Effect.map(call("POST", `/channels/${channel.id}/invites`, body), (answer) => ({
      ...answer,
      code: String((answer.body as { readonly code?: string }).code),
    }))
  const told = (type: string) =>
    connection
      .events()
      .filter(({ t }) => t === type)
      .map(({ d }) => d)
  const stranger = (username: string) => Guilds.addUser(world, { username }).id
  const own = [...guild.roles.values()].find(({ managed }) => managed)
  const forbid = (bit: bigint) => {
    if (own !== undefined) own.permissions &= ~bit
  }
  return { world, guild, channel, call, make, told, stranger, forbid }
})

/** What using an invite comes to: a name, or a code. */
const used = (act: () => unknown): unknown => {
  try {
    act()
    return "joined"
  } catch (error) {
    if (error instanceof ApiError) return error.code
    throw error
  }
}

describe("invites", () => {
  it.scoped("last a day unless said otherwise, and one that is alike is given again", () =>
    Effect.gen(function* () {
      const { call, channel, guild, make, told, world } = yield* opened
      const first = yield* make()
      expect(first).toMatchObject({
        status: 200,
        body: {
          code: expect.stringMatching(/^[A-Za-z0-9]{8}$/u),
          max_age: 86_400,
          max_uses: 0,
          uses: 0,
          temporary: false,
          guild: { id: guild.id, name: "Harbour" },
          channel: { id: channel.id, name: "general", type: 0 },
          inviter: { id: world.bot.id },
        },
      })
      expect((yield* make()).code).toBe(first.code)
      const other = yield* make({ unique: true, max_age: 0 })
      expect(other.code).not.toBe(first.code)
      expect(other.body).toMatchObject({ expires_at: null })
      yield* InProcess.settle
      expect(told("INVITE_CREATE").map((one) => one["code"])).toEqual([first.code, other.code])
      for (const path of [`/channels/${channel.id}/invites`, `/guilds/${guild.id}/invites`]) {
        const { body } = yield* call("GET", path)
        expect((body as ReadonlyArray<{ readonly code: string }>).map(({ code }) => code)).toEqual([
          first.code,
          other.code,
        ])
      }
      yield* TestClock.adjust("1 day")
      expect(yield* call("GET", `/invites/${first.code}`)).toMatchObject({
        status: 404,
        body: { code: 10006 },
      })
      expect((yield* call("GET", `/invites/${other.code}?with_counts=true`)).body).toMatchObject({
        approximate_member_count: 5,
      })
    }).pipe(provided),
  )

  it.scoped("let people in until they are used up; who is banned stays out", () =>
    Effect.gen(function* () {
      const { call, guild, make, stranger, told, world } = yield* opened
      const { code } = yield* make({ max_uses: 2 })
      const [eve, fay, gil, hal] = ["eve", "fay", "gil", "hal"].map(stranger) as [
        string,
        string,
        string,
        string,
      ]
      Guilds.ban(world, guild, gil, null)
      expect(used(() => Invites.use(world, code, gil))).toBe(40007)
      Guilds.change(world, guild, { features: ["INVITES_DISABLED"] })
      expect(used(() => Invites.use(world, code, eve))).toBe(40069)
      Guilds.change(world, guild, { features: [] })
      const pause = (millis: number) =>
        call("PUT", `/guilds/${guild.id}/incident-actions`, {
          invites_disabled_until: iso(world.now() + millis),
        })
      expect((yield* pause(90_000_000)).body).toMatchObject({
        code: 50035,
        errors: { invites_disabled_until: {} },
      })
      expect((yield* pause(60_000)).body).toMatchObject({ dms_disabled_until: null })
      expect(used(() => Invites.use(world, code, eve))).toBe(40069)
      yield* TestClock.adjust("1 minute")
      expect(used(() => Invites.use(world, code, eve))).toBe("joined")
      // Who is in already uses nothing up.
      expect(used(() => Invites.use(world, code, eve))).toBe("joined")
      expect(used(() => Invites.use(world, code, fay))).toBe("joined")
      expect(used(() => Invites.use(world, code, hal))).toBe(10006)
      yield* InProcess.settle
      expect(told("GUILD_MEMBER_ADD").map((one) => one["user"])).toMatchObject([{ id: eve }, { id: fay }])
      expect(told("INVITE_DELETE")).toMatchObject([{ code, guild_id: guild.id }])
    }).pipe(provided),
  )

  it.scoped("are made, listed and deleted by who may", () =>
    Effect.gen(function* () {
      const { call, channel, forbid, guild, make, told, world } = yield* opened
      const { code } = yield* make()
      const wrong = yield* make({ max_age: 604_801, max_uses: -1 })
      expect(wrong.body).toMatchObject({ code: 50035, errors: { max_age: {}, max_uses: {} } })
      forbid(Permissions.Bit.ManageGuild)
      const listed = yield* call("GET", `/guilds/${guild.id}/invites`)
      expect(listed).toMatchObject({ status: 200, body: [{ code }] })
      expect((listed.body as ReadonlyArray<object>)[0]).not.toHaveProperty("uses")
      forbid(Permissions.Bit.ManageChannels)
      expect((yield* call("GET", `/channels/${channel.id}/invites`)).body).toMatchObject({ code: 50013 })
      expect((yield* call("DELETE", `/invites/${code}`)).body).toMatchObject({ code: 50013 })
      forbid(Permissions.Bit.CreateInstantInvite)
      const everyone = guild.roles.get(guild.id)
      if (everyone !== undefined) everyone.permissions &= ~Permissions.Bit.CreateInstantInvite
      expect((yield* make()).body).toMatchObject({ code: 50013 })
      const own = [...guild.roles.values()].find(({ managed }) => managed)
      if (own !== undefined) own.permissions |= Permissions.Bit.ManageGuild
      expect(yield* call("DELETE", `/invites/${code}`)).toMatchObject({ status: 200, body: { code } })
      expect(yield* call("DELETE", `/invites/${code}`)).toMatchObject({ status: 404, body: { code: 10006 } })
      yield* InProcess.settle
      // Told is only who manages the channel.
      expect(told("INVITE_CREATE")).toHaveLength(1)
      expect(told("INVITE_DELETE")).toEqual([])
      const direct = world.directMessage(world.user(guild.ownerId))
      expect((yield* call("POST", `/channels/${direct.id}/invites`, {})).body).toMatchObject({ code: 50003 })
    }).pipe(provided),
  )
})
