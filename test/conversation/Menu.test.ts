import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Context, Data, Effect, Ref } from "effect"
import { InvalidDeclaration } from "../../src/conversation/ConversationError.js"
import * as Menu from "../../src/conversation/Menu.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { flatten } from "../../src/sandbox/people/ComponentInput.js"
import { play, type Stage } from "./Stage.js"

class Sunk extends Data.TaggedError("Sunk") {
  readonly userText = "It has sunk."
}

const press = (stage: Stage, label: string) =>
  Effect.gen(function* () {
    const { id } = yield* stage.question()
    const turn = yield* stage.ada.press(id, label)
    const state = yield* turn.settled
    if (state._tag !== "Responded" || state.messages[0] === undefined) return yield* Effect.die(state)
    return state.messages[0]
  })

/** A harbour with some boats. */
const harbour = Effect.gen(function* () {
  const boats = yield* Ref.make(["Elly"])
  return Menu.make(
    Effect.map(Ref.get(boats), ({ length }) => `${length} boats. What now?`),
    [
      Menu.view(
        "Boats",
        Effect.map(Ref.get(boats), (all) => all.join(", ")),
      ),
      Menu.run(
        "Add",
        Effect.flatMap(Prompt.text("Its name?", { within: "1 minute" }), (name) =>
          Ref.update(boats, (all) => [...all, name]),
        ),
      ),
      Menu.end("Leave", Effect.as(Ref.get(boats), "left" as const)),
      Menu.end("Sink", new Sunk()),
    ],
  )
})
const shown = Effect.flatMap(harbour, (menu) => Menu.show(menu, { within: "1 minute" }))

describe("a menu", () => {
  it("has the types of its items", () => {
    class Store extends Context.Tag("Store")<Store, { readonly n: number }>() {}
    const menu = Menu.make("?", [
      Menu.end("a", Effect.succeed(1 as const)),
      Menu.end(
        "b",
        Effect.map(Store, ({ n }) => ({ n })),
      ),
      Menu.run("c", new Sunk()),
      Menu.view("d", "page"),
    ])
    expectTypeOf(menu).toEqualTypeOf<Menu.Menu<1 | { n: number }, Sunk, Store>>()
  })

  it("shows pages in its place, runs what is chosen, and gives its end", () =>
    play(shown, (stage) =>
      Effect.gen(function* () {
        expect((yield* stage.question()).content).toBe("1 boats. What now?")
        expect((yield* press(stage, "Boats")).content).toBe("Elly")
        expect((yield* press(stage, "Menu")).content).toBe("1 boats. What now?")
        expect((yield* press(stage, "Add")).content).toBe("1 boats. What now?\n— Add")
        yield* stage.shows("Its name?")
        yield* stage.ada.say("general", "Mary")
        yield* stage.shows("2 boats. What now?")
        expect((yield* press(stage, "Leave")).content).toBe("2 boats. What now?\n— Leave")
        expect(yield* stage.outcome).toBe("completed")
        expect((yield* stage.seen()).at(-1)).toBe('Got "left"')
      }),
    ))

  it("fails with what an item fails with", () =>
    play(shown, (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "Sink")
        expect(yield* stage.outcome).toBe("failed")
        expect((yield* stage.seen()).at(-1)).toBe("(private) It has sunk.")
      }),
    ))

  it("waits from the last press on", () =>
    play(shown, (stage) =>
      Effect.gen(function* () {
        yield* stage.question()
        yield* Effect.sleep("50 seconds")
        yield* press(stage, "Boats")
        yield* Effect.sleep("50 seconds")
        expect(stage.outcomes()).toBe(0)
        yield* Effect.sleep("10 seconds")
        expect(yield* stage.outcome).toBe("timed_out")
        expect((yield* stage.seen())[0]).toBe("Elly\nTimed out.")
      }),
    ))

  it("is cancelled by a press in time, however long it takes to show that", () =>
    play(shown, (stage) =>
      Effect.gen(function* () {
        const { id } = yield* stage.question()
        yield* Effect.sleep("59 seconds")
        stage.sandbox.faults.delayAnswers(2_500)
        yield* stage.ada.press(id, "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
      }),
    ))

  it.each(["word", "button"])("is cancelled by the %s, also while a page is shown", (by) =>
    play(shown, (stage) =>
      Effect.gen(function* () {
        yield* press(stage, "Boats")
        if (by === "word") yield* stage.ada.say("general", "cancel")
        else yield* press(stage, "Cancel")
        expect(yield* stage.outcome).toBe("cancelled")
        expect((yield* stage.seen())[0]).toBe("Elly\nCancelled.")
      }),
    ),
  )

  it("is a select menu where it has many items", () => {
    const many = Menu.make(
      "Which?",
      Array.from({ length: 25 }, (_, n) => Menu.end(`Berth ${n + 1}`, Effect.succeed(n + 1))),
    )
    return play(Menu.show(many, { within: "1 minute", ephemeral: true, cancel: false }), (stage) =>
      Effect.gen(function* () {
        const { components, id } = yield* stage.question()
        const [select] = flatten(components).filter((one) => one["type"] === 3)
        yield* stage.ada.select(id, String(select?.["custom_id"]), ["Berth 17"])
        expect(yield* stage.outcome).toBe("completed")
        expect(yield* stage.seen()).toEqual(["(private) Which?\n— Berth 17", "Got 17"])
      }),
    )
  })

  it.each<[string, () => unknown]>([
    ["no item", () => Menu.make("?", [])],
    [
      "26 items",
      () =>
        Menu.make(
          "?",
          Array.from({ length: 26 }, () => Menu.view("a", "b")),
        ),
    ],
    ["an item without a label", () => Menu.make("?", [Menu.view("", "b")])],
    ["a button's label of 81", () => Menu.make("?", [Menu.view("x".repeat(81), "b")])],
    ["a description of 101", () => Menu.make("?", [Menu.view("a", "b", { description: "x".repeat(101) })])],
  ])("refuses %s", (_, make) => {
    expect(make).toThrow(InvalidDeclaration)
  })
})
