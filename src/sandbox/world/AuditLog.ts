/**
 * What was done in a guild by moderation, with the reason given, as Discord's audit log keeps it. A guild keeps
 * its newest 1,000 entries.
 *
 * Source of the numbers: Discord Developer Docs, "Audit Log Events".
 *
 * @module
 */
import { AuditLogEvent } from "discord-api-types/v10"
import type { AuditEntry, Guild, Json } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord's names of the events. */
export const Action = AuditLogEvent

const limit = 1_000

/** Notes what the bot did. */
export const note = (
  world: World,
  guild: Guild,
  action: number,
  targetId: string | null,
  reason: string | null,
): void => {
  guild.auditLog.push({ id: world.id(), action, userId: world.bot.id, targetId, reason })
  if (guild.auditLog.length > limit) guild.auditLog.shift()
}

/** Entries as `GET /guilds/:id/audit-logs` shows them. */
export const wire = (world: World, entries: ReadonlyArray<AuditEntry>): Json => {
  const people = new Set(entries.flatMap(({ targetId, userId }) => [userId, targetId ?? userId]))
  return {
    audit_log_entries: entries.map(({ action, id, reason, targetId, userId }) => ({
      id,
      action_type: action,
      user_id: userId,
      target_id: targetId,
      ...(reason === null ? {} : { reason }),
    })),
    users: [...people].flatMap((id) => {
      const user = world.users.get(id)
      return user === undefined ? [] : [Wire.user(user)]
    }),
    application_commands: [],
    auto_moderation_rules: [],
    guild_scheduled_events: [],
    integrations: [],
    threads: [],
    webhooks: [],
  }
}
