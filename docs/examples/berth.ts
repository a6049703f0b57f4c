import { Context, Effect, Layer, Ref, Schema } from "effect"
import * as Command from "bosun/Command"
import * as Md from "bosun/Md"
import * as Param from "bosun/Param"
import * as Policy from "bosun/Policy"
import * as Reply from "bosun/Reply"

// An error that says what the user may be told.
class Full extends Schema.TaggedError<Full>()("Full", { berths: Schema.Number }) {
  get userText() {
    return `All ${this.berths} berths are taken.`
  }
}

// A service: whatever the command needs stays in its type until a layer provides it.
class Harbour extends Context.Tag("Harbour")<
  Harbour,
  { readonly book: (boat: string, nights: number) => Effect.Effect<number, Full> }
>() {
  static readonly memory = Layer.effect(
    Harbour,
    Effect.map(Ref.make(0), (taken) => ({
      book: () =>
        Ref.updateAndGet(taken, (n) => n + 1).pipe(
          Effect.filterOrFail(
            (n) => n <= 3,
            () => new Full({ berths: 3 }),
          ),
        ),
    })),
  )
}

// Any Schema can stand on top of a parameter; its message completes "must be …".
const BoatName = Schema.String.pipe(
  Schema.filter((name) => !/\d/u.test(name), { message: () => "a name without digits" }),
  Schema.brand("BoatName"),
)

export const berth = Command.make(
  "berth",
  {
    description: "Book a berth",
    in: "guild",
    from: ["slash", "message"],
    params: {
      boat: Param.string("Its name", { max: 32 }).pipe(Param.decode(BoatName)),
      nights: Param.integer("Nights", { min: 1, max: 14 }).pipe(Param.withDefault(1)),
    },
  },
  ({ boat, nights }, interaction) =>
    Effect.gen(function* () {
      const harbour = yield* Harbour
      const n = yield* harbour.book(boat, nights)
      return Reply.text(
        Md.text`${boat} lies at berth ${n} of ${interaction.guild.name} for ${nights} nights.`,
      )
    }),
).pipe(Policy.deadline("2 minutes"))

// Layer<never, never, Commands>: all that is left to provide is the bot.
export const layer = Command.layer(berth).pipe(Layer.provide(Harbour.memory))
