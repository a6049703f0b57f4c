/**
 * What was done in a guild, by whom, and why, as Discord's audit log keeps it. A guild keeps its newest 1,000
 * entries (Discord: 45 days).
 *
 * The bot is told of each entry in GUILD_AUDIT_LOG_ENTRY_CREATE where it may see the log.
 *
 * Source: Discord Developer Docs, "Audit Logs Resource".
 *
 * @module
 */
import { AuditLogEvent } from "discord-api-types/v10"
import { Form } from "../form/Form.js"
import type { AuditEntry, Change, Guild, Json } from "../model/Model.js"
import * as AutoModeration from "./AutoModeration.js"
import * as Permissions from "./Permissions.js"
import * as ScheduledEvents from "./ScheduledEvents.js"
import * as Webhooks from "./Webhooks.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord's names of the events. */
export const Action = AuditLogEvent

const limit = 5_000
/** Discord: a reason has at most 512 characters. */
const reasonLimit = 512

/** What else an entry can tell. */
export interface More {
  readonly changes?: ReadonlyArray<Change>
  /** What Discord puts beside the changes (`count`, `channel_id`, …), all of it text. */
  readonly options?: Readonly<Record<string, string>>
  /** Who did it. Default: the bot. */
  readonly userId?: string
}

/** Notes what was done, and sends GUILD_AUDIT_LOG_ENTRY_CREATE to a bot that may see the log. */
export const note = (
  world: World,
  guild: Guild,
  action: number,
  targetId: string | null,
  reason: string | null,
  more: More = {},
): void => {
  const entry: AuditEntry = {
    id: world.id(),
    action,
    userId: more.userId ?? world.bot.id,
    targetId,
    reason: reason === "" ? null : reason,
    changes: more.changes ?? [],
    options: more.options ?? null,
  }
  guild.auditLog.push(entry)
  if (guild.auditLog.length > limit) guild.auditLog.shift()
  world.emit({
    type: "GUILD_AUDIT_LOG_ENTRY_CREATE",
    guildId: guild.id,
    needs: [Permissions.Bit.ViewAuditLog],
    data: () => ({ ...wireEntry(entry), guild_id: guild.id }),
  })
}

/** Fields that are no setting of anything, and so in no entry. */
const unsaid = new Set([
  "id",
  "guild_id",
  "last_message_id",
  "position",
  "managed",
  "flags",
  "tags",
  "colors",
])

/** Pictures, which an entry tells of by other names. */
const hashes = new Set(["icon", "banner", "splash", "discovery_splash", "avatar", "image"])

/**
 * What has become of a thing, from how the wire showed it before and after; `null` where there was or is none.
 * Only what differs is told.
 */
export const changes = (before: Json | null, after: Json | null): ReadonlyArray<Change> => {
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...keys].flatMap((key): ReadonlyArray<Change> => {
    const [old, fresh] = [before?.[key], after?.[key]]
    if (unsaid.has(key) || JSON.stringify(old) === JSON.stringify(fresh)) return []
    const has = (value: unknown) => value !== undefined && value !== null
    if (!has(old) && !has(fresh)) return []
    return [
      {
        key: hashes.has(key) ? `${key}_hash` : key,
        ...(has(old) ? { old } : {}),
        ...(has(fresh) ? { new: fresh } : {}),
      },
    ]
  })
}

/** Refuses a reason of more than 512 characters with 50035. */
export const checkReason = (reason: string): string => {
  const form = Form.make()
  form.at("reason").text(reason, { max: reasonLimit })
  form.done()
  return reason
}

/** Entries as `GET /guilds/:id/audit-logs` shows them, with all that they name and that is there still. */
export const wire = (world: World, guild: Guild, entries: ReadonlyArray<AuditEntry>): Json => {
  const targets = new Set(entries.flatMap(({ targetId }) => targetId ?? []))
  const people = new Set([...entries.map(({ userId }) => userId), ...targets])
  const targeted = <A>(all: ReadonlyMap<string, A>, show: (one: A) => Json): ReadonlyArray<Json> =>
    [...targets].flatMap((id) => {
      const one = all.get(id)
      return one === undefined ? [] : [show(one)]
    })
  return {
    audit_log_entries: entries.map(wireEntry),
    users: [...people].flatMap((id) => {
      const user = world.users.get(id)
      return user === undefined ? [] : [Wire.user(user)]
    }),
    threads: targeted(guild.threads, (one) => Wire.channel(world, one)),
    application_commands: targeted(world.commands, ({ raw }) => raw),
    auto_moderation_rules: targeted(world.autoModeration.of(guild), AutoModeration.wire),
    guild_scheduled_events: targeted(world.scheduledEvents.of(guild), (one) =>
      ScheduledEvents.wire(world, one),
    ),
    integrations: [],
    webhooks: targeted(world.webhooks, (one) => Webhooks.wire(world, one, false)),
  }
}

const wireEntry = ({ action, changes, id, options, reason, targetId, userId }: AuditEntry): Json => ({
  id,
  action_type: action,
  user_id: userId,
  target_id: targetId,
  ...(changes.length === 0
    ? {}
    : {
        changes: changes.map((one) => ({
          key: one.key,
          ...(one.new === undefined ? {} : { new_value: one.new }),
          ...(one.old === undefined ? {} : { old_value: one.old }),
        })),
      }),
  ...(options === null ? {} : { options }),
  ...(reason === null ? {} : { reason }),
})
