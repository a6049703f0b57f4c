import { Effect } from "effect"
import * as Command from "bosun/Command"
import * as Md from "bosun/Md"
import * as Place from "bosun/Place"
import * as Policy from "bosun/Policy"
import * as Prompt from "bosun/Prompt"
import * as Reply from "bosun/Reply"

// Questions one after the other, each an effect of a typed answer.
export const moor = Command.make("moor", { description: "Moors a boat", in: "guild" }, () =>
  Effect.gen(function* () {
    const boat = yield* Prompt.text("Which boat?", { within: "2 minutes", max: 32 })
    const pier = yield* Prompt.choice("At which pier?", ["north", "south"], { within: "1 minute" })
    const nights = yield* Prompt.number("For how many nights?", {
      within: "1 minute",
      min: 1,
      max: 14,
      integer: true,
    })
    const sure = yield* Prompt.confirm(Md.text`Moor ${boat} at the ${pier} pier for ${nights} nights?`, {
      within: "30 seconds",
    })
    return Reply.text(sure ? Md.text`${boat} is moored.` : "Nothing moored.")
  }).pipe(
    // A time-out is a failure like any other. What is not caught is told by its own user text.
    Effect.catchTag("WaitTimeout", () => Effect.succeed(Reply.text("Come back when you know."))),
  ),
)

// A conversation of its own place: in direct messages, or in a private thread for those who accept none.
export const enlist = Command.make(
  "enlist",
  { description: "Joins the crew", in: "guild" },
  (_, interaction) =>
    Effect.gen(function* () {
      const place = yield* Place.dm(Reply.text("Ahoy! Some questions.")).pipe(
        Effect.catchTag("CannotMessageUser", () =>
          Place.thread({ name: `Crew: ${interaction.user.username}`, private: true }),
        ),
      )
      yield* interaction.show(Reply.ephemeral(Reply.text(Md.text`Go on in ${Md.channel(place.channelId)}.`)))
      const { age, papers } = yield* Place.at(place)(
        Effect.all({
          age: Prompt.number("How old are you?", { within: "1 hour", min: 14, max: 99, integer: true }),
          papers: Prompt.attachment("Your papers, please.", { within: "1 hour", types: ["application/pdf"] }),
        }),
      ).pipe(Effect.ensuring(Effect.ignoreLogged(Place.close(place))))
      return Reply.ephemeral(Reply.text(Md.text`Enlisted at ${age}, with ${papers.filename}.`))
    }),
).pipe(Policy.deadline("3 hours"))

export const layer = Command.layer(moor, enlist)
