import { Context, Effect, Layer, Ref, Schema } from "effect"
import * as Command from "bosun/Command"
import * as CustomId from "bosun/CustomId"
import * as Reply from "bosun/Reply"
import * as Route from "bosun/Route"

// Boats by their number in the book.
class Fleet extends Context.Tag("Fleet")<Fleet, Ref.Ref<ReadonlyArray<string>>>() {
  static readonly memory = Layer.effect(Fleet, Ref.make<ReadonlyArray<string>>(["Elly", "Mary", "Ann"]))
}

// Declared apart from its handler, so that the handler can show the same button again.
const Turn = Route.declare("fleet", {
  on: "button",
  state: CustomId.fields({ to: CustomId.integer({ min: 0 }), by: Schema.Literal("back", "next") }),
})

const page = (at: number) =>
  Effect.gen(function* () {
    const boats = yield* Effect.flatMap(Fleet, Ref.get)
    const back = yield* Route.button(
      Turn,
      { to: Math.max(0, at - 1), by: "back" },
      { label: "Back", disabled: at === 0 },
    )
    const next = yield* Route.button(
      Turn,
      { to: at + 1, by: "next" },
      { label: "Next", disabled: at >= boats.length - 1 },
    )
    return Reply.make({
      content: `${at + 1}. ${boats[at] ?? "—"}`,
      components: [{ type: 1, components: [back, next] }],
    })
  })

// Whoever presses sees the page in the place of the one before, also weeks later.
const turn = Route.handle(Turn, ({ to }) => Effect.map(page(to), Reply.update))

export const fleet = Command.make("fleet", { description: "Turns the pages of the book" }, () => page(0))

export const layer = Layer.mergeAll(Route.layer(turn), Command.layer(fleet)).pipe(Layer.provide(Fleet.memory))
