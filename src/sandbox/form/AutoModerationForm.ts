/**
 * Reads a rule of auto-moderation and refuses what breaks Discord's limits (50035).
 *
 * Numbers: Discord Developer Docs, "Auto Moderation": 1,000 keywords of 60 characters, 10 patterns of 260, 100
 * allowed words (1,000 with presets), 50 mentions, 20 exempt roles, 50 exempt channels, 28 days of time-out.
 *
 * @module
 */
import {
  AutoModerationActionType as Action,
  AutoModerationRuleTriggerType as Trigger,
} from "discord-api-types/v10"
import { Form } from "./Form.js"
import type { AutoModerationRule, Json } from "../model/Model.js"
import * as LinearRegex from "../world/LinearRegex.js"

/** What a body says; absent where it says nothing. */
export interface Draft {
  readonly name?: string
  readonly eventType?: number
  readonly triggerType: number
  readonly trigger?: Json
  readonly actions?: ReadonlyArray<Json>
  readonly enabled?: boolean
  readonly exemptRoles?: ReadonlyArray<string>
  readonly exemptChannels?: ReadonlyArray<string>
}

const triggers = [
  Trigger.Keyword,
  Trigger.Spam,
  Trigger.KeywordPreset,
  Trigger.MentionSpam,
  Trigger.MemberProfile,
]
const kept = { min: 1, max: 60 }

/** Reads a body; `rule` is the one that it changes. What kind of rule it is cannot change. */
export const read = (body: Json, rule?: AutoModerationRule): Draft => {
  const form = Form.make()
  const fresh = rule === undefined
  const need = (field: string) => {
    if (fresh && (body[field] === undefined || body[field] === null)) form.at(field).required()
  }
  for (const field of ["name", "event_type", "trigger_type", "actions"]) need(field)
  const name = form.at("name").text(body["name"], { min: 1, max: 100 })
  const triggerType =
    rule?.triggerType ?? form.at("trigger_type").oneOf(body["trigger_type"] as Trigger, triggers) ?? 0
  const events = triggerType === Trigger.MemberProfile ? [2] : [1]
  const eventType = form.at("event_type").oneOf(body["event_type"] as number, events)
  const metadata = form.at("trigger_metadata").object(body["trigger_metadata"])
  const trigger =
    fresh || metadata !== undefined
      ? readTrigger(form.at("trigger_metadata"), triggerType, metadata ?? {})
      : undefined
  const enabled = form.at("enabled").boolean(body["enabled"])
  const exemptRoles = form.at("exempt_roles").snowflakes(body["exempt_roles"], 20)
  const exemptChannels = form.at("exempt_channels").snowflakes(body["exempt_channels"], 50)
  const actions = readActions(form.at("actions"), triggerType, body["actions"])
  form.done()
  return {
    triggerType,
    ...(name === undefined ? {} : { name }),
    ...(eventType === undefined ? {} : { eventType }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(actions === undefined ? {} : { actions }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(exemptRoles === undefined ? {} : { exemptRoles }),
    ...(exemptChannels === undefined ? {} : { exemptChannels }),
  }
}

const readTrigger = (form: Form, type: number, given: Json): Json => {
  const words = (field: string, max: number) => form.at(field).texts(given[field], max, kept) ?? []
  switch (type) {
    case Trigger.Keyword:
    case Trigger.MemberProfile: {
      const patterns =
        form.at("regex_patterns").texts(given["regex_patterns"], 10, { min: 1, max: 260 }) ?? []
      patterns.forEach((pattern, n) => {
        if (LinearRegex.compile(pattern) === undefined)
          form.at("regex_patterns", n).fail("AUTO_MODERATION_INVALID_REGEX", "Invalid regular expression")
      })
      return {
        keyword_filter: words("keyword_filter", 1_000),
        regex_patterns: patterns,
        allow_list: words("allow_list", 100),
      }
    }
    case Trigger.KeywordPreset: {
      const at = form.at("presets")
      if (given["presets"] === undefined || given["presets"] === null) at.required()
      const presets = at.items(given["presets"], 3) ?? []
      presets.forEach((one, n) => {
        if (one === null) at.at(n).required()
        at.at(n).oneOf(one as number, [1, 2, 3])
      })
      return { presets: [...new Set(presets)], allow_list: words("allow_list", 1_000) }
    }
    case Trigger.MentionSpam:
      return {
        mention_total_limit:
          form.at("mention_total_limit").integer(given["mention_total_limit"], 0, 50) ?? 20,
        mention_raid_protection_enabled:
          form.at("mention_raid_protection_enabled").boolean(given["mention_raid_protection_enabled"]) ??
          false,
      }
    default:
      return {}
  }
}

const readActions = (form: Form, trigger: number, given: unknown): ReadonlyArray<Json> | undefined => {
  if (Array.isArray(given) && given.length === 0)
    form.fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
  const allowed =
    trigger === Trigger.MemberProfile
      ? [Action.BlockMemberInteraction, Action.SendAlertMessage]
      : [
          Action.BlockMessage,
          Action.SendAlertMessage,
          ...(trigger === Trigger.Keyword || trigger === Trigger.MentionSpam ? [Action.Timeout] : []),
        ]
  return form.each(given, 5, (at, action) => {
    if (action["type"] === undefined || action["type"] === null) at.at("type").required()
    const type = at.at("type").oneOf(action["type"] as Action, allowed)
    const within = at.at("metadata")
    const metadata = within.object(action["metadata"]) ?? {}
    const need = (field: string) => {
      if (metadata[field] === undefined || metadata[field] === null) within.at(field).required()
    }
    if (type === Action.SendAlertMessage) {
      need("channel_id")
      return { type, metadata: { channel_id: within.at("channel_id").snowflake(metadata["channel_id"]) } }
    }
    if (type === Action.Timeout) {
      need("duration_seconds")
      const seconds = within.at("duration_seconds").integer(metadata["duration_seconds"], 1, 2_419_200)
      return { type, metadata: { duration_seconds: seconds } }
    }
    const text = within.at("custom_message").text(metadata["custom_message"], { max: 150 })
    return { type, metadata: text === undefined || text === "" ? {} : { custom_message: text } }
  })
}
