import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Field from "./Field.js"

const MINUTE = 60_000

describe("a try-out", () => {
  it("goes from the question to the role, in a private thread", () =>
    Field.play(({ ada, ben, cleo, guild, open, role, send, thread }) =>
      Effect.gen(function* () {
        expect(yield* open({ role: role.name })).toContain("The try-out **Keepers** is open")
        const reply = yield* cleo.run("tryout apply")
        expect(reply).toMatch(/^Let us go on in <#\d+>\.$/u)
        // Nobody but the applicant sees the thread, except those who manage threads.
        expect((yield* Effect.flip(ben.actor.history(thread(cleo))))._tag).toBe("NotFound")
        yield* send(cleo, thread(cleo))
        yield* cleo.sees(thread(cleo), "is sent. You will be told")
        const card = yield* ada.live("tryouts", "Application for Keepers")
        expect(Field.textOf(card)).toContain("Cleo Keen")
        expect(Field.textOf(card)).toContain("clip.mp4")
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "Your application for Keepers was approved.")
        yield* Effect.sleep("1 second")
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain(`**Approved** by ${ada.mention}`)
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
        expect(yield* cleo.run("tryout status")).toBe("**Keepers**: approved")
        expect(yield* cleo.run("tryout apply")).toBe("You were already approved for Keepers.")
      }),
    ))

  it("is held by direct message where it was opened so", () =>
    Field.play(({ ada, cleo, open, send }) =>
      Effect.gen(function* () {
        yield* open({ where: "dm" })
        expect(yield* cleo.run("tryout apply", { name: "keepers" })).toBe(
          "Let us go on in your direct messages.",
        )
        yield* send(cleo, "dm")
        yield* ada.press("tryouts", "Application for Keepers", "Approve")
        yield* cleo.sees("dm", "was approved.")
      }),
    ))

  it("falls back to a thread where direct messages are closed, and to them where there can be no thread", () =>
    Field.play(({ cleo, dan, guild, open, sandbox, thread }) =>
      Effect.gen(function* () {
        yield* cleo.actor.closeDms(true)
        yield* open({ where: "dm" })
        expect(yield* cleo.run("tryout apply")).toMatch(
          /^You accept no direct messages from me, so let us go on in <#\d+>\.$/u,
        )
        yield* cleo.press(thread(cleo), "Your name?", "Cancel")
        yield* cleo.sees(thread(cleo), "`/tryout apply` in the server goes on there.")
        yield* cleo.run("tryout withdraw").pipe(Effect.fork)
        // One way to do it and one not to.
        const question = yield* cleo.live("general", "Take back")
        expect(JSON.stringify(question.components).match(/"label":"[^"]+"/gu)).toEqual([
          '"label":"Withdraw"',
          '"label":"Keep it"',
        ])
        yield* cleo.press("general", "Take back", "Withdraw")
        yield* cleo.sees("general", "is withdrawn.")
        const own = [...guild.roles.values()].find((one) => one.managed)!
        own.permissions &= ~Bit.CreatePrivateThreads
        const everyone = guild.roles.get(guild.id)!
        everyone.permissions &= ~Bit.CreatePrivateThreads
        Guilds.roleChanged(sandbox.world, guild, everyone)
        Guilds.roleChanged(sandbox.world, guild, own)
        expect(yield* cleo.run("tryout apply")).toContain("Allow them in this server's privacy settings")
        // Nothing of it is left, so that nothing stands in the way of another try-out.
        expect(yield* cleo.run("tryout status")).toBe("**Keepers**: withdrawn")
        yield* open({ name: "Strikers" })
        expect(yield* dan.run("tryout apply", { name: "Strikers" })).toBe(
          "I cannot open a private thread here, so let us go on in your direct messages.",
        )
        yield* dan.press("dm", "Your name?", "Cancel")
        yield* dan.sees("dm", "Cancelled. You stopped at question 1 of 4.")
      }),
    ))

  it("tells what is wrong with an answer, and asks on", () =>
    Field.play(({ cleo, open, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        const there = thread(cleo)
        yield* cleo.live(there, "Your name?")
        yield* cleo.actor.say(there, "C")
        yield* cleo.live(there, "must be 2 to 40 characters long")
        yield* cleo.actor.say(there, "Cleo")
        yield* cleo.live(there, "Your age?")
        yield* cleo.actor.say(there, "12")
        yield* cleo.live(there, "must be a number from 13 to 99")
        yield* cleo.actor.say(there, "13")
        yield* cleo.press(there, "Position?", "Back")
        yield* cleo.live(there, "Your age?")
        yield* cleo.actor.say(there, "14")
        yield* cleo.press(there, "Position?", "sweeper")
        yield* cleo.live(there, "A clip?")
        yield* cleo.actor.say(there, "", {
          attachments: [{ name: "notes.txt", contentType: "text/plain", bytes: new Uint8Array(3) }],
        })
        yield* cleo.live(there, "must be a file of the type `image/*` or `video/*`")
        yield* cleo.actor.say(there, "cancel")
        expect(yield* cleo.screen(there)).toContain(
          "Cancelled. You stopped at question 4 of 4. What you have answered is kept: `/tryout apply` in the server goes on there.",
        )
      }),
    ))

  it("reminds once at half time, ends at the deadline, and goes on where it stopped", () =>
    Field.play(({ ada, cleo, open, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        const there = thread(cleo)
        yield* cleo.live(there, "Your name?")
        yield* Effect.sleep(4 * MINUTE)
        yield* cleo.actor.say(there, "Cleo Keen")
        yield* cleo.live(there, "Your age?")
        const reminders = () =>
          Effect.map(
            cleo.screen(there),
            (all) => all.filter((one) => one.includes("Half of your time")).length,
          )
        yield* Effect.sleep(4.5 * MINUTE)
        expect(yield* reminders()).toBe(0)
        yield* Effect.sleep(0.5 * MINUTE)
        expect(yield* reminders()).toBe(1)
        yield* cleo.sees(there, "You stopped at question 2 of 4.")
        expect(yield* reminders()).toBe(1)
        expect((yield* cleo.screen(there)).some((one) => one.includes("Timed out."))).toBe(true)
        expect(yield* cleo.run("tryout status")).toBe(
          "**Keepers**: you stopped at question 2 of 4; `/tryout apply` goes on",
        )
        yield* cleo.run("tryout apply")
        yield* cleo.live(there, "Your age?")
        yield* cleo.actor.say(there, "20")
        yield* cleo.press(there, "Position?", "striker")
        yield* cleo.live(there, "A clip?")
        yield* cleo.actor.say(there, "", {
          attachments: [{ name: "a.png", contentType: "image/png", bytes: new Uint8Array(3) }],
        })
        // Changed before it is sent.
        yield* cleo.press(there, "Look over your answers", "Change")
        const menu = yield* cleo.live(there, "Look over your answers")
        yield* Effect.sleep("1 second")
        yield* cleo.actor.select(menu.id, "What do you want to change?", ["Your name?"])
        yield* cleo.live(there, "1/4")
        yield* cleo.actor.say(there, "Cleopatra")
        yield* cleo.press(there, "Cleopatra", "Send")
        expect(Field.textOf(yield* ada.live("tryouts", "Application"))).toContain("Cleopatra")
      }),
    ))

  it("takes one application of a person, also where they apply twice at once", () =>
    Field.play(({ cleo, open, store, guild, send, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* open({ name: "Strikers" })
        const replies = yield* Effect.all(
          [
            cleo.run("tryout apply", { name: "Keepers" }),
            cleo.run("tryout apply", { name: "Strikers" }),
            cleo.run("tryout apply", { name: "Keepers" }),
          ],
          { concurrency: "unbounded" },
        )
        expect(replies.filter((one) => one.startsWith("Let us go on"))).toHaveLength(1)
        expect(yield* store.of(guild.id, cleo.actor.user.id)).toHaveLength(1)
        expect(yield* cleo.run("tryout apply", { name: "Keepers" })).toMatch(/^We are already talking/u)
        expect(yield* cleo.run("tryout apply", { name: "Strikers" })).toContain(
          "You have an application for Keepers that you have not sent yet.",
        )
        yield* send(cleo, thread(cleo))
        yield* cleo.sees(thread(cleo), "is sent")
        expect(yield* cleo.run("tryout apply", { name: "Strikers" })).toContain("You have already applied")
      }),
    ))

  it("serves two members at once", () =>
    Field.play(({ ada, cleo, dan, open, send, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* Effect.all(
          [cleo, dan].map((one) =>
            Effect.zipRight(
              one.run("tryout apply"),
              Effect.suspend(() => send(one, thread(one))),
            ),
          ),
          { concurrency: "unbounded" },
        )
        yield* Effect.sleep("10 seconds")
        const cards = (yield* ada.actor.history("tryouts")).filter(Field.isLive)
        expect(cards.map(Field.textOf).filter((one) => one.includes(cleo.mention))).toHaveLength(1)
        expect(cards.map(Field.textOf).filter((one) => one.includes(dan.mention))).toHaveLength(1)
      }),
    ))

  it("can be closed: what was not sent lapses, and says so", () =>
    Field.play(({ ada, ben, cleo, dan, open, send, thread }) =>
      Effect.gen(function* () {
        yield* open()
        expect(yield* open()).toBe("There is already an open try-out named Keepers.")
        yield* cleo.run("tryout apply")
        yield* dan.run("tryout apply")
        yield* send(dan, thread(dan))
        yield* ada.live("tryouts", "Application")
        expect(yield* ada.run("tryout close", { name: "KEEPERS" })).toBe(
          "The try-out **Keepers** is closed. 1 application had not been sent and ended; 1 application can still be decided on.",
        )
        yield* cleo.sees(thread(cleo), "The try-out was closed, so the interview is over.")
        expect(yield* ben.run("tryout apply")).toBe("There is no open try-out at the moment.")
        expect(yield* cleo.run("tryout status")).toContain("because the try-out was closed")
        yield* ada.press("tryouts", "Application", "Approve")
        yield* dan.sees("dm", "was approved")
      }),
    ))

  it("lists what is open, and completes its name", () =>
    Field.play(({ ada, cleo, open }) =>
      Effect.gen(function* () {
        expect(yield* cleo.run("tryout list")).toBe("There is no open try-out at the moment.")
        yield* open()
        yield* open({ name: "Strikers" })
        expect(yield* cleo.run("tryout list")).toContain("- **Strikers**: 4 questions")
        expect(yield* cleo.run("tryout apply")).toBe("Which one? Open now: Keepers, Strikers.")
        const turn = yield* cleo.actor.autocomplete("general", "tryout apply", "name", { name: "str" })
        const state = yield* turn.when(({ _tag }) => _tag === "ChoicesShown" || _tag === "Failed")
        expect(state).toMatchObject({ choices: [{ name: "Strikers", value: "Strikers" }] })
        expect(yield* cleo.run("tryout review")).toContain("Only members with the permission Manage Server")
        expect(yield* ada.run("tryout review")).toBe("No application waits for a decision.")
      }),
    ))

  it("refuses what it cannot open, with the question that is wrong", () =>
    Field.play(({ open, sandbox, guild }) =>
      Effect.gen(function* () {
        expect(yield* open({ questions: "Name?; Age? (nummer 3)" })).toContain(
          "Question 2 (`Age? (nummer 3)`)",
        )
        expect(yield* open({ deadline: "10 seconds" })).toContain("must be a time from 1 minute to 24 hours")
        const channel = [...guild.channels.values()].find(({ name }) => name === "mod-log")!
        Guilds.setOverwrite(sandbox.world, channel, {
          id: sandbox.world.bot.id,
          type: 1,
          allow: 0n,
          deny: Bit.SendMessages,
        })
        expect(yield* open({ channel: "mod-log" })).toContain(
          `I cannot post applications in <#${channel.id}>`,
        )
        expect(yield* open()).toContain("is open")
      }),
    ))
})
