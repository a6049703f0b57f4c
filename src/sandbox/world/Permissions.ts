/**
 * Who may do what: base permissions from roles, then a channel's overwrites, then what a missing "see the
 * channel" and a time-out take away; and the order of ranks.
 *
 * Source: Discord Developer Docs, "Permissions" (overwrite order: @everyone, then all roles together, then the
 * member).
 *
 * @module
 */
import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10"
import type { Channel, Guild, Member } from "../model/Model.js"

/** Discord's names of the bits. */
export const Bit = PermissionFlagsBits

/** Every permission there is. */
export const all: bigint = Object.values(PermissionFlagsBits).reduce((sum, bit) => sum | bit, 0n)

/** What Discord gives `@everyone` in a new server, as far as text goes. */
export const everyone: bigint =
  Bit.ViewChannel |
  Bit.SendMessages |
  Bit.SendMessagesInThreads |
  Bit.CreatePublicThreads |
  Bit.CreatePrivateThreads |
  Bit.EmbedLinks |
  Bit.AttachFiles |
  Bit.AddReactions |
  Bit.UseExternalEmojis |
  Bit.SendTTSMessages |
  Bit.SendPolls |
  Bit.ReadMessageHistory |
  Bit.UseApplicationCommands |
  Bit.ChangeNickname |
  Bit.CreateInstantInvite |
  Bit.Connect |
  Bit.Speak

/** What goes with the right to write, and is nothing without it. */
export const withWriting: bigint =
  Bit.MentionEveryone | Bit.SendTTSMessages | Bit.AttachFiles | Bit.EmbedLinks

/** All that is left to a member in time-out. */
export const duringTimeout: bigint = Bit.ViewChannel | Bit.ReadMessageHistory

/** What one has in a direct message. */
export const directMessage: bigint =
  Bit.ViewChannel |
  Bit.SendMessages |
  Bit.EmbedLinks |
  Bit.AttachFiles |
  Bit.AddReactions |
  Bit.ReadMessageHistory |
  Bit.UseExternalEmojis |
  Bit.SendTTSMessages |
  Bit.SendPolls |
  Bit.UseApplicationCommands

/** Whether every bit of `wanted` is in `held`. */
export const has = (held: bigint, wanted: bigint): boolean => (held & wanted) === wanted

/** A member's permissions in the guild as a whole. `now` is in milliseconds since 1970. */
export const inGuild = (guild: Guild, member: Member, now: number): bigint => {
  if (guild.ownerId === member.userId) return all
  const base = roleBits(guild, member)
  return has(base, Bit.Administrator) ? all : limit(base, member, now)
}

/**
 * A member's permissions in one channel of a guild. Without "see the channel" there are none, and without "connect"
 * no more than that where people talk; without "send messages" what goes with writing is gone.
 */
export const inChannel = (guild: Guild, channel: Channel, member: Member, now: number): bigint => {
  if (guild.ownerId === member.userId) return all
  const held = overwritten(guild, channel, member)
  if (has(held, Bit.Administrator)) return all
  return limit(implied(channel, held, Bit.SendMessages), member, now)
}

/**
 * A member's permissions in a thread of the channel `parent`: as there, except that writing is a permission of its
 * own, and that a private one that one is not in is seen by those only who manage threads.
 */
export const inThread = (
  guild: Guild,
  parent: Channel,
  thread: Channel,
  member: Member,
  now: number,
): bigint => {
  if (guild.ownerId === member.userId) return all
  const held = overwritten(guild, parent, member)
  if (has(held, Bit.Administrator)) return all
  const hidden =
    thread.type === ChannelType.PrivateThread &&
    thread.thread?.members.has(member.userId) !== true &&
    !has(held, Bit.ManageThreads)
  return hidden ? 0n : limit(implied(parent, held, Bit.SendMessagesInThreads), member, now)
}

/** Whether a time-out holds a member now. Owner and administrators are exempt. */
export const isTimedOut = (guild: Guild, member: Member, now: number): boolean =>
  member.timeoutUntil !== null &&
  member.timeoutUntil > now &&
  guild.ownerId !== member.userId &&
  !has(roleBits(guild, member), Bit.Administrator)

/** What roles and overwrites say, in Discord's order: @everyone, all roles together, the member. */
const overwritten = (guild: Guild, channel: Channel, member: Member): bigint => {
  let held = roleBits(guild, member)
  if (channel.overwrites.size === 0 || has(held, Bit.Administrator)) return held
  const forEveryone = channel.overwrites.get(guild.id)
  if (forEveryone !== undefined) held = (held & ~forEveryone.deny) | forEveryone.allow
  let allow = 0n
  let deny = 0n
  for (const id of member.roles) {
    const overwrite = channel.overwrites.get(id)
    if (overwrite === undefined) continue
    allow |= overwrite.allow
    deny |= overwrite.deny
  }
  held = (held & ~deny) | allow
  const own = channel.overwrites.get(member.userId)
  // An overwrite makes nobody an administrator.
  return (own === undefined ? held : (held & ~own.deny) | own.allow) & ~Bit.Administrator
}

/** What a missing right takes away with it. */
const implied = (channel: Channel, held: bigint, toWrite: bigint): bigint => {
  if (!has(held, Bit.ViewChannel)) return 0n
  const spoken = channel.type === ChannelType.GuildVoice || channel.type === ChannelType.GuildStageVoice
  if (spoken && !has(held, Bit.Connect)) return Bit.ViewChannel
  return has(held, toWrite) ? held : held & ~withWriting
}

/** What it takes to write: in threads "send messages" has no effect. */
export const toSend = (channel: Channel): bigint =>
  channel.thread === null ? Bit.SendMessages : Bit.SendMessagesInThreads

/** The position of a member's highest role; the owner stands above all. */
export const rank = (guild: Guild, member: Member): number => {
  if (guild.ownerId === member.userId) return Number.POSITIVE_INFINITY
  let highest = 0
  for (const id of member.roles) highest = Math.max(highest, guild.roles.get(id)?.position ?? 0)
  return highest
}

/** Whether `actor` stands above `target`. Nobody stands above the owner or beside themselves. */
export const outranks = (guild: Guild, actor: Member, target: Member): boolean =>
  rank(guild, actor) > rank(guild, target)

const roleBits = (guild: Guild, member: Member): bigint => {
  let held = guild.roles.get(guild.id)?.permissions ?? 0n
  for (const id of member.roles) held |= guild.roles.get(id)?.permissions ?? 0n
  return held
}

const limit = (held: bigint, member: Member, now: number): bigint =>
  member.timeoutUntil !== null && member.timeoutUntil > now ? held & duringTimeout : held
