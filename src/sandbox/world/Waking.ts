/**
 * Archived threads, which become active again when somebody writes in them.
 *
 * Source: Discord Developer Docs, "Threads", "Active & Archived Threads".
 *
 * @module
 */
import { ChannelFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import type { Channel } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/**
 * Before somebody writes: refuses whoever does not manage threads where the thread is locked, with 50083 where it is
 * archived too, else 160005. Outside of threads anybody may.
 */
export const check = (world: World, channel: Channel, userId: string): void => {
  const { thread } = channel
  if (thread?.locked !== true) return
  if (Permissions.has(world.permissions(userId, channel), Permissions.Bit.ManageThreads)) return
  throw thread.archived ? ApiError.threadArchived() : ApiError.threadLocked()
}

/** Makes an archived thread active, and sends THREAD_UPDATE. Does nothing elsewhere. */
export const wake = (world: World, channel: Channel): void => {
  if (channel.thread?.archived !== true) return
  setArchived(world, channel, false)
  changed(world, channel)
}

/** Archives a thread (`at` that time) or makes it active, in silence. What is archived is not pinned. */
export const setArchived = (world: World, channel: Channel, archived: boolean, at = world.now()): void => {
  const { thread } = channel
  if (thread === null || thread.archived === archived) return
  thread.archived = archived
  thread.archivedAt = at
  if (archived) channel.flags &= ~ChannelFlags.Pinned
  else noteActivity(world, channel)
}

/** A thread begins to wait anew: whoever looks after the time knows when that may be over. */
export const noteActivity = (world: World, { thread }: Channel): void => {
  if (thread === null) return
  world.archivalDue = Math.min(world.archivalDue, thread.archivedAt + thread.autoArchive * 60_000)
}

/** Says that a thread is not what it was. */
export const changed = (world: World, channel: Channel): void =>
  world.emit({
    type: "THREAD_UPDATE",
    guildId: channel.guildId,
    channel,
    data: () => Wire.channel(world, channel),
  })
