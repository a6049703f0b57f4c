/**
 * The life of a message: sent, edited, deleted, reacted to; and what of it is a mention.
 *
 * An ephemeral message is on one person's screen and in no event. Who may do what is checked by the routes (for
 * the bot) and by `Actor` (for people).
 *
 * @module
 */
import { MessageFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import type { AllowedMentions, Draft } from "../form/MessageForm.js"
import type { Channel, Json, Message, Upload, User } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import * as ThreadMembers from "./ThreadMembers.js"
import type * as View from "./View.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Where and by whom; the rest is in the draft. */
export interface Sending {
  readonly channel: Channel
  readonly author: User
  readonly draft: Draft
  readonly files?: ReadonlyArray<File>
  readonly interaction?: Message["interaction"]
  /** Discord's message type. Default 0, or 19 for a reply. */
  readonly type?: number
  /** The only one who is to see it. */
  readonly ephemeralFor?: string | null
}

/** A file as it arrives. */
export interface File {
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly description?: string
}

/** Flags that whoever sends a message may set themselves. */
const settable =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2 |
  MessageFlags.IsVoiceMessage

/** Puts a message into a channel, on the screens and (unless ephemeral) into an event. */
export const send = (world: World, sending: Sending, extraFlags = 0): Message => {
  const { author, channel, draft } = sending
  const bot = author.id === world.bot.id
  if (draft.enforceNonce && draft.nonce !== null) {
    const twin = findNonce(channel, author.id, draft.nonce)
    if (twin !== undefined) return twin
  }
  let original: Message | undefined
  if (draft.replyTo !== null) {
    original = channel.messages.get(draft.replyTo)
    if (original === undefined && draft.replyMustExist) {
      throw new ApiError.ApiError({
        status: 400,
        code: 50035,
        reason: "Invalid Form Body",
        errors: {
          message_reference: { _errors: [{ code: "REPLIES_UNKNOWN_MESSAGE", message: "Unknown message" }] },
        },
      })
    }
  }
  const mentions = findMentions(world, channel, author, draft, original)
  const message: Message = {
    id: world.id(),
    channelId: channel.id,
    guildId: channel.guildId,
    authorId: author.id,
    type: sending.type ?? (original === undefined ? 0 : 19),
    content: draft.content ?? "",
    embeds: draft.embeds ?? [],
    components: draft.components ?? [],
    attachments: store(world, channel, sending.files ?? [], draft.attachments),
    ...mentions,
    flags: (draft.flags & settable) | extraFlags,
    pinned: false,
    tts: draft.tts,
    sentAt: world.now(),
    editedAt: null,
    nonce: draft.nonce,
    reference: original === undefined ? null : { messageId: original.id, channelId: channel.id },
    threadId: null,
    interaction: sending.interaction ?? null,
    applicationId: bot ? world.bot.id : null,
    ephemeralFor: sending.ephemeralFor ?? null,
    reactions: new Map(),
  }
  keep(world, channel, message)
  if (message.ephemeralFor === null) {
    channel.lastMessageId = message.id
    emit(world, "MESSAGE_CREATE", channel, message)
    if (channel.thread !== null) ThreadMembers.noteMessage(world, channel, author.id, message.mentions)
  }
  return message
}

const keep = (world: World, channel: Channel, message: Message): void => {
  channel.messages.set(message.id, message)
  if (channel.messages.size <= world.historyLimit) return
  const oldest = channel.messages.keys().next().value
  if (oldest !== undefined) channel.messages.delete(oldest)
}

/** What a message of the system says. */
export interface Notice {
  readonly channel: Channel
  readonly authorId: string
  /** Discord's message type. */
  readonly type: number
  readonly content?: string
  readonly mentions?: ReadonlyArray<string>
  readonly reference?: Message["reference"]
}

/** Puts a message of the system into a channel, in the name of whoever caused it. */
export const notify = (world: World, notice: Notice): Message => {
  const { authorId, channel } = notice
  const message: Message = {
    id: world.id(),
    channelId: channel.id,
    guildId: channel.guildId,
    authorId,
    type: notice.type,
    content: notice.content ?? "",
    embeds: [],
    components: [],
    attachments: [],
    mentions: notice.mentions ?? [],
    mentionRoles: [],
    mentionEveryone: false,
    flags: 0,
    pinned: false,
    tts: false,
    sentAt: world.now(),
    editedAt: null,
    nonce: null,
    reference: notice.reference ?? null,
    threadId: null,
    interaction: null,
    applicationId: null,
    ephemeralFor: null,
    reactions: new Map(),
  }
  keep(world, channel, message)
  channel.lastMessageId = message.id
  emit(world, "MESSAGE_CREATE", channel, message)
  return show(world, message)
}

/** Who sees a message. */
export const audience = (message: Message): View.Audience =>
  message.ephemeralFor === null ? "channel" : { only: message.ephemeralFor }

/** Puts a sent message on the screens. */
export const show = (world: World, message: Message): Message => {
  world.show({ _tag: "MessageShown", channelId: message.channelId, message }, audience(message))
  return message
}

/** Changes what the draft names; the rest stays. */
export const edit = (
  world: World,
  channel: Channel,
  message: Message,
  draft: Draft,
  files: ReadonlyArray<File> = [],
): Message => {
  const thinking = (message.flags & MessageFlags.Loading) !== 0
  if (draft.content !== undefined) {
    message.content = draft.content
    const author = world.user(message.authorId)
    Object.assign(message, findMentions(world, channel, author, draft, undefined))
  }
  if (draft.embeds !== undefined) message.embeds = draft.embeds
  if (draft.components !== undefined) message.components = draft.components
  if (draft.attachments !== undefined || files.length > 0) {
    const kept = message.attachments.filter(
      (one) =>
        draft.attachments === undefined || draft.attachments.some((other) => other["id"] === one["id"]),
    )
    const described = draft.attachments?.filter((one) => !kept.some((other) => other["id"] === one["id"]))
    message.attachments = [...kept, ...store(world, channel, files, described)]
  }
  const kept = message.flags & ~(MessageFlags.SuppressEmbeds | MessageFlags.Loading)
  message.flags = kept | (draft.flags & (MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2))
  // The first edit of a placeholder is its answer, not a correction.
  if (!thinking) message.editedAt = world.now()
  if (message.ephemeralFor === null) emit(world, "MESSAGE_UPDATE", channel, message)
  world.show({ _tag: "MessageEdited", channelId: channel.id, message }, audience(message))
  return message
}

export const remove = (world: World, channel: Channel, message: Message): void => {
  if (!channel.messages.delete(message.id)) return
  ThreadMembers.noteRemoval(channel, 1)
  if (message.ephemeralFor === null) {
    world.emit({
      type: "MESSAGE_DELETE",
      guildId: channel.guildId,
      channel,
      data: () => ({ id: message.id, ...place(channel) }),
    })
  }
  world.show({ _tag: "MessageDeleted", channelId: channel.id, message }, audience(message))
}

/** Deletes many in one event. */
export const removeBulk = (world: World, channel: Channel, messages: ReadonlyArray<Message>): void => {
  for (const message of messages) channel.messages.delete(message.id)
  ThreadMembers.noteRemoval(channel, messages.length)
  world.emit({
    type: "MESSAGE_DELETE_BULK",
    guildId: channel.guildId,
    channel,
    data: () => ({ ids: messages.map((message) => message.id), ...place(channel) }),
  })
  for (const message of messages)
    world.show({ _tag: "MessageDeleted", channelId: channel.id, message }, audience(message))
}

/** A message that the bot may know of: 10008 otherwise, and for ephemeral ones, which no channel route finds. */
export const find = (channel: Channel, id: string): Message => {
  const message = channel.messages.get(id)
  if (message === undefined || message.ephemeralFor !== null) throw ApiError.unknownMessage()
  return message
}

export const react = (
  world: World,
  channel: Channel,
  message: Message,
  userId: string,
  emoji: { id: string | null; name: string },
): void => {
  const key = emoji.id ?? emoji.name
  const reaction = message.reactions.get(key) ?? { emoji, users: new Set<string>() }
  message.reactions.set(key, reaction)
  if (reaction.users.has(userId)) return
  reaction.users.add(userId)
  reactionEvent(world, "MESSAGE_REACTION_ADD", channel, message, userId, reaction.emoji)
}

export const unreact = (
  world: World,
  channel: Channel,
  message: Message,
  userId: string,
  key: string,
): void => {
  const reaction = message.reactions.get(key)
  if (reaction === undefined || !reaction.users.delete(userId)) throw ApiError.unknownEmoji()
  if (reaction.users.size === 0) message.reactions.delete(key)
  reactionEvent(world, "MESSAGE_REACTION_REMOVE", channel, message, userId, reaction.emoji)
}

/** Takes away all reactions, or all with one emoji. */
export const clearReactions = (world: World, channel: Channel, message: Message, key?: string): void => {
  const emoji = key === undefined ? undefined : message.reactions.get(key)?.emoji
  if (key === undefined) message.reactions.clear()
  else if (!message.reactions.delete(key)) throw ApiError.unknownEmoji()
  world.emit({
    type: key === undefined ? "MESSAGE_REACTION_REMOVE_ALL" : "MESSAGE_REACTION_REMOVE_EMOJI",
    guildId: channel.guildId,
    channel,
    data: () => ({ message_id: message.id, ...place(channel), ...(emoji === undefined ? {} : { emoji }) }),
  })
  world.show({ _tag: "ReactionsChanged", channelId: channel.id, message }, audience(message))
}

/** Says that something about a message is not what it was. */
export const changed = (world: World, channel: Channel, message: Message): void =>
  emit(world, "MESSAGE_UPDATE", channel, message)

/** Pins or unpins. */
export const pin = (world: World, channel: Channel, message: Message, pinned: boolean): void => {
  if (message.pinned === pinned) return
  message.pinned = pinned
  emit(world, "MESSAGE_UPDATE", channel, message)
  world.emit({
    type: "CHANNEL_PINS_UPDATE",
    guildId: channel.guildId,
    channel,
    data: () => ({ ...place(channel), last_pin_timestamp: null }),
  })
}

/** Somebody types. */
export const typing = (world: World, channel: Channel, userId: string): void => {
  const member = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)?.members.get(userId)
  world.emit({
    type: "TYPING_START",
    guildId: channel.guildId,
    channel,
    data: () => ({
      ...place(channel),
      user_id: userId,
      timestamp: Math.floor(world.now() / 1000),
      ...(member === undefined ? {} : { member: Wire.member(world, member) }),
    }),
  })
  world.show({ _tag: "Typing", channelId: channel.id, userId }, "channel")
}

const place = (channel: Channel): Json => ({
  channel_id: channel.id,
  ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
})

const emit = (world: World, type: string, channel: Channel, message: Message): void =>
  world.emit({
    type,
    guildId: channel.guildId,
    channel,
    message,
    data: () => Wire.messageEvent(world, message),
  })

const reactionEvent = (
  world: World,
  type: string,
  channel: Channel,
  message: Message,
  userId: string,
  emoji: { readonly id: string | null; readonly name: string },
): void => {
  const member = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)?.members.get(userId)
  world.emit({
    type,
    guildId: channel.guildId,
    channel,
    data: () => ({
      user_id: userId,
      message_id: message.id,
      ...place(channel),
      emoji,
      burst: false,
      type: 0,
      ...(type === "MESSAGE_REACTION_ADD" ? { message_author_id: message.authorId } : {}),
      ...(type === "MESSAGE_REACTION_ADD" && member !== undefined
        ? { member: Wire.member(world, member) }
        : {}),
    }),
  })
  world.show({ _tag: "ReactionsChanged", channelId: channel.id, message }, audience(message))
}

/** Discord remembers a nonce for a few minutes; here it is looked for among the newest messages. */
const findNonce = (channel: Channel, authorId: string, nonce: string | number): Message | undefined => {
  for (const message of channel.messages.values()) {
    if (message.authorId === authorId && message.nonce === nonce) return message
  }
  return undefined
}

const everything: AllowedMentions = {
  parse: ["users", "roles", "everyone"],
  users: [],
  roles: [],
  repliedUser: true,
}

const findMentions = (
  world: World,
  channel: Channel,
  author: User,
  draft: Draft,
  original: Message | undefined,
): Pick<Message, "mentions" | "mentionRoles" | "mentionEveryone"> => {
  const text = draft.content ?? ""
  const allowed = draft.allowedMentions ?? everything
  const mentions = new Set<string>()
  const roles = new Set<string>()
  let mentionEveryone = false
  if (text.includes("<@") || text.includes("@everyone") || text.includes("@here")) {
    for (const [, id] of text.matchAll(/<@!?(\d{17,19})>/g)) {
      if (
        id !== undefined &&
        world.users.has(id) &&
        (allowed.parse.includes("users") || allowed.users.includes(id))
      )
        mentions.add(id)
    }
    const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
    for (const [, id] of text.matchAll(/<@&(\d{17,19})>/g)) {
      if (
        id !== undefined &&
        guild?.roles.has(id) &&
        (allowed.parse.includes("roles") || allowed.roles.includes(id))
      )
        roles.add(id)
    }
    mentionEveryone =
      /@(everyone|here)\b/.test(text) &&
      allowed.parse.includes("everyone") &&
      Permissions.has(world.permissions(author.id, channel), Permissions.Bit.MentionEveryone)
  }
  if (original !== undefined && allowed.repliedUser) mentions.add(original.authorId)
  return { mentions: [...mentions], mentionRoles: [...roles], mentionEveryone }
}

/** Keeps files, and describes them as attachments. */
export const store = (
  world: World,
  channel: Channel,
  files: ReadonlyArray<File>,
  described: ReadonlyArray<Json> | undefined,
): ReadonlyArray<Json> =>
  files.map((file, index) => {
    const about = described?.find((one) => String(one["id"]) === String(index)) ?? described?.[index]
    const name = typeof about?.["filename"] === "string" ? about["filename"] : file.name
    const description = about?.["description"] ?? file.description
    const upload: Upload = {
      id: world.id(),
      channelId: channel.id,
      name,
      contentType: file.contentType,
      bytes: file.bytes,
    }
    world.uploads.set(upload.id, upload)
    const url = `${world.origin}/attachments/${channel.id}/${upload.id}/${encodeURIComponent(name)}`
    return {
      id: upload.id,
      filename: name,
      size: file.bytes.byteLength,
      url,
      proxy_url: url,
      content_type: file.contentType,
      ...(description === undefined ? {} : { description }),
    }
  })
