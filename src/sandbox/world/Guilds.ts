/**
 * Guilds: they come, go, are changed and fail for a while; and everything of them by one name. Channels, roles,
 * members and bans stand in modules of their own.
 *
 * In an outage (`setUnavailable`) the bot is told GUILD_DELETE with `unavailable`, then of nothing until it is over,
 * and REST answers 500.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import type { Image } from "../form/ImageForm.js"
import type { Guild, GuildSettings, User } from "../model/Model.js"
import * as Channels from "./Channels.js"
import * as Leftovers from "./Leftovers.js"
import * as Members from "./Members.js"
import * as Permissions from "./Permissions.js"
import * as Pictures from "./Pictures.js"
import * as Polls from "./Polls.js"
import * as Roles from "./Roles.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** What the bot's own role allows: moderation and text, but not Administrator. */
export const botPermissions: bigint =
  Permissions.everyone |
  Bit.ManageMessages |
  Bit.ManageRoles |
  Bit.ManageChannels |
  Bit.ManageNicknames |
  Bit.ManageThreads |
  Bit.ManageGuild |
  Bit.KickMembers |
  Bit.BanMembers |
  Bit.ModerateMembers |
  Bit.ViewAuditLog |
  Bit.PinMessages |
  Bit.ManageWebhooks |
  Bit.CreateGuildExpressions |
  Bit.ManageGuildExpressions |
  Bit.CreateEvents |
  Bit.ManageEvents |
  Bit.MentionEveryone

/** Adds a person. `past` takes one of the ids that are the same in every run. */
export const addUser = (
  world: World,
  options: {
    readonly username: string
    readonly globalName?: string
    readonly bot?: boolean
    readonly past?: boolean
  },
): User => {
  const user: User = {
    id: options.past === true ? world.pastId() : world.id(),
    username: options.username,
    globalName: options.globalName ?? null,
    bot: options.bot ?? false,
  }
  world.users.set(user.id, user)
  return user
}

/** What a new guild has. */
export interface NewGuild {
  readonly name: string
  readonly ownerId: string
  /** Names of text channels. */
  readonly channels: ReadonlyArray<string>
  /** The people in it; the bot and the owner always are. */
  readonly memberIds: ReadonlyArray<string>
  /** What the bot's own role allows. Default: `botPermissions`. */
  readonly botPermissions?: bigint
  readonly past?: boolean
}

const settings = (): GuildSettings => ({
  description: null,
  icon: null,
  banner: null,
  splash: null,
  discoverySplash: null,
  verificationLevel: 0,
  defaultNotifications: 0,
  contentFilter: 0,
  afkChannelId: null,
  afkTimeout: 300,
  systemChannelId: null,
  systemChannelFlags: 0,
  rulesChannelId: null,
  updatesChannelId: null,
  safetyChannelId: null,
  widgetEnabled: false,
  widgetChannelId: null,
  welcome: null,
  onboarding: null,
  locale: "en-US",
  progressBar: false,
  features: [],
  incidents: null,
})

/** Makes a guild with the bot in it, and sends GUILD_CREATE. */
export const create = (world: World, options: NewGuild): Guild => {
  const nextId = () => (options.past === true ? world.pastId() : world.id())
  const id = nextId()
  const guild: Guild = {
    id,
    name: options.name,
    ownerId: options.ownerId,
    joinedAt: world.now(),
    roles: new Map(),
    channels: new Map(),
    threads: new Map(),
    members: new Map(),
    bans: new Map(),
    auditLog: [],
    emojis: new Map(),
    stickers: new Map(),
    settings: settings(),
    former: new Set(),
    available: true,
  }
  guild.roles.set(id, Roles.make(id, "@everyone", Permissions.everyone, 0))
  const own = Roles.make(
    nextId(),
    world.bot.username,
    options.botPermissions ?? botPermissions,
    1,
    world.bot.id,
  )
  guild.roles.set(own.id, own)
  for (const userId of new Set([options.ownerId, ...options.memberIds]))
    guild.members.set(userId, Members.make(world, userId))
  guild.members.set(world.bot.id, { ...Members.make(world, world.bot.id), roles: [own.id] })
  options.channels.forEach((name, position) => {
    Channels.insert(world, guild, Channels.make(nextId(), guild.id, name, position))
  })
  world.guilds.set(id, guild)
  arrived(world, guild)
  return guild
}

const arrived = (world: World, guild: Guild): void =>
  world.emit({
    type: "GUILD_CREATE",
    guildId: guild.id,
    data: () =>
      Wire.guildCreate(
        world,
        guild,
        world.membersInGuildCreate === "all" ? guild.members.values() : [world.self(guild)],
      ),
  })

/** The guild is no more, with all that was in it; sends GUILD_DELETE. Its people stay. */
export const remove = (world: World, guild: Guild): void => {
  if (!world.guilds.delete(guild.id)) return
  Leftovers.ofChannels(world, guild, [...guild.channels.values(), ...guild.threads.values()])
  for (const command of world.commands.values()) {
    if (command.guildId === guild.id) world.commands.delete(command.id)
  }
  world.commandsMade.delete(guild.id)
  Pictures.forget(world, guild)
  if (guild.members.has(world.bot.id)) Members.departed(world, guild)
}

/**
 * As `remove`, and with it the people whom no other guild knows, as a member, a former one or a banned one, and
 * their direct messages: nothing of it is left in memory.
 */
export const forget = (world: World, guild: Guild): void => {
  remove(world, guild)
  for (const id of new Set([...guild.members.keys(), ...guild.former, ...guild.bans.keys()])) {
    if (id === world.bot.id || id === world.ownerId || isElsewhere(world, id)) continue
    const direct = world.directMessages.get(id)
    if (direct !== undefined) {
      world.channels.delete(direct.id)
      Polls.forget(direct)
    }
    world.directMessages.delete(id)
    world.closedDms.delete(id)
    world.presences.delete(id)
    world.locales.delete(id)
    world.users.delete(id)
  }
}

const isElsewhere = (world: World, userId: string): boolean => {
  for (const { bans, former, members } of world.guilds.values())
    if (members.has(userId) || former.has(userId) || bans.has(userId)) return true
  return false
}

/** The bot comes back into a guild, with the role that it had; sends GUILD_CREATE. */
export const addBot = (world: World, guild: Guild): void => {
  if (guild.members.has(world.bot.id)) return
  const own = [...guild.roles.values()].find((role) => role.managed)
  guild.members.set(world.bot.id, {
    ...Members.make(world, world.bot.id),
    roles: own === undefined ? [] : [own.id],
  })
  arrived(world, guild)
}

/** Begins (`on`) or ends an outage of the guild; sends GUILD_DELETE with `unavailable`, or GUILD_CREATE. */
export const setUnavailable = (world: World, guild: Guild, on: boolean): void => {
  if (guild.available !== on) return
  if (!on) {
    guild.available = true
    return arrived(world, guild)
  }
  // Told before the outage: within it nothing is.
  world.emit({
    type: "GUILD_DELETE",
    guildId: guild.id,
    data: () => ({ id: guild.id, unavailable: true }),
  })
  guild.available = false
}

/** What can be changed about a guild; what is left out stays. */
export interface Changes extends Partial<Omit<GuildSettings, Picture>> {
  readonly name?: string
  readonly pictures?: Readonly<Record<Picture, Image | null | undefined>>
}

type Picture = "icon" | "banner" | "splash" | "discoverySplash"

/** What a guild needs for a picture, and for one that moves; an icon is everybody's, and so is a still one. */
const features: Readonly<Record<Picture, { readonly still?: string; readonly moving?: string }>> = {
  icon: { moving: "ANIMATED_ICON" },
  banner: { still: "BANNER", moving: "ANIMATED_BANNER" },
  splash: { still: "INVITE_SPLASH" },
  discoverySplash: { still: "DISCOVERABLE" },
}

/** Changes a guild, and sends GUILD_UPDATE. Refuses with 50101 a picture that the guild may not have. */
export const change = (world: World, guild: Guild, { name, pictures, ...changes }: Changes): void => {
  if (pictures !== undefined) setPictures(world, guild, pictures)
  if (name !== undefined) guild.name = name
  Object.assign(guild.settings, changes)
  changed(world, guild)
}

const setPictures = (world: World, guild: Guild, pictures: NonNullable<Changes["pictures"]>): void => {
  const { settings } = guild
  const has = (feature: string | undefined) => feature !== undefined && settings.features.includes(feature)
  const kinds = [
    ["icon", Pictures.icons],
    ["banner", Pictures.banners],
    ["splash", Pictures.splashes],
    ["discoverySplash", Pictures.discoverySplashes],
  ] as const
  for (const [kind] of kinds) {
    const { still } = features[kind]
    if (pictures[kind] && still !== undefined && !has(still)) throw ApiError.needsBoosts()
  }
  for (const [kind, folder] of kinds)
    settings[kind] = Pictures.change(
      world,
      folder(guild),
      settings[kind],
      pictures[kind],
      has(features[kind].moving),
    )
}

/** Says that a guild's own settings are not what they were. */
export const changed = (world: World, guild: Guild): void =>
  world.emit({ type: "GUILD_UPDATE", guildId: guild.id, data: () => Wire.guild(guild) })

// One name for all that is done to a guild, for those who set a scene.
export {
  add as addChannel,
  changed as channelChanged,
  remove as removeChannel,
  removeOverwrite,
  setOverwrite,
} from "./Channels.js"
export { add as addRole, changed as roleChanged, remove as removeRole } from "./Roles.js"
export { changed as memberChanged, join, leave, removeBot } from "./Members.js"
export { add as ban, remove as unban } from "./Bans.js"
