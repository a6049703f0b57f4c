/**
 * Forwarded messages: what they carry of the original, as it was when it was forwarded.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import type { Channel, Json, Message } from "../model/Model.js"
import * as Notices from "./Notices.js"
import * as Permissions from "./Permissions.js"
import * as Time from "../model/Time.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** What a forward is made of. */
export interface Forward {
  readonly reference: NonNullable<Message["reference"]>
  readonly snapshots: ReadonlyArray<Json>
}

const needed = Permissions.Bit.ViewChannel | Permissions.Bit.ReadMessageHistory

/**
 * What somebody forwards. Refuses with 10003 and 10008 what they do not see, with 160009 where they may not read
 * it, with 160010 from an age-restricted channel into another, with 160014 polls and messages of the system.
 */
export const make = (
  world: World,
  authorId: string,
  target: Channel,
  from: { readonly channelId: string; readonly messageId: string },
): Forward => {
  const channel = world.channels.get(from.channelId)
  if (channel === undefined || !world.canSee(authorId, channel)) throw ApiError.unknownChannel()
  if (!Permissions.has(world.permissions(authorId, channel), needed)) throw ApiError.referenceWithoutHistory()
  const original = channel.messages.get(from.messageId)
  if (original === undefined || original.ephemeralFor !== null) throw ApiError.unknownMessage()
  if (channel.nsfw && !target.nsfw) throw ApiError.nsfwReference()
  if (Notices.isSystem(original) || original.poll !== null) throw ApiError.notForwardable()
  return {
    reference: { type: 1, messageId: original.id, channelId: channel.id, guildId: channel.guildId },
    snapshots: original.snapshots.length > 0 ? original.snapshots : [{ message: snapshot(world, original) }],
  }
}

const snapshot = (world: World, message: Message): Json => ({
  type: message.type,
  content: message.content,
  mentions: world.known(message.mentions).map(Wire.user),
  mention_roles: message.mentionRoles,
  attachments: message.attachments,
  embeds: message.embeds,
  timestamp: Time.iso(message.sentAt),
  edited_timestamp: message.editedAt === null ? null : Time.iso(message.editedAt),
  flags: message.flags,
  components: message.components,
  ...(message.stickers === undefined ? {} : { sticker_items: message.stickers }),
})
