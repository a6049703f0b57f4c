/**
 * People in a test: they run commands, press buttons, fill in forms, write, and see what is on their screen.
 *
 * Whatever they do is done at once, as far as Discord lets them: what it does not is a typed error. Messages,
 * buttons and fields are found as a person finds them, by what is written on them, the newest first.
 *
 * @module
 */
import { ComponentType } from "discord-api-types/v10"
import { type Brand, Context, Effect } from "effect"
import * as Commands from "../command/Commands.js"
import type { Param, Params } from "../command/Param.js"
import { type Any, type Command, leaves } from "../command/Spec.js"
import type * as Actor from "../sandbox/people/Actor.js"
import { NotFound } from "../sandbox/people/ActorError.js"
import type * as CommandInput from "../sandbox/people/CommandInput.js"
import type { Json, Message } from "../sandbox/model/Model.js"
import type { Modal } from "../sandbox/world/View.js"
import type { Rig } from "./Rig.js"
import * as Screen from "./Screen.js"
import * as Turn from "./Turn.js"

/** Somebody or something that is named, or held in hand. */
type Named = string | { readonly id: string }

type Plain<A> = A extends string
  ? string
  : A extends number
    ? number
    : A extends boolean
      ? boolean
      : Named | CommandInput.Value

type Value<A> = A extends undefined | null
  ? never
  : A extends Brand.Brand<string | symbol>
    ? Plain<A>
    : A extends string | number | boolean
      ? A
      : Named | CommandInput.Attachment

type Optional<P extends Params> = { [K in keyof P]: P[K] extends Param<unknown, true> ? K : never }[keyof P]

/** What a person gives for a command's parameters: people, channels and roles by name or id, files by bytes. */
export type Given<P extends Params> = {
  readonly [K in Exclude<keyof P, Optional<P>>]: P[K] extends Param<infer A> ? Value<A> : never
} & { readonly [K in Optional<P>]?: P[K] extends Param<infer A> ? Value<A> : never }

/** Where to look for something: a message, what came of a turn, or (left out) all that is in sight. */
export type Target = Screen.Shown | Turn.Turn

export interface Member {
  readonly id: string
  readonly name: string
  /** How a message names them. */
  readonly mention: string
  /** The same person elsewhere: `#channel`, a thread's name, an id, or `dm`. */
  readonly at: (place: string) => Member
  /** Runs a command of the bot as it is offered: as a slash command, from a menu, or by a prefix message. */
  readonly run: <P extends Params, E, R>(
    command: Command<string, P, E, R>,
    ...params: {} extends Given<P> ? [params?: Given<P>] : [params: Given<P>]
  ) => Effect.Effect<Turn.Turn, Actor.Failure>
  /** Runs a slash command by its full name: `tryout apply`. */
  readonly slash: (
    command: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<Turn.Turn, Actor.Failure>
  /** Writes a message; a prefix command's outcome is that of the returned turn. */
  readonly say: (
    text: string,
    options?: { readonly attachments?: ReadonlyArray<CommandInput.Attachment>; readonly replyTo?: string },
  ) => Effect.Effect<Turn.Turn, Actor.Failure>
  /** Presses a button by what is written on it. */
  readonly click: {
    (label: string): Effect.Effect<Turn.Turn, Actor.Failure>
    (on: Target, label: string): Effect.Effect<Turn.Turn, Actor.Failure>
  }
  /** Chooses in a select menu, by what is written or by value; people, roles and channels by name. */
  readonly pick: {
    (values: string | ReadonlyArray<string>): Effect.Effect<Turn.Turn, Actor.Failure>
    (on: Target, values: string | ReadonlyArray<string>): Effect.Effect<Turn.Turn, Actor.Failure>
  }
  /** Fills in the newest form on the screen, its fields by label or custom id, and sends it. */
  readonly submit: (
    fields: Readonly<Record<string, string | ReadonlyArray<string>>>,
  ) => Effect.Effect<Turn.Turn, Actor.Failure>
  readonly react: (on: Target, emoji: string) => Effect.Effect<void, Actor.Failure>
  readonly deleteMessage: (message: Screen.Shown) => Effect.Effect<void, Actor.Failure>
  /** What is on their screen in this place, oldest first. */
  readonly sees: Effect.Effect<ReadonlyArray<Screen.Shown>, Actor.Failure>
  /** The form on their screen, if there is one. */
  readonly form: Effect.Effect<Modal | undefined>
  /** The next message of the bot's that they see, wherever it is; each is given once. */
  readonly nextMessage: Effect.Effect<Screen.Shown>
  /** What is there to be seen of a turn in the end: its answer, not the questions on the way there. */
  readonly finalReplies: (turn: Turn.Turn) => Effect.Effect<ReadonlyArray<Screen.Shown>>
  /** The person as the sandbox has them. */
  readonly actor: Actor.Actor
}

/** What one person has on their screen, wherever they look. */
interface Eyes {
  readonly forms: Array<Modal>
  readonly inbox: Turn.Inbox
}

export const make = (rig: Rig, waiting: Turn.Waiting, actor: Actor.Actor, guildId: string): Member => {
  const eyes: Eyes = { forms: [], inbox: Turn.inbox(rig, waiting) }
  const stop = actor.observe((sight) => {
    if (sight._tag === "ModalShown") eyes.forms.push(sight.modal)
    if (sight._tag === "MessageShown" || sight._tag === "MessageEdited") eyes.inbox.take(sight.message)
  })
  waiting.onEnd(stop)
  return at(rig, waiting, actor, guildId, eyes, "general")
}

const at = (
  rig: Rig,
  waiting: Turn.Waiting,
  actor: Actor.Actor,
  guildId: string,
  eyes: Eyes,
  place: string,
): Member => {
  const { id, username } = actor.user
  const { world } = rig.sandbox
  const where = Effect.sync(() => placeOf(rig, guildId, place))
  const note = (did: string) => rig.transcript.add({ _tag: "Person", who: username, did })

  /** Does something as a turn whose messages are collected from before it is done. */
  const turn = (
    did: string,
    start: Effect.Effect<Actor.Turn, Actor.Failure>,
    kind: Turn.Kind,
    opener?: string,
  ): Effect.Effect<Turn.Turn, Actor.Failure> =>
    Effect.suspend(() => {
      note(did)
      return Effect.map(start, (started) => Turn.ofInteraction(rig, waiting, actor, started, kind, opener))
    })

  /** The newest message with a component that fits, in this place first. */
  const find = (
    on: Target | undefined,
    what: string,
    fits: (message: Message) => Json | undefined,
    offered: (message: Message) => ReadonlyArray<string>,
  ): Effect.Effect<readonly [Message, Json], Actor.Failure> =>
    Effect.suspend(() => {
      const here = placeOf(rig, guildId, place)
      const all = [...world.channels.values()]
        .filter((channel) => world.canSee(id, channel))
        .sort((a, b) => Number(isHere(b, here)) - Number(isHere(a, here)))
        .flatMap((channel) =>
          [...channel.messages.values()]
            .filter((one) => one.ephemeralFor === null || one.ephemeralFor === id)
            .toReversed(),
        )
      const looked =
        on === undefined
          ? all
          : "buttons" in on
            ? all.filter((one) => one.id === on.id)
            : Turn.messagesOf(rig, actor, on).toReversed()
      for (const message of looked) {
        const hit = fits(message)
        if (hit !== undefined) return Effect.succeed([message, hit] as const)
      }
      return Effect.fail(new NotFound({ what: "component", name: what, known: looked.flatMap(offered) }))
    })

  const click = (first: Target | string, second?: string) => {
    const [on, label] = typeof first === "string" ? [undefined, first] : [first, second ?? ""]
    const named = (message: Message) =>
      Screen.buttons(message).find((one) => Screen.labelOf(one) === label || one["custom_id"] === label)
    return Effect.flatMap(
      find(on, label, named, (message) => Screen.buttons(message).map(Screen.labelOf)),
      ([message, button]) =>
        turn(`presses "${label}"`, actor.press(message.id, String(button["custom_id"])), "press"),
    )
  }

  const pick = (first: Target | string | ReadonlyArray<string>, second?: string | ReadonlyArray<string>) => {
    const [on, given] = isTarget(first) ? [first, second ?? []] : [undefined, first]
    const values = typeof given === "string" ? [given] : given
    return Effect.flatMap(
      find(
        on,
        values.join(", "),
        (message) => Screen.selects(message)[0],
        (message) => Screen.selects(message).map(Screen.labelOf),
      ),
      ([message, select]) =>
        turn(
          `picks ${values.join(", ")}`,
          actor.select(message.id, String(select["custom_id"]), values),
          "press",
        ),
    )
  }

  const slash: Member["slash"] = (command, values = {}) =>
    Effect.flatMap(where, (channel) =>
      turn(`/${command} ${describe(values)}`.trimEnd(), actor.slash(channel, command, values), "command"),
    )

  const say: Member["say"] = (text, options) =>
    Effect.gen(function* () {
      note(`says "${text}"`)
      const turnOf = Turn.ofMessage(rig, waiting, actor)
      const message = yield* actor.say(yield* where, text, options)
      return turnOf(message)
    })

  const run: Member["run"] = (command, ...rest) =>
    Effect.suspend(() => {
      const given = (rest[0] ?? {}) as Readonly<Record<string, Named | CommandInput.Value>>
      const { from, name } = pathOf(Context.get(rig.services, Commands.Commands).all(), command as Any)
      const values = Object.fromEntries(
        Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, plain(value)]])),
      ) as Record<string, CommandInput.Value>
      if (from.includes("slash")) return slash(name, values)
      const [picked] = Object.values(values)
      if (from.includes("userMenu"))
        return Effect.flatMap(where, (channel) =>
          turn(`${name} on ${String(picked)}`, actor.userMenu(channel, name, String(picked)), "command"),
        )
      if (from.includes("messageMenu"))
        return turn(`${name} on a message`, actor.messageMenu(name, String(picked)), "command")
      const prefix = Context.get(rig.services, Commands.Commands).prefix() ?? "!"
      const words = Object.values(values).map((value) => word(String(value)))
      return say(`${prefix}${[name, ...words].join(" ")}`)
    })

  return {
    id,
    name: username,
    mention: `<@${id}>`,
    at: (next) => at(rig, waiting, actor, guildId, eyes, next),
    run,
    slash,
    say,
    click,
    pick,
    submit: (fields) =>
      Effect.suspend((): Effect.Effect<Turn.Turn, Actor.Failure> => {
        const modal = eyes.forms.pop()
        if (modal === undefined)
          return Effect.fail(new NotFound({ what: "modal", name: "on the screen", known: [] }))
        const ids = fieldIds(modal.components)
        const byId = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [ids.get(name) ?? name, value]),
        )
        return turn(`submits ${describe(fields)}`, actor.submit(modal, byId), "press", modal.interactionId)
      }),
    react: (on, emoji) =>
      Effect.suspend(() => {
        note(`reacts with ${emoji}`)
        const message = "buttons" in on ? on : Turn.messagesOf(rig, actor, on).at(-1)
        return message === undefined
          ? Effect.fail(new NotFound({ what: "message", name: "of that turn", known: [] }))
          : actor.react(message.id, emoji)
      }),
    deleteMessage: (message) =>
      Effect.suspend(() => {
        note("deletes a message")
        return actor.deleteMessage(message.id)
      }),
    sees: Effect.flatMap(where, (channel) =>
      Effect.map(actor.history(channel), (messages) => messages.map(Screen.shown)),
    ),
    form: Effect.sync(() => eyes.forms.at(-1)),
    nextMessage: eyes.inbox.next(`${username} waits for a message of the bot's`),
    finalReplies: (of) => Effect.sync(() => Turn.finalOf(rig, actor, of).map(Screen.shown)),
    actor,
  }
}

const isTarget = (value: Target | string | ReadonlyArray<string>): value is Target =>
  typeof value === "object" && !Array.isArray(value)

const isHere = (channel: { readonly id: string; readonly name: string }, here: string): boolean =>
  channel.id === here || channel.name === here

/** The id of a channel or thread of this guild by its name; the text itself where there is none. */
const placeOf = (rig: Rig, guildId: string, place: string): string => {
  if (place.toLowerCase() === "dm") return "dm"
  const wanted = place.replace(/^<?#/u, "").replace(/>$/u, "")
  for (const channel of rig.sandbox.world.channels.values())
    if (channel.id === wanted || (channel.guildId === guildId && channel.name === wanted)) return channel.id
  return wanted
}

/** A command's full name, where it may be nested in a group, and how it is called. */
const pathOf = (all: ReadonlyArray<Any>, command: Any) => {
  const every = all.flatMap(leaves)
  const { body } = command
  const found =
    every.find(({ leaf }) => leaf === body) ??
    every.find(({ leaf }) => body._tag === "Leaf" && leaf.handler === body.handler) ??
    every.find(({ name, path }) => name === command.name || path.at(-1) === command.name)
  if (found === undefined) throw new Error(`The bot has no command ${command.name}: is it in the features?`)
  return { name: found.name, from: found.leaf.from }
}

const plain = (value: Named | CommandInput.Value): CommandInput.Value =>
  typeof value === "object" && "id" in value ? value.id : value

const word = (text: string): string => (/\s/u.test(text) ? `"${text.replace(/"/gu, '\\"')}"` : text)

const describe = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `${name}:${typeof value === "object" && !Array.isArray(value) ? "(file)" : String(value)}`,
    )
    .join(" ")

/** From what is written beside a field to its custom id. */
const fieldIds = (components: ReadonlyArray<Json>): Map<string, string> => {
  const ids = new Map<string, string>()
  const visit = (component: Json, label: unknown): void => {
    const own = component["label"] ?? label
    const id = component["custom_id"]
    if (typeof id === "string" && typeof own === "string" && component["type"] !== ComponentType.Label)
      ids.set(own, id)
    const inner = component["component"]
    if (typeof inner === "object" && inner !== null) visit(inner as Json, own)
    const children = component["components"]
    if (Array.isArray(children)) for (const child of children as ReadonlyArray<Json>) visit(child, undefined)
  }
  for (const component of components) visit(component, undefined)
  return ids
}
