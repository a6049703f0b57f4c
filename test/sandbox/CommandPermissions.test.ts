import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as CommandPermissions from "../../src/sandbox/world/CommandPermissions.js"
import type { CommandPermission } from "../../src/sandbox/model/Model.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

const opened = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  const channel = [...world.channels.values()].find(({ name }) => name === "general")
  if (guild === undefined || channel === undefined) return yield* Effect.dieMessage("no Harbour")
  const app = `/applications/${world.bot.id}`
  const call = (method: string, path: string, body?: unknown) =>
    InProcess.call(sandbox, method, `${app}${path}`, body)
  const make = (more: object = {}) =>
    Effect.map(call("POST", "/commands", { name: "go", description: "Goes", ...more }), ({ body }) => {
      const command = world.commands.get(String((body as { readonly id: string }).id))
      if (command === undefined) throw new Error("no command")
      return command
    })
  const id = (name: string) => world.findUser(name)?.id ?? ""
  const may = (name: string, command: Parameters<typeof CommandPermissions.mayRun>[3], where = channel) =>
    CommandPermissions.mayRun(world, where, id(name), command)
  const role = (name: string) => [...guild.roles.values()].find((one) => one.name === name)?.id ?? ""
  return { sandbox, world, guild, channel, call, make, id, may, role }
})

const on = (type: 1 | 2 | 3, id: string, permission: boolean): CommandPermission => ({ id, type, permission })

describe("who may run a command", () => {
  it.scoped("is what it asks for by default; administrators always may", () =>
    Effect.gen(function* () {
      const { make, may } = yield* opened
      const free = yield* make()
      expect(["ada", "ben", "cleo"].map((name) => may(name, free))).toEqual([true, true, true])
      const moderators = yield* make({ default_member_permissions: "4" })
      expect(["ada", "ben", "cleo"].map((name) => may(name, moderators))).toEqual([true, true, false])
      const nobody = yield* make({ default_member_permissions: "0" })
      expect(["ada", "ben", "cleo"].map((name) => may(name, nobody))).toEqual([true, false, false])
    }).pipe(provided),
  )

  it.scoped("is decided in the guild: the person, then roles, then everyone; channels close it", () =>
    Effect.gen(function* () {
      const { channel, guild, id, make, may, role, world } = yield* opened
      const command = yield* make({ default_member_permissions: "4" })
      const decide = (...permissions: ReadonlyArray<CommandPermission>) =>
        CommandPermissions.set(world, guild, command.id, permissions)
      decide(on(1, guild.id, true))
      expect(may("cleo", command)).toBe(true)
      decide(on(1, guild.id, false), on(1, role("Moderator"), true))
      expect([may("ben", command), may("cleo", command)]).toEqual([true, false])
      decide(on(1, role("Moderator"), true), on(2, id("ben"), false), on(2, id("cleo"), true))
      expect([may("ben", command), may("cleo", command)]).toEqual([false, true])
      decide(on(3, channel.id, false), on(2, id("cleo"), true))
      expect([may("cleo", command), may("ada", command)]).toEqual([false, true])
      decide(
        on(3, CommandPermissions.allChannels(guild), false),
        on(3, channel.id, true),
        on(2, id("cleo"), true),
      )
      expect(may("cleo", command)).toBe(true)
      decide()
      expect(may("cleo", command)).toBe(false)
    }).pipe(provided),
  )

  it.scoped("follows a decision for the whole application where the command has none of its own", () =>
    Effect.gen(function* () {
      const { guild, id, make, may, world } = yield* opened
      const command = yield* make()
      CommandPermissions.set(world, guild, world.bot.id, [on(1, guild.id, false)])
      expect(may("cleo", command)).toBe(false)
      CommandPermissions.set(world, guild, command.id, [on(2, id("cleo"), true)])
      expect([may("cleo", command), may("dan", command)]).toEqual([true, false])
    }).pipe(provided),
  )

  it.scoped("depends on where: contexts, direct messages, age restriction", () =>
    Effect.gen(function* () {
      const { channel, make, may, world } = yield* opened
      const cleo = world.findUser("cleo")
      if (cleo === undefined) return yield* Effect.dieMessage("no Cleo")
      const direct = world.directMessage(cleo)
      const both = yield* make()
      expect([may("cleo", both), may("cleo", both, direct)]).toEqual([true, true])
      const guildOnly = yield* make({ contexts: [0] })
      expect([may("cleo", guildOnly), may("cleo", guildOnly, direct)]).toEqual([true, false])
      const directOnly = yield* make({ contexts: [1] })
      expect([may("cleo", directOnly), may("ada", directOnly), may("cleo", directOnly, direct)]).toEqual([
        false,
        false,
        true,
      ])
      const restricted = yield* make({ contexts: null, nsfw: true })
      expect([may("ada", restricted), may("cleo", restricted)]).toEqual([false, false])
      channel.nsfw = true
      expect([may("ada", restricted), may("cleo", restricted)]).toEqual([true, true])
    }).pipe(provided),
  )

  it.scoped("is told to the bot, which may read it and not write it; people obey it", () =>
    Effect.gen(function* () {
      const { call, guild, id, make, sandbox, world } = yield* opened
      const connection = InProcess.connect(sandbox)
      InProcess.identify(connection)
      yield* InProcess.settle
      const command = yield* make()
      const at = `/guilds/${guild.id}/commands`
      expect(yield* call("GET", `${at}/${command.id}/permissions`)).toMatchObject({
        status: 404,
        body: { code: 10066 },
      })
      const cleo = yield* sandbox.actor("cleo")
      yield* cleo.slash("general", "go")
      const permissions = [on(2, id("cleo"), false)]
      CommandPermissions.set(world, guild, command.id, permissions)
      yield* InProcess.settle
      const told = { id: command.id, application_id: world.bot.id, guild_id: guild.id, permissions }
      expect(connection.events().at(-1)).toMatchObject({
        t: "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
        d: told,
      })
      expect((yield* call("GET", `${at}/${command.id}/permissions`)).body).toEqual(told)
      expect((yield* call("GET", `${at}/permissions`)).body).toEqual([told])
      expect(yield* call("PUT", `${at}/${command.id}/permissions`, { permissions: [] })).toMatchObject({
        status: 403,
        body: { code: 20001 },
      })
      expect(yield* Effect.flip(cleo.slash("general", "go"))).toMatchObject({ _tag: "NotAllowed" })
      expect((yield* cleo.commands("general")).map(({ name }) => name)).toEqual([])
      yield* call("DELETE", `/commands/${command.id}`)
      expect((yield* call("GET", `${at}/permissions`)).body).toEqual([])
    }).pipe(provided),
  )

  it.scoped("never gives what the person themselves is denied, whatever else is said", () =>
    Effect.gen(function* () {
      const { channel, guild, id, make, may, role, world } = yield* opened
      const command = yield* make()
      const others = fc.array(
        fc.record({
          type: fc.constantFrom(1 as const, 3 as const),
          which: fc.boolean(),
          permission: fc.boolean(),
        }),
        { maxLength: 6 },
      )
      fc.assert(
        fc.property(others, fc.boolean(), (list, own) => {
          const rest = list.map(({ permission, type, which }) =>
            on(type, type === 3 ? channel.id : which ? guild.id : role("Player"), permission),
          )
          CommandPermissions.set(world, guild, command.id, [...rest, on(2, id("cleo"), own)])
          const closed =
            rest.some(({ type }) => type === 3) && !rest.some((one) => one.type === 3 && one.permission)
          expect(may("cleo", command)).toBe(own && !closed)
          expect(may("ada", command)).toBe(true)
        }),
      )
    }).pipe(provided),
  )
})
