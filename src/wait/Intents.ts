/**
 * Which gateway intents bring an event (Discord).
 *
 * @module
 */
import { GatewayIntentBits } from "discord-api-types/v10"
import { MissingIntent } from "./WaitError.js"
import type { For } from "./Waits.js"

/** The intents for what happens in guilds, and for what happens in direct messages. */
interface Bringing {
  readonly guild: number
  readonly direct: number
}

/** The intents without which what is waited for cannot come, where the bot has none of them. */
export const missing = (
  { by, event, text }: Pick<For<never>, "by" | "event" | "text">,
  granted: number,
): MissingIntent | undefined => {
  if (granted === 0) return undefined
  const bringing = bringingOf(event)
  if (bringing === undefined) return undefined
  const any = by.guildId === undefined ? bringing.guild | bringing.direct : bringing.guild
  return (any & granted) === 0 ? new MissingIntent({ what: text, event, intents: namesOf(any) }) : undefined
}

const namesOf = (bits: number): ReadonlyArray<string> =>
  Object.entries(GatewayIntentBits)
    .filter(([, bit]) => typeof bit === "number" && (bits & bit) !== 0)
    .map(([name]) => name)

/** Undefined where an event comes whatever the intents. */
const bringingOf = (event: string): Bringing | undefined => {
  const known = named.get(event)
  if (known !== undefined) return known
  return families.find(([start]) => event.startsWith(start))?.[1]
}

const bits = GatewayIntentBits
const guild = (intent: number): Bringing => ({ guild: intent, direct: 0 })

const named: ReadonlyMap<string, Bringing> = new Map([
  ["CHANNEL_PINS_UPDATE", { guild: bits.Guilds, direct: bits.DirectMessages }],
  ["GUILD_AUDIT_LOG_ENTRY_CREATE", guild(bits.GuildModeration)],
  ["MESSAGE_DELETE_BULK", guild(bits.GuildMessages)],
  ["PRESENCE_UPDATE", guild(bits.GuildPresences)],
  // A bot's own memberships come with the first of them.
  ["THREAD_MEMBERS_UPDATE", guild(bits.Guilds | bits.GuildMembers)],
  ["TYPING_START", { guild: bits.GuildMessageTyping, direct: bits.DirectMessageTyping }],
])

/** By how the name begins; the first that fits. */
const families: ReadonlyArray<readonly [string, Bringing]> = [
  ["MESSAGE_REACTION_", { guild: bits.GuildMessageReactions, direct: bits.DirectMessageReactions }],
  ["MESSAGE_POLL_", { guild: bits.GuildMessagePolls, direct: bits.DirectMessagePolls }],
  ["MESSAGE_", { guild: bits.GuildMessages, direct: bits.DirectMessages }],
  ["GUILD_MEMBERS_CHUNK", { guild: -1, direct: -1 }],
  ["GUILD_MEMBER_", guild(bits.GuildMembers)],
  ["GUILD_BAN_", guild(bits.GuildModeration)],
  ["GUILD_EMOJIS_", guild(bits.GuildExpressions)],
  ["GUILD_STICKERS_", guild(bits.GuildExpressions)],
  ["GUILD_SOUNDBOARD_", guild(bits.GuildExpressions)],
  ["GUILD_INTEGRATIONS_", guild(bits.GuildIntegrations)],
  ["GUILD_SCHEDULED_EVENT_", guild(bits.GuildScheduledEvents)],
  ["INTEGRATION_", guild(bits.GuildIntegrations)],
  ["INVITE_", guild(bits.GuildInvites)],
  ["WEBHOOKS_", guild(bits.GuildWebhooks)],
  ["VOICE_STATE_", guild(bits.GuildVoiceStates)],
  ["VOICE_CHANNEL_EFFECT_", guild(bits.GuildVoiceStates)],
  ["AUTO_MODERATION_ACTION_", guild(bits.AutoModerationExecution)],
  ["AUTO_MODERATION_", guild(bits.AutoModerationConfiguration)],
  ["GUILD_", guild(bits.Guilds)],
  ["CHANNEL_", guild(bits.Guilds)],
  ["THREAD_", guild(bits.Guilds)],
  ["STAGE_INSTANCE_", guild(bits.Guilds)],
]
