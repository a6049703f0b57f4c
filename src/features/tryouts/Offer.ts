/**
 * Which roles a try-out may offer: those that whoever opens it could give by hand, and that the bot can give.
 *
 * Without this, Manage Server alone would be enough to hand out, or to get, any role below the bot's.
 *
 * @module
 */
import { type Guild, type GuildMember, PermissionFlagsBits, type Role } from "discord.js"
import { Effect } from "effect"
import * as Discord from "../../discord/Discord.js"
import type { DiscordError } from "../../DiscordError.js"
import { RoleUnusable } from "./TryoutError.js"

/** Fails with `RoleUnusable` where the caller may not offer the role, or the bot could not give it. */
export const check: (
  role: Role,
  guild: Guild,
  caller: GuildMember,
) => Effect.Effect<void, RoleUnusable | DiscordError> = Effect.fnUntraced(function* (role, guild, caller) {
  const refuse = (why: RoleUnusable["why"]) => new RoleUnusable({ roleId: role.id, why })
  if (role.id === guild.id) return yield* refuse("everyone")
  if (role.managed) return yield* refuse("managed")
  if (caller.id !== guild.ownerId && !gives(caller, role)) return yield* refuse("caller")
  const bot = guild.members.me ?? (yield* Discord.use(() => guild.members.fetchMe()))
  if (!gives(bot, role)) return yield* refuse("bot")
})

const gives = (member: GuildMember, role: Role): boolean =>
  member.permissions.has(PermissionFlagsBits.ManageRoles) && member.roles.highest.comparePositionTo(role) > 0
