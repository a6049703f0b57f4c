/** A bot with one command that holds a conversation, over the sandbox, in virtual time. */
import { Cause, Duration, Effect, Exit, Layer, Logger, LogLevel, Option, Schedule } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import type * as Invocation from "../../src/command/Invocation.js"
import * as Policy from "../../src/command/Policy.js"
import type { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import type * as Actor from "../../src/sandbox/people/Actor.js"
import type { Channel, Message } from "../../src/sandbox/model/Model.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import type { Modal } from "../../src/sandbox/world/View.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import { Waits } from "../../src/wait/Waits.js"
import * as Harbour from "../bot/Harbour.js"

/** What every error of a conversation has. */
type Tellable = { readonly _tag: string; readonly userText: string }

export interface Options {
  /** Of the command. Default 14 minutes. */
  readonly deadline?: Duration.DurationInput
  readonly interleaving?: number
  readonly bot?: Partial<Bot.Options>
  readonly world?: Sandbox.Options
  /** Whether nothing is logged. Default: errors are. */
  readonly quiet?: boolean
  /** Whether Ada calls it by a message. Default by a slash command. */
  readonly byMessage?: boolean
  /** Before Ada calls the command. */
  readonly before?: (sandbox: Sandbox.Sandbox) => Effect.Effect<void> | void
}

/** What a script has in hand. */
export interface Stage {
  readonly sandbox: Sandbox.Sandbox
  /** Who calls. */
  readonly ada: Actor.Actor
  readonly cleo: Actor.Actor
  /** Of the slash command. */
  readonly turn: Actor.Turn
  /** The first message with live components, or the newest of the bot's with that text. */
  readonly question: (channel?: string) => Effect.Effect<Message>
  /** The first message of the bot's that has this text in it. */
  readonly shows: (text: string, channel?: string) => Effect.Effect<Message, Actor.Failure>
  /** The modal on Ada's screen. */
  readonly modal: Effect.Effect<Modal>
  /** The outcome, once it was decided. */
  readonly outcome: Effect.Effect<string>
  /** How often an outcome was decided. */
  readonly outcomes: () => number
  /** What Ada sees of the bot in a channel, from now on unchanging. */
  readonly seen: (channel?: string) => Effect.Effect<ReadonlyArray<string>>
  /** What outlived the conversation: tasks, waits, live components. */
  readonly leftovers: Effect.Effect<ReadonlyArray<string>, never, Supervisor | Waits>
}

/** Plays a script against a conversation that Ada has started in #general, and checks what is left of it. */
export const play = <A, E extends Tellable, B, E2>(
  conversation: Effect.Effect<A, E, Interaction | Bot.Services>,
  script: (stage: Stage) => Effect.Effect<B, E2, Bot.Bot | Bot.Services | Sandbox.Sandbox>,
  options: Options = {},
): Promise<B> => {
  const command = Command.make("talk", { description: "Talks", from: ["slash", "message"] }, () =>
    Effect.map(conversation, (answer) => Reply.text(`Got ${JSON.stringify(answer)}`)),
  ).pipe(Policy.deadline(options.deadline ?? "14 minutes"))
  // Whatever it fails with has a text for the user.
  return run(Command.layer(command as never) as Features, "talk", script, options)
}

type Features = Layer.Layer<never, never, Bot.Services>

/** The same for a command of the given features. */
export const run = async <B, E>(
  features: Features,
  command: string,
  script: (stage: Stage) => Effect.Effect<B, E, Bot.Bot | Bot.Services | Sandbox.Sandbox>,
  options: Options = {},
): Promise<B> => {
  const ended: Array<Invocation.Ended> = []
  const program = Effect.gen(function* () {
    yield* Deploy.apply()
    const sandbox = yield* Sandbox.Sandbox
    const ada = yield* sandbox.actor("ada")
    const cleo = yield* sandbox.actor("cleo")
    yield* options.before?.(sandbox) ?? Effect.void
    const turn =
      options.byMessage === true
        ? Effect.zipRight(ada.say("general", `!${command}`), Effect.succeedNone)
        : Effect.asSome(ada.slash("general", command, {}))
    const called = yield* turn
    const until = <T>(look: () => T | undefined): Effect.Effect<T> =>
      Effect.suspend(() => {
        const found = look()
        return found === undefined
          ? Effect.flatMap(Effect.sleep("10 millis"), () => until(look))
          : Effect.succeed(found)
      })
    const own = (channel = "general") =>
      Effect.map(ada.history(channel), (all) =>
        all.filter(({ authorId, type }) => authorId === sandbox.world.bot.id && !isOfSystem(type)),
      )
    const stage: Stage = {
      sandbox,
      ada,
      cleo,
      get turn() {
        return Option.getOrThrow(called)
      },
      question: (channel = "general") => Effect.orDie(ada.message(channel, isLive)),
      shows: (text, channel = "general") =>
        ada.message(
          channel,
          ({ authorId, content }) => authorId === sandbox.world.bot.id && content.includes(text),
        ),
      modal: until(() => sandbox.interactions.modals(ada.user.id).at(-1)),
      outcome: Effect.map(
        until(() => ended[0]),
        ({ outcome }) => outcome,
      ),
      outcomes: () => ended.length,
      seen: (channel) =>
        Effect.zipRight(
          Effect.sleep("1 minute"),
          Effect.map(Effect.orDie(own(channel)), (all) => all.map(textOf)),
        ),
      leftovers: Effect.suspend(() => left(sandbox)),
    }
    const result = yield* Effect.timeoutFailCause(script(stage), {
      duration: "2 hours",
      onTimeout: () => Cause.die(new Error("The script waits for something that does not come")),
    })
    yield* Effect.sleep("1 minute")
    const remains = yield* left(sandbox)
    if (remains.length > 0) return yield* Effect.die(new Error(`Left over: ${remains.join("; ")}`))
    return result
  })
  const { exit } = await VirtualClock.run(
    program.pipe(
      Effect.provide(
        Harbour.inProcess(features, { ...options.bot, onOutcome: (one) => ended.push(one) }, options.world),
      ),
      Logger.withMinimumLogLevel(options.quiet === true ? LogLevel.None : LogLevel.Error),
    ),
    options.interleaving === undefined ? {} : { interleaving: options.interleaving },
  )
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value
}

const textOf = ({ content, ephemeralFor }: Message): string =>
  `${ephemeralFor === null ? "" : "(private) "}${content}`

/** Somebody was added to a thread, or the like. */
const isOfSystem = (type: number): boolean => ![0, 19, 20, 23].includes(type)

const isLive = ({ components }: Message): boolean => components.some((one) => one["type"] === 1)

const left = (sandbox: Sandbox.Sandbox): Effect.Effect<ReadonlyArray<string>, never, Supervisor | Waits> =>
  Effect.gen(function* () {
    const roster = yield* (yield* Supervisor).roster
    const outstanding = yield* (yield* Waits).outstanding
    const channels: ReadonlyArray<Channel> = [...sandbox.world.channels.values()]
    const live = channels.flatMap(({ messages }) => [...messages.values()].filter(isLive))
    return [
      ...roster.filter(({ kind }) => kind !== "background").map(({ kind, name }) => `${kind} ${name}`),
      ...outstanding.map(({ text }) => `wait: ${text}`),
      ...live.map(({ content }) => `live: ${content}`),
    ]
  })

/** For what appears at some time. */
export const often = Schedule.spaced("10 millis")
