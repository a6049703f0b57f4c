/**
 * Auto-moderation: a guild's rules, and what comes of them when people write.
 *
 * Rules of keywords (with wildcards, patterns and allowed words), of presets and of mentions are carried out:
 * the message is blocked (200000), an alert is sent, its author is timed out. Discord keeps its word lists to
 * itself; here each preset has one stand-in word (`presetWords`). What Discord leaves to models or to clients is
 * kept and never strikes: spam (3), profiles (6), raids of mentions.
 *
 * Patterns cannot hang the process (see `LinearRegex`). Exempt are bots, who may manage the guild, and a rule's
 * roles and channels.
 *
 * @module
 */
import {
  AuditLogEvent,
  AutoModerationActionType as Action,
  AutoModerationRuleTriggerType as Trigger,
  MessageType,
} from "discord-api-types/v10"
import { ApiError, missingPermissions, notFound } from "../model/ApiError.js"
import * as AuditLog from "./AuditLog.js"
import * as AutoModerationForm from "../form/AutoModerationForm.js"
import { Form } from "../form/Form.js"
import * as Keywords from "./Keywords.js"
import * as Members from "./Members.js"
import * as MessageForm from "../form/MessageForm.js"
import * as Messages from "./Messages.js"
import type { AutoModerationRule, Channel, Guild, Json, Message } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** Discord: rules of one kind in a guild. */
export const most: Readonly<Record<number, number>> = {
  [Trigger.Keyword]: 6,
  [Trigger.Spam]: 1,
  [Trigger.KeywordPreset]: 1,
  [Trigger.MentionSpam]: 1,
  [Trigger.MemberProfile]: 1,
}

/** What each preset strikes at here: 1 profanity, 2 sexual content, 3 slurs. */
export const presetWords: Readonly<Record<number, string>> = {
  1: "sandbox-profanity",
  2: "sandbox-sexual-content",
  3: "sandbox-slur",
}

/** Refuses with 404 where the guild has no such rule. */
export const get = (world: World, guild: Guild, id: string): AutoModerationRule => {
  const rule = world.autoModeration.of(guild).get(id)
  if (rule === undefined) throw notFound()
  return rule
}

/** Makes a rule as the bot. */
export const create = (world: World, guild: Guild, body: Json, reason: string | null): AutoModerationRule => {
  const draft = AutoModerationForm.read(body)
  const rules = world.autoModeration.of(guild)
  const limit = most[draft.triggerType] ?? 0
  if ([...rules.values()].filter((one) => one.triggerType === draft.triggerType).length >= limit) {
    const form = Form.make()
    form.fail(
      "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED",
      `Maximum number of rules with trigger type ${draft.triggerType} is ${limit}`,
    )
    form.done()
  }
  allow(world, guild, draft.actions ?? [])
  const rule: AutoModerationRule = {
    id: world.id(),
    guildId: guild.id,
    creatorId: world.bot.id,
    name: draft.name ?? "",
    eventType: draft.eventType ?? 1,
    triggerType: draft.triggerType,
    trigger: draft.trigger ?? {},
    actions: draft.actions ?? [],
    enabled: draft.enabled ?? false,
    exemptRoles: draft.exemptRoles ?? [],
    exemptChannels: draft.exemptChannels ?? [],
  }
  rules.set(rule.id, rule)
  AuditLog.note(world, guild, AuditLog.Action.AutoModerationRuleCreate, rule.id, reason, {
    changes: AuditLog.changes(null, wire(rule)),
  })
  tell(world, "AUTO_MODERATION_RULE_CREATE", rule)
  return rule
}

/** Changes what the body names. */
export const change = (
  world: World,
  guild: Guild,
  rule: AutoModerationRule,
  body: Json,
  reason: string | null,
): void => {
  const { triggerType: _, ...draft } = AutoModerationForm.read(body, rule)
  allow(world, guild, draft.actions ?? [])
  const before = wire(rule)
  Object.assign(rule, draft)
  const changes = AuditLog.changes(before, wire(rule))
  AuditLog.note(world, guild, AuditLog.Action.AutoModerationRuleUpdate, rule.id, reason, { changes })
  tell(world, "AUTO_MODERATION_RULE_UPDATE", rule)
}

export const remove = (world: World, guild: Guild, rule: AutoModerationRule, reason: string | null): void => {
  world.autoModeration.of(guild).delete(rule.id)
  AuditLog.note(world, guild, AuditLog.Action.AutoModerationRuleDelete, rule.id, reason, {
    changes: AuditLog.changes(wire(rule), null),
  })
  tell(world, "AUTO_MODERATION_RULE_DELETE", rule)
}

export const wire = (rule: AutoModerationRule): Json => ({
  id: rule.id,
  guild_id: rule.guildId,
  creator_id: rule.creatorId,
  name: rule.name,
  event_type: rule.eventType,
  actions: rule.actions,
  trigger_type: rule.triggerType,
  enabled: rule.enabled,
  exempt_roles: rule.exemptRoles,
  exempt_channels: rule.exemptChannels,
  trigger_metadata: rule.trigger,
})

/**
 * Judges what a person is about to write (or to change a message to). Throws 200000 where a rule blocks it, with
 * the rule's own words. Otherwise the returned function is to be called once the message is there: it carries out
 * what a rule that does not block asks for.
 */
export const judge = (
  world: World,
  channel: Channel,
  userId: string,
  content: string,
): ((message: Message) => void) => {
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  const struck = guild === undefined ? [] : strike(world, guild, channel, userId, content)
  if (guild === undefined || struck.length === 0) return () => {}
  const blocking = struck.flatMap(({ rule }) =>
    rule.actions.filter(({ type }) => type === Action.BlockMessage),
  )
  const carryOut = (message: Message | null) => {
    for (const one of struck) execute(world, guild, { ...one, channel, userId, content, message })
  }
  if (blocking.length === 0) return carryOut
  carryOut(null)
  const custom = blocking
    .map((action) => metadata(action)["custom_message"])
    .find((text) => text !== undefined)
  const said = custom === undefined ? "" : `: ${String(custom)}`
  throw new ApiError({
    status: 400,
    code: 200_000,
    reason: `Message was blocked by automatic moderation${said}`,
  })
}

interface Struck {
  readonly rule: AutoModerationRule
  readonly hit: Keywords.Hit
}

const strike = (
  world: World,
  guild: Guild,
  channel: Channel,
  userId: string,
  content: string,
): ReadonlyArray<Struck> => {
  const rules = world.autoModeration.of(guild)
  const member = guild.members.get(userId)
  if (rules.size === 0 || member === undefined || world.user(userId).bot) return []
  if (Permissions.has(Permissions.inGuild(guild, member, world.now()), Bit.ManageGuild)) return []
  const parent = channel.parentId === null ? undefined : guild.channels.get(channel.parentId)
  const places = [channel.id, channel.parentId, parent?.parentId]
  const struck: Array<Struck> = []
  for (const rule of rules.values()) {
    if (!rule.enabled || rule.exemptRoles.some((id) => member.roles.includes(id))) continue
    if (rule.exemptChannels.some((id) => places.includes(id))) continue
    const hit = search(rule, content)
    if (hit !== undefined) struck.push({ rule, hit })
  }
  return struck
}

const search = ({ trigger, triggerType }: AutoModerationRule, content: string): Keywords.Hit | undefined => {
  const list = (field: string) => (Array.isArray(trigger[field]) ? trigger[field].map(String) : [])
  switch (triggerType) {
    case Trigger.Keyword:
      return Keywords.search(content, list("keyword_filter"), list("regex_patterns"), list("allow_list"))
    case Trigger.KeywordPreset: {
      const words = list("presets").flatMap((preset) => presetWords[Number(preset)] ?? [])
      return Keywords.search(content, words, [], list("allow_list"))
    }
    case Trigger.MentionSpam: {
      const mentions = new Set(Array.from(content.matchAll(/<@[!&]?(\d+)>/gu), ([, id]) => id))
      return mentions.size > Number(trigger["mention_total_limit"])
        ? { keyword: null, content: null }
        : undefined
    }
    default:
      return undefined
  }
}

interface Case extends Struck {
  readonly channel: Channel
  readonly userId: string
  readonly content: string
  /** `null` where it was blocked. */
  readonly message: Message | null
}

/** What the log calls each action. */
const entries: Readonly<Record<number, number>> = {
  [Action.BlockMessage]: AuditLogEvent.AutoModerationBlockMessage,
  [Action.SendAlertMessage]: AuditLogEvent.AutoModerationFlagToChannel,
  [Action.Timeout]: AuditLogEvent.AutoModerationUserCommunicationDisabled,
}

const execute = (world: World, guild: Guild, one: Case): void => {
  const member = guild.members.get(one.userId)
  for (const action of one.rule.actions) {
    let alert: Message | undefined
    if (action["type"] === Action.SendAlertMessage) alert = warn(world, guild, one, action)
    if (action["type"] === Action.Timeout && member !== undefined) {
      const seconds = Number(metadata(action)["duration_seconds"])
      Members.change(world, guild, member, { timeoutUntil: world.now() + seconds * 1000 })
    }
    const entry = entries[Number(action["type"])]
    if (entry !== undefined) {
      AuditLog.note(world, guild, entry, one.userId, null, {
        userId: one.userId,
        options: {
          auto_moderation_rule_name: one.rule.name,
          auto_moderation_rule_trigger_type: String(one.rule.triggerType),
          channel_id: one.channel.id,
        },
      })
    }
    world.emit({
      type: "AUTO_MODERATION_ACTION_EXECUTION",
      guildId: guild.id,
      needs: [Bit.ManageGuild],
      data: () => ({
        guild_id: guild.id,
        action,
        rule_id: one.rule.id,
        rule_trigger_type: one.rule.triggerType,
        user_id: one.userId,
        channel_id: one.channel.id,
        ...(one.message === null ? {} : { message_id: one.message.id }),
        ...(alert === undefined ? {} : { alert_system_message_id: alert.id }),
        content: one.content,
        matched_keyword: one.hit.keyword,
        matched_content: one.hit.content,
      }),
    })
  }
}

/** The alert that moderators read: a message of the system, in the name of who wrote. */
const warn = (world: World, guild: Guild, one: Case, action: Json): Message | undefined => {
  const to = guild.channels.get(String(metadata(action)["channel_id"]))
  if (to === undefined) return undefined
  const fields: Readonly<Record<string, string | null>> = {
    rule_name: one.rule.name,
    decision_id: world.id(),
    channel_id: one.channel.id,
    keyword: one.hit.keyword,
    keyword_matched_content: one.hit.content,
    flagged_message_id: one.message?.id ?? null,
    decision_outcome: one.message === null ? "blocked" : "flagged",
  }
  const embed: Json = {
    type: "auto_moderation_message",
    description: one.content,
    fields: Object.entries(fields).flatMap(([name, value]) =>
      value === null || value === "" ? [] : [{ name, value: value.slice(0, 1024), inline: false }],
    ),
  }
  const message = Messages.send(world, {
    channel: to,
    author: world.user(one.userId),
    draft: { ...MessageForm.read({}, { edit: true }), embeds: [embed] },
    type: MessageType.AutoModerationAction,
  })
  return Messages.show(world, message)
}

const metadata = (action: Json): Json => (action["metadata"] ?? {}) as Json

/** A time-out asks for more than the rest (50013); an alert needs a channel of the guild that the bot sees. */
const allow = (world: World, guild: Guild, actions: ReadonlyArray<Json>): void => {
  const form = Form.make()
  actions.forEach((action, n) => {
    if (action["type"] === Action.Timeout && !mayModerate(world, guild)) throw missingPermissions()
    if (action["type"] !== Action.SendAlertMessage) return
    const channel = guild.channels.get(String(metadata(action)["channel_id"]))
    if (channel === undefined || !world.canSee(world.bot.id, channel))
      form.at("actions", n, "metadata", "channel_id").fail("CHANNEL_NOT_FOUND", "Channel not found.")
  })
  form.done()
}

const mayModerate = (world: World, guild: Guild): boolean =>
  Permissions.has(Permissions.inGuild(guild, world.self(guild), world.now()), Bit.ModerateMembers)

const tell = (world: World, type: string, rule: AutoModerationRule): void =>
  world.emit({ type, guildId: rule.guildId, needs: [Bit.ManageGuild], data: () => wire(rule) })
