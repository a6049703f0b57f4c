/**
 * A bot for the tests of the binary: it breaks, hangs, and shows everything that can be pressed or chosen.
 */
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Cli from "../../src/cli/Cli.js"
import * as Command from "../../src/command/Command.js"
import { Client } from "../../src/discord/Client.js"
import * as Param from "../../src/command/Param.js"
import * as Reply from "../../src/interaction/Reply.js"

const boom = Command.make("boom", { description: "Breaks" }, () => Effect.dieMessage("a secret cause"))

const hang = Command.make("hang", { description: "Never ends" }, () => Effect.never)

const secret = Command.make("secret", { description: "Answers in private" }, () =>
  Effect.succeed(Reply.ephemeral(Reply.text("for your eyes"))),
)

const say = Command.make(
  "say",
  {
    description: "Says it",
    params: {
      text: Param.string("What"),
      tone: Param.optional(Param.string("How", { choices: ["soft", "loud"] })),
    },
  },
  ({ text, tone }) => Effect.succeed(Reply.text(tone === "loud" ? text.toUpperCase() : text)),
)

const ask = Command.make("ask", { description: "Shows what can be pressed and chosen" }, () =>
  Effect.succeed(
    Reply.make({
      content: "Sure?",
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Success, label: "Yes", custom_id: "yes" },
            {
              type: ComponentType.Button,
              style: ButtonStyle.Danger,
              label: "No",
              custom_id: "no",
              disabled: true,
            },
          ],
        },
        {
          type: ComponentType.ActionRow,
          components: [
            {
              type: ComponentType.StringSelect,
              custom_id: "colour",
              placeholder: "Colour",
              max_values: 2,
              options: [
                { label: "Red", value: "r" },
                { label: "Blue", value: "b" },
              ],
            },
          ],
        },
      ],
    }),
  ),
)

const quote = Command.make(
  "quote",
  { description: "Says it again", from: ["messageMenu"], params: { message: Param.message("Which") } },
  ({ message }) => Effect.succeed(Reply.text(`“${message.content}”`)),
)

/** What a bundler must leave alone: the names of classes, and with them the limits of caches. */
const caches = Command.make(
  "caches",
  { description: "Tells what is kept", in: "guild" },
  Effect.fnUntraced(function* (_, { channelId }) {
    const { discordJs } = yield* Client
    const channel = discordJs.channels.cache.get(channelId)
    const messages = channel?.isTextBased() === true ? channel.messages : undefined
    return Reply.text(
      [
        `${messages?.constructor.name} ${messages?.cache.size}`,
        `${discordJs.guilds.constructor.name} ${discordJs.guilds.cache.size}`,
      ].join(", "),
    )
  }),
)

const required = Number(process.env["PARROT_INTENTS"] ?? 0)

Cli.run(Command.layer(boom, hang, secret, say, ask, quote, caches), {
  name: "parrot",
  version: "9.9.9",
  bot: { intents: { required } },
})
