/**
 * `/ping`: is the bot there, and how far away is Discord?
 *
 * @module
 */
import { Effect } from "effect"
import * as Command from "../command/Command.js"
import * as Param from "../command/Param.js"
import { Client } from "../discord/Client.js"
import * as Md from "../interaction/Md.js"
import * as Reply from "../interaction/Reply.js"
import { Rest } from "../rest/Rest.js"

const ping = Command.make(
  "ping",
  {
    description: "Answers, and tells how far away Discord is",
    from: ["slash", "message"],
    params: { text: Param.optional(Param.string("Something to say back", { max: 200 })) },
  },
  Effect.fnUntraced(function* ({ text }) {
    const client = yield* Client
    const rest = yield* Rest
    const heartbeat = client.shards()[0]?.heartbeatLatency
    return Reply.text(
      [
        text === undefined ? "Pong!" : Md.text`Pong! ${text}`,
        `Gateway ${millis(heartbeat)}, REST ${millis(rest.latency())}`,
      ].join("\n"),
    )
  }),
)

const millis = (value: number | undefined): string =>
  value === undefined ? "not measured yet" : `${Math.round(value)} ms`

export const layer = Command.layer(ping)
