/**
 * Routes of threads and forum posts: started, changed, listed.
 *
 * @module
 */
import { ChannelFlags, ChannelType } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as Content from "../../world/Content.js"
import { Form, isObject } from "../../form/Form.js"
import * as Forums from "../../world/Forums.js"
import * as MessageForm from "../../form/MessageForm.js"
import * as Messages from "../../world/Messages.js"
import type { Channel, Guild, Json } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, created, make, object, ok, type Route } from "../Route.js"
import * as SendRules from "../../world/SendRules.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as ThreadForm from "../../form/ThreadForm.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Action } = AuditLog
const { Bit } = Permissions

/** Where threads can be: 50024 elsewhere. */
const parentOf = (call: Call<"channel">): { readonly guild: Guild; readonly parent: Channel } => {
  const parent = call.world.channel(call.params.channel)
  const { GuildAnnouncement, GuildForum, GuildText } = ChannelType
  if (parent.guildId === null || ![GuildText, GuildAnnouncement, GuildForum].includes(parent.type))
    throw ApiError.wrongChannelType()
  return { parent, guild: call.world.guild(parent.guildId) }
}

const noteStart = (call: Call, guild: Guild, thread: Channel): Json => {
  const shown = Wire.channel(call.world, thread)
  AuditLog.note(call.world, guild, Action.ThreadCreate, thread.id, call.reason, {
    changes: AuditLog.changes(null, shown),
  })
  return shown
}

/** A forum's post: the message's checks are those of any message. */
const post = (call: Call, guild: Guild, parent: Channel): Json => {
  const { world } = call
  const body = object(call)
  const { name = "", ...wanted } = ThreadForm.read(body, "required")
  const asked = body["message"]
  if (!isObject(asked) && call.files.length === 0) {
    const form = Form.make()
    form.at("message").required()
    form.done()
  }
  const draft = MessageForm.read(isObject(asked) ? asked : {}, { files: call.files })
  SendRules.check(world, parent, world.bot.id, draft, call.files)
  const options = { ...wanted, name, author: world.bot, ownerId: world.bot.id, draft, files: call.files }
  const { channel, message } = Forums.post(world, parent, options)
  return { ...noteStart(call, guild, channel), message: Content.shown(world, message) }
}

/** `PATCH /channels/:channel` where that is a thread. */
export const change = (call: Call, guild: Guild, channel: Channel): Json => {
  const { world } = call
  const { thread } = Threads.of(channel)
  const changes = ThreadForm.read(object(call), "optional")
  const held = world.permissions(world.bot.id, channel)
  const wakes = changes.archived === false
  if (thread.archived && !wakes) throw ApiError.threadArchived()
  if (!Permissions.has(held, Bit.ManageThreads)) {
    const own = thread.ownerId === world.bot.id
    const wakesOnly = Object.keys(changes).length === 1 && wakes && !thread.locked
    const settled =
      changes.locked !== undefined || changes.rateLimitPerUser !== undefined || changes.flags !== undefined
    const mayWake = Permissions.has(held, Bit.SendMessagesInThreads) || own
    if (!(wakesOnly ? mayWake : own && !settled && !thread.locked)) throw ApiError.missingPermissions()
  }
  const parent = guild.channels.get(channel.parentId ?? "")
  if (parent?.forum === null && (changes.tags !== undefined || (changes.flags ?? 0) !== 0))
    throw ApiError.wrongChannelType()
  if (changes.tags !== undefined && parent !== undefined)
    Forums.checkTags(world, parent, world.bot.id, thread.tags, changes.tags)
  if (((changes.flags ?? 0) & ChannelFlags.Pinned) !== 0) Forums.needFreePin(guild, channel)
  const before = Wire.channel(world, channel)
  Threads.change(world, channel, world.bot.id, changes)
  const after = Wire.channel(world, channel)
  const told = AuditLog.changes(
    { ...before, ...(before["thread_metadata"] as Json) },
    { ...after, ...(after["thread_metadata"] as Json) },
  ).filter(({ key }) => key !== "thread_metadata" && key !== "archive_timestamp")
  if (told.length > 0)
    AuditLog.note(world, guild, Action.ThreadUpdate, channel.id, call.reason, { changes: told })
  return after
}

const listed = (world: World, threads: ReadonlyArray<Channel>): Json => ({
  threads: threads.map((thread) => Wire.channel(world, thread)),
  members: threads
    .filter((channel) => channel.thread?.members.has(world.bot.id) === true)
    .map((thread) => Wire.threadMember(thread, world.bot.id)),
})

/** Those of a channel's archived threads that fit, newest first by what `before` counts, one page of them. */
const archived = (call: Call<"channel">, fits: (one: Channel) => boolean, by: "time" | "id"): Json => {
  const { guild, parent } = parentOf(call)
  call.world.needIn(parent, Bit.ReadMessageHistory)
  const form = Form.make()
  const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 2, 100) ?? 50
  const before = call.query.get("before")
  const until = before === null || by === "id" ? Number.POSITIVE_INFINITY : Date.parse(before)
  if (Number.isNaN(until)) form.at("before").fail("DATE_TIME_TYPE_PARSE", `Could not parse ${before}.`)
  if (by === "id") form.at("before").snowflake(before)
  form.done()
  const at = (one: Channel) => one.thread?.archivedAt ?? 0
  const found = [...guild.threads.values()]
    .filter((one) => one.parentId === parent.id && one.thread?.archived === true && fits(one))
    .filter((one) =>
      by === "time" ? at(one) < until : before === null || Snowflake.compare(one.id, before) < 0,
    )
    .toSorted((a, b) => (by === "time" ? at(b) - at(a) : 0) || Snowflake.compare(b.id, a.id))
  return { ...listed(call.world, found.slice(0, limit)), has_more: found.length > limit }
}

export const routes: ReadonlyArray<Route> = [
  make("POST", "/channels/:channel/threads", (call) => {
    const { world } = call
    const { guild, parent } = parentOf(call)
    if (parent.forum !== null) return created(post(call, guild, parent))
    const body = object(call)
    const form = Form.make()
    const types = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread]
    const type = form.at("type").oneOf(body["type"] as number, types) ?? ChannelType.PrivateThread
    form.done()
    const { name = "", ...wanted } = ThreadForm.read(body, "required")
    const thread = Threads.start(world, parent, { ...wanted, name, type, ownerId: world.bot.id })
    return created(noteStart(call, guild, thread))
  }),
  make("POST", "/channels/:channel/messages/:message/threads", (call) => {
    const { world } = call
    const { guild, parent } = parentOf(call)
    const message = Messages.find(parent, call.params.message)
    const { name = "", ...wanted } = ThreadForm.read(object(call), "required")
    const thread = Threads.start(world, parent, { ...wanted, name, message, ownerId: world.bot.id })
    return created(noteStart(call, guild, thread))
  }),
  make("GET", "/guilds/:guild/threads/active", (call) => {
    const { world } = call
    const active = [...world.guild(call.params.guild).threads.values()].filter(
      (one) => one.thread?.archived === false && world.canSee(world.bot.id, one),
    )
    return ok(listed(world, active.toReversed()))
  }),
  make("GET", "/channels/:channel/threads/archived/public", (call) =>
    ok(archived(call, ({ type }) => type !== ChannelType.PrivateThread, "time")),
  ),
  make("GET", "/channels/:channel/threads/archived/private", (call) => {
    call.world.needIn(parentOf(call).parent, Bit.ManageThreads)
    return ok(archived(call, ({ type }) => type === ChannelType.PrivateThread, "time"))
  }),
  make("GET", "/channels/:channel/users/@me/threads/archived/private", (call) => {
    const mine = ({ thread, type }: Channel) =>
      type === ChannelType.PrivateThread && thread?.members.has(call.world.bot.id) === true
    return ok(archived(call, mine, "id"))
  }),
]
