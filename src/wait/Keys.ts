/**
 * What an event can be found by: the ids that it carries.
 *
 * @module
 */
import {
  ComponentType,
  type GatewayDispatchPayload,
  GatewayDispatchEvents,
  type GatewayMessageCreateDispatchData,
} from "discord-api-types/v10"
import type { Press } from "../interaction/Press.js"

/** Undefined where the event carries no such id. */
export interface Keys {
  readonly customId: string | undefined
  readonly messageId: string | undefined
  readonly channelId: string | undefined
  readonly userId: string | undefined
  readonly guildId: string | undefined
}

/** A custom id up to its first `~`: what all components of one question share. */
export const baseOf = (customId: string): string => {
  const end = customId.indexOf("~")
  return end < 0 ? customId : customId.slice(0, end)
}

export const ofMessage = (message: GatewayMessageCreateDispatchData): Keys => ({
  customId: undefined,
  messageId: message.id,
  channelId: message.channel_id,
  userId: message.author.id,
  guildId: message.guild_id,
})

export const ofPress = (press: Press): Keys => ({
  customId: press.customId,
  messageId: press.message?.id,
  channelId: press.channelId,
  userId: press.user.id,
  guildId: press.guildId,
})

/** That of the press, and of all that stands beside it on its message. */
export const customIdsOf = ({ customId, message }: Press): ReadonlyArray<string> => [
  customId,
  ...(message?.components ?? []).flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.flatMap((part) => ("custom_id" in part ? [part.custom_id] : []))
      : [],
  ),
]

/** Of any event, by the names that Discord uses in all of them. */
export const ofPacket = ({ d, t }: GatewayDispatchPayload): Keys => {
  const data = (d ?? {}) as Fields
  return {
    customId: undefined,
    messageId: data.message_id ?? (messages.has(t) ? data.id : undefined),
    channelId: data.channel_id ?? (channels.has(t) ? data.id : undefined),
    userId: data.user_id ?? data.user?.id ?? data.author?.id ?? (users.has(t) ? data.id : undefined),
    guildId: data.guild_id ?? (guilds.has(t) ? data.id : undefined),
  }
}

interface Fields {
  readonly id?: string
  readonly message_id?: string
  readonly channel_id?: string
  readonly guild_id?: string
  readonly user_id?: string
  readonly user?: { readonly id: string }
  readonly author?: { readonly id: string }
}

/** Events whose `id` is that of a message, a channel, a user or a guild. */
const ownMessage = [GatewayDispatchEvents.MessageUpdate, GatewayDispatchEvents.MessageDelete] as const
const ownChannel = [
  GatewayDispatchEvents.ChannelCreate,
  GatewayDispatchEvents.ChannelUpdate,
  GatewayDispatchEvents.ChannelDelete,
  GatewayDispatchEvents.ThreadCreate,
  GatewayDispatchEvents.ThreadUpdate,
  GatewayDispatchEvents.ThreadDelete,
  GatewayDispatchEvents.ThreadMemberUpdate,
  GatewayDispatchEvents.ThreadMembersUpdate,
] as const
const ownUser = [GatewayDispatchEvents.UserUpdate] as const
const ownGuild = [
  GatewayDispatchEvents.GuildCreate,
  GatewayDispatchEvents.GuildUpdate,
  GatewayDispatchEvents.GuildDelete,
] as const

const messages: ReadonlySet<string> = new Set(ownMessage)
const channels: ReadonlySet<string> = new Set(ownChannel)
const users: ReadonlySet<string> = new Set(ownUser)
const guilds: ReadonlySet<string> = new Set(ownGuild)

/** What the payload of an event is. */
export type PayloadOf<E extends GatewayDispatchEvents> = Extract<
  GatewayDispatchPayload,
  { readonly t: E }
>["d"]

type Has<D, Name extends string> = D extends unknown ? (Name extends keyof D ? true : never) : never

/** By which ids an event can be waited for: those that it carries. */
export type CarriedBy<E extends GatewayDispatchEvents> =
  | (true extends Has<PayloadOf<E>, "message_id"> ? "messageId" : never)
  | (E extends (typeof ownMessage)[number] ? "messageId" : never)
  | (true extends Has<PayloadOf<E>, "channel_id"> ? "channelId" : never)
  | (E extends (typeof ownChannel)[number] ? "channelId" : never)
  | (true extends Has<PayloadOf<E>, "user_id" | "user" | "author"> ? "userId" : never)
  | (E extends (typeof ownUser)[number] ? "userId" : never)
  | (true extends Has<PayloadOf<E>, "guild_id"> ? "guildId" : never)
  | (E extends (typeof ownGuild)[number] ? "guildId" : never)
