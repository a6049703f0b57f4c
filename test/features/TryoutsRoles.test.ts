import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import type { Role } from "../../src/sandbox/model/Model.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Field from "./Field.js"

const wear = ({ guild, sandbox }: Field.Field, who: Field.Person, role: Role): void => {
  const member = guild.members.get(who.actor.user.id)!
  member.roles = [...member.roles, role.id]
  Guilds.memberChanged(sandbox.world, guild, member)
}

/** All roles as they stand now, for the bot too. */
const announce = ({ guild, sandbox }: Field.Field): void => {
  for (const role of guild.roles.values()) Guilds.roleChanged(sandbox.world, guild, role)
}

const make = (field: Field.Field, name: string, permissions: bigint): Role => {
  const role = Guilds.addRole(field.sandbox.world, field.guild, { name, permissions })
  announce(field)
  return role
}

describe("the role that a try-out offers", () => {
  it("is one that whoever opens it could give by hand", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ben, guild, role, store } = field
        const boss = make(field, "Boss", Bit.Administrator)
        const open = (name: string, offered: string) =>
          ben.run("tryout open", { ...Field.keepers, name, role: offered })
        const refusal = (one: Role) =>
          `You may not offer <@&${one.id}>: that takes the permission Manage Roles, and a role of yours above it.`
        // Manage Server alone, with a role above.
        expect(yield* open("Bosses", "Boss")).toBe(refusal(boss))
        expect(yield* open("Players", "Player")).toBe(refusal(role))
        expect(yield* store.list(guild.id)).toEqual([])
        const deputy = make(field, "Deputy", Bit.ManageRoles)
        wear(field, ben, deputy)
        expect(yield* open("Players", "Player")).toContain("is open")
        // Not their own highest.
        const moderator = [...guild.roles.values()].find(({ name }) => name === "Moderator")!
        expect(yield* open("Moderators", "Moderator")).toBe(refusal(moderator))
      }),
    ))

  it("is one that the bot can give", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { guild, open, role } = field
        const own = [...guild.roles.values()].find(({ managed }) => managed)!
        const high = make(field, "High", 0n)
        high.position = own.position + 1
        announce(field)
        expect(yield* open({ role: "High" })).toContain(
          `I could not give <@&${high.id}>. Give me the permission`,
        )
        own.permissions &= ~Bit.ManageRoles
        announce(field)
        expect(yield* open({ role: role.name })).toContain(
          `I could not give <@&${role.id}>. Give me the permission`,
        )
        expect(yield* open()).toContain("is open")
      }),
    ))

  it("is neither everybody's nor an app's", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { guild, open } = field
        const own = [...guild.roles.values()].find(({ managed }) => managed)!
        expect(yield* open({ role: guild.id })).toContain("Everybody has that role already.")
        expect(yield* open({ role: own.name })).toContain("belongs to an app or to Discord itself")
      }),
    ))

  it("is given to nobody by themselves, except to the owner of the server", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, ben, guild, open, role, send, thread } = field
        yield* open({ role: role.name })
        yield* ben.run("tryout apply")
        yield* send(ben, thread(ben))
        const card = yield* ada.live("tryouts", ben.mention)
        yield* Effect.sleep("2 seconds")
        const self = yield* ben.actor.press(card.id, "Approve")
        expect(yield* Field.outcomeOf(self)).toBe(
          "This is your own application: somebody else has to approve it.",
        )
        expect(guild.members.get(ben.actor.user.id)?.roles).not.toContain(role.id)
        expect(Field.isLive(card)).toBe(true)
        yield* ada.actor.press(card.id, "Approve")
        yield* ben.sees("dm", "was approved")
        yield* ada.run("tryout apply")
        yield* send(ada, thread(ada))
        yield* ada.press("tryouts", ada.mention, "Approve")
        yield* ada.sees("dm", "was approved")
      }),
    ))

  it.each(["late", "lost"])("counts as given where it was, though the answer is %s", (how) =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, open, role, sandbox, send, thread } = field
        yield* open({ role: role.name })
        yield* cleo.run("tryout apply")
        yield* send(cleo, thread(cleo))
        const card = yield* ada.live("tryouts", "Application for Keepers")
        yield* Effect.sleep("3 seconds")
        const aim = { method: "PUT", path: /roles/u }
        if (how === "late") sandbox.faults.slow(aim, { answer: 120_000 })
        else sandbox.faults.answerNext({ ...aim, status: 502, times: 10, carryOut: true })
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
        yield* Effect.sleep("2 seconds")
        sandbox.faults.clear()
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
        expect(Field.textOf(card)).toContain("**Approved**")
        expect(Field.isLive(card)).toBe(false)
      }),
    ),
  )

  it("counts as given where it was, though the bot was stopped before it had the answer", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, open, restart, role, sandbox, send, store, thread } = field
        yield* open({ role: role.name })
        yield* cleo.run("tryout apply")
        yield* send(cleo, thread(cleo))
        const card = yield* ada.live("tryouts", "Application for Keepers")
        yield* Effect.sleep("3 seconds")
        sandbox.faults.slow({ method: "PUT", path: /roles/u }, { answer: 120_000 })
        yield* ada.actor.press(card.id, "Approve")
        yield* Effect.sleep("1 second")
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
        yield* restart
        sandbox.faults.clear()
        const [application] = yield* store.of(guild.id, cleo.actor.user.id)
        expect(application?.status).toBe("approved")
        yield* cleo.sees("dm", "was approved")
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain("**Approved**")
      }),
    ))

  it("leaves the application waiting where Discord never answers, in one sentence each", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, open, role, sandbox, send, thread } = field
        yield* open({ role: role.name })
        yield* cleo.run("tryout apply")
        yield* send(cleo, thread(cleo))
        const card = yield* ada.live("tryouts", "Application for Keepers")
        yield* Effect.sleep("3 seconds")
        sandbox.faults.answerNext({ method: "PUT", path: /roles/u, status: 502, times: 10 })
        const turn = yield* ada.actor.press(card.id, "Approve")
        const said = yield* Field.outcomeOf(turn)
        expect(said).toMatch(/so the application is still waiting\. .*\. Then press Approve again\.$/u)
        expect(said).not.toContain("..")
        sandbox.faults.clear()
        const [application] = yield* field.store.of(guild.id, cleo.actor.user.id)
        expect(application?.status).toBe("pending")
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
      }),
    ))
})
