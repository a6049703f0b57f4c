/**
 * The life of a message: sent, edited, published, deleted. Its parts have modules of their own: `Mentions`,
 * `Attachments`, `Reactions`, `Pins`, `Polls`, `Forwards`, `Nonces`.
 *
 * An ephemeral message is on one person's screen and in no event. Who may do what is checked by the routes (for
 * the bot) and by `Actor` (for people).
 *
 * @module
 */
import { MessageFlags, MessageType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as Attachments from "./Attachments.js"
import * as Ballot from "./Ballot.js"
import type { Draft } from "../form/MessageForm.js"
import { Form } from "../form/Form.js"
import * as Following from "./Following.js"
import * as Forwards from "./Forwards.js"
import * as Mentions from "./Mentions.js"
import * as MessageEvents from "./MessageEvents.js"
import type { Channel, Json, Message, User, WebhookAuthor } from "../model/Model.js"
import * as Nonces from "./Nonces.js"
import * as Notices from "./Notices.js"
import * as Polls from "./Polls.js"
import * as Stickers from "./Stickers.js"
import * as ThreadMembers from "./ThreadMembers.js"
import * as Waking from "./Waking.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

export { type File, store } from "./Attachments.js"
export { audience, changed, show } from "./MessageEvents.js"
export { type Notice, notify } from "./Notices.js"
export { set as pin } from "./Pins.js"
export { add as react, clear as clearReactions, remove as unreact } from "./Reactions.js"

/** Where and by whom; the rest is in the draft. */
export interface Sending {
  /** Its id where that is given: a forum post's first message has the id of its thread. */
  readonly id?: string
  readonly channel: Channel
  /** Of a webhook's message: whoever has the webhook's id. */
  readonly author: Pick<User, "id">
  readonly draft: Draft
  readonly files?: ReadonlyArray<Attachments.File>
  readonly interaction?: Message["interaction"]
  /** Discord's message type. Default 0, or 19 for a reply. */
  readonly type?: number
  /** The message that it stands under as a reply that pings nobody. */
  readonly under?: Message | undefined
  /** The only one who is to see it. */
  readonly ephemeralFor?: string | null
  readonly webhook?: WebhookAuthor
  /** The application that sends it, where that is not the bot as itself. */
  readonly applicationId?: string | null
  /** In whose name an archived thread wakes for it, and a locked one refuses it. Without it neither happens. */
  readonly wakerId?: string
}

/** Flags that whoever sends a message may set themselves. */
const settable =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2 |
  MessageFlags.IsVoiceMessage

const none: ReadonlyArray<Json> = []

/** Puts a message into a channel and (unless ephemeral) into an event. Refuses as `prepare`. */
export const send = (world: World, sending: Sending, extraFlags = 0): Message =>
  prepare(world, sending, extraFlags)()

/** Sends what was prepared; into `place`, where that was made after it was known that nothing is refused. */
export type Prepared = (place?: Pick<Sending, "id" | "channel">) => Message

/** Checks a message without changing anything: whatever is refused is refused here. */
export const prepare = (world: World, sending: Sending, extraFlags = 0): Prepared => {
  const { author, channel, draft, files, wakerId } = sending
  world.passTime()
  if (draft.enforceNonce && draft.nonce !== null) {
    const twin = Nonces.find(world, channel.id, author.id, draft.nonce)
    if (twin !== undefined) return () => twin
  }
  if (wakerId !== undefined) Waking.check(world, channel, wakerId)
  // Neither webhooks nor answers carry any.
  const bare = sending.webhook !== undefined || sending.interaction !== undefined
  const stickers =
    draft.stickers === undefined ? undefined : Stickers.sent(world, bare ? null : channel, draft.stickers)
  const original = replied(channel, draft)
  const forward =
    draft.forward === undefined ? undefined : Forwards.make(world, author.id, channel, draft.forward)
  Attachments.check(files ?? [])
  return (place) => commit(world, { ...sending, ...place }, extraFlags, { original, forward, stickers })
}

/** What a message has of others: what it answers or forwards, and stickers. */
interface Carried {
  readonly original: Message | undefined
  readonly forward: Forwards.Forward | undefined
  readonly stickers: ReadonlyArray<Json> | undefined
}

const commit = (
  world: World,
  sending: Sending,
  extraFlags: number,
  { forward, original, stickers }: Carried,
): Message => {
  const { author, channel, draft } = sending
  const files = sending.files ?? []
  if (sending.wakerId !== undefined) Waking.wake(world, channel)
  const ephemeralFor = sending.ephemeralFor ?? null
  const stored = Attachments.store(world, channel, files, draft.attachments, ephemeralFor !== null)
  const embeds = Attachments.inEmbeds(draft.embeds ?? none, stored)
  const webhook = sending.webhook ?? null
  const found = Mentions.find(world, channel, author.id, draft, original, webhook !== null)
  const answered = original ?? sending.under
  const message: Message = {
    id: sending.id ?? world.id(),
    channelId: channel.id,
    guildId: channel.guildId,
    authorId: author.id,
    type: sending.type ?? (answered === undefined ? MessageType.Default : MessageType.Reply),
    content: draft.content ?? "",
    embeds,
    components: withMedia(world, draft, stored) ?? none,
    attachments: Attachments.listed(stored, embeds),
    mentions: found.mentions,
    mentionRoles: found.mentionRoles,
    mentionEveryone: found.mentionEveryone,
    flags: (draft.flags & settable) | extraFlags | (forward === undefined ? 0 : MessageFlags.HasSnapshot),
    pinned: false,
    pinnedAt: null,
    tts: draft.tts,
    sentAt: world.now(),
    editedAt: null,
    nonce: draft.nonce,
    reference:
      forward?.reference ??
      (answered === undefined ? null : { messageId: answered.id, channelId: channel.id }),
    threadId: null,
    ...Notices.position(channel, sending.id === channel.id ? 0 : 1),
    interaction: sending.interaction ?? null,
    applicationId: sending.applicationId ?? (author.id === world.bot.id ? world.bot.id : null),
    webhook,
    ...(stickers === undefined ? {} : { stickers }),
    poll: draft.poll === undefined ? null : Ballot.open(draft.poll, world.now()),
    snapshots: forward?.snapshots ?? none,
    ephemeralFor,
    reactions: new Map(),
  }
  Notices.keep(world, channel, message)
  if (draft.enforceNonce && draft.nonce !== null) Nonces.note(world, message, draft.nonce)
  if (message.poll !== null) Polls.start(world, channel, message)
  if (ephemeralFor === null) {
    channel.lastMessageId = message.id
    MessageEvents.emit(world, "MESSAGE_CREATE", channel, message)
    ThreadMembers.noteMessage(world, channel, message)
  }
  return message
}

/** The message that is replied to; 50035 where it must be there and is not, and where nobody wrote it. */
const replied = (channel: Channel, draft: Draft): Message | undefined => {
  if (draft.replyTo === null) return undefined
  const form = Form.make()
  const original = channel.messages.get(draft.replyTo)
  if (original === undefined) {
    if (draft.replyMustExist) form.at("message_reference").fail("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
  } else if (Notices.isSystem(original)) {
    form
      .at("message_reference")
      .fail("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
  }
  form.done()
  return original
}

const withMedia = (
  world: World,
  draft: Draft,
  attachments: ReadonlyArray<Json>,
  v2 = (draft.flags & MessageFlags.IsComponentsV2) !== 0,
): ReadonlyArray<Json> | undefined =>
  draft.components === undefined || !v2
    ? draft.components
    : Attachments.inComponents(world, draft.components, attachments)

/** Changes what the draft names; the rest stays. A poll is for placeholders only. Refuses with 50006 to leave nothing. */
export const edit = (
  world: World,
  channel: Channel,
  message: Message,
  draft: Draft,
  files: ReadonlyArray<Attachments.File> = [],
): Message => {
  const v2 = ((message.flags | draft.flags) & MessageFlags.IsComponentsV2) !== 0
  const content = draft.content ?? message.content
  if (v2 && (content !== "" || (draft.embeds ?? message.embeds).length > 0)) legacy(content !== "")
  const kept =
    draft.attachments === undefined
      ? message.attachments
      : message.attachments.filter((one) =>
          draft.attachments?.some((other) => String(other["id"]) === one["id"]),
        )
  const thinking = (message.flags & MessageFlags.Loading) !== 0
  // A poll comes with the answer that a placeholder stands for, and with no other change.
  const polled = thinking && draft.poll !== undefined ? Ballot.open(draft.poll, world.now()) : null
  const left =
    content !== "" ||
    (draft.embeds ?? message.embeds).length > 0 ||
    (draft.components ?? message.components).length > 0 ||
    kept.length + files.length > 0 ||
    message.poll !== null ||
    message.stickers !== undefined ||
    polled !== null ||
    message.snapshots.length > 0
  if (!left) throw ApiError.emptyMessage()
  const described = draft.attachments?.filter((one) => !kept.some((other) => other["id"] === one["id"]))
  const stored = Attachments.store(world, channel, files, described, message.ephemeralFor !== null)
  const attachments = stored.length === 0 ? kept : [...kept, ...stored]
  message.content = content
  if (polled !== null) {
    message.poll = polled
    Polls.start(world, channel, message)
  }
  if (draft.content !== undefined || (v2 && draft.components !== undefined)) {
    const original =
      message.type === (MessageType.Reply as number)
        ? channel.messages.get(message.reference?.messageId ?? "")
        : undefined
    const pinged = original !== undefined && message.mentions.includes(original.authorId)
    const webhook = message.webhook !== null
    const named = { ...draft, content, flags: message.flags | draft.flags }
    Object.assign(
      message,
      Mentions.find(world, channel, message.authorId, named, pinged ? original : undefined, webhook),
    )
  }
  if (draft.embeds !== undefined) message.embeds = Attachments.inEmbeds(draft.embeds, attachments)
  message.components = withMedia(world, draft, attachments, v2) ?? message.components
  message.attachments = Attachments.listed(attachments, message.embeds)
  message.flags &= ~MessageFlags.Loading
  if (draft.flagged === true) {
    const suppressed = draft.flags & MessageFlags.SuppressEmbeds
    message.flags = (message.flags & ~MessageFlags.SuppressEmbeds) | suppressed
  }
  if (v2) message.flags |= MessageFlags.IsComponentsV2
  // The first edit of a placeholder is its answer, and embeds that are hidden are as they were: no corrections.
  if (!thinking && corrects(draft, files)) message.editedAt = world.now()
  if (message.ephemeralFor === null) MessageEvents.changed(world, channel, message)
  MessageEvents.showEdited(world, channel, message)
  Following.edited(world, channel, message)
  return message
}

const corrects = (draft: Draft, files: ReadonlyArray<Attachments.File>): boolean =>
  files.length > 0 ||
  [draft.content, draft.embeds, draft.components, draft.attachments].some((one) => one !== undefined)

const legacy = (content: boolean): void => {
  const form = Form.make()
  const field = content ? "content" : "embeds"
  form
    .at(field)
    .fail(
      "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    )
  form.done()
}

/** Shows a message in the channels that follow this one. Refuses with 40033 a second time. */
export const publish = (world: World, channel: Channel, message: Message): Message => {
  if ((message.flags & MessageFlags.Crossposted) !== 0) throw ApiError.crosspostedAlready()
  message.flags |= MessageFlags.Crossposted
  MessageEvents.changed(world, channel, message)
  MessageEvents.showEdited(world, channel, message)
  Following.deliver(world, channel, message)
  return message
}

/** Deletes one. Refuses with 50021 what Discord keeps. */
export const remove = (world: World, channel: Channel, message: Message): void => {
  needDeletable(message)
  if (!take(channel, message)) return
  ThreadMembers.noteRemoval(channel, [message])
  if (message.ephemeralFor === null) {
    world.emit({
      type: "MESSAGE_DELETE",
      guildId: channel.guildId,
      channel,
      data: () => ({ id: message.id, ...MessageEvents.place(channel) }),
    })
  }
  world.show({ _tag: "MessageDeleted", channelId: channel.id, message }, MessageEvents.audience(message))
  Following.deleted(world, channel, message)
}

/** Deletes many in one event. Refuses as `remove`, and then deletes none. */
export const removeBulk = (world: World, channel: Channel, messages: ReadonlyArray<Message>): void => {
  if (messages.length === 0) return
  messages.forEach(needDeletable)
  for (const message of messages) take(channel, message)
  ThreadMembers.noteRemoval(channel, messages)
  world.emit({
    type: "MESSAGE_DELETE_BULK",
    guildId: channel.guildId,
    channel,
    data: () => ({ ids: messages.map((message) => message.id), ...MessageEvents.place(channel) }),
  })
  for (const message of messages) {
    world.show({ _tag: "MessageDeleted", channelId: channel.id, message }, MessageEvents.audience(message))
    Following.deleted(world, channel, message)
  }
}

/** Takes a message out, with what would go on without it. False where it is not there. */
const take = (channel: Channel, message: Message): boolean => {
  if (!channel.messages.delete(message.id)) return false
  message.poll?.cancel()
  Nonces.noteRemoval(message)
  return true
}

/** Messages of the system that nobody deletes: who came into or left a thread, its names, where it began. */
const undeletable: ReadonlySet<number> = new Set([
  MessageType.RecipientAdd,
  MessageType.RecipientRemove,
  MessageType.Call,
  MessageType.ChannelNameChange,
  MessageType.ChannelIconChange,
  MessageType.ThreadStarterMessage,
])

const needDeletable = ({ type }: Message): void => {
  if (undeletable.has(type)) throw ApiError.systemMessage()
}

/** A message that the bot may know of: 10008 otherwise, and for ephemeral ones, which no channel route finds. */
export const find = (channel: Channel, id: string): Message => {
  const message = channel.messages.get(id)
  if (message === undefined || message.ephemeralFor !== null) throw ApiError.unknownMessage()
  return message
}

/** Somebody types. */
export const typing = (world: World, channel: Channel, userId: string): void => {
  const member = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)?.members.get(userId)
  world.emit({
    type: "TYPING_START",
    guildId: channel.guildId,
    channel,
    data: () => ({
      ...MessageEvents.place(channel),
      user_id: userId,
      timestamp: Math.floor(world.now() / 1000),
      ...(member === undefined ? {} : { member: Wire.member(world, member) }),
    }),
  })
  world.show({ _tag: "Typing", channelId: channel.id, userId }, "channel")
}
