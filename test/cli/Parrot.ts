/**
 * A bot for the tests of the binary: it breaks, hangs, and shows everything that can be pressed or chosen.
 */
import {
  type APIModalInteractionResponseCallbackData,
  ButtonStyle,
  ChannelType,
  ComponentType,
  MessageFlags,
  TextInputStyle,
} from "discord-api-types/v10"
import type { Interaction } from "discord.js"
import { Data, Effect, Layer } from "effect"
import * as Cli from "../../src/cli/Cli.js"
import * as Command from "../../src/command/Command.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { Client } from "../../src/discord/Client.js"
import * as Param from "../../src/command/Param.js"
import * as Reply from "../../src/interaction/Reply.js"

const boom = Command.make("boom", { description: "Breaks" }, () => Effect.dieMessage("a secret cause"))

const hang = Command.make("hang", { description: "Never ends" }, () => Effect.never)

/** What is going on when a bot is stopped: short and long work, questions, and what has already shown something. */
const work = Command.make(
  "work",
  {
    description: "Works",
    params: {
      millis: Param.integer("For how long"),
      how: Param.string("How", { choices: ["work", "shows", "asks", "fails", "dies", "clings"] }),
    },
  },
  ({ how, millis }, interaction) =>
    Effect.gen(function* () {
      if (how === "shows") yield* interaction.show(Reply.text("Working…"))
      if (how === "asks") yield* Prompt.confirm("Go on?", { within: "10 minutes" })
      const slept = Effect.sleep(millis)
      yield* how === "clings" ? Effect.uninterruptible(slept) : slept
      if (how === "fails") return yield* new CannotWork()
      if (how === "dies") return yield* Effect.dieMessage("a bug")
      return Reply.text(`Worked ${millis}`)
    }),
)

class CannotWork extends Data.TaggedError("CannotWork") {
  readonly userText = "It cannot be done."
}

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

const buy = Command.make(
  "buy",
  {
    description: "Buys fruit",
    params: {
      fruit: Param.string("Which").pipe(
        Param.autocomplete((typed) =>
          Effect.succeed(["apple", "apricot", "pear"].filter((one) => one.startsWith(typed))),
        ),
      ),
      much: Param.optional(Param.integer("How much")),
    },
  },
  ({ fruit }) => Effect.succeed(Reply.text(`One ${fruit}`)),
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

const form: APIModalInteractionResponseCallbackData = {
  custom_id: "form",
  title: "Apply",
  components: [
    {
      type: ComponentType.Label,
      label: "Your name",
      component: { type: ComponentType.TextInput, custom_id: "name", style: TextInputStyle.Short },
    },
    {
      type: ComponentType.Label,
      label: "Proof",
      component: {
        type: ComponentType.FileUpload,
        custom_id: "a/custom:id-that-nobody-types",
        required: false,
      },
    },
  ],
}

const apply = Command.make("apply", { description: "Applies" }, () =>
  Effect.succeed(
    Reply.make({
      content: "Ready?",
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Primary, label: "Fill in", custom_id: "fill" },
          ],
        },
      ],
    }),
  ),
)

/** What is asked beyond the command: a form, then a thread with a menu, then a direct message. */
const asking = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { discordJs } = yield* Client
    const answer = async (interaction: Interaction): Promise<void> => {
      if (interaction.isButton() && interaction.customId === "fill") await interaction.showModal(form)
      else if (interaction.isModalSubmit()) {
        const proof = interaction.fields.getUploadedFiles("a/custom:id-that-nobody-types")?.first()
        const name = interaction.fields.getTextInputValue("name")
        await interaction.reply({
          content: `Thanks, ${name} (${proof?.name})`,
          flags: MessageFlags.Ephemeral,
        })
        if (interaction.channel?.type !== ChannelType.GuildText) return
        const thread = await interaction.channel.threads.create({
          name: `Try-out of ${name}`,
          type: ChannelType.PrivateThread,
        })
        await thread.members.add(interaction.user.id)
        await thread.send({
          content: "Which?",
          components: [
            {
              type: ComponentType.ActionRow,
              components: [
                {
                  type: ComponentType.StringSelect,
                  customId: "boat",
                  placeholder: "Boat",
                  options: ["Elly", "Ghost"].map((label) => ({ label, value: label.toLowerCase() })),
                },
              ],
            },
          ],
        })
      } else if (interaction.isStringSelectMenu()) {
        await interaction.update({ content: `You sail ${interaction.values.join()}`, components: [] })
        await interaction.user
          .send("See you")
          .catch(() => interaction.followUp({ content: "Your direct messages are closed." }))
      }
    }
    const listener = (interaction: Interaction): void => void answer(interaction)
    yield* Effect.acquireRelease(
      Effect.sync(() => discordJs.on("interactionCreate", listener)),
      () => Effect.sync(() => discordJs.off("interactionCreate", listener)),
    )
  }),
)

const required = Number(process.env["PARROT_INTENTS"] ?? 0)

Cli.run(Layer.merge(Command.layer(boom, hang, work, secret, say, buy, ask, quote, caches, apply), asking), {
  name: "parrot",
  version: "9.9.9",
  bot: { intents: { required } },
})
