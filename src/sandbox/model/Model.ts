/**
 * What a World holds: plain mutable records, one for each of Discord's things. Only the World's own rules write
 * to them; everyone else reads. Times are milliseconds since 1970, permissions are bit sets.
 *
 * @module
 */
import type { GuildSettings } from "./GuildSettings.js"

/** A JSON object as it goes over the wire. */
export type Json = { [key: string]: unknown }

export interface User {
  readonly id: string
  username: string
  globalName: string | null
  /** Hashes of pictures; without them Discord shows its own. */
  avatar?: string | null
  banner?: string | null
  readonly bot: boolean
}

export interface Role {
  readonly id: string
  name: string
  permissions: bigint
  /** 0 is `@everyone`; a higher one stands above a lower one. */
  position: number
  color: number
  /** The further colors of a gradient. */
  secondaryColor: number | null
  tertiaryColor: number | null
  hoist: boolean
  mentionable: boolean
  unicodeEmoji: string | null
  /** A hash, as of every picture. */
  icon: string | null
  /** It belongs to an application: nobody gives or takes it. */
  readonly managed: boolean
  /** The bot that it is the own role of. */
  readonly botId: string | null
}

export interface Overwrite {
  readonly id: string
  /** 0 for a role, 1 for a member. */
  readonly type: 0 | 1
  readonly allow: bigint
  readonly deny: bigint
}

/** What a channel has besides where people talk in it. */
export interface Voice {
  /** Bits per second. */
  bitrate: number
  /** 0: no limit. */
  userLimit: number
  region: string | null
  /** 1 automatic, 2 full. */
  videoQuality: number
}

/** A tag that a forum's posts can have. */
export interface Tag {
  readonly id: string
  readonly name: string
  /** Only those who manage threads give and take it. */
  readonly moderated: boolean
  readonly emojiId: string | null
  readonly emojiName: string | null
}

/** An emoji as forums name it. */
export interface DefaultReaction {
  readonly emojiId: string | null
  readonly emojiName: string | null
}

/** What a channel has besides where it is a forum. */
export interface Forum {
  tags: ReadonlyArray<Tag>
  defaultReaction: DefaultReaction | null
  /** 0 latest activity, 1 creation date. */
  sortOrder: number | null
  /** 0 not set, 1 list, 2 gallery. */
  layout: number
}

/** What a channel has besides where it is a thread. */
export interface Thread {
  /** Who started it. */
  readonly ownerId: string
  readonly startedAt: number
  archived: boolean
  /** When it was last started, archived, unarchived, or given another `autoArchive`. */
  archivedAt: number
  /** Only those who manage threads write in it and unarchive it. */
  locked: boolean
  /** Of a private thread: whether its members may add others. */
  invitable: boolean
  /** Minutes without activity until it is archived: 60, 1,440, 4,320 or 10,080. */
  autoArchive: number
  /** Messages that are in it; and that ever were. */
  messageCount: number
  totalSent: number
  /** When each member joined, by user id. */
  readonly members: Map<string, number>
  /** Of a forum's post: ids of tags. */
  tags: ReadonlyArray<string>
}

export interface Channel {
  readonly id: string
  /**
   * Discord's channel type: 0 text, 1 direct message, 2 voice, 4 category, 5 announcements, 10 to 12 threads
   * (announcement, public, private), 13 stage, 15 forum.
   */
  type: number
  /** `null` for a direct message. */
  readonly guildId: string | null
  name: string
  topic: string | null
  position: number
  nsfw: boolean
  /** The category of a channel, the channel of a thread. */
  parentId: string | null
  /** `null` where it is no thread. */
  readonly thread: Thread | null
  /** Seconds between two messages of one member. */
  rateLimitPerUser: number
  /** Discord's channel flags: 2 a pinned post, 16 posts need a tag. */
  flags: number
  /** What new threads begin with: minutes until they are archived (`null`: the client's choice), seconds of slow mode. */
  defaultAutoArchive: number | null
  defaultThreadRateLimit: number
  /** `null` where nobody talks in it. */
  readonly voice: Voice | null
  /** `null` where it is no forum. */
  readonly forum: Forum | null
  overwrites: Map<string, Overwrite>
  lastMessageId: string | null
  /** Ids of the people in a direct message; empty otherwise. */
  readonly recipients: ReadonlyArray<string>
  /** Oldest first. */
  readonly messages: Map<string, Message>
}

export interface Member {
  readonly userId: string
  nick: string | null
  /** In this guild alone. */
  avatar: string | null
  banner: string | null
  roles: Array<string>
  readonly joinedAt: number
  /** The end of a time-out; `null` where there is none. */
  timeoutUntil: number | null
  /** Discord's member flags: 1 came back, 4 bypasses verification. */
  flags: number
}

export interface Ban {
  readonly userId: string
  readonly reason: string | null
}

/** One act in a guild's audit log. */
export interface AuditEntry {
  readonly id: string
  /** Discord's number of the event: 20 kick, 22 ban, 23 unban, 24 change of a member, 73 bulk deletion. */
  readonly action: number
  readonly userId: string
  /** Whom or what it was done to. */
  readonly targetId: string | null
  /** `X-Audit-Log-Reason`. */
  readonly reason: string | null
  readonly changes: ReadonlyArray<Change>
  readonly options: Readonly<Record<string, string>> | null
}

/** One field that an act changed; `old` or `new` is absent where there was or is none. */
export interface Change {
  readonly key: string
  readonly old?: unknown
  readonly new?: unknown
}

/** What somebody shows of themselves. */
export interface Presence {
  readonly status: "online" | "idle" | "dnd" | "offline"
  /** As Discord puts them on the wire. */
  readonly activities: ReadonlyArray<Json>
}

export type { GuildSettings, Incidents, Onboarding, WelcomeChannel, WelcomeScreen } from "./GuildSettings.js"

export interface Guild {
  readonly id: string
  name: string
  ownerId: string
  readonly joinedAt: number
  readonly roles: Map<string, Role>
  readonly channels: Map<string, Channel>
  readonly threads: Map<string, Channel>
  readonly members: Map<string, Member>
  readonly bans: Map<string, Ban>
  /** Oldest first. */
  readonly auditLog: Array<AuditEntry>
  readonly settings: GuildSettings
  readonly emojis: Map<string, Emoji>
  readonly stickers: Map<string, Sticker>
  /** Who was a member once and is not any more. */
  readonly former: Set<string>
  /** False in an outage: then the bot is told of nothing and finds nothing. */
  available: boolean
}

export interface Reaction {
  readonly emoji: { readonly id: string | null; readonly name: string; readonly animated?: boolean }
  readonly users: Set<string>
}

/** An emoji of a guild's or of the application's own. */
export interface Emoji {
  readonly id: string
  name: string
  /** `null` for one of the application's. */
  readonly guildId: string | null
  /** Those who may use it; empty: everyone. */
  roles: ReadonlyArray<string>
  readonly animated: boolean
  /** Who made it. */
  readonly userId: string
}

/** A sticker of a guild's own. */
export interface Sticker {
  readonly id: string
  readonly guildId: string
  /** Who made it. */
  readonly userId: string
  /** 1 PNG, 2 APNG, 4 GIF. */
  readonly format: 1 | 2 | 4
  name: string
  description: string | null
  /** What it says, in a word or by an emoji's name. */
  tags: string
}

/** One answer of a poll. */
export interface PollAnswer {
  /** From 1 on. */
  readonly id: number
  readonly text: string | null
  readonly emoji: { readonly id: string | null; readonly name: string | null } | null
}

/** What a message has besides where it is a poll. */
export interface Poll {
  readonly question: string
  readonly answers: ReadonlyArray<PollAnswer>
  /** Whether one may vote for more than one answer. */
  readonly multiple: boolean
  /** Milliseconds since 1970. */
  endsAt: number
  ended: boolean
  /** Ids of who voted, by answer, in the order of their votes. */
  readonly votes: Map<number, Set<string>>
  /** Takes the timer of its end back. */
  cancel: () => void
}

/** A way for programs to write into one channel. */
export interface Webhook {
  readonly id: string
  /** 1 with a token, 2 a followed channel's. */
  readonly type: 1 | 2
  readonly token: string
  readonly guildId: string
  channelId: string
  name: string
  /** The hash of an image, or `null`. */
  avatar: string | null
  /** The application that made it; `null` for a person's. */
  readonly applicationId: string | null
  readonly userId: string
  /** What a followed channel's shows the messages of. */
  readonly source?: { readonly guildId: string; readonly channelId: string }
}

/** Who a webhook's message is shown to be from. */
export interface WebhookAuthor {
  readonly id: string
  readonly username: string
  /** A hash, a URL, or `null`. */
  readonly avatar: string | null
}

export interface Message {
  readonly id: string
  readonly channelId: string
  readonly guildId: string | null
  readonly authorId: string
  /**
   * Discord's message type: 0 ordinary, 19 reply, 20 slash command, 23 context menu command; of the system:
   * 1 and 2 somebody was added to or removed from a thread, 4 a thread's new name, 18 a thread was started,
   * 21 the message that a thread was started from.
   */
  readonly type: number
  content: string
  embeds: ReadonlyArray<Json>
  components: ReadonlyArray<Json>
  attachments: ReadonlyArray<Json>
  mentions: ReadonlyArray<string>
  mentionRoles: ReadonlyArray<string>
  mentionEveryone: boolean
  flags: number
  pinned: boolean
  /** When it was pinned, in milliseconds since 1970; `null` where it is not. */
  pinnedAt: number | null
  readonly tts: boolean
  readonly sentAt: number
  editedAt: number | null
  readonly nonce: string | number | null
  readonly reference: {
    readonly messageId: string | null
    readonly channelId: string
    /** Discord's type of a reference: 0 an ordinary one, 1 what was forwarded. Default 0. */
    readonly type?: 0 | 1
    /** Where it points to another guild. */
    readonly guildId?: string | null
  } | null
  /** The thread that was started from it. */
  threadId: string | null
  /** In a thread: about how many came before it; the one that a thread begins with has 0. */
  readonly position?: number
  /** Where the message answers an interaction. */
  readonly interaction: Origin | null
  readonly applicationId: string | null
  /** Where a webhook wrote it; `authorId` is the webhook's then, and no user's. */
  readonly webhook: WebhookAuthor | null
  poll: Poll | null
  /** As Discord puts them on the wire. */
  readonly stickers?: ReadonlyArray<Json>
  /** What it forwards, as it was then. */
  readonly snapshots: ReadonlyArray<Json>
  /** The only one who sees it, or `null` for everyone in the channel. */
  readonly ephemeralFor: string | null
  readonly reactions: Map<string, Reaction>
}

/** An application command as registered; `raw` is what the wire shows. */
export interface Command {
  readonly id: string
  /** 1 slash, 2 user menu, 3 message menu. */
  readonly type: number
  readonly name: string
  readonly guildId: string | null
  readonly raw: Json
}

/** A file that came with a message, or a picture. */
export interface Upload {
  readonly id: string
  readonly channelId: string
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** Whether one role, person or channel may use a command. */
export interface CommandPermission {
  /** A role, a person or a channel; the guild's id stands for everyone, that id less one for all channels. */
  readonly id: string
  /** 1 role, 2 person, 3 channel. */
  readonly type: 1 | 2 | 3
  readonly permission: boolean
}

/** A way into a guild. */
export interface Invite {
  readonly code: string
  readonly channelId: string
  readonly inviterId: string
  readonly createdAt: number
  /** Seconds; 0 for ever. */
  readonly maxAge: number
  /** 0 for any number. */
  readonly maxUses: number
  readonly temporary: boolean
  uses: number
}

/** Something that a guild does at a given time. */
export interface ScheduledEvent {
  readonly id: string
  readonly guildId: string
  readonly creatorId: string
  name: string
  description: string | null
  channelId: string | null
  location: string | null
  startsAt: number
  endsAt: number | null
  /** 1 stage, 2 voice channel, 3 somewhere else. */
  entityType: number
  /** 1 scheduled, 2 under way, 3 over, 4 called off. */
  status: number
  image: string | null
  /** As Discord puts it on the wire. */
  recurrence: Json | null
  /** People who are interested. */
  readonly users: Set<string>
}

/** One rule of a guild's auto-moderation. */
export interface AutoModerationRule {
  readonly id: string
  readonly guildId: string
  readonly creatorId: string
  /** 1 keywords, 3 spam, 4 presets, 5 mentions, 6 profiles. */
  readonly triggerType: number
  name: string
  /** 1 messages, 2 profiles. */
  eventType: number
  /** As Discord puts it on the wire; so are the actions. */
  trigger: Json
  actions: ReadonlyArray<Json>
  enabled: boolean
  exemptRoles: ReadonlyArray<string>
  exemptChannels: ReadonlyArray<string>
}

/** The interaction that a message answers. */
export interface Origin {
  readonly id: string
  readonly type: number
  readonly userId: string
  readonly name: string | null
  /** Whom or which message a menu command was run on. */
  readonly targetUserId?: string
  readonly targetMessageId?: string
  /** The message with the component that was used. */
  readonly componentOf?: string
  /** The first response, where this one follows it. */
  readonly originalId?: string
  /** What showed the modal that was submitted. */
  readonly opener?: Origin
}
