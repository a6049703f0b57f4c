/**
 * What a person asks of the bot: commands, components, modals. Each becomes an interaction, which the person
 * follows as a `Turn`.
 *
 * @module
 */
import {
  ApplicationCommandType as CommandType,
  ComponentType,
  InteractionType as Kind,
} from "discord-api-types/v10"
import type { Effect } from "effect"
import { BotOffline, NotAllowed, NotFound } from "./ActorError.js"
import { attempt, type Failure } from "./Attempt.js"
import * as CommandInput from "./CommandInput.js"
import {
  chooseAll,
  emojiOf,
  type Field,
  fillModal,
  flatten,
  isButton,
  isSelect,
  refill,
} from "./ComponentInput.js"
import * as Files from "./Files.js"
import type { Outlook } from "./Outlook.js"
import * as Turn from "./Turn.js"
import * as CommandPermissions from "../world/CommandPermissions.js"
import * as Commands from "../world/Commands.js"
import type { Asked, Interaction } from "../world/Interactions.js"
import * as Messages from "../world/Messages.js"
import type { Channel, Command, Json } from "../model/Model.js"
import * as Threads from "../world/Threads.js"
import type { Modal } from "../world/View.js"
import * as Wire from "../world/Wire.js"

export interface Asking {
  /** Runs a slash command; a subcommand is named by its path: `mod ban`. */
  readonly slash: (
    channel: string,
    command: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<Turn.Turn, Failure>
  /** Types into an option that completes itself. */
  readonly autocomplete: (
    channel: string,
    command: string,
    focused: string,
    values?: Readonly<Record<string, CommandInput.Value>>,
  ) => Effect.Effect<Turn.Turn, Failure>
  /** Runs a user menu command on somebody. */
  readonly userMenu: (channel: string, command: string, target: string) => Effect.Effect<Turn.Turn, Failure>
  /** Runs a message menu command on a message. */
  readonly messageMenu: (command: string, messageId: string) => Effect.Effect<Turn.Turn, Failure>
  /** Presses a button, by its custom id, label or emoji. */
  readonly press: (messageId: string, button: string) => Effect.Effect<Turn.Turn, Failure>
  /** Selects, by custom id or placeholder; values by value or label; users, roles and channels by name, id or mention. */
  readonly select: (
    messageId: string,
    customId: string,
    values: ReadonlyArray<string>,
  ) => Effect.Effect<Turn.Turn, Failure>
  /** The modals on this person's screen, oldest first: shown, and neither submitted nor dismissed. */
  readonly modals: () => ReadonlyArray<Modal>
  /** Submits a modal with the values of its fields, by custom id or label. It is then off the screen. */
  readonly submit: (
    modal: Modal,
    fields: Readonly<Record<string, Field>>,
  ) => Effect.Effect<Turn.Turn, Failure>
  /** Closes a modal without a word to the bot, as Discord does. */
  readonly dismissModal: (modal: Modal) => Effect.Effect<void, Failure>
  /** The commands that this person can run in a channel. */
  readonly commands: (channel: string) => Effect.Effect<ReadonlyArray<Command>, Failure>
}

export const make = (outlook: Outlook): Asking => {
  const { channelOf, guildOf, messageOf, needComposer, needVoice, user, world } = outlook
  const { gateway, interactions } = outlook.site

  const mayRun = (channel: Channel, command: Command): boolean =>
    CommandPermissions.mayRun(world, channel, user.id, command)

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
    userId: user.id,
    channel,
    guild: guildOf(channel),
    store: (file) => Messages.store(world, channel, [Files.of(file)], undefined)[0] ?? {},
  })

  const open = (asked: Omit<Asked, "userId">): Turn.Turn => {
    // A modal stays on the screen of who has left meanwhile.
    if (!world.canSee(user.id, asked.channel))
      throw new NotAllowed({ reason: `${user.username} does not see #${asked.channel.name} any more` })
    Threads.needActive(asked.channel)
    needVoice(asked.channel)
    if (!gateway.reaches(asked.channel.guildId)) throw new BotOffline()
    return Turn.make(interactions.open({ ...asked, userId: user.id }))
  }

  const runSlash = (
    kind: Kind,
    where: string,
    path: string,
    values: Readonly<Record<string, CommandInput.Value>>,
    focused?: string,
  ) => {
    const channel = channelOf(where)
    needComposer(channel)
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

  return {
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
        const chosen = chooseAll(place(channel), hit, values, resolved)
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
        const filled = fillModal(place(opener.channel), modal, fields)
        const { components, resolved } = filled
        const turn = open({
          kind: Kind.ModalSubmit,
          channel: opener.channel,
          modal: refill(modal, filled),
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
    commands: (where) =>
      attempt(() => {
        const channel = channelOf(where)
        return Commands.available(world, channel.guildId).filter((command) => mayRun(channel, command))
      }),
  }
}

const commandData = (command: Command): Json => ({
  id: command.id,
  name: command.name,
  type: command.type,
  ...(command.guildId === null ? {} : { guild_id: command.guildId }),
})
