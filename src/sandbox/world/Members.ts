/**
 * Memberships: people who come into a guild, go, and are changed; and who has been silent for long.
 *
 * Who may make a change is checked by the routes, and for people by `Membership`.
 *
 * @module
 */
import { GuildMemberFlags, GuildSystemChannelFlags, MessageType } from "discord-api-types/v10"
import type { Image } from "../form/ImageForm.js"
import * as Pictures from "./Pictures.js"
import * as Messages from "./Messages.js"
import type { Guild, Member } from "../model/Model.js"
import * as ThreadMembers from "./ThreadMembers.js"
import * as ThreadSync from "./ThreadSync.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

const day = 86_400_000

/** A membership that begins now. */
export const make = (world: World, userId: string): Member => ({
  userId,
  nick: null,
  avatar: null,
  banner: null,
  roles: [],
  joinedAt: world.now(),
  timeoutUntil: null,
  flags: 0,
})

/** A person joins; sends GUILD_MEMBER_ADD. Who was in it before is marked so. */
export const join = (world: World, guild: Guild, userId: string): Member => {
  const member = make(world, userId)
  if (guild.former.delete(userId)) member.flags |= GuildMemberFlags.DidRejoin
  guild.members.set(userId, member)
  world.emit({
    type: "GUILD_MEMBER_ADD",
    guildId: guild.id,
    data: () => ({ ...Wire.member(world, member), guild_id: guild.id }),
  })
  greet(world, guild, userId)
  return member
}

/** The guild's own word of welcome, where its settings ask for one. */
const greet = (world: World, guild: Guild, userId: string): void => {
  const { systemChannelFlags, systemChannelId } = guild.settings
  const channel = guild.channels.get(systemChannelId ?? "")
  if (channel === undefined) return
  if ((systemChannelFlags & GuildSystemChannelFlags.SuppressJoinNotifications) !== 0) return
  Messages.notify(world, { channel, authorId: userId, type: MessageType.UserJoin })
}

/** A person leaves, by themselves or not; sends GUILD_MEMBER_REMOVE. The bot's own end is GUILD_DELETE. */
export const leave = (world: World, guild: Guild, userId: string): void => {
  if (userId === world.bot.id) return removeBot(world, guild)
  if (!guild.members.has(userId)) return
  for (const thread of guild.threads.values()) ThreadMembers.remove(world, thread, [userId])
  guild.members.delete(userId)
  guild.former.add(userId)
  world.emit({
    type: "GUILD_MEMBER_REMOVE",
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, user: Wire.user(world.user(userId)) }),
  })
}

/** The bot leaves or is put out of a guild that goes on without it; sends GUILD_DELETE. */
export const removeBot = (world: World, guild: Guild): void => {
  if (!guild.members.delete(world.bot.id)) return
  for (const { thread } of guild.threads.values()) thread?.members.delete(world.bot.id)
  departed(world, guild)
}

/** Tells the bot that a guild is no more for it. */
export const departed = (world: World, guild: Guild): void =>
  world.emit({ type: "GUILD_DELETE", guildId: guild.id, data: () => ({ id: guild.id }) })

/** What one looks like in one guild alone. */
export interface Looks {
  readonly avatar?: Image | null | undefined
  readonly banner?: Image | null | undefined
}

/** What can be changed about a membership; what is left out stays. */
export interface Changes {
  readonly nick?: string | null
  readonly roles?: ReadonlyArray<string>
  /** Milliseconds since 1970. */
  readonly timeoutUntil?: number | null
  readonly flags?: number
  readonly looks?: Looks
}

/** Changes a membership, and sends GUILD_MEMBER_UPDATE. */
export const change = (world: World, guild: Guild, member: Member, changes: Changes): void => {
  const { looks, roles, ...plain } = changes
  const act = () => {
    Object.assign(member, plain)
    for (const kind of ["avatar", "banner"] as const) {
      const folder = Pictures.ofMember(guild, member.userId, `${kind}s`)
      member[kind] = Pictures.change(world, folder, member[kind], looks?.[kind])
    }
    if (roles !== undefined) member.roles = [...new Set(roles)]
    changed(world, guild, member)
  }
  if (member.userId === world.bot.id) ThreadSync.syncing(world, guild, act)
  else act()
}

/** Says that a membership is not what it was. */
export const changed = (world: World, guild: Guild, member: Member): void =>
  world.emit({
    type: "GUILD_MEMBER_UPDATE",
    guildId: guild.id,
    about: member.userId,
    data: () => ({ ...Wire.member(world, member), guild_id: guild.id }),
  })

/**
 * Who would be pruned: people who have been silent and not come anew for that many days, and have no role besides
 * those given. Activity is what is still kept of their messages.
 */
export const silent = (
  world: World,
  guild: Guild,
  days: number,
  roleIds: ReadonlyArray<string>,
): ReadonlyArray<Member> => {
  const since = world.now() - days * day
  const latest = new Map<string, number>()
  for (const channel of [...guild.channels.values(), ...guild.threads.values()]) {
    for (const { authorId, sentAt } of channel.messages.values())
      latest.set(authorId, Math.max(sentAt, latest.get(authorId) ?? 0))
  }
  return [...guild.members.values()].filter(
    ({ joinedAt, roles, userId }) =>
      userId !== guild.ownerId &&
      !world.user(userId).bot &&
      roles.every((id) => roleIds.includes(id)) &&
      Math.max(joinedAt, latest.get(userId) ?? 0) < since,
  )
}
