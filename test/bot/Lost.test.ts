/** What a person sees where Discord's answers are lost, or what was to be changed is gone. */
import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Effect, FastCheck as fc, Layer, Logger } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Route from "../../src/command/Route.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Screen from "../../src/conversation/Screen.js"
import { Client } from "../../src/discord/Client.js"
import { Discord } from "../../src/discord/Discord.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as Stage from "../conversation/Stage.js"
import * as Harbour from "./Harbour.js"

const { actor, virtually } = Harbour

/** What somebody sees in #general, and how many live components. */
const screen = (name: string) =>
  Effect.gen(function* () {
    const all = yield* (yield* actor(name)).history("general")
    return all.map(({ components, content, ephemeralFor }) => {
      const live = components.some(({ type }) => type === ComponentType.ActionRow) ? " [live]" : ""
      return `${ephemeralFor === null ? "" : "(private) "}${content}${live}`
    })
  })

const row = (customId: string, label: string) => ({
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: customId, label },
  ],
})

/** `/card`: a message with the button of a route. */
const cardOf = (go: Parameters<typeof Route.customId<undefined>>[0], isPrivate: boolean) =>
  Command.make("card", { description: "d" }, () =>
    Effect.map(Effect.orDie(Route.customId(go, undefined, {})), (id) =>
      Reply.make({ content: "Press", components: [row(id, "Go")], ephemeral: isPrivate }),
    ),
  )

/** Cleo calls a command; the message that it answers with. */
const called = (command: string) =>
  Effect.gen(function* () {
    const cleo = yield* actor("cleo")
    yield* cleo.slash("general", command, {})
    yield* Effect.sleep("1 second")
    const [message] = yield* cleo.history("general")
    return { cleo, id: message!.id }
  })

describe("an outcome that changes the message that was pressed on", () => {
  const pressed = (carryOut: boolean, isPrivate: boolean, after = 0) => {
    const go = Route.make("go", { on: "button" }, () =>
      Effect.gen(function* () {
        const { show } = yield* Interaction
        yield* Effect.ignore(show(Reply.make({ content: "working", components: [row("w1.a", "Stop")] })))
        return Reply.update(Reply.text("done"))
      }).pipe(Effect.zipLeft(Effect.sleep(after))),
    )
    return virtually(
      Layer.merge(Command.layer(cardOf(go, isPrivate)), Route.layer(go)),
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        const { cleo, id } = yield* called("card")
        faults.answerNext({ path: "/callback", status: 500, carryOut, times: 4 })
        yield* cleo.press(id, "Go")
        yield* Effect.sleep("1 minute")
        expect(yield* (yield* Supervisor).roster).toEqual([])
        return yield* screen("cleo")
      }),
    )
  }
  it("does so after an output of which nobody knew whether it was shown, and which goes", async () => {
    expect(await pressed(true, false)).toEqual(["done"])
    expect(await pressed(false, false)).toEqual(["done"])
    expect(await pressed(false, false, 10_000)).toEqual(["done"])
  })
  it("is private where that message is, though the output was not", async () => {
    expect(await pressed(true, true)).toEqual(["(private) Press [live]", "(private) done"])
    expect(await pressed(false, true)).toEqual(["(private) done"])
  })
})

describe("an outcome that changes what a prefix command has shown", () => {
  it("is a message of its own where somebody has deleted that", async () => {
    const slow = Command.make("slow", { description: "d", from: ["message"] }, (_, { show }) =>
      Effect.as(
        Effect.zipRight(Effect.orDie(show(Reply.text("one"))), Effect.sleep("10 seconds")),
        Reply.update(Reply.text("two")),
      ),
    )
    const seen = await virtually(
      Command.layer(slow),
      Effect.gen(function* () {
        const ada = yield* actor("ada")
        yield* ada.say("general", "!slow")
        const one = yield* ada.message("general", ({ content }) => content === "one")
        yield* ada.deleteMessage(one.id)
        yield* Effect.sleep("1 minute")
        return yield* screen("ada")
      }),
    )
    expect(seen).toEqual(["!slow", "two"])
  })
})

describe("a press on a question that nobody waits behind any more", () => {
  const dead = Reply.make({
    content: "Really?",
    components: [Screen.row(Screen.button("w1.dead~yes", "Yes"))],
  })
  it("shows it to nobody again where it is deleted at that moment", async () => {
    const seen = await virtually(
      Layer.empty,
      Effect.gen(function* () {
        const { faults, world } = yield* Sandbox.Sandbox
        const [ada, cleo] = [yield* actor("ada"), yield* actor("cleo")]
        const general = [...world.channels.values()].find(({ name }) => name === "general")!
        const { id } = yield* (yield* Discord).send(general.id, dead)
        faults.delayEvents(200)
        yield* Effect.fork(Effect.delay(ada.deleteMessage(id), "100 millis"))
        yield* cleo.press(id, "Yes")
        yield* Effect.sleep("1 minute")
        return yield* screen("cleo")
      }),
    )
    expect(seen).toEqual(["(private) That is no longer in use."])
  })

  it("is answered also while discord.js waits for members, for which it listens to everything", async () => {
    const seen = await virtually(
      Layer.empty,
      Effect.gen(function* () {
        const { faults, world } = yield* Sandbox.Sandbox
        const { discordJs } = yield* Client
        const general = [...world.channels.values()].find(({ name }) => name === "general")!
        const { id } = yield* (yield* Discord).send(general.id, dead)
        faults.delayEvents((type) => (type === "GUILD_MEMBERS_CHUNK" ? 5_000 : 0))
        const members = discordJs.guilds.cache.first()!.members.fetch({ user: [world.bot.id] })
        const cleo = yield* actor("cleo")
        yield* cleo.press(id, "Yes")
        yield* Effect.sleep("4 seconds")
        const before = yield* screen("cleo")
        yield* Effect.sleep("2 seconds")
        yield* Effect.promise(() => members)
        return before
      }),
    )
    expect(seen).toEqual(["Really?\nNo longer in use."])
  })
})

describe("a token whose time is over earlier than the bot counts", () => {
  it.each([
    [404, 10_015],
    [401, 50_027],
  ])("leads to an answer that names the person (%i, code %i)", async (status, code) => {
    const slow = Command.make("slow", { description: "d" }, () =>
      Effect.as(Effect.sleep("5 seconds"), Reply.text("done")),
    )
    const seen = await virtually(
      Command.layer(slow),
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "slow", {})
        faults.answerNext({ path: "/webhooks", status, body: { code, message: "Over" }, times: 2 })
        yield* Effect.sleep("1 minute")
        const { id } = cleo.user
        return (yield* screen("cleo")).map((line) => line.replace(id, "cleo"))
      }),
    )
    expect(seen.at(-1)).toBe("<@cleo> done")
  })
})

describe("a question whose closing takes longer than anybody waits for it", () => {
  it("is closed all the same, after the outcome", () =>
    Stage.play(
      Prompt.confirm("Sure?", { within: "1 minute" }),
      ({ ada, outcome, question, sandbox, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          const over = sandbox.faults.slow({ path: /callback|original|messages/u }, { request: 14_000 })
          yield* ada.press(id, "Yes")
          expect(yield* outcome).toBe("completed")
          yield* Effect.sleep("1 minute")
          over()
          expect((yield* seen())[0]).toBe("Sure?\n— Yes")
        }),
      { quiet: true },
    ))
})

describe("a first response of which Discord's answer was lost", () => {
  it("is a question that is closed also when its token's time is over", () =>
    Stage.play(
      Prompt.confirm("Sure?", { within: "20 minutes" }),
      ({ outcome, seen }) =>
        Effect.gen(function* () {
          expect(yield* outcome).toBe("timed_out")
          expect((yield* seen())[0]).toBe("Sure?\nTimed out.")
        }),
      {
        deadline: "1 hour",
        before: ({ faults }) =>
          faults.answerNext({ path: "/callback", status: 500, carryOut: true, body: { code: 0 } }),
      },
    ))
})

describe("a press, whatever is lost on the way", () => {
  const plan = fc.record({
    /** Milliseconds after which it shows something first. */
    shows: fc.option(fc.constantFrom(0, 1_000, 5_000)),
    after: fc.constantFrom(0, 1_000, 1_900, 10_000),
    ends: fc.constantFrom("update", "answer", "private"),
    isPrivate: fc.boolean(),
    losses: fc.array(
      fc.record({
        path: fc.constantFrom("/callback", "/webhooks", "/messages"),
        method: fc.constantFrom("POST", "PATCH", "DELETE"),
        status: fc.constantFrom(500, 403, 429),
        carryOut: fc.boolean(),
        times: fc.integer({ min: 1, max: 5 }),
      }),
      { maxLength: 3 },
    ),
  })
  type Plan = typeof plan extends fc.Arbitrary<infer A> ? A : never

  const play = async ({ after, ends, isPrivate, losses, shows }: Plan) => {
    const said: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => {
      said.push(String(message))
    })
    const go = Route.make("go", { on: "button" }, () =>
      Effect.gen(function* () {
        const { show } = yield* Interaction
        if (shows !== null) yield* Effect.delay(Effect.ignore(show(Reply.text("working"))), shows)
        yield* Effect.sleep(after)
        if (ends === "update") return Reply.update(Reply.text("done"))
        return ends === "private" ? Reply.ephemeral(Reply.text("done")) : Reply.text("done")
      }),
    )
    const seen = await virtually(
      Layer.provide(
        Layer.merge(Command.layer(cardOf(go, isPrivate)), Route.layer(go)),
        Logger.replace(Logger.defaultLogger, logger),
      ),
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        const { cleo, id } = yield* called("card")
        for (const { carryOut, status, ...aim } of losses)
          faults.answerNext({ ...aim, status, carryOut: carryOut && status === 500, body: { code: 0 } })
        yield* cleo.press(id, "Go")
        yield* Effect.sleep("20 minutes")
        return {
          cleo: yield* screen("cleo"),
          dan: yield* screen("dan"),
          roster: yield* (yield* Supervisor).roster,
        }
      }),
    )
    return { ...seen, said: said.filter((line) => line.includes("was not shown")) }
  }

  it(
    "has one outcome, or a line in the log, and shows nobody else what is private",
    { timeout: 60_000 },
    () =>
      fc.assert(
        fc.asyncProperty(plan, async (given) => {
          const { cleo, dan, roster, said } = await play(given)
          const done = cleo.filter((line) => line.endsWith("done"))
          expect(roster).toEqual([])
          expect(done.length).toBeLessThanOrEqual(1)
          if (said.length === 0) expect(done).toHaveLength(1)
          if (given.ends === "private" || (given.ends === "update" && given.isPrivate))
            expect(dan).not.toContain("done")
          // An update that was shown takes the buttons along, where the bot can reach them.
          if (given.ends === "update" && !given.isPrivate && said.length === 0)
            expect(cleo.join()).not.toContain("[live]")
        }),
        { numRuns: 60 },
      ),
  )
})
