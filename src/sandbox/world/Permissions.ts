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
  Bit.ReadMessageHistory |
  Bit.UseApplicationCommands |
  Bit.ChangeNickname |
  Bit.CreateInstantInvite |
  Bit.Connect |
  Bit.Speak

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
  Bit.UseApplicationCommands

/** Whether every bit of `wanted` is in `held`. */
export const has = (held: bigint, wanted: bigint): boolean => (held & wanted) === wanted

/** A member's permissions in the guild as a whole. `now` is in milliseconds since 1970. */
export const inGuild = (guild: Guild, member: Member, now: number): bigint => {
  if (guild.ownerId === member.userId) return all
  const base = roleBits(guild, member)
  return has(base, Bit.Administrator) ? all : limit(base, member, now)
}

/** A member's permissions in one channel. Without "see the channel" there are none. */
export const inChannel = (guild: Guild, channel: Channel, member: Member, now: number): bigint => {
  if (guild.ownerId === member.userId) return all
  let held = roleBits(guild, member)
  if (has(held, Bit.Administrator)) return all
  if (channel.overwrites.size > 0) {
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
    if (own !== undefined) held = (held & ~own.deny) | own.allow
  }
  if (!has(held, Bit.ViewChannel)) return 0n
  return limit(held, member, now)
}

/**
 * What is left in a thread of what one has in its channel: nothing in a private one that one is not in, unless
 * one manages threads.
 */
export const inThread = (held: bigint, thread: Channel, userId: string): bigint =>
  thread.type === ChannelType.PrivateThread &&
  thread.thread?.members.has(userId) !== true &&
  !has(held, Bit.ManageThreads)
    ? 0n
    : held

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
