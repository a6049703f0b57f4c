/**
 * Whether a server can welcome as its manager wants it: asked before it is kept, since afterwards nobody is there to
 * be told.
 *
 * @module
 */
import { type Channel, type Guild, type GuildMember, PermissionFlagsBits, type Role } from "discord.js"
import { Effect } from "effect"
import * as Discord from "../../discord/Discord.js"
import type { DiscordError } from "../../DiscordError.js"
import { ChannelUnusable, RoleUnusable } from "./WelcomeError.js"

/** Fails with `ChannelUnusable` where the bot may not write. */
export const channel: (given: Channel, guild: Guild) => Effect.Effect<void, ChannelUnusable | DiscordError> =
  Effect.fnUntraced(function* (given, guild) {
    const bot = yield* me(guild)
    const may = given.isDMBased() ? null : given.permissionsFor(bot)
    if (may?.has(WRITING) !== true) return yield* new ChannelUnusable({ channelId: given.id })
  })

const WRITING = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages

/**
 * Fails with `RoleUnusable` where the caller could not give the role by hand, the bot cannot, or it is none to give to
 * whoever comes along.
 */
export const role: (
  given: Role,
  guild: Guild,
  caller: GuildMember,
) => Effect.Effect<void, RoleUnusable | DiscordError> = Effect.fnUntraced(function* (given, guild, caller) {
  const refuse = (why: RoleUnusable["why"]) => new RoleUnusable({ roleId: given.id, why })
  if (given.id === guild.id) return yield* refuse("everyone")
  if (given.managed) return yield* refuse("managed")
  if (isPowerful(given)) return yield* refuse("powerful")
  if (caller.id !== guild.ownerId && !gives(caller, given)) return yield* refuse("caller")
  if (!gives(yield* me(guild), given)) return yield* refuse("bot")
})

/** Whether it lets people moderate or manage the server. */
export const isPowerful = (role: Role): boolean => role.permissions.any(POWERFUL)

const POWERFUL =
  PermissionFlagsBits.Administrator |
  PermissionFlagsBits.BanMembers |
  PermissionFlagsBits.KickMembers |
  PermissionFlagsBits.ModerateMembers |
  PermissionFlagsBits.ManageChannels |
  PermissionFlagsBits.ManageGuild |
  PermissionFlagsBits.ManageMessages |
  PermissionFlagsBits.ManageNicknames |
  PermissionFlagsBits.ManageRoles |
  PermissionFlagsBits.ManageThreads |
  PermissionFlagsBits.ManageWebhooks |
  PermissionFlagsBits.MentionEveryone

const gives = (member: GuildMember, given: Role): boolean =>
  member.permissions.has(PermissionFlagsBits.ManageRoles) && member.roles.highest.comparePositionTo(given) > 0

const me = (guild: Guild): Effect.Effect<GuildMember, DiscordError> =>
  Effect.suspend(() =>
    guild.members.me === null ? Discord.use(() => guild.members.fetchMe()) : Effect.succeed(guild.members.me),
  )
