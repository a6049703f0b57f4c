/**
 * Invites: ways into a guild, and people who take them.
 *
 * An invite whose time is over is gone without a word; one whose uses are used up goes with INVITE_DELETE. What
 * `temporary` means (membership that ends when one goes offline) is told and not acted upon.
 *
 * Numbers: Discord Developer Docs, "Create Channel Invite": 7 days and 100 uses at most, a day by default, 1,000
 * invites in a guild.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as AuditLog from "./AuditLog.js"
import { Form } from "../form/Form.js"
import * as Members from "./Members.js"
import type { Channel, Guild, Invite, Json, Member } from "../model/Model.js"
import { Bit } from "./Permissions.js"
import * as Presences from "./Presences.js"
import { iso } from "../model/Time.js"
import * as Token from "../model/Token.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: invites of one guild. */
export const most = 1_000

const openable: ReadonlyArray<number> = [
  ChannelType.GuildText,
  ChannelType.GuildVoice,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildStageVoice,
  ChannelType.GuildForum,
  ChannelType.GuildMedia,
]

/** The invites of a guild whose time is not over, in the order of their making. */
export const list = (world: World, guild: Guild): ReadonlyArray<Invite> => {
  const invites = world.invites.of(guild)
  for (const one of invites.values()) if (isOver(world, one)) invites.delete(one.code)
  return [...invites.values()]
}

/** An invite by its code, in whatever guild. Refuses with 10006. */
export const get = (world: World, code: string): { readonly guild: Guild; readonly invite: Invite } => {
  for (const guild of world.guilds.values()) {
    const invite = world.invites.of(guild).get(code)
    if (invite === undefined) continue
    if (!isOver(world, invite)) return { guild, invite }
    world.invites.of(guild).delete(code)
  }
  throw ApiError.unknownInvite()
}

/** Makes an invite, which the log has; without `unique` one that is alike is given again. */
export const create = (
  world: World,
  guild: Guild,
  channel: Channel,
  inviterId: string,
  body: Json,
  reason: string | null = null,
): Invite => {
  if (!openable.includes(channel.type)) throw ApiError.wrongChannelType()
  const form = Form.make()
  const maxAge = form.at("max_age").integer(body["max_age"], 0, 604_800) ?? 86_400
  const maxUses = form.at("max_uses").integer(body["max_uses"], 0, 100) ?? 0
  const temporary = form.at("temporary").boolean(body["temporary"]) ?? false
  const unique = form.at("unique").boolean(body["unique"]) ?? false
  form.done()
  const known = list(world, guild)
  const alike = known.find(
    (one) =>
      one.channelId === channel.id &&
      one.inviterId === inviterId &&
      one.maxAge === maxAge &&
      one.maxUses === maxUses &&
      one.temporary === temporary,
  )
  if (!unique && alike !== undefined) return alike
  if (known.length >= most) throw ApiError.tooManyInvites()
  const invite: Invite = {
    code: codeOf(world.id()),
    channelId: channel.id,
    inviterId,
    createdAt: world.now(),
    maxAge,
    maxUses,
    temporary,
    uses: 0,
  }
  world.invites.of(guild).set(invite.code, invite)
  world.emit({
    type: "INVITE_CREATE",
    guildId: guild.id,
    channel,
    needs: [Bit.ManageChannels],
    data: () => createdEvent(world, guild, invite),
  })
  AuditLog.note(world, guild, AuditLog.Action.InviteCreate, null, reason, {
    userId: inviterId,
    changes: AuditLog.changes(null, settings(invite)),
  })
  return invite
}

/** Takes an invite back as the bot, which the log has; sends INVITE_DELETE. */
export const revoke = (world: World, guild: Guild, invite: Invite, reason: string | null): void => {
  remove(world, guild, invite)
  AuditLog.note(world, guild, AuditLog.Action.InviteDelete, null, reason, {
    changes: AuditLog.changes(settings(invite), null),
  })
}

export const remove = (world: World, guild: Guild, invite: Invite): void => {
  if (!world.invites.of(guild).delete(invite.code)) return
  const channel = guild.channels.get(invite.channelId)
  world.emit({
    type: "INVITE_DELETE",
    guildId: guild.id,
    ...(channel === undefined ? {} : { channel }),
    needs: [Bit.ManageChannels],
    data: () => ({ channel_id: invite.channelId, guild_id: guild.id, code: invite.code }),
  })
}

/**
 * A person takes an invite and joins; who is in already stays as they are. Refuses with 10006 where there is none
 * (any more), 40007 for who is banned, and 40069 where the guild has paused its invites.
 */
export const use = (world: World, code: string, userId: string): Member => {
  const { guild, invite } = get(world, code)
  const known = guild.members.get(userId)
  if (known !== undefined) return known
  if (guild.bans.has(userId)) throw ApiError.bannedFromGuild()
  const { features, incidents } = guild.settings
  if (features.includes("INVITES_DISABLED") || (incidents?.invitesUntil ?? 0) > world.now())
    throw ApiError.invitesPaused()
  invite.uses++
  const member = Members.join(world, guild, userId)
  if (invite.maxUses > 0 && invite.uses >= invite.maxUses) remove(world, guild, invite)
  return member
}

/** An invite as anybody sees it. */
export const wire = (
  world: World,
  guild: Guild,
  invite: Invite,
  options: { readonly counts?: boolean } = {},
): Json => {
  const channel = guild.channels.get(invite.channelId)
  const home = Wire.guild(guild)
  const shown = [
    "id",
    "name",
    "splash",
    "banner",
    "description",
    "icon",
    "features",
    "verification_level",
    "vanity_url_code",
    "nsfw_level",
    "nsfw",
    "premium_subscription_count",
  ]
  return {
    type: 0,
    code: invite.code,
    expires_at: expiry(invite),
    flags: 0,
    guild: Object.fromEntries(shown.map((field) => [field, home[field] ?? null])),
    guild_id: guild.id,
    channel: { id: invite.channelId, name: channel?.name ?? null, type: channel?.type ?? 0 },
    inviter: Wire.user(world.user(invite.inviterId)),
    ...(options.counts === true
      ? {
          approximate_member_count: guild.members.size,
          approximate_presence_count: Presences.count(world, guild),
        }
      : {}),
  }
}

/** An invite with how it is used, as those see it who manage it. */
export const wireFull = (world: World, guild: Guild, invite: Invite): Json => ({
  ...wire(world, guild, invite),
  uses: invite.uses,
  max_uses: invite.maxUses,
  max_age: invite.maxAge,
  temporary: invite.temporary,
  created_at: iso(invite.createdAt),
})

/** An invite as the log tells of it. */
const settings = (invite: Invite): Json => ({
  code: invite.code,
  channel_id: invite.channelId,
  inviter_id: invite.inviterId,
  max_age: invite.maxAge,
  max_uses: invite.maxUses,
  temporary: invite.temporary,
  uses: invite.uses,
})

const createdEvent = (world: World, guild: Guild, invite: Invite): Json => ({
  channel_id: invite.channelId,
  guild_id: guild.id,
  code: invite.code,
  created_at: iso(invite.createdAt),
  expires_at: expiry(invite),
  inviter: Wire.user(world.user(invite.inviterId)),
  max_age: invite.maxAge,
  max_uses: invite.maxUses,
  temporary: invite.temporary,
  type: 0,
  uses: 0,
})

const isOver = (world: World, invite: Invite): boolean =>
  invite.maxAge > 0 && world.now() >= invite.createdAt + invite.maxAge * 1000

const expiry = (invite: Invite): string | null =>
  invite.maxAge === 0 ? null : iso(invite.createdAt + invite.maxAge * 1000)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Eight letters and digits that look drawn, and are the same in every run. */
const codeOf = (id: string): string => {
  let left = Token.scatter(id)
  let code = ""
  while (code.length < 8) {
    code += alphabet[Number(left % 62n)] ?? ""
    left /= 62n
  }
  return code
}
