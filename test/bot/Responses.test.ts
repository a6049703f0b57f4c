/** Answers that were once shown to the wrong people, in the wrong place, twice or not at all. */
import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType, TextInputStyle } from "discord-api-types/v10"
import { Effect, Exit, Layer, Logger, Scope } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Policy from "../../src/command/Policy.js"
import * as Route from "../../src/command/Route.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import type { Message } from "../../src/sandbox/model/Model.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Harbour from "./Harbour.js"

const { actor, virtually } = Harbour

/** What somebody sees in a place, oldest first. */
const screen = (name: string, channel = "general") =>
  Effect.gen(function* () {
    const person = yield* actor(name)
    return (yield* person.history(channel)).map(text)
  })

const text = ({ content, ephemeralFor }: Message): string =>
  `${ephemeralFor === null ? "" : "(private) "}${content}`

const row = (customId: string, label: string) => ({
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: customId, label },
  ],
})

const form = (customId: string) => ({
  custom_id: customId,
  title: "Form",
  components: [
    {
      type: ComponentType.ActionRow as const,
      components: [
        {
          type: ComponentType.TextInput as const,
          custom_id: "name",
          label: "Name",
          style: TextInputStyle.Short as const,
        },
      ],
    },
  ],
})

/** Runs a command as Cleo and lets time pass. */
const run = (command: string, millis: number) =>
  Effect.gen(function* () {
    const cleo = yield* actor("cleo")
    yield* cleo.slash("general", command, {})
    yield* Effect.sleep(millis)
  })

const MINUTE = 60_000

describe("what is private", () => {
  it("stays private after the token's time: a private thinking…", () =>
    virtually(
      Command.layer(
        Command.make("slow", { description: "d", ephemeral: true }, () =>
          Effect.as(Effect.sleep("20 minutes"), Reply.text("secret")),
        ).pipe(Policy.deadline("1 hour")),
      ),
      Effect.gen(function* () {
        yield* run("slow", 30 * MINUTE)
        expect(yield* screen("dan")).toEqual([])
        expect(yield* screen("cleo", "dm")).toEqual(["secret"])
      }),
    ))

  it("stays private after the token's time: what replaces a private message", () =>
    virtually(
      Command.layer(
        Command.make("slow", { description: "d" }, (_, { show }) =>
          Effect.gen(function* () {
            yield* Effect.orDie(show(Reply.ephemeral(Reply.text("wait"))))
            yield* Effect.sleep("20 minutes")
            return Reply.update(Reply.text("secret"))
          }),
        ).pipe(Policy.deadline("1 hour")),
      ),
      Effect.gen(function* () {
        yield* run("slow", 30 * MINUTE)
        expect(yield* screen("dan")).toEqual([])
        expect(yield* screen("cleo", "dm")).toEqual(["secret"])
      }),
    ))

  const privately = Route.make("privately", { on: "button" }, () =>
    Effect.gen(function* () {
      const { defer } = yield* Interaction
      yield* defer({ ephemeral: true })
      yield* Effect.sleep("1 second")
      return Reply.text("secret")
    }),
  )
  const card = Command.make("card", { description: "d" }, () =>
    Effect.map(Effect.orDie(Route.customId(privately, undefined, {})), (id) =>
      Reply.make({ content: "Press", components: [row(id, "Go")] }),
    ),
  )
  it("stays private where a press was deferred privately", () =>
    virtually(
      Layer.merge(Command.layer(card), Route.layer(privately)),
      Effect.gen(function* () {
        yield* run("card", 1_000)
        const cleo = yield* actor("cleo")
        const [message] = yield* cleo.history("general")
        yield* cleo.press(message!.id, "Go")
        yield* Effect.sleep("1 minute")
        expect(yield* screen("dan")).toEqual(["Press"])
        expect(yield* screen("cleo")).toEqual(["Press", "(private) secret"])
      }),
    ))
})

describe("a submitted form", () => {
  const opened = (name: string, rest: Effect.Effect<Reply.Reply, unknown, never>) =>
    Command.make(name, { description: "d" }, (_, { modal }) =>
      Effect.gen(function* () {
        const armed = yield* Wait.arm(Wait.modal({ customId: "w1.form" }))
        yield* modal(form("w1.form"))
        const { next } = yield* armed.start("1 hour")
        if (name === "reads") yield* next
        return yield* rest
      }).pipe(Effect.orDie),
    )
  const submit = (command: string) =>
    Effect.gen(function* () {
      const cleo = yield* actor("cleo")
      const turn = yield* cleo.slash("general", command, {})
      const state = yield* turn.firstResponse
      if (state._tag !== "ModalShown") throw new Error(state._tag)
      yield* Effect.sleep("1 second")
      return yield* cleo.submit(state.modal, { name: "Cleo" })
    })

  it.each([
    ["keeps", Effect.as(Effect.sleep("5 minutes"), Reply.text("over"))],
    ["reads", Effect.succeed(Reply.text("over"))],
  ] as const)("leaves no thinking… behind where nobody answers it: %s", (name, rest) =>
    virtually(
      Command.layer(opened(name, rest)),
      Effect.gen(function* () {
        const turn = yield* submit(name)
        yield* Effect.sleep("20 minutes")
        expect(turn.state()._tag).not.toBe("Failed")
        expect(yield* screen("cleo")).toEqual(["over"])
        expect((yield* Sandbox.Sandbox).deferredInteractions()).toBe(0)
      }),
    ),
  )

  it("is updated where the first message after it stands", () =>
    virtually(
      Command.layer(
        Command.make("form", { description: "d" }, (_, { modal, show }) =>
          Effect.gen(function* () {
            yield* modal(form("w1.form"))
            yield* show(Reply.text("one"))
            return Reply.update(Reply.text("two"))
          }).pipe(Effect.orDie),
        ),
      ),
      Effect.gen(function* () {
        yield* run("form", MINUTE)
        expect(yield* screen("cleo")).toEqual(["two"])
      }),
    ))
})

describe("an outcome that replaces a message", () => {
  it("is shown, privately, where a private message took the place of a public thinking…", () =>
    virtually(
      Command.layer(
        Command.make("slow", { description: "d" }, (_, { show }) =>
          Effect.gen(function* () {
            yield* Effect.sleep("5 seconds")
            yield* Effect.orDie(show(Reply.ephemeral(Reply.text("one"))))
            return Reply.update(Reply.text("two"))
          }),
        ),
      ),
      Effect.gen(function* () {
        yield* run("slow", MINUTE)
        expect(yield* screen("cleo")).toEqual(["(private) two"])
        expect(yield* screen("dan")).toEqual([])
      }),
    ))

  const slowly = Route.make("slowly", { on: "button" }, () =>
    Effect.as(Effect.sleep("10 seconds"), Reply.update(Reply.text("done"))),
  )
  const card = Command.make("card", { description: "d" }, () =>
    Effect.map(Effect.orDie(Route.customId(slowly, undefined, {})), (id) =>
      Reply.make({ content: "Press", components: [row(id, "Go")] }),
    ),
  )
  it("is shown where somebody deletes that message meanwhile", () =>
    virtually(
      Layer.merge(Command.layer(card), Route.layer(slowly)),
      Effect.gen(function* () {
        yield* run("card", 1_000)
        const cleo = yield* actor("cleo")
        const ada = yield* actor("ada")
        const [message] = yield* cleo.history("general")
        yield* cleo.press(message!.id, "Go")
        yield* Effect.sleep("5 seconds")
        yield* ada.deleteMessage(message!.id)
        yield* Effect.sleep("1 minute")
        expect(yield* screen("cleo")).toEqual(["done"])
      }),
    ))

  const silently = Route.make("silently", { on: "button" }, () =>
    Effect.as(Effect.sleep(2_050), Reply.silent),
  )
  const silentCard = Command.make("card", { description: "d" }, () =>
    Effect.map(Effect.orDie(Route.customId(silently, undefined, {})), (id) =>
      Reply.make({ content: "Press", components: [row(id, "Go")] }),
    ),
  )
  it("is nothing at all where it is silent, also while the press is being acknowledged", () =>
    virtually(
      Layer.merge(Command.layer(silentCard), Route.layer(silently)),
      Effect.gen(function* () {
        yield* run("card", 1_000)
        const cleo = yield* actor("cleo")
        const [message] = yield* cleo.history("general")
        ;(yield* Sandbox.Sandbox).faults.delayAnswers(200)
        yield* cleo.press(message!.id, "Go")
        yield* Effect.sleep("1 minute")
        expect(yield* screen("cleo")).toEqual(["Press"])
      }),
    ))
})

describe("a call that outlasts its token", () => {
  it("says so also where it has waited in a queue for most of it", () =>
    virtually(
      Command.layer(
        Command.make("queued", { description: "d" }, () =>
          Effect.as(Effect.sleep("13 minutes"), Reply.text("done")),
        ).pipe(Policy.concurrency({ per: "global", whenFull: { queue: 5, within: "1 hour" } })),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        const dan = yield* actor("dan")
        yield* dan.slash("general", "queued", {})
        const turn = yield* cleo.slash("general", "queued", {})
        yield* Effect.sleep("20 minutes")
        expect(turn.state()._tag).toBe("Responded")
        yield* Effect.sleep("20 minutes")
        expect((yield* screen("cleo")).slice(1)).toEqual([
          "This takes longer. I will answer you in a message of its own.",
          `<@${cleo.user.id}> done`,
        ])
      }),
    ))
})

describe("a press that a wait has taken", () => {
  const taking = Command.make("taking", { description: "d" }, (_, { show }) =>
    Effect.gen(function* () {
      yield* Effect.orDie(show(Reply.make({ content: "Press", components: [row("w1.taking", "Go")] })))
      yield* Wait.next(Wait.component({ customId: "w1.taking" }), { within: "5 minutes" })
      return yield* Effect.never
    }).pipe(Effect.orDie),
  )
  it("is acknowledged where the bot stops before anybody has answered it", async () => {
    const outcome = await VirtualClock.run(
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        const scope = yield* Scope.make()
        yield* Layer.buildWithScope(
          Harbour.onSandbox(Layer.mergeAll(Command.layer(taking), Layer.effectDiscard(Effect.void))),
          scope,
        ).pipe(Effect.flatMap((context) => Effect.provide(Deploy.apply(), context)))
        yield* cleo.slash("general", "taking", {})
        yield* Effect.sleep("1 second")
        const question = yield* cleo.message("general", ({ content }) => content === "Press")
        const turn = yield* cleo.press(question.id, "Go")
        yield* Effect.sleep("500 millis")
        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep("1 minute")
        return turn.state()._tag
      }).pipe(Effect.provide(Sandbox.layer())),
    )
    expect(outcome.exit).toEqual(Exit.succeed("Acknowledged"))
  })

  it("from somebody else leads to the route behind the button, if there is one", () => {
    const open = Route.make("open", { on: "button" }, () => Effect.succeed(Reply.text("for all")))
    const card = Command.make("card", { description: "d" }, (_, { show, user }) =>
      Effect.gen(function* () {
        const id = yield* Route.customId(open, undefined, {})
        const shown = yield* show(Reply.make({ content: "Press", components: [row(id, "Go")] }))
        const press = yield* Wait.next(Wait.component({ messageId: shown.messageId, userId: user.id }), {
          within: "5 minutes",
        })
        yield* press.response.update(Reply.text("taken"))
        return Reply.silent
      }).pipe(Effect.orDie),
    )
    return virtually(
      Layer.merge(Command.layer(card), Route.layer(open)),
      Effect.gen(function* () {
        yield* run("card", 1_000)
        const cleo = yield* actor("cleo")
        const dan = yield* actor("dan")
        const [message] = yield* cleo.history("general")
        yield* dan.press(message!.id, "Go")
        yield* Effect.sleep("1 second")
        expect(yield* screen("dan")).toEqual(["Press", "for all"])
        yield* cleo.press(message!.id, "Go")
        yield* Effect.sleep("1 second")
        expect(yield* screen("cleo")).toEqual(["taken", "for all"])
      }),
    )
  })

  it("and was answered by its own finish cannot carry the call any more", () =>
    virtually(
      Command.layer(
        Command.make("finished", { description: "d" }, (_, { adopt, show }) =>
          Effect.gen(function* () {
            yield* show(Reply.make({ content: "Press", components: [row("w1.finished", "Go")] }))
            const press = yield* Wait.next(Wait.component({ customId: "w1.finished" }), {
              within: "5 minutes",
            })
            press.response.finish(Reply.text("pressed"), () => {})
            adopt(press)
            return Reply.text("done")
          }).pipe(Effect.orDie),
        ),
      ),
      Effect.gen(function* () {
        yield* run("finished", 1_000)
        const cleo = yield* actor("cleo")
        const [message] = yield* cleo.history("general")
        yield* cleo.press(message!.id, "Go")
        yield* Effect.sleep("1 minute")
        expect((yield* screen("cleo")).toSorted()).toEqual(["Press", "done", "pressed"])
        expect(yield* (yield* Supervisor).roster).toEqual([])
      }),
    ))
})

describe("a failure that the person is told was reported", () => {
  it("is in the log, with what Discord refused", async () => {
    const lines: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => {
      lines.push(String(message))
    })
    await virtually(
      Layer.provide(
        Command.layer(
          Command.make("long", { description: "d" }, (_, { show }) =>
            Effect.as(show(Reply.text("x".repeat(2_100))), Reply.silent),
          ),
        ),
        Logger.replace(Logger.defaultLogger, logger),
      ),
      run("long", MINUTE),
    )
    expect(lines.join("\n")).toMatch(/long failed: InvalidForm: .*content/u)
  })
})

describe("the observer of outcomes", () => {
  it("hears of each once, and does no harm where it throws", async () => {
    const heard: Array<string> = []
    await virtually(
      Command.layer(
        Command.make("slow", { description: "d" }, () =>
          Effect.as(Effect.sleep("1 second"), Reply.text("done")),
        ),
      ),
      Effect.gen(function* () {
        yield* run("slow", MINUTE)
        expect(yield* screen("cleo")).toEqual(["done"])
        expect(yield* (yield* Supervisor).roster).toEqual([])
      }),
      {
        onOutcome: ({ outcome }) => {
          heard.push(outcome)
          throw new Error("an observer's bug")
        },
      },
    )
    expect(heard).toEqual(["completed"])
  })
})
