import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Prompt from "../../src/conversation/Prompt.js"
import type * as Actor from "../../src/sandbox/people/Actor.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import { Waits } from "../../src/wait/Waits.js"
import * as Stage from "./Stage.js"

const WITHIN = 30_000

const sure = Prompt.confirm("Sure?", { within: WITHIN })

/** Ends the command, or one of its waits, as an admin would. */
const cancelTask = (kind: "command" | "wait") =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const task = (yield* supervisor.roster).find((one) => one.kind === kind)
    if (task !== undefined) yield* supervisor.cancel(task.id, "admin")
  })

const shutdown = Effect.flatMap(Supervisor, (supervisor) => supervisor.drain(0))

/** Every answer of Discord's takes so many milliseconds. */
const slow =
  (millis: number) =>
  ({ faults }: Stage.Stage["sandbox"]) =>
    Effect.sync(() => faults.delayAnswers(millis))

describe("a question", () => {
  it("times out, and says so in place of its buttons", () =>
    Stage.play(sure, ({ outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* question()
        yield* Effect.sleep(WITHIN)
        expect(yield* outcome).toBe("timed_out")
        expect(yield* seen()).toEqual([
          "Sure?\nTimed out.",
          "(private) That took too long, so I stopped waiting.",
        ])
      }),
    ))

  it("is cancelled by its button", () =>
    Stage.play(sure, ({ ada, outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.press((yield* question()).id, "Cancel")
        expect(yield* outcome).toBe("cancelled")
        expect(yield* seen()).toEqual(["Sure?\nCancelled.", "(private) Cancelled."])
      }),
    ))

  it.each(["cancel", " Cancel ", "CANCEL"])("is cancelled by the word: %j", (word) =>
    Stage.play(sure, ({ ada, cleo, outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* question()
        yield* cleo.say("general", word)
        yield* Effect.sleep("1 second")
        yield* ada.say("general", word)
        expect(yield* outcome).toBe("cancelled")
        expect((yield* seen())[0]).toBe("Sure?\nCancelled.")
      }),
    ),
  )

  it.each(["command", "wait"] as const)("is cancelled by an admin, who ends the %s", (kind) =>
    Stage.play(sure, ({ outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* question()
        yield* cancelTask(kind)
        expect(yield* outcome).toBe("cancelled")
        expect(yield* seen()).toEqual([
          "Sure?\nStopped by an administrator.",
          "(private) This was stopped by an administrator.",
        ])
      }),
    ),
  )

  it("says that the bot is restarted", () =>
    Stage.play(sure, ({ outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* question()
        yield* shutdown
        expect(yield* outcome).toBe("cancelled")
        expect((yield* seen())[0]).toBe("Sure?\nStopped: I am being restarted.")
      }),
    ))

  it("ends with the message that it is", () =>
    Stage.play(sure, ({ ada, outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.deleteMessage((yield* question()).id)
        expect(yield* outcome).toBe("failed")
        expect(yield* seen()).toEqual(["(private) The place where I was waiting for you is gone."])
      }),
    ))

  it("is told to somebody else that it is not theirs, and goes on", () =>
    Stage.play(sure, ({ ada, cleo, question, seen }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        const turn = yield* cleo.press(id, "Yes")
        const state = yield* turn.settled
        expect(state._tag === "Responded" && state.messages[0]?.content).toBe("That is for somebody else.")
        yield* ada.press(id, "No")
        expect((yield* seen()).at(-1)).toBe("Got false")
      }),
    ))

  it("takes an answer that is there before Discord has told of the question", () =>
    Stage.play(
      sure,
      ({ ada, question, seen }) =>
        Effect.gen(function* () {
          yield* ada.press((yield* question()).id, "Yes")
          expect(yield* seen()).toEqual(["Sure?\n— Yes", "Got true"])
        }),
      { before: slow(1_500) },
    ))

  it("takes no time from the person while Discord is slow", () =>
    Stage.play(
      sure,
      ({ ada, question, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          yield* Effect.sleep(WITHIN + 1_000)
          yield* ada.press(id, "Yes")
          expect((yield* seen())[0]).toBe("Sure?\n— Yes")
        }),
      { before: slow(1_500) },
    ))

  it("keeps nobody from stopping the bot: whoever waits for a person is not busy", () =>
    Stage.play(sure, ({ ada, question }) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor
        const { id } = yield* question()
        yield* Effect.sleep("1 second")
        expect(supervisor.busy()).toBe(0)
        expect((yield* supervisor.roster).find(({ kind }) => kind === "command")?.state).toBe("waiting")
        yield* ada.press(id, "Yes")
      }),
    ))

  it("is pressed in vain once it is over", () =>
    Stage.play(sure, ({ ada, question }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        yield* ada.press(id, "Yes")
        // At the same moment: a double click.
        const again = yield* ada.press(id, "Yes")
        yield* Effect.sleep("10 seconds")
        expect(again.state()._tag).not.toBe("Failed")
      }),
    ))

  it("can be asked by a bot that gets no messages; then only its button cancels it", () =>
    Stage.play(
      sure,
      ({ ada, outcome, question, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          yield* ada.say("general", "cancel")
          yield* Effect.sleep("1 second")
          yield* ada.press(id, "Cancel")
          expect(yield* outcome).toBe("cancelled")
          expect((yield* seen())[0]).toBe("Sure?\nCancelled.")
        }),
      { bot: { messages: false } },
    ))

  it("is told by its press alone when it is answered: no second edit", () =>
    Stage.play(sure, ({ ada, question, sandbox, seen }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        const edits: Array<string> = []
        const stop = ada.observe((sight) => {
          if (sight._tag === "MessageEdited" && sight.message.id === id) edits.push(sight.message.content)
        })
        const turn = yield* ada.press(id, "Yes")
        yield* seen()
        stop()
        expect(edits).toEqual(["Sure?\n— Yes"])
        expect(turn.state()._tag).toBe("Responded")
        expect(sandbox.unansweredInteractions()).toBe(0)
      }),
    ))

  it("asked after a prefix message is answered in the same way", () =>
    Stage.play(
      sure,
      ({ ada, question, seen }) =>
        Effect.gen(function* () {
          yield* ada.press((yield* question()).id, "Yes")
          expect(yield* seen()).toEqual(["Sure?\n— Yes", "Got true"])
        }),
      { byMessage: true },
    ))

  it("whose closing fails is logged, and its outcome stays", () =>
    Stage.play(sure, ({ ada, outcome, question, sandbox, seen }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        sandbox.faults.answerNext({ method: "PATCH", status: 403, body: { code: 50013 }, times: 1 })
        yield* ada.say("general", "cancel")
        expect(yield* outcome).toBe("cancelled")
        yield* ada.deleteMessage(id)
        expect(yield* seen()).toEqual(["(private) Cancelled."])
      }),
    ))
})

// ---------------------------------------------------------------------------------------------------------
// All orders
// ---------------------------------------------------------------------------------------------------------

type Happening =
  | "answer"
  | "foreign"
  | "word"
  | "button"
  | "admin"
  | "adminWait"
  | "deletion"
  | "channel"
  | "shutdown"

/** What each leads to, where it comes first. */
const leadsTo: Readonly<Record<Exclude<Happening, "foreign">, string>> = {
  answer: "completed",
  word: "cancelled",
  button: "cancelled",
  admin: "cancelled",
  adminWait: "cancelled",
  deletion: "failed",
  channel: "failed",
  shutdown: "cancelled",
}

/** These end the command itself, also while an answer to something before is on its way. */
const hard: ReadonlySet<Happening> = new Set(["admin", "shutdown"])

const happening = fc.record({
  what: fc.constantFrom<Happening>(
    "answer",
    "answer",
    "foreign",
    "word",
    "button",
    "admin",
    "adminWait",
    "deletion",
    "channel",
    "shutdown",
  ),
  // Often at the deadline itself, or close to it.
  at: fc.oneof(
    fc.integer({ min: 10, max: WITHIN + 5_000 }),
    fc.integer({ min: WITHIN - 2, max: WITHIN + 2_010 }),
    fc.integer({ min: 10, max: 50 }),
  ),
})

const scenario = fc.record({
  kind: fc.constantFrom("confirm" as const, "text" as const),
  latency: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_500 })),
  happenings: fc.array(happening, { maxLength: 5 }),
  interleaving: fc.integer(),
})

const conversations = {
  confirm: sure,
  text: Prompt.text("Sure?", { within: WITHIN }),
}

describe("over all orders of what can happen, a question", () => {
  it(
    "ends once, in favour of what came first, with nothing left",
    () =>
      fc.assert(
        fc.asyncProperty(scenario, async ({ happenings, interleaving, kind, latency }) => {
          const turns: Array<{ readonly turn: Actor.Turn; readonly at: number }> = []
          let channelGoneAt = Infinity
          const { closing, outcome, outcomes } = await Stage.play<
            string | boolean,
            Prompt.Failure,
            Ended,
            unknown
          >(
            conversations[kind],
            (stage) =>
              Effect.gen(function* () {
                const { ada, cleo, sandbox } = stage
                const { channelId, id } = yield* stage.question()
                const press = (actor: typeof ada, label: string) =>
                  Effect.zipWith(actor.press(id, label), Clock.currentTimeMillis, (turn, at) => {
                    turns.push({ turn, at })
                  })
                const acts: Readonly<Record<Happening, Effect.Effect<unknown, unknown, Supervisor | Waits>>> =
                  {
                    answer: kind === "confirm" ? press(ada, "Yes") : ada.say("general", "Elly"),
                    foreign: kind === "confirm" ? press(cleo, "Yes") : cleo.say("general", "Mary"),
                    word: ada.say("general", "cancel"),
                    button: press(ada, "Cancel"),
                    admin: cancelTask("command"),
                    adminWait: cancelTask("wait"),
                    deletion: ada.deleteMessage(id),
                    channel: Effect.map(Clock.currentTimeMillis, (now) => {
                      const channel = sandbox.world.channels.get(channelId)
                      if (channel === undefined) return
                      channelGoneAt = now
                      Guilds.removeChannel(sandbox.world, channel)
                    }),
                    shutdown,
                  }
                yield* Effect.forEach(
                  happenings,
                  ({ at, what }) => Effect.ignore(Effect.delay(acts[what], at)),
                  { concurrency: "unbounded", discard: true },
                )
                const outcome = yield* stage.outcome
                yield* Effect.sleep("1 minute")
                const message = sandbox.world.channels.get(channelId)?.messages.get(id)
                return { outcome, outcomes: stage.outcomes(), closing: message?.content }
              }),
            { interleaving, before: slow(latency) },
          )
          expect(outcomes).toBe(1)
          expect(expected(happenings, latency)).toContain(outcome)
          if (closing !== undefined) expect(closing).toMatch(/\n(— |Timed out\.|Cancelled\.|Stopped)/u)
          for (const { at, turn } of turns) {
            // Discord takes no answer to a press any more whose channel is gone.
            if (channelGoneAt - at > 3_000) expect(turn.state()._tag).not.toBe("Failed")
          }
        }),
        {
          numRuns: 100,
          // A press on a question that is deleted at the same moment is answered all the same.
          examples: [
            [
              {
                kind: "confirm",
                latency: 1005,
                happenings: [
                  { what: "answer", at: 10 },
                  { what: "deletion", at: 10 },
                ],
                interleaving: -12,
              },
            ],
            // With the whole channel goes what its presses could be answered by; the question ends all the same.
            [
              {
                kind: "confirm",
                latency: 10,
                happenings: [
                  { what: "channel", at: 10 },
                  { what: "answer", at: 10 },
                ],
                interleaving: 0,
              },
            ],
          ],
        },
      ),
    60_000,
  )
})

describe("whatever Discord answers to it, a question", () => {
  const failure = fc.record({
    status: fc.constantFrom(400, 403, 404, 429, 500, 502),
    times: fc.integer({ min: 1, max: 5 }),
    carryOut: fc.boolean(),
  })

  it(
    "leads to one outcome, with no live button and nothing left",
    () =>
      fc.assert(
        fc.asyncProperty(
          failure,
          fc.option(fc.constantFrom("Yes", "Cancel", "cancel")),
          fc.integer(),
          async ({ status, times, ...canned }, answer, interleaving) => {
            // Of these Discord has done nothing.
            const carryOut = canned.carryOut && status >= 500
            const outcomes = await Stage.play(
              sure,
              (stage) =>
                Effect.gen(function* () {
                  const answered = Effect.gen(function* () {
                    const { id } = yield* stage.question()
                    if (answer === "cancel") yield* stage.ada.say("general", "cancel")
                    else if (answer !== null) yield* stage.ada.press(id, answer)
                  })
                  yield* Effect.fork(Effect.ignore(answered))
                  yield* stage.outcome
                  yield* Effect.sleep("1 minute")
                  return stage.outcomes()
                }),
              {
                interleaving,
                quiet: true,
                before: ({ faults }) =>
                  faults.answerNext({ path: "/callback", status, times, carryOut, body: { code: 0 } }),
              },
            )
            expect(outcomes).toBe(1)
          },
        ),
        { numRuns: 100 },
      ),
    60_000,
  )
})

interface Ended {
  readonly outcome: string
  readonly outcomes: number
  readonly closing: string | undefined
}

/**
 * The outcomes that are right. Times count from when Ada sees the question; Discord tells the bot of it `latency`
 * later, and each answer of its own takes as long.
 */
const expected = (
  happenings: ReadonlyArray<{ readonly what: Happening; readonly at: number }>,
  latency: number,
): ReadonlyArray<string> => {
  const deadline = latency + WITHIN
  const soft = happenings.flatMap(({ at, what }) =>
    what === "foreign" || hard.has(what) || at >= deadline ? [] : [{ at, outcome: leadsTo[what] }],
  )
  // What comes before the question is accepted is read together, then.
  const decided = Math.max(latency, Math.min(deadline, ...soft.map(({ at }) => at)))
  const first = soft.filter(({ at }) => at <= decided).map(({ outcome }) => outcome)
  const ended = Math.min(...happenings.filter(({ what }) => hard.has(what)).map(({ at }) => at))
  if (ended < decided) return ["cancelled"]
  const isClose = ended <= decided + 2 * latency + 10
  return [...(first.length > 0 ? first : ["timed_out"]), ...(isClose ? ["cancelled"] : [])]
}
