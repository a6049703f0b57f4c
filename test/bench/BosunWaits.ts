/**
 * Bosun with many waits outstanding.
 *
 * @module
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, Redacted, Runtime } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Wait from "../../src/wait/Wait.js"
import { apiUrl, intents, listen } from "./Probe.js"

const waits = Layer.scopedDiscard(
  Effect.map(Effect.runtime<Wait.Waits>(), (runtime) => {
    const fork = Runtime.runFork(runtime)
    listen((channelId, userIds, done) => {
      for (const authorId of userIds) {
        fork(
          Effect.map(Wait.next(Wait.message({ channelId, authorId }), { within: "1 hour" }), () =>
            done(authorId),
          ),
        )
      }
    })
  }),
)

NodeRuntime.runMain(
  Layer.launch(Bot.layer(waits, { token: Redacted.make("bench"), apiUrl, intents: { required: intents } })),
)
