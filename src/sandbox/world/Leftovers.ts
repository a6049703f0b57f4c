/**
 * What goes with a channel or a role that is deleted: all that belonged to it, and its name wherever a guild's
 * settings had it.
 *
 * Discord tells of some of it only: GUILD_UPDATE where a setting of the guild's own named the channel, and
 * GUILD_EMOJIS_UPDATE where an emoji was the role's; invites, webhooks and exemptions go in silence.
 *
 * @module
 */
import type { Channel, Guild, GuildSettings } from "../model/Model.js"
import * as Emojis from "./Emojis.js"
import * as Guilds from "./Guilds.js"
import * as Onboarding from "./Onboarding.js"
import * as Polls from "./Polls.js"
import * as Webhooks from "./Webhooks.js"
import type { World } from "./World.js"

const named = [
  "afkChannelId",
  "systemChannelId",
  "rulesChannelId",
  "updatesChannelId",
  "safetyChannelId",
  "widgetChannelId",
] as const satisfies ReadonlyArray<keyof GuildSettings>

/** Forgets channels and threads of one guild that are no more, with what was in them. */
export const ofChannels = (world: World, guild: Guild, channels: ReadonlyArray<Channel>): void => {
  const gone = new Set(channels.map(({ id }) => id))
  for (const channel of channels) {
    world.channels.delete(channel.id)
    guild.channels.delete(channel.id)
    guild.threads.delete(channel.id)
    Polls.forget(channel)
    Webhooks.forget(world, channel)
  }
  for (const upload of world.uploads.values()) if (gone.has(upload.channelId)) world.uploads.delete(upload.id)
  const invites = world.invites.of(guild)
  for (const invite of invites.values()) if (gone.has(invite.channelId)) invites.delete(invite.code)
  for (const rule of world.autoModeration.of(guild).values())
    rule.exemptChannels = rule.exemptChannels.filter((id) => !gone.has(id))
  undecide(world, guild, gone)
  Onboarding.forget(guild, gone)
  const { welcome } = guild.settings
  if (welcome !== null)
    guild.settings.welcome = {
      ...welcome,
      channels: welcome.channels.filter(({ channelId }) => !gone.has(channelId)),
    }
  const settings = named.filter((name) => gone.has(guild.settings[name] ?? ""))
  for (const name of settings) guild.settings[name] = null
  if (settings.length > 0 && world.guilds.has(guild.id)) Guilds.changed(world, guild)
}

/** Forgets a role of a guild that is no more. */
export const ofRole = (world: World, guild: Guild, roleId: string): void => {
  for (const rule of world.autoModeration.of(guild).values())
    rule.exemptRoles = rule.exemptRoles.filter((id) => id !== roleId)
  undecide(world, guild, new Set([roleId]))
  Onboarding.forget(guild, new Set([roleId]))
  const emojis = [...guild.emojis.values()].filter(({ roles }) => roles.includes(roleId))
  for (const emoji of emojis) emoji.roles = emoji.roles.filter((id) => id !== roleId)
  if (emojis.length > 0) Emojis.changed(world, guild)
}

/** Takes back what a guild decided about commands for channels and roles that are gone. */
const undecide = (world: World, guild: Guild, gone: ReadonlySet<string>): void => {
  const decided = world.commandPermissions.of(guild)
  for (const [id, permissions] of decided) {
    const left = permissions.filter((one) => !gone.has(one.id))
    if (left.length === 0) decided.delete(id)
    else decided.set(id, left)
  }
}
