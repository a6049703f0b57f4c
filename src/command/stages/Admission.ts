/**
 * Who may call a command, and where: what Discord's packet tells, before anything else is looked at.
 *
 * A prefix message does not tell permissions; they come from the caches, and there are none where a thread's
 * parent is not there.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import type { GuildMember } from "discord.js"
import type { Live } from "../../interaction/Packet.js"
import type { PolicyMetrics } from "../../observe/Metrics.js"
import { BotNotPermitted, NotPermitted, type Refusal, RoleNeeded, WrongPlace } from "../CommandError.js"
import { permissionNames, type Policies, type Resolved } from "../Spec.js"

/** The checks of one command, in their order: place, caller, role, bot. */
export const make = (
  { leaf }: Resolved,
  settings: Policies,
  metrics: PolicyMetrics,
): ((interaction: Live) => Refusal | undefined) => {
  const { place } = leaf
  const { botPermissions, roles } = settings
  const permissions = (leaf.permissions ?? 0n) | (settings.permissions ?? 0n)

  const wrongPlace = ({ guild, guildId }: Live): WrongPlace | undefined => {
    if (place === "dm") return guildId === undefined ? undefined : new WrongPlace({ needs: "dm" })
    if (place === "both") return undefined
    if (guildId === undefined) return new WrongPlace({ needs: "guild" })
    // An app that is only installed by a user can be called in guilds that the bot has not joined.
    return guild === undefined ? new WrongPlace({ needs: "membership" }) : undefined
  }

  return (interaction) => {
    const place = wrongPlace(interaction)
    if (place !== undefined) {
      metrics.refused("place")
      return place
    }
    // In direct messages there are no permissions and no roles.
    if (permissions !== 0n && interaction.guildId !== undefined) {
      const missing = lacking(
        permissions,
        interaction.userPermissions ?? cached(interaction, interaction.member),
      )
      if (missing.length > 0) {
        metrics.refused("permissions")
        return new NotPermitted({ missing })
      }
    }
    if (roles !== undefined && !hasRole(interaction, roles)) {
      metrics.refused("role")
      return new RoleNeeded({ roles })
    }
    if (botPermissions !== undefined && interaction.guildId !== undefined) {
      const me = interaction.guild?.members.me ?? undefined
      const missing = lacking(botPermissions, interaction.botPermissions ?? cached(interaction, me))
      if (missing.length > 0) {
        metrics.refused("botPermissions")
        return new BotNotPermitted({ missing })
      }
    }
    return undefined
  }
}

/** The names of what is missing; an administrator lacks nothing. */
export const lacking = (needed: bigint, held: bigint): ReadonlyArray<string> =>
  (held & PermissionFlagsBits.Administrator) === 0n ? permissionNames(needed & ~held) : []

const cached = ({ structure }: Live, member: GuildMember | undefined): bigint => {
  const { channel } = structure
  return member !== undefined && channel !== null && "permissionsFor" in channel
    ? (channel.permissionsFor(member)?.bitfield ?? 0n)
    : 0n
}

const hasRole = ({ guild, memberRoles }: Live, roles: ReadonlyArray<string>): boolean =>
  memberRoles?.some((id) => {
    if (roles.includes(id)) return true
    const name = guild?.roles.cache.get(id)?.name
    return name !== undefined && roles.includes(name)
  }) === true
