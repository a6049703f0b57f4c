/** A bot that asks with buttons and waits for the press, by discord.js's own listener. */
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { type BaseInteraction, type ButtonInteraction, Events } from "discord.js"
import { Deferred, Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import { Client } from "../../src/discord/Client.js"
import * as Discord from "../../src/discord/Discord.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"

/** Shows a message with Yes and No; the answer, or undefined after 30 seconds. */
export const ask = (text: string) =>
  Effect.gen(function* () {
    const interaction = yield* Interaction
    const { discordJs } = yield* Client
    const yes = `w1.${interaction.id}~yes`
    const no = `w1.${interaction.id}~no`
    const button = (label: string, customId: string) => ({
      type: ComponentType.Button as const,
      style: ButtonStyle.Primary as const,
      label,
      custom_id: customId,
    })
    const pressed = yield* Deferred.make<ButtonInteraction>()
    // Before the question is sent: an answer may come before that call returns.
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const listener = (press: BaseInteraction) => {
          if (!press.isButton() || (press.customId !== yes && press.customId !== no)) return
          if (press.user.id === interaction.user.id) Deferred.unsafeDone(pressed, Effect.succeed(press))
        }
        discordJs.on(Events.InteractionCreate, listener)
        return listener
      }),
      (listener) => Effect.sync(() => discordJs.off(Events.InteractionCreate, listener)),
    )
    yield* Effect.orDie(
      interaction.show({
        ...Reply.text(text),
        components: [{ type: ComponentType.ActionRow, components: [button("Yes", yes), button("No", no)] }],
      }),
    )
    const press = yield* Effect.timeoutOption(Deferred.await(pressed), "30 seconds")
    if (press._tag === "None") return undefined
    yield* Effect.orDie(Discord.use(() => press.value.update({ content: text, components: [] })))
    return press.value.customId === yes
  }).pipe(Effect.scoped)

export const book = Command.make("book", { description: "Books" }, () =>
  Effect.map(ask("Book?"), (answer) =>
    Reply.text(answer === undefined ? "Too late." : answer ? "Booked." : "Nothing booked."),
  ),
)
