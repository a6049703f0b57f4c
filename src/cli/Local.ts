/**
 * `bosun start` without a token: the bot, a Discord of its own on 127.0.0.1, and somebody who types.
 *
 * At a terminal lines are carried out as they come. From a pipe or a file each line waits until the bot has
 * settled after the one before, and is shown with what it does; at the end what still waits for a person is cancelled, and the exit code says
 * whether a command died. Without any line it stays up until a signal.
 *
 * @module
 */
import { Context, Effect, Layer, Metric, MetricKeyType, Redacted, Runtime } from "effect"
import * as Bot from "../Bot.js"
import * as Deploy from "../command/Deploy.js"
import type { RestError } from "../DiscordError.js"
import type { StartError } from "../discord/Client.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import * as Server from "../sandbox/Server.js"
import { Shutdown } from "../supervise/Shutdown.js"
import type { Escalated } from "../supervise/Supervisor.js"
import * as Chat from "./Chat.js"
import type { Job } from "./Cli.js"
import * as Completion from "./Completion.js"
import * as Input from "./Input.js"
import * as Settled from "./Settled.js"

export interface Options<A, E> extends Job<A, E> {
  readonly json: boolean
  /** Of the sandbox; 0 takes any free one. */
  readonly port: number
}

/** Runs until the input ends, a signal comes, or the bot is ended. Returns the exit code. */
export const run = <A, E>({
  features,
  json,
  options,
  port,
  screen,
}: Options<A, E>): Effect.Effect<number, E | StartError | Escalated | RestError | Server.ServerError> =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const server = yield* Server.make({ port })
    const context = yield* Layer.build(
      Bot.layer(features, { ...options, token: Redacted.make("sandbox"), apiUrl: server.url }),
    )
    const bot = Context.get(context, Bot.Bot)
    const shutdown = Context.get(context, Shutdown)
    const inBot = Effect.provide(context)
    const talk = Effect.gen(function* () {
      yield* Deploy.apply()
      const terminal = Input.isTerminal()
      const chat = yield* Chat.make({ sandbox, screen, json, echo: !terminal && !json })
      screen.err(`The sandbox listens on ${server.url}${terminal ? "; type help" : ""}.`)
      const lines = yield* terminal ? typed(chat, screen) : Input.piped
      const settled = terminal ? Effect.void : Settled.wait(sandbox)
      let count = 0
      for (let line = yield* lines; line !== undefined; line = yield* lines) {
        count++
        if (!(yield* chat.submit(line))) break
        yield* settled
      }
      if (count === 0 && !terminal) return yield* Effect.never
      // Whoever waits for a person waits in vain: there is no more input.
      yield* shutdown.run(0)
      return died() ? 1 : 0
    }).pipe(Effect.scoped, inBot)
    return yield* Effect.raceFirst(talk, bot.fatal)
  }).pipe(Effect.scoped, Effect.provide(Sandbox.layer()))

const typed = Effect.fnUntraced(function* (chat: Chat.Chat, screen: Job<never, never>["screen"]) {
  const runtime = yield* Effect.runtime<never>()
  return yield* Input.terminal({
    screen,
    prompt: "> ",
    complete: (line) => Completion.complete(line, Runtime.runSync(runtime)(chat.known(line))),
  })
})

/** Whether any command ended by a defect. */
const died = (): boolean =>
  Metric.unsafeSnapshot().some(
    ({ metricKey, metricState }) =>
      metricKey.name === "bosun_commands_total" &&
      MetricKeyType.isCounterKey(metricKey.keyType) &&
      metricKey.tags.some(({ key, value }) => key === "outcome" && value === "died") &&
      "count" in metricState &&
      Number(metricState.count) > 0,
  )
