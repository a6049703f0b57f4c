import { createServer, type Server } from "node:http"
import { Effect, Layer, type Redacted } from "effect"
import * as Bot from "bosun/Bot"
import * as Client from "bosun/Client"
import * as Command from "bosun/Command"
import * as Door from "bosun/Door"
import * as Reply from "bosun/Reply"

const ping = Command.layer(
  Command.make("ping", { description: "Answers" }, () => Effect.succeed(Reply.text("Pong!"))),
)

// A foreign server, whose callbacks know nothing of Effect. Its door ends with the bot, and so does what came
// through it.
const page = (port: number) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const door = yield* Door.make<Client.Client>()
      const server = createServer((_request, response) => {
        void door
          .run(
            "page",
            Effect.map(Client.Client, ({ discordJs }) => `${discordJs.guilds.cache.size} guilds\n`),
          )
          .then((text) => response.end(text))
          .catch(() => response.writeHead(503).end())
      })
      yield* Effect.acquireRelease(listen(server, port), () => close(server))
    }),
  )

/** The bot as one layer among others of a host program. */
export const layer = (options: {
  readonly token: Redacted.Redacted
  readonly apiUrl: string
  readonly port: number
}) => page(options.port).pipe(Layer.provideMerge(Bot.layer(ping, options)))

const listen = (server: Server, port: number) =>
  Effect.async<void>((resume) => {
    server.listen(port, "127.0.0.1", () => resume(Effect.void))
  })
const close = (server: Server) =>
  Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })
