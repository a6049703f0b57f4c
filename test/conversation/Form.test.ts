import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Schema } from "effect"
import { InvalidDeclaration } from "../../src/conversation/ConversationError.js"
import * as Form from "../../src/conversation/Form.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import type { State } from "../../src/sandbox/world/Interactions.js"
import type { Modal } from "../../src/sandbox/world/View.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import { play, type Stage } from "./Stage.js"

const BoatName = Schema.String.pipe(
  Schema.filter((name) => !/\d/u.test(name), { message: () => "a name without digits" }),
  Schema.brand("BoatName"),
)

const boat = Form.make("A boat", {
  name: Form.text("Name", { max: 32 }).pipe(Form.decode(BoatName)),
  length: Form.integer("Length in metres", { min: 1, max: 60 }),
  kind: Form.choice("Kind", { "Sailing boat": "sail", "Motor boat": "motor" }),
  remarks: Form.text("Remarks", { multiline: true }).pipe(Form.optional),
})

const valid = { name: "Elly", length: "12", kind: ["sail"], remarks: "" }

const decode = <A>(form: Form.Form<A>, given: Form.Given) => Effect.runSync(Effect.either(form.decode(given)))

/** The modal that a press or command has opened. */
const modalOf = (turn: { readonly when: (fits: (state: State) => boolean) => Effect.Effect<State> }) =>
  Effect.flatMap(
    turn.when((state) => state._tag === "ModalShown"),
    (state): Effect.Effect<Modal> =>
      state._tag === "ModalShown" ? Effect.succeed(state.modal) : Effect.die(state),
  )

/** What stands in a modal's fields. */
const filled = ({ components }: Modal): Record<string, unknown> =>
  Object.fromEntries(
    components.map((label) => {
      const field = label["component"] as Record<string, unknown>
      const options = (field["options"] ?? []) as ReadonlyArray<Record<string, unknown>>
      const chosen = options.filter((one) => one["default"] === true).map((one) => one["value"])
      return [field["custom_id"], field["value"] ?? chosen]
    }),
  )

const press = (stage: Stage, label: string) =>
  Effect.gen(function* () {
    const { content, id } = yield* stage.question()
    const turn = yield* stage.ada.press(id, label)
    return { content, modal: yield* modalOf(turn) }
  })

describe("a declaration", () => {
  it("gives typed values", () => {
    expectTypeOf(boat).toEqualTypeOf<
      Form.Form<{
        readonly name: string & import("effect").Brand.Brand<"BoatName">
        readonly length: number
        readonly kind: "sail" | "motor"
        readonly remarks: string | undefined
      }>
    >()
    expect(decode(boat, valid)).toEqual(
      Either.right({ name: "Elly", length: 12, kind: "sail", remarks: undefined }),
    )
  })

  it.each<[string, () => unknown, string]>([
    ["a long title", () => Form.make("x".repeat(46), { a: Form.text("A") }), "has 46"],
    ["no field", () => Form.make("T", {}), "1 to 5 fields, has 0"],
    [
      "six fields",
      () => Form.make("T", Object.fromEntries([..."abcdef"].map((name) => [name, Form.text(name)]))),
      "1 to 5 fields, has 6",
    ],
    ["a long label", () => Form.make("T", { a: Form.text("x".repeat(46)) }), 'field "a" → label'],
    ["no label", () => Form.make("T", { a: Form.text("") }), 'field "a" → label'],
    ["text that is too long", () => Form.make("T", { a: Form.text("A", { max: 4001 }) }), "1 to 4000"],
    ["a length from 5 to 3", () => Form.make("T", { a: Form.text("A", { min: 5, max: 3 }) }), "5 to 3"],
    ["no choice", () => Form.make("T", { a: Form.choice("A", []) }), "1 to 25 choices, has 0"],
    ["the same choice twice", () => Form.make("T", { a: Form.choice("A", [1, 1]) }), "same value"],
    [
      "the same label twice",
      () => Form.make("T", { a: Form.text("Boat"), b: Form.number("Boat") }),
      'field "a" → label: another field is called "Boat" too',
    ],
    [
      "a long hint",
      () => Form.make("T", { a: Form.text("A", { placeholder: "x".repeat(101) }) }),
      "placeholder",
    ],
  ])("refuses %s", (_, make, reason) => {
    expect(make).toThrow(InvalidDeclaration)
    expect(make).toThrow(reason)
  })

  it("names every field that is not what it takes", () => {
    expect(decode(boat, { name: "Elly 2", length: "61", kind: ["rowing"] })).toEqual(
      Either.left([
        { label: "Name", expected: "a name without digits", got: "Elly 2" },
        { label: "Length in metres", expected: "a whole number from 1 to 60", got: "61" },
        { label: "Kind", expected: "one of Sailing boat, Motor boat", got: ["rowing"] },
      ]),
    )
    expect(decode(boat, { name: "  ", kind: [] })).toMatchObject(
      Either.left([{ got: undefined }, { got: undefined }, { got: undefined }]),
    )
  })
})

describe("a field", () => {
  const one = <A>(field: Form.Field<A>, given: string | ReadonlyArray<string>) =>
    Either.map(decode(Form.make("T", { a: field }), { a: given }), ({ a }) => a)

  it("takes exactly the whole numbers of its range", () => {
    const bounds = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }))
    fc.assert(
      fc.property(bounds, fc.maxSafeInteger(), fc.boolean(), ([min, span], far, near) => {
        const max = min + span
        const value = near ? min + (Math.abs(far) % (span + 1)) : far
        const found = one(Form.integer("N", { min, max }), ` ${value} `)
        expect(Either.isRight(found)).toBe(value >= min && value <= max)
        if (Either.isRight(found)) expect(found.right).toBe(value + 0)
      }),
    )
  })

  it("takes for a number only what is written as one", () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const found = one(Form.number("N"), typed)
        expect(Either.isRight(found)).toBe(/^[+-]?(\d+[.,]?\d*|[.,]\d+)$/u.test(typed.trim()))
      }),
    )
    expect(one(Form.number("N"), "1,5")).toEqual(Either.right(1.5))
    expect(one(Form.number("N"), "-0")).toEqual(Either.right(0))
    expect(one(Form.number("N"), "1e9")).toMatchObject({ _tag: "Left" })
  })

  it("takes text of its length, without the white space around it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.nat(5), fc.nat(20), (typed, min, more) => {
        const max = Math.max(1, min + more)
        const found = one(Form.text("T", { min, max }), typed)
        const text = typed.trim()
        expect(Either.isRight(found)).toBe(text !== "" && text.length >= min && text.length <= max)
        if (Either.isRight(found)) expect(found.right).toBe(text)
      }),
    )
  })

  it("gives several choices in the order in which they were declared", () => {
    const all = ["a", "b", "c", "d"] as const
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, "z"]), fc.constantFrom(1, 2), (values, min) => {
        const found = one(Form.choices("C", all, { min, max: 3 }), values)
        const sound = !values.includes("z") && values.length >= min && values.length <= 3
        expect(Either.isRight(found)).toBe(sound)
        if (Either.isRight(found)) expect(found.right).toEqual(all.filter((one) => values.includes(one)))
      }),
    )
  })

  it("falls back where it may be left empty", () => {
    expect(one(Form.integer("N").pipe(Form.withDefault(7)), "  ")).toEqual(Either.right(7))
    expect(one(Form.choice("C", ["a"]).pipe(Form.optional), [])).toEqual(Either.right(undefined))
    expect(one(Form.integer("N").pipe(Form.withDefault(7)), "x")).toMatchObject({ _tag: "Left" })
  })
})

describe("a form as the first response", () => {
  it("gives what was filled in, and the outcome answers the submit", () =>
    play(Form.show(boat, { within: "2 minutes", given: { length: "9" } }), (stage) =>
      Effect.gen(function* () {
        const modal = yield* modalOf(stage.turn)
        expect(modal.title).toBe("A boat")
        expect(filled(modal)).toEqual({ name: [], length: "9", kind: [], remarks: [] })
        const turn = yield* stage.ada.submit(modal, valid)
        expect(yield* turn.settled).toMatchObject({ _tag: "Responded" })
        expect(yield* stage.seen()).toEqual(['Got {"name":"Elly","length":12,"kind":"sail"}'])
        expect(yield* stage.outcome).toBe("completed")
      }),
    ))

  it("says what is wrong, and shows again what was typed", () =>
    play(Form.show(boat, { within: "2 minutes" }), (stage) =>
      Effect.gen(function* () {
        const first = yield* modalOf(stage.turn)
        yield* stage.ada.submit(first, { ...valid, name: "Elly 2", length: "long" })
        const again = yield* press(stage, "Correct")
        expect(again.content).toBe(
          "**Name** must be a name without digits, not `Elly 2`.\n" +
            "**Length in metres** must be a whole number from 1 to 60, not `long`.",
        )
        expect(filled(again.modal)).toEqual({ name: "Elly 2", length: "long", kind: ["sail"], remarks: [] })
        yield* stage.ada.submit(again.modal, { ...valid, name: "Elly" })
        expect(yield* stage.outcome).toBe("completed")
        const [asked, got] = yield* stage.seen()
        expect(asked).toMatch(/— Filled in\.$/u)
        expect(got).toContain("Elly")
      }),
    ))

  it("ends at the deadline where it was dismissed; an invalid answer moves none", () =>
    play(Form.show(boat, { within: "2 minutes" }), (stage) =>
      Effect.gen(function* () {
        const modal = yield* modalOf(stage.turn)
        yield* Effect.sleep("119 seconds")
        yield* stage.ada.submit(modal, { ...valid, length: "0" })
        yield* stage.question()
        expect(stage.outcomes()).toBe(0)
        yield* Effect.sleep("1 second")
        expect(yield* stage.outcome).toBe("timed_out")
        expect((yield* stage.seen())[0]).toMatch(/Timed out\.$/u)
      }),
    ))

  it("takes a submit that overtakes Discord's answer", () =>
    play(
      Form.show(boat, { within: "2 minutes" }),
      (stage) =>
        Effect.gen(function* () {
          yield* stage.ada.submit(yield* stage.modal, valid)
          expect(yield* stage.outcome).toBe("completed")
          expect(yield* stage.seen()).toEqual(['Got {"name":"Elly","length":12,"kind":"sail"}'])
        }),
      { before: ({ faults }) => Effect.sync(() => faults.delayAnswers(1_500)) },
    ))

  it("is cancelled by the word", () =>
    play(Form.show(boat, { within: "2 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* modalOf(stage.turn)
        yield* stage.ada.say("general", "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
        expect(yield* stage.seen()).toEqual(["(private) Cancelled."])
      }),
    ))
})

describe("a form after something was shown", () => {
  const later = Effect.gen(function* () {
    const interaction = yield* Interaction
    yield* interaction.show(Reply.text("Hold on."))
    return yield* Form.show(boat, { within: "2 minutes" })
  })

  it("is opened by a button, as often as it is pressed", () =>
    play(later, (stage) =>
      Effect.gen(function* () {
        const dismissed = yield* press(stage, "Continue")
        expect(dismissed.content).toBe("**A boat**")
        const { modal } = yield* press(stage, "Continue")
        yield* stage.ada.submit(modal, valid)
        expect(yield* stage.outcome).toBe("completed")
        expect(yield* stage.seen()).toEqual([
          "Hold on.",
          "**A boat**\n— Filled in.",
          'Got {"name":"Elly","length":12,"kind":"sail"}',
        ])
      }),
    ))

  it("goes on where Discord did not open it: the button can be pressed again", () =>
    play(
      later,
      (stage) =>
        Effect.gen(function* () {
          const { id } = yield* stage.question()
          stage.sandbox.faults.answerNext({ path: "/callback", status: 500, times: 4 })
          yield* stage.ada.press(id, "Continue")
          yield* Effect.sleep("30 seconds")
          stage.sandbox.faults.clear()
          expect(stage.outcomes()).toBe(0)
          const { modal } = yield* press(stage, "Continue")
          yield* stage.ada.submit(modal, valid)
          expect(yield* stage.outcome).toBe("completed")
        }),
      { quiet: true },
    ))

  it("is cancelled by the button, and leaves none", () =>
    play(later, (stage) =>
      Effect.gen(function* () {
        const { id } = yield* stage.question()
        yield* stage.ada.press(id, "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
        expect((yield* stage.seen())[1]).toBe("**A boat**\nCancelled.")
      }),
    ))

  it("is opened by a button where a message called", () =>
    play(
      Form.show(boat, { within: "2 minutes", question: "Tell me of your boat." }),
      (stage) =>
        Effect.gen(function* () {
          const { content, modal } = yield* press(stage, "Continue")
          expect(content).toBe("Tell me of your boat.")
          yield* stage.ada.submit(modal, valid)
          expect(yield* stage.outcome).toBe("completed")
        }),
      { byMessage: true },
    ))

  it("is nobody else's", () =>
    play(later, (stage) =>
      Effect.gen(function* () {
        const { id } = yield* stage.question()
        const turn = yield* stage.cleo.press(id, "Continue")
        const state = yield* turn.settled
        expect(state._tag === "Responded" && state.messages[0]?.content).toBe("That is for somebody else.")
        yield* stage.ada.press(id, "Cancel")
        yield* stage.outcome
      }),
    ))
})

it("ends once, whenever the submit comes, the deadline first at a tie", () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 59_999, 60_000, 60_001, 120_000), fc.nat(), async (at, seed) => {
      const outcome = await play(
        Form.show(boat, { within: "1 minute" }),
        (stage) =>
          Effect.gen(function* () {
            const modal = yield* modalOf(stage.turn)
            yield* Effect.sleep(at)
            yield* stage.ada.submit(modal, valid)
            yield* Effect.sleep("1 minute")
            expect(stage.outcomes()).toBe(1)
            return yield* stage.outcome
          }),
        { interleaving: seed },
      )
      expect(outcome).toBe(at < 60_000 ? "completed" : "timed_out")
    }),
    { numRuns: 20 },
  ))

type Happening =
  | "open"
  | "submit"
  | "invalid"
  | "foreign"
  | "word"
  | "button"
  | "deleted"
  | "admin"
  | "shutdown"
  | "nothing"

const happen = (stage: Stage, what: Happening) =>
  Effect.gen(function* () {
    const { ada, cleo, sandbox } = stage
    const modal = sandbox.interactions.modals(ada.user.id).at(-1)
    const question = (yield* ada.history("general")).findLast(({ components }) => components.length > 0)
    const supervisor = yield* Supervisor
    if (what === "submit" && modal !== undefined) yield* ada.submit(modal, valid)
    if (what === "invalid" && modal !== undefined) yield* ada.submit(modal, { ...valid, length: "0" })
    if (what === "word") yield* ada.say("general", "cancel")
    if (what === "shutdown") yield* supervisor.drain(0)
    if (what === "admin") {
      const [task] = (yield* supervisor.roster).filter(({ kind }) => kind === "command")
      if (task !== undefined) yield* supervisor.cancel(task.id, "admin")
    }
    if (question === undefined) return
    if (what === "open") {
      for (const label of ["Continue", "Correct"]) yield* Effect.ignore(ada.press(question.id, label))
    }
    if (what === "foreign") yield* cleo.press(question.id, "Cancel")
    if (what === "button") yield* ada.press(question.id, "Cancel")
    if (what === "deleted") yield* ada.deleteMessage(question.id)
  })

it(
  "ends once and leaves nothing, whatever happens at whatever moment, with any latency",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            what: fc.oneof(
              {
                weight: 3,
                arbitrary: fc.constantFrom<Happening>("open", "invalid", "submit", "foreign", "nothing"),
              },
              {
                weight: 1,
                arbitrary: fc.constantFrom<Happening>("word", "button", "deleted", "admin", "shutdown"),
              },
            ),
            after: fc.constantFrom(0, 1, 900, 59_999, 60_000),
          }),
          { maxLength: 8 },
        ),
        fc.constantFrom(0, 50, 1_500),
        fc.boolean(),
        fc.nat(),
        async (all, latency, byMessage, interleaving) => {
          await play(
            Form.show(boat, { within: "1 minute" }),
            (stage) =>
              Effect.gen(function* () {
                for (const { after, what } of all) {
                  yield* Effect.sleep(after)
                  yield* Effect.ignore(happen(stage, what))
                }
                yield* Effect.sleep("2 minutes")
                expect(stage.outcomes()).toBe(1)
                expect(stage.sandbox.unansweredInteractions()).toBe(0)
              }),
            {
              byMessage,
              interleaving,
              before: ({ faults }) => Effect.sync(() => faults.delayAnswers(latency)),
            },
          )
        },
      ),
      { numRuns: 60 },
    ),
  60_000,
)
