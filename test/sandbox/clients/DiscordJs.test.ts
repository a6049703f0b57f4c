import { Client, Events } from "discord.js"
import { Effect } from "effect"
import { intents } from "../Stock.js"
import * as Contract from "./Contract.js"

/** Takes the REST base by `rest.api`; the gateway's address comes from `GET /gateway/bot`, and may be plain. */
const connect: Contract.Connect = ({ url }, ears) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Client({ intents, rest: { api: url } })),
      (made) => Effect.promise(() => made.destroy()),
    )
    client.on(Events.Error, ears.fail)
    client.on(Events.GuildCreate, ({ name }) => ears.hear({ _tag: "Guild", name }))
    client.on(Events.ShardResume, () => ears.hear({ _tag: "Resumed" }))
    client.on(Events.MessageCreate, ({ author, content }) => {
      if (!author.bot) ears.hear({ _tag: "Message", author: author.username, content })
    })
    client.on(Events.GuildMemberAdd, ({ guild, user }) =>
      ears.hear({ _tag: "Joined", guild: guild.name, name: user.username }),
    )
    client.on(Events.InteractionCreate, (interaction) => {
      if (!interaction.isChatInputCommand()) return
      ears.run({
        name: interaction.commandName,
        reply: (content) => interaction.reply(content),
        defer: () => interaction.deferReply(),
        edit: (content) => interaction.editReply(content),
      })
    })
    const ready = Contract.use(
      () => new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve())),
    )
    yield* Effect.all([ready, Contract.use(() => client.login("any"))], { concurrency: 2 })
    for (const { name } of client.guilds.cache.values()) ears.hear({ _tag: "Guild", name })
    return {
      register: (guildId, names) =>
        client.guilds.cache
          .get(guildId)!
          .commands.set(names.map((name) => ({ name, description: "A command" }))),
    }
  })

Contract.suite("discord.js", connect)
