/**
 * Which events a session gets: the intents that each needs, and what of a message is hidden without the
 * message-content intent.
 *
 * Source: Discord Developer Docs, "Gateway", "List of Intents" and "Message Content Intent".
 *
 * @module
 */
import { GatewayIntentBits as Intent } from "discord-api-types/v10"
import type { Json } from "../model/Model.js"
import * as Content from "../world/Content.js"
import type { Event } from "../world/World.js"

interface Needed {
  readonly guild: number
  readonly direct: number
}

const guildOnly = (guild: number): Needed => ({ guild, direct: 0 })
const messages: Needed = { guild: Intent.GuildMessages, direct: Intent.DirectMessages }
const reactions: Needed = { guild: Intent.GuildMessageReactions, direct: Intent.DirectMessageReactions }

const table: Readonly<Record<string, Needed>> = {
  GUILD_CREATE: guildOnly(Intent.Guilds),
  GUILD_UPDATE: guildOnly(Intent.Guilds),
  GUILD_DELETE: guildOnly(Intent.Guilds),
  GUILD_ROLE_CREATE: guildOnly(Intent.Guilds),
  GUILD_ROLE_UPDATE: guildOnly(Intent.Guilds),
  GUILD_ROLE_DELETE: guildOnly(Intent.Guilds),
  CHANNEL_CREATE: guildOnly(Intent.Guilds),
  CHANNEL_UPDATE: guildOnly(Intent.Guilds),
  CHANNEL_DELETE: guildOnly(Intent.Guilds),
  CHANNEL_PINS_UPDATE: { guild: Intent.Guilds, direct: Intent.DirectMessages },
  THREAD_CREATE: guildOnly(Intent.Guilds),
  THREAD_UPDATE: guildOnly(Intent.Guilds),
  THREAD_DELETE: guildOnly(Intent.Guilds),
  THREAD_LIST_SYNC: guildOnly(Intent.Guilds),
  THREAD_MEMBER_UPDATE: guildOnly(Intent.Guilds),
  // What is about the bot itself comes without it.
  THREAD_MEMBERS_UPDATE: guildOnly(Intent.GuildMembers),
  GUILD_MEMBER_ADD: guildOnly(Intent.GuildMembers),
  GUILD_MEMBER_UPDATE: guildOnly(Intent.GuildMembers),
  GUILD_MEMBER_REMOVE: guildOnly(Intent.GuildMembers),
  GUILD_BAN_ADD: guildOnly(Intent.GuildModeration),
  GUILD_BAN_REMOVE: guildOnly(Intent.GuildModeration),
  INVITE_CREATE: guildOnly(Intent.GuildInvites),
  INVITE_DELETE: guildOnly(Intent.GuildInvites),
  GUILD_SCHEDULED_EVENT_CREATE: guildOnly(Intent.GuildScheduledEvents),
  GUILD_SCHEDULED_EVENT_UPDATE: guildOnly(Intent.GuildScheduledEvents),
  GUILD_SCHEDULED_EVENT_DELETE: guildOnly(Intent.GuildScheduledEvents),
  GUILD_SCHEDULED_EVENT_USER_ADD: guildOnly(Intent.GuildScheduledEvents),
  GUILD_SCHEDULED_EVENT_USER_REMOVE: guildOnly(Intent.GuildScheduledEvents),
  AUTO_MODERATION_RULE_CREATE: guildOnly(Intent.AutoModerationConfiguration),
  AUTO_MODERATION_RULE_UPDATE: guildOnly(Intent.AutoModerationConfiguration),
  AUTO_MODERATION_RULE_DELETE: guildOnly(Intent.AutoModerationConfiguration),
  AUTO_MODERATION_ACTION_EXECUTION: guildOnly(Intent.AutoModerationExecution),
  GUILD_EMOJIS_UPDATE: guildOnly(Intent.GuildExpressions),
  GUILD_STICKERS_UPDATE: guildOnly(Intent.GuildExpressions),
  GUILD_SOUNDBOARD_SOUND_CREATE: guildOnly(Intent.GuildExpressions),
  GUILD_SOUNDBOARD_SOUND_UPDATE: guildOnly(Intent.GuildExpressions),
  GUILD_SOUNDBOARD_SOUND_DELETE: guildOnly(Intent.GuildExpressions),
  GUILD_SOUNDBOARD_SOUNDS_UPDATE: guildOnly(Intent.GuildExpressions),
  GUILD_INTEGRATIONS_UPDATE: guildOnly(Intent.GuildIntegrations),
  INTEGRATION_CREATE: guildOnly(Intent.GuildIntegrations),
  INTEGRATION_UPDATE: guildOnly(Intent.GuildIntegrations),
  INTEGRATION_DELETE: guildOnly(Intent.GuildIntegrations),
  WEBHOOKS_UPDATE: guildOnly(Intent.GuildWebhooks),
  STAGE_INSTANCE_CREATE: guildOnly(Intent.Guilds),
  STAGE_INSTANCE_UPDATE: guildOnly(Intent.Guilds),
  STAGE_INSTANCE_DELETE: guildOnly(Intent.Guilds),
  VOICE_CHANNEL_EFFECT_SEND: guildOnly(Intent.GuildVoiceStates),
  MESSAGE_POLL_VOTE_ADD: { guild: Intent.GuildMessagePolls, direct: Intent.DirectMessagePolls },
  MESSAGE_POLL_VOTE_REMOVE: { guild: Intent.GuildMessagePolls, direct: Intent.DirectMessagePolls },
  GUILD_AUDIT_LOG_ENTRY_CREATE: guildOnly(Intent.GuildModeration),
  PRESENCE_UPDATE: guildOnly(Intent.GuildPresences),
  VOICE_STATE_UPDATE: guildOnly(Intent.GuildVoiceStates),
  MESSAGE_CREATE: messages,
  MESSAGE_UPDATE: messages,
  MESSAGE_DELETE: messages,
  MESSAGE_DELETE_BULK: guildOnly(Intent.GuildMessages),
  MESSAGE_REACTION_ADD: reactions,
  MESSAGE_REACTION_REMOVE: reactions,
  MESSAGE_REACTION_REMOVE_ALL: reactions,
  MESSAGE_REACTION_REMOVE_EMOJI: reactions,
  TYPING_START: { guild: Intent.GuildMessageTyping, direct: Intent.DirectMessageTyping },
}

/** Every intent bit that exists. */
export const known: number = Object.values(Intent)
  .filter((bit) => typeof bit === "number")
  .reduce((sum: number, bit) => sum | bit, 0)

/** Whether a session with these intents gets the event. `botId` gets what is about itself without an intent. */
export const wants = (intents: number, event: Event, botId: string): boolean => {
  const needed = table[event.type]
  if (needed === undefined || event.about === botId) return true
  const bits = event.guildId === null ? needed.direct : needed.guild
  return bits === 0 || (intents & bits) !== 0
}

/** Whether the event's message must be shown without its content to a session with these intents. */
export const hidesContent = (intents: number, event: Event, botId: string): boolean => {
  if (event.type === "AUTO_MODERATION_ACTION_EXECUTION") return (intents & Intent.MessageContent) === 0
  const message = event.message
  if (message === undefined || (intents & Intent.MessageContent) !== 0) return false
  return Content.isHidden(message, botId)
}

/** The data of an event as a session without the message-content intent gets it. `botId` keeps what is its own. */
export const withoutContent = (data: Json, botId: string): Json =>
  "matched_content" in data ? { ...data, content: "", matched_content: "" } : Content.without(data, botId)
