import { Effect, Redacted } from "effect"
import * as Bot from "bosun/Bot"
import * as Command from "bosun/Command"
import * as Reply from "bosun/Reply"

const ping = Command.make("ping", { description: "Answers" }, () => Effect.succeed(Reply.text("Pong!")))
const options = { token: Redacted.make("any"), apiUrl: process.env["DISCORD_API_URL"] ?? Bot.DISCORD }
Effect.runFork(Bot.run(Command.layer(ping), options))
