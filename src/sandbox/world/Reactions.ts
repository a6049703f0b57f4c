/**
 * Reactions on messages: at most 20 kinds, each user once a kind. Super reactions are not there: bots cannot
 * send them.
 *
 * Numbers: Discord's error 30010.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import * as MessageEvents from "./MessageEvents.js"
import type { Channel, Json, Message, Reaction } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: kinds of reactions on one message. */
export const kindLimit = 20

/** What is kept under: the id of one of Discord's emojis, or the emoji itself. */
export const keyOf = (emoji: Reaction["emoji"]): string => emoji.id ?? emoji.name

/** Refuses with 30010 a kind too many, and with 520004 an emoji of a poll's. A second time is no change. */
export const add = (
  world: World,
  channel: Channel,
  message: Message,
  userId: string,
  emoji: Reaction["emoji"],
): void => {
  const key = keyOf(emoji)
  const answers = message.poll?.answers ?? []
  if (answers.some((answer) => (answer.emoji?.id ?? answer.emoji?.name) === key)) throw ApiError.pollEmoji()
  let reaction = message.reactions.get(key)
  if (reaction === undefined) {
    if (message.reactions.size >= kindLimit) throw ApiError.tooManyReactions()
    reaction = { emoji, users: new Set<string>() }
    message.reactions.set(key, reaction)
  }
  if (reaction.users.has(userId)) return
  reaction.users.add(userId)
  event(world, "MESSAGE_REACTION_ADD", channel, message, userId, reaction.emoji)
}

/** Takes one user's away. Refuses with 10014 where it is not there. */
export const remove = (
  world: World,
  channel: Channel,
  message: Message,
  userId: string,
  key: string,
): void => {
  const reaction = message.reactions.get(key)
  if (reaction === undefined || !reaction.users.delete(userId)) throw ApiError.unknownEmoji()
  if (reaction.users.size === 0) message.reactions.delete(key)
  event(world, "MESSAGE_REACTION_REMOVE", channel, message, userId, reaction.emoji)
}

/** Takes away all reactions, or all with one emoji: 10014 where there are none with it. */
export const clear = (world: World, channel: Channel, message: Message, key?: string): void => {
  const emoji = key === undefined ? undefined : message.reactions.get(key)?.emoji
  if (key === undefined) message.reactions.clear()
  else if (!message.reactions.delete(key)) throw ApiError.unknownEmoji()
  world.emit({
    type: key === undefined ? "MESSAGE_REACTION_REMOVE_ALL" : "MESSAGE_REACTION_REMOVE_EMOJI",
    guildId: channel.guildId,
    channel,
    data: () => ({
      ...MessageEvents.place(channel),
      message_id: message.id,
      ...(emoji === undefined ? {} : { emoji }),
    }),
  })
  show(world, channel, message)
}

const event = (
  world: World,
  type: "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE",
  channel: Channel,
  message: Message,
  userId: string,
  emoji: Reaction["emoji"],
): void => {
  world.emit({
    type,
    guildId: channel.guildId,
    channel,
    data: () => {
      const made: Json = {
        user_id: userId,
        message_id: message.id,
        ...MessageEvents.place(channel),
        emoji,
        burst: false,
        type: 0,
      }
      if (type === "MESSAGE_REACTION_REMOVE") return made
      if (message.webhook === null) made["message_author_id"] = message.authorId
      const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
      const member = guild?.members.get(userId)
      if (member !== undefined) made["member"] = Wire.member(world, member)
      return made
    },
  })
  show(world, channel, message)
}

const show = (world: World, channel: Channel, message: Message): void =>
  world.show({ _tag: "ReactionsChanged", channelId: channel.id, message }, MessageEvents.audience(message))
