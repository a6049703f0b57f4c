/** Counterexamples that were found once, each by what a user would see. */
import { describe, expect, it } from "@effect/vitest"
import { StringSelectMenuOptionBuilder } from "discord.js"
import { MessageFlags } from "discord-api-types/v10"
import { Cause, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import { Client } from "../../src/discord/Client.js"
import * as Help from "../../src/features/Help.js"
import * as Reply from "../../src/interaction/Reply.js"
import type { State } from "../../src/sandbox/world/Interactions.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "./Harbour.js"

const { virtually } = Harbour

const ok = Effect.succeed(Reply.text("ok"))

const start = (command: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const cleo = yield* sandbox.actor("cleo")
    return yield* cleo.slash("general", command, {})
  })

const seen = (state: State): ReadonlyArray<string> =>
  state._tag === "Responded"
    ? state.messages.map(
        ({ content, ephemeralFor }) => `${ephemeralFor === null ? "" : "(private) "}${content}`,
      )
    : [state._tag]

/** What is seen once everything has come to rest. */
const finally_ = (command: string) =>
  Effect.gen(function* () {
    const turn = yield* start(command)
    yield* Effect.sleep("10 minutes")
    return seen(turn.state())
  })

const say = (content: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const cleo = yield* sandbox.actor("cleo")
    const said = yield* cleo.say("general", content)
    const answer = yield* cleo.message("general", (message) => message.reference?.messageId === said.id)
    return answer.content
  })

describe("a reply that cannot be rendered", () => {
  const broken = Reply.make({
    content: "x",
    components: [
      { type: 1, components: [{ toJSON: () => new StringSelectMenuOptionBuilder().toJSON() }] } as never,
    ],
    embeds: [{ toJSON: () => new StringSelectMenuOptionBuilder().toJSON() as never }],
  })
  it("is a defect like any other, also after a defer, and leaves nothing behind", () =>
    virtually(
      Command.layer(
        Command.make("fast", { description: "d" }, () => Effect.succeed(broken)),
        Command.make("slow", { description: "d" }, () => Effect.as(Effect.sleep("5 seconds"), broken)),
        Command.make("shown", { description: "d" }, (_, interaction) =>
          Effect.as(Effect.orDie(interaction.show(broken)), Reply.text("x")),
        ),
      ),
      Effect.gen(function* () {
        for (const command of ["fast", "slow", "shown"]) {
          expect((yield* finally_(command))[0]).toMatch(/^\(private\) Something in me broke/u)
        }
        expect(yield* (yield* Supervisor).roster).toEqual([])
      }),
    ))
})

describe("a listener of discord.js that throws", () => {
  it("keeps no command from its answer", () =>
    virtually(
      Command.layer(Command.make("ok", { description: "d", from: ["slash", "message"] }, () => ok)),
      Effect.gen(function* () {
        const { discordJs } = yield* Client
        discordJs.on("interactionCreate", () => {
          throw new Error("a bug")
        })
        discordJs.on("messageCreate", () => {
          throw new Error("a bug")
        })
        expect(yield* finally_("ok")).toEqual(["ok"])
        expect(yield* say("!ok")).toBe("ok")
      }),
    ))
})

describe("Bot.run", () => {
  it.live("fails when Discord ends the bot for good", () =>
    Effect.gen(function* () {
      const { url } = yield* Server.Server
      const sandbox = yield* Sandbox.Sandbox
      const features = Command.layer(Command.make("ok", { description: "d" }, () => ok))
      const fiber = yield* Effect.fork(
        Bot.run(features, { token: Redacted.make("t"), apiUrl: url, grace: 0 }),
      )
      yield* Effect.repeat(Effect.sleep("10 millis"), {
        until: () => sandbox.sessions().some(({ connected }) => connected),
      })
      sandbox.faults.closeSockets(4004, "Authentication failed.")
      const exit = yield* Fiber.await(fiber)
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("Discord refused the token")
    }).pipe(Effect.provide(Layer.provideMerge(Server.layer({ port: 0 }), Sandbox.layer()))),
  )
})

describe("the outcome", () => {
  it("is shown although somebody deleted the thinking…", () =>
    virtually(
      Command.layer(
        Command.make("open", { description: "d" }, () =>
          Effect.as(Effect.sleep("5 seconds"), Reply.text("value")),
        ),
        Command.make("quiet", { description: "d" }, () =>
          Effect.as(Effect.sleep("5 seconds"), Reply.ephemeral(Reply.text("value"))),
        ),
      ),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const gone = {
          path: /@original|%40original/u,
          status: 404,
          body: { code: 10008, message: "Unknown Message" },
        }
        sandbox.faults.answerNext(gone)
        expect(yield* finally_("open")).toContain("value")
        sandbox.faults.answerNext({ ...gone, carryOut: true })
        expect(yield* finally_("quiet")).toEqual(["(private) value"])
      }),
    ))

  it("stays private although the thinking… cannot be deleted", () =>
    virtually(
      Command.layer(
        Command.make("quiet", { description: "d" }, () =>
          Effect.as(Effect.sleep("5 seconds"), Reply.ephemeral(Reply.text("value"))),
        ),
      ),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        sandbox.faults.answerNext({ method: "DELETE", path: /original/u, status: 500, times: 4 })
        expect(yield* finally_("quiet")).toEqual(["Answered privately.", "(private) value"])
      }),
    ))

  it("stays private after a defer where the flag says so", () =>
    virtually(
      Command.layer(
        Command.make("secret", { description: "d" }, () =>
          Effect.as(
            Effect.sleep("5 seconds"),
            Reply.make({ content: "secret", flags: MessageFlags.Ephemeral }),
          ),
        ),
      ),
      Effect.gen(function* () {
        expect(yield* finally_("secret")).toEqual(["(private) secret"])
      }),
    ))

  it("does not wait for a show that hangs", () =>
    virtually(
      Command.layer(
        Command.make("hangs", { description: "d" }, (_, interaction) =>
          Effect.gen(function* () {
            yield* interaction.defer()
            yield* Effect.sleep("1 second")
            yield* Effect.uninterruptible(Effect.ignore(interaction.show(Reply.text("partial"))))
            return Reply.text("never")
          }),
        ).pipe(Policy.deadline("5 seconds")),
      ),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const turn = yield* start("hangs")
        yield* Effect.sleep("500 millis")
        const release = sandbox.faults.hang({ method: "PATCH" })
        yield* Effect.sleep("4600 millis")
        release()
        yield* Effect.sleep("100 millis")
        expect(seen(turn.state())).toContain("(private) That took too long, so I stopped it.")
      }),
    ))

  it("comes in time where its upload does not", () =>
    virtually(
      Command.layer(
        Command.make("file", { description: "d" }, () =>
          Effect.as(
            Effect.sleep("1900 millis"),
            Reply.withFiles({ name: "a.txt", data: new TextEncoder().encode("hi") })(Reply.text("here")),
          ),
        ),
      ),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const turn = yield* start("file")
        yield* Effect.sleep("1 second")
        sandbox.faults.delayAnswers(700)
        yield* Effect.sleep("10 seconds")
        expect(seen(turn.state())).toEqual(["here"])
      }),
    ))
})

describe("the author's answer to a deadline", () => {
  it("releases what it acquires, is on the roster, and ends with a cancel", () => {
    let released = 0
    const acquired = Effect.acquireRelease(Effect.void, () => Effect.sync(() => released++))
    return virtually(
      Command.layer(
        Command.make("late", { description: "d" }, () => Effect.never).pipe(
          Policy.deadline("3 seconds"),
          Command.catchTag("CommandTimeout", () =>
            Effect.zipRight(acquired, Effect.as(Effect.sleep("8 seconds"), Reply.text("sorry"))),
          ),
          Command.map((reply) => (reply._tag === "Message" ? Reply.ephemeral(reply) : reply)),
        ),
      ),
      Effect.gen(function* () {
        expect(yield* finally_("late")).toEqual(["(private) sorry"])
        expect(released).toBe(1)
        const supervisor = yield* Supervisor
        yield* start("late")
        yield* Effect.sleep("5 seconds")
        const [entry] = yield* supervisor.roster
        yield* supervisor.cancel(entry!.id, "admin")
        yield* Effect.sleep("1 second")
        expect(released).toBe(2)
        expect(yield* supervisor.roster).toEqual([])
      }),
    )
  })
})

describe("a prefix message", () => {
  it("is told the first wrong word, not the words behind it", () =>
    virtually(
      Command.layer(
        Command.make(
          "add",
          { description: "d", from: ["message"], params: { a: Param.integer("d"), b: Param.integer("d") } },
          () => ok,
        ),
      ),
      Effect.gen(function* () {
        expect(yield* say("!add x 2")).toContain("`a` must be a whole number, not `x`")
      }),
    ))

  it("has its member also where no cache keeps members", () =>
    virtually(
      Command.layer(
        Command.make("me", { description: "d", in: "guild", from: ["message"] }, (_, { member }) =>
          Effect.succeed(Reply.text(member.displayName)),
        ),
      ),
      Effect.gen(function* () {
        expect(yield* say("!me")).toBe("Cleo")
      }),
      { caches: { GuildMemberManager: 0 } },
    ))

  it("is told of an outage as an outage", () =>
    virtually(
      Command.layer(
        Command.make(
          "who",
          { description: "d", in: "guild", from: ["message"], params: { who: Param.member("d") } },
          () => ok,
        ),
      ),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        sandbox.faults.answerNext({ method: "GET", path: /members/u, status: 500, times: 20 })
        expect(yield* say("!who 123456789012345678")).toContain("Discord has trouble")
      }),
    ))

  it("is answered without the reference where replying is not allowed", () =>
    virtually(
      Command.layer(Command.make("ok", { description: "d", from: ["message"] }, () => ok)),
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        sandbox.faults.answerNext({
          method: "POST",
          path: /messages/u,
          status: 400,
          body: { code: 160002, message: "Cannot reply without permission to read message history" },
        })
        yield* cleo.say("general", "!ok")
        expect((yield* cleo.message("general", ({ content }) => content === "ok")).reference).toBeNull()
      }),
    ))
})

describe("stopping", () => {
  it("waits for commands, not for background work", async () => {
    const { endedAt, exit } = await VirtualClock.run(
      Effect.gen(function* () {
        const supervisor = yield* Supervisor
        yield* supervisor.fork({ kind: "background", name: "loop" }, Effect.never)
        yield* Effect.uninterruptible(supervisor.fork({ kind: "background", name: "held" }, Effect.never))
      }).pipe(
        Effect.provide(
          Harbour.inProcess(Command.layer(Command.make("ok", { description: "d" }, () => ok)), {
            grace: "25 seconds",
          }),
        ),
      ),
    )
    expect(Exit.isSuccess(exit)).toBe(true)
    expect(endedAt).toBeLessThan(2_000)
  })
})

describe("deploy", () => {
  it("finds nothing to do in a guild after it was applied there", () => {
    const commands = [Command.make("ok", { description: "d", in: "guild" }, () => ok)]
    const [payload] = Deploy.payloads(commands, { guildId: "1" })
    expect(payload).not.toHaveProperty("contexts")
    const stored = { ...payload, id: "1", contexts: null } as never
    expect(Deploy.isEmpty(Deploy.compare([payload!], [stored]))).toBe(true)
  })
})

describe("/help", () => {
  it("fits into one embed whatever there is, and lists each command as it can be called", () =>
    virtually(
      Layer.mergeAll(
        Help.layer,
        Command.layer(
          ...Array.from({ length: 70 }, (_, n) =>
            Command.make(
              `command-${n}`,
              { description: "x".repeat(90), category: `Category ${n % 20}` },
              () => ok,
            ),
          ),
        ),
        Command.layer(Command.make("px", { description: "prefix only", from: ["message"] }, () => ok)),
      ),
      Effect.gen(function* () {
        const turn = yield* start("help")
        const state = yield* turn.settled
        const [message] = state._tag === "Responded" ? state.messages : []
        const text = JSON.stringify(message?.embeds)
        expect(text).toContain("more")
        expect(text).not.toContain("/px")
        expect(yield* say("?help ?px")).not.toContain("no command")
      }),
      { prefix: "?" },
    ))
})

describe("a defect of which more is known than that something broke", () => {
  it("is told in those words, with the reference; any other as before", () =>
    virtually(
      Command.layer(
        Command.make("gone", { description: "The database is gone" }, () =>
          Effect.die(new Error("ECONNREFUSED")),
        ),
        Command.make("odd", { description: "Something else" }, () => Effect.die(new Error("odd"))),
      ),
      Effect.gen(function* () {
        const said = (command: string) =>
          Effect.gen(function* () {
            const turn = yield* start(command)
            const state = yield* turn.settled
            return state._tag === "Responded" ? state.messages[0]?.content : state._tag
          })
        expect(yield* said("gone")).toMatch(/^My database is away\. It was reported as `\w+`\.$/u)
        expect(yield* said("odd")).toMatch(/^Something in me broke\. It was reported as `\w+`\.$/u)
      }),
      {
        explain: (defect) =>
          defect instanceof Error && defect.message === "ECONNREFUSED" ? "My database is away." : undefined,
      },
    ))
})

describe("an answer of Discord's that cannot be read", () => {
  const torn = (method: string) =>
    Effect.map(Sandbox.Sandbox, ({ faults }) => faults.once({ kind: "malformed", method }))

  it("is no refusal after one that was lost: the answer that is there stays the only one", async () => {
    const result = await virtually(
      Command.layer(Command.make("ok", { description: "d" }, () => ok)),
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        faults.once({ kind: "lost", method: "POST" })
        // The next time, since only one of them strikes at once.
        yield* torn("POST")
        const turn = yield* start("ok")
        yield* Effect.sleep("10 minutes")
        return [seen(turn.state()), faults.counts()]
      }),
    )
    expect(result).toEqual([["ok"], { lost: 1, malformed: 1 }])
  })

  it("is a success of an edit all the same, which is not said twice", async () => {
    const shows = Command.make("shows", { description: "d" }, (_, interaction) =>
      Effect.gen(function* () {
        const shown = yield* interaction.show(Reply.text("one"))
        yield* torn("PATCH")
        const edited = yield* Effect.option(shown.edit(Reply.text("two")))
        return edited._tag === "Some" ? Reply.silent : Reply.text("two")
      }).pipe(Effect.orDie),
    )
    const result = await virtually(
      Command.layer(shows as never) as Layer.Layer<never, never, Bot.Services>,
      Effect.zipWith(finally_("shows"), Sandbox.Sandbox, (said, { faults }) => [said, faults.counts()]),
    )
    expect(result).toEqual([["two"], { malformed: 1 }])
  })
})
