import { Effect } from "effect"
import * as Eris from "eris"
import * as Contract from "./Contract.js"
import { PlainAgent } from "./PlainAgent.js"

/**
 * Takes host and path of REST by `rest.domain` and `rest.baseURL`, yet always calls it with `node:https`: `rest.agent`
 * is its public seam. The gateway's address comes from `GET /gateway`, and may be plain.
 */
const connect: Contract.Connect = ({ port }, ears) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Eris.Client("Bot any", {
            intents: ["guilds", "guildMembers", "guildMessages", "messageContent"],
            rest: { domain: `127.0.0.1:${port}`, baseURL: "/api/v10", agent: new PlainAgent(port) },
          }),
      ),
      (made) => Effect.sync(() => made.disconnect({ reconnect: false })),
    )
    client.on("error", (error) => {
      // A socket that drops is told as an error too, and healed by the library.
      if (!String(error).includes("1006")) ears.fail(error)
    })
    client.on("guildCreate", ({ name }) => ears.hear({ _tag: "Guild", name }))
    client.on("shardResume", () => ears.hear({ _tag: "Resumed" }))
    client.on("messageCreate", ({ author, content }) => {
      if (!author.bot) ears.hear({ _tag: "Message", author: author.username, content })
    })
    client.on("guildMemberAdd", (guild, { username }) =>
      ears.hear({ _tag: "Joined", guild: guild.name, name: username }),
    )
    client.on("interactionCreate", (interaction) => {
      if (!(interaction instanceof Eris.CommandInteraction)) return
      ears.run({
        name: interaction.data.name,
        reply: (content) => interaction.createMessage(content),
        defer: () => interaction.defer(),
        edit: (content) => interaction.editOriginalMessage(content),
      })
    })
    const ready = Contract.use(() => new Promise<void>((resolve) => client.once("ready", () => resolve())))
    yield* Effect.all([ready, Contract.use(() => client.connect())], { concurrency: 2 })
    for (const { name } of client.guilds.values()) ears.hear({ _tag: "Guild", name })
    return {
      register: (guildId, names) =>
        client.bulkEditGuildCommands(
          guildId,
          names.map((name) => ({
            type: Eris.Constants.ApplicationCommandTypes.CHAT_INPUT,
            name,
            description: "A command",
          })),
        ),
    }
  })

Contract.suite("eris", connect)
