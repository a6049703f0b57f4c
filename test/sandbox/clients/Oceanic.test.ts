import { Effect } from "effect"
import { ApplicationCommandTypes, Client, type GatewayOptions, InteractionTypes } from "oceanic.js"
import * as Contract from "./Contract.js"

/** Takes the REST base with its version by `rest.baseURL`; the gateway's address comes from `GET /gateway/bot`. */
const connect =
  (more: GatewayOptions): Contract.Connect =>
  ({ url }, ears) =>
    Effect.gen(function* () {
      const client = yield* Effect.acquireRelease(
        Effect.sync(
          () =>
            new Client({
              auth: "Bot any",
              rest: { baseURL: `${url}/v10` },
              gateway: { intents: ["GUILDS", "GUILD_MEMBERS", "GUILD_MESSAGES", "MESSAGE_CONTENT"], ...more },
            }),
        ),
        (made) => Effect.sync(() => made.disconnect(false)),
      )
      client.on("error", ears.fail)
      client.on("guildCreate", ({ name }) => ears.hear({ _tag: "Guild", name: name ?? "" }))
      client.on("shardResume", () => ears.hear({ _tag: "Resumed" }))
      client.on("messageCreate", ({ author, content }) => {
        if (!author.bot) ears.hear({ _tag: "Message", author: author.username, content })
      })
      client.on("guildMemberAdd", ({ guild, user }) =>
        ears.hear({ _tag: "Joined", guild: guild.name, name: user.username }),
      )
      client.on("interactionCreate", (interaction) => {
        if (interaction.type !== InteractionTypes.APPLICATION_COMMAND) return
        ears.run({
          name: interaction.data.name,
          reply: (content) => interaction.createMessage({ content }),
          defer: () => interaction.defer(),
          edit: (content) => interaction.editOriginal({ content }),
        })
      })
      const ready = Contract.use(() => new Promise<void>((resolve) => client.once("ready", () => resolve())))
      yield* Effect.all([ready, Contract.use(() => client.connect())], { concurrency: 2 })
      for (const { name } of client.guilds.values()) ears.hear({ _tag: "Guild", name })
      return {
        register: (guildId, names) =>
          client.application.bulkEditGuildCommands(
            guildId,
            names.map((name) => ({
              type: ApplicationCommandTypes.CHAT_INPUT,
              name,
              description: "A command",
            })),
          ),
      }
    })

Contract.suite("oceanic.js", connect({}))
Contract.suite("oceanic.js with zlib-stream", connect({ compress: "zlib-stream", compressLibrary: "native" }))
