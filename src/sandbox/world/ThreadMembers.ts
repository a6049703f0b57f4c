/**
 * Who is in a thread: joining, being added, leaving, and what a message does to it.
 *
 * Whoever writes in a thread joins it, and so does whoever is mentioned there, in a private one where its
 * author may add people. The bot is told of others only with the members intent.
 *
 * Source: Discord Developer Docs, "Threads", "Thread Membership".
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import type { Channel, Message } from "../model/Model.js"
import * as Notices from "./Notices.js"
import * as Permissions from "./Permissions.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Adds people who are not in it yet, and tells of it. False where there was nobody to add. */
export const add = (world: World, channel: Channel, userIds: ReadonlyArray<string>): boolean => {
  const { thread } = channel
  if (thread === null) return false
  const fresh = userIds.filter((id) => !thread.members.has(id))
  if (fresh.length === 0) return false
  for (const id of fresh) thread.members.set(id, world.now())
  const bot = world.bot.id
  // Whoever is added is shown the thread, known or not.
  if (fresh.includes(bot)) {
    world.emit({
      type: "THREAD_CREATE",
      guildId: channel.guildId,
      channel,
      data: () => Wire.channel(world, channel),
    })
  }
  update(world, channel, fresh, [])
  if (fresh.includes(bot)) {
    world.emit({
      type: "THREAD_MEMBER_UPDATE",
      guildId: channel.guildId,
      channel,
      data: () => ({ ...Wire.threadMember(channel, bot), guild_id: channel.guildId }),
    })
  }
  return true
}

/** Tells that people are in it who were so from its start. */
export const announce = (world: World, channel: Channel, userIds: ReadonlyArray<string>): void =>
  update(world, channel, userIds, [])

/** Takes people out, and tells of it. False where nobody of them was in it. */
export const remove = (world: World, channel: Channel, userIds: ReadonlyArray<string>): boolean => {
  const { thread } = channel
  if (thread === null) return false
  const gone = userIds.filter((id) => thread.members.has(id))
  if (gone.length === 0) return false
  // The bot is told of its own end while it still sees the thread.
  update(world, channel, [], gone, thread.members.size - gone.length)
  for (const id of gone) thread.members.delete(id)
  return true
}

/** Whether somebody may add others. */
export const mayAdd = (world: World, channel: Channel, userId: string): boolean => {
  const { thread } = channel
  if (thread === null) return false
  const held = world.permissions(userId, channel)
  if (Permissions.has(held, Permissions.Bit.ManageThreads)) return true
  return (
    Permissions.has(held, Permissions.Bit.SendMessagesInThreads) &&
    (channel.type !== ChannelType.PrivateThread || thread.invitable || thread.ownerId === userId)
  )
}

/** A message was sent: it counts, its author joins, and so do those whom it mentions. A webhook is nobody. */
export const noteMessage = (world: World, channel: Channel, message: Message): void => {
  const { thread } = channel
  const { authorId, mentions, webhook } = message
  if (thread === null) return
  if (counts(channel, message)) {
    thread.messageCount++
    thread.totalSent++
  }
  if (webhook !== null) return
  const invited = mayAdd(world, channel, authorId) ? mentions.filter((id) => mayJoin(world, channel, id)) : []
  if (invited.length > 0 || !thread.members.has(authorId)) add(world, channel, [authorId, ...invited])
}

/** Messages were deleted. */
export const noteRemoval = (channel: Channel, messages: ReadonlyArray<Message>): void => {
  const { thread } = channel
  if (thread === null) return
  const count = messages.filter((message) => counts(channel, message)).length
  thread.messageCount = Math.max(0, thread.messageCount - count)
}

/** Whether a thread counts a message: not the one that it begins with, and none of the system or for one person. */
const counts = ({ id }: Channel, message: Message): boolean =>
  message.id !== id && message.ephemeralFor === null && !Notices.isSystem(message)

/** Whether somebody sees the channel that the thread is in. */
export const mayJoin = (world: World, channel: Channel, userId: string): boolean => {
  const parent = world.channels.get(channel.parentId ?? "")
  return parent !== undefined && world.canSee(userId, parent)
}

const update = (
  world: World,
  channel: Channel,
  added: ReadonlyArray<string>,
  removed: ReadonlyArray<string>,
  count = channel.thread?.members.size ?? 0,
): void => {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  const bot = world.bot.id
  world.emit({
    type: "THREAD_MEMBERS_UPDATE",
    guildId: channel.guildId,
    channel,
    ...(added.includes(bot) || removed.includes(bot) ? { about: bot } : {}),
    data: () => ({
      id: channel.id,
      guild_id: channel.guildId,
      member_count: Math.min(50, count),
      ...(added.length === 0
        ? {}
        : {
            added_members: added.map((id) => {
              const member = guild?.members.get(id)
              return {
                ...Wire.threadMember(channel, id),
                ...(member === undefined ? {} : { member: Wire.member(world, member) }),
                presence: null,
              }
            }),
          }),
      ...(removed.length === 0 ? {} : { removed_member_ids: removed }),
    }),
  })
}
