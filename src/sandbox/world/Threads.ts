/**
 * Threads: started, changed, archived, deleted; and when one may write in them. Who is in one stands in
 * `ThreadMembers`, how one wakes in `Waking`.
 *
 * What archives them by themselves stands in `AutoArchive`; a guild keeps as many archived ones as a channel keeps
 * messages. A thread whose channel is deleted goes with it, without an event of its own. What a bot is told that
 * comes to see a channel stands in `ThreadSync`.
 *
 * Source: Discord Developer Docs, "Threads".
 *
 * @module
 */
import { ChannelType, MessageFlags, MessageType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as Leftovers from "./Leftovers.js"
import * as Messages from "./Messages.js"
import * as Notices from "./Notices.js"
import type { Channel, Message } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import * as ThreadMembers from "./ThreadMembers.js"
import * as Waking from "./Waking.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 1,000 active threads in a guild. */
const activeLimit = 1_000
/** Discord: 1,000 members in a thread. */
const participantLimit = 1_000

const { Bit } = Permissions

/** What a new thread is. */
export interface NewThread {
  readonly name: string
  /** 11 public, 12 private. Default: private; public where it is started from a message. */
  readonly type?: number
  readonly ownerId: string
  /** The message that it is started from; it then has that message's id. */
  readonly message?: Message
  /** Minutes. Default 4,320, as Discord's. */
  readonly autoArchive?: number
  /** Default true. */
  readonly invitable?: boolean
  /** Seconds between two messages of one member. */
  readonly rateLimitPerUser?: number
  /** Of a forum's post. */
  readonly tags?: ReadonlyArray<string>
}

/**
 * As `open`, by somebody who needs the permission for it: refuses with 50013 otherwise, with 50024 where threads
 * are not started, and with 50068 a message of the system to start from. Posts of forums are started by `Forums.post`.
 */
export const start = (world: World, parent: Channel, options: NewThread): Channel => {
  const held = world.permissions(options.ownerId, parent)
  const announced = parent.type === ChannelType.GuildAnnouncement
  if (parent.type !== ChannelType.GuildText && !announced) throw ApiError.wrongChannelType()
  const type = options.message === undefined ? (options.type ?? ChannelType.PrivateThread) : undefined
  const hidden = type === ChannelType.PrivateThread
  if (announced ? hidden || type === ChannelType.PublicThread : type === ChannelType.AnnouncementThread)
    throw ApiError.wrongChannelType()
  const bit = hidden ? Bit.CreatePrivateThreads : Bit.CreatePublicThreads
  const needed = options.message === undefined ? bit : bit | Bit.ReadMessageHistory
  if (!Permissions.has(held, needed)) throw ApiError.missingPermissions()
  if (options.message !== undefined && Notices.isSystem(options.message)) throw ApiError.invalidMessageType()
  return open(world, parent, options)
}

/**
 * Starts a thread in a channel, with its owner in it. Refuses with 160004 where the message has one already, also
 * where that was deleted (a thread has its message's id, so that there is never a second one), and with 160006 where
 * the guild has too many.
 */
export const open = (world: World, parent: Channel, options: NewThread): Channel => {
  const guild = world.guilds.get(parent.guildId ?? "")
  if (guild === undefined) throw ApiError.notInDirectMessage()
  const { message } = options
  if (message !== undefined && message.threadId !== null) throw ApiError.threadExists()
  if ([...guild.threads.values()].filter((one) => one.thread?.archived === false).length >= activeLimit)
    throw ApiError.tooManyThreads()
  const archived = [...guild.threads.values()].filter((one) => one.thread?.archived === true)
  const oldest = archived.toSorted((a, b) => (a.thread?.archivedAt ?? 0) - (b.thread?.archivedAt ?? 0))
  for (const old of oldest.slice(0, Math.max(0, oldest.length - world.historyLimit))) remove(world, old)
  const now = world.now()
  const fromMessage =
    parent.type === ChannelType.GuildAnnouncement ? ChannelType.AnnouncementThread : ChannelType.PublicThread
  const channel: Channel = {
    id: message?.id ?? world.id(),
    type: message === undefined ? (options.type ?? ChannelType.PrivateThread) : fromMessage,
    guildId: guild.id,
    name: options.name,
    topic: null,
    position: 0,
    nsfw: parent.nsfw,
    parentId: parent.id,
    thread: {
      ownerId: options.ownerId,
      startedAt: now,
      archived: false,
      archivedAt: now,
      locked: false,
      invitable: options.invitable ?? true,
      autoArchive: options.autoArchive ?? parent.defaultAutoArchive ?? 4_320,
      messageCount: 0,
      totalSent: 0,
      members: new Map([[options.ownerId, now]]),
      tags: options.tags ?? [],
    },
    rateLimitPerUser: options.rateLimitPerUser ?? parent.defaultThreadRateLimit,
    flags: 0,
    defaultAutoArchive: null,
    defaultThreadRateLimit: 0,
    voice: null,
    forum: null,
    overwrites: new Map(),
    lastMessageId: null,
    recipients: [],
    messages: new Map(),
  }
  guild.threads.set(channel.id, channel)
  world.channels.set(channel.id, channel)
  Waking.noteActivity(world, channel)
  world.emit({
    type: "THREAD_CREATE",
    guildId: guild.id,
    channel,
    data: () => ({ ...Wire.channel(world, channel), newly_created: true }),
  })
  ThreadMembers.announce(world, channel, [options.ownerId])
  const from = { authorId: options.ownerId }
  if (message !== undefined) {
    message.threadId = channel.id
    message.flags |= MessageFlags.HasThread
    Messages.changed(world, parent, message)
    const reference = { messageId: message.id, channelId: parent.id }
    Messages.notify(world, { ...from, channel, type: MessageType.ThreadStarterMessage, reference })
  } else if (channel.type !== ChannelType.PrivateThread && parent.forum === null) {
    const reference = { messageId: null, channelId: channel.id }
    Messages.notify(world, {
      ...from,
      channel: parent,
      type: MessageType.ThreadCreated,
      content: channel.name,
      reference,
    })
  }
  return channel
}

/** Adds somebody in another's name; the thread says so. Refuses with 50001 where they do not see its channel. */
export const invite = (world: World, channel: Channel, byId: string, userId: string): void => {
  if (!ThreadMembers.mayJoin(world, channel, userId)) throw ApiError.missingAccess()
  if ((channel.thread?.members.size ?? 0) >= participantLimit) throw ApiError.tooManyParticipants()
  if (!ThreadMembers.add(world, channel, [userId]) || byId === userId) return
  Messages.notify(world, {
    channel,
    authorId: byId,
    type: MessageType.RecipientAdd,
    mentions: [userId],
  })
}

/** Takes somebody out in another's name; the thread says so. */
export const expel = (world: World, channel: Channel, byId: string, userId: string): void => {
  if (!ThreadMembers.remove(world, channel, [userId]) || byId === userId) return
  Messages.notify(world, {
    channel,
    authorId: byId,
    type: MessageType.RecipientRemove,
    mentions: [userId],
  })
}

/** What can be changed about a thread; what is left out stays. */
export interface Changes {
  readonly name?: string
  readonly archived?: boolean
  readonly locked?: boolean
  readonly invitable?: boolean
  readonly autoArchive?: number
  readonly rateLimitPerUser?: number
  /** Of a forum's post. */
  readonly tags?: ReadonlyArray<string>
  /** Discord's channel flags: 2 pins a forum's post. */
  readonly flags?: number
}

/** Changes a thread, and sends THREAD_UPDATE. `byId` is who does it. */
export const change = (world: World, channel: Channel, byId: string, changes: Changes): void => {
  const { thread } = channel
  if (thread === null) return
  const renamed = changes.name !== undefined && changes.name !== channel.name
  if (changes.name !== undefined) channel.name = changes.name
  if (changes.rateLimitPerUser !== undefined) channel.rateLimitPerUser = changes.rateLimitPerUser
  if (changes.tags !== undefined) thread.tags = changes.tags
  if (changes.flags !== undefined) {
    channel.flags = changes.flags
    Waking.noteActivity(world, channel)
  }
  if (changes.locked !== undefined) thread.locked = changes.locked
  if (changes.invitable !== undefined) thread.invitable = changes.invitable
  if (changes.autoArchive !== undefined && changes.autoArchive !== thread.autoArchive) {
    thread.autoArchive = changes.autoArchive
    thread.archivedAt = world.now()
    Waking.noteActivity(world, channel)
  }
  if (changes.archived !== undefined) Waking.setArchived(world, channel, changes.archived)
  Waking.changed(world, channel)
  if (renamed) {
    const type = MessageType.ChannelNameChange
    Messages.notify(world, { channel, authorId: byId, type, content: channel.name })
  }
}

/** Deletes a thread, and sends THREAD_DELETE. */
export const remove = (world: World, channel: Channel): void => {
  const { guildId, id, parentId, type } = channel
  world.emit({
    type: "THREAD_DELETE",
    guildId,
    channel,
    data: () => ({ id, guild_id: guildId, parent_id: parentId, type }),
  })
  const guild = world.guilds.get(guildId ?? "")
  if (guild !== undefined) Leftovers.ofChannels(world, guild, [channel])
}

/** Refuses with 50083 where the channel is an archived thread: there nothing but deletion happens. */
export const needActive = (channel: Channel): void => {
  if (channel.thread?.archived === true) throw ApiError.threadArchived()
}

/** A thread; refuses with 50024 where the channel is none. */
export const of = (channel: Channel): Channel & { readonly thread: NonNullable<Channel["thread"]> } => {
  const { thread } = channel
  if (thread === null) throw ApiError.wrongChannelType()
  return channel as Channel & { readonly thread: NonNullable<Channel["thread"]> }
}
