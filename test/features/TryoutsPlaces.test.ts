import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as Field from "./Field.js"

const threads = ({ cleo, guild, thread }: Field.Field) =>
  [...guild.threads.values()].filter(({ name }) => name === thread(cleo))

describe("the place of an interview", () => {
  it("holds one at a time: direct messages are not shared between two servers", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, open, sandbox, store } = field
        const { world } = sandbox
        yield* open({ where: "dm" })
        const rival = Guilds.create(world, {
          name: "Rival",
          ownerId: ada.actor.user.id,
          channels: ["general", "rivals"],
          memberIds: [cleo.actor.user.id],
        })
        yield* Effect.sleep("2 seconds")
        const channel = (name: string) => [...rival.channels.values()].find((one) => one.name === name)!.id
        const adaThere = yield* sandbox.actor(ada.actor.user.id, rival.id)
        const cleoThere = yield* sandbox.actor(cleo.actor.user.id, rival.id)
        yield* adaThere.slash(channel("general"), "tryout open", {
          name: "Rivals",
          channel: channel("rivals"),
          questions: "Your secret? (text 2-40)",
          deadline: "10 minutes",
          where: "dm",
        })
        yield* Effect.sleep("2 seconds")
        yield* cleo.run("tryout apply")
        yield* cleo.live("dm", "Your name?")
        const apply = cleoThere.slash(channel("general"), "tryout apply", {})
        expect(yield* Field.outcomeOf(yield* apply)).toBe(
          "We are already talking in your direct messages, about another application. Finish that one, or stop it with Cancel, then run `/tryout apply` again.",
        )
        expect(yield* store.of(rival.id, cleo.actor.user.id)).toEqual([])
        yield* cleo.press("dm", "Your name?", "Cancel")
        yield* cleo.sees("dm", "What you have answered is kept: ")
        expect(yield* Field.outcomeOf(yield* apply)).toBe("Let us go on in your direct messages.")
        yield* cleo.live("dm", "Your secret?")
        yield* cleo.actor.say("dm", "For the rivals")
        yield* cleo.press("dm", "Look over your answers", "Send")
        yield* cleo.sees("dm", "is sent")
        const [here] = yield* store.of(guild.id, cleo.actor.user.id)
        const [there] = yield* store.of(rival.id, cleo.actor.user.id)
        expect(here?.answers).toEqual([])
        expect(there?.answers).toEqual([{ _tag: "Text", text: "For the rivals" }])
      }),
    ))

  it("is the thread of the last time, also where the try-out is by direct message", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { cleo, open, thread } = field
        yield* open({ where: "dm" })
        yield* cleo.actor.closeDms(true)
        for (const _ of ["first", "second"]) {
          expect(yield* cleo.run("tryout apply")).toContain("You accept no direct messages from me")
          yield* cleo.press(thread(cleo), "Your name?", "Cancel")
          yield* Effect.sleep("2 seconds")
        }
        expect(threads(field)).toHaveLength(1)
      }),
    ))

  it("is the thread of the last time, taken out of the archive", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { cleo, open, sandbox, thread } = field
        yield* open()
        yield* cleo.run("tryout apply")
        yield* cleo.press(thread(cleo), "Your name?", "Cancel")
        yield* Effect.sleep("2 seconds")
        Threads.change(sandbox.world, threads(field)[0]!, sandbox.world.bot.id, { archived: true })
        yield* cleo.run("tryout apply")
        yield* cleo.press(thread(cleo), "Your name?", "Cancel")
        yield* Effect.sleep("2 seconds")
        expect(threads(field)).toHaveLength(1)
      }),
    ))

  it("leaves no open thread where the bot may not write in one", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { cleo, guild, open, sandbox } = field
        yield* open()
        for (const role of guild.roles.values()) {
          role.permissions &= ~Bit.SendMessagesInThreads
          Guilds.roleChanged(sandbox.world, guild, role)
        }
        yield* cleo.actor.closeDms(true)
        expect(yield* cleo.run("tryout apply")).toContain("I cannot open a private thread here")
        expect(threads(field).map(({ thread }) => thread?.archived)).toEqual([true])
      }),
    ))
})

describe("the summary", () => {
  it("is reminded of at half of its time, with its end", () =>
    Field.play(({ answer, cleo, open, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        yield* answer(cleo, thread(cleo))
        const reminder = yield* cleo.sees(thread(cleo), "Your application is not sent yet")
        const told = Number(/<t:(\d+):R>/u.exec(Field.textOf(reminder))?.[1]) * 1_000
        yield* cleo.sees(thread(cleo), "but not sent it")
        expect(Math.abs(told - (yield* Clock.currentTimeMillis))).toBeLessThan(5_000)
      }),
    ))
})

describe("a withdrawal", () => {
  it("takes back the application that it asked about, and no other", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, open, send, store, thread } = field
        yield* open()
        yield* ada.run("tryout open", { ...Field.keepers, name: "Strikers" })
        yield* cleo.run("tryout apply", { name: "Keepers" })
        yield* send(cleo, thread(cleo))
        const card = yield* ada.live("tryouts", "Application for Keepers")
        yield* cleo.actor.slash("general", "tryout withdraw")
        const question = yield* cleo.live("general", "Take back your application for **Keepers**?")
        yield* ada.actor.press(card.id, "Reject")
        yield* Effect.sleep("1 second")
        yield* ada.actor.submit(ada.actor.modals().at(-1)!, { reason: "No" })
        yield* Effect.sleep("2 seconds")
        yield* cleo.run("tryout apply", { name: "Strikers" })
        yield* cleo.actor.press(question.id, "Withdraw")
        yield* cleo.sees("general", `${ada.mention} has already rejected it.`)
        const [strikers] = yield* store.of(guild.id, cleo.actor.user.id)
        expect(strikers?.status).toBe("writing")
        yield* cleo.press("Strikers cleo", "Your name?", "Cancel")
      }),
    ))
})
