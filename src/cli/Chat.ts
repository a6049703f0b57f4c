/**
 * A person at the sandbox: what is typed becomes what a member of its guild does, and what the bot does is
 * shown.
 *
 * A line that cannot be carried out says why and what would be accepted, on standard error (with `--json` as an
 * event), and touches nothing.
 *
 * @module
 */
import { ApplicationCommandOptionType as Type, ComponentType } from "discord-api-types/v10"
import { Effect, Either, type Scope } from "effect"
import { Commands } from "../command/Commands.js"
import { leaves } from "../command/Spec.js"
import type { Actor, Failure, Turn } from "../sandbox/people/Actor.js"
import { NotFound, type UnknownActor } from "../sandbox/people/ActorError.js"
import { type Field, fieldOf, fieldsOf } from "../sandbox/people/ComponentInput.js"
import type * as CommandInput from "../sandbox/people/CommandInput.js"
import type { Message } from "../sandbox/model/Model.js"
import type { Sandbox } from "../sandbox/Sandbox.js"
import * as Attached from "./Attached.js"
import type { Known } from "./Completion.js"
import * as Controls from "./Controls.js"
import * as Line from "./Line.js"
import * as Mentions from "./Mentions.js"
import * as Moves from "./Moves.js"
import * as Offered from "./Offered.js"
import * as Render from "./Render.js"
import type { Screen } from "./Screen.js"

export interface Options {
  readonly sandbox: Sandbox
  readonly screen: Screen
  /** Whether events are printed as JSON. */
  readonly json: boolean
  /** Whether each line is shown before what it does, with who types it. */
  readonly echo: boolean
}

export interface Chat {
  /** Carries out one line. False where it asked to leave. Does not wait for the bot. */
  readonly submit: (line: string) => Effect.Effect<boolean>
  /** What Tab can offer now. */
  readonly known: (line: string) => Effect.Effect<Known>
}

/** Who types, and where, unless a line says otherwise. */
const PERSON = "ada"
const CHANNEL = "general"
/** Messages in one flood. */
const LONGEST_FLOOD = 20_000

/** Shows what the bot does until the scope closes, and takes lines. */
export const make = Effect.fnUntraced(function* ({
  echo,
  json,
  sandbox,
  screen,
}: Options): Effect.fn.Return<Chat, never, Commands | Scope.Scope> {
  const commands = yield* Commands
  const { interactions, world } = sandbox
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
      ...[...guild.channels.values(), ...guild.threads.values()].map(({ id, name }) => ({
        name: Render.hash(name),
        mention: `<#${id}>`,
      })),
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
  ): Effect.Effect<Turn | Message | void, Failure | UnknownActor | Wrong> => {
    switch (deed._tag) {
      case "Say":
        return actor.say(channel, encode(deed.text), { attachments: deed.files.map(Attached.make) })
      case "Slash":
        return Effect.gen(function* () {
          const { offered: command, path, rest } = Offered.find(yield* offered(actor, channel), deed.text)
          // Without a command there is nothing to read its options by: the refusal then names the commands.
          const read = command === undefined ? noValues : Line.options(rest, command.options.map(nameOf))
          return yield* actor.slash(channel, path, yield* valuesOf(command, read))
        })
      case "Suggest":
        return Effect.gen(function* () {
          const { offered: command, path, rest } = Offered.find(yield* offered(actor, channel), deed.text)
          const options = command?.options ?? []
          const { name, read } = Line.typing(rest, options.map(nameOf))
          const values = yield* valuesOf(command, read)
          const suggesting = options.filter(({ suggests }) => suggests).map(nameOf)
          if (command !== undefined && (name === undefined || !suggesting.includes(name))) {
            const accepted = suggesting.map((one) => `${one}:…`).join(" ")
            return yield* Effect.fail(
              new Wrong(
                suggesting.length === 0
                  ? `/${path} has no option for which the bot suggests values`
                  : `It must end with an option for which the bot suggests values: ${accepted}`,
              ),
            )
          }
          return yield* actor.autocomplete(channel, path, name ?? "", values)
        })
      case "React":
        return Effect.flatMap(
          newest(actor, channel, deed.text, ({ ephemeralFor }) => ephemeralFor === null),
          (id) => actor.react(id, deed.emoji),
        )
      case "Delete":
        return Effect.flatMap(
          newest(actor, channel, deed.text, ({ authorId }) =>
            deed.text === undefined ? authorId === world.bot.id : true,
          ),
          (id) => actor.deleteMessage(id),
        )
      case "Menu":
        return deed.on === "user"
          ? actor.userMenu(channel, deed.command, deed.target === "" ? actor.user.username : deed.target)
          : Effect.flatMap(
              deed.target === ""
                ? newest(actor, channel, undefined, () => true)
                : Effect.succeed(deed.target),
              (id) => actor.messageMenu(deed.command, id),
            )
      case "Press": {
        const { label, values } = deed
        return Effect.flatMap(
          reach(actor, channel, label, () => true),
          (found) =>
            found.isButton
              ? actor.press(found.messageId, found.customId)
              : actor.select(found.messageId, found.customId, values),
        )
      }
      case "Pick": {
        const { menu, values } = deed
        return Effect.flatMap(
          reach(actor, channel, menu, ({ isButton }) => !isButton),
          (found) => actor.select(found.messageId, found.customId, values),
        )
      }
      case "Submit":
        return fillIn(actor, deed.text)
      case "Dms":
        return actor.closeDms(!deed.open)
      case "Join":
        return Moves.join(sandbox, deed.name)
      case "Leave":
        return Moves.leave(sandbox, deed.name)
      case "Flood":
        return deed.count < 1 || deed.count > LONGEST_FLOOD
          ? Effect.fail(new Wrong(`A flood has 1 to ${LONGEST_FLOOD} messages`))
          : flood(actor, channel, deed.count, deed.text === undefined ? undefined : encode(deed.text))
    }
  }
  const valuesOf = (
    command: Offered.Offered | undefined,
    read: Line.Values,
  ): Effect.Effect<Readonly<Record<string, CommandInput.Value>>, Wrong> =>
    read._tag === "Wrong"
      ? Effect.fail(new Wrong(read.reason))
      : Effect.succeed(
          Object.fromEntries(
            Object.entries(read.values).map(([name, value]) => [
              name,
              typedAs(command?.options.find((one) => one.name === name)?.type, value),
            ]),
          ),
        )
  const typedAs = (type: Type | undefined, value: string): CommandInput.Value =>
    type === Type.String ? encode(value) : type === Type.Attachment ? Attached.make(value) : value
  const idOf = (actor: Actor, name: string): Effect.Effect<string | undefined> =>
    actor.channel(name).pipe(
      Effect.map(({ id }) => id),
      Effect.orElseSucceed(() => undefined),
    )
  /** A button or menu by its name, without one the first that fits; says where it is if that is elsewhere. */
  const reach = Effect.fnUntraced(function* (
    actor: Actor,
    channel: string,
    name: string | undefined,
    fits: (control: Controls.Control) => boolean,
  ) {
    const here = yield* idOf(actor, channel)
    const all = Controls.reachable(world, actor.user, here).filter(fits)
    const found = name === undefined ? all[0] : Controls.named(all, name)
    if (found === undefined) {
      const labels = Array.from(new Set(all.map(({ label }) => `[${label}]`))).slice(0, 20)
      const what = name === undefined ? "menu" : `[${name}]`
      return yield* Effect.fail(
        new Wrong(
          `There is no ${what} on any message in #${channel} or elsewhere${labels.length === 0 ? "" : `. There are: ${labels.join(" ")}`}`,
        ),
      )
    }
    if (found.channelId !== here) tellWhere(found)
    return found
  })
  const tellWhere = ({ channelId, label }: Controls.Control): void => {
    const channel = world.channels.get(channelId)
    const where = channel === undefined || channel.guildId === null ? "dm" : channel.name
    if (json) screen.out(JSON.stringify({ event: "found", control: label, channel: where }))
    else screen.err(`[${label}] is in ${Render.hash(where)}`)
  }
  /** Fills in the newest form of a person. */
  const fillIn = Effect.fnUntraced(function* (actor: Actor, text: string) {
    const modal = actor.modals().at(-1)
    if (modal === undefined) {
      const others = people().filter((name) => interactions.modals(world.findUser(name)?.id ?? "").length > 0)
      const there = others.length === 0 ? "" : `. One is open for: ${others.join(" ")}`
      return yield* Effect.fail(new Wrong(`No form is open for ${actor.user.username}${there}`))
    }
    const fields = fieldsOf(modal)
    const isField = (name: string): boolean => Either.isRight(Either.try(() => fieldOf(modal, name)))
    const usual = fields.map(({ customId, label }) => Line.fieldName(customId, label))
    const read = Line.options(text, [...usual, ...Line.namesIn(text).filter(isField)])
    if (read._tag === "Wrong") return yield* Effect.fail(new Wrong(read.reason))
    const values: Record<string, Field> = {}
    for (const [name, value] of Object.entries(read.values)) {
      if (!isField(name)) return yield* new NotFound({ what: "field", name, known: usual })
      const { type } = fieldOf(modal, name)
      values[name] =
        type === ComponentType.TextInput
          ? encode(value)
          : type === ComponentType.FileUpload
            ? Line.list(value).map(Attached.make)
            : Line.list(value)
    }
    return yield* actor.submit(modal, values)
  })
  /** The newest message of a channel that fits; with a text, the newest one that also has that in it. */
  const newest = (
    actor: Actor,
    channel: string,
    text: string | undefined,
    fits: (message: Message) => boolean,
  ): Effect.Effect<string, Failure | Wrong> =>
    Effect.flatMap(actor.history(channel), (messages) => {
      const wanted = text?.toLowerCase()
      const found = messages.findLast(
        (one) => fits(one) && (wanted === undefined || written(one).toLowerCase().includes(wanted)),
      )
      return found === undefined
        ? Effect.fail(
            new Wrong(
              `There is no message ${text === undefined ? "for that" : `with “${text}”`} in #${channel} yet`,
            ),
          )
        : Effect.succeed(found.id)
    })
  const written = ({ content, embeds }: Message): string =>
    [Mentions.decode(content, mentionables()), ...embeds.map((one) => JSON.stringify(one))].join("\n")
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
  const channels = (): ReadonlyArray<string> =>
    guilds().flatMap(({ channels }) => Array.from(channels.values(), ({ name }) => `#${name}`))
  /** The threads that a person sees and that go on. */
  const threads = (actor: Actor): ReadonlyArray<string> =>
    guilds().flatMap(({ threads }) =>
      Array.from(threads.values())
        .filter((one) => one.thread?.archived === false && world.canSee(actor.user.id, one))
        .map(({ name }) => Render.hash(name)),
    )

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
      'click "Yes"  or  [Yes]  presses a button, here or else wherever it was shown last',
      'pick "one", "two"  chooses in the newest menu;  pick menu:"Colour" "red"  or  [Colour] red  in that one',
      'submit name:"…" age:"…"  fills in the form that was shown last; a file by its name:  submit proof:"a.png"',
      'say "look" file:notes.txt  sends a small file of that name;  say "click"  says what would do something',
      'react 👍  reacts to the newest message,  react 👍 "text"  to the newest with that text',
      'delete  deletes the newest message of the bot,  delete "text"  the newest with that text',
      "suggest /name option:te  shows what the bot suggests for the option at the end",
      "dms off  takes no direct messages of the bot,  dms on  does again",
      `join @dora  comes into the server, made up at need;  leave @dora  leaves it;  leave @${world.bot.username}  puts the bot out`,
      'flood 1000  writes so many messages at once,  flood 50 "text"  with that text',
      "anything else  is said in the channel",
      `${PERSON}, #${CHANNEL}; as others, elsewhere:  cleo> hi   #tryouts> hi   cleo #tryouts> hi   cleo #dm> hi`,
      "a thread is a channel of its name;  “only you”  is for whom the arrow names",
      `people: ${people().join(" ")}   roles: ${roles().join(" ")}   channels: ${[...channels(), ...threads(actor)].join(" ")} #dm`,
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
            if (echo) screen.out(Line.attributed(line, PERSON))
            const done = yield* sandbox.actor(parsed.person ?? PERSON).pipe(
              Effect.flatMap((actor) => act(actor, parsed.channel ?? CHANNEL, parsed.deed)),
              Effect.either,
            )
            if (Either.isLeft(done)) refuse(line, explain(done.left))
            return true
          }
        }
      }),
    known: (line) =>
      Effect.gen(function* () {
        const { channel, person } = whoAndWhere(line)
        const actor = yield* sandbox.actor(person)
        const all = Controls.reachable(world, actor.user, yield* idOf(actor, channel))
        const modal = actor.modals().at(-1)
        return {
          commands: yield* offered(actor, channel),
          menus: (yield* actor.commands(channel))
            .filter(({ type }) => type !== 1)
            .map(({ name, type }) => `${name} (${type === 2 ? "user" : "message"})`),
          prefixed: prefixed(),
          people: people().map((name) => name.slice(1)),
          roles: roles().map((name) => name.slice(1)),
          channels: [...channels(), ...threads(actor)].map((name) => name.slice(1)),
          controls: all.filter(({ disabled }) => !disabled),
          fields:
            modal === undefined
              ? []
              : fieldsOf(modal).map(({ customId, label }) => Line.fieldName(customId, label)),
        }
      }).pipe(Effect.orElseSucceed(() => nothing)),
  }
})

/** Whose line it is and where, as far as it was typed. */
const whoAndWhere = (line: string): { readonly person: string; readonly channel: string } => {
  const parsed = Line.parse(`${line.replace(/>\s*$/u, "> ")}x`)
  const given = parsed._tag === "Act" ? parsed : undefined
  return { person: given?.person ?? PERSON, channel: given?.channel ?? CHANNEL }
}

const nothing: Known = {
  commands: [],
  menus: [],
  prefixed: [],
  people: [],
  roles: [],
  channels: [],
  controls: [],
  fields: [],
}

/** A line that means nothing here, before anybody does anything. */
class Wrong {
  readonly _tag = "Wrong"
  constructor(readonly message: string) {}
}

/** Messages as fast as they go, with room for others in between. */
const flood = (actor: Actor, channel: string, count: number, text: string | undefined) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => text ?? `flood ${n + 1}`),
    (one, n) => Effect.zipLeft(actor.say(channel, one), n % 100 === 99 ? Effect.yieldNow() : Effect.void),
    { discard: true },
  )

const noValues: Line.Values = { _tag: "Values", values: {} }

const nameOf = ({ name }: { readonly name: string }): string => name
