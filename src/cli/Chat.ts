/**
 * A person at the sandbox: what is typed becomes what a member of its guild does, and what the bot does is
 * shown.
 *
 * A line that cannot be carried out says why and what would be accepted, on standard error (with `--json` as an
 * event), and touches nothing.
 *
 * @module
 */
import { ComponentType } from "discord-api-types/v10"
import { Effect, Either, type Scope } from "effect"
import { Commands } from "../command/Commands.js"
import { leaves } from "../command/Spec.js"
import type { Actor, Failure, Turn } from "../sandbox/Actor.js"
import type { UnknownActor } from "../sandbox/ActorError.js"
import type { Message } from "../sandbox/Model.js"
import type { Sandbox } from "../sandbox/Sandbox.js"
import type { Known } from "./Completion.js"
import * as Line from "./Line.js"
import * as Mentions from "./Mentions.js"
import * as Offered from "./Offered.js"
import * as Render from "./Render.js"
import type { Screen } from "./Screen.js"

export interface Options {
  readonly sandbox: Sandbox
  readonly screen: Screen
  /** Whether events are printed as JSON. */
  readonly json: boolean
}

export interface Chat {
  /** Carries out one line. False where it asked to leave. Does not wait for the bot. */
  readonly submit: (line: string) => Effect.Effect<boolean>
  /** What Tab can offer now. */
  readonly known: Effect.Effect<Known>
}

/** Who types, and where, unless a line says otherwise. */
const PERSON = "ada"
const CHANNEL = "general"

/** Shows what the bot does until the scope closes, and takes lines. */
export const make = Effect.fnUntraced(function* ({
  json,
  sandbox,
  screen,
}: Options): Effect.fn.Return<Chat, never, Commands | Scope.Scope> {
  const commands = yield* Commands
  const { world } = sandbox
  const mentionables = (): ReadonlyArray<Mentions.Mentionable> => [
    ...Array.from(world.users.values(), ({ id, username }) => ({
      name: `@${username}`,
      mention: `<@${id}>`,
    })),
    ...Array.from(world.guilds.values()).flatMap((guild) => [
      ...Array.from(guild.roles.values(), ({ id, name }) => ({
        name: name.startsWith("@") ? name : `@${name}`,
        // `@everyone` is written as it is.
        mention: id === guild.id ? "@everyone" : `<@&${id}>`,
      })),
      ...Array.from(guild.channels.values(), ({ id, name }) => ({ name: `#${name}`, mention: `<#${id}>` })),
    ]),
  ]
  const encode = (text: string) => Mentions.encode(text, mentionables())
  const render = Render.make(world)
  const show = (event: Render.Event): void =>
    screen.out(
      json
        ? JSON.stringify(event)
        : Render.text(event, (text) => Mentions.decode(text, mentionables()), CHANNEL),
    )
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      world.onSight((sight, audience) => {
        const event = render(sight, audience)
        if (event !== undefined) show(event)
      }),
    ),
    (stop) => Effect.sync(stop),
  )
  const refuse = (line: string, reason: string): void => {
    if (json) screen.out(JSON.stringify({ event: "refused", line, reason }))
    else screen.err(`${line.trim()}: ${reason}`)
  }
  const offered = (actor: Actor, channel: string): Effect.Effect<ReadonlyArray<Offered.Offered>> =>
    actor.commands(channel).pipe(
      Effect.map((all) => all.filter(({ type }) => type === 1).map(({ raw }) => Offered.fromJson(raw))),
      Effect.orElseSucceed(() => []),
    )

  const act = (
    actor: Actor,
    channel: string,
    deed: Line.Deed,
  ): Effect.Effect<Turn | Message, Failure | Wrong> => {
    switch (deed._tag) {
      case "Say":
        return actor.say(channel, encode(deed.text))
      case "Slash":
        return Effect.gen(function* () {
          const all = yield* offered(actor, channel)
          const found = Offered.find(all, deed.text)
          const options = found.offered?.options ?? []
          // Without a command there is nothing to read its options by: the refusal then names the commands.
          const read = found.offered === undefined ? noValues : Line.options(found.rest, options.map(nameOf))
          if (read._tag === "Wrong") return yield* Effect.fail(new Wrong(read.reason))
          const values = Object.fromEntries(
            Object.entries(read.values).map(([name, value]) => [
              name,
              options.some((one) => one.name === name && one.type === 3) ? encode(value) : value,
            ]),
          )
          return yield* actor.slash(channel, found.path, values)
        })
      case "Menu":
        return deed.on === "user"
          ? actor.userMenu(channel, deed.command, deed.target === "" ? actor.user.username : deed.target)
          : Effect.flatMap(
              deed.target === ""
                ? newest(actor, channel, () => true, "There is no message here yet")
                : Effect.succeed(deed.target),
              (id) => actor.messageMenu(deed.command, id),
            )
      case "Press": {
        const { label, values } = deed
        return newest(
          actor,
          channel,
          (message) => componentOf(message, label) !== undefined,
          `There is no [${label}] on any message in #${channel}`,
        ).pipe(
          Effect.flatMap((id) => {
            const message = world.channels.get(channelIdOf(id))?.messages.get(id)
            const found = message === undefined ? undefined : componentOf(message, label)
            return found === undefined || found.type === ComponentType.Button
              ? actor.press(id, found?.customId ?? label)
              : actor.select(
                  id,
                  found.customId,
                  values.map((value) => valueOf(found.options, value)),
                )
          }),
        )
      }
    }
  }
  const channelIdOf = (id: string): string =>
    Array.from(world.channels.values()).find((channel) => channel.messages.has(id))?.id ?? ""
  const newest = (
    actor: Actor,
    channel: string,
    fits: (message: Message) => boolean,
    otherwise: string,
  ): Effect.Effect<string, Failure | Wrong> =>
    Effect.flatMap(actor.history(channel), (messages) => {
      const found = messages.findLast(fits)
      return found === undefined ? Effect.fail(new Wrong(otherwise)) : Effect.succeed(found.id)
    })
  const explain = (error: Failure | UnknownActor | Wrong): string => {
    if (error._tag !== "InvalidInput" || error.problem !== "NotFound") return error.message
    const names = [...people(), ...roles(), ...channels()].join(", ")
    return `${error.message}. There are: ${names}`
  }
  const people = () =>
    Array.from(world.users.values())
      .filter(({ bot }) => !bot)
      .slice(0, 20)
      .map(({ username }) => `@${username}`)
  const guilds = () => Array.from(world.guilds.values()).slice(0, 1)
  const roles = () =>
    guilds().flatMap(({ id, roles }) =>
      Array.from(roles.values())
        .filter((role) => role.id !== id && !role.managed)
        .map(({ name }) => `@${name}`),
    )
  const channels = () =>
    guilds().flatMap(({ channels }) => Array.from(channels.values(), ({ name }) => `#${name}`))

  const prefixed = (): ReadonlyArray<string> => {
    const prefix = commands.prefix()
    if (prefix === undefined) return []
    return commands
      .all()
      .flatMap(leaves)
      .filter(({ leaf }) => leaf.from.includes("message"))
      .map(({ name }) => `${prefix}${name}`)
  }
  const help = Effect.gen(function* () {
    const actor = yield* sandbox.actor(PERSON)
    const all = yield* Effect.orElseSucceed(actor.commands(CHANNEL), () => [])
    const menus = all.filter(({ type }) => type !== 1)
    const lines = [
      "What can be typed:",
      ...all.filter(({ type }) => type === 1).flatMap(({ raw }) => Offered.usages(Offered.fromJson(raw))),
      ...menus.map(
        ({ name, type }) =>
          `/${name} ${type === 2 ? "(user) @name  on somebody; without a name on oneself" : "(message)  on the newest message"}`,
      ),
      ...(prefixed().length === 0 ? [] : [`${prefixed().join("  ")}  with their values after them`]),
      "[Yes]  presses a button;  [Menu] one, two  selects",
      "anything else  is said in the channel",
      `${PERSON}, #${CHANNEL}; as others, elsewhere:  cleo> hi   #tryouts> hi   cleo #tryouts> hi   cleo #dm> hi`,
      `people: ${people().join(" ")}   roles: ${roles().join(" ")}   channels: ${channels().join(" ")}`,
      "help  shows this;  exit  ends",
    ]
    screen.out(json ? JSON.stringify({ event: "help", lines }) : lines.join("\n  "))
  }).pipe(Effect.ignore)

  return {
    submit: (line) =>
      Effect.gen(function* () {
        const parsed = Line.parse(line)
        switch (parsed._tag) {
          case "Empty":
            return true
          case "Exit":
            return false
          case "Help":
            yield* help
            return true
          case "Act": {
            const done = yield* sandbox.actor(parsed.person ?? PERSON).pipe(
              Effect.flatMap((actor) => act(actor, parsed.channel ?? CHANNEL, parsed.deed)),
              Effect.either,
            )
            if (Either.isLeft(done)) refuse(line, explain(done.left))
            return true
          }
        }
      }),
    known: Effect.gen(function* () {
      const actor = yield* sandbox.actor(PERSON)
      return {
        commands: yield* offered(actor, CHANNEL),
        menus: (yield* actor.commands(CHANNEL))
          .filter(({ type }) => type !== 1)
          .map(({ name, type }) => `${name} (${type === 2 ? "user" : "message"})`),
        prefixed: prefixed(),
        people: people().map((name) => name.slice(1)),
        roles: roles().map((name) => name.slice(1)),
        channels: channels().map((name) => name.slice(1)),
      }
    }).pipe(
      Effect.orElseSucceed(() => ({
        commands: [],
        menus: [],
        prefixed: [],
        people: [],
        roles: [],
        channels: [],
      })),
    ),
  }
})

/** A line that means nothing here, before anybody does anything. */
class Wrong {
  readonly _tag = "Wrong"
  constructor(readonly message: string) {}
}

const noValues: Line.Values = { _tag: "Values", values: {} }

const nameOf = ({ name }: { readonly name: string }): string => name

interface Component {
  readonly type: unknown
  readonly customId: string
  readonly options: ReadonlyArray<Json>
}

type Json = Readonly<Record<string, unknown>>

/** The button or menu of a label, placeholder or custom id. */
const componentOf = (message: Message, label: string): Component | undefined => {
  const search = (all: ReadonlyArray<Json>): Component | undefined => {
    for (const one of all) {
      const customId = one["custom_id"]
      if (
        typeof customId === "string" &&
        [one["label"], one["placeholder"], customId].some(
          (name) => typeof name === "string" && name.toLowerCase() === label.toLowerCase(),
        )
      ) {
        return { type: one["type"], customId, options: objects(one["options"]) }
      }
      const inner = search([...objects(one["components"]), ...objects([one["accessory"]])])
      if (inner !== undefined) return inner
    }
    return undefined
  }
  return search(message.components)
}

const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === "object" && one !== null) : []

/** The value of a menu's choice by its shown name. */
const valueOf = (options: ReadonlyArray<Json>, shown: string): string => {
  const found = options.find(({ label }) => String(label).toLowerCase() === shown.toLowerCase())
  return found === undefined ? shown : String(found["value"])
}
