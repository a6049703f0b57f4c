/**
 * Bans: who may not come back, and what goes with them.
 *
 * @module
 */
import type { Ban, Guild } from "../model/Model.js"
import * as Members from "./Members.js"
import * as Messages from "./Messages.js"
import { Bit } from "./Permissions.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Bans a user, and sends GUILD_BAN_ADD; one who is a member leaves. Who is banned already stays so as they are. */
export const add = (world: World, guild: Guild, userId: string, reason: string | null): Ban => {
  const known = guild.bans.get(userId)
  if (known !== undefined) return known
  const entry: Ban = { userId, reason }
  guild.bans.set(userId, entry)
  event(world, "GUILD_BAN_ADD", guild, userId)
  Members.leave(world, guild, userId)
  return entry
}

/** Lifts a ban, and sends GUILD_BAN_REMOVE. */
export const remove = (world: World, guild: Guild, userId: string): void => {
  guild.bans.delete(userId)
  event(world, "GUILD_BAN_REMOVE", guild, userId)
}

/** Deletes what a user wrote within the last seconds, everywhere in the guild, each channel's in one event. */
export const purge = (world: World, guild: Guild, userId: string, seconds: number): void => {
  if (seconds <= 0) return
  const since = world.now() - seconds * 1000
  for (const channel of [...guild.channels.values(), ...guild.threads.values()]) {
    const gone = [...channel.messages.values()].filter(
      (message) => message.authorId === userId && message.ephemeralFor === null && message.sentAt >= since,
    )
    if (gone.length > 0) Messages.removeBulk(world, channel, gone)
  }
}

const event = (world: World, type: string, guild: Guild, userId: string): void =>
  world.emit({
    type,
    guildId: guild.id,
    needs: [Bit.BanMembers, Bit.ViewAuditLog],
    data: () => ({ guild_id: guild.id, user: Wire.user(world.user(userId)) }),
  })
