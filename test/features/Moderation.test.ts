import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import * as fc from "effect/FastCheck"
import { Discord } from "../../src/discord/Discord.js"
import { defaults, GuildSettings } from "../../src/features/guild/GuildSettings.js"
import { ReportLines } from "../../src/features/guild/ReportLines.js"
import { Retention } from "../../src/features/guild/Retention.js"
import { Stored } from "../../src/features/guild/Stored.js"
import * as Act from "../../src/features/moderation/Act.js"
import * as Cases from "../../src/features/moderation/Cases.js"
import * as Moderation from "../../src/features/moderation/Moderation.js"
import * as People from "../../src/features/moderation/People.js"
import { purge } from "../../src/features/moderation/Purge.js"
import { CaseStore } from "../../src/features/moderation/Store.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as Kit from "../../src/testing/Kit.js"
import type { Turn } from "../../src/testing/Kit.js"
import * as Field from "./ModerationField.js"

const only = (kit: Kit.Kit, who: Kit.Member, turn: Turn) =>
  Effect.gen(function* () {
    yield* kit.clock.runToIdle
    const [reply, ...more] = yield* who.finalReplies(turn)
    expect(more).toEqual([])
    return reply?.content ?? ""
  })

/** As an administrator does it. */
const cancel = (name: string) =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const task = (yield* supervisor.roster).find((one) => one.kind === "command" && one.name === name)
    if (task !== undefined) yield* supervisor.cancel(task.id, "admin")
  })

const outcome = (turn: Turn) => Effect.map(turn.outcome, ({ _tag }) => _tag)

describe("ban", () => {
  it.effect("tells the person, bans them, and keeps a case of it", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, leftovers, member } = kit
        const eve = member("eve")
        const turn = yield* ben.run(People.ban, { user: eve, reason: "Spam *now*", delete_days: 1 })
        expect(yield* only(kit, ben, turn)).toBe(`<@${eve.id}> is banned. This is case 1.`)
        expect(yield* outcome(turn)).toBe("Completed")
        expect(guild.bans.get(eve.id)?.reason).toBe("ben: Spam *now*")
        const [told] = yield* eve.at("dm").sees
        expect(told?.content).toBe("You are banned from **Harbour**. Reason: Spam \\*now\\*")
        const store = yield* CaseStore
        expect(yield* store.find(guild.id, 1)).toMatchObject({
          kind: "ban",
          userId: eve.id,
          moderatorId: ben.id,
          reason: "Spam *now*",
          status: "done",
          detail: null,
        })
        expect(Field.modLog(kit)).toHaveLength(1)
        expect(Field.modLog(kit)[0]).toContain("Case 1: ban")
        const again = yield* ben.run(People.ban, { user: eve })
        expect(yield* only(kit, ben, again)).toBe(`<@${eve.id}> is banned already.`)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("goes on where the person cannot be told, and says so", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member } = kit
        const eve = member("eve")
        yield* eve.actor.closeDms(true)
        const turn = yield* ben.run(People.ban, { user: eve })
        expect(yield* only(kit, ben, turn)).toBe(
          `<@${eve.id}> is banned. This is case 1. They could not be told.`,
        )
        expect(guild.bans.has(eve.id)).toBe(true)
        const quiet = member("fay")
        yield* only(kit, ben, yield* ben.run(People.ban, { user: quiet, notify: false }))
        expect(yield* quiet.at("dm").sees).toEqual([])
      }),
    ),
  )

  it.effect("of somebody above is refused, without a case", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, guild, member } = kit
        const cleo = member("cleo", { roles: ["Moderator"] })
        for (const target of [ada, ben, cleo]) {
          const turn = yield* ben.run(People.ban, { user: target })
          expect(yield* outcome(turn)).toBe("Refused")
        }
        expect(yield* (yield* CaseStore).list(guild.id, { limit: 10 })).toEqual([])
        expect(guild.bans.size).toBe(0)
      }),
    ),
  )

  it.effect("that Discord refuses is a case that failed, and takes back what was told", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member, sandbox } = kit
        const eve = member("eve")
        sandbox.faults.answerNext({
          method: "PUT",
          path: `/guilds/${guild.id}/bans/${eve.id}`,
          status: 403,
          body: { message: "Missing Permissions", code: 50013 },
        })
        const turn = yield* ben.run(People.ban, { user: eve })
        expect(yield* only(kit, ben, turn)).toBe(
          "The ban failed. I lack the permission for that here. This is case 1.",
        )
        expect(yield* outcome(turn)).toBe("Failed")
        expect(yield* eve.at("dm").sees).toEqual([])
        expect((yield* (yield* CaseStore).find(guild.id, 1)).status).toBe("failed")
        expect(Field.modLog(kit)[0]).toContain("failed")
      }),
    ),
  )
})

describe("kick and unban", () => {
  it.effect("do what they say", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member } = kit
        const eve = member("eve")
        const kicked = yield* ben.run(People.kick, { user: eve })
        expect(yield* only(kit, ben, kicked)).toBe(`<@${eve.id}> was kicked. This is case 1.`)
        expect(guild.members.has(eve.id)).toBe(false)
        yield* only(kit, ben, yield* ben.run(People.ban, { user: eve.id }))
        const lifted = yield* ben.run(People.unban, { user: eve.id, reason: "Sorry" })
        expect(yield* only(kit, ben, lifted)).toBe(`<@${eve.id}> is no longer banned. This is case 3.`)
        expect(guild.bans.size).toBe(0)
        const none = yield* ben.run(People.unban, { user: eve.id })
        expect(yield* only(kit, ben, none)).toBe(`<@${eve.id}> is not banned.`)
        expect(guild.auditLog.map(({ reason }) => reason)).toEqual(["ben", "ben", "ben: Sorry"])
      }),
    ),
  )
})

describe("timeout", () => {
  it.effect("lasts as long as was said, and can be lifted", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, guild, member } = kit
        const eve = member("eve")
        const turn = yield* ben.slash("timeout", { user: eve.id, for: "10 minutes" })
        expect(yield* only(kit, ben, turn)).toBe(`<@${eve.id}> cannot write for 10 minutes. This is case 1.`)
        expect((yield* Effect.flip(eve.say("hm")))._tag).toBe("NotAllowed")
        yield* clock.advance("10 minutes")
        yield* eve.say("Back")
        yield* only(kit, ben, yield* ben.slash("timeout", { user: eve.id, for: "28 days" }))
        const off = yield* ben.slash("timeout", { user: eve.id, for: "off" })
        expect(yield* only(kit, ben, off)).toBe(`<@${eve.id}> may write again. This is case 3.`)
        expect(guild.members.get(eve.id)?.timeoutUntil).toBe(null)
        const wrong = yield* ben.slash("timeout", { user: eve.id, for: "29 days" })
        expect(yield* only(kit, ben, wrong)).toContain("a time of at most 28 days")
      }),
    ),
  )

  it.effect("of an administrator says why not", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, member, world } = kit
        const eve = member("eve")
        const role = Guilds.addRole(world, guild, { name: "Boss", permissions: Bit.Administrator })
        guild.members.get(eve.id)?.roles.push(role.id)
        const turn = yield* ada.slash("timeout", { user: eve.id, for: "1h" })
        expect(yield* only(kit, ada, turn)).toBe(
          "The time-out failed. Discord lets nobody keep an administrator from writing. This is case 1.",
        )
      }),
    ),
  )
})

describe("an act whose answer is lost", () => {
  it.effect("is settled by what Discord tells, or says that it does not know", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member, sandbox } = kit
        const lose = (id: string, carryOut: boolean) =>
          sandbox.faults.answerNext({
            method: "PUT",
            path: `/guilds/${guild.id}/bans/${id}`,
            status: 502,
            body: {},
            times: 10,
            carryOut,
          })
        const eve = member("eve")
        lose(eve.id, true)
        const arrived = yield* ben.run(People.ban, { user: eve })
        expect(yield* only(kit, ben, arrived)).toContain("is banned. This is case 1.")
        const fay = member("fay")
        lose(fay.id, false)
        const lost = yield* ben.run(People.ban, { user: fay })
        expect(yield* only(kit, ben, lost)).toMatch(/^The ban failed\. .* This is case 2\.$/u)
        const store = yield* CaseStore
        expect((yield* store.find(guild.id, 1)).status).toBe("done")
        expect((yield* store.find(guild.id, 2)).status).toBe("failed")
      }),
    ),
  )

  it.effect.prop(
    "or refused, or given up at any time, leaves one settled case that tells the truth",
    {
      fate: fc.constantFrom("ok", "refused", "answer lost", "call lost"),
      times: fc.integer({ min: 1, max: 4 }),
      latency: fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 4 }),
      stopAt: fc.option(fc.integer({ min: 0, max: 12_000 }), { nil: undefined }),
    },
    ({ fate, latency, stopAt, times }) =>
      Kit.run(Field.layer, { latency }, (kit) =>
        Effect.gen(function* () {
          const { ben, clock, guild, leftovers, member, sandbox, shutdown } = kit
          const eve = member("eve")
          if (fate !== "ok")
            sandbox.faults.answerNext({
              method: "PUT",
              path: `/guilds/${guild.id}/bans/`,
              times,
              ...(fate === "refused"
                ? { status: 403, body: { message: "Missing Permissions", code: 50013 } }
                : { status: 502, body: {}, carryOut: fate === "answer lost" }),
            })
          const turn = yield* ben.run(People.ban, { user: eve })
          if (stopAt !== undefined) {
            yield* clock.advance(stopAt)
            yield* shutdown(0)
          }
          yield* clock.runToIdle
          const cases = yield* (yield* CaseStore).list(guild.id, { limit: 5 })
          const banned = guild.bans.has(eve.id)
          const { _tag } = yield* turn.outcome
          if (_tag === "Completed" || _tag === "Failed") expect(cases).toHaveLength(1)
          expect(cases.map(({ status }) => status)).toEqual(cases.map(() => (banned ? "done" : "failed")))
          if (cases.length === 0) expect(banned).toBe(false)
          expect(Field.modLog(kit)).toHaveLength(cases.length)
          if (_tag === "Completed") expect(banned).toBe(true)
          if (stopAt === undefined) {
            expect(yield* eve.at("dm").sees).toHaveLength(banned ? 1 : 0)
            expect(yield* leftovers).toEqual([])
          }
        }),
      ),
    { fastCheck: { numRuns: 20 } },
  )

  it.effect.prop(
    "or that is cancelled at any time leaves nobody told of a ban that was not done",
    {
      at: fc.integer({ min: 0, max: 9_000 }),
      latency: fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 4 }),
    },
    ({ at, latency }) =>
      Kit.run(Field.layer, { latency }, (kit) =>
        Effect.gen(function* () {
          const { ben, clock, guild, leftovers, member } = kit
          const eve = member("eve")
          const turn = yield* ben.run(People.ban, { user: eve })
          yield* clock.advance(at)
          yield* cancel("ban")
          yield* clock.runToIdle
          expect(yield* outcome(turn)).toMatch(/^(?:Completed|Cancelled)$/u)
          const banned = guild.bans.has(eve.id)
          expect(yield* eve.at("dm").sees).toHaveLength(banned ? 1 : 0)
          const cases = yield* (yield* CaseStore).list(guild.id, { limit: 5 })
          expect(cases.map(({ status }) => status)).toEqual(cases.map(() => (banned ? "done" : "failed")))
          expect(yield* leftovers).toEqual([])
        }),
      ),
    { fastCheck: { numRuns: 15 } },
  )

  it.effect("when the bot is stopped midway is no case that hangs", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, guild, member, sandbox, shutdown } = kit
        const eve = member("eve")
        sandbox.faults.hang({ method: "PUT", path: `/guilds/${guild.id}/bans/${eve.id}` })
        const turn = yield* ben.run(People.ban, { user: eve })
        yield* clock.advance("5 seconds")
        yield* shutdown("1 second")
        expect(yield* outcome(turn)).toBe("Cancelled")
        expect(yield* (yield* CaseStore).find(guild.id, 1)).toMatchObject({
          status: "failed",
          detail: "I was stopped while I was at it.",
        })
        expect(Field.modLog(kit)).toHaveLength(1)
      }),
    ),
  )
})

describe("a case whose channel is behind", () => {
  const behind = (kit: Kit.Kit, millis: number) =>
    kit.sandbox.faults.slow({ method: "POST", path: /\/channels\/\d+\/messages$/u }, { request: millis })

  it.effect("is noted all the same, later than the moderator is answered", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, leftovers, member, transcript } = kit
        const eve = member("eve")
        yield* ben.run(People.ban, { user: eve })
        yield* clock.runToIdle
        behind(kit, 14_000)
        const turn = yield* ben.run(People.unban, { user: eve })
        expect(yield* only(kit, ben, turn)).not.toContain("mod log")
        expect(Field.modLog(kit)).toHaveLength(2)
        const lines = yield* transcript
        const answered = lines.findIndex((line) => line.includes("This is case 2"))
        expect(answered).toBeLessThan(lines.findLastIndex((line) => / ← 200 POST .*\/messages/u.test(line)))
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("is noted also where the bot is stopped meanwhile, or the log says that it was not", () =>
    Effect.forEach([1_000, 9_000], (millis) =>
      Kit.run(Field.layer, (kit) =>
        Effect.gen(function* () {
          const { ben, clock, member, shutdown, transcript } = kit
          const eve = member("eve")
          const turn = yield* ben.run(People.ban, { user: eve })
          yield* clock.advance("1 minute")
          const stop = behind(kit, millis)
          yield* ben.run(People.unban, { user: eve, reason: "A mistake" })
          yield* clock.advance("100 millis")
          yield* shutdown(0)
          stop()
          yield* clock.runToIdle
          expect(yield* outcome(turn)).toBe("Completed")
          const isSaid = (yield* transcript).some((line) => line.includes("Case 2 could not be noted"))
          expect([Field.modLog(kit).length, isSaid]).toEqual(millis < 4_000 ? [2, false] : [1, true])
        }),
      ),
    ),
  )
})

describe("an act whose word to the person", () => {
  it.effect("dies is done all the same, and its case is settled", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member } = kit
        const eve = member("eve")
        const discord = yield* Discord
        const act = (run: Act.Act["run"]) =>
          Act.perform({
            guildId: guild.id,
            kind: "ban",
            userId: eve.id,
            moderatorId: ben.id,
            reason: null,
            until: null,
            word: "You are banned.",
            run,
            check: Effect.succeed(false),
          }).pipe(
            Effect.provideService(Discord, { ...discord, openDm: () => Effect.die("boom") }),
            Effect.fork,
            Effect.zipRight(kit.clock.runToIdle),
          )
        yield* act(Effect.void)
        yield* act(Effect.die("bang"))
        const cases = yield* (yield* CaseStore).list(guild.id, { limit: 5 })
        expect(cases.map(({ detail, status }) => [status, detail])).toEqual([
          ["failed", "I was stopped while I was at it."],
          ["done", "They could not be told."],
        ])
        expect(Field.modLog(kit)).toHaveLength(2)
      }),
    ),
  )

  it.effect("is slow when it is stopped is settled at once, and takes the word back later", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, guild, leftovers, member, roster, sandbox, transcript } = kit
        const eve = member("eve")
        sandbox.faults.slow({ method: "POST", path: "/users/@me/channels" }, { answer: 8_000 })
        const turn = yield* ben.run(People.ban, { user: eve })
        yield* clock.advance("1 second")
        yield* cancel("ban")
        yield* clock.advance("1 second")
        expect((yield* (yield* CaseStore).find(guild.id, 1)).status).toBe("failed")
        expect(Field.modLog(kit)).toHaveLength(1)
        yield* clock.advance("4 seconds")
        expect(yield* outcome(turn)).toBe("Cancelled")
        expect((yield* roster).filter(({ kind }) => kind === "command")).toEqual([])
        yield* clock.runToIdle
        const deleted = (yield* transcript).filter((line) => line.includes("DELETE"))
        expect(deleted[0]).toMatch(/^ *8\.000 +bot → DELETE \/channels\/\d+\/messages/u)
        expect(yield* eve.at("dm").sees).toEqual([])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )
})

describe("purge", () => {
  it.effect("deletes the newest, and asks above twenty", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, leftovers, member } = kit
        const eve = member("eve")
        for (let n = 0; n < 30; n++) yield* (n % 2 === 0 ? eve : ben).say(`m${n}`)
        const general = [...guild.channels.values()].find(({ name }) => name === "general")!
        const few = yield* ben.run(purge, { count: 5, user: eve })
        expect(yield* only(kit, ben, few)).toBe("Deleted 5 messages.")
        expect([...general.messages.values()].filter(({ authorId }) => authorId === eve.id)).toHaveLength(10)
        const many = yield* ben.run(purge, { count: 100 })
        const question = yield* many.nextMessage
        expect(question.content).toContain("Delete 25 messages here?")
        yield* ben.click(question, "Delete")
        expect(yield* only(kit, ben, many)).toBe("Deleted 25 messages.")
        expect([...general.messages.values()].filter(({ ephemeralFor }) => ephemeralFor === null)).toEqual([])
        expect(Field.modLog(kit)).toHaveLength(2)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("goes on where an answer is lost, and says how far it came where Discord refuses", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, sandbox } = kit
        const general = [...guild.channels.values()].find(({ name }) => name === "general")!
        const ask = Effect.gen(function* () {
          for (let n = 0; n < 150; n++) yield* ben.say(`m${n}`)
          const turn = yield* ben.run(purge, { count: 150 })
          yield* ben.click(yield* turn.nextMessage, "Delete")
          return yield* only(kit, ben, turn)
        })
        const fault = { method: "POST", path: "bulk-delete" }
        sandbox.faults.answerNext({ ...fault, status: 502, body: {}, carryOut: true })
        expect(yield* ask).toBe("Deleted 150 messages.")
        expect([...general.messages.values()].filter(({ ephemeralFor }) => ephemeralFor === null)).toEqual([])
        sandbox.faults.answerNext({ ...fault, status: 502, body: {} })
        expect(yield* ask).toBe("Deleted 150 messages.")
        sandbox.faults.answerNext({ ...fault, status: 502, body: {}, times: 3, carryOut: true })
        expect(yield* ask).toMatch(/^I cannot tell whether the purge was done\. At least 0 of 150 messages/u)
        expect((yield* (yield* CaseStore).find(guild.id, 3)).status).toBe("unknown")
      }),
    ),
  )

  it.effect("that is cancelled midway says how far it came", () =>
    Kit.run(Field.layer, { latency: 1_000 }, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, guild } = kit
        for (let n = 0; n < 150; n++) yield* ben.say(`m${n}`)
        const general = [...guild.channels.values()].find(({ name }) => name === "general")!
        const turn = yield* ben.run(purge, { count: 150 })
        yield* ben.click(yield* turn.nextMessage, "Delete")
        while (general.messages.size >= 150) yield* clock.advance("100 millis")
        yield* clock.advance("1100 millis")
        yield* cancel("purge")
        yield* clock.runToIdle
        expect(yield* outcome(turn)).toBe("Cancelled")
        expect(yield* (yield* CaseStore).find(guild.id, 1)).toMatchObject({
          status: "unknown",
          detail: "At least 100 of 150 messages were deleted. I was stopped while I was at it.",
        })
      }),
    ),
  )

  it.effect("is not done for somebody who has lost the permission before their Yes", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { clock, guild, member, world } = kit
        const role = Guilds.addRole(world, guild, { name: "Sweeper", permissions: Bit.ManageMessages })
        Guilds.roleChanged(world, guild, role)
        const eve = member("eve", { roles: ["Sweeper"] })
        for (let n = 0; n < 30; n++) yield* eve.say(`m${n}`)
        const turn = yield* eve.run(purge, { count: 30 })
        const question = yield* turn.nextMessage
        role.permissions = 0n
        Guilds.roleChanged(world, guild, role)
        yield* clock.settle
        yield* eve.click(question, "Delete")
        expect(yield* only(kit, eve, turn)).toBe("You may no longer do that here: nothing was done.")
        expect((yield* eve.sees).filter(({ content }) => content.startsWith("m"))).toHaveLength(30)
      }),
    ),
  )

  it.effect("leaves what is older than two weeks", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock } = kit
        yield* ben.say("old")
        yield* clock.advance("15 days")
        yield* ben.say("new")
        const turn = yield* ben.run(purge, { count: 10 })
        expect(yield* only(kit, ben, turn)).toBe(
          "Deleted 1 message. What is older than two weeks cannot be deleted this way.",
        )
        const none = yield* ben.run(purge, { count: 10 })
        expect(yield* only(kit, ben, none)).toContain("There is nothing to delete.")
      }),
    ),
  )
})

describe("cases", () => {
  it.effect("are listed, shown and noted on", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member } = kit
        const eve = member("eve")
        yield* only(kit, ben, yield* ben.run(People.kick, { user: eve, reason: "Loud" }))
        const noted = yield* ben.slash("case note", { id: 1, text: "Second *time*" })
        expect(yield* only(kit, ben, noted)).toBe("Noted on case 1.")
        const shown = yield* ben.slash("case show", { id: 1 })
        yield* kit.clock.runToIdle
        const [reply] = yield* ben.finalReplies(shown)
        expect(JSON.stringify(reply?.embeds)).toContain("Second \\\\*time\\\\*")
        expect(yield* only(kit, ben, yield* ben.slash("case show", { id: 2 }))).toBe(
          "There is no case 2 in this server.",
        )
        const listed = yield* ben.slash("case list", { user: eve.id })
        expect(yield* only(kit, ben, listed)).toContain(`**1** kick of <@${eve.id}> by <@${ben.id}>`)
        const none = yield* ben.slash("case list", { user: ben.id })
        expect(yield* only(kit, ben, none)).toBe(`There is no case about <@${ben.id}>.`)
        expect(Cases.cases.name).toBe("case")
        const [part] = (yield* Stored).parts()
        expect(yield* part!.exportUser(eve.id)).toMatchObject([{ number: 1, kind: "kick", reason: "Loud" }])
        expect(yield* part!.eraseUser(eve.id)).toMatchObject({
          erased: 0,
          kept: expect.stringContaining("1 case"),
        })
        // Of a moderator: what they did and wrote, not whom it was done to.
        const own = yield* part!.exportUser(ben.id)
        expect(own).toMatchObject([
          { number: 1, kind: "kick", reason: "Loud", moderatorId: ben.id },
          { text: "Second *time*" },
        ])
        expect(JSON.stringify(own)).not.toContain(eve.id)
        expect(yield* part!.eraseUser(ben.id)).toEqual({
          erased: 0,
          kept: "1 case that you made as a moderator, for the safety of the servers where they were made; 1 note that you wrote, without your name.",
        })
        expect(yield* part!.guilds!).toEqual([guild.id])
        yield* part!.forgetGuild(guild.id)
        expect(yield* part!.exportUser(eve.id)).toEqual([])
      }),
    ),
  )

  it.effect("that a former process has left pending are unknown, and noted as that", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { clock, guild } = kit
        const store = yield* CaseStore
        const left = { guildId: guild.id, kind: "kick", userId: "5", moderatorId: "6", reason: null } as const
        const now = yield* Clock.currentTimeMillis
        yield* store.open({ ...left, at: now - 1, until: null })
        yield* store.open({ ...left, at: now, until: null })
        yield* Layer.build(Moderation.leftBehind)
        yield* clock.runToIdle
        expect(yield* store.list(guild.id, { limit: 5 })).toMatchObject([
          { number: 2, status: "pending" },
          { number: 1, status: "unknown", detail: "I was stopped while I was at it." },
        ])
        expect(Field.modLog(kit)).toHaveLength(1)
        expect(Field.modLog(kit)[0]).toContain("unknown whether it was done")
      }),
    ),
  )

  it.effect(
    "left pending are asked for again where the database fails, and it is logged where it goes on failing",
    () =>
      Kit.run(Field.layer, ({ clock, transcript }) =>
        Effect.gen(function* () {
          const store = yield* CaseStore
          let asked = 0
          const failing = (times: number) => ({
            ...store,
            abandon: () =>
              Effect.suspend(() => {
                asked++
                return asked > times ? Effect.succeed([]) : Effect.die(new Error("database is locked"))
              }),
          })
          const left = (times: number) =>
            Layer.build(Layer.fresh(Moderation.leftBehind)).pipe(
              Effect.provideService(CaseStore, failing(times)),
              Effect.zipRight(clock.advance("3 minutes")),
              Effect.scoped,
            )
          yield* left(2)
          expect(asked).toBe(3)
          expect((yield* transcript).join("\n")).not.toContain("database is locked")
          asked = 0
          yield* left(100)
          expect((yield* transcript).join("\n")).toContain("database is locked")
        }),
      ),
  )

  it.effect("are thinned out and reported as the server wants it", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, guild, member } = kit
        yield* only(kit, ben, yield* ben.run(People.kick, { user: member("eve") }))
        yield* clock.advance("2 days")
        yield* only(kit, ben, yield* ben.run(People.kick, { user: member("fay") }))
        const now = yield* Clock.currentTimeMillis
        const [report] = (yield* ReportLines).parts()
        expect(yield* report!.lines(guild.id, 0)).toEqual(["Moderation: kick 2"])
        expect(yield* report!.lines(guild.id, now - 1_000)).toEqual(["Moderation: kick 1"])
        expect(yield* report!.lines(guild.id, now + 1)).toEqual([])
        const [part] = (yield* Retention).parts()
        expect(yield* part!.prune(guild.id, { ...defaults, caseDays: null }, now)).toBe(0)
        expect(yield* part!.prune(guild.id, { ...defaults, caseDays: 1 }, now)).toBe(1)
        expect(yield* (yield* CaseStore).list(guild.id, { limit: 5 })).toMatchObject([{ number: 2 }])
      }),
    ),
  )

  it.effect("go to the channel that the server has set", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ben, guild, member } = kit
        const tryouts = [...guild.channels.values()].find(({ name }) => name === "tryouts")!
        yield* (yield* GuildSettings).change(guild.id, { modLogId: tryouts.id })
        yield* only(kit, ben, yield* ben.run(People.kick, { user: member("eve") }))
        expect(Field.modLog(kit)).toEqual([])
        expect(tryouts.messages.size).toBe(1)
        // Where there is none any more, the act is done all the same, and says so.
        Guilds.removeChannel(kit.world, tryouts)
        const turn = yield* ben.run(People.kick, { user: member("fay") })
        expect(yield* only(kit, ben, turn)).toContain("I could not note this in the mod log.")
      }),
    ),
  )
})
