/**
 * Threads that are archived by themselves, after their time without activity: a message, waking, or another time to
 * wait for. A pinned post stays.
 *
 * No timer waits for it: days of them would move a virtual clock on. `World.passTime` looks before every request,
 * message and event, at the cost of one comparison while nothing is due.
 *
 * Source: Discord Developer Docs, "Threads", "Active & Archived Threads" and "Forums".
 *
 * @module
 */
import { ChannelFlags } from "discord-api-types/v10"
import type { Channel } from "../model/Model.js"
import * as Snowflake from "../model/Snowflake.js"
import * as Waking from "./Waking.js"
import type { World } from "./World.js"

const minute = 60_000

/** When a thread is archived if nothing more happens in it, in milliseconds since 1970; never where it is already. */
export const dueAt = ({ flags, lastMessageId, thread }: Channel): number => {
  if (thread === null || thread.archived || (flags & ChannelFlags.Pinned) !== 0)
    return Number.POSITIVE_INFINITY
  const spoken = lastMessageId === null ? 0 : Snowflake.timestamp(lastMessageId)
  return Math.max(spoken, thread.archivedAt) + thread.autoArchive * minute
}

/** Archives what is due, each with THREAD_UPDATE, and notes when something may be due next. */
export const sweep = (world: World): void => {
  const now = world.now()
  let next = Number.POSITIVE_INFINITY
  // Its own events do not begin it anew.
  world.archivalDue = next
  for (const { threads } of world.guilds.values()) {
    for (const channel of threads.values()) {
      const due = dueAt(channel)
      if (due > now) next = Math.min(next, due)
      else {
        Waking.setArchived(world, channel, true, due)
        Waking.changed(world, channel)
      }
    }
  }
  world.archivalDue = Math.min(world.archivalDue, next)
}
