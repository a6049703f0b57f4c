/**
 * The World's records as Discord puts them on the wire (API version 10).
 *
 * @module
 */
import { ChannelType, MessageFlags } from "discord-api-types/v10"
import * as Stickers from "./Stickers.js"
import * as ScheduledEvents from "./ScheduledEvents.js"
import * as InteractionPayload from "./InteractionPayload.js"
import type { World } from "./World.js"
import type {
  Channel,
  Emoji,
  Guild,
  Incidents,
  Json,
  Member,
  Message,
  Role,
  Thread,
  User,
  WebhookAuthor,
} from "../model/Model.js"
import * as Ballot from "./Ballot.js"
import { Bit } from "./Permissions.js"
import { iso } from "../model/Time.js"

export const user = (one: User): Json => ({
  id: one.id,
  username: one.username,
  discriminator: one.bot ? "0001" : "0",
  global_name: one.globalName,
  avatar: one.avatar ?? null,
  avatar_decoration_data: null,
  banner: one.banner ?? null,
  accent_color: null,
  public_flags: 0,
  flags: 0,
  primary_guild: null,
  collectibles: null,
  ...(one.bot ? { bot: true } : {}),
})

/** A member without its user. */
export const memberAlone = (one: Member): Json => ({
  nick: one.nick,
  avatar: one.avatar,
  banner: one.banner,
  roles: one.roles,
  joined_at: iso(one.joinedAt),
  premium_since: null,
  communication_disabled_until: one.timeoutUntil === null ? null : iso(one.timeoutUntil),
  deaf: false,
  mute: false,
  pending: false,
  flags: one.flags,
})

export const member = (world: World, one: Member): Json => ({
  user: user(world.user(one.userId)),
  ...memberAlone(one),
})

export const role = (one: Role): Json => ({
  id: one.id,
  name: one.name,
  permissions: one.permissions.toString(),
  position: one.position,
  color: one.color,
  colors: {
    primary_color: one.color,
    secondary_color: one.secondaryColor,
    tertiary_color: one.tertiaryColor,
  },
  hoist: one.hoist,
  managed: one.managed,
  mentionable: one.mentionable,
  icon: one.icon,
  unicode_emoji: one.unicodeEmoji,
  flags: 0,
  ...(one.botId === null ? {} : { tags: { bot_id: one.botId } }),
})

export const channel = (world: World, one: Channel): Json =>
  one.guildId === null
    ? {
        id: one.id,
        type: one.type,
        flags: 0,
        last_message_id: one.lastMessageId,
        recipients: one.recipients.filter((id) => id !== world.bot.id).map((id) => user(world.user(id))),
      }
    : one.thread !== null
      ? thread(world, one, one.thread)
      : {
          id: one.id,
          type: one.type,
          guild_id: one.guildId,
          name: one.name,
          topic: one.topic,
          position: one.position,
          nsfw: one.nsfw,
          parent_id: one.parentId,
          flags: one.flags,
          last_message_id: one.lastMessageId,
          rate_limit_per_user: one.rateLimitPerUser,
          ...kindOf(one),
          permission_overwrites: [...one.overwrites.values()].map((overwrite) => ({
            id: overwrite.id,
            type: overwrite.type,
            allow: overwrite.allow.toString(),
            deny: overwrite.deny.toString(),
          })),
        }

/** What only some kinds of channel have. */
const kindOf = (one: Channel): Json => ({
  ...(one.defaultAutoArchive === null ? {} : { default_auto_archive_duration: one.defaultAutoArchive }),
  ...(one.defaultThreadRateLimit === 0
    ? {}
    : { default_thread_rate_limit_per_user: one.defaultThreadRateLimit }),
  ...(one.voice === null
    ? {}
    : {
        bitrate: one.voice.bitrate,
        user_limit: one.voice.userLimit,
        rtc_region: one.voice.region,
        video_quality_mode: one.voice.videoQuality,
      }),
  ...(one.forum === null
    ? {}
    : {
        available_tags: one.forum.tags.map((tag) => ({
          id: tag.id,
          name: tag.name,
          moderated: tag.moderated,
          emoji_id: tag.emojiId,
          emoji_name: tag.emojiName,
        })),
        default_reaction_emoji:
          one.forum.defaultReaction === null
            ? null
            : {
                emoji_id: one.forum.defaultReaction.emojiId,
                emoji_name: one.forum.defaultReaction.emojiName,
              },
        default_sort_order: one.forum.sortOrder,
        default_forum_layout: one.forum.layout,
        default_tag_setting: "match_some",
      }),
})

const thread = (world: World, one: Channel, more: Thread): Json => ({
  id: one.id,
  type: one.type,
  guild_id: one.guildId,
  name: one.name,
  parent_id: one.parentId,
  owner_id: more.ownerId,
  flags: one.flags,
  ...(more.tags.length === 0 ? {} : { applied_tags: more.tags }),
  last_message_id: one.lastMessageId,
  rate_limit_per_user: one.rateLimitPerUser,
  message_count: more.messageCount,
  total_message_sent: more.totalSent,
  // Discord stops counting at 50.
  member_count: Math.min(50, more.members.size),
  thread_metadata: {
    archived: more.archived,
    archive_timestamp: iso(more.archivedAt),
    auto_archive_duration: more.autoArchive,
    locked: more.locked,
    create_timestamp: iso(more.startedAt),
    ...(one.type === ChannelType.PrivateThread ? { invitable: more.invitable } : {}),
  },
  ...(more.members.has(world.bot.id) ? { member: threadMember(one, world.bot.id) } : {}),
})

/** Somebody's membership in a thread. */
export const threadMember = (one: Channel, userId: string): Json => ({
  id: one.id,
  user_id: userId,
  join_timestamp: iso(one.thread?.members.get(userId) ?? 0),
  flags: 0,
})

/** What a guild has stopped for a while. */
export const incidents = ({ dmsUntil, invitesUntil }: Incidents): Json => ({
  invites_disabled_until: invitesUntil === null ? null : iso(invitesUntil),
  dms_disabled_until: dmsUntil === null ? null : iso(dmsUntil),
})

/** A guild as `GET /guilds/:id` shows it. */
export const guild = (one: Guild): Json => ({
  id: one.id,
  name: one.name,
  icon: one.settings.icon,
  description: one.settings.description,
  home_header: null,
  splash: one.settings.splash,
  discovery_splash: one.settings.discoverySplash,
  features: one.settings.features,
  banner: one.settings.banner,
  owner_id: one.ownerId,
  application_id: null,
  region: "deprecated",
  afk_channel_id: one.settings.afkChannelId,
  afk_timeout: one.settings.afkTimeout,
  system_channel_id: one.settings.systemChannelId,
  system_channel_flags: one.settings.systemChannelFlags,
  widget_enabled: one.settings.widgetEnabled,
  widget_channel_id: one.settings.widgetChannelId,
  verification_level: one.settings.verificationLevel,
  roles: [...one.roles.values()].map(role),
  default_message_notifications: one.settings.defaultNotifications,
  mfa_level: 0,
  explicit_content_filter: one.settings.contentFilter,
  max_presences: null,
  max_members: 500_000,
  max_video_channel_users: 25,
  max_stage_video_channel_users: 50,
  vanity_url_code: null,
  premium_tier: 0,
  premium_subscription_count: 0,
  preferred_locale: one.settings.locale,
  rules_channel_id: one.settings.rulesChannelId,
  safety_alerts_channel_id: one.settings.safetyChannelId,
  public_updates_channel_id: one.settings.updatesChannelId,
  premium_progress_bar_enabled: one.settings.progressBar,
  nsfw: false,
  nsfw_level: 0,
  emojis: [...one.emojis.values()].map(emojiAlone),
  stickers: [...one.stickers.values()].map(Stickers.wireAlone),
  incidents_data: one.settings.incidents === null ? null : incidents(one.settings.incidents),
})

/** A guild as GUILD_CREATE shows it, with the given members. */
export const guildCreate = (
  world: World,
  one: Guild,
  members: Iterable<Member>,
  presences: ReadonlyArray<Json> = [],
): Json => {
  world.passTime()
  return {
    ...guild(one),
    joined_at: iso(one.joinedAt),
    large: false,
    unavailable: false,
    member_count: one.members.size,
    voice_states: [],
    members: [...members].map((each) => member(world, each)),
    channels: [...one.channels.values()].map((each) => channel(world, each)),
    threads: [...one.threads.values()]
      .filter((each) => each.thread?.archived === false && world.canSee(world.bot.id, each))
      .map((each) => channel(world, each)),
    presences,
    stage_instances: [],
    guild_scheduled_events: ScheduledEvents.inGuildCreate(world, one),
    soundboard_sounds: [],
  }
}

/** A message, with the one that it replies to: that one's own is left out. */
export const message = (world: World, one: Message): Json => {
  const shown = alone(world, one)
  const { channelId, messageId = null, type = 0 } = one.reference ?? {}
  if (messageId === null || type !== 0 || (one.flags & MessageFlags.IsCrosspost) !== 0) return shown
  const original = world.channels.get(channelId ?? "")?.messages.get(messageId)
  // What one person alone sees is not there for the others.
  const there = original !== undefined && (original.ephemeralFor ?? one.ephemeralFor) === one.ephemeralFor
  // The message within has no reactions (Discord's description).
  const { reactions: _, ...within } = there ? alone(world, original) : {}
  shown["referenced_message"] = there ? within : null
  return shown
}

/** A message without the one that it replies to: a chain of replies costs no more than one. */
const alone = (world: World, one: Message): Json => {
  const shown: Json = {
    id: one.id,
    channel_id: one.channelId,
    type: one.type,
    content: one.content,
    author: one.webhook === null ? user(world.user(one.authorId)) : webhookAuthor(one.webhook),
    timestamp: iso(one.sentAt),
    edited_timestamp: one.editedAt === null ? null : iso(one.editedAt),
    tts: one.tts,
    mention_everyone: one.mentionEveryone,
    mentions: world.known(one.mentions).map(user),
    mention_roles: one.mentionRoles,
    attachments: one.attachments,
    embeds: one.embeds,
    components: one.components,
    pinned: one.pinned,
    flags: one.flags,
  }
  if (one.nonce !== null) shown["nonce"] = one.nonce
  if (one.position !== undefined) shown["position"] = one.position
  if (one.reactions.size > 0) {
    shown["reactions"] = [...one.reactions.values()].map((reaction) => ({
      emoji: reaction.emoji,
      count: reaction.users.size,
      count_details: { burst: 0, normal: reaction.users.size },
      burst_colors: [],
      me: reaction.users.has(world.bot.id),
      me_burst: false,
    }))
  }
  if (one.applicationId !== null) shown["application_id"] = one.applicationId
  if (one.interaction !== null) {
    const { id, name, type, userId } = one.interaction
    const by = user(world.user(userId))
    shown["webhook_id"] = world.bot.id
    shown["interaction_metadata"] = InteractionPayload.metadata(world, one.interaction, one.guildId)
    if (name !== null) shown["interaction"] = { id, type, name, user: by }
  }
  if (one.reference !== null) {
    const { channelId, guildId = one.guildId, messageId, type = 0 } = one.reference
    shown["message_reference"] = {
      type,
      ...(messageId === null ? {} : { message_id: messageId }),
      channel_id: channelId,
      ...(guildId === null ? {} : { guild_id: guildId }),
    }
  }
  if (one.webhook !== null) shown["webhook_id"] = one.webhook.id
  if (one.stickers !== undefined) shown["sticker_items"] = one.stickers
  if (one.poll !== null) shown["poll"] = Ballot.wire(one.poll, world.bot.id)
  if (one.snapshots.length > 0) shown["message_snapshots"] = one.snapshots
  const started = one.threadId === null ? undefined : world.channels.get(one.threadId)
  if (started !== undefined) shown["thread"] = channel(world, started)
  return shown
}

/** Who a webhook's message is from: no user, but shown like one. */
const webhookAuthor = ({ avatar, id, username }: WebhookAuthor): Json => ({
  ...user({ id, username, globalName: null, bot: true }),
  avatar,
  discriminator: "0000",
})

/** An emoji of a guild's or of the application's. */
export const emoji = (world: World, one: Emoji): Json => {
  const maker = world.users.get(one.userId)
  return { ...emojiAlone(one), ...(maker === undefined ? {} : { user: user(maker) }) }
}

/** An emoji as a guild shows it, without who made it. */
export const emojiAlone = (one: Emoji): Json => ({
  id: one.id,
  name: one.name,
  roles: one.roles,
  require_colons: true,
  managed: false,
  animated: one.animated,
  available: true,
})

/** A message as MESSAGE_CREATE and MESSAGE_UPDATE show it: with the guild and the author's membership. */
export const messageEvent = (world: World, one: Message): Json => {
  const shown = message(world, one)
  if (one.guildId === null) return { ...shown, channel_type: 1 }
  const home = world.guilds.get(one.guildId)
  const author = home?.members.get(one.authorId)
  shown["guild_id"] = one.guildId
  if (author !== undefined) shown["member"] = memberAlone(author)
  shown["mentions"] = world.known(one.mentions).map((each) => {
    const mentioned = home?.members.get(each.id)
    return { ...user(each), ...(mentioned === undefined ? {} : { member: memberAlone(mentioned) }) }
  })
  return shown
}

export const application = (world: World): Json => ({
  id: world.bot.id,
  name: world.bot.username,
  icon: null,
  description: "",
  type: null,
  bot: user(world.bot),
  bot_public: true,
  bot_require_code_grant: false,
  verify_key: "0".repeat(64),
  flags: world.applicationFlags,
  flags_new: world.applicationFlags.toString(),
  owner: user(world.owner),
  team: null,
  tags: [],
  redirect_uris: [],
  interactions_endpoint_url: null,
  role_connections_verification_url: null,
  integration_types_config: {
    "0": {
      oauth2_install_params: {
        scopes: ["applications.commands", "bot"],
        permissions: Bit.Administrator.toString(),
      },
    },
  },
  approximate_guild_count: world.guilds.size,
  approximate_user_install_count: 0,
  approximate_user_authorization_count: 0,
  explicit_content_filter: 0,
  eligible_oauth2_scopes: ["applications.commands", "bot"],
})
