/**
 * Where Discord keeps an order of events, and where it does not.
 *
 * Within a channel, and for what a guild itself is (its channels, threads, roles and members), events come in
 * order. Typing and presences, and what happens in different channels, may pass each other.
 *
 * @module
 */
import { isObject } from "../form/Form.js"
import type { Event } from "../world/World.js"

/** Where an event belongs. */
export interface Place {
  readonly guild: string | null
  /** `null`: the guild itself. */
  readonly channel: string | null
  /** Whether it has no order at all. */
  readonly loose: boolean
}

/** What is told of a channel's inside; everything else is about the guild itself. */
const inside = /^(?:MESSAGE_|INTERACTION_CREATE$|TYPING_START$)/u

/** Where an event belongs. */
export const place = (event: Event): Place => {
  const { guildId: guild, type } = event
  const loose = type === "TYPING_START" || type === "PRESENCE_UPDATE"
  if (!inside.test(type)) return { guild, channel: null, loose }
  const data = event.data()
  const named = data["channel_id"] ?? (isObject(data["channel"]) ? data["channel"]["id"] : undefined)
  return { guild, channel: typeof named === "string" ? named : null, loose }
}

/** Whether the two may arrive the other way round. */
export const mayPass = (one: Place, other: Place): boolean => {
  if (one.loose || other.loose) return true
  if (one.guild !== other.guild) return true
  return one.channel !== null && other.channel !== null && one.channel !== other.channel
}

/** Whether some other event may pass this one. */
export const isMovable = ({ channel, loose }: Place): boolean => loose || channel !== null
