import { Context, Effect, Layer, Ref, Schema } from "effect"
import * as Command from "bosun/Command"
import * as CustomId from "bosun/CustomId"
import * as Md from "bosun/Md"
import * as Param from "bosun/Param"
import * as Reply from "bosun/Reply"
import * as Route from "bosun/Route"

// Who asked for which berth. The first verdict on a request counts.
class Berths extends Context.Tag("Berths")<
  Berths,
  { readonly decide: (request: string, verdict: string) => Effect.Effect<boolean> }
>() {
  static readonly memory = Layer.effect(
    Berths,
    Effect.map(Ref.make<ReadonlyMap<string, string>>(new Map()), (decided) => ({
      decide: (request, verdict) =>
        Ref.modify(decided, (all) =>
          all.has(request) ? [false, all] : [true, new Map(all).set(request, verdict)],
        ),
    })),
  )
}

// What a button carries. Everybody can read it, nobody can change it.
const Request = CustomId.fields({
  request: CustomId.id,
  guest: CustomId.id,
  nights: CustomId.integer({ min: 1, max: 14 }),
  verdict: Schema.Literal("accepted", "refused"),
})

// A press finds its way here for a week, also after a restart.
export const review = Route.make(
  "berth-review",
  { on: "button", state: Request, expires: "7 days" },
  ({ guest, nights, request, verdict }, press) =>
    Effect.gen(function* () {
      const berths = yield* Berths
      // Two may press at once.
      if (!(yield* berths.decide(request, verdict))) {
        return Reply.ephemeral(Reply.text("Somebody was faster."))
      }
      return Reply.update(
        Reply.text(Md.text`${nights} nights for ${Md.user(guest)}: ${verdict} by ${Md.user(press.user.id)}.`),
      )
    }),
)

// Only who has the harbour master's role can use the buttons; others are told so.
export const ask = Command.make(
  "ask-berth",
  {
    description: "Asks the harbour master for a berth",
    in: "guild",
    params: {
      nights: Param.integer("Nights", { min: 1, max: 14 }),
      master: Param.role("Who decides"),
    },
  },
  ({ master, nights }, interaction) =>
    Effect.gen(function* () {
      const state = { request: interaction.id, guest: interaction.user.id, nights }
      const yes = yield* Route.button(
        review,
        { ...state, verdict: "accepted" },
        { label: "Accept", style: "success", role: master.id },
      )
      const no = yield* Route.button(
        review,
        { ...state, verdict: "refused" },
        { label: "Refuse", style: "danger", role: master.id },
      )
      return Reply.make({
        content: Md.text`${Md.user(interaction.user.id)} asks for ${nights} nights.`,
        components: [{ type: 1, components: [yes, no] }],
      })
    }),
)

// Layer<never, never, Commands | Routes | Signer>: all that is left to provide is the bot.
export const layer = Layer.mergeAll(Route.layer(review), Command.layer(ask)).pipe(
  Layer.provide(Berths.memory),
)
