/**
 * Channels that follow an announcement channel: what is published there is shown in them, by a webhook of its own
 * kind (2), which nobody else writes with.
 *
 * An edit follows at once (Discord: within minutes, and so often an hour). Of what is deleted the copies stay, marked
 * and emptied. A channel that does not follow any more keeps what it has.
 *
 * Source: Discord Developer Docs, "Follow Announcement Channel" and "Crosspost Message".
 *
 * @module
 */
import { ChannelType, MessageFlags, MessageType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import type { Channel, Message, Webhook } from "../model/Model.js"
import * as MessageEvents from "./MessageEvents.js"
import * as Notices from "./Notices.js"
import * as Webhooks from "./Webhooks.js"
import type { World } from "./World.js"

const { GuildAnnouncement, GuildText } = ChannelType

/**
 * Lets `target` follow `source`; a message of the system says so there. Refuses with 50024 where one is of another
 * kind, and with 30007 where the target has too many webhooks.
 */
export const follow = (world: World, source: Channel, target: Channel, userId: string): Webhook => {
  const home = world.guild(source.guildId ?? "")
  if (source.type !== GuildAnnouncement || ![GuildText, GuildAnnouncement].includes(target.type))
    throw ApiError.wrongChannelType()
  const webhook = Webhooks.insert(world, target, {
    type: 2,
    name: `${home.name} #${source.name}`,
    avatar: null,
    applicationId: null,
    userId,
    source: { guildId: home.id, channelId: source.id },
  })
  Notices.notify(world, {
    channel: target,
    authorId: userId,
    type: MessageType.ChannelFollowAdd,
    content: webhook.name,
    reference: { messageId: null, channelId: source.id, guildId: home.id },
  })
  return webhook
}

/** Shows a published message in the channels that follow its own. */
export const deliver = (world: World, { guildId, id }: Channel, message: Message): void => {
  for (const webhook of world.webhooks.values()) {
    const channel = world.channels.get(webhook.channelId)
    if (webhook.source?.channelId !== id || channel === undefined) continue
    const copy: Message = {
      ...message,
      id: world.id(),
      channelId: channel.id,
      guildId: channel.guildId,
      authorId: webhook.id,
      webhook: { id: webhook.id, username: webhook.name, avatar: webhook.avatar },
      type: MessageType.Default,
      flags: MessageFlags.IsCrosspost | (message.flags & kept),
      reference: { messageId: message.id, channelId: id, guildId },
      sentAt: world.now(),
      editedAt: null,
      pinned: false,
      pinnedAt: null,
      mentions: [],
      mentionRoles: [],
      mentionEveryone: false,
      nonce: null,
      threadId: null,
      interaction: null,
      applicationId: null,
      poll: null,
      reactions: new Map(),
    }
    Notices.keep(world, channel, copy)
    channel.lastMessageId = copy.id
    MessageEvents.emit(world, "MESSAGE_CREATE", channel, copy)
    MessageEvents.show(world, copy)
  }
}

/** Brings an edit of a published message to its copies. */
export const edited = (world: World, { id }: Channel, message: Message): void => {
  const { attachments, components, content, embeds, flags } = message
  for (const { channel, copy } of copies(world, id, message)) {
    Object.assign(copy, { attachments, components, content, embeds, editedAt: message.editedAt })
    copy.flags = (copy.flags & ~kept) | (flags & kept)
    tell(world, channel, copy)
  }
}

/** Marks the copies of a published message that is deleted. */
export const deleted = (world: World, { id }: Channel, message: Message): void => {
  for (const { channel, copy } of copies(world, id, message)) {
    Object.assign(copy, { attachments: [], components: [], content: gone, embeds: [] })
    Object.assign(copy, { snapshots: [], stickers: undefined })
    copy.flags = MessageFlags.IsCrosspost | MessageFlags.SourceMessageDeleted
    tell(world, channel, copy)
  }
}

/** What stands in the copies then. */
const gone = "[Original Message Deleted]"

const copies = function* (world: World, sourceId: string, { flags, id }: Message) {
  if ((flags & MessageFlags.Crossposted) === 0) return
  for (const webhook of world.webhooks.values()) {
    const channel = world.channels.get(webhook.channelId)
    if (webhook.source?.channelId !== sourceId || channel === undefined) continue
    for (const copy of channel.messages.values())
      if (copy.authorId === webhook.id && copy.reference?.messageId === id) yield { channel, copy }
  }
}

const tell = (world: World, channel: Channel, copy: Message): void => {
  MessageEvents.changed(world, channel, copy)
  MessageEvents.showEdited(world, channel, copy)
}

const kept = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2
