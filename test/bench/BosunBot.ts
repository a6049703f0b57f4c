/**
 * Bosun with one command whose handler touches no structure.
 *
 * @module
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, Redacted } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as Reply from "../../src/interaction/Reply.js"
import { apiUrl, intents, listen } from "./Probe.js"

const ping = Command.make("ping", { description: "Answers" }, () => Effect.succeed(Reply.text("Pong!")))

listen()
NodeRuntime.runMain(
  Layer.launch(
    Bot.layer(Command.layer(ping), {
      token: Redacted.make("bench"),
      apiUrl,
      // As the others: a bot that only answers commands.
      intents: { required: intents },
      messages: false,
    }),
  ),
)
