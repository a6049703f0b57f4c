import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Field from "./Field.js"

/** Up to the card in #tryouts. */
const applied = ({ ada, cleo, open, role, send, thread }: Field.Field) =>
  Effect.gen(function* () {
    yield* open({ role: role.name })
    yield* cleo.run("tryout apply")
    yield* send(cleo, thread(cleo))
    yield* cleo.sees(thread(cleo), "is sent")
    const card = yield* ada.live("tryouts", "Application for Keepers")
    yield* Effect.sleep("2 seconds")
    return card
  })

const reason = (person: Field.Person, text: string) =>
  Effect.gen(function* () {
    yield* Effect.sleep("1 second")
    return yield* person.actor.submit(person.actor.modals().at(-1)!, { reason: text })
  })

describe("a decision", () => {
  it.each([
    ["Approve", "was approved", "**Approved**"],
    ["Reject", "was rejected: Too young", "**Rejected**"],
    ["Ask again", "you are asked again: Too young", "**Asked again**"],
  ])("%s is told to the applicant although the bot stops before that", (button, word, verdict) =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, restart, sandbox } = field
        const card = yield* applied(field)
        sandbox.faults.slow({ method: "POST", path: /users\/@me\/channels/u }, { request: 2_000 })
        yield* ada.actor.press(card.id, button)
        if (button !== "Approve") yield* reason(ada, "Too young")
        yield* Effect.sleep("1 second")
        expect(yield* Effect.orElseSucceed(cleo.actor.history("dm"), () => [])).toEqual([])
        yield* restart
        expect((yield* cleo.screen("dm")).filter((text) => text.includes(word))).toHaveLength(1)
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain(verdict)
      }),
    ),
  )

  it.each(["Reject", "Ask again"])("%s is not theirs who have lost the right during the form", (button) =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { cleo, dan, guild, sandbox, store } = field
        const card = yield* applied(field)
        const own = guild.members.get(dan.actor.user.id)!
        const deputy = Guilds.addRole(sandbox.world, guild, { name: "Deputy", permissions: Bit.ManageRoles })
        own.roles = [...own.roles, deputy.id]
        Guilds.memberChanged(sandbox.world, guild, own)
        yield* dan.actor.press(card.id, button)
        yield* Effect.sleep("1 second")
        own.roles = own.roles.filter((id) => id !== deputy.id)
        Guilds.memberChanged(sandbox.world, guild, own)
        expect(yield* Field.outcomeOf(yield* reason(dan, "No"))).toBe(
          "Only members with the permission Manage Server or Manage Roles decide on applications.",
        )
        const [application] = yield* store.of(guild.id, cleo.actor.user.id)
        expect(application?.status).toBe("pending")
        expect(Field.isLive(card)).toBe(true)
      }),
    ),
  )
})
