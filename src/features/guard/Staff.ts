/**
 * Whom Guard leaves alone: the owner, and whoever may manage the server or its messages, everywhere or here.
 *
 * By what is in the caches: it is asked of every message that looks like spam, and costs no call.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import type { Guild } from "discord.js"

const STAFF =
  PermissionFlagsBits.Administrator | PermissionFlagsBits.ManageGuild | PermissionFlagsBits.ManageMessages

export const isStaff = (
  guild: Guild,
  {
    channelId,
    roles,
    userId,
  }: { readonly channelId: string; readonly roles: ReadonlyArray<string>; readonly userId: string },
): boolean => {
  if (guild.ownerId === userId) return true
  const own = [guild.id, ...roles]
  if (own.some((id) => guild.roles.cache.get(id)?.permissions.any(STAFF, false) === true)) return true
  const channel = guild.channels.cache.get(channelId)
  const place = channel?.isThread() === true ? channel.parent : channel
  if (place == null || !("permissionOverwrites" in place)) return false
  return [...own, userId].some(
    (id) =>
      place.permissionOverwrites.cache.get(id)?.allow.has(PermissionFlagsBits.ManageMessages, false) === true,
  )
}
