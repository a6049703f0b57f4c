/**
 * How the World tells of messages: events to the bot's sessions, sights to screens.
 *
 * @module
 */
import type { Channel, Json, Message } from "../model/Model.js"
import type * as View from "./View.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Who sees a message. */
export const audience = (message: Message): View.Audience =>
  message.ephemeralFor === null ? "channel" : { only: message.ephemeralFor }

/** Puts a sent message on the screens. */
export const show = (world: World, message: Message): Message => {
  world.show({ _tag: "MessageShown", channelId: message.channelId, message }, audience(message))
  return message
}

/** Shows on the screens that a message is not what it was. */
export const showEdited = (world: World, channel: Channel, message: Message): void =>
  world.show({ _tag: "MessageEdited", channelId: channel.id, message }, audience(message))

/** Where something happened, as events name it. */
export const place = (channel: Channel): Json => ({
  channel_id: channel.id,
  ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
})

/** MESSAGE_CREATE or MESSAGE_UPDATE. */
export const emit = (world: World, type: string, channel: Channel, message: Message): void =>
  world.emit({
    type,
    guildId: channel.guildId,
    channel,
    message,
    data: () => Wire.messageEvent(world, message),
  })

/** Says that something about a message is not what it was. */
export const changed = (world: World, channel: Channel, message: Message): void =>
  emit(world, "MESSAGE_UPDATE", channel, message)
