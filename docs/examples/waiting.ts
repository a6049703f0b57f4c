import { GatewayDispatchEvents } from "discord-api-types/v10"
import { Effect, Stream } from "effect"
import * as Command from "bosun/Command"
import * as Md from "bosun/Md"
import * as Policy from "bosun/Policy"
import * as Reply from "bosun/Reply"
import * as Wait from "bosun/Wait"

// Armed before the question is sent: an answer that comes at once is kept. The deadline starts with the question.
export const hail = Command.make(
  "hail",
  { description: "Asks for the name of your boat" },
  (_, interaction) =>
    Effect.gen(function* () {
      const answer = yield* Wait.arm(
        Wait.message({ channelId: interaction.channelId, authorId: interaction.user.id }),
      )
      const question = yield* interaction.show(Reply.text("What is your boat called?"))
      yield* answer.until(question)
      const { next } = yield* answer.start("30 seconds")
      const { content } = yield* next
      return Reply.text(Md.text`Welcome, ${content}.`)
    }),
)

// Where nothing is asked there is nothing to arm. Everybody may answer; whoever is first has it.
export const moor = Command.make("moor", { description: "Who takes the line?" }, (_, interaction) =>
  Effect.gen(function* () {
    yield* interaction.show(Reply.text("Who takes the line? Say `me`."))
    const { author } = yield* Wait.next(
      Wait.message({
        channelId: interaction.channelId,
        where: ({ content }) => content.toLowerCase() === "me",
      }),
      { within: "1 minute" },
    )
    return Reply.text(Md.text`${author.username} has the line.`)
  }).pipe(Effect.catchTag("WaitTimeout", () => Effect.succeed(Reply.text("Nobody took the line.")))),
)

// Several of them, up to a number or a time.
export const crew = Command.make("crew", { description: "Gathers a crew" }, (_, interaction) =>
  Effect.gen(function* () {
    yield* interaction.show(Reply.text("Two hands wanted: say `aye`."))
    const hands = yield* Wait.stream(
      Wait.message({ channelId: interaction.channelId, where: ({ content }) => content === "aye" }),
      {
        within: "10 minutes",
      },
    ).pipe(
      Stream.map(({ author }) => author.username),
      Stream.changes,
      Stream.take(2),
      Stream.runCollect,
    )
    return Reply.text(Md.text`Aboard: ${[...hands].join(", ")}.`)
  }),
).pipe(Policy.deadline("12 minutes"))

// Any event of the gateway, by its name and the ids in it; this one is only watched. The bot has to ask for its
// intent: `Bot.run(layer, { intents: { required: GatewayIntentBits.GuildMessageTyping } })`.
export const listen = Command.make("listen", { description: "Tells when you type" }, (_, interaction) =>
  Effect.as(
    Wait.next(
      Wait.event(GatewayDispatchEvents.TypingStart, {
        channelId: interaction.channelId,
        userId: interaction.user.id,
      }),
      {
        within: "20 seconds",
        watch: true,
      },
    ),
    Reply.text("I can hear you."),
  ),
)

export const layer = Command.layer(hail, moor, crew, listen)
