/**
 * Pinned messages: at most 250 in a channel, newest pin first.
 *
 * Numbers: Discord Developer Docs, "Get Channel Pins" and error 30003.
 *
 * @module
 */
import { MessageType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as Content from "./Content.js"
import * as MessageEvents from "./MessageEvents.js"
import type { Channel, Json, Message } from "../model/Model.js"
import * as Notices from "./Notices.js"
import * as Time from "../model/Time.js"
import type { World } from "./World.js"

/** Discord: pins in one channel. */
export const limit = 250

/** The pinned messages of a channel, newest pin first. */
export const list = (channel: Channel): ReadonlyArray<Message> => {
  const pinned = [...channel.messages.values()].filter((message) => message.pinned)
  return pinned.sort((a, b) => (b.pinnedAt ?? 0) - (a.pinnedAt ?? 0))
}

/** When the newest pin was made, as the wire shows it; `null` where nothing is pinned. */
export const last = (channel: Channel): string | null => {
  const at = list(channel)[0]?.pinnedAt
  return at === undefined || at === null ? null : Time.iso(at)
}

/**
 * Pins or unpins, in the name of `byId` (default: the bot). A pin is told in the channel. What is so already stays
 * so, without an event. Refuses with 30003 a pin too many, and with 50021 a message of the system.
 */
export const set = (
  world: World,
  channel: Channel,
  message: Message,
  pinned: boolean,
  byId: string = world.bot.id,
): void => {
  if (message.pinned === pinned) return
  const newest = list(channel)[0]?.pinnedAt ?? 0
  if (pinned) {
    if (Notices.isSystem(message)) throw ApiError.systemMessage()
    if (list(channel).length >= limit) throw ApiError.tooManyPins()
  }
  message.pinned = pinned
  // No two pins are of the same moment, so that a page of them has a place to go on from.
  message.pinnedAt = pinned ? Math.max(world.now(), newest + 1) : null
  MessageEvents.changed(world, channel, message)
  MessageEvents.showEdited(world, channel, message)
  world.emit({
    type: "CHANNEL_PINS_UPDATE",
    guildId: channel.guildId,
    channel,
    data: () => ({ ...MessageEvents.place(channel), last_pin_timestamp: last(channel) }),
  })
  if (!pinned) return
  Notices.notify(world, {
    channel,
    authorId: byId,
    type: MessageType.ChannelPinnedMessage,
    reference: { messageId: message.id, channelId: channel.id },
  })
}

/** One page, as `GET /channels/:id/messages/pins` shows it to the bot. `before`: milliseconds since 1970. */
export const page = (world: World, channel: Channel, size: number, before: number): Json => {
  const rest = list(channel).filter(({ pinnedAt }) => (pinnedAt ?? 0) < before)
  return {
    items: rest.slice(0, size).map((message) => ({
      pinned_at: Time.iso(message.pinnedAt ?? 0),
      message: Content.shown(world, message),
    })),
    has_more: rest.length > size,
  }
}
