/**
 * The World as one person's screen shows it, in the words of `Protocol`.
 *
 * Everything here reads and changes nothing, but that a person's direct messages with the bot are made at need.
 *
 * @module
 */
import { type APIMessage, ChannelType, MessageFlags, MessageType } from "discord-api-types/v10"
import * as Plan from "../fault/Plan.js"
import type { Channel, Emoji, Guild, Member, Message, User } from "../model/Model.js"
import type * as Protocol from "./Protocol.js"
import * as Permissions from "../world/Permissions.js"
import * as Pictures from "../world/Pictures.js"
import type { Sandbox } from "../Sandbox.js"
import * as Snowflake from "../model/Snowflake.js"
import type { State } from "../world/Interactions.js"
import * as Interactions from "../world/Interactions.js"
import * as Wire from "../world/Wire.js"
import type { World } from "../world/World.js"

const { Bit } = Permissions

/** Discord's own client loads 50 messages at once. */
export const pageOfHistory = 50
/** Discord: 50 archived threads are listed at once. */
const pageOfArchive = 50

/** Whether some session of the bot is connected. */
export const botOnline = ({ sessions }: Sandbox): boolean => sessions().some(({ connected }) => connected)

/** Everything but messages. */
export const place = (sandbox: Sandbox, me: User): Protocol.Place => {
  const { world } = sandbox
  const online = botOnline(sandbox)
  return {
    me: person(world, me),
    people: [...world.users.values()]
      .filter((one) => !one.bot || one.id === world.bot.id)
      .map((one) => person(world, one)),
    botId: world.bot.id,
    botOnline: online,
    guilds: [...world.guilds.values()]
      .filter(({ members }) => members.has(me.id))
      .map((one) => guild(world, one, me, online)),
    emojis: [...world.emojis.values()].map(emoji),
    elsewhere: [...world.guilds.values()]
      .filter(({ members }) => !members.has(me.id))
      .map(({ id, name }) => ({ id, name })),
    directs: [channel(world, world.directMessage(me), me)],
    directsClosed: world.closedDms.has(me.id),
  }
}

export const person = (world: World, one: User): Protocol.Person => ({
  id: one.id,
  username: one.username,
  name: one.globalName ?? one.username,
  bot: one.bot,
  avatar: picture(world, Pictures.avatars(one), one.avatar),
})

/** Where a picture is; `null` where there is none, or none any more. */
const picture = (world: World, folder: string, hash: string | null | undefined): string | null =>
  typeof hash === "string" && world.uploads.has(`${folder}/${hash}`) ? `/${folder}/${hash}.png` : null

const guild = (world: World, one: Guild, me: User, online: boolean): Protocol.Guild => ({
  id: one.id,
  name: one.name,
  icon: picture(world, Pictures.icons(one), one.settings.icon),
  ownerId: one.ownerId,
  channels: [...one.channels.values(), ...threads(world, one, me)]
    .filter((each) => world.canSee(me.id, each))
    .map((each) => channel(world, each, me)),
  roles: [...one.roles.values()].map((each) => ({
    id: each.id,
    name: each.name,
    color: each.color,
    position: each.position,
    hoist: each.hoist,
    icon: picture(world, Pictures.roleIcons(each), each.icon) ?? each.unicodeEmoji,
  })),
  members: [...one.members.values()].map((each) => member(world, one, each, online)),
  emojis: [...one.emojis.values()].map(emoji),
})

const emoji = ({ animated, id, name }: Emoji): Protocol.Emoji => ({
  id,
  name,
  animated,
  url: `/emojis/${id}.${animated ? "gif" : "png"}`,
})

/** The active ones, and of each channel those that were archived last: who writes in one of these wakes it. */
const threads = (world: World, one: Guild, me: User): ReadonlyArray<Channel> => {
  const all = [...one.threads.values()]
  const archived = all
    .filter((each) => each.thread?.archived === true && world.canSee(me.id, each))
    .toSorted((a, b) => (b.thread?.archivedAt ?? 0) - (a.thread?.archivedAt ?? 0))
  const counts = new Map<string | null, number>()
  const newest = archived.filter(({ parentId }) => {
    const count = (counts.get(parentId) ?? 0) + 1
    counts.set(parentId, count)
    return count <= pageOfArchive
  })
  return [...all.filter(({ thread }) => thread?.archived === false), ...newest]
}

const member = (world: World, home: Guild, one: Member, online: boolean): Protocol.Member => ({
  userId: one.userId,
  nick: one.nick,
  avatar: picture(world, Pictures.ofMember(home, one.userId, "avatars"), one.avatar),
  roles: one.roles,
  status:
    one.userId === world.bot.id && !online
      ? "offline"
      : (world.presences.get(one.userId)?.status ?? (one.userId === world.bot.id ? "online" : "offline")),
  timeoutUntil: one.timeoutUntil,
})

const channel = (world: World, one: Channel, me: User): Protocol.Channel => ({
  id: one.id,
  guildId: one.guildId,
  type: one.type,
  name: one.guildId === null ? (world.bot.globalName ?? world.bot.username) : one.name,
  topic: one.topic,
  parentId: one.parentId,
  position: one.position,
  nsfw: one.nsfw,
  archived: one.thread?.archived ?? false,
  locked: one.thread?.locked ?? false,
  lastMessageId: one.lastMessageId,
  permissions: world.permissions(me.id, one).toString(),
  closed: closed(world, one, me),
  tags: tags(world, one),
  memberIds: one.type === ChannelType.PrivateThread ? [...(one.thread?.members.keys() ?? [])] : null,
})

/** Those that a forum has, and those that a post of it was given. */
const tags = (world: World, { forum, parentId, thread }: Channel): Protocol.Channel["tags"] => {
  const all = thread === null ? forum : world.channels.get(parentId ?? "")?.forum
  return (all?.tags ?? [])
    .filter(({ id }) => thread === null || thread.tags.includes(id))
    .map(({ id, name }) => ({ id, name }))
}

const closed = (world: World, one: Channel, me: User): string | null => {
  if (one.guildId === null) return null
  if (one.type === ChannelType.GuildCategory) return "A category holds channels, and no messages."
  const held = world.permissions(me.id, one)
  if (one.thread?.locked === true && !Permissions.has(held, Bit.ManageThreads))
    return "This thread is locked."
  if (Permissions.has(held, Permissions.toSend(one))) return null
  const until = timeoutEnd(world, one.guildId, me.id)
  return until === null ? "You may not write here." : `You are in time-out until ${ends.format(until)} UTC.`
}

/** `21 November at 14:05:30`, as the page's clock has it. */
const ends = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
})

/** When a person's time-out ends, in milliseconds since 1970; `null` where they are in none. */
export const timeoutEnd = (world: World, guildId: string, userId: string): number | null => {
  const until = world.guilds.get(guildId)?.members.get(userId)?.timeoutUntil ?? null
  return until !== null && until > world.now() ? until : null
}

/** Whether a message is on a person's screen. */
export const sees = (world: World, me: User, one: Channel, message: Message): boolean =>
  message.ephemeralFor === null ? world.canSee(me.id, one) : message.ephemeralFor === me.id

/** Whether a person is shown messages of before they came: else what comes while they look, and what is theirs alone. */
export const remembers = (world: World, me: User, one: Channel): boolean =>
  Permissions.has(world.permissions(me.id, one), Bit.ReadMessageHistory)

/** A message as it is on a person's screen. */
export const message = (world: World, me: User, one: Message): Protocol.Message => ({
  // Discord's own shape, which the sandbox writes as it writes it to the bot.
  message: Wire.message(world, one) as unknown as APIMessage,
  avatar: webhookAvatar(world, one),
  ephemeral: one.ephemeralFor !== null,
  thinking: (one.flags & MessageFlags.Loading) !== 0,
  reacted: [...one.reactions].flatMap(([key, { users }]) => (users.has(me.id) ? [key] : [])),
  voted: [...(one.poll?.votes ?? [])].flatMap(([answer, users]) => (users.has(me.id) ? [answer] : [])),
})

/** A thread begins with a message that shows another one: then it is that one's. Pictures of elsewhere are not shown. */
const webhookAvatar = (world: World, { reference, type, webhook }: Message): string | null => {
  const original = world.channels.get(reference?.channelId ?? "")?.messages.get(reference?.messageId ?? "")
  const by = type === MessageType.ThreadStarterMessage ? original?.webhook : webhook
  if (by === null || by === undefined) return null
  const own = `${world.origin}/`
  return by.avatar?.startsWith(own) === true
    ? by.avatar.slice(own.length - 1)
    : picture(world, `avatars/${by.id}`, by.avatar)
}

/** The newest messages that a person sees in a channel, or those before one. */
export const history = (world: World, me: User, one: Channel, before: string | null): Protocol.History => {
  const recalls = remembers(world, me, one)
  const all = [...one.messages.values()].filter(
    (each) =>
      sees(world, me, one, each) &&
      (recalls || each.ephemeralFor !== null) &&
      (before === null || Snowflake.compare(each.id, before) < 0),
  )
  const newest = all.slice(-pageOfHistory)
  return { messages: newest.map((each) => message(world, me, each)), more: all.length > newest.length }
}

/** An interaction as its person sees it. */
export const interaction = (one: Interactions.Interaction): Protocol.Interaction => ({
  id: one.id,
  channelId: one.channel.id,
  messageId: one.source?.id ?? null,
  name: one.name ?? null,
  state: one.state._tag,
  reason: one.state._tag === "Failed" ? one.state.reason : null,
})

/** Whether nothing more comes of it on the screen, but messages. */
export const isOver = (state: State): boolean => !Interactions.isOpen(state) && state._tag !== "Acknowledged"

/** The faults at work. */
export const faults = (sandbox: Sandbox): Protocol.Faults => {
  const running = sandbox.faults.running()
  return {
    plan: running === null ? null : Plan.print(running.plan),
    counts: { ...sandbox.faults.counts() },
    presets: Plan.presets,
  }
}
