/**
 * Messages of the system: somebody pinned, joined a thread, a poll ended.
 *
 * @module
 */
import type { Channel, Json, Message } from "../model/Model.js"
import * as MessageEvents from "./MessageEvents.js"
import type { World } from "./World.js"

/** What a message of the system says. */
export interface Notice {
  readonly channel: Channel
  readonly authorId: string
  /** Discord's message type. */
  readonly type: number
  readonly content?: string
  readonly embeds?: ReadonlyArray<Json>
  readonly mentions?: ReadonlyArray<string>
  readonly reference?: Message["reference"]
}

/** Discord's message types that people write; every other one is of the system. */
const written: ReadonlySet<number> = new Set([0, 19, 20, 23])

/** Whether nobody wrote the message. */
export const isSystem = (message: Message): boolean => !written.has(message.type)

/** Where a new message of a thread stands, `step` after those that were sent; elsewhere nowhere. */
export const position = ({ thread }: Channel, step: 0 | 1): Pick<Message, "position"> =>
  thread === null ? {} : { position: thread.totalSent + step }

/** Keeps a message; the oldest of its channel goes where there are too many. */
export const keep = (world: World, channel: Channel, message: Message): void => {
  channel.messages.set(message.id, message)
  if (channel.messages.size <= world.historyLimit) return
  const oldest = channel.messages.values().next().value
  if (oldest === undefined) return
  oldest.poll?.cancel()
  channel.messages.delete(oldest.id)
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
    embeds: notice.embeds ?? [],
    components: [],
    attachments: [],
    mentions: notice.mentions ?? [],
    mentionRoles: [],
    mentionEveryone: false,
    flags: 0,
    pinned: false,
    pinnedAt: null,
    tts: false,
    sentAt: world.now(),
    editedAt: null,
    nonce: null,
    reference: notice.reference ?? null,
    threadId: null,
    ...position(channel, 0),
    interaction: null,
    applicationId: null,
    webhook: null,
    poll: null,
    snapshots: [],
    ephemeralFor: null,
    reactions: new Map(),
  }
  keep(world, channel, message)
  channel.lastMessageId = message.id
  MessageEvents.emit(world, "MESSAGE_CREATE", channel, message)
  return MessageEvents.show(world, message)
}
