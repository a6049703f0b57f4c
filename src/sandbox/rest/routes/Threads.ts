/**
 * Routes of threads and their members.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import { Form } from "../../form/Form.js"
import * as Messages from "../../world/Messages.js"
import type { Channel, Json } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as ThreadMembers from "../../world/ThreadMembers.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

/** Minutes, as Discord offers them. */
const durations = [60, 1_440, 4_320, 10_080]

/** What a body says of a thread that is to be or to change. */
const fields = (body: Json, named: "required" | "optional"): Threads.Changes => {
  const form = Form.make()
  const bounds = { min: 1, max: 100 }
  const name =
    named === "required"
      ? form.at("name").requiredText(body["name"], bounds)
      : form.at("name").text(body["name"], bounds)
  const autoArchive = form.at("auto_archive_duration").oneOf(body["auto_archive_duration"], durations)
  const slow = form.at("rate_limit_per_user").integer(body["rate_limit_per_user"], 0, 21_600)
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...(autoArchive === undefined ? {} : { autoArchive }),
    ...(slow === undefined ? {} : { rateLimitPerUser: slow }),
    ...(typeof body["invitable"] === "boolean" ? { invitable: body["invitable"] } : {}),
    ...(typeof body["archived"] === "boolean" ? { archived: body["archived"] } : {}),
    ...(typeof body["locked"] === "boolean" ? { locked: body["locked"] } : {}),
  }
}

/** Threads are started in text channels: 50024 elsewhere. */
const parentOf = (call: Call<"channel">): Channel => {
  const channel = call.world.channel(call.params.channel)
  if (channel.type !== ChannelType.GuildText && channel.type !== ChannelType.GuildAnnouncement)
    throw ApiError.wrongChannelType()
  return channel
}

const threadOf = (call: Call<"channel">): Channel => Threads.of(call.world.channel(call.params.channel))

/** `PATCH /channels/:channel` where that is a thread. */
export const change = (world: World, channel: Channel, body: Json): Json => {
  const { thread } = Threads.of(channel)
  const changes = fields(body, "optional")
  const held = world.permissions(world.bot.id, channel)
  const wakes = changes.archived === false
  if (thread.archived && !wakes) throw ApiError.threadArchived()
  if (!Permissions.has(held, Bit.ManageThreads)) {
    const own = thread.ownerId === world.bot.id
    const wakesOnly = Object.keys(changes).length === 1 && wakes && !thread.locked
    const settled = changes.locked !== undefined || changes.rateLimitPerUser !== undefined
    if (!(wakesOnly ? thread.members.has(world.bot.id) || own : own && !settled && !thread.locked))
      throw ApiError.missingPermissions()
  }
  Threads.change(world, channel, world.bot.id, changes)
  return Wire.channel(world, channel)
}

const member = (world: World, channel: Channel, id: string, whole: boolean): Json => {
  const one = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)?.members.get(id)
  return {
    ...Wire.threadMember(channel, id),
    ...(whole && one !== undefined ? { member: Wire.member(world, one) } : {}),
  }
}

const listed = (world: World, threads: ReadonlyArray<Channel>): Json => ({
  threads: threads.map((thread) => Wire.channel(world, thread)),
  members: threads
    .filter((channel) => channel.thread?.members.has(world.bot.id) === true)
    .map((thread) => Wire.threadMember(thread, world.bot.id)),
})

const archived = (call: Call<"channel">, type: number): Json => {
  const channel = parentOf(call)
  call.world.needIn(channel, Bit.ReadMessageHistory)
  const guild = call.world.guild(channel.guildId ?? "")
  const found = [...guild.threads.values()]
    .filter((one) => one.parentId === channel.id && one.type === type && one.thread?.archived === true)
    .sort((a, b) => (b.thread?.archivedAt ?? 0) - (a.thread?.archivedAt ?? 0))
  return { ...listed(call.world, found), has_more: false }
}

export const routes: ReadonlyArray<Route> = [
  make("POST", "/channels/:channel/threads", (call) => {
    const { world } = call
    const parent = parentOf(call)
    const body = object(call)
    const form = Form.make()
    const types = [ChannelType.PublicThread, ChannelType.PrivateThread]
    const type = form.at("type").oneOf(body["type"] as number, types) ?? ChannelType.PrivateThread
    form.done()
    const wanted = fields(body, "required")
    world.needIn(
      parent,
      type === ChannelType.PrivateThread ? Bit.CreatePrivateThreads : Bit.CreatePublicThreads,
    )
    const options = { ...wanted, name: wanted.name ?? "", type, ownerId: world.bot.id }
    return { status: 201, body: Wire.channel(world, Threads.open(world, parent, options)) }
  }),
  make("POST", "/channels/:channel/messages/:message/threads", (call) => {
    const { world } = call
    const parent = parentOf(call)
    const message = Messages.find(parent, call.params.message)
    const wanted = fields(object(call), "required")
    world.needIn(parent, Bit.CreatePublicThreads | Bit.ReadMessageHistory)
    const options = { ...wanted, name: wanted.name ?? "", message, ownerId: world.bot.id }
    return { status: 201, body: Wire.channel(world, Threads.open(world, parent, options)) }
  }),
  make("GET", "/channels/:channel/thread-members", (call) => {
    const channel = threadOf(call)
    if (!call.world.privilegedIntents.members) throw ApiError.missingAccess()
    const whole = call.query.get("with_member") === "true"
    const ids = [...(channel.thread?.members.keys() ?? [])].sort(Snowflake.compare)
    return ok(ids.map((id) => member(call.world, channel, id, whole)))
  }),
  make("GET", "/channels/:channel/thread-members/:user", (call) => {
    const channel = threadOf(call)
    const id = call.params.user === "@me" ? call.world.bot.id : call.params.user
    if (channel.thread?.members.has(id) !== true) throw ApiError.unknownMember()
    return ok(member(call.world, channel, id, call.query.get("with_member") === "true"))
  }),
  make("PUT", "/channels/:channel/thread-members/@me", (call) => {
    const channel = threadOf(call)
    Threads.needActive(channel)
    ThreadMembers.add(call.world, channel, [call.world.bot.id])
    return nothing
  }),
  make("DELETE", "/channels/:channel/thread-members/@me", (call) => {
    const channel = threadOf(call)
    Threads.needActive(channel)
    ThreadMembers.remove(call.world, channel, [call.world.bot.id])
    return nothing
  }),
  make("PUT", "/channels/:channel/thread-members/:user", (call) => {
    const { world } = call
    const channel = threadOf(call)
    Threads.needActive(channel)
    if (!ThreadMembers.mayAdd(world, channel, world.bot.id)) throw ApiError.missingPermissions()
    const { userId } = world.member(world.guild(channel.guildId ?? ""), call.params.user)
    Threads.invite(world, channel, world.bot.id, userId)
    return nothing
  }),
  make("DELETE", "/channels/:channel/thread-members/:user", (call) => {
    const { world } = call
    const channel = threadOf(call)
    Threads.needActive(channel)
    const own = channel.type === ChannelType.PrivateThread && channel.thread?.ownerId === world.bot.id
    if (!own) world.needIn(channel, Bit.ManageThreads)
    if (channel.thread?.members.has(call.params.user) !== true) throw ApiError.unknownMember()
    Threads.expel(world, channel, world.bot.id, call.params.user)
    return nothing
  }),
  make("GET", "/guilds/:guild/threads/active", (call) => {
    const { world } = call
    const active = [...world.guild(call.params.guild).threads.values()].filter(
      (one) => one.thread?.archived === false && world.canSee(world.bot.id, one),
    )
    return ok(listed(world, active.toReversed()))
  }),
  make("GET", "/channels/:channel/threads/archived/public", (call) =>
    ok(archived(call, ChannelType.PublicThread)),
  ),
  make("GET", "/channels/:channel/threads/archived/private", (call) => {
    call.world.needIn(parentOf(call), Bit.ManageThreads)
    return ok(archived(call, ChannelType.PrivateThread))
  }),
]
