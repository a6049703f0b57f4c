/**
 * Channels that follow an announcement channel: what is published there is shown in them, by a webhook of its own
 * kind (2), which nobody else writes with.
 *
 * What is edited or deleted after it was published stays as it was in those that follow.
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

const kept = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2
