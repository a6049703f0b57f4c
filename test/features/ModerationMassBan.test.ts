import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { Stored } from "../../src/features/guild/Stored.js"
import { massban } from "../../src/features/moderation/MassBan.js"
import type { Outcome } from "../../src/features/moderation/Model.js"
import { CaseStore } from "../../src/features/moderation/Store.js"
import type { Canned } from "../../src/sandbox/fault/Faults.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Field from "./ModerationField.js"

const closed = (kit: Kit.Kit, turn: Kit.Turn) =>
  Effect.gen(function* () {
    yield* kit.clock.runToIdle
    const replies = yield* kit.ada.finalReplies(turn)
    const last = replies.at(-1)
    return { outcome: (yield* turn.outcome)._tag, text: last?.content ?? "", count: replies.length }
  })

const outcomesOf = (kit: Kit.Kit) =>
  Effect.gen(function* () {
    const subjects = yield* (yield* CaseStore).subjects(kit.guild.id, 1)
    return new Map(subjects.map(({ outcome, userId }) => [userId, outcome]))
  })

const file = (ids: ReadonlyArray<string>) => {
  Field.files.set("list.txt", ids.join("\n"))
  return { name: "list.txt", contentType: "text/plain", bytes: new TextEncoder().encode(ids.join("\n")) }
}

/** What becomes of one call that bans those. */
const fateOf = (fate: string, banned_users: ReadonlyArray<string>): Canned => {
  switch (fate) {
    case "ok":
      return { status: 200, body: { banned_users, failed_users: [] }, carryOut: true }
    case "refused":
      return { status: 403, body: { message: "Missing Permissions", code: 50013 } }
    default:
      return { status: 502, body: {}, carryOut: fate === "answer lost" }
  }
}

describe("massban", () => {
  it.effect("shows what it understood, asks, and bans whom it may", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, leftovers, member, world } = kit
        const [one = "", two = "", gone = ""] = Field.strangers(world, 3)
        const eve = member("eve")
        Guilds.ban(world, guild, gone, null)
        const turn = yield* ada.run(massban, {
          users: `<@${one}> ${two};${one}|bob, <@${eve.id}>, ${gone}, ${ada.id} ${world.bot.id}`,
          reason: "Raid",
        })
        const question = yield* turn.nextMessage
        expect(question.content).toBe(
          [
            "To be banned: 3 people.",
            `Already banned: <@${gone}>.`,
            `Not allowed: <@${ada.id}> (yourself), <@${world.bot.id}> (me).`,
            "Named more than once: 1.",
            "I could not read: bob.",
            "Ban 3 people?",
          ].join("\n"),
        )
        expect(guild.bans.size).toBe(1)
        yield* ada.click(question, "Ban them")
        const { outcome, text } = yield* closed(kit, turn)
        expect(outcome).toBe("Completed")
        expect(text.split("\n")).toEqual([
          "**Mass ban: case 1**",
          `Banned: 3 (<@${one}>, <@${two}>, <@${eve.id}>)`,
          `Already banned: 1 (<@${gone}>)`,
          `Not allowed: 2 (<@${ada.id}>, <@${world.bot.id}>)`,
        ])
        expect(guild.bans.get(one)?.reason).toBe("ada: Raid")
        expect(guild.members.has(eve.id)).toBe(false)
        expect(Field.modLog(kit)).toHaveLength(1)
        expect((yield* (yield* CaseStore).find(guild.id, 1)).status).toBe("done")
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("touches nobody without a Yes, nobody above, and nobody named in vain", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, guild, member, world } = kit
        const [one = ""] = Field.strangers(world, 1)
        const no = yield* ada.run(massban, { users: one })
        yield* ada.click(yield* no.nextMessage, "No")
        expect((yield* closed(kit, no)).text).toBe("Nobody was banned.")
        const nobody = yield* ada.run(massban, { users: "bob and <@&123456789012345678>" })
        expect((yield* closed(kit, nobody)).text).toContain(
          "I could not read: bob, and, \\<\\@&123456789012345678\\>",
        )
        const boss = member("boss", { roles: ["Boss"] })
        const role = [...guild.roles.values()].find(({ name }) => name === "Boss")!
        role.position = 50
        Guilds.roleChanged(world, guild, role)
        const above = yield* ada.run(massban, { users: boss.id })
        expect((yield* closed(kit, above)).text).toContain(`<@${boss.id}> (above me)`)
        // Ben lacks Manage Server.
        expect((yield* Effect.flip(ben.run(massban, { users: one })))._tag).toBe("NotAllowed")
        const many = Array.from({ length: 1_001 }, (_, n) => `${123_456_789_012_345_000n + BigInt(n)}`)
        const tooMany = yield* ada.run(massban, { file: file(many) })
        expect((yield* closed(kit, tooMany)).text).toContain("That is 1001 people")
        expect(guild.bans.size).toBe(0)
        expect(yield* (yield* CaseStore).list(guild.id, { limit: 5 })).toEqual([])
      }),
    ),
  )

  it.effect("takes a thousand from a file, in five calls", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, transcript, world } = kit
        const ids = Field.strangers(world, 1_000)
        const times = Field.counted(kit)
        const turn = yield* ada.run(massban, { file: file(ids), delete_days: 1 })
        const question = yield* turn.nextMessage
        expect(question.content).toContain("Ban 1000 people, and delete what they wrote in the last day?")
        yield* ada.click(question, "Ban them")
        expect((yield* closed(kit, turn)).text).toContain("Banned: 1000")
        expect(guild.bans.size).toBe(1_000)
        expect([...times.values()].every((count) => count === 1)).toBe(true)
        const calls = (yield* transcript).filter((line) => line.includes("bulk-ban"))
        expect(calls.filter((line) => line.includes("→ POST"))).toHaveLength(5)
      }),
    ),
  )

  it.effect("stops between calls when Cancel is pressed", () =>
    Kit.run(Field.layer, { latency: 1_000 }, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, leftovers, world } = kit
        const ids = Field.strangers(world, 600)
        const turn = yield* ada.run(massban, { file: file(ids) })
        yield* ada.click(yield* turn.nextMessage, "Ban them")
        const progress = yield* turn.nextMessage
        expect(progress.content).toBe("Banning: 0 of 600…")
        yield* clock.advance("500 millis")
        yield* ada.click(progress, "Cancel")
        const { outcome, text } = yield* closed(kit, turn)
        expect(outcome).toBe("Completed")
        expect(text).toMatch(/Banned: (?:200|400)\nNot done: (?:400|200)/u)
        expect(guild.bans.size % 200).toBe(0)
        expect(guild.bans.size).toBeLessThan(600)
        expect((yield* (yield* CaseStore).find(guild.id, 1)).status).toBe("stopped")
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("that the bot's end interrupts leaves a case that tells the truth", () =>
    Kit.run(Field.layer, { latency: 1_000 }, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, shutdown, world } = kit
        const ids = Field.strangers(world, 600)
        const turn = yield* ada.run(massban, { file: file(ids) })
        yield* ada.click(yield* turn.nextMessage, "Ban them")
        yield* turn.nextMessage
        yield* clock.advance("1200 millis")
        yield* shutdown("100 millis")
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        const outcomes = yield* outcomesOf(kit)
        for (const id of ids) expect(outcomes.get(id)).toBe(guild.bans.has(id) ? "banned" : "skipped")
        expect((yield* (yield* CaseStore).find(guild.id, 1)).status).toBe("stopped")
      }),
    ),
  )

  it.effect("tells apart whom somebody else has banned meanwhile from whom Discord does not know", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, world } = kit
        const ids = Field.strangers(world, 3)
        const turn = yield* ada.run(massban, { users: [...ids, "123456789012345678"].join(" ") })
        const question = yield* turn.nextMessage
        Guilds.ban(world, guild, ids[0] ?? "", null)
        yield* ada.click(question, "Ban them")
        expect((yield* closed(kit, turn)).text.split("\n").slice(1)).toEqual([
          `Banned: 2 (<@${ids[1]}>, <@${ids[2]}>)`,
          `Already banned: 1 (<@${ids[0]}>)`,
          "Failed: 1 (<@123456789012345678>)",
        ])
      }),
    ),
  )

  it.effect("looks again after the Yes who may ban, and whom", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild, member, world } = kit
        const chief = Guilds.addRole(world, guild, {
          name: "Chief",
          permissions: Bit.BanMembers | Bit.ManageGuild,
        })
        const own = [...guild.roles.values()].find(({ managed }) => managed)!
        own.position = 60
        for (const role of guild.roles.values()) Guilds.roleChanged(world, guild, role)
        const rogue = member("rogue", { roles: ["Chief"] })
        const eve = member("eve")
        const [one = ""] = Field.strangers(world, 1)
        const turn = yield* ada.run(massban, { users: `${one} ${eve.id}` })
        const question = yield* turn.nextMessage
        // Promoted above the bot while the question waits.
        const boss = Guilds.addRole(world, guild, { name: "Boss", permissions: 0n })
        boss.position = 90
        Guilds.roleChanged(world, guild, boss)
        guild.members.get(eve.id)?.roles.push(boss.id)
        yield* clock.settle
        yield* ada.click(question, "Ban them")
        expect((yield* closed(kit, turn)).text.split("\n").slice(1)).toEqual([
          `Banned: 1 (<@${one}>)`,
          `Not allowed: 1 (<@${eve.id}>)`,
        ])
        const [two = ""] = Field.strangers(world, 1)
        const late = yield* rogue.run(massban, { users: two })
        const asked = yield* late.nextMessage
        chief.permissions = 0n
        Guilds.roleChanged(world, guild, chief)
        yield* clock.settle
        yield* rogue.click(asked, "Ban them")
        expect((yield* late.outcome).replies.at(-1)?.content).toBe(
          "You may no longer do that here: nothing was done.",
        )
        expect([...guild.bans.keys()]).toEqual([one])
      }),
    ),
  )

  it.effect("leaves nothing to be pressed where Discord refuses to close its progress at first", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, leftovers, sandbox, world } = kit
        const turn = yield* ada.run(massban, { users: Field.strangers(world, 1)[0]! })
        yield* ada.click(yield* turn.nextMessage, "Ban them")
        sandbox.faults.answerNext({
          method: "PATCH",
          path: /webhooks/u,
          status: 403,
          body: { message: "Missing Access", code: 50001 },
        })
        expect((yield* closed(kit, turn)).outcome).toBe("Completed")
        const said = (yield* ada.finalReplies(turn)).map(({ content }) => content)
        expect(said).toContain("Case 1 is closed.")
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("leaves nothing to be pressed where it is not told that its progress is shown", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, leftovers, sandbox, world } = kit
        const turn = yield* ada.run(massban, { users: Field.strangers(world, 1)[0]! })
        yield* ada.click(yield* turn.nextMessage, "Ban them")
        sandbox.faults.answerNext({ method: "POST", path: /webhooks/u, status: 500, carryOut: true })
        const { outcome } = yield* closed(kit, turn)
        expect(outcome).toBe("Failed")
        const said = yield* ada.finalReplies(turn)
        expect(said.map(({ content }) => content)).toEqual([
          "Nothing was begun.",
          "Discord has trouble at the moment. Please try again in a minute.",
        ])
        expect(said.flatMap(({ buttons }) => buttons)).toEqual([])
        expect(guild.bans.size).toBe(0)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("shows one of those whom it was about none of the others", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, world } = kit
        const [one = "", two = ""] = Field.strangers(world, 2)
        const turn = yield* ada.run(massban, { users: `${one} ${two}` })
        yield* ada.click(yield* turn.nextMessage, "Ban them")
        yield* closed(kit, turn)
        const [part] = (yield* Stored).parts()
        const found = yield* part!.exportUser(one)
        expect(found).toMatchObject([{ number: 1, kind: "massban", outcome: "banned" }])
        expect(JSON.stringify(found)).not.toContain(two)
      }),
    ),
  )

  it.effect.prop(
    "under any fate of its calls bans nobody twice, and says of each what is so",
    {
      fates: fc.array(fc.constantFrom("ok", "refused", "answer lost", "call lost"), {
        minLength: 6,
        maxLength: 6,
      }),
      size: fc.integer({ min: 1, max: 520 }),
    },
    ({ fates, size }) =>
      Kit.run(Field.layer, (kit) =>
        Effect.gen(function* () {
          const { ada, guild, sandbox, world } = kit
          const ids = Field.strangers(world, size)
          const times = Field.counted(kit)
          const expected = new Map<string, Outcome>()
          const left = [...fates]
          const answer = (fate: string, some: ReadonlyArray<string>) =>
            sandbox.faults.answerNext({
              method: "POST",
              path: `/guilds/${guild.id}/bulk-ban`,
              ...fateOf(fate, some),
            })
          for (let at = 0; at < size; at += 200) {
            const some = ids.slice(at, at + 200)
            const first = left.shift() ?? "ok"
            answer(first, some)
            const last = first === "call lost" ? (left.shift() ?? "ok") : first
            if (first === "call lost") answer(last, some)
            const banned = last === "ok" || last === "answer lost"
            for (const id of some) expected.set(id, banned ? "banned" : "failed")
          }
          const turn = yield* ada.run(massban, { file: file(ids) })
          yield* ada.click(yield* turn.nextMessage, "Ban them")
          const { outcome, text } = yield* closed(kit, turn)
          expect(outcome).toBe("Completed")
          expect(yield* outcomesOf(kit)).toEqual(expected)
          expect([...guild.bans.keys()].toSorted()).toEqual(
            ids.filter((id) => expected.get(id) === "banned").toSorted(),
          )
          expect([...times.values()].every((count) => count === 1)).toBe(true)
          const counts = [...text.matchAll(/^(?:Banned|Failed): (\d+)/gmu)].map(([, count]) => Number(count))
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size)
        }),
      ),
    { fastCheck: { numRuns: 12 } },
  )

  it.effect.prop(
    "stopped at any time, by a press or by its end, has told the truth",
    {
      at: fc.integer({ min: 0, max: 9_000 }),
      by: fc.constantFrom("press", "end"),
      latency: fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 5 }),
      lost: fc.boolean(),
    },
    ({ at, by, latency, lost }) =>
      Kit.run(Field.layer, { latency }, (kit) =>
        Effect.gen(function* () {
          const { ada, clock, guild, leftovers, sandbox, shutdown, world } = kit
          const ids = Field.strangers(world, 450)
          const times = Field.counted(kit)
          const turn = yield* ada.run(massban, { file: file(ids) })
          yield* ada.click(yield* turn.nextMessage, "Ban them")
          const progress = yield* turn.nextMessage
          if (lost)
            sandbox.faults.answerNext({
              method: "POST",
              path: "bulk-ban",
              status: 502,
              body: {},
              carryOut: true,
            })
          yield* clock.advance(at)
          yield* by === "press" ? Effect.ignore(ada.click(progress, "Cancel")) : shutdown(0)
          yield* clock.runToIdle
          expect((yield* turn.outcome)._tag).toMatch(
            by === "press" ? /^Completed$/u : /^(?:Completed|Cancelled)$/u,
          )
          if (by === "press") expect(yield* leftovers).toEqual([])
          const outcomes = yield* outcomesOf(kit)
          // Stopped before anybody was touched: there is nothing to tell.
          const untouched = by === "end" && outcomes.size === 0
          expect([...outcomes.keys()].toSorted()).toEqual(untouched ? [] : ids.toSorted())
          if (untouched) expect(guild.bans.size).toBe(0)
          for (const [id, outcome] of outcomes) {
            expect(outcome).toBe(guild.bans.has(id) ? "banned" : "skipped")
          }
          expect([...times.values()].every((count) => count === 1)).toBe(true)
          const [found] = yield* (yield* CaseStore).list(guild.id, { limit: 5 })
          expect(["done", "stopped"]).toContain(untouched ? "stopped" : found?.status)
          // No button is left that does nothing.
          const messages = [...guild.channels.values()].flatMap((channel) => [...channel.messages.values()])
          expect(messages.flatMap(({ components }) => components)).toEqual([])
        }),
      ),
    { fastCheck: { numRuns: 12 } },
  )
})
