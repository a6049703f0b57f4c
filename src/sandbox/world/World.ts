/**
 * The World: everything that Discord would know, in memory, with one bot in it.
 *
 * It holds state, hands out ids, finds things or refuses with Discord's code, and tells whoever listens what
 * happened: `events` go to the bot's gateway sessions, `sights` to the screens of people. It knows no transport
 * and no timers; its rules run synchronously. What each kind of thing may do stands in the module of its name
 * (`Messages`, `Commands`, `Interactions`, …).
 *
 * Memory is bounded where a bot could fill it. Things have Discord's own limits (500 channels, 250 roles, 1,000
 * invites, …) and go with what they belong to (`Leftovers`); where Discord keeps everything, the oldest goes: of a
 * channel's messages and a guild's archived threads (`historyLimit` of each), of the audit log, of scheduled events
 * that are over, of files (`Uploads`).
 *
 * @module
 */
import type { Clock } from "effect"
import { ApplicationFlags, GatewayIntentBits } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as AutoArchive from "./AutoArchive.js"
import type {
  AutoModerationRule,
  Channel,
  Command,
  CommandPermission,
  Emoji,
  Guild,
  Invite,
  Json,
  Member,
  Message,
  Presence,
  ScheduledEvent,
  User,
  Webhook,
} from "../model/Model.js"
import { PerGuild } from "./PerGuild.js"
import * as Permissions from "./Permissions.js"
import * as Snowflake from "../model/Snowflake.js"
import { Uploads } from "./Uploads.js"
import type * as View from "./View.js"

/** Privileged intents by their switch on Discord's developer page. */
export interface PrivilegedIntents {
  readonly members: boolean
  readonly presences: boolean
  readonly messageContent: boolean
}

export interface Options {
  readonly clock: Clock.Clock
  /** The name of the bot user and its application. Default `Bosun`. */
  readonly botName?: string
  /** Which privileged intents the application may ask for. Default: all. */
  readonly privilegedIntents?: Partial<PrivilegedIntents>
  /** Messages kept in each channel, and archived threads in each guild; the oldest go first. Default 2,000. */
  readonly historyLimit?: number
  /** Who is in the GUILD_CREATE of a guild that the bot comes into. Default `discord`: the bot alone. */
  readonly membersInGuildCreate?: "discord" | "all"
}

/** Something that gateway sessions are told. */
export interface Event {
  readonly type: string
  /** Made only where a session wants the event, once for all of them. */
  readonly data: () => Json
  /** Routes to a shard; `null` goes to shard 0. */
  readonly guildId: string | null
  /** Whom the event is about, where the bot itself needs no intent for it. */
  readonly about?: string
  /** Where the bot must be able to look. */
  readonly channel?: Channel
  /** Permissions of which the bot must have one: in the channel where one is named, else in the guild. */
  readonly needs?: ReadonlyArray<bigint>
  /** Whose content is hidden without the message-content intent. */
  readonly message?: Message
}

/** Small clocks (virtual time starts at 0) are moved here, since no id is older than 2015. 2026-01-01. */
const earliest = 1_767_225_600_000

export class World {
  readonly users = new Map<string, User>()
  readonly guilds = new Map<string, Guild>()
  /** Every channel and thread of every guild, and direct messages. */
  readonly channels = new Map<string, Channel>()
  readonly commands = new Map<string, Command>()
  readonly uploads = new Uploads()
  readonly webhooks = new Map<string, Webhook>()
  /** The application's own. */
  readonly emojis = new Map<string, Emoji>()
  /** Runs a task after so many milliseconds, unless it is taken back. A sandbox sets it; without one, never. */
  after: (millis: number, task: () => void) => () => void = () => () => {}
  readonly bot: User
  readonly privilegedIntents: PrivilegedIntents
  readonly historyLimit: number
  readonly membersInGuildCreate: "discord" | "all"
  private readonly ids = Snowflake.make()
  private readonly past = Snowflake.make()
  private seeded = 0
  private readonly clock: Clock.Clock
  private readonly shift: number
  private readonly eventListeners = new Set<(event: Event) => void>()
  private readonly sightListeners = new Set<View.Listener>()
  /** Where direct messages are found again, by person. */
  readonly directMessages = new Map<string, Channel>()
  /** What people show of themselves; who is not in it is offline. */
  readonly presences = new Map<string, Presence>()
  /** Who may use a command, by its id (the application's for all of them). */
  readonly commandPermissions = new PerGuild<ReadonlyArray<CommandPermission>>()
  /** When commands were made within the last day, by guild (`""`: global). */
  readonly commandsMade = new Map<string, ReadonlyArray<number>>()
  readonly invites = new PerGuild<Invite>()
  readonly scheduledEvents = new PerGuild<ScheduledEvent>()
  readonly autoModeration = new PerGuild<AutoModerationRule>()
  /** What the application changed of its own description. */
  applicationSettings: Json = {}
  /** The languages of people whose client is not in English. */
  readonly locales = new Map<string, string>()
  /** People who take no direct messages. */
  readonly closedDms = new Set<string>()
  /** Before that no thread is archived by itself; in milliseconds since 1970. */
  archivalDue = Number.POSITIVE_INFINITY
  ownerId: string | null = null
  /** Where attachments are served; a server sets its own. */
  origin = "http://127.0.0.1"

  constructor(options: Options) {
    this.clock = options.clock
    const now = options.clock.unsafeCurrentTimeMillis()
    this.shift = now < Snowflake.epoch ? earliest - now : 0
    this.historyLimit = options.historyLimit ?? 2_000
    this.membersInGuildCreate = options.membersInGuildCreate ?? "discord"
    this.privilegedIntents = {
      members: true,
      presences: true,
      messageContent: true,
      ...options.privilegedIntents,
    }
    this.bot = { id: this.pastId(), username: options.botName ?? "Bosun", globalName: null, bot: true }
    this.users.set(this.bot.id, this.bot)
  }

  /** The World's time in milliseconds since 1970: the clock's, moved to 2026 where that starts at 0. */
  now(): number {
    return this.clock.unsafeCurrentTimeMillis() + this.shift
  }

  /** A new id of now. */
  id(): string {
    return this.ids.next(this.now())
  }

  /** An id for what was there before the World began: the same in every run. */
  pastId(): string {
    // From 2020-09-13 on, about a minute apart: scattered, so that guilds spread evenly over shards.
    const order = this.seeded++
    const scatter = (Math.imul(order, 0x9e_37_79_b1) >>> 16) % 60_000
    return this.past.next(1_600_000_000_000 + 60_000 * order + scatter)
  }

  /** Calls back on every event until the returned function is called. */
  onEvent(listener: (event: Event) => void): () => void {
    this.eventListeners.add(listener)
    return () => this.eventListeners.delete(listener)
  }

  /** Calls back on every sight until the returned function is called. */
  onSight(listener: View.Listener): () => void {
    this.sightListeners.add(listener)
    return () => this.sightListeners.delete(listener)
  }

  /** Lets happen whose time has come without anybody's doing. */
  passTime(): void {
    if (this.now() >= this.archivalDue) AutoArchive.sweep(this)
  }

  emit(event: Event): void {
    this.passTime()
    // In an outage the bot hears nothing of the guild.
    if (event.guildId !== null && this.guilds.get(event.guildId)?.available === false) return
    for (const listener of this.eventListeners) listener(event)
  }

  /** Whether what happens is the bot's to know. */
  hears({ channel, guildId, needs }: Event): boolean {
    if (channel !== undefined && !this.canSee(this.bot.id, channel)) return false
    if (needs === undefined) return true
    const guild = this.guilds.get(guildId ?? "")
    const self = guild?.members.get(this.bot.id)
    if (guild === undefined || self === undefined) return false
    const held =
      channel === undefined
        ? Permissions.inGuild(guild, self, this.now())
        : this.permissions(this.bot.id, channel)
    return needs.some((bit) => Permissions.has(held, bit))
  }

  show(sight: View.Sight, audience: View.Audience): void {
    for (const listener of this.sightListeners) listener(sight, audience)
  }

  /** Whether a person sees what has this audience. */
  sees(userId: string, sight: View.Sight, audience: View.Audience): boolean {
    if (audience !== "channel") return audience.only === userId
    const channel = this.channels.get(sight.channelId)
    return channel !== undefined && this.canSee(userId, channel)
  }

  canSee(userId: string, channel: Channel): boolean {
    return Permissions.has(this.permissions(userId, channel), Permissions.Bit.ViewChannel)
  }

  /** What a user may do in a channel; nothing where they are not in its guild. */
  permissions(userId: string, channel: Channel): bigint {
    if (channel.guildId === null) return channel.recipients.includes(userId) ? Permissions.directMessage : 0n
    const guild = this.guilds.get(channel.guildId)
    const member = guild?.members.get(userId)
    if (guild === undefined || member === undefined) return 0n
    if (channel.thread === null) return Permissions.inChannel(guild, channel, member, this.now())
    const parent = guild.channels.get(channel.parentId ?? "")
    return parent === undefined ? 0n : Permissions.inThread(guild, parent, channel, member, this.now())
  }

  /** Whether a time-out holds somebody in the channel's guild: then they only look on. */
  isTimedOut(userId: string, { guildId }: Channel): boolean {
    const guild = this.guilds.get(guildId ?? "")
    const member = guild?.members.get(userId)
    return guild !== undefined && member !== undefined && Permissions.isTimedOut(guild, member, this.now())
  }

  /** The flags that say which privileged intents are switched on. */
  get applicationFlags(): number {
    const { members, messageContent, presences } = this.privilegedIntents
    return (
      (members ? ApplicationFlags.GatewayGuildMembersLimited : 0) |
      (presences ? ApplicationFlags.GatewayPresenceLimited : 0) |
      (messageContent ? ApplicationFlags.GatewayMessageContentLimited : 0)
    )
  }

  /** The intents that the application may not ask for. */
  get forbiddenIntents(): number {
    const { members, messageContent, presences } = this.privilegedIntents
    return (
      (members ? 0 : GatewayIntentBits.GuildMembers) |
      (presences ? 0 : GatewayIntentBits.GuildPresences) |
      (messageContent ? 0 : GatewayIntentBits.MessageContent)
    )
  }

  /** The person who owns the application. */
  get owner(): User {
    return this.user(this.ownerId ?? this.bot.id)
  }

  /** Refuses with 10013 where there is no such user. */
  user(id: string): User {
    const user = this.users.get(id)
    if (user === undefined) throw ApiError.unknownUser()
    return user
  }

  /** Those of these people who are known still: a guild's people can be forgotten with it. */
  known(ids: ReadonlyArray<string>): ReadonlyArray<User> {
    return ids.flatMap((id) => this.users.get(id) ?? [])
  }

  /** Refuses with 10004 where there is no such guild, or the bot is not in it. */
  guild(id: string): Guild {
    const guild = this.guilds.get(id)
    if (guild === undefined || !guild.members.has(this.bot.id)) throw ApiError.unknownGuild()
    this.needAvailable(id)
    return guild
  }

  /** Refuses with 500 where the guild is in an outage. */
  needAvailable(guildId: string | null): void {
    if (this.guilds.get(guildId ?? "")?.available === false) throw ApiError.serverUnavailable()
  }

  /** Refuses as `channel` does, and with 50003 a direct message. */
  place(id: string): { readonly channel: Channel; readonly guild: Guild } {
    const channel = this.channel(id)
    if (channel.guildId === null) throw ApiError.notInDirectMessage()
    return { channel, guild: this.guild(channel.guildId) }
  }

  /** Refuses with 10003 where there is no such channel, 500 in an outage, and 50001 where the bot cannot see it. */
  channel(id: string): Channel {
    const channel = this.channels.get(id)
    if (channel === undefined) throw ApiError.unknownChannel()
    this.needAvailable(channel.guildId)
    if (!this.canSee(this.bot.id, channel)) throw ApiError.missingAccess()
    return channel
  }

  /** Refuses with 10007 where the user is not in the guild, 10013 where there is no such user. */
  member(guild: Guild, id: string): Member {
    const member = guild.members.get(id)
    if (member !== undefined) return member
    this.user(id)
    throw ApiError.unknownMember()
  }

  /** The bot's membership. */
  self(guild: Guild): Member {
    return this.member(guild, this.bot.id)
  }

  /** Refuses with 50013 unless the bot has the permission in the whole guild. */
  need(guild: Guild, bit: bigint): void {
    if (!Permissions.has(Permissions.inGuild(guild, this.self(guild), this.now()), bit)) {
      throw ApiError.missingPermissions()
    }
  }

  /** Refuses with 50013 unless the bot has the permission in the channel. */
  needIn(channel: Channel, bit: bigint): void {
    if (!Permissions.has(this.permissions(this.bot.id, channel), bit)) throw ApiError.missingPermissions()
  }

  /** Refuses with 50013 unless the bot stands above the member. */
  needAbove(guild: Guild, target: Member): void {
    if (!Permissions.outranks(guild, this.self(guild), target)) throw ApiError.missingPermissions()
  }

  /** A user by id, `<@id>`, name or shown name, in a guild's members first. */
  findUser(text: string, guild?: Guild): User | undefined {
    const id = /^<@!?(\d+)>$/.exec(text)?.[1] ?? text
    const known = this.users.get(id)
    if (known !== undefined) return known
    const wanted = text.replace(/^@/, "").toLowerCase()
    const called = (user: User, nick: string | null): boolean =>
      [user.username, user.globalName, nick].some((name) => name?.toLowerCase() === wanted)
    for (const { nick, userId } of guild?.members.values() ?? []) {
      const user = this.users.get(userId)
      if (user !== undefined && called(user, nick)) return user
    }
    for (const user of this.users.values()) if (called(user, null)) return user
    return undefined
  }

  /** The direct-message channel of the bot and a person, made at need. */
  directMessage(user: User): Channel {
    const known = this.directMessages.get(user.id)
    if (known !== undefined) return known
    const channel: Channel = {
      id: this.id(),
      type: 1,
      guildId: null,
      name: "",
      topic: null,
      position: 0,
      nsfw: false,
      parentId: null,
      thread: null,
      rateLimitPerUser: 0,
      flags: 0,
      defaultAutoArchive: null,
      defaultThreadRateLimit: 0,
      voice: null,
      forum: null,
      overwrites: new Map(),
      lastMessageId: null,
      recipients: [this.bot.id, user.id],
      messages: new Map(),
    }
    this.channels.set(channel.id, channel)
    this.directMessages.set(user.id, channel)
    return channel
  }
}
