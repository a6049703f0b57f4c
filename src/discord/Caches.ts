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
import {
  type CacheFactory,
  type CacheWithLimitsOptions,
  ChannelManager,
  Collection,
  GuildChannelManager,
  GuildManager,
  GuildMemberManager,
  LimitedCollection,
  Options,
  PermissionOverwriteManager,
  RoleManager,
  UserManager,
} from "discord.js"

/** `lean`, `full` (as discord.js does by default), or discord.js's own limits by cache. */
export type Caches = "lean" | "full" | CacheWithLimitsOptions

/** Members and users that commands have just touched; enough that a structure finds its own author. */
const RECENT = 50

/** For discord.js's `makeCache` option. `ownId` is the bot's user id, once known. */
export const factory = (caches: Caches, ownId: () => string | undefined): CacheFactory => {
  if (caches === "full") return Options.cacheEverything()
  return caches === "lean" ? lean(ownId) : Options.cacheWithLimits(caches)
}

/**
 * By class, not by name as discord.js's own limits go: a bundler may rename classes. What keeps nothing shares
 * one collection, since there are several in each channel and an empty one takes 220 bytes.
 */
const lean = (ownId: () => string | undefined): CacheFactory => {
  const whole: ReadonlySet<unknown> = new Set([
    ChannelManager,
    GuildChannelManager,
    GuildManager,
    PermissionOverwriteManager,
    RoleManager,
  ])
  const recent = new Map<unknown, number>([
    [GuildMemberManager, RECENT],
    [UserManager, 20 * RECENT],
  ])
  const nothing = new LimitedCollection<string, { readonly id: string }>({ maxSize: 0 })
  const collection = (manager: unknown): Collection<string, { readonly id: string }> => {
    if (whole.has(manager)) return new Collection()
    const maxSize = recent.get(manager)
    return maxSize === undefined
      ? nothing
      : new LimitedCollection({ maxSize, keepOverLimit: (value) => value.id === ownId() })
  }
  // The option's type ties each manager to what it holds; the factory is the same for all.
  return ((_type, _holds, manager) => collection(manager)) as CacheFactory
}

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
