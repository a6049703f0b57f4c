/**
 * What of a message is hidden from a bot without the message-content intent: over the gateway where its session did
 * not ask for it, and in answers where it is not switched on for the application.
 *
 * Source: Discord Developer Docs, "Gateway", "Message Content Intent".
 *
 * @module
 */
import { isObject } from "../form/Form.js"
import type { Json, Message } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Whether it is hidden: not in direct messages, of what the bot wrote, or where it is mentioned. */
export const isHidden = ({ authorId, guildId, mentions }: Message, botId: string): boolean =>
  guildId !== null && authorId !== botId && !mentions.includes(botId)

/** A message as an answer shows it to the bot. */
export const shown = (world: World, message: Message): Json => {
  const whole = Wire.message(world, message)
  return world.privilegedIntents.messageContent || !isHidden(message, world.bot.id)
    ? whole
    : without(whole, world.bot.id)
}

/** A message on the wire without its content. `botId` keeps what is its own in what is replied to. */
export const without = (message: Json, botId: string): Json => {
  const bare: Json = { ...message, content: "", embeds: [], attachments: [], components: [] }
  delete bare["poll"]
  const original = message["referenced_message"]
  if (isObject(original) && !concerns(original, botId)) bare["referenced_message"] = without(original, botId)
  const forwarded = message["message_snapshots"]
  if (Array.isArray(forwarded)) bare["message_snapshots"] = forwarded.map(withoutSnapshot)
  return bare
}

const withoutSnapshot = (snapshot: unknown): unknown =>
  isObject(snapshot) && isObject(snapshot["message"])
    ? {
        ...snapshot,
        message: { ...snapshot["message"], content: "", embeds: [], attachments: [], components: [] },
      }
    : snapshot

/** Whether the bot wrote the message or is named in it. */
const concerns = (message: Json, botId: string): boolean => {
  const { author, mentions } = message
  if (isObject(author) && author["id"] === botId) return true
  return Array.isArray(mentions) && mentions.some((user: unknown) => isObject(user) && user["id"] === botId)
}
