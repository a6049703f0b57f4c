import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import { Client } from "../../src/discord/Client.js"
import * as Discord from "../../src/discord/Discord.js"
import * as Md from "../../src/interaction/Md.js"
import * as Reply from "../../src/interaction/Reply.js"
import type { State } from "../../src/sandbox/world/Interactions.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "./Harbour.js"

class Full {
  readonly _tag = "Full"
  readonly userText = "All 3 berths are taken."
}

const commands = [
  Command.make(
    "echo",
    { description: "d", from: ["slash", "message"], params: { text: Param.string("d", { max: 20 }) } },
    ({ text }) => Effect.succeed(Reply.text(Md.text`You said ${text}`)),
  ),
  Command.make("slow", { description: "d", from: ["slash", "message"] }, () =>
    Effect.as(Effect.sleep("10 seconds"), Reply.text("at last")),
  ),
  Command.make("secret", { description: "d" }, () =>
    Effect.as(Effect.sleep("10 seconds"), Reply.ephemeral(Reply.text("only you"))),
  ),
  Command.make("full", { description: "d", from: ["slash", "message"] }, () => Effect.fail(new Full())),
  Command.make("bug", { description: "d" }, () => Effect.die(new Error("secret detail"))),
  Command.make("forever", { description: "d" }, () => Effect.never).pipe(Policy.deadline("5 seconds")),
  Command.make("sorry", { description: "d" }, () => Effect.never).pipe(
    Policy.deadline("5 seconds"),
    Command.catchTag("CommandTimeout", () => Effect.succeed(Reply.text("I gave up by my own words"))),
  ),
  Command.make("partial", { description: "d" }, (_, interaction) =>
    Effect.gen(function* () {
      yield* Effect.orDie(interaction.show(Reply.text("first")))
      yield* Effect.sleep("3 seconds")
      return Reply.text("second")
    }),
  ),
  Command.make(
    "whois",
    {
      description: "d",
      in: "guild",
      from: ["slash", "message", "userMenu"],
      params: { who: Param.member("d") },
    },
    ({ who }, interaction) =>
      Effect.succeed(
        Reply.text(
          `${interaction.member.displayName} asks about ${who.displayName} in ${interaction.guild.name}`,
        ),
      ),
  ),
  Command.make(
    "quote",
    { description: "d", from: ["messageMenu"], params: { message: Param.message("d") } },
    ({ message }) => Effect.succeed(Reply.text(`> ${message.content}`)),
  ),
  Command.make("kick", { description: "d", in: "guild", permissions: 2n, from: ["slash", "message"] }, () =>
    Effect.succeed(Reply.text("kicked")),
  ),
  Command.make("oversized", { description: "d" }, () => Effect.succeed(Reply.text("x".repeat(2_001)))),
] as const

const features = Layer.mergeAll(
  Command.layer(...commands),
  Command.layer(
    Command.group("pier", { description: "d" }, [
      Command.make(
        "open",
        { description: "d", from: ["slash", "message"], params: { n: Param.integer("d") } },
        ({ n }) => Effect.succeed(Reply.text(`pier ${n} is open`)),
      ),
    ]),
  ),
)

const virtually = <A, E>(test: Parameters<typeof Harbour.virtually<A, E>>[1]) =>
  Harbour.virtually(features, test)

const run = (name: string, command: string, values: Record<string, string | number> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const actor = yield* sandbox.actor(name)
    const turn = yield* actor.slash("general", command, values)
    // A private answer after a public "thinking…" takes that away first.
    return yield* turn.when((now) =>
      now._tag === "Responded" ? now.messages.length > 0 : now._tag === "Failed",
    )
  })

const texts = (state: State): ReadonlyArray<string> =>
  state._tag === "Responded" ? state.messages.map(({ content }) => content) : [state._tag]

const isPrivate = (state: State): boolean =>
  state._tag === "Responded" && state.messages.every(({ ephemeralFor }) => ephemeralFor !== null)

/** Says something and waits for the bot's next message in the channel. */
const say = (name: string, content: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const actor = yield* sandbox.actor(name)
    const said = yield* actor.say("general", content)
    const answer = yield* actor.message("general", (message) => message.reference?.messageId === said.id)
    return answer.content
  })

describe("a bot in virtual time", () => {
  it("answers slash commands and prefix messages from one declaration", () =>
    virtually(
      Effect.gen(function* () {
        expect(texts(yield* run("cleo", "echo", { text: "*hi*" }))).toEqual(["You said \\*hi\\*"])
        expect(yield* say("cleo", "!echo hi there")).toBe("You said hi there")
        expect(texts(yield* run("cleo", "pier open", { n: 2 }))).toEqual(["pier 2 is open"])
        expect(yield* say("cleo", "!pier open 3")).toBe("pier 3 is open")
      }),
    ))

  it("defers after two seconds, also where the answer is private in the end", () =>
    virtually(
      Effect.gen(function* () {
        expect(texts(yield* run("cleo", "slow"))).toEqual(["at last"])
        expect(yield* say("cleo", "!slow")).toBe("at last")
        const secret = yield* run("cleo", "secret")
        expect(texts(secret)).toContain("only you")
        expect(isPrivate(secret)).toBe(true)
      }),
    ))

  it("tells what was wrong with a parameter, with the usage for prefix messages", () =>
    virtually(
      Effect.gen(function* () {
        expect(yield* say("cleo", "!pier open two")).toBe(
          "`n` must be a whole number, not `two`.\nUsage: `!pier open <n>`",
        )
        expect(yield* say("cleo", "!pier open")).toBe(
          "`n` is missing: it must be a whole number.\nUsage: `!pier open <n>`",
        )
        expect(yield* say("cleo", "!pier open 1 2")).toBe(
          "I do not know what to do with `2`.\nUsage: `!pier open <n>`",
        )
      }),
    ))

  it("tells failures, hides defects behind a reference, and goes on", () =>
    virtually(
      Effect.gen(function* () {
        const full = yield* run("cleo", "full")
        expect(texts(full)).toEqual(["All 3 berths are taken."])
        expect(isPrivate(full)).toBe(true)
        expect(yield* say("cleo", "!full")).toBe("All 3 berths are taken.")
        const [bug] = texts(yield* run("cleo", "bug"))
        expect(bug).toMatch(/^Something in me broke\. It was reported as `[0-9A-Z]+`\.$/u)
        expect(texts(yield* run("cleo", "echo", { text: "still here" }))).toEqual(["You said still here"])
      }),
    ))

  it("ends what is over its deadline, in the author's words if there are any", () =>
    virtually(
      Effect.gen(function* () {
        expect(texts(yield* run("cleo", "forever")).at(-1)).toBe("That took too long, so I stopped it.")
        expect(texts(yield* run("cleo", "sorry"))).toEqual(["I gave up by my own words"])
        yield* Effect.sleep("1 second")
        expect(yield* (yield* Supervisor).roster).toEqual([])
      }),
    ))

  it("appends the reply to what was shown before", () =>
    virtually(
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        const turn = yield* cleo.slash("general", "partial", {})
        const state = yield* turn.when((now) => now._tag === "Responded" && now.messages.length === 2)
        expect(texts(state)).toEqual(["first", "second"])
      }),
    ))

  it("gives handlers the member and the guild, by slash, prefix and menu", () =>
    virtually(
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        const dan = yield* sandbox.actor("dan")
        const expected = "Cleo asks about Dan in Harbour"
        expect(texts(yield* run("cleo", "whois", { who: `<@${dan.user.id}>` }))).toEqual([expected])
        expect(yield* say("cleo", `!whois <@${dan.user.id}>`)).toBe(expected)
        const menu = yield* cleo.userMenu("general", "whois", "dan")
        expect(texts(yield* menu.settled)).toEqual([expected])
        const said = yield* dan.say("general", "ahoy")
        const quote = yield* cleo.messageMenu("quote", said.id)
        expect(texts(yield* quote.settled)).toEqual(["> ahoy"])
      }),
    ))

  it("asks for permissions again at run time", () =>
    virtually(
      Effect.gen(function* () {
        expect(yield* say("cleo", "!kick")).toBe("That needs the permission Kick Members.")
        expect(yield* say("ben", "!kick")).toBe("kicked")
        expect(texts(yield* run("ben", "kick"))).toEqual(["kicked"])
      }),
    ))

  it("says so where Discord refuses the answer's form", () =>
    virtually(
      Effect.gen(function* () {
        expect(texts(yield* run("cleo", "oversized"))).toEqual([
          "The answer could not be shown: Discord refused its form. This was reported.",
        ])
      }),
    ))

  it("tells the users of what runs when the bot stops, and leaves nothing on the roster", async () => {
    const { exit } = await VirtualClock.run(
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const turn = yield* Effect.gen(function* () {
          yield* Deploy.apply()
          const cleo = yield* sandbox.actor("cleo")
          const turn = yield* cleo.slash("general", "slow", {})
          yield* Effect.sleep("3 seconds")
          expect(yield* (yield* Supervisor).roster).toMatchObject([{ name: "slow", state: "running" }])
          return turn
        }).pipe(Effect.provide(Harbour.onSandbox(features)))
        return texts(turn.state())
      }).pipe(Effect.provide(Sandbox.layer())),
    )
    expect(exit).toEqual(
      Exit.succeed(["I am being restarted and had to stop this. Please try again in a minute."]),
    )
  })
})

describe("a bot over sockets", () => {
  it.live("connects, answers, is cut off, resumes and answers again", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      yield* Deploy.apply()
      expect(texts(yield* run("cleo", "echo", { text: "one" }))).toEqual(["You said one"])
      const before = sandbox.sessions()[0]?.id
      sandbox.faults.dropSockets()
      expect(yield* say("cleo", "!echo two")).toBe("You said two")
      expect(sandbox.sessions().map(({ id }) => id)).toEqual([before])
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )

  it.live("answers fifty at once, each exactly once", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      const states = yield* Effect.all(
        Array.from({ length: 50 }, (_, n) => run("cleo", "echo", { text: `number ${n}` })),
        { concurrency: "unbounded" },
      )
      expect(states.map(texts)).toEqual(Array.from({ length: 50 }, (_, n) => [`You said number ${n}`]))
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )

  it.live("can be stopped and started again in one process, and leaves no socket", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const server = yield* Server.Server
      const once = Effect.gen(function* () {
        yield* Deploy.apply()
        return texts(yield* run("cleo", "echo", { text: "again" }))
      }).pipe(
        Effect.provide(Bot.layer(features, { token: Redacted.make("t"), apiUrl: server.url, grace: 0 })),
      )
      expect(yield* once).toEqual(["You said again"])
      expect(yield* once).toEqual(["You said again"])
      expect(sandbox.sessions().filter(({ connected }) => connected)).toEqual([])
    }).pipe(Effect.provide(Layer.provideMerge(Server.layer({ port: 0 }), Sandbox.layer()))),
  )

  it.live("shows each interaction to discord.js's own listeners, once, whoever answers it", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      const client = yield* Client
      const seen: Array<string> = []
      client.discordJs.on("interactionCreate", (interaction) => {
        seen.push(interaction.isChatInputCommand() ? interaction.commandName : "?")
      })
      const sandbox = yield* Sandbox.Sandbox
      const dan = yield* sandbox.actor("dan")
      expect(texts(yield* run("cleo", "echo", { text: "hi" }))).toEqual(["You said hi"])
      expect(texts(yield* run("cleo", "whois", { who: dan.user.id }))[0]).toContain("asks about Dan")
      expect(seen).toEqual(["echo", "whois"])
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )

  it.live("keeps a lean cache by default, and everything if asked", () =>
    Effect.gen(function* () {
      const cached = (options: Partial<Bot.Options>) =>
        Effect.map(Client, ({ discordJs }) => discordJs.guilds.cache.first()!.members.cache.size).pipe(
          Effect.provide(Harbour.overSockets(features, options, { membersInGuildCreate: "all" })),
        )
      expect(yield* cached({})).toBe(1)
      expect(yield* cached({ caches: "full" })).toBe(5)
    }),
  )

  it.live("refuses to start twice in one scope", () =>
    Effect.gen(function* () {
      const client = yield* Client
      const again = yield* Effect.flip(client.connect({ required: 1, optional: 0 }))
      expect(again._tag).toBe("AlreadyStarted")
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )

  it.live("switches prefix commands off, visibly, where the application may not read messages", () =>
    Effect.gen(function* () {
      const bot = yield* Bot.Bot
      expect(bot.missingIntents).toEqual(["MessageContent"])
      yield* Deploy.apply()
      expect(texts(yield* run("cleo", "echo", { text: "hi" }))).toEqual(["You said hi"])
    }).pipe(
      Effect.provide(Harbour.overSockets(features, {}, { privilegedIntents: { messageContent: false } })),
    ),
  )

  it.live("fails to start with one error that says what to do", () =>
    Effect.gen(function* () {
      const server = yield* Server.Server
      const start = (options: Partial<Bot.Options>) =>
        Effect.flip(
          Effect.scoped(
            Layer.build(
              Bot.layer(features, { token: Redacted.make("wrong"), apiUrl: server.url, ...options }),
            ),
          ),
        )
      expect((yield* start({})).message).toContain("Discord refused the token")
      const intents = yield* start({ token: Redacted.make("right"), intents: { required: 2 } })
      expect(intents.message).toContain("Server Members Intent")
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          Server.layer({ port: 0 }),
          Sandbox.layer({ token: "right", privilegedIntents: { members: false } }),
        ),
      ),
    ),
  )

  it.live("aborts the request of an interrupted fiber, also one of discord.js's own", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const client = yield* Client
      const guild = client.discordJs.guilds.cache.first()!
      sandbox.faults.hang({ method: "GET" })
      const fiber = yield* Effect.fork(
        Discord.use(() => guild.members.fetch({ user: guild.ownerId, force: true, cache: false })),
      )
      yield* Effect.repeat(Effect.yieldNow(), { until: () => sandbox.pendingRequests() > 0 })
      yield* Fiber.interrupt(fiber)
      yield* Effect.repeat(Effect.yieldNow(), { until: () => sandbox.pendingRequests() === 0 })
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )

  it.live("gives typed errors for what Discord refuses", () =>
    Effect.gen(function* () {
      const discord = yield* Discord.Discord
      const client = yield* Client
      const guild = client.discordJs.guilds.cache.first()!
      const unknown = yield* Effect.flip(discord.fetchUser("123456789012345678"))
      expect(unknown._tag).toBe("UnknownResource")
      const used = yield* Effect.flip(Discord.use(() => guild.members.fetch("123456789012345678")))
      expect(used._tag).toBe("UnknownResource")
      const form = yield* Effect.flip(
        discord.send(
          guild.channels.cache.find(({ name }) => name === "general")!.id,
          Reply.text("x".repeat(2_001)),
        ),
      )
      expect(form).toMatchObject({ _tag: "InvalidForm", fields: [{ path: "content" }] })
    }).pipe(Effect.provide(Harbour.overSockets(features))),
  )
})
