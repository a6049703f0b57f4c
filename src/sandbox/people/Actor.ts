/**
 * People: what a member of a guild does, and what they see of it.
 *
 * An actor obeys the same rules as a person at Discord's own client: they cannot write where they may not, run
 * a command that is not there, or press a button that they do not see. What they may not do is a typed error.
 *
 * @module
 */
import {
  ApplicationCommandType as CommandType,
  ComponentType,
  InteractionType as Kind,
} from "discord-api-types/v10"
import { Effect, Stream } from "effect"
import { BotOffline, NotAllowed, NotFound, UnknownActor } from "./ActorError.js"
import { ApiError } from "../model/ApiError.js"
import * as CommandInput from "./CommandInput.js"
import * as Commands from "../world/Commands.js"
import {
  choose,
  emojiOf,
  type Field,
  fillModal,
  flatten,
  isButton,
  isSelect,
  refill,
} from "./ComponentInput.js"
import type { Interaction, State } from "../world/Interactions.js"
import * as Interactions from "../world/Interactions.js"
import * as Membership from "../world/Membership.js"
import * as Messages from "../world/Messages.js"
import type { Channel, Command, Guild, Json, Message, User } from "../model/Model.js"
import * as Permissions from "../world/Permissions.js"
import type { Site } from "../rest/Route.js"
import * as Threads from "../world/Threads.js"
import type { Modal, Sight } from "../world/View.js"
import * as Wire from "../world/Wire.js"

/** An interaction that a person has started. */
export interface Turn {
  readonly id: string
  /** What the person sees of it now. */
  readonly state: () => State
  /** The first state that fits, from now on. Waits for ever where none does; interruption stops the waiting. */
  readonly when: (fits: (state: State) => boolean) => Effect.Effect<State>
  /** The first response, or the failure after 3 s. */
  readonly firstResponse: Effect.Effect<State>
  /** The answer after any "thinking…", or the failure. */
  readonly settled: Effect.Effect<State>
}

/** Why a person could not do what they tried. */
export type Failure = CommandInput.InvalidInput | NotAllowed | NotFound | BotOffline

export interface Actor {
  readonly user: User
  /**
   * Writes a message. `channel` is the name of a channel or thread (`general`, `#general`), an id, or `dm` for the
   * bot's own. In names of threads case does not count, and `-` may stand for a space; of two the newer is meant.
   */
  readonly say: (
    channel: string,
    content: string,
    options?: { readonly attachments?: ReadonlyArray<CommandInput.Attachment>; readonly replyTo?: string },
  ) => Effect.Effect<Message, Failure>
  /** Runs a slash command; a subcommand is named by its path: `mod ban`. */
  readonly slash: (
    channel: string,
    command: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<Turn, Failure>
  /** Types into an option that completes itself. */
  readonly autocomplete: (
    channel: string,
    command: string,
    focused: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<Turn, Failure>
  /** Runs a user menu command on somebody. */
  readonly userMenu: (channel: string, command: string, target: string) => Effect.Effect<Turn, Failure>
  /** Runs a message menu command on a message. */
  readonly messageMenu: (command: string, messageId: string) => Effect.Effect<Turn, Failure>
  /** Presses a button, by its custom id, label or emoji. */
  readonly press: (messageId: string, button: string) => Effect.Effect<Turn, Failure>
  /** Selects, by custom id or placeholder; values by value or label; users, roles and channels by name, id or mention. */
  readonly select: (
    messageId: string,
    customId: string,
    values: ReadonlyArray<string>,
  ) => Effect.Effect<Turn, Failure>
  /** The modals on this person's screen, oldest first: shown, and neither submitted nor dismissed. */
  readonly modals: () => ReadonlyArray<Modal>
  /** Submits a modal with the values of its fields, by custom id or label. It is then off the screen. */
  readonly submit: (modal: Modal, fields: Readonly<Record<string, Field>>) => Effect.Effect<Turn, Failure>
  /** Closes a modal without a word to the bot, as Discord does. */
  readonly dismissModal: (modal: Modal) => Effect.Effect<void, Failure>
  /** Whether the bot may not send this person direct messages from now on (403, 50007). */
  readonly closeDms: (closed: boolean) => Effect.Effect<void>
  /** Joins the guild whose actor this is (without one the first there is). Who is banned may not. */
  readonly join: Effect.Effect<void, Failure>
  /** Leaves that guild. Its owner may not. */
  readonly leave: Effect.Effect<void, Failure>
  readonly react: (messageId: string, emoji: string) => Effect.Effect<void, Failure>
  readonly deleteMessage: (messageId: string) => Effect.Effect<void, Failure>
  readonly type: (channel: string) => Effect.Effect<void, Failure>
  /** A channel or thread that this person sees, found as in `say`. */
  readonly channel: (name: string) => Effect.Effect<Channel, Failure>
  /** The messages that this person sees in a channel, oldest first. */
  readonly history: (channel: string) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** The commands that this person can run in a channel. */
  readonly commands: (channel: string) => Effect.Effect<ReadonlyArray<Command>, Failure>
  /** Calls back on everything that this person sees from now on, until the returned function is called. */
  readonly observe: (listener: (sight: Sight) => void) => () => void
  /** The same as a stream; it begins when it is run. */
  readonly sights: Stream.Stream<Sight>
  /** The first message that fits among those seen already and those to come. */
  readonly message: (channel: string, fits: (message: Message) => boolean) => Effect.Effect<Message, Failure>
}

/** A person by name or id. `guildId` chooses the guild in which channel names are meant. */
export const make = (site: Site, name: string, guildId?: string): Effect.Effect<Actor, UnknownActor> =>
  Effect.suspend(() => {
    const user = site.world.findUser(name, guildId === undefined ? undefined : site.world.guilds.get(guildId))
    if (user !== undefined) return Effect.succeed(actor(site, user, guildId))
    const known = [...site.world.users.values()].filter((one) => !one.bot).slice(0, 20)
    return Effect.fail(new UnknownActor({ name, known: known.map((one) => one.username) }))
  })

const actor = (site: Site, user: User, guildId: string | undefined): Actor => {
  const { interactions, world } = site

  const channelOf = (text: string): Channel => {
    if (text.toLowerCase() === "dm") return world.directMessage(user)
    const wanted = /^<#(\d+)>$/.exec(text)?.[1] ?? text.replace(/^#/, "")
    const direct = world.channels.get(wanted)
    if (direct !== undefined && world.canSee(user.id, direct)) return direct
    const names = new Set<string>()
    for (const guild of world.guilds.values()) {
      if (guildId !== undefined && guild.id !== guildId) continue
      if (!guild.members.has(user.id)) continue
      for (const channel of [...guild.channels.values(), ...[...guild.threads.values()].toReversed()]) {
        if (!world.canSee(user.id, channel)) continue
        if (channel.name === wanted || (channel.thread !== null && typed(channel.name) === typed(wanted)))
          return channel
        if (names.size < 20) names.add(channel.name)
      }
    }
    throw (
      Membership.absence(world, user, guildId) ??
      new NotFound({ what: "channel", name: text, known: [...names] })
    )
  }

  const messageOf = (id: string): { readonly channel: Channel; readonly message: Message } => {
    for (const channel of world.channels.values()) {
      const message = channel.messages.get(id)
      if (message === undefined || !sees(channel, message)) continue
      return { channel, message }
    }
    throw new NotFound({ what: "message", name: id, known: [] })
  }

  const sees = (channel: Channel, message: Message): boolean =>
    message.ephemeralFor === null ? world.canSee(user.id, channel) : message.ephemeralFor === user.id

  const guildOf = (channel: Channel): Guild | undefined =>
    channel.guildId === null ? undefined : world.guilds.get(channel.guildId)

  const need = (channel: Channel, bit: bigint, what: string): void => {
    if (!Permissions.has(world.permissions(user.id, channel), bit)) {
      throw new NotAllowed({ reason: `${user.username} may not ${what} in #${channel.name}` })
    }
  }

  const mayRun = (channel: Channel, command: Command): boolean => {
    const held = world.permissions(user.id, channel)
    const wanted = command.raw["default_member_permissions"]
    if (channel.guildId === null) return command.raw["dm_permission"] !== false
    if (!Permissions.has(held, Permissions.Bit.UseApplicationCommands)) return false
    if (typeof wanted !== "string") return true
    const bits = BigInt(wanted)
    // "0" leaves the command to administrators.
    return Permissions.has(held, bits === 0n ? Permissions.Bit.Administrator : bits)
  }

  const commandOf = (channel: Channel, type: CommandType, name: string): Command => {
    const here = Commands.available(world, channel.guildId).filter((command) => command.type === type)
    const found =
      here.find((command) => command.name === name) ??
      here.find((command) => command.name.toLowerCase() === name.toLowerCase())
    if (found === undefined)
      throw new NotFound({ what: "command", name, known: here.map((command) => command.name) })
    if (!mayRun(channel, found))
      throw new NotAllowed({ reason: `${user.username} may not run /${found.name} here` })
    return found
  }

  const place = (channel: Channel): CommandInput.Place => ({
    world,
    channel,
    guild: guildOf(channel),
    store: (file) => Messages.store(world, channel, [asFile(file)], undefined)[0] ?? {},
  })

  const open = (asked: Omit<Interactions.Asked, "userId">): Turn => {
    Threads.needActive(asked.channel)
    if (!site.gateway.reaches(asked.channel.guildId)) throw new BotOffline()
    return turn(interactions.open({ ...asked, userId: user.id }))
  }

  const runSlash = (
    kind: Kind,
    where: string,
    path: string,
    values: Readonly<Record<string, CommandInput.Value>>,
    focused?: string,
  ) => {
    const channel = channelOf(where)
    const [name = "", ...below] = path.replace(/^\//, "").trim().split(/\s+/)
    const command = commandOf(channel, CommandType.ChatInput, name)
    const { options, resolved } = CommandInput.fill(place(channel), command, below, values, focused)
    return open({
      kind,
      channel,
      name: [command.name, ...below].join(" "),
      commandType: CommandType.ChatInput,
      data: { ...commandData(command), options, ...(Object.keys(resolved).length > 0 ? { resolved } : {}) },
    })
  }

  const runMenu = (channel: Channel, type: CommandType, name: string, targetId: string, resolved: Json) => {
    const command = commandOf(channel, type, name)
    const data = { ...commandData(command), target_id: targetId, resolved }
    return open({ kind: Kind.ApplicationCommand, channel, name: command.name, commandType: type, data })
  }

  /** The interaction that a modal on the screen answered. */
  const opened = (modal: Modal): Interaction => {
    const opener = interactions.find(modal.interactionId)
    const open = interactions.modals(user.id)
    if (opener !== undefined && open.some((one) => one.interactionId === modal.interactionId)) return opener
    throw new NotFound({ what: "modal", name: modal.title, known: open.map(({ title }) => title) })
  }

  const component = (
    id: string,
    fits: (component: Json) => boolean,
    wanted: string,
    otherwise: (component: Json) => boolean,
  ) => {
    const found = messageOf(id)
    const all = flatten(found.message.components)
    const hit = all.find(fits) ?? all.find(otherwise)
    if (hit === undefined) {
      throw new NotFound({
        what: "component",
        name: wanted,
        known: all.flatMap((one) =>
          typeof one["custom_id"] === "string"
            ? [String(one["label"] ?? one["placeholder"] ?? one["custom_id"])]
            : [],
        ),
      })
    }
    if (hit["disabled"] === true) throw new NotAllowed({ reason: `${wanted} is disabled` })
    return { ...found, hit }
  }

  const observe = (listener: (sight: Sight) => void) =>
    world.onSight((sight, audience) => {
      if (world.sees(user.id, sight, audience)) listener(sight)
    })

  const history = (where: string) => {
    const channel = channelOf(where)
    return [...channel.messages.values()].filter((message) => sees(channel, message))
  }

  return {
    user,
    say: (where, content, options = {}) =>
      attempt(() => {
        const channel = channelOf(where)
        need(channel, Permissions.toSend(channel), "write")
        if (content.length > 2000) throw new NotAllowed({ reason: "A message has at most 2,000 characters" })
        const files = (options.attachments ?? []).map(asFile)
        if (content.trim() === "" && files.length === 0)
          throw new NotAllowed({ reason: "A message needs content" })
        Threads.wake(world, channel, user.id)
        const draft = { ...plain, content, replyTo: options.replyTo ?? null }
        return Messages.show(world, Messages.send(world, { channel, author: user, draft, files }))
      }),
    slash: (where, command, values = {}) =>
      attempt(() => runSlash(Kind.ApplicationCommand, where, command, values)),
    autocomplete: (where, command, focused, values = {}) =>
      attempt(() => runSlash(Kind.ApplicationCommandAutocomplete, where, command, values, focused)),
    userMenu: (where, command, target) =>
      attempt(() => {
        const channel = channelOf(where)
        const found = world.findUser(target, guildOf(channel))
        if (found === undefined) throw new NotFound({ what: "user", name: target, known: [] })
        const resolved: Record<string, Json> = {}
        CommandInput.noteUser(place(channel), found.id, resolved)
        return runMenu(channel, CommandType.User, command, found.id, resolved)
      }),
    messageMenu: (command, id) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        return runMenu(channel, CommandType.Message, command, id, {
          messages: { [id]: Wire.message(world, message) },
        })
      }),
    press: (id, button) =>
      attempt(() => {
        const { channel, hit, message } = component(
          id,
          (one) => isButton(one) && one["custom_id"] === button,
          button,
          (one) => isButton(one) && [one["label"], emojiOf(one)].includes(button),
        )
        const customId = hit["custom_id"]
        if (typeof customId !== "string")
          throw new NotAllowed({ reason: "A link button asks nothing of the bot" })
        return open({
          kind: Kind.MessageComponent,
          channel,
          source: message,
          data: { custom_id: customId, component_type: ComponentType.Button, id: hit["id"] },
        })
      }),
    select: (id, customId, values) =>
      attempt(() => {
        const { channel, hit, message } = component(
          id,
          (one) => isSelect(one) && one["custom_id"] === customId,
          customId,
          (one) => isSelect(one) && one["placeholder"] === customId,
        )
        const resolved: Record<string, Json> = {}
        const chosen = values.map((value) => choose(place(channel), hit, value, resolved))
        const [min, max] = [Number(hit["min_values"] ?? 1), Number(hit["max_values"] ?? 1)]
        if (chosen.length < min || chosen.length > max)
          throw new NotAllowed({ reason: `Select ${min} to ${max} values` })
        return open({
          kind: Kind.MessageComponent,
          channel,
          source: message,
          data: {
            custom_id: hit["custom_id"],
            component_type: hit["type"],
            id: hit["id"],
            values: chosen,
            ...(hit["type"] === ComponentType.StringSelect ? {} : { resolved }),
          },
        })
      }),
    submit: (modal, fields) =>
      attempt(() => {
        const opener = opened(modal)
        const { components, resolved } = fillModal(place(opener.channel), modal, fields)
        const turn = open({
          kind: Kind.ModalSubmit,
          channel: opener.channel,
          modal: refill(modal, components),
          ...(opener.source === undefined ? {} : { source: opener.source }),
          data: {
            custom_id: modal.customId,
            components,
            ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
          },
        })
        interactions.closeModal(user.id, modal.interactionId)
        return turn
      }),
    modals: () => interactions.modals(user.id),
    dismissModal: (modal) =>
      attempt(() => {
        opened(modal)
        interactions.closeModal(user.id, modal.interactionId)
      }),
    closeDms: (closed) =>
      Effect.sync(() => {
        if (closed) world.closedDms.add(user.id)
        else world.closedDms.delete(user.id)
      }),
    join: attempt(() => Membership.join(world, guildId, user)),
    leave: attempt(() => Membership.leave(world, guildId, user)),
    react: (id, emoji) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        Threads.needActive(channel)
        if (!message.reactions.has(emoji)) need(channel, Permissions.Bit.AddReactions, "react")
        Messages.react(world, channel, message, user.id, { id: null, name: emoji })
      }),
    deleteMessage: (id) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        if (message.authorId !== user.id && message.ephemeralFor !== user.id)
          need(channel, Permissions.Bit.ManageMessages, "delete messages")
        Messages.remove(world, channel, message)
      }),
    type: (where) => attempt(() => Messages.typing(world, channelOf(where), user.id)),
    channel: (name) => attempt(() => channelOf(name)),
    history: (where) => attempt(() => history(where)),
    commands: (where) =>
      attempt(() => {
        const channel = channelOf(where)
        return Commands.available(world, channel.guildId).filter((command) => mayRun(channel, command))
      }),
    observe,
    sights: Stream.asyncPush<Sight>((emit) =>
      Effect.acquireRelease(
        Effect.sync(() => observe((sight) => emit.single(sight))),
        (stop) => Effect.sync(stop),
      ),
    ),
    message: (where, fits) =>
      Effect.flatMap(
        attempt(() => channelOf(where)),
        (channel) =>
          Effect.async<Message>((resume) => {
            const seen = [...channel.messages.values()].find(
              (message) => sees(channel, message) && fits(message),
            )
            if (seen !== undefined) return resume(Effect.succeed(seen))
            const stop = observe((sight) => {
              if (sight._tag !== "MessageShown" && sight._tag !== "MessageEdited") return
              if (sight.channelId !== channel.id || !fits(sight.message)) return
              stop()
              resume(Effect.succeed(sight.message))
            })
            return Effect.sync(stop)
          }),
      ),
  }
}

/** A name as it can be typed: in small letters, without spaces. */
const typed = (name: string): string => name.toLowerCase().replace(/\s+/gu, "-")

const plain = {
  flags: 0,
  tts: false,
  nonce: null,
  enforceNonce: false,
  replyTo: null,
  replyMustExist: true,
  allowedMentions: null,
}

const asFile = (attachment: CommandInput.Attachment): Messages.File => ({
  name: attachment.name,
  contentType: attachment.contentType ?? "application/octet-stream",
  bytes: attachment.bytes,
})

const commandData = (command: Command): Json => ({
  id: command.id,
  name: command.name,
  type: command.type,
  ...(command.guildId === null ? {} : { guild_id: command.guildId }),
})

const turn = (interaction: Interaction): Turn => {
  const when = (fits: (state: State) => boolean): Effect.Effect<State> =>
    Effect.async<State>((resume) => {
      if (fits(interaction.state)) return resume(Effect.succeed(interaction.state))
      const listener = (state: State) => {
        if (!fits(state)) return
        interaction.listeners.delete(listener)
        resume(Effect.succeed(state))
      }
      interaction.listeners.add(listener)
      return Effect.sync(() => interaction.listeners.delete(listener))
    })
  return {
    id: interaction.id,
    state: () => interaction.state,
    when,
    firstResponse: when((state) => state._tag !== "Waiting"),
    settled: when((state) => !Interactions.isOpen(state)),
  }
}

const attempt = <A>(task: () => A): Effect.Effect<A, Failure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(task())
    } catch (error) {
      if (error instanceof ApiError) return Effect.fail(new NotAllowed({ reason: error.reason }))
      if (isFailure(error)) return Effect.fail(error)
      return Effect.die(error)
    }
  })

const isFailure = (error: unknown): error is Failure =>
  error instanceof CommandInput.InvalidInput ||
  error instanceof NotAllowed ||
  error instanceof NotFound ||
  error instanceof BotOffline
