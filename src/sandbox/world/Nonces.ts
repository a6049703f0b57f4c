/**
 * Nonces that must be unique: who sends one again within five minutes gets the first message once more. It is not
 * sent anew where that was deleted: then the answer is 10008.
 *
 * Source: Discord Developer Docs, "Create Message" ("in the past few minutes").
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import type { Message } from "../model/Model.js"
import type { World } from "./World.js"

/** How long a nonce is remembered, in milliseconds. */
export const memory = 5 * 60_000

const worlds = new WeakMap<World, Map<string, Message>>()
const deleted = new WeakSet<Message>()

const keyOf = (channelId: string, authorId: string, nonce: string | number): string =>
  `${channelId} ${authorId} ${nonce}`

/** The message that was sent with it. Refuses with 10008 where that was deleted. */
export const find = (
  world: World,
  channelId: string,
  authorId: string,
  nonce: string | number,
): Message | undefined => {
  const found = worlds.get(world)?.get(keyOf(channelId, authorId, nonce))
  if (found === undefined || world.now() - found.sentAt > memory) return undefined
  if (deleted.has(found)) throw ApiError.unknownMessage()
  return found
}

/** A message was deleted. One that only gave way to newer ones was not. */
export const noteRemoval = (message: Message): void => {
  if (message.nonce !== null) deleted.add(message)
}

export const note = (world: World, message: Message, nonce: string | number): void => {
  let known = worlds.get(world)
  if (known === undefined) {
    known = new Map()
    worlds.set(world, known)
  }
  for (const [key, { sentAt }] of known) {
    if (message.sentAt - sentAt <= memory) break
    known.delete(key)
  }
  const key = keyOf(message.channelId, message.authorId, nonce)
  // Oldest first, also where one is used again.
  known.delete(key)
  known.set(key, message)
}
