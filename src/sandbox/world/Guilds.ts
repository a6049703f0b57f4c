/**
 * Guilds and what they are made of: people, roles, channels, memberships and bans, and the events that their
 * changes send. Who may make a change is checked by the routes.
 *
 * @module
 */
import type { Ban, Channel, Guild, Json, Member, Overwrite, Role, User } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import * as ThreadMembers from "./ThreadMembers.js"
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

/** Makes a guild with the bot in it, and sends GUILD_CREATE. */
export const create = (world: World, options: NewGuild): Guild => {
  const id = options.past === true ? world.pastId() : world.id()
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
  }
  guild.roles.set(id, {
    id,
    name: "@everyone",
    permissions: Permissions.everyone,
    position: 0,
    color: 0,
    hoist: false,
    mentionable: false,
    managed: false,
  })
  const own: Role = {
    id: options.past === true ? world.pastId() : world.id(),
    name: world.bot.username,
    permissions: options.botPermissions ?? botPermissions,
    position: 1,
    color: 0,
    hoist: false,
    mentionable: false,
    managed: true,
  }
  guild.roles.set(own.id, own)
  for (const userId of new Set([options.ownerId, ...options.memberIds]))
    guild.members.set(userId, membership(world, userId))
  guild.members.set(world.bot.id, { ...membership(world, world.bot.id), roles: [own.id] })
  options.channels.forEach((name, position) => {
    insertChannel(
      world,
      guild,
      newChannel(options.past === true ? world.pastId() : world.id(), guild.id, name, position),
    )
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
  const channels = [...guild.channels.keys(), ...guild.threads.keys()]
  for (const id of channels) world.channels.delete(id)
  if (world.uploads.size > 0) {
    const gone = new Set(channels)
    for (const upload of world.uploads.values()) {
      if (gone.has(upload.channelId)) world.uploads.delete(upload.id)
    }
  }
  for (const command of world.commands.values()) {
    if (command.guildId === guild.id) world.commands.delete(command.id)
  }
  if (guild.members.has(world.bot.id)) departed(world, guild)
}

/**
 * As `remove`, and with it the people who were in no other guild, and their direct messages: nothing of it is
 * left in memory.
 */
export const forget = (world: World, guild: Guild): void => {
  remove(world, guild)
  for (const id of guild.members.keys()) {
    if (id === world.bot.id || isElsewhere(world, id)) continue
    const direct = world.directMessages.get(id)
    if (direct !== undefined) world.channels.delete(direct.id)
    world.directMessages.delete(id)
    world.closedDms.delete(id)
    world.users.delete(id)
  }
}

const isElsewhere = (world: World, userId: string): boolean => {
  for (const guild of world.guilds.values()) if (guild.members.has(userId)) return true
  return false
}

/** The bot leaves or is put out of a guild that goes on without it; sends GUILD_DELETE. */
export const removeBot = (world: World, guild: Guild): void => {
  if (!guild.members.delete(world.bot.id)) return
  departed(world, guild)
}

/** The bot comes back into a guild, with the role that it had; sends GUILD_CREATE. */
export const addBot = (world: World, guild: Guild): void => {
  if (guild.members.has(world.bot.id)) return
  const own = [...guild.roles.values()].find((role) => role.managed)
  guild.members.set(world.bot.id, {
    ...membership(world, world.bot.id),
    roles: own === undefined ? [] : [own.id],
  })
  arrived(world, guild)
}

const departed = (world: World, guild: Guild): void =>
  world.emit({ type: "GUILD_DELETE", guildId: guild.id, data: () => ({ id: guild.id }) })

const membership = (world: World, userId: string): Member => ({
  userId,
  nick: null,
  roles: [],
  joinedAt: world.now(),
  timeoutUntil: null,
})

const newChannel = (id: string, guildId: string, name: string, position: number): Channel => ({
  id,
  type: 0,
  guildId,
  name,
  topic: null,
  position,
  nsfw: false,
  parentId: null,
  thread: null,
  rateLimitPerUser: 0,
  overwrites: new Map(),
  lastMessageId: null,
  recipients: [],
  messages: new Map(),
})

const insertChannel = (world: World, guild: Guild, channel: Channel): void => {
  guild.channels.set(channel.id, channel)
  world.channels.set(channel.id, channel)
}

/** Adds a channel to a guild, and sends CHANNEL_CREATE. */
export const addChannel = (
  world: World,
  guild: Guild,
  options: {
    readonly name: string
    readonly type?: number
    readonly topic?: string | null
    readonly parentId?: string | null
    readonly nsfw?: boolean
    readonly overwrites?: ReadonlyArray<Overwrite>
  },
): Channel => {
  const channel: Channel = {
    ...newChannel(world.id(), guild.id, options.name, guild.channels.size),
    type: options.type ?? 0,
    topic: options.topic ?? null,
    parentId: options.parentId ?? null,
    nsfw: options.nsfw ?? false,
    overwrites: new Map((options.overwrites ?? []).map((one) => [one.id, one])),
  }
  insertChannel(world, guild, channel)
  channelEvent(world, "CHANNEL_CREATE", channel)
  return channel
}

/** Says that a channel is not what it was. */
export const channelChanged = (world: World, channel: Channel): void =>
  channelEvent(world, "CHANNEL_UPDATE", channel)

/** Sets one overwrite, and sends CHANNEL_UPDATE. */
export const setOverwrite = (world: World, channel: Channel, overwrite: Overwrite): void => {
  channel.overwrites.set(overwrite.id, overwrite)
  channelChanged(world, channel)
}

/** Deletes a channel with its threads, and sends CHANNEL_DELETE: for the threads Discord sends nothing. */
export const removeChannel = (world: World, channel: Channel): void => {
  channelEvent(world, "CHANNEL_DELETE", channel)
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  guild?.channels.delete(channel.id)
  world.channels.delete(channel.id)
  for (const thread of guild?.threads.values() ?? []) {
    if (thread.parentId !== channel.id) continue
    guild?.threads.delete(thread.id)
    world.channels.delete(thread.id)
  }
}

const channelEvent = (world: World, type: string, channel: Channel): void =>
  world.emit({ type, guildId: channel.guildId, data: () => Wire.channel(world, channel) })

/** Adds a role above all others but the bot's own, and sends GUILD_ROLE_CREATE. */
export const addRole = (
  world: World,
  guild: Guild,
  options: {
    readonly name: string
    readonly permissions?: bigint
    readonly color?: number
    readonly hoist?: boolean
    readonly mentionable?: boolean
    readonly past?: boolean
  },
): Role => {
  const role: Role = {
    id: options.past === true ? world.pastId() : world.id(),
    name: options.name,
    permissions: options.permissions ?? 0n,
    position: 1,
    color: options.color ?? 0,
    hoist: options.hoist ?? false,
    mentionable: options.mentionable ?? false,
    managed: false,
  }
  // A new role comes in just above @everyone; the others move up.
  for (const other of guild.roles.values()) if (other.position > 0) other.position += 1
  guild.roles.set(role.id, role)
  roleEvent(world, "GUILD_ROLE_CREATE", guild, role)
  return role
}

export const roleChanged = (world: World, guild: Guild, role: Role): void =>
  roleEvent(world, "GUILD_ROLE_UPDATE", guild, role)

export const removeRole = (world: World, guild: Guild, role: Role): void => {
  guild.roles.delete(role.id)
  for (const member of guild.members.values()) {
    if (member.roles.includes(role.id)) member.roles = member.roles.filter((id) => id !== role.id)
  }
  world.emit({
    type: "GUILD_ROLE_DELETE",
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, role_id: role.id }),
  })
}

const roleEvent = (world: World, type: string, guild: Guild, role: Role): void =>
  world.emit({ type, guildId: guild.id, data: () => ({ guild_id: guild.id, role: Wire.role(role) }) })

/** A person joins. */
export const join = (world: World, guild: Guild, userId: string): Member => {
  const member = membership(world, userId)
  guild.members.set(userId, member)
  world.emit({
    type: "GUILD_MEMBER_ADD",
    guildId: guild.id,
    data: () => ({ ...Wire.member(world, member), guild_id: guild.id }),
  })
  return member
}

/** A person leaves, by themselves or not. */
export const leave = (world: World, guild: Guild, userId: string): void => {
  if (userId === world.bot.id) return removeBot(world, guild)
  if (!guild.members.has(userId)) return
  for (const thread of guild.threads.values()) ThreadMembers.remove(world, thread, [userId])
  guild.members.delete(userId)
  world.emit({
    type: "GUILD_MEMBER_REMOVE",
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, user: Wire.user(world.user(userId)) }),
  })
}

/** Says that a membership is not what it was. */
export const memberChanged = (world: World, guild: Guild, member: Member): void =>
  world.emit({
    type: "GUILD_MEMBER_UPDATE",
    guildId: guild.id,
    about: member.userId,
    data: () => ({ ...Wire.member(world, member), guild_id: guild.id }),
  })

/** Bans a user; one who is a member leaves. */
export const ban = (world: World, guild: Guild, userId: string, reason: string | null): Ban => {
  const entry: Ban = { userId, reason }
  guild.bans.set(userId, entry)
  banEvent(world, "GUILD_BAN_ADD", guild, userId)
  leave(world, guild, userId)
  return entry
}

export const unban = (world: World, guild: Guild, userId: string): void => {
  guild.bans.delete(userId)
  banEvent(world, "GUILD_BAN_REMOVE", guild, userId)
}

const banEvent = (world: World, type: string, guild: Guild, userId: string): void => {
  const data = (): Json => ({ guild_id: guild.id, user: Wire.user(world.user(userId)) })
  world.emit({ type, guildId: guild.id, data })
}

/** Says that a guild's own settings are not what they were. */
export const changed = (world: World, guild: Guild): void =>
  world.emit({ type: "GUILD_UPDATE", guildId: guild.id, data: () => Wire.guild(guild) })
