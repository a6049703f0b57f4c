/**
 * THREAD_LIST_SYNC: what the bot is told of the threads of a channel that it comes to see.
 *
 * Source: Discord Developer Docs, "Threads", "Gaining and Losing Access to Channels".
 *
 * @module
 */
import type { Guild } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Does something that may show the bot more channels, and tells it of the active threads in those. */
export const syncing = (world: World, guild: Guild | undefined, act: () => void): void => {
  // Without threads there is nothing to tell, and nothing to compare.
  if (guild === undefined || guild.threads.size === 0) return act()
  const before = visible(world, guild)
  act()
  const fresh = [...visible(world, guild)].filter((id) => !before.has(id))
  if (fresh.length > 0) tell(world, guild, fresh)
}

const visible = (world: World, guild: Guild): ReadonlySet<string> => {
  const seen = new Set<string>()
  for (const thread of guild.threads.values()) {
    const parent = guild.channels.get(thread.parentId ?? "")
    if (parent !== undefined && world.canSee(world.bot.id, parent)) seen.add(parent.id)
  }
  return seen
}

const tell = (world: World, guild: Guild, channelIds: ReadonlyArray<string>): void => {
  const threads = [...guild.threads.values()].filter(
    (one) =>
      channelIds.includes(one.parentId ?? "") &&
      one.thread?.archived === false &&
      world.canSee(world.bot.id, one),
  )
  world.emit({
    type: "THREAD_LIST_SYNC",
    guildId: guild.id,
    data: () => ({
      guild_id: guild.id,
      channel_ids: channelIds,
      threads: threads.map((one) => Wire.channel(world, one)),
      members: threads
        .filter((one) => one.thread?.members.has(world.bot.id) === true)
        .map((one) => Wire.threadMember(one, world.bot.id)),
    }),
  })
}
