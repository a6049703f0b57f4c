/**
 * `bosun start` without a token: the bot, a Discord of its own on 127.0.0.1 with its page, and somebody who types.
 *
 * At a terminal lines are carried out as they come. From a pipe or a file each line waits until the bot has
 * settled after the one before, and is shown with what it does; at the end what still waits for a person is cancelled, and the exit code says
 * whether a command died. Without any line it stays up until a signal.
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import { Context, Effect, Layer, Metric, MetricKeyType, Redacted, Runtime } from "effect"
import * as Bot from "../Bot.js"
import * as Deploy from "../command/Deploy.js"
import type { RestError } from "../DiscordError.js"
import type { StartError } from "../discord/Client.js"
import type { OtlpError } from "../observe/Otlp.js"
import type { OpsError } from "../ops/Ops.js"
import { Rest } from "../rest/Rest.js"
import type { Plan } from "../sandbox/fault/Plan.js"
import * as MovableClock from "../sandbox/MovableClock.js"
import type { Panel } from "../sandbox/page/Protocol.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import type * as Server from "../sandbox/Server.js"
import { Shutdown } from "../supervise/Shutdown.js"
import { type Escalated, Supervisor } from "../supervise/Supervisor.js"
import * as Chat from "./Chat.js"
import type { Job } from "./Cli.js"
import * as Completion from "./Completion.js"
import * as Harbour from "./Harbour.js"
import * as Input from "./Input.js"
import * as Operating from "./Operating.js"
import type { Settings } from "./Settings.js"
import * as Settled from "./Settled.js"

export interface Options<A, E> extends Job<A, E> {
  readonly settings: Settings
  readonly json: boolean
  /** Of the sandbox; 0 takes any free one, undefined the usual one where it is free. */
  readonly port: number | undefined
  readonly faults: Plan | undefined
}

/** Runs until the input ends, a signal comes, or the bot is ended. Returns the exit code. */
export const run = <A, E>(
  job: Options<A, E>,
): Effect.Effect<
  number,
  E | StartError | Escalated | RestError | Server.ServerError | OpsError | OtlpError
> =>
  Effect.gen(function* () {
    const done: Array<() => boolean> = []
    const clock = yield* MovableClock.make({ quiet: () => done.every((one) => one()) })
    return yield* Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      done.push(
        () =>
          sandbox.pendingRequests() === 0 &&
          sandbox.unansweredInteractions() === sandbox.deferredInteractions(),
      )
      return yield* within(job, sandbox, clock, done)
    }).pipe(Effect.scoped, Effect.provide(Sandbox.layer(Harbour.sandbox)), Effect.withClock(clock))
  })

const within = <A, E>(
  { faults, features, json, options, port, screen, settings }: Options<A, E>,
  sandbox: Sandbox.Sandbox,
  clock: MovableClock.MovableClock,
  /** What has to be done before time is moved on. */
  done: Array<() => boolean>,
) =>
  Effect.gen(function* () {
    const panels: Array<Panel> = []
    const { origin, url } = yield* Harbour.open({ port, faults, clock, panels })
    const ops = settings.ops ?? { host: "127.0.0.1", port: 0, token: undefined }
    // Where nobody has set a token, whoever reaches the page may cancel. One that was set is typed into the panel.
    const token = ops.token ?? Redacted.make(randomBytes(24).toString("base64url"))
    const given = ops.token === undefined ? `#token=${Redacted.value(token)}` : ""
    const beside = Operating.beside(
      features,
      { ...settings, ops: { ...ops, token } },
      {
        origin,
        opened: (at) => panels.push({ title: "Roster", url: `${at}/${given}` }),
      },
    )
    const context = yield* Layer.build(
      Bot.layer(beside, { ...options, token: Redacted.make("sandbox"), apiUrl: url }).pipe(
        Layer.provide(Operating.around(settings)),
      ),
    )
    // Released before the bot is, whose deadlines would otherwise be over at once.
    yield* Effect.addFinalizer(() => clock.settle)
    const supervisor = Context.get(context, Supervisor)
    const rest = Context.get(context, Rest)
    done.push(() => supervisor.busy() === 0 && rest.inFlight() === 0)
    const bot = Context.get(context, Bot.Bot)
    const shutdown = Context.get(context, Shutdown)
    const inBot = Effect.provide(context)
    const talk = Effect.gen(function* () {
      yield* Deploy.apply()
      const terminal = Input.isTerminal()
      const chat = yield* Chat.make({ sandbox, screen, json, echo: !terminal && !json })
      screen.err(
        `The sandbox listens on ${url}. Open ${origin} in a browser${terminal ? ", or type help here" : ""}.`,
      )
      const lines = yield* terminal ? typed(chat, screen) : Input.piped(screen)
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
  })

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
