/**
 * Which places lie in others, by what discord.js keeps of them.
 *
 * @module
 */
import type { Client } from "discord.js"

/** For `Waits.layer`: the channels and threads of a guild, or the threads of a channel. One pass over all channels. */
export const inside =
  (client: Pick<Client, "channels">) =>
  (id: string): ReadonlyArray<string> => {
    const within: Array<string> = []
    for (const channel of client.channels.cache.values()) {
      if (channel.isDMBased()) continue
      if (channel.guildId === id || (channel.isThread() && channel.parentId === id)) within.push(channel.id)
    }
    return within
  }
