/**
 * What each gateway event carries. Discord publishes a description of its REST API alone, so an event is here the
 * resource that it carries, by that description, with the fields that the gateway adds or leaves out.
 *
 * Source of what is added: Discord Developer Docs, "Gateway Events" and "Receiving and Responding to Interactions".
 *
 * @module
 */
import * as z from "zod/mini"
import type { Schema } from "./Shape.js"
import { fields, read, schema } from "./Spec.js"

type Fields = Readonly<Record<string, Schema>>

const id = schema("SnowflakeType")
const byId = (one: Schema): Schema => z.record(z.string().check(z.regex(/^\d+$/u)), one)
const maybe = (one: Schema): Schema => z.optional(one)
const list = (one: Schema): Schema => z.array(one)
const nullable = (one: Schema): Schema => z.nullable(one)
const object = (shape: Fields): Schema => z.object(shape)
/** For what the docs leave open: only the named fields are looked at. */
const loose = (shape: Fields): Schema => z.looseObject(shape)
const text = z.string()
const bool = z.boolean()
const int = z.int32()
const time = z.string().check(z.iso.datetime())
const without = (shape: Fields, ...names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !names.includes(name)))
const partial = (shape: Fields): Fields =>
  Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, maybe(one)]))

const guild = fields("GuildResponse")
const user = fields("UserResponse")
const member = fields("GuildMemberResponse")
/** Beside a user that stands elsewhere. */
const memberAlone = object(without(member, "user"))
const message = fields("MessageResponse")
const thread = fields("ThreadResponse")
const threadMember = fields("ThreadMemberResponse")
const role = schema("GuildRoleResponse")
const emoji = object({ id: nullable(id), name: nullable(text), animated: maybe(bool) })
const channel = read("GuildChannelResponse | PrivateChannelResponse")
const event = read(
  "ExternalScheduledEventResponse | StageScheduledEventResponse | VoiceScheduledEventResponse",
)
const rule = read(
  "DefaultKeywordRuleResponse | KeywordRuleResponse | MLSpamRuleResponse | MentionSpamRuleResponse | UserProfileRuleResponse",
)

const presence: Fields = {
  // "Partial user": only its id is sure.
  user: object({ ...partial(user), id }),
  guild_id: id,
  status: z.enum(["idle", "dnd", "online", "offline"]),
  activities: list(loose({ name: text, type: int, created_at: z.number() })),
  client_status: object({ desktop: maybe(text), mobile: maybe(text), web: maybe(text) }),
}
/** "Partial presence update": beside a guild that is known. */
const presenceHere = object({ ...presence, guild_id: maybe(id) })
const inGuild = object({ guild_id: id })
const roleChange = object({ guild_id: id, role })
const ban = object({ guild_id: id, user: object(user) })
const eventUser = object({ guild_scheduled_event_id: id, user_id: id, guild_id: id })
const vote = object({
  user_id: id,
  channel_id: id,
  message_id: id,
  guild_id: maybe(id),
  answer_id: int,
})
const shownMessage = object({
  ...message,
  guild_id: maybe(id),
  member: maybe(memberAlone),
  mentions: list(object({ ...user, member: maybe(memberAlone) })),
  // Sent, and not in the docs.
  channel_type: maybe(schema("ChannelTypes")),
})
const reaction = {
  channel_id: id,
  message_id: id,
  guild_id: maybe(id),
}
const someonesReaction = {
  ...reaction,
  user_id: id,
  emoji,
  burst: bool,
  type: z.literal([0, 1]),
}

const resolved = object({
  users: maybe(byId(object(user))),
  members: maybe(byId(object({ ...without(member, "user", "deaf", "mute"), permissions: text }))),
  roles: maybe(byId(role)),
  // "Partial channel"
  channels: maybe(
    byId(loose({ id, type: schema("ChannelTypes"), name: maybe(nullable(text)), permissions: text })),
  ),
  messages: maybe(byId(object(message))),
  attachments: maybe(byId(schema("MessageAttachmentResponse"))),
})
const option: Schema = object({
  name: text,
  type: schema("ApplicationCommandOptionType"),
  value: maybe(z.union([text, z.number(), bool])),
  options: maybe(list(z.lazy(() => option))),
  focused: maybe(bool),
})
const command = object({
  id,
  name: text,
  type: schema("ApplicationCommandType"),
  resolved: maybe(resolved),
  options: maybe(list(option)),
  guild_id: maybe(id),
  target_id: maybe(id),
})
const component = object({
  custom_id: text,
  component_type: schema("MessageComponentTypes"),
  // Sent, and not in the docs: the component's number in its message.
  id: maybe(int),
  values: maybe(list(text)),
  resolved: maybe(resolved),
})
const submitted: Schema = object({
  type: schema("MessageComponentTypes"),
  id: int,
  custom_id: maybe(text),
  value: maybe(nullable(z.union([text, bool]))),
  values: maybe(list(text)),
  components: maybe(list(z.lazy(() => submitted))),
  component: maybe(z.lazy(() => submitted)),
})
const modal = object({ custom_id: text, components: list(submitted), resolved: maybe(resolved) })

const interaction = (type: number, data: Schema, from: Fields): Schema =>
  object({
    id,
    application_id: id,
    type: z.literal(type),
    token: text,
    version: z.literal(1),
    data,
    guild: maybe(object({ id, locale: text, features: list(schema("GuildFeatures")) })),
    guild_id: maybe(id),
    guild_locale: maybe(text),
    channel: maybe(loose({ id, type: schema("ChannelTypes"), permissions: maybe(text) })),
    channel_id: maybe(id),
    member: maybe(object({ ...member, permissions: text })),
    user: maybe(object(user)),
    locale: schema("AvailableLocalesEnum"),
    app_permissions: text,
    entitlements: list(schema("EntitlementResponse")),
    authorizing_integration_owners: z.partialRecord(z.literal(["0", "1"]), id),
    context: schema("InteractionContextType"),
    attachment_size_limit: int,
    ...from,
  })

/** By name. What is not here is not known to be an event of Discord's. */
export const events: Readonly<Record<string, Schema>> = {
  READY: loose({
    v: z.literal(10),
    user: loose(partial(user)),
    guilds: list(object({ id, unavailable: z.literal(true) })),
    session_id: text,
    resume_gateway_url: text,
    shard: maybe(z.array(int).check(z.length(2))),
    application: object({ id, flags: int }),
  }),
  RESUMED: loose({}),
  APPLICATION_COMMAND_PERMISSIONS_UPDATE: schema("CommandPermissionsResponse"),
  AUTO_MODERATION_RULE_CREATE: rule,
  AUTO_MODERATION_RULE_UPDATE: rule,
  AUTO_MODERATION_RULE_DELETE: rule,
  AUTO_MODERATION_ACTION_EXECUTION: object({
    guild_id: id,
    action: object({ type: schema("AutomodActionType"), metadata: maybe(loose({})) }),
    rule_id: id,
    rule_trigger_type: schema("AutomodTriggerType"),
    user_id: id,
    channel_id: maybe(id),
    message_id: maybe(id),
    alert_system_message_id: maybe(id),
    content: text,
    matched_keyword: nullable(text),
    matched_content: nullable(text),
  }),
  CHANNEL_CREATE: channel,
  CHANNEL_UPDATE: channel,
  CHANNEL_DELETE: channel,
  CHANNEL_PINS_UPDATE: object({
    guild_id: maybe(id),
    channel_id: id,
    last_pin_timestamp: maybe(nullable(time)),
  }),
  THREAD_CREATE: object({ ...thread, newly_created: maybe(z.literal(true)) }),
  THREAD_UPDATE: object(thread),
  THREAD_DELETE: object({ id, guild_id: id, parent_id: id, type: thread["type"] ?? z.never() }),
  THREAD_LIST_SYNC: object({
    guild_id: id,
    channel_ids: maybe(list(id)),
    threads: list(object(thread)),
    members: list(object(threadMember)),
  }),
  THREAD_MEMBER_UPDATE: object({ ...threadMember, guild_id: id }),
  THREAD_MEMBERS_UPDATE: object({
    id,
    guild_id: id,
    member_count: int,
    added_members: maybe(list(object({ ...threadMember, presence: maybe(nullable(presenceHere)) }))),
    removed_member_ids: maybe(list(id)),
  }),
  GUILD_CREATE: object({
    ...guild,
    joined_at: time,
    large: bool,
    unavailable: maybe(bool),
    member_count: int,
    voice_states: list(object(without(fields("VoiceStateResponse"), "guild_id"))),
    members: list(object(member)),
    channels: list(channel),
    threads: list(object(thread)),
    presences: list(presenceHere),
    stage_instances: list(schema("StageInstanceResponse")),
    guild_scheduled_events: list(event),
    soundboard_sounds: list(schema("SoundboardSoundResponse")),
  }),
  GUILD_UPDATE: object(guild),
  GUILD_DELETE: object({ id, unavailable: maybe(bool) }),
  GUILD_AUDIT_LOG_ENTRY_CREATE: object({ ...fields("AuditLogEntryResponse"), guild_id: id }),
  GUILD_BAN_ADD: ban,
  GUILD_BAN_REMOVE: ban,
  GUILD_EMOJIS_UPDATE: object({ guild_id: id, emojis: list(schema("EmojiResponse")) }),
  GUILD_STICKERS_UPDATE: object({ guild_id: id, stickers: list(schema("GuildStickerResponse")) }),
  GUILD_INTEGRATIONS_UPDATE: inGuild,
  GUILD_MEMBER_ADD: object({ ...member, guild_id: id }),
  GUILD_MEMBER_REMOVE: object({ guild_id: id, user: object(user) }),
  GUILD_MEMBER_UPDATE: object({ ...member, guild_id: id }),
  GUILD_MEMBERS_CHUNK: object({
    guild_id: id,
    members: list(object(member)),
    chunk_index: int,
    chunk_count: int,
    not_found: maybe(list(id)),
    presences: maybe(list(presenceHere)),
    nonce: maybe(text),
  }),
  GUILD_ROLE_CREATE: roleChange,
  GUILD_ROLE_UPDATE: roleChange,
  GUILD_ROLE_DELETE: object({ guild_id: id, role_id: id }),
  GUILD_SCHEDULED_EVENT_CREATE: event,
  GUILD_SCHEDULED_EVENT_UPDATE: event,
  GUILD_SCHEDULED_EVENT_DELETE: event,
  GUILD_SCHEDULED_EVENT_USER_ADD: eventUser,
  GUILD_SCHEDULED_EVENT_USER_REMOVE: eventUser,
  INTERACTION_CREATE: z.union([
    interaction(2, command, {}),
    interaction(3, component, { message: object(message) }),
    interaction(4, command, {}),
    interaction(5, modal, { message: maybe(object(message)) }),
  ]),
  INVITE_CREATE: object({
    channel_id: id,
    code: text,
    created_at: time,
    guild_id: maybe(id),
    inviter: maybe(object(user)),
    max_age: int,
    max_uses: int,
    target_type: maybe(int),
    target_user: maybe(object(user)),
    target_application: maybe(loose({ id })),
    temporary: bool,
    uses: int,
    expires_at: nullable(time),
    role_ids: maybe(list(id)),
    // Sent, and not in the docs.
    type: maybe(int),
  }),
  INVITE_DELETE: object({ channel_id: id, guild_id: maybe(id), code: text }),
  MESSAGE_CREATE: shownMessage,
  MESSAGE_UPDATE: shownMessage,
  MESSAGE_DELETE: object({ id, channel_id: id, guild_id: maybe(id) }),
  MESSAGE_DELETE_BULK: object({ ids: list(id), channel_id: id, guild_id: maybe(id) }),
  MESSAGE_REACTION_ADD: object({
    ...someonesReaction,
    member: maybe(object(member)),
    message_author_id: maybe(id),
    burst_colors: maybe(list(text)),
  }),
  MESSAGE_REACTION_REMOVE: object(someonesReaction),
  MESSAGE_REACTION_REMOVE_ALL: object(reaction),
  MESSAGE_REACTION_REMOVE_EMOJI: object({ ...reaction, emoji }),
  MESSAGE_POLL_VOTE_ADD: vote,
  MESSAGE_POLL_VOTE_REMOVE: vote,
  PRESENCE_UPDATE: object(presence),
  // So far of Request Guild Members alone.
  RATE_LIMITED: object({
    opcode: z.literal(8),
    retry_after: z.number(),
    meta: object({ guild_id: id, nonce: maybe(text) }),
  }),
  TYPING_START: object({
    channel_id: id,
    guild_id: maybe(id),
    user_id: id,
    timestamp: int,
    member: maybe(object(member)),
  }),
  USER_UPDATE: loose(user),
  VOICE_STATE_UPDATE: schema("VoiceStateResponse"),
  WEBHOOKS_UPDATE: object({ guild_id: id, channel_id: id }),
}
