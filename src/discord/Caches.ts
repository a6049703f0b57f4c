/**
 * How much of Discord the bot keeps in memory.
 *
 * A stock discord.js Client keeps every member, user, presence and message that passes by. A command has what
 * it needs in its own packet, so the lean default keeps guilds, channels and roles (which permissions are made
 * of) and little else.
 *
 * @module
 */
import {
  type GatewayDispatchPayload,
  GatewayDispatchEvents,
  type GatewayGuildCreateDispatchData,
} from "discord-api-types/v10"
import { type CacheFactory, type CacheWithLimitsOptions, Options } from "discord.js"

/** `lean`, `full` (as discord.js does by default), or discord.js's own limits by cache. */
export type Caches = "lean" | "full" | CacheWithLimitsOptions

/** Members and users that commands have just touched; enough that a structure finds its own author. */
const RECENT = 50

const lean = (ownId: () => string | undefined): CacheWithLimitsOptions => ({
  ApplicationCommandManager: 0,
  ApplicationEmojiManager: 0,
  AutoModerationRuleManager: 0,
  BaseGuildEmojiManager: 0,
  DMMessageManager: 0,
  EntitlementManager: 0,
  GuildBanManager: 0,
  GuildEmojiManager: 0,
  GuildForumThreadManager: RECENT,
  GuildInviteManager: 0,
  GuildMemberManager: { maxSize: RECENT, keepOverLimit: (member) => member.id === ownId() },
  GuildMessageManager: 0,
  GuildScheduledEventManager: 0,
  GuildStickerManager: 0,
  GuildTextThreadManager: RECENT,
  MessageManager: 0,
  PresenceManager: 0,
  ReactionManager: 0,
  ReactionUserManager: 0,
  StageInstanceManager: 0,
  ThreadManager: RECENT,
  ThreadMemberManager: 0,
  UserManager: { maxSize: 1_000, keepOverLimit: (user) => user.id === ownId() },
  VoiceStateManager: 0,
})

/** For discord.js's `makeCache` option. `ownId` is the bot's user id, once known. */
export const factory = (caches: Caches, ownId: () => string | undefined): CacheFactory =>
  caches === "full"
    ? Options.cacheEverything()
    : Options.cacheWithLimits(caches === "lean" ? lean(ownId) : caches)

/**
 * Takes out of a packet what the lean caches would only make structures of to throw them away: a guild comes
 * with all its members, presences, emojis and voice states.
 */
export const trim = (packet: GatewayDispatchPayload, ownId: string | undefined): void => {
  if (packet.t !== GatewayDispatchEvents.GuildCreate || !("members" in packet.d)) return
  const guild: Partial<GatewayGuildCreateDispatchData> = packet.d
  guild.members = packet.d.members.filter((member) => member.user.id === ownId)
  guild.presences = []
  guild.emojis = []
  guild.stickers = []
  guild.voice_states = []
  guild.stage_instances = []
  guild.guild_scheduled_events = []
}
