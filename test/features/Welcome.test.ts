import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer } from "effect"
import * as fc from "effect/FastCheck"
import { GatewayIntentBits } from "discord-api-types/v10"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Store from "../../src/features/welcome/Store.js"
import * as Template from "../../src/features/welcome/Template.js"
import * as Welcome from "../../src/features/welcome/Welcome.js"
import * as Database from "../../src/resource/Database.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Kit from "../../src/testing/Kit.js"

const layer = Welcome.layer.pipe(
  Layer.provideMerge(Store.layer),
  Layer.provideMerge(Layer.orDie(Database.layerMemory)),
  Layer.provideMerge(Layer.merge(GuildStore.layerMemory, Stored.layer)),
)

const hearing = { bot: { intents: { required: GatewayIntentBits.GuildMembers } } }

/** What stands in a channel, for all to see. */
const written = ({ guild }: Kit.Kit, channel: string): ReadonlyArray<string> =>
  [...([...guild.channels.values()].find(({ name }) => name === channel)?.messages.values() ?? [])]
    .filter(({ ephemeralFor }) => ephemeralFor === null)
    .map(({ content }) => content)

/** Adds a role, and says of the others that they have moved up. */
const addRole = ({ guild, world }: Kit.Kit, name: string, permissions = 0n) => {
  const role = Guilds.addRole(world, guild, { name, permissions })
  for (const one of guild.roles.values()) Guilds.roleChanged(world, guild, one)
  return role
}

const told = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ _tag, replies }) => [_tag, replies.at(-1)?.content ?? ""] as const)

const rolesOf = ({ guild }: Kit.Kit, id: string) => guild.members.get(id)?.roles

const set = (member: Kit.Member, values: Readonly<Record<string, string>> = {}) =>
  member.slash("welcome set", { channel: "general", message: "Welcome, {member}!", ...values })

describe("/welcome", () => {
  it.effect("welcomes whoever joins with message, roles and a note", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, leftovers, member } = kit
        const [one, two] = ["Guest", "Fan"].map((name) => addRole(kit, name))
        yield* clock.settle
        const turn = yield* set(ada, {
          message: "Welcome to {server}, {member}!\\nYou are number {Count}. @everyone",
          role: "Guest",
          role_2: "Fan",
          role_3: "Guest",
        })
        const { _tag, replies } = yield* turn.outcome
        expect(_tag).toBe("Completed")
        expect(replies[0]?.content).toBe(
          `New members are welcomed in <#${channelOf(kit, "general")}> and get <@&${one!.id}> <@&${two!.id}>.`,
        )
        expect(JSON.stringify(replies[0]?.embeds)).toContain(
          `Welcome to Harbour, <@${ada.id}>!\\nYou are number ${guild.members.size}. @everyone`,
        )
        const cleo = member("cleo")
        yield* clock.runToIdle
        expect(written(kit, "general")).toEqual([
          `Welcome to Harbour, <@${cleo.id}>!\nYou are number ${guild.members.size}. @everyone`,
        ])
        expect(rolesOf(kit, cleo.id)).toEqual([one!.id, two!.id])
        expect(written(kit, "mod-log")).toHaveLength(1)
        expect(written(kit, "mod-log")[0]).toContain(`<@${cleo.id}> (cleo, ${cleo.id}) has joined: member `)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("goes on with the rest where a part fails, and says so", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member, world } = kit
        const role = addRole(kit, "Guest")
        const gone = addRole(kit, "Gone")
        yield* clock.settle
        expect((yield* told(yield* set(ada, { role: "Guest", role_2: "Gone" })))[0]).toBe("Completed")
        const general = [...guild.channels.values()].find(({ name }) => name === "general")!
        Guilds.removeRole(world, guild, gone)
        Guilds.removeChannel(world, general)
        const cleo = member("cleo")
        yield* clock.runToIdle
        expect(rolesOf(kit, cleo.id)).toEqual([role.id])
        const [note, report, ...more] = [...written(kit, "mod-log")].sort(
          (a, b) => Number(a.includes("in full")) - Number(b.includes("in full")),
        )
        expect(more).toEqual([])
        expect(note).toContain("has joined")
        expect(report).toBe(
          `<@${cleo.id}> was not welcomed in full. the message: That does not exist any more. the roles: <@&${gone.id}>: That does not exist any more.`,
        )
        // The next one is welcomed all the same.
        const dan = member("dan")
        yield* clock.runToIdle
        expect(rolesOf(kit, dan.id)).toEqual([role.id])
      }),
    ),
  )

  it.effect("gives no role that has become powerful since, and says so", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member, world } = kit
        const [guest, fan] = ["Guest", "Fan"].map((name) => addRole(kit, name))
        yield* clock.settle
        yield* told(yield* set(ada, { role: "Guest", role_2: "Fan" }))
        guest!.permissions = Bit.BanMembers
        Guilds.roleChanged(world, guild, guest!)
        yield* clock.settle
        const cleo = member("cleo")
        yield* clock.runToIdle
        expect(rolesOf(kit, cleo.id)).toEqual([fan!.id])
        expect(written(kit, "mod-log").join("\n")).toContain(
          `the roles: <@&${guest!.id}>: It lets people moderate or manage the server by now`,
        )
      }),
    ),
  )

  it.effect.prop(
    "leaves the rest whatever fails",
    { message: fc.boolean(), role: fc.boolean(), note: fc.boolean() },
    (works) =>
      Kit.run(layer, hearing, (kit) =>
        Effect.gen(function* () {
          const { ada, clock, guild, leftovers, member, world } = kit
          const role = addRole(kit, "Guest")
          yield* clock.settle
          yield* told(yield* set(ada, { role: "Guest" }))
          const own = [...guild.roles.values()].find(({ managed }) => managed)!
          const shut = (name: string) => {
            const channel = [...guild.channels.values()].find((one) => one.name === name)!
            Guilds.setOverwrite(world, channel, { id: own.id, type: 0, allow: 0n, deny: Bit.SendMessages })
          }
          if (!works.message) shut("general")
          if (!works.note) shut("mod-log")
          if (!works.role) Guilds.removeRole(world, guild, role)
          const cleo = member("cleo")
          yield* clock.runToIdle
          expect(written(kit, "general")).toHaveLength(works.message ? 1 : 0)
          expect(rolesOf(kit, cleo.id)).toEqual(works.role ? [role.id] : [])
          // The note, and the report where something failed.
          const failed = !works.message || !works.role
          expect(written(kit, "mod-log")).toHaveLength(works.note ? (failed ? 2 : 1) : 0)
          expect(yield* leftovers).toEqual([])
        }),
      ),
    { fastCheck: { numRuns: 12 } },
  )

  it.effect("does without a mod log, and uses the one that the server has set", () =>
    Kit.run(layer, { ...hearing, channels: ["general", "secrets"] }, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member } = kit
        yield* told(yield* set(ada))
        member("cleo")
        yield* clock.runToIdle
        expect(written(kit, "general")).toHaveLength(1)
        expect(written(kit, "secrets")).toEqual([])
        const settings = yield* GuildSettings
        yield* settings.change(guild.id, { modLogId: channelOf(kit, "secrets") })
        member("dan")
        yield* clock.runToIdle
        expect(written(kit, "secrets")).toHaveLength(1)
      }),
    ),
  )

  it.effect("welcomes nobody before it is set, after it is off, and once the server is forgotten", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member } = kit
        const join = (name: string) =>
          Effect.zipRight(
            Effect.sync(() => member(name)),
            clock.runToIdle,
          )
        yield* join("cleo")
        expect(yield* told(yield* ada.slash("welcome off"))).toEqual([
          "Failed",
          "Nobody is welcomed here so far: `/welcome set` begins it.",
        ])
        yield* told(yield* set(ada))
        yield* told(yield* set(ada, { message: "Hello {member}" }))
        yield* join("dan")
        expect(written(kit, "general")).toEqual([`Hello ${member("dan").mention}`])
        expect(yield* told(yield* ada.slash("welcome off"))).toEqual([
          "Completed",
          "New members are not welcomed any more.",
        ])
        yield* join("eve")
        yield* told(yield* set(ada))
        const { parts } = yield* Stored.Stored
        yield* Effect.forEach(parts(), ({ forgetGuild }) => forgetGuild(guild.id))
        yield* join("fay")
        expect(written(kit, "general")).toHaveLength(1)
        expect((yield* told(yield* ada.slash("welcome test")))[0]).toBe("Failed")
      }),
    ),
  )

  it.effect("is tried on the manager", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, world } = kit
        const role = addRole(kit, "Guest")
        yield* clock.settle
        yield* told(yield* set(ada, { role: "Guest" }))
        const [tag, text] = yield* told(yield* ada.slash("welcome test"))
        expect([tag, text]).toEqual([
          "Completed",
          [
            `✓ The message: sent in <#${channelOf(kit, "general")}>`,
            `✓ The roles: <@&${role.id}>`,
            `✓ The note: entered in <#${channelOf(kit, "mod-log")}>`,
          ].join("\n"),
        ])
        expect(rolesOf(kit, ada.id)).toContain(role.id)
        Guilds.removeRole(world, guild, role)
        yield* clock.settle
        expect((yield* told(yield* ada.slash("welcome test")))[1]).toContain("✗ The roles: <@&")
      }),
    ),
  )

  it.effect("refuses what could not work, and keeps what was there", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member, world } = kit
        const own = [...guild.roles.values()].find(({ managed }) => managed)!
        addRole(kit, "Guest")
        addRole(kit, "Boss", Bit.BanMembers)
        const high = addRole(kit, "High")
        high.position = own.position + 1
        Guilds.roleChanged(world, guild, high)
        const dark = Guilds.addChannel(world, guild, {
          name: "dark",
          overwrites: [{ id: own.id, type: 0, allow: 0n, deny: Bit.SendMessages }],
        })
        yield* clock.settle
        const say = (values: Readonly<Record<string, string>>) =>
          Effect.map(Effect.flatMap(set(ada, values), told), ([, text]) => text)
        expect(yield* say({ message: "Hello {name}" })).toContain(
          "That message cannot be used. {name} is no placeholder",
        )
        expect(yield* say({ message: " \\n " })).toContain("It is empty.")
        expect(yield* say({ message: "{server}".repeat(20) })).toContain("It may become 4000 characters long")
        expect(yield* say({ channel: "dark" })).toContain(`I cannot write in <#${dark.id}>`)
        expect(yield* say({ role: "Boss" })).toContain("lets people moderate")
        expect(yield* say({ role: "High" })).toContain("my own role has to stand above it")
        expect(yield* say({ role: own.id })).toContain("belongs to an integration")
        expect(yield* say({ role: guild.id })).toContain("Everyone has that role already")
        expect((yield* told(yield* ada.slash("welcome test")))[0]).toBe("Failed")
        // Somebody who may manage the server, but could not give the role.
        const eve = member("eve", { roles: ["Steward"] })
        const steward = [...guild.roles.values()].find(({ name }) => name === "Steward")!
        steward.permissions = Bit.ManageGuild
        Guilds.roleChanged(world, guild, steward)
        yield* clock.settle
        expect((yield* told(yield* set(eve, { role: "Guest" })))[1]).toContain("You could not give")
        expect((yield* told(yield* set(eve)))[0]).toBe("Completed")
        // And somebody who may not.
        expect((yield* Effect.flip(set(member("fay"))))._tag).toBe("NotAllowed")
      }),
    ),
  )

  it.effect("says that nobody will be welcomed where the bot does not hear of joins", () =>
    Kit.run(layer, (kit) =>
      Effect.gen(function* () {
        const { ada } = kit
        expect((yield* told(yield* set(ada)))[1]).toContain("the Server Members Intent has to be switched on")
        const [, text] = yield* told(yield* ada.slash("welcome test"))
        expect(text).toContain("✓ The message")
        expect(text).toContain("the Server Members Intent")
      }),
    ),
  )

  it.effect("notes a bot, and no more", () =>
    Kit.run(layer, hearing, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, world } = kit
        yield* told(yield* set(ada))
        Guilds.join(world, guild, Guilds.addUser(world, { username: "robot", bot: true }).id)
        yield* clock.runToIdle
        expect(written(kit, "general")).toEqual([])
        expect(written(kit, "mod-log")[0]).toContain("(robot, ")
      }),
    ),
  )
})

const channelOf = ({ guild }: Kit.Kit, wanted: string): string =>
  [...guild.channels.values()].find(({ name }) => name === wanted)?.id ?? ""

describe("the text of a welcome", () => {
  it("fits into a message whatever the server and the member are, or is refused", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom("{member}", "{server}", "{COUNT}", "{", "}", "{x}", "\\n", "*"),
            fc.string({ maxLength: 300 }),
          ),
          { maxLength: 30 },
        ),
        // Discord: 2 to 100 characters.
        fc.string({ minLength: 2, maxLength: 100 }).filter((name) => name.trim().length > 1),
        fc.integer({ min: 1, max: 999_999_999 }),
        (pieces, server, count) => {
          const parsed = Template.parse(pieces.join(""))
          if (Either.isLeft(parsed)) return
          const text = Template.render(parsed.right, { memberId: "123456789012345678", server, count })
          expect(text.length).toBeLessThanOrEqual(2_000)
          expect(text.length).toBeGreaterThan(0)
          // What was parsed once stays as it is.
          expect(Template.parse(parsed.right)).toEqual(parsed)
        },
      ),
      { numRuns: 500 },
    ))

  it("shows the name of a server as it is, and takes no placeholder from it", () => {
    const text = Template.render("{server} {member}", { memberId: "1", server: "*{member}* $&", count: 1 })
    expect(text).toBe("\\*{member}\\* $& <@1>")
  })
})
