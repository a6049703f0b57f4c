import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Place from "../../src/conversation/Place.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Stage from "./Stage.js"

const minute = { within: "1 minute" } as const

/** The newest thread of the guild. */
const threadOf = ({ sandbox }: Stage.Stage) =>
  Effect.suspend(() => {
    const threads = [...sandbox.world.channels.values()].filter(({ thread }) => thread !== null)
    return Effect.fromNullable(threads.at(-1))
  }).pipe(Effect.retry({ times: 200, schedule: Stage.often }), Effect.orDie)

const say = (text: string) => Effect.flatMap(Interaction, (interaction) => interaction.show(Reply.text(text)))

describe("Place.thread", () => {
  const apply = Effect.gen(function* () {
    yield* say("Go on in the thread.")
    const place = yield* Place.thread({ name: "Application", private: true, autoArchive: "1 hour" })
    const answers = yield* Place.at(place)(
      Effect.all({
        age: Prompt.number("How old are you?", { ...minute, integer: true }),
        sure: Prompt.confirm("Sure?", minute),
        why: Prompt.text("Why?", { ...minute, by: "modal" }),
      }),
    )
    yield* Place.close(place)
    return answers
  })

  it("holds the conversation there, and gives the outcome where it began", () =>
    Stage.play(apply, (stage) =>
      Effect.gen(function* () {
        const { ada, modal, sandbox, seen, shows } = stage
        const thread = yield* threadOf(stage)
        expect(thread.type).toBe(12)
        expect(thread.thread?.members.has(ada.user.id)).toBe(true)
        yield* shows("How old are you?", thread.id)
        yield* ada.say("general", "17")
        yield* ada.say(thread.id, "forty")
        yield* shows("⚠ Your answer must be a whole number.", thread.id)
        yield* ada.say(thread.id, "40")
        yield* ada.press((yield* shows("Sure?", thread.id)).id, "Yes")
        yield* ada.press((yield* shows("Why?", thread.id)).id, "Answer")
        yield* ada.submit(yield* modal, { answer: "The sea" })
        expect(yield* seen()).toEqual(["Go on in the thread.", 'Got {"age":40,"sure":true,"why":"The sea"}'])
        expect(yield* seen(thread.id)).toEqual(["How old are you?\n— 40", "Sure?\n— Yes", "Why?\n— answered"])
        expect(sandbox.world.channels.get(thread.id)?.thread).toMatchObject({ archived: true, locked: true })
      }),
    ))

  it("ends where the thread is deleted", () =>
    Stage.play(apply, (stage) =>
      Effect.gen(function* () {
        const thread = yield* threadOf(stage)
        yield* stage.shows("How old are you?", thread.id)
        Guilds.removeChannel(stage.sandbox.world, thread)
        expect(yield* stage.outcome).toBe("failed")
        expect(yield* stage.seen()).toEqual([
          "Go on in the thread.",
          "(private) The place where I was waiting for you is gone.",
        ])
      }),
    ))

  it("is cancelled by the word there, not by the word elsewhere", () =>
    Stage.play(apply, (stage) =>
      Effect.gen(function* () {
        const thread = yield* threadOf(stage)
        yield* stage.shows("How old are you?", thread.id)
        yield* stage.ada.say("general", "cancel")
        yield* Effect.sleep("1 second")
        expect(stage.outcomes()).toBe(0)
        yield* stage.ada.say(thread.id, "cancel")
        expect(yield* stage.outcome).toBe("cancelled")
        expect(yield* stage.seen(thread.id)).toEqual(["How old are you?\nCancelled."])
      }),
    ))

  it("says what the bot lacks to start one", () =>
    Stage.play(
      apply,
      ({ outcome, seen }) =>
        Effect.gen(function* () {
          expect(yield* outcome).toBe("failed")
          expect((yield* seen()).at(-1)).toBe("(private) I lack the permission for that here.")
        }),
      {
        before: ({ faults }) =>
          Effect.sync(() =>
            faults.answerNext({
              path: /\/threads$/u,
              status: 403,
              body: { code: 50013, message: "Missing Permissions" },
            }),
          ),
      },
    ))

  it("leaves no thread open that the person could not be taken into", () =>
    Stage.play(
      apply,
      (stage) =>
        Effect.gen(function* () {
          expect(yield* stage.outcome).toBe("failed")
          expect((yield* threadOf(stage)).thread).toMatchObject({ archived: true })
        }),
      {
        before: ({ faults }) =>
          faults.answerNext({
            method: "PUT",
            path: /thread-members/u,
            status: 403,
            body: { code: 50013, message: "Missing Permissions" },
          }),
      },
    ))
})

describe("Place.dm", () => {
  const letter = Effect.gen(function* () {
    yield* say("I write to you.")
    const place = yield* Place.dm(Reply.text("Hello!"))
    return yield* Place.at(place)(Prompt.text("Which boat?", minute))
  })

  it("asks in direct messages", () =>
    Stage.play(letter, ({ ada, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("Which boat?", "dm")
        yield* ada.say("dm", "Elly")
        expect(yield* seen("dm")).toEqual(["Hello!", "Which boat?\n— Elly"])
        expect(yield* seen()).toEqual(["I write to you.", 'Got "Elly"'])
      }),
    ))

  it("fails at once where the person accepts none, so that another place can be taken", () =>
    Stage.play(
      Effect.catchTag(letter, "CannotMessageUser", () => Prompt.text("Which boat, here?", minute)),
      ({ ada, sandbox, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("Which boat, here?")
          yield* ada.say("general", "Elly")
          expect(yield* seen()).toEqual(["I write to you.", "Which boat, here?\n— Elly", 'Got "Elly"'])
          expect(sandbox.pendingRequests()).toBe(0)
        }),
      { before: ({ actor }) => Effect.flatMap(Effect.orDie(actor("ada")), (ada) => ada.closeDms(true)) },
    ))
})

describe("a conversation that outlasts the interaction's token", () => {
  it("goes on by channel messages", () =>
    Stage.play(
      Effect.all([
        Prompt.confirm("First?", { within: "20 minutes" }),
        Prompt.text("Second?", { within: "20 minutes" }),
        Prompt.confirm("Third?", { within: "20 minutes" }),
      ]),
      ({ ada, outcome, question, seen, shows }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          yield* Effect.sleep("16 minutes")
          yield* ada.press(id, "Yes")
          yield* shows("Second?")
          yield* Effect.sleep("18 minutes")
          yield* ada.say("general", "Elly")
          yield* shows("Third?")
          yield* Effect.sleep("20 minutes")
          expect(yield* outcome).toBe("timed_out")
          const all = yield* seen()
          expect(all.slice(0, 3)).toEqual(["First?\n— Yes", "Second?\n— Elly", "Third?\nTimed out."])
          expect(yield* seen("dm")).toEqual(["That took too long, so I stopped waiting."])
        }),
      { deadline: "2 hours" },
    ))

  it("takes away what it asked before the token's end", () =>
    Stage.play(
      Prompt.text("First?", { within: "20 minutes" }),
      ({ outcome, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("First?")
          yield* Effect.sleep("20 minutes")
          expect(yield* outcome).toBe("timed_out")
          expect(yield* seen()).toEqual(["First?\nTimed out."])
        }),
      { deadline: "1 hour" },
    ))

  it("ends with its command's deadline, and its question says so", () =>
    Stage.play(
      Prompt.confirm("First?", { within: "2 hours" }),
      ({ outcome, question, seen }) =>
        Effect.gen(function* () {
          yield* question()
          yield* Effect.sleep("1 hour")
          expect(yield* outcome).toBe("timed_out")
          expect(yield* seen()).toEqual(["First?\nTimed out."])
        }),
      { deadline: "1 hour" },
    ))
})
