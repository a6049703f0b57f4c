/**
 * A guild's channels: made, changed, ordered, deleted; and who may do what in them by overwrites.
 *
 * A new channel under a category takes over the category's overwrites where it is given none of its own. A channel
 * that the bot comes to see brings its active threads in THREAD_LIST_SYNC. Who may make a change is checked by the
 * routes.
 *
 * Source: Discord Developer Docs, "Channels Resource" and "Guild Resource".
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import { Form } from "../form/Form.js"
import type { Channel, Forum, Guild, Overwrite, Voice } from "../model/Model.js"
import * as Leftovers from "./Leftovers.js"
import * as ThreadSync from "./ThreadSync.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 500 channels in a guild, categories among them. */
export const limit = 500
/** Discord: 50 channels in a category. */
export const categoryLimit = 50

/** Kinds that a bot makes. */
export const kinds: ReadonlyArray<number> = [
  ChannelType.GuildText,
  ChannelType.GuildVoice,
  ChannelType.GuildCategory,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildStageVoice,
  ChannelType.GuildForum,
]

/** What can be said of a channel; what is left out stays, or is what Discord begins with. */
export interface Fields {
  readonly name?: string
  readonly type?: number
  readonly topic?: string | null
  readonly position?: number
  readonly nsfw?: boolean
  readonly parentId?: string | null
  /** Seconds. */
  readonly rateLimitPerUser?: number
  readonly flags?: number
  /** Minutes. */
  readonly defaultAutoArchive?: number | null
  /** Seconds. */
  readonly defaultThreadRateLimit?: number
  readonly voice?: Partial<Voice>
  readonly forum?: Partial<Forum>
  readonly overwrites?: ReadonlyArray<Overwrite>
}

/** A channel that nobody has seen yet. */
export const make = (id: string, guildId: string, name: string, position: number, type = 0): Channel => {
  const spoken = type === ChannelType.GuildVoice || type === ChannelType.GuildStageVoice
  return {
    id,
    type,
    guildId,
    name,
    topic: null,
    position,
    nsfw: false,
    parentId: null,
    thread: null,
    rateLimitPerUser: 0,
    flags: 0,
    defaultAutoArchive: null,
    defaultThreadRateLimit: 0,
    voice: spoken ? { bitrate: 64_000, userLimit: 0, region: null, videoQuality: 1 } : null,
    forum:
      type === ChannelType.GuildForum
        ? { tags: [], defaultReaction: null, sortOrder: null, layout: 0 }
        : null,
    overwrites: new Map(),
    lastMessageId: null,
    recipients: [],
    messages: new Map(),
  }
}

/** Puts a channel in its place, in silence. */
export const insert = (world: World, guild: Guild, channel: Channel): void => {
  guild.channels.set(channel.id, channel)
  world.channels.set(channel.id, channel)
}

/**
 * Adds a channel to a guild, and sends CHANNEL_CREATE. Refuses with 30013 where the guild has 500, and with 50035
 * where the category has 50 or is none.
 */
export const add = (
  world: World,
  guild: Guild,
  { name, type, ...fields }: Fields & { readonly name: string },
): Channel => {
  if (guild.channels.size >= limit) throw ApiError.tooManyChannels()
  const parent = fields.parentId === undefined ? null : fields.parentId
  needRoom(guild, parent, type ?? ChannelType.GuildText)
  const channel = make(world.id(), guild.id, shown(name, type ?? 0), guild.channels.size, type)
  const inherited = parent === null ? [] : [...(guild.channels.get(parent)?.overwrites.values() ?? [])]
  assign(channel, { ...fields, overwrites: fields.overwrites ?? inherited })
  insert(world, guild, channel)
  event(world, "CHANNEL_CREATE", channel)
  return channel
}

/** Changes a channel, and sends CHANNEL_UPDATE. Refuses with 50035 where it cannot go into that category. */
export const change = (world: World, guild: Guild, channel: Channel, fields: Fields): void => {
  if (fields.parentId !== undefined && fields.parentId !== channel.parentId)
    needRoom(guild, fields.parentId, channel.type)
  ThreadSync.syncing(world, guild, () => {
    assign(channel, fields)
    if (fields.name !== undefined) channel.name = shown(fields.name, channel.type)
    changed(world, channel)
  })
}

/** One channel's new place. */
export interface Move {
  readonly id: string
  readonly position?: number
  readonly parentId?: string | null
  /** Whether it takes over its new category's overwrites. */
  readonly lockPermissions?: boolean
}

/** The overwrites that a channel takes over with a move; `undefined` where it keeps its own. */
export const adopted = (guild: Guild, channel: Channel, move: Move): Channel["overwrites"] | undefined => {
  const parent = move.parentId === undefined ? channel.parentId : move.parentId
  return move.lockPermissions === true ? guild.channels.get(parent ?? "")?.overwrites : undefined
}

/**
 * Moves channels, and sends CHANNEL_UPDATE for each that is not where it was. Refuses with 50035 where one of them
 * cannot go into its category; then none is moved.
 */
export const reorder = (world: World, guild: Guild, moves: ReadonlyArray<Move>): void => {
  for (const { id, parentId } of moves) {
    const channel = guild.channels.get(id)
    if (channel !== undefined && parentId !== undefined && parentId !== channel.parentId)
      needRoom(guild, parentId, channel.type)
  }
  for (const move of moves) {
    const channel = guild.channels.get(move.id)
    if (channel === undefined) continue
    const parent = move.parentId === undefined ? channel.parentId : move.parentId
    const overwrites = adopted(guild, channel, move)
    const same = parent === channel.parentId && (move.position ?? channel.position) === channel.position
    if (same && overwrites === undefined) continue
    change(world, guild, channel, {
      parentId: parent,
      ...(move.position === undefined ? {} : { position: move.position }),
      ...(overwrites === undefined ? {} : { overwrites: [...overwrites.values()] }),
    })
  }
}

/** Sets one overwrite, and sends CHANNEL_UPDATE. */
export const setOverwrite = (world: World, channel: Channel, overwrite: Overwrite): void =>
  ThreadSync.syncing(world, world.guilds.get(channel.guildId ?? ""), () => {
    channel.overwrites.set(overwrite.id, overwrite)
    changed(world, channel)
  })

/** Takes one overwrite away, and sends CHANNEL_UPDATE. False where there is none. */
export const removeOverwrite = (world: World, channel: Channel, id: string): boolean => {
  if (!channel.overwrites.has(id)) return false
  ThreadSync.syncing(world, world.guilds.get(channel.guildId ?? ""), () => {
    channel.overwrites.delete(id)
    changed(world, channel)
  })
  return true
}

/** Deletes a channel with its threads, and sends CHANNEL_DELETE: for the threads Discord sends nothing. */
export const remove = (world: World, channel: Channel): void => {
  event(world, "CHANNEL_DELETE", channel)
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  if (guild === undefined) return
  const threads = [...guild.threads.values()].filter(({ parentId }) => parentId === channel.id)
  Leftovers.ofChannels(world, guild, [channel, ...threads])
  // What was in a category goes on without one.
  if (channel.type !== ChannelType.GuildCategory) return
  for (const other of guild.channels.values()) {
    if (other.parentId === channel.id) change(world, guild, other, { parentId: null })
  }
}

/** Says that a channel is not what it was. */
export const changed = (world: World, channel: Channel): void => event(world, "CHANNEL_UPDATE", channel)

const event = (world: World, type: string, channel: Channel): void =>
  world.emit({ type, guildId: channel.guildId, data: () => Wire.channel(world, channel) })

const assign = (channel: Channel, fields: Fields): void => {
  const { forum, name: _, overwrites, voice, ...plain } = fields
  Object.assign(channel, plain)
  if (overwrites !== undefined) channel.overwrites = new Map(overwrites.map((one) => [one.id, one]))
  if (voice !== undefined && channel.voice !== null) Object.assign(channel.voice, voice)
  if (forum !== undefined && channel.forum !== null) Object.assign(channel.forum, forum)
}

/** A name as it is shown: where one writes, Discord turns spaces into dashes and capitals into small letters. */
const shown = (name: string, type: number): string =>
  type === ChannelType.GuildText || type === ChannelType.GuildAnnouncement || type === ChannelType.GuildForum
    ? name.trim().toLowerCase().replace(/\s+/gu, "-")
    : name

const needRoom = (guild: Guild, parentId: string | null, type: number): void => {
  if (parentId === null) return
  const refuse = (code: string, message: string) => {
    const form = Form.make()
    form.at("parent_id").fail(code, message)
    form.done()
  }
  const parent = guild.channels.get(parentId)
  if (parent === undefined) return refuse("CHANNEL_PARENT_INVALID", "Category does not exist")
  if (parent.type !== ChannelType.GuildCategory || type === ChannelType.GuildCategory)
    return refuse("CHANNEL_PARENT_INVALID_TYPE", "Not a category")
  const inside = [...guild.channels.values()].filter((one) => one.parentId === parentId).length
  if (inside >= categoryLimit)
    return refuse("CHANNEL_PARENT_MAX_CHANNELS", "Maximum number of channels in category reached (50)")
}
