/**
 * What a World holds: plain mutable records, one for each of Discord's things. Only the World's own rules write
 * to them; everyone else reads. Times are milliseconds since 1970, permissions are bit sets.
 *
 * @module
 */

/** A JSON object as it goes over the wire. */
export type Json = { [key: string]: unknown }

export interface User {
  readonly id: string
  username: string
  globalName: string | null
  readonly bot: boolean
}

export interface Role {
  readonly id: string
  name: string
  permissions: bigint
  /** 0 is `@everyone`; a higher one stands above a lower one. */
  position: number
  color: number
  hoist: boolean
  mentionable: boolean
  readonly managed: boolean
}

export interface Overwrite {
  readonly id: string
  /** 0 for a role, 1 for a member. */
  readonly type: 0 | 1
  readonly allow: bigint
  readonly deny: bigint
}

/** What a channel has besides where it is a thread. */
export interface Thread {
  /** Who started it. */
  readonly ownerId: string
  readonly startedAt: number
  archived: boolean
  /** When it was last archived or unarchived. */
  archivedAt: number
  /** Only those who manage threads write in it and unarchive it. */
  locked: boolean
  /** Of a private thread: whether its members may add others. */
  invitable: boolean
  /** Minutes: 60, 1,440, 4,320 or 10,080. Told, never acted upon. */
  autoArchive: number
  /** Messages that are in it; and that ever were. */
  messageCount: number
  totalSent: number
  /** When each member joined, by user id. */
  readonly members: Map<string, number>
}

export interface Channel {
  readonly id: string
  /** Discord's channel type: 0 text, 1 direct message, 4 category, 11 public thread, 12 private thread. */
  readonly type: number
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
  roles: Array<string>
  readonly joinedAt: number
  /** The end of a time-out; `null` where there is none. */
  timeoutUntil: number | null
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
}

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
}

export interface Reaction {
  readonly emoji: { readonly id: string | null; readonly name: string }
  readonly users: Set<string>
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
  readonly tts: boolean
  readonly sentAt: number
  editedAt: number | null
  readonly nonce: string | number | null
  readonly reference: { readonly messageId: string | null; readonly channelId: string } | null
  /** The thread that was started from it. */
  threadId: string | null
  /** Where the message answers an interaction. */
  readonly interaction: {
    readonly id: string
    readonly type: number
    readonly userId: string
    readonly name: string | null
  } | null
  readonly applicationId: string | null
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

/** A file that came with a message. */
export interface Upload {
  readonly id: string
  readonly channelId: string
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
}
