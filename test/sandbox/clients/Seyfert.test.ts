import Https from "node:https"
import { Effect, type Scope } from "effect"
import {
  ApiHandler,
  Client,
  type ClientEvent,
  type ClientNameEvents,
  Command,
  type CommandContext,
  type EventContext,
  GatewayIntentBits,
  Logger,
  ShardManager,
} from "seyfert"
import * as Contract from "./Contract.js"
import { PlainAgent } from "./PlainAgent.js"

const intents =
  GatewayIntentBits.Guilds |
  GatewayIntentBits.GuildMembers |
  GatewayIntentBits.GuildMessages |
  GatewayIntentBits.MessageContent

/**
 * Takes the REST origin by `new ApiHandler({ domain })` and the gateway by `new ShardManager({ info })`, both handed
 * over with `setServices`. Its WebSocket is made of `node:https` alone and drops the port of the address, so that
 * Node's global agent is its only seam. A dropped socket is opened again after `reconnectTimeout`, 10 s by default.
 */
const connect: Contract.Connect = ({ port }, ears) =>
  Effect.gen(function* () {
    yield* globalAgent(port)
    yield* Effect.acquireRelease(
      Effect.sync(() => Logger.customize(() => undefined)),
      (restore) => Effect.sync(restore),
    )
    const rest = new ApiHandler({ token: "any", domain: `http://127.0.0.1:${port}` })
    const client = new Client({
      getRC: () => ({ token: "any", intents, locations: { base: "" } }),
    })
    const info = yield* Contract.use(() => rest.proxy.gateway.bot.get())
    const gateway = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new ShardManager({
            token: "any",
            info,
            intents,
            handlePayload: () => {},
            reconnectTimeout: 10,
            // Its timer is never stopped.
            resharding: { getInfo: () => rest.proxy.gateway.bot.get(), interval: 0, percentage: 80 },
          }),
      ),
      (made) => Effect.sync(() => made.disconnectAll()),
    )
    client.setServices({ rest, gateway })
    client.events.set([
      on("guildCreate", ({ name }) => ears.hear({ _tag: "Guild", name })),
      on("resumed", () => ears.hear({ _tag: "Resumed" })),
      on("messageCreate", ({ author, content }) => {
        if (author.bot !== true) ears.hear({ _tag: "Message", author: author.username, content })
      }),
      on("guildMemberAdd", async (member) => {
        const guild = await member.guild()
        ears.hear({ _tag: "Joined", guild: guild.name, name: member.user.username })
      }),
    ])
    const ready = Contract.use(
      () => new Promise<void>((resolve) => client.events.set([on("botReady", () => resolve())])),
    )
    yield* Effect.all([ready, Contract.use(() => client.start())], { concurrency: 2 })
    // Guilds that were there before it are told as cached only.
    for (const { name } of yield* Contract.use(async () => client.cache.guilds?.values() ?? []))
      ears.hear({ _tag: "Guild", name })
    return {
      register: (guildId, names) => {
        client.commands.set(names.map((name) => commandNamed(name, guildId, ears)))
        return client.uploadCommands()
      },
    }
  })

const on = <Name extends ClientNameEvents>(
  name: Name,
  run: (payload: EventContext<{ data: { name: Name } }>[0]) => unknown,
): ClientEvent => ({ data: { name, once: false }, run })

const commandNamed = (name: string, guildId: string, ears: Contract.Ears): Command => {
  class Named extends Command {
    override name = name
    override description = "A command"
    override guildId = [guildId]
    override run(context: CommandContext): void {
      ears.run({
        name,
        reply: (content) => context.write({ content }),
        defer: () => context.deferReply(),
        edit: (content) => context.editResponse({ content }),
      })
    }
  }
  return new Named()
}

const globalAgent = (port: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const former = Https.globalAgent
      Https.globalAgent = new PlainAgent(port)
      return former
    }),
    (former) =>
      Effect.sync(() => {
        Https.globalAgent = former
      }),
  )

Contract.suite("seyfert", connect)
