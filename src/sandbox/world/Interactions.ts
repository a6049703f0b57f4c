/**
 * The life of an interaction: asked, answered within 3 s or dead, then 15 minutes of edits and follow-ups.
 *
 * Each interaction has one state, which people's screens show:
 *
 * ```
 * Waiting ── 4 ──→ Responded          Waiting ── 9 ──→ ModalShown
 *    │  └──── 5 ──→ Deferred ──→ Responded (edit, follow-up) or Failed (15 minutes)
 *    ├──── 6 ──→ Acknowledged ──→ Responded (edit)
 *    ├──── 7 ──→ Responded (the message with the component)
 *    ├──── 8 ──→ ChoicesShown
 *    └── 3 s ──→ Failed: every later answer is 10062
 * ```
 *
 * After a modal the token takes follow-ups as after any other response; there is no `@original` then (10008).
 *
 * Where the channel is gone, or the bot is no longer in the guild, every answer is 10003.
 *
 * Source: Discord Developer Docs, "Receiving and Responding to Interactions". Memory: when one opens, those that
 * are older than 30 minutes are forgotten (until then a token that is over is told from one that never was), and
 * so are the oldest settled ones beyond 20,000.
 *
 * @module
 */
import {
  InteractionResponseType as Response,
  InteractionType as Kind,
  MessageFlags,
} from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import { Form, isObject } from "../form/Form.js"
import * as InteractionForm from "../form/InteractionForm.js"
import * as InteractionPayload from "./InteractionPayload.js"
import * as MessageForm from "../form/MessageForm.js"
import * as ModalForm from "../form/ModalForm.js"
import * as Messages from "./Messages.js"
import type { Channel, Guild, Json, Message } from "../model/Model.js"
import type { Timers } from "../Timers.js"
import * as Token from "../model/Token.js"
import type * as View from "./View.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 3 seconds to the first response. */
export const firstResponseWithin = 3_000
/** Discord: a token lives 15 minutes. */
export const tokenLife = 15 * 60_000
/** Discord: follow-ups of an application that only the person has installed. */
export const followUpsOfPersons = 5
const kept = 20_000
/** Modals remembered of one person. */
const keptModals = 10

export type State =
  | { readonly _tag: "Waiting" }
  | { readonly _tag: "Deferred"; readonly message: Message }
  | { readonly _tag: "Acknowledged" }
  | { readonly _tag: "Responded"; readonly messages: ReadonlyArray<Message> }
  | { readonly _tag: "ModalShown"; readonly modal: View.Modal }
  | { readonly _tag: "ChoicesShown"; readonly choices: ReadonlyArray<View.Choice> }
  | { readonly _tag: "Failed"; readonly reason: string }

/** What an interaction is about. */
export interface Asked {
  readonly kind: Kind
  readonly userId: string
  readonly channel: Channel
  readonly data: Json
  /** The message with the component, also for a modal that a component opened. */
  readonly source?: Message
  /** The modal that is submitted. */
  readonly modal?: View.Modal
  /** The command, with its subcommands. */
  readonly name?: string
  /** For a command: 1 slash, 2 user menu, 3 message menu. */
  readonly commandType?: number
  /** Whether the application is there for this person alone, and not for the guild. Default false. */
  readonly userInstalled?: boolean
}

export interface Interaction extends Asked {
  readonly id: string
  readonly token: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  state: State
  original: Message | null
  followUps: number
  readonly listeners: Set<(state: State) => void>
  cancel: () => void
}

export class Interactions {
  private readonly byId = new Map<string, Interaction>()
  private readonly byToken = new Map<string, Interaction>()
  /** How many await their first response, or were deferred and show "thinking…" still. */
  unanswered = 0
  /** How many of those were deferred. */
  deferred = 0
  /** Modals that were shown and not submitted yet, oldest first, by person. */
  private readonly shown = new Map<string, ReadonlyArray<View.Modal>>()

  constructor(
    private readonly world: World,
    private readonly timers: Timers,
  ) {}

  find(id: string): Interaction | undefined {
    return this.byId.get(id)
  }

  /** The modals before a person that they have not submitted or dismissed, oldest first. */
  modals(userId: string): ReadonlyArray<View.Modal> {
    return this.shown.get(userId) ?? []
  }

  /** A modal is off a person's screen. False where it was not on it. */
  closeModal(userId: string, interactionId: string): boolean {
    const before = this.modals(userId)
    const left = before.filter((one) => one.interactionId !== interactionId)
    if (left.length === 0) this.shown.delete(userId)
    else this.shown.set(userId, left)
    return left.length < before.length
  }

  /** Forgets every interaction in a guild; nothing more comes of them. */
  forgetGuild(guild: Guild): void {
    for (const interaction of this.byId.values()) {
      if (interaction.channel.guildId === guild.id) this.drop(interaction, "The guild is gone")
    }
  }

  /** Asks the bot: sends INTERACTION_CREATE and starts the 3 s. */
  open(asked: Asked): Interaction {
    const { world } = this
    this.forget()
    const id = world.id()
    const token = Token.make("interaction", id)
    const interaction: Interaction = {
      ...asked,
      id,
      token,
      startedAt: world.now(),
      state: { _tag: "Waiting" },
      original: null,
      followUps: 0,
      listeners: new Set(),
      cancel: this.timers.after(firstResponseWithin, () =>
        this.fail(interaction, "The application did not respond"),
      ),
    }
    this.byId.set(id, interaction)
    this.byToken.set(token, interaction)
    this.unanswered++
    const { channel, name, userId } = interaction
    if (asked.kind !== Kind.ApplicationCommandAutocomplete) {
      world.show(
        { _tag: "InteractionStarted", channelId: channel.id, interactionId: id, userId, name: name ?? null },
        { only: userId },
      )
    }
    world.emit({
      type: "INTERACTION_CREATE",
      guildId: channel.guildId,
      data: () => InteractionPayload.make(world, interaction),
    })
    return interaction
  }

  /** The first response. Returns what `with_response=true` shows. */
  respond(id: string, token: string, body: Json, files: ReadonlyArray<Messages.File>): Json {
    const interaction = this.byId.get(id)
    if (interaction === undefined || interaction.token !== token || interaction.state._tag === "Failed") {
      throw ApiError.unknownInteraction()
    }
    if (interaction.state._tag !== "Waiting") throw ApiError.alreadyAcknowledged()
    this.needPlace(interaction)
    const type = body["type"]
    const data = isObject(body["data"]) ? body["data"] : {}
    this.allow(interaction, type)
    const message = this.apply(interaction, type as Response, data, files)
    return {
      interaction: {
        id,
        type: interaction.kind,
        ...(message === null
          ? {}
          : {
              response_message_id: message.id,
              response_message_loading: (message.flags & MessageFlags.Loading) !== 0,
              response_message_ephemeral: message.ephemeralFor !== null,
              channel_id: message.channelId,
              ...(message.guildId === null ? {} : { guild_id: message.guildId }),
            }),
      },
      ...(message === null || type === Response.DeferredMessageUpdate
        ? {}
        : { resource: { type, message: Wire.message(this.world, message) } }),
    }
  }

  /** Refuses with 10003 where the channel is gone, or the bot has left the guild that had installed it. */
  private needPlace({ channel, userInstalled }: Interaction): void {
    const { world } = this
    const left =
      channel.guildId !== null &&
      userInstalled !== true &&
      world.guilds.get(channel.guildId)?.members.has(world.bot.id) !== true
    if (left || !world.channels.has(channel.id)) throw ApiError.unknownChannel()
  }

  /**
   * The interaction of a living token: 10015 where there is none, 50027 where its 15 minutes are over, 10003 where
   * its channel is gone.
   */
  answered(applicationId: string, token: string): Interaction {
    const interaction = this.byToken.get(token)
    if (interaction === undefined || applicationId !== this.world.bot.id) throw ApiError.unknownWebhook()
    if (this.world.now() - interaction.startedAt >= tokenLife) throw ApiError.invalidToken()
    const tag = interaction.state._tag
    if (tag === "Waiting" || (tag === "Failed" && interaction.original === null))
      throw ApiError.unknownWebhook()
    this.needPlace(interaction)
    return interaction
  }

  /** A follow-up; right after a deferral it fills the placeholder instead, as Discord does. */
  followUp(interaction: Interaction, draft: MessageForm.Draft, files: ReadonlyArray<Messages.File>): Message {
    const { channel, state } = interaction
    if (state._tag === "Deferred" && channel.messages.has(state.message.id))
      return this.edit(interaction, state.message, draft, files)
    if (interaction.userInstalled === true && interaction.followUps >= followUpsOfPersons)
      throw ApiError.tooManyFollowUps()
    const ephemeral = (draft.flags & MessageFlags.Ephemeral) !== 0
    const message = this.post(interaction, draft, files, ephemeral, 0)
    interaction.followUps++
    this.responded(interaction, message)
    return message
  }

  /** Edits the first response or a follow-up. */
  edit(
    interaction: Interaction,
    message: Message,
    draft: MessageForm.Draft,
    files: ReadonlyArray<Messages.File>,
  ): Message {
    const changed = Messages.edit(this.world, interaction.channel, message, draft, files)
    this.responded(interaction, changed)
    return changed
  }

  /** `@original` or the id of a message that this interaction's token made: 10008 otherwise. */
  message(interaction: Interaction, id: string): Message {
    const wanted = id === "@original" ? interaction.original?.id : id
    const message = wanted === undefined ? undefined : interaction.channel.messages.get(wanted)
    const own =
      message !== undefined &&
      (message === interaction.original || message.interaction?.id === interaction.id)
    if (!own) throw ApiError.unknownMessage()
    return message
  }

  remove(interaction: Interaction, message: Message): void {
    Messages.remove(this.world, interaction.channel, message)
    if (interaction.state._tag === "Deferred" && interaction.state.message === message) {
      interaction.cancel()
      this.become(interaction, { _tag: "Responded", messages: [] })
    }
  }

  private allow(interaction: Interaction, type: unknown): void {
    const { kind, source } = interaction
    const form = Form.make()
    const allowed: ReadonlyArray<Response> =
      kind === Kind.ApplicationCommandAutocomplete
        ? [Response.ApplicationCommandAutocompleteResult]
        : [
            Response.ChannelMessageWithSource,
            Response.DeferredChannelMessageWithSource,
            ...(source === undefined ? [] : [Response.DeferredMessageUpdate, Response.UpdateMessage]),
            ...(kind === Kind.ModalSubmit ? [] : [Response.Modal]),
          ]
    if (type === undefined) form.at("type").required()
    form.at("type").oneOf(type as number, allowed)
    form.done()
  }

  private apply(
    interaction: Interaction,
    type: Response,
    data: Json,
    files: ReadonlyArray<Messages.File>,
  ): Message | null {
    const { world } = this
    const at = { channelId: interaction.channel.id, interactionId: interaction.id }
    const mine: View.Audience = { only: interaction.userId }
    switch (type) {
      case Response.ChannelMessageWithSource: {
        const draft = MessageForm.read(data, { files, under: "data" })
        const message = this.post(interaction, draft, files, (draft.flags & MessageFlags.Ephemeral) !== 0, 0)
        interaction.original = message
        interaction.cancel()
        this.become(interaction, { _tag: "Responded", messages: [message] })
        return message
      }
      case Response.DeferredChannelMessageWithSource: {
        const flags = typeof data["flags"] === "number" ? data["flags"] : 0
        const draft: MessageForm.Draft = { ...blank, flags: 0 }
        const message = this.post(
          interaction,
          draft,
          [],
          (flags & MessageFlags.Ephemeral) !== 0,
          MessageFlags.Loading,
        )
        interaction.original = message
        interaction.cancel()
        const left = Math.max(0, interaction.startedAt + tokenLife - world.now())
        interaction.cancel = this.timers.after(left, () =>
          this.fail(interaction, "The application did not respond"),
        )
        this.become(interaction, { _tag: "Deferred", message })
        return message
      }
      case Response.DeferredMessageUpdate:
        interaction.original = interaction.source ?? null
        interaction.cancel()
        world.show({ _tag: "Thinking", ...at, message: null }, mine)
        this.become(interaction, { _tag: "Acknowledged" })
        return interaction.original
      case Response.UpdateMessage: {
        const { channel, source } = interaction
        if (source === undefined || !channel.messages.has(source.id)) throw ApiError.unknownMessage()
        const draft = MessageForm.read(data, {
          edit: true,
          message: source,
          files,
          under: "data",
        })
        Messages.edit(world, channel, source, draft, files)
        interaction.original = source
        interaction.cancel()
        this.become(interaction, { _tag: "Responded", messages: [source] })
        return source
      }
      case Response.ApplicationCommandAutocompleteResult: {
        const choices = InteractionForm.readChoices(
          data,
          InteractionForm.focusedType(interaction.data),
          InteractionPayload.localeOf(world, interaction.userId),
        )
        interaction.cancel()
        world.show({ _tag: "ChoicesShown", ...at, choices }, mine)
        this.become(interaction, { _tag: "ChoicesShown", choices })
        return null
      }
      default: {
        const modal = ModalForm.read(interaction.id, data)
        interaction.cancel()
        this.openModal(interaction.userId, modal)
        world.show({ _tag: "ModalShown", ...at, modal }, mine)
        this.become(interaction, { _tag: "ModalShown", modal })
        return null
      }
    }
  }

  private post(
    interaction: Interaction,
    draft: MessageForm.Draft,
    files: ReadonlyArray<Messages.File>,
    ephemeral: boolean,
    flags: number,
  ): Message {
    const { channel, commandType, id, kind, userId } = interaction
    const first = interaction.original === null && interaction.followUps === 0
    const command = first && kind === Kind.ApplicationCommand
    // What answers a component stands under its message, and a follow-up under the first response.
    const under = first ? interaction.source : (interaction.original ?? undefined)
    const message = Messages.send(
      this.world,
      {
        channel,
        author: this.world.bot,
        draft,
        files,
        interaction: InteractionPayload.origin(interaction, this.opener(interaction)),
        ...(command ? { type: commandType === 1 ? 20 : 23 } : {}),
        under: under !== undefined && channel.messages.has(under.id) ? under : undefined,
        ephemeralFor: ephemeral ? userId : null,
      },
      (ephemeral ? MessageFlags.Ephemeral : 0) | flags,
    )
    if ((flags & MessageFlags.Loading) === 0) return Messages.show(this.world, message)
    this.world.show(
      { _tag: "Thinking", channelId: channel.id, interactionId: id, message },
      Messages.audience(message),
    )
    return message
  }

  /** The interaction that showed the modal that was submitted. */
  private opener({ modal }: Interaction): Interaction | undefined {
    return modal === undefined ? undefined : this.byId.get(modal.interactionId)
  }

  private responded(interaction: Interaction, message: Message): void {
    const { state } = interaction
    interaction.cancel()
    const before = state._tag === "Responded" ? state.messages : []
    this.become(interaction, {
      _tag: "Responded",
      messages: before.includes(message) ? before : [...before, message],
    })
  }

  private fail(interaction: Interaction, reason: string): void {
    const { channel, id, modal, userId } = interaction
    // A form that nobody took stays on the screen, as it was filled in.
    if (modal !== undefined && interaction.original === null) this.openModal(userId, modal)
    this.world.show(
      { _tag: "InteractionFailed", channelId: channel.id, interactionId: id, reason },
      { only: userId },
    )
    this.become(interaction, { _tag: "Failed", reason })
  }

  private become(interaction: Interaction, state: State): void {
    if (isOpen(interaction.state) && !isOpen(state)) this.unanswered--
    if (interaction.state._tag === "Deferred") this.deferred--
    if (state._tag === "Deferred") this.deferred++
    interaction.state = state
    for (const listener of interaction.listeners) listener(state)
  }

  private forget(): void {
    const now = this.world.now()
    for (const oldest of this.byId.values()) {
      const over = now - oldest.startedAt > 2 * tokenLife
      if (!over && (this.byId.size < kept || isOpen(oldest.state))) return
      this.drop(oldest, "Nothing came of it")
    }
  }

  /** Forgets one; nothing more comes of it. */
  private drop(interaction: Interaction, reason: string): void {
    interaction.cancel()
    if (isOpen(interaction.state)) this.become(interaction, { _tag: "Failed", reason })
    this.byId.delete(interaction.id)
    this.byToken.delete(interaction.token)
    this.closeModal(interaction.userId, interaction.id)
  }

  /** A modal is on a person's screen. One that nobody submits gives way to newer ones in the end. */
  private openModal(userId: string, modal: View.Modal): void {
    this.shown.set(userId, [...this.modals(userId), modal].slice(-keptModals))
  }
}

/** Whether the person still waits. */
export const isOpen = (state: State): boolean => state._tag === "Waiting" || state._tag === "Deferred"

/** Nothing: what a deferral shows. */
const blank = MessageForm.read({}, { edit: true })
