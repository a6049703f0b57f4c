import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Data, Deferred, Effect, FastCheck as fc } from "effect"
import * as example from "../../docs/examples/wizard.js"
import { InvalidDeclaration } from "../../src/conversation/ConversationError.js"
import * as Form from "../../src/conversation/Form.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Wizard from "../../src/conversation/Wizard.js"
import { flatten } from "../../src/sandbox/people/ComponentInput.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import { play, run, type Stage } from "./Stage.js"

class Closed extends Data.TaggedError("Closed") {
  readonly userText = "The harbour is closed."
}

const within = "2 minutes"
const application = Wizard.make("Application").pipe(
  Wizard.step("boat", Prompt.text("Which boat?", { within }), { label: "Boat" }),
  Wizard.step(
    "nights",
    ({ boat }) => Prompt.number(`How many nights for ${boat}?`, { within, min: 1, max: 14, integer: true }),
    { label: "Nights", show: (nights) => `${nights} nights` },
  ),
  Wizard.step("quay", Prompt.choice("Which quay?", ["north", "south"], { within })),
)

const say = (stage: Stage, question: string, answer: string) =>
  Effect.gen(function* () {
    yield* stage.shows(question)
    yield* stage.ada.say("general", answer)
  })
const live = (stage: Stage, text: string) =>
  stage.ada.message("general", ({ components, content }) => components.length > 0 && content.includes(text))
const press = (stage: Stage, question: string, label: string) =>
  Effect.gen(function* () {
    const { id } = yield* live(stage, question)
    yield* Effect.flatMap(stage.ada.press(id, label), (turn) => turn.settled)
  })
const answerAll = (stage: Stage) =>
  Effect.gen(function* () {
    yield* say(stage, "Which boat?", "Elly")
    yield* say(stage, "How many nights for Elly?", "3")
    yield* press(stage, "Which quay?", "north")
  })

describe("a wizard", () => {
  it("has the types of its steps", () => {
    class Full extends Data.TaggedError("Full") {}
    const wizard = Wizard.make("T").pipe(
      Wizard.step("a", Effect.succeed(1 as const)),
      Wizard.step("b", ({ a }) => (a > 0 ? Effect.succeed("x") : new Full())),
      Wizard.stepIf("c", ({ b }) => b === "x", Effect.succeed(true)),
    )
    expectTypeOf(wizard).toEqualTypeOf<
      Wizard.Wizard<{ readonly a: 1; readonly b: string; readonly c: boolean | undefined }, Full>
    >()
    // @ts-expect-error -- there is an `a` already
    expect(() => wizard.pipe(Wizard.step("a", Effect.succeed(2)))).toThrow("stands twice")
  })

  it("asks step by step, with progress, shows the answers, and gives them when they are sent", () =>
    play(Wizard.run(application, { within: "10 minutes" }), (stage) =>
      Effect.gen(function* () {
        expect((yield* stage.question()).content).toBe("-# Application · 1/3\nWhich boat?")
        yield* answerAll(stage)
        yield* press(stage, "Boat", "Send")
        expect(yield* stage.outcome).toBe("completed")
        expect(yield* stage.seen()).toEqual([
          "-# Application · 1/3\nWhich boat?\n— Elly",
          "-# Application · 2/3\nHow many nights for Elly?\n— 3",
          "-# Application · 3/3\nWhich quay?\n— north",
          "-# Application\n**Boat**: Elly\n**Nights**: 3 nights\n**quay**: north\n— Sent.",
          'Got {"boat":"Elly","nights":3,"quay":"north"}',
        ])
      }),
    ))

  it("tells what is wrong with an answer, and goes on", () =>
    play(Wizard.run(application, { within: "10 minutes", summary: false }), (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "Which boat?", "Elly")
        yield* say(stage, "How many nights", "many")
        const { content } = yield* stage.shows("⚠")
        expect(content).toBe(
          "-# Application · 2/3\nHow many nights for Elly?\n⚠ Your answer must be a whole number from 1 to 14.",
        )
        yield* stage.ada.say("general", "2")
        yield* press(stage, "Which quay?", "south")
        expect((yield* stage.seen()).at(-1)).toBe('Got {"boat":"Elly","nights":2,"quay":"south"}')
      }),
    ))

  it("goes back, asks that alone again, and goes on where it was", () =>
    play(Wizard.run(application, { within: "10 minutes", summary: false }), (stage) =>
      Effect.gen(function* () {
        const first = yield* stage.question()
        expect(flatten(first.components).map((one) => one["label"])).not.toContain("Back")
        yield* say(stage, "Which boat?", "Elly")
        yield* say(stage, "How many nights", "3")
        yield* press(stage, "Which quay?", "Back")
        yield* press(stage, "How many nights", "Back")
        yield* live(stage, "Which boat?")
        yield* stage.ada.say("general", "Mary")
        yield* press(stage, "Which quay?", "north")
        expect(yield* stage.outcome).toBe("completed")
        expect(yield* stage.seen()).toEqual([
          "-# Application · 1/3\nWhich boat?\n— Elly",
          "-# Application · 2/3\nHow many nights for Elly?\n— 3",
          "-# Application · 3/3\nWhich quay?\n— Back",
          "-# Application · 2/3\nHow many nights for Elly?\n— Back",
          "-# Application · 1/3\nWhich boat?\n— Mary",
          "-# Application · 3/3\nWhich quay?\n— north",
          'Got {"boat":"Mary","nights":3,"quay":"north"}',
        ])
      }),
    ))

  it("lets an answer be changed before the end", () =>
    play(Wizard.run(application, { within: "10 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* answerAll(stage)
        yield* press(stage, "3 nights", "Change")
        const { components, id } = yield* live(stage, "3 nights")
        const [select] = flatten(components).filter((one) => one["type"] === 3)
        yield* stage.ada.select(id, String(select?.["custom_id"]), ["Nights"])
        yield* live(stage, "How many nights")
        yield* stage.ada.say("general", "5")
        yield* press(stage, "5 nights", "Send")
        expect((yield* stage.seen()).at(-1)).toBe('Got {"boat":"Elly","nights":5,"quay":"north"}')
      }),
    ))

  it("goes on with the answers that were kept", async () => {
    const kept: Array<object> = []
    const options = {
      within: "10 minutes",
      onStep: (answers: object) => Effect.sync(() => kept.push(answers)),
    } as const
    await play(Wizard.run(application, options), (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "Which boat?", "Elly")
        yield* say(stage, "How many nights", "3")
        yield* press(stage, "Which quay?", "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
      }),
    )
    expect(kept).toEqual([{ boat: "Elly" }, { boat: "Elly", nights: 3 }])
    await play(Wizard.run(application, { ...options, answers: kept.at(-1) ?? {} }), (stage) =>
      Effect.gen(function* () {
        expect((yield* stage.question()).content).toBe("-# Application · 3/3\nWhich quay?")
        yield* press(stage, "Which quay?", "south")
        yield* press(stage, "3 nights", "Send")
        expect((yield* stage.seen()).at(-1)).toBe('Got {"boat":"Elly","nights":3,"quay":"south"}')
      }),
    )
    expect(kept).toHaveLength(3)
  })

  it("keeps no answer of a step that does not apply", async () => {
    const kept: Array<object> = []
    const wizard = Wizard.make("Stay").pipe(
      Wizard.step("sail", Prompt.confirm("Under sail?", { within })),
      Wizard.stepIf("mast", ({ sail }) => sail, Prompt.number("How high?", { within })),
      Wizard.step("name", Prompt.text("Which boat?", { within })),
    )
    const options = {
      within: "10 minutes",
      summary: false,
      onStep: (answers: object) => Effect.sync(() => kept.push(answers)),
    } as const
    await play(Wizard.run(wizard, options), (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "Under sail?", "No")
        yield* press(stage, "Which boat?", "Cancel")
      }),
    )
    expect(kept).toEqual([{ sail: false }])
    await play(Wizard.run(wizard, { ...options, answers: { sail: false } }), (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "Which boat?", "Back")
        yield* press(stage, "Under sail?", "Yes")
        yield* say(stage, "How high?", "12")
        yield* live(stage, "Which boat?")
        yield* stage.ada.say("general", "Elly")
        expect((yield* stage.seen()).at(-1)).toBe('Got {"sail":true,"mast":12,"name":"Elly"}')
      }),
    )
  })

  it("leaves out a step that does not apply, also on the way back", () => {
    const wizard = Wizard.make("Stay").pipe(
      Wizard.step("boat", Prompt.text("Which boat?", { within })),
      Wizard.stepIf("mast", ({ boat }) => boat !== "Dinghy", Prompt.number("How high?", { within })),
      Wizard.step("sure", Prompt.confirm("Sure?", { within })),
    )
    return play(Wizard.run(wizard, { within: "10 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "Which boat?", "Dinghy")
        expect((yield* live(stage, "Sure?")).content).toBe("-# Stay · 2/2\nSure?")
        yield* press(stage, "Sure?", "Back")
        yield* live(stage, "Which boat?")
        yield* stage.ada.say("general", "Elly")
        expect((yield* live(stage, "How high?")).content).toBe("-# Stay · 2/3\nHow high?")
        yield* stage.ada.say("general", "12")
        yield* press(stage, "Sure?", "Yes")
        yield* live(stage, "**mast**: 12")
        yield* press(stage, "**mast**: 12", "Back")
        yield* press(stage, "Sure?", "Back")
        yield* press(stage, "How high?", "Back")
        yield* live(stage, "Which boat?")
        yield* stage.ada.say("general", "Dinghy")
        const last = yield* live(stage, "**sure**: Yes")
        expect(last.content).not.toContain("mast")
        yield* press(stage, "**sure**: Yes", "Send")
        expect((yield* stage.seen()).at(-1)).toBe('Got {"boat":"Dinghy","sure":true}')
      }),
    )
  })

  it("holds forms and wizards as steps", () => {
    const size = Form.make("Size", { length: Form.integer("Length") })
    const inner = Wizard.make("Crew").pipe(Wizard.step("skipper", Prompt.text("Who steers?", { within })))
    const wizard = Wizard.make("Stay").pipe(
      Wizard.step("boat", Prompt.text("Which boat?", { within })),
      Wizard.step("size", Form.show(size, { within })),
      Wizard.step("crew", Wizard.run(inner, { within, summary: false })),
    )
    return play(Wizard.run(wizard, { within: "10 minutes", summary: false }), (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "Which boat?", "Elly")
        const { id } = yield* live(stage, "Size")
        const turn = yield* stage.ada.press(id, "Continue")
        const state = yield* turn.when(({ _tag }) => _tag === "ModalShown")
        if (state._tag !== "ModalShown") return
        yield* stage.ada.submit(state.modal, { length: "12" })
        // The way out of the inner wizard is the way back in the outer one.
        yield* press(stage, "Who steers?", "Back")
        const again = yield* live(stage, "-# Stay · 2/3")
        const second = yield* stage.ada.press(again.id, "Continue")
        const opened = yield* second.when(({ _tag }) => _tag === "ModalShown")
        if (opened._tag !== "ModalShown") return
        yield* stage.ada.submit(opened.modal, { length: "13" })
        yield* live(stage, "Who steers?")
        yield* stage.ada.say("general", "Ada")
        expect((yield* stage.seen()).at(-1)).toBe(
          'Got {"boat":"Elly","size":{"length":13},"crew":{"skipper":"Ada"}}',
        )
      }),
    )
  })

  it("ends at the deadline of all, which its question says", () =>
    play(Wizard.run(application, { within: "3 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* stage.question()
        yield* Effect.sleep("110 seconds")
        yield* say(stage, "Which boat?", "Elly")
        yield* Effect.sleep("71 seconds")
        expect(yield* stage.outcome).toBe("timed_out")
        expect((yield* stage.seen())[1]).toMatch(/Elly\?\nTimed out\.$/u)
      }),
    ))

  it("counts an answer in time also where its question takes until after the deadline to show it", () => {
    const sure = Prompt.confirm("Sure?", { within: "1 minute" })
    const inner = Wizard.make("Inner").pipe(Wizard.step("sure", sure))
    const wizards = [
      Wizard.make("Stay").pipe(Wizard.step("sure", sure)),
      Wizard.make("Stay").pipe(Wizard.step("all", Wizard.run(inner, { within, summary: false }))),
    ]
    return Promise.all(
      wizards.map((wizard) =>
        play(
          Wizard.run<object, unknown, never>(wizard as never, {
            within: "1 minute",
            summary: false,
          }) as never,
          (stage) =>
            Effect.gen(function* () {
              const { id } = yield* stage.question()
              yield* Effect.sleep("59 seconds")
              stage.sandbox.faults.delayAnswers(4_000)
              yield* stage.ada.press(id, "Yes")
              expect(yield* stage.outcome).toBe("completed")
              stage.sandbox.faults.clear()
            }),
        ),
      ),
    )
  })

  it("sends what was sent in time, however slowly Discord shows it", () =>
    play(
      Wizard.run(Wizard.make("Stay").pipe(Wizard.step("a", Effect.succeed(1))), { within: "1 minute" }),
      (stage) =>
        Effect.gen(function* () {
          const { id } = yield* stage.question()
          yield* Effect.sleep("59 seconds")
          stage.sandbox.faults.delayAnswers(4_000)
          yield* stage.ada.press(id, "Send")
          expect(yield* stage.outcome).toBe("completed")
          expect((yield* stage.seen())[0]).toMatch(/— Sent\.$/u)
        }),
    ))

  it("shows something of every answer in the summary, however long they are", () => {
    let wizard: Wizard.Wizard<object> = Wizard.make("Long")
    for (let n = 0; n < 25; n++)
      wizard = wizard.pipe(
        Wizard.step(`s${n}`, Effect.succeed(n === 3 ? "short" : "🚤".repeat(150)), {
          label: `${n}${"l".repeat(98)}`,
        }),
      )
    return play(Wizard.run(wizard, { within, summary: "All well?" }), (stage) =>
      Effect.gen(function* () {
        const { content } = yield* stage.question()
        const [title, heading, ...lines] = content.split("\n")
        expect([title, heading]).toEqual(["-# Long", "All well?"])
        expect(lines.map((line) => /^\*\*(\d+)l+…\*\*: (?:(?:🚤)+…|short)$/u.exec(line)?.[1])).toEqual(
          lines.map((_, n) => String(n)),
        )
        expect(lines).toHaveLength(25)
        yield* stage.ada.press((yield* stage.question()).id, "Cancel")
        yield* stage.outcome
      }),
    )
  })

  it("gives the room that short answers leave to the long ones", () =>
    play(
      Wizard.run(
        Wizard.make("Long").pipe(
          Wizard.step("a", Effect.succeed("x".repeat(3_000)), { show: String }),
          Wizard.step("b", Effect.succeed("short")),
          Wizard.step("c", Effect.succeed(`${"y".repeat(890)}<@123456789012345678> and more`), {
            show: String,
          }),
        ),
        { within },
      ),
      (stage) =>
        Effect.gen(function* () {
          const { content, id } = yield* stage.question()
          const [, a = "", b, c = ""] = content.split("\n")
          expect([a.length > 870, b, c]).toEqual([true, "**b**: short", expect.stringMatching(/y…$/u)])
          expect(content.length).toBeLessThanOrEqual(1_900)
          yield* stage.ada.press(id, "Cancel")
          yield* stage.outcome
        }),
    ))

  it("can still be sent after a press on Change", () =>
    play(Wizard.run(Wizard.make("Stay").pipe(Wizard.step("a", Effect.succeed(1))), { within }), (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "**a**", "Change")
        yield* press(stage, "**a**", "Send")
        expect(yield* stage.outcome).toBe("completed")
      }),
    ))

  it("offers no Change where no step applies", () =>
    play(
      Wizard.run(Wizard.make("Stay").pipe(Wizard.stepIf("a", () => false, Effect.succeed(1))), { within }),
      (stage) =>
        Effect.gen(function* () {
          const { components, id } = yield* stage.question()
          expect(flatten(components).flatMap((one) => one["label"] ?? [])).toEqual(["Send", "Cancel"])
          yield* stage.ada.press(id, "Send")
          expect(yield* stage.outcome).toBe("completed")
        }),
    ))

  it.each([
    [undefined, true],
    [false, false],
  ])("shows no channel what was asked privately, unless it is said so (%s)", (ephemeral, isPrivate) => {
    const asked = Prompt.confirm("Sure?", { within, ephemeral: true })
    const inner = Wizard.make("Inner").pipe(Wizard.step("sure", asked))
    const wizard = Wizard.make("Stay").pipe(
      Wizard.step("all", Wizard.run(inner, { within, summary: false })),
      Wizard.step("b", Prompt.confirm("Openly?", { within })),
    )
    return play(Wizard.run(wizard, ephemeral === undefined ? { within } : { within, ephemeral }), (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "Sure?", "Yes")
        yield* press(stage, "Openly?", "Yes")
        const { ephemeralFor } = yield* live(stage, "**b**")
        expect(ephemeralFor !== null).toBe(isPrivate)
        yield* press(stage, "**b**", "Send")
        expect(yield* stage.outcome).toBe("completed")
      }),
    )
  })

  it("ends at the deadline of a step that asks nothing", () => {
    const wizard = Wizard.make("Stay").pipe(Wizard.step("tide", Effect.never, { within: "30 seconds" }))
    return play(Wizard.run(wizard, { within: "3 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* Effect.sleep("29 seconds")
        expect(stage.outcomes()).toBe(0)
        yield* Effect.sleep("3 seconds")
        expect(yield* stage.outcome).toBe("timed_out")
      }),
    )
  })

  it("fails with what a step or the hook fails with", async () => {
    const closed = Wizard.make("Stay").pipe(Wizard.step("tide", new Closed()))
    await play(Wizard.run(closed, { within }), (stage) =>
      Effect.gen(function* () {
        expect(yield* stage.outcome).toBe("failed")
        expect(yield* stage.seen()).toEqual(["(private) The harbour is closed."])
      }),
    )
    await play(Wizard.run(application, { within, onStep: () => new Closed() }), (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "Which boat?", "Elly")
        expect(yield* stage.outcome).toBe("failed")
      }),
    )
  })

  it.each<[string, () => unknown]>([
    ["no title", () => Wizard.make("")],
    ["a title of 101", () => Wizard.make("x".repeat(101))],
    [
      "a label of 101",
      () => Wizard.make("T").pipe(Wizard.step("a", Effect.void, { label: "x".repeat(101) })),
    ],
    [
      "26 steps",
      () => {
        let wizard: Wizard.Wizard<object> = Wizard.make("T")
        for (let n = 0; n < 26; n++) wizard = wizard.pipe(Wizard.step(`s${n}`, Effect.void))
      },
    ],
  ])("refuses %s", (_, make) => {
    expect(make).toThrow(InvalidDeclaration)
  })

  it("refuses to run without a step, also without a summary", async () => {
    for (const options of [{ within }, { within, summary: false }] as const)
      await play(
        Wizard.run(Wizard.make("Nothing"), options).pipe(
          Effect.catchAllDefect((defect) => Effect.succeed(String(defect))),
        ),
        (stage) =>
          Effect.gen(function* () {
            expect((yield* stage.seen()).at(-1)).toContain('wizard \\"Nothing\\": has no steps')
          }),
      )
  })

  it("shows its title once, and what is to stand above the answers", () =>
    play(
      Wizard.run(Wizard.make("Survey").pipe(Wizard.step("a", Effect.succeed(1))), {
        within,
        summary: "All well?",
      }),
      (stage) =>
        Effect.gen(function* () {
          expect((yield* live(stage, "All well?")).content).toBe("-# Survey\nAll well?\n**a**: 1")
          yield* press(stage, "All well?", "Send")
        }),
    ))
})

// ---------------------------------------------------------------------------------------------------------
// Whatever happens, in whatever order
// ---------------------------------------------------------------------------------------------------------

type Happening =
  | "answer"
  | "invalid"
  | "foreign answer"
  | "foreign press"
  | "back"
  | "word"
  | "button"
  | "deleted"
  | "admin"
  | "shutdown"
  | "crash"
  | "nothing"

const happenings = (pauses: ReadonlyArray<number>) =>
  fc.array(
    fc.record({
      what: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Happening>("answer") },
        { weight: 1, arbitrary: fc.constant<Happening>("back") },
        {
          weight: 2,
          arbitrary: fc.constantFrom<Happening>("invalid", "foreign answer", "foreign press", "nothing"),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Happening>("word", "button", "deleted", "admin", "shutdown", "crash"),
        },
      ),
      /** Milliseconds before it. Some make it meet the deadline of a question. */
      after: fc.constantFrom(...pauses),
    }),
    { maxLength: 12 },
  )

/** Two steps of one minute each, and a summary, in three minutes. */
const short = Wizard.make("Short").pipe(
  Wizard.step("name", Prompt.text("Name?", { within: "1 minute", max: 10 })),
  Wizard.step("sure", Prompt.confirm("Sure?", { within: "1 minute" })),
)

const happen = (stage: Stage, what: Happening) =>
  Effect.gen(function* () {
    const { ada, cleo } = stage
    const question = (yield* ada.history("general")).findLast(({ components }) => components.length > 0)
    const pressed = (who: typeof ada, ...labels: ReadonlyArray<string>) =>
      question === undefined
        ? Effect.void
        : Effect.forEach(labels, (label) => Effect.ignore(who.press(question.id, label)))
    switch (what) {
      case "answer":
        yield* pressed(ada, "Yes", "Send")
        return yield* ada.say("general", "Elly")
      case "invalid":
        return yield* ada.say("general", "much too long for a name")
      case "foreign answer":
        return yield* cleo.say("general", "Mary")
      case "foreign press":
        return yield* pressed(cleo, "Yes", "Send", "Cancel", "Back")
      case "back":
        return yield* pressed(ada, "Back")
      case "word":
        return yield* ada.say("general", " CANCEL")
      case "button":
        return yield* pressed(ada, "Cancel")
      case "deleted":
        return question === undefined ? undefined : yield* ada.deleteMessage(question.id)
      case "admin": {
        const supervisor = yield* Supervisor
        const [task] = (yield* supervisor.roster).filter(({ kind }) => kind === "command")
        return task === undefined ? undefined : yield* supervisor.cancel(task.id, "admin")
      }
      case "shutdown":
        return yield* Effect.flatMap(Supervisor, ({ drain }) => drain(0))
      case "crash":
      case "nothing":
    }
  })

/** Plays what happens, and gives the outcome. */
const ending = (
  all: ReadonlyArray<{ readonly what: Happening; readonly after: number }>,
  latency: number,
  interleaving: number,
) => {
  const crash = Effect.runSync(Deferred.make<never>())
  return play(
    Effect.raceFirst(Wizard.run(short, { within: "3 minutes" }), Deferred.await(crash)),
    (stage) =>
      Effect.gen(function* () {
        for (const { after, what } of all) {
          yield* Effect.sleep(after)
          if (what === "crash") yield* Deferred.die(crash, new Error("on purpose"))
          yield* Effect.ignore(happen(stage, what))
        }
        yield* Effect.sleep("5 minutes")
        expect(stage.outcomes()).toBe(1)
        return yield* stage.outcome
      }),
    { interleaving, before: ({ faults }) => Effect.sync(() => faults.delayAnswers(latency)) },
  )
}

it(
  "ends once and leaves nothing, whatever happens at whatever moment, with any latency",
  () =>
    fc.assert(
      fc.asyncProperty(
        happenings([0, 0, 1, 900, 30_000, 59_999, 60_000]),
        fc.constantFrom(0, 50, 1_500),
        fc.nat(),
        async (all, latency, interleaving) => {
          const did = (...what: ReadonlyArray<Happening>) => all.some((one) => what.includes(one.what))
          expect([
            "timed_out",
            ...(did("answer") ? ["completed"] : []),
            ...(did("word", "button", "admin", "shutdown") ? ["cancelled"] : []),
            ...(did("deleted") ? ["failed"] : []),
            ...(did("crash") ? ["died"] : []),
          ]).toContain(await ending(all, latency, interleaving))
        },
      ),
      { numRuns: 40 },
    ),
  60_000,
)

/** What the wizard is said to do, without any of what it does it with. */
const expected = (
  all: ReadonlyArray<{ readonly what: Happening; readonly after: number }>,
): ReadonlyArray<string> => {
  const answered = new Set<number>()
  let [now, at, due] = [0, 0, 60_000]
  const turnTo = (step: number): void => {
    at = step
    due = step === 2 ? 180_000 : Math.min(180_000, now + 60_000)
  }
  for (const { after, what } of all) {
    now += after
    const ends = endsWith(what)
    // The deadline wins a tie against the person; against all others whichever comes first.
    if (now >= due)
      return now === due && what !== "word" && what !== "button" ? [timedOut, ...ends] : [timedOut]
    if (ends.length > 0) return ends
    if (what === "back" && at > 0) turnTo(at - 1)
    if (what !== "answer") continue
    if (at === 2) return ["completed"]
    answered.add(at)
    turnTo(at === 0 && !answered.has(1) ? 1 : 2)
  }
  return [timedOut]
}

const timedOut = "timed_out"

/** What everything ends with that ends it at once. */
const endsWith = (what: Happening): ReadonlyArray<string> => {
  switch (what) {
    case "word":
    case "button":
    case "admin":
    case "shutdown":
      return ["cancelled"]
    case "deleted":
      return ["failed"]
    case "crash":
      return ["died"]
    default:
      return []
  }
}

it(
  "ends as it is said to, where everybody waits for the other",
  () =>
    fc.assert(
      fc.asyncProperty(
        happenings([1, 900, 20_000, 59_000, 59_999, 60_000]),
        fc.nat(),
        async (all, interleaving) => {
          expect(expected(all)).toContain(await ending(all, 0, interleaving))
        },
      ),
      { numRuns: 60 },
    ),
  60_000,
)

describe("the example", () => {
  const fill = (stage: Stage, values: Record<string, string | ReadonlyArray<string>>) =>
    Effect.gen(function* () {
      yield* press(stage, "The hull", "Continue")
      yield* stage.ada.submit(yield* stage.modal, values)
    })

  it("takes an application, and goes on where it was stopped", () =>
    run(example.layer, "apply", (stage) =>
      Effect.gen(function* () {
        yield* say(stage, "What is she called?", "*Elly*")
        yield* fill(stage, { length: "12", kind: ["Sailing boat"], remarks: "" })
        yield* press(stage, "mast", "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
        yield* stage.ada.slash("general", "apply", {})
        yield* live(stage, "mast")
        yield* stage.ada.say("general", "14")
        yield* press(stage, "**Mast**: 14", "Send")
        const all = yield* stage.seen()
        expect(all.at(-1)).toBe("Thank you. We shall write to \\*Elly\\*.")
        expect(all.at(-2)).toContain(
          "**Name**: \\*Elly\\*\n**Hull**: 12 m, under sail\n**Mast**: 14\n— Sent.",
        )
      }),
    ))

  it("shows the desk", () =>
    run(example.layer, "berths", (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "0 applications.", "Rules")
        yield* press(stage, "No parrots.", "Menu")
        yield* press(stage, "0 applications.", "List")
        yield* stage.shows("There is nothing to show.")
        yield* press(stage, "0 applications.", "Done")
        expect((yield* stage.seen()).at(-1)).toBe("Good night.")
      }),
    ))
})
