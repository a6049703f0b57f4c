import { describe, expect, it } from "@effect/vitest"
import { Data, Effect, FastCheck as fc, Stream } from "effect"
import { InvalidDeclaration } from "../../src/conversation/ConversationError.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Paginator from "../../src/conversation/Paginator.js"
import { flatten } from "../../src/sandbox/people/ComponentInput.js"
import type { Message } from "../../src/sandbox/model/Model.js"
import { play, type Stage } from "./Stage.js"

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const list = (items: ReadonlyArray<number>) => items.join(" ")

const labels = ({ components }: Message, disabled: boolean) =>
  flatten(components).flatMap((one) =>
    one["type"] === 2 && (one["disabled"] === true) === disabled ? [String(one["label"])] : [],
  )

/** Presses and gives the message that comes of it. */
const press = (stage: Stage, label: string) =>
  Effect.gen(function* () {
    const { id } = yield* stage.question()
    const turn = yield* stage.ada.press(id, label)
    const state = yield* turn.settled
    if (state._tag !== "Responded" || state.messages[0] === undefined) return yield* Effect.die(state)
    return state.messages[0]
  })

describe("pages", () => {
  const five = Paginator.items(numbers(9), 2, list)

  it("are turned by the person who asked, until they close them", () =>
    play(Paginator.show(five, { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        const first = yield* stage.question()
        expect(first.content).toBe("1 2")
        expect(labels(first, true)).toEqual(["First", "Previous", "1/5"])
        expect((yield* press(stage, "Next")).content).toBe("3 4")
        expect((yield* press(stage, "Last")).content).toBe("9")
        expect(labels(yield* stage.question(), true)).toEqual(["5/5", "Next", "Last"])
        expect((yield* press(stage, "Previous")).content).toBe("7 8")
        expect((yield* press(stage, "First")).content).toBe("1 2")
        const foreign = yield* stage.cleo.press(first.id, "Next")
        expect(yield* foreign.settled).toMatchObject({
          messages: [{ content: "That is for somebody else." }],
        })
        expect((yield* press(stage, "Close")).content).toBe("1 2\nClosed.")
        expect(yield* stage.outcome).toBe("completed")
      }),
    ))

  it("lose their buttons when nothing was pressed for so long, which is no failure", () =>
    play(Paginator.show(five, { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        yield* stage.question()
        yield* Effect.sleep("59 seconds")
        yield* press(stage, "Next")
        yield* Effect.sleep("59 seconds")
        expect(stage.outcomes()).toBe(0)
        yield* Effect.sleep("2 seconds")
        expect(yield* stage.outcome).toBe("completed")
        expect((yield* stage.seen())[0]).toBe("3 4\nTimed out.")
      }),
    ))

  it("are turned for an hour at most", () =>
    play(Paginator.show(five, { within: "10 minutes", atMost: "5 minutes" }), (stage) =>
      Effect.gen(function* () {
        yield* stage.question()
        yield* Effect.sleep("4 minutes")
        yield* press(stage, "Next")
        yield* Effect.sleep("1 minute")
        expect((yield* stage.seen())[0]).toBe("3 4\nTimed out.")
        expect(yield* stage.outcome).toBe("completed")
      }),
    ))

  it("end with the word and with their message", async () => {
    await play(Paginator.show(five, { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        yield* stage.question()
        yield* stage.ada.say("general", "cancel")
        expect(yield* stage.outcome).toBe("completed")
        expect((yield* stage.seen())[0]).toBe("1 2\nCancelled.")
      }),
    )
    await play(Paginator.show(five, { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        const { id } = yield* stage.question()
        const { ada } = stage
        yield* ada.deleteMessage(id)
        expect(yield* stage.outcome).toBe("completed")
      }),
    )
  })

  it("have no buttons where there is but one, or none", async () => {
    await play(Paginator.show(Paginator.pages(["alone"]), { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        expect(yield* stage.outcome).toBe("completed")
        expect((yield* stage.seen())[0]).toBe("alone")
      }),
    )
    await play(Paginator.show(Paginator.pages([]), { within: "1 minute", ephemeral: true }), (stage) =>
      Effect.gen(function* () {
        expect(yield* stage.outcome).toBe("completed")
        expect((yield* stage.seen())[0]).toBe("(private) There is nothing to show.")
      }),
    )
  })

  it("begin where they are told, or at the first where that is not there", async () => {
    const begins = (start: number) =>
      play(Paginator.show(five, { within: "1 minute", start }), (stage) =>
        Effect.gen(function* () {
          const { content } = yield* stage.question()
          yield* press(stage, "Close")
          return content
        }),
      )
    expect(await begins(2)).toBe("5 6")
    expect(await begins(7)).toBe("1 2")
    expect(await begins(-3)).toBe("1 2")
  })

  class Torn extends Data.TaggedError("Torn") {
    readonly userText = "That page is torn."
  }

  it("fail with what a page fails with, and leave no button", () =>
    play(
      Paginator.show(
        Paginator.make(3, (index) => (index === 1 ? new Torn() : Effect.succeed(`page ${index}`))),
        { within: "1 minute" },
      ),
      (stage) =>
        Effect.gen(function* () {
          const { id } = yield* stage.question()
          yield* stage.ada.press(id, "Next")
          expect(yield* stage.outcome).toBe("failed")
          expect((yield* stage.seen()).slice(0, 2)).toEqual([
            "page 0\nSomething went wrong.",
            "(private) That page is torn.",
          ])
        }),
    ))

  it("fail also with what ends a question that a page asks", () =>
    play(
      Paginator.show(
        Paginator.make(2, (index) =>
          index === 0
            ? Effect.succeed("page 0")
            : Effect.as(Prompt.confirm("Sure?", { within: "5 seconds" }), "page 1"),
        ),
        { within: "1 minute" },
      ),
      (stage) =>
        Effect.gen(function* () {
          yield* stage.ada.press((yield* stage.question()).id, "Next")
          expect(yield* stage.outcome).toBe("timed_out")
          expect((yield* stage.seen()).slice(0, 2)).toEqual(["page 0\nTimed out.", "Sure?\nTimed out."])
        }),
    ))

  it("may take their time", () =>
    play(
      Paginator.show(
        Paginator.make(3, (index) => Effect.as(Effect.sleep("5 seconds"), `page ${index}`)),
        { within: "1 minute" },
      ),
      (stage) =>
        Effect.gen(function* () {
          const { id } = yield* stage.question()
          yield* stage.ada.press(id, "Next")
          yield* stage.shows("page 1")
          yield* press(stage, "Close")
          expect(yield* stage.outcome).toBe("completed")
        }),
    ))
})

describe("pages of a stream", () => {
  it("are read as they are turned, and their end is found", () => {
    const read: Array<number> = []
    const source = Stream.fromIterable(numbers(5)).pipe(
      Stream.rechunk(1),
      Stream.tap((n) => Effect.sync(() => read.push(n))),
    )
    return play(Paginator.show(Paginator.stream(source, 2, list), { within: "1 minute" }), (stage) =>
      Effect.gen(function* () {
        expect((yield* stage.question()).content).toBe("1 2")
        expect(read).toEqual([1, 2, 3])
        expect(labels(yield* stage.question(), true)).toContain("1/…")
        expect((yield* press(stage, "Next")).content).toBe("3 4")
        const last = yield* press(stage, "Next")
        expect(last.content).toBe("5")
        expect(labels(last, true)).toEqual(["3/3", "Next", "Last"])
        expect((yield* press(stage, "First")).content).toBe("1 2")
        yield* press(stage, "Close")
      }),
    )
  })

  it("hold each item once, whatever the chunks and the size of a page", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat())), fc.integer({ min: 1, max: 7 }), (chunks, per) => {
        const all = chunks.flat()
        const pages = Paginator.stream(
          Stream.flatMap(Stream.fromIterable(chunks), (chunk) => Stream.fromIterable(chunk)),
          per,
          (some) => JSON.stringify(some),
        )
        return Effect.gen(function* () {
          const book = yield* pages.open
          const found: Array<number> = []
          for (let index = 0; ; index++) {
            const page = yield* book.at(index)
            if (page._tag === "None") break
            const some = JSON.parse(String(page.value)) as ReadonlyArray<number>
            found.push(...some)
            expect(some.length).toBe(Math.min(per, all.length - index * per))
          }
          expect(found).toEqual(all)
          expect(book.count()).toBe(Math.ceil(all.length / per))
        }).pipe(Effect.scoped, Effect.runPromise)
      }),
    ))

  it("have at least one item each", () => {
    expect(() => Paginator.items([1], 0, list)).toThrow(InvalidDeclaration)
    expect(() => Paginator.stream(Stream.empty, 1.5, list)).toThrow(InvalidDeclaration)
  })
})

it("any presses lead to the page that they say, and leave no button", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("First", "Previous", "Next", "Last"), { maxLength: 8 }),
      fc.integer({ min: 3, max: 6 }),
      (presses, count) =>
        play(
          Paginator.show(
            Paginator.make(count, (index) => Effect.succeed(`${index}`)),
            { within: "1 minute" },
          ),
          (stage) =>
            Effect.gen(function* () {
              let at = 0
              for (const label of presses) {
                const disabled = labels(yield* stage.question(), true).includes(label)
                const expected = { First: 0, Previous: at - 1, Next: at + 1, Last: count - 1 }[label] ?? at
                expect(disabled).toBe(at === expected || expected < 0 || expected >= count)
                if (disabled) continue
                at = expected
                expect((yield* press(stage, label)).content).toBe(String(at))
              }
              expect((yield* press(stage, "Close")).content).toBe(`${at}\nClosed.`)
              expect(yield* stage.outcome).toBe("completed")
            }),
        ),
    ),
    { numRuns: 15 },
  ))
