/** The try-outs over a sandbox, in virtual time: the sandbox and the store outlive the bot. */
import { Cause, Effect, Exit, Layer, Redacted, Scope } from "effect"
import type * as Bot from "../../src/Bot.js"
import * as Deploy from "../../src/command/Deploy.js"
import { TryoutStore, layerMemory, makeMemory } from "../../src/features/tryouts/Store.js"
import * as Tryouts from "../../src/features/tryouts/Tryouts.js"
import * as Signer from "../../src/interaction/Signer.js"
import type * as Actor from "../../src/sandbox/people/Actor.js"
import type * as CommandInput from "../../src/sandbox/people/CommandInput.js"
import type { Guild, Message, Role } from "../../src/sandbox/model/Model.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import { Waits } from "../../src/wait/Waits.js"
import * as Harbour from "../bot/Harbour.js"

export const QUESTIONS =
  "Your name? (text 2-40); Your age? (number 13-99); Position? (choice goalkeeper, striker, sweeper); A clip? (file image/* video/*)"

/** What `/tryout open` is given. */
export const keepers = {
  name: "Keepers",
  channel: "tryouts",
  questions: QUESTIONS,
  deadline: "10 minutes",
}

/** Somebody at their screen. */
export interface Person {
  readonly actor: Actor.Actor
  readonly mention: string
  /** Runs a command in #general and gives what they see of its end. */
  readonly run: (
    command: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<string, Actor.Failure>
  /** The bot's message with this text and live components. */
  readonly live: (where: string, text: string) => Effect.Effect<Message, Actor.Failure>
  /** The bot's message with this text. */
  readonly sees: (where: string, text: string) => Effect.Effect<Message, Actor.Failure>
  /** Presses a button on the message with this text. */
  readonly press: (where: string, text: string, button: string) => Effect.Effect<Actor.Turn, Actor.Failure>
  /** What the bot's messages in a channel say, a while later. */
  readonly screen: (where: string) => Effect.Effect<ReadonlyArray<string>, Actor.Failure>
}

/** What a script has in hand. */
export interface Field {
  readonly sandbox: Sandbox.Sandbox
  readonly guild: Guild
  readonly role: Role
  readonly ada: Person
  readonly ben: Person
  readonly cleo: Person
  readonly dan: Person
  /** Ada opens the try-out Keepers, reviewed in #tryouts. */
  readonly open: (
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<string, Actor.Failure>
  /** Answers all four questions of the interview there. */
  readonly answer: (person: Person, where: string) => Effect.Effect<void, Actor.Failure>
  /** Answers, and sends. */
  readonly send: (person: Person, where: string) => Effect.Effect<void, Actor.Failure>
  /** The thread of somebody's interview, by name. */
  readonly thread: (person: Person) => string
  /** Ends the first task of that kind, as an administrator would. */
  readonly cancel: (kind: string) => Effect.Effect<void>
  /** Stops the bot, and starts another on the same sandbox and store. */
  readonly restart: Effect.Effect<void>
  /** From the next start on the store is empty. */
  readonly forget: Effect.Effect<void>
  /** Stops the bot. */
  readonly stop: Effect.Effect<void>
  /** Tasks and waits. */
  readonly roster: Effect.Effect<ReadonlyArray<string>>
  readonly store: TryoutStore
}

type Services = Bot.Bot | Bot.Services

/** Plays a script, and checks that nothing of the bot's is left over. */
export const play = async <A, E>(
  script: (field: Field) => Effect.Effect<A, E>,
  options: { readonly sandbox?: Sandbox.Options; readonly interleaving?: number } = {},
): Promise<A> => {
  const program = Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const store = yield* TryoutStore
    const guild = [...sandbox.world.guilds.values()][0]!
    const role = [...guild.roles.values()].find(({ name }) => name === "Player")!
    const bot = yield* machine(store)
    yield* bot.restart
    yield* bot.within(Deploy.apply())
    const people = yield* Effect.all({
      ada: person(sandbox, "ada"),
      ben: person(sandbox, "ben"),
      cleo: person(sandbox, "cleo"),
      dan: person(sandbox, "dan"),
    })
    const field: Field = {
      ...people,
      sandbox,
      guild,
      role,
      store,
      stop: bot.stop,
      restart: bot.restart,
      forget: bot.forget,
      open: (values = {}) => people.ada.run("tryout open", { ...keepers, ...values }),
      thread: threadOf,
      answer,
      send,
      roster: bot.within(remaining),
      cancel: (kind) => bot.within(cancel(kind)),
    }
    const result = yield* script(field).pipe(
      Effect.timeout("20 hours"),
      Effect.catchAllCause((cause) =>
        Effect.failCause(Cause.sequential(cause, Cause.die(new Error(transcript(sandbox))))),
      ),
    )
    yield* Effect.sleep("1 minute")
    const left = yield* bot.within(remaining)
    if (left.length > 0) return yield* Effect.die(new Error(`Left over: ${left.join("; ")}`))
    yield* bot.stop
    return result
  })
  const { exit } = await VirtualClock.run(
    program.pipe(Effect.scoped, Effect.provide(Layer.merge(Sandbox.layer(options.sandbox), layerMemory))),
    {
      start: 1_700_000_000_000,
      ...(options.interleaving === undefined ? {} : { interleaving: options.interleaving }),
    },
  )
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value
}

const cancel = (kind: string) =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const task = (yield* supervisor.roster).find((one) => one.kind === kind)
    if (task !== undefined) yield* supervisor.cancel(task.id, "admin")
  })

/** What stands in every channel, for a test that failed. */
const transcript = ({ world }: Sandbox.Sandbox): string =>
  [...world.channels.values()]
    .flatMap(({ messages, name }) =>
      [...messages.values()].map(
        (one) =>
          `#${name} ${world.user(one.authorId).username}: ${textOf(one)}${isLive(one) ? " [live]" : ""}`,
      ),
    )
    .join("\n")

/** A bot that can be stopped and started again. */
const machine = (store: TryoutStore) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const outer = yield* Effect.scope
    const signer = Signer.layer([Redacted.make("a secret that stays the same")])
    let kept = store
    const layer = () =>
      Harbour.onSandbox(Tryouts.layer.pipe(Layer.provide(Layer.succeed(TryoutStore, kept))), {
        signer,
      }).pipe(Layer.provide(Layer.succeed(Sandbox.Sandbox, sandbox)))
    let running: { readonly scope: Scope.CloseableScope; readonly run: Run } | undefined
    const stop = Effect.suspend(() => {
      const scope = running?.scope
      running = undefined
      return scope === undefined ? Effect.void : Scope.close(scope, Exit.void)
    })
    const start = Effect.gen(function* () {
      const scope = yield* Scope.fork(outer, { _tag: "Sequential" })
      const context = yield* Effect.orDie(Layer.buildWithScope(layer(), scope))
      running = { scope, run: (effect) => Effect.provide(effect, context) }
    })
    const { withPermits } = yield* Effect.makeSemaphore(1)
    const changing = withPermits(1)
    return {
      stop: changing(stop),
      restart: changing(Effect.zipRight(stop, start)),
      forget: Effect.map(makeMemory, (fresh) => {
        kept = fresh
      }),
      within: <A, E>(effect: Effect.Effect<A, E, Services>): Effect.Effect<A> =>
        changing(Effect.suspend(() => Effect.orDie(running!.run(effect)))),
    }
  })

type Run = <A, E>(effect: Effect.Effect<A, E, Services>) => Effect.Effect<A, E>

const remaining = Effect.gen(function* () {
  const roster = yield* (yield* Supervisor).roster
  const outstanding = yield* (yield* Waits).outstanding
  return [
    ...roster
      .filter(({ kind }) => kind !== "wait")
      .map(({ kind, name, state }) => `${kind} ${name} ${state}`),
    ...outstanding.map(({ text }) => `wait: ${text}`),
  ]
})

export const person = (sandbox: Sandbox.Sandbox, name: string) =>
  Effect.map(sandbox.actor(name), (actor): Person => {
    const mine = ({ authorId }: Message) => authorId === sandbox.world.bot.id
    const live = (where: string, text: string) =>
      actor.message(where, (one) => mine(one) && isLive(one) && textOf(one).includes(text))
    return {
      actor,
      mention: `<@${actor.user.id}>`,
      run: (command, values = {}) =>
        Effect.flatMap(actor.slash("general", command, values), (turn) =>
          Effect.map(
            turn.when((now) => (now._tag === "Responded" ? now.messages.length > 0 : now._tag === "Failed")),
            (state) => (state._tag === "Responded" ? state.messages.map(textOf).join("\n") : state._tag),
          ),
        ),
      live,
      sees: (where, text) => actor.message(where, (one) => mine(one) && textOf(one).includes(text)),
      press: (where, text, button) => Effect.flatMap(live(where, text), ({ id }) => actor.press(id, button)),
      screen: (where) =>
        Effect.zipRight(
          Effect.sleep("10 seconds"),
          Effect.map(actor.history(where), (all) => all.filter(mine).map(textOf)),
        ),
    }
  })

const answer: Field["answer"] = ({ actor, live, press }, where) =>
  Effect.gen(function* () {
    yield* live(where, "Your name?")
    yield* actor.say(where, "Cleo Keen")
    yield* live(where, "Your age?")
    yield* actor.say(where, "19")
    yield* press(where, "Position?", "striker")
    yield* live(where, "A clip?")
    yield* actor.say(where, "", {
      attachments: [{ name: "clip.mp4", contentType: "video/mp4", bytes: new Uint8Array([1, 2, 3]) }],
    })
    yield* live(where, "Look over your answers")
  })

export const send: Field["send"] = (who, where) =>
  Effect.zipRight(answer(who, where), Effect.asVoid(who.press(where, "Look over your answers", "Send")))

/** The thread of somebody's interview, by name. */
export const threadOf = ({ actor }: Person): string => `Keepers ${actor.user.username}`

export const isLive = ({ components }: Message): boolean => components.some((one) => one["type"] === 1)

/** All text of a message, that of its embeds too. */
export const textOf = ({ content, embeds }: Message): string =>
  [content, ...embeds.map((embed) => JSON.stringify(embed))].join("\n").trim()

/** What an interaction has come to, once it has. */
export const outcomeOf = (turn: Actor.Turn): Effect.Effect<string> =>
  Effect.map(
    turn.when((now) => (now._tag === "Responded" ? now.messages.length > 0 : now._tag === "Failed")),
    (state) => (state._tag === "Responded" ? state.messages.map(textOf).join("\n") : state._tag),
  )
