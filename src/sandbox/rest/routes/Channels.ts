/**
 * Routes of a guild's channels, their order and their overwrites.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as ChannelForm from "../../form/ChannelForm.js"
import * as Channels from "../../world/Channels.js"
import { Form, isObject } from "../../form/Form.js"
import * as Forums from "../../world/Forums.js"
import type { Channel, Guild, Json, Overwrite } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, created, make, nothing, object, ok, type Route } from "../Route.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"
import { change as changeThread } from "./Threads.js"

const { Action } = AuditLog
const { Bit } = Permissions

/**
 * Nobody allows or denies others what they do not have in the guild, or in a channel that lets them manage its
 * permissions, nor takes that back; and only for who is there. The right to manage permissions is for administrators
 * to hand on.
 */
const needOverwrites = (
  world: World,
  guild: Guild,
  channel: Channel | null,
  wanted: ReadonlyArray<Overwrite>,
): void => {
  const self = world.self(guild)
  const former = channel?.overwrites
  const manages = [world.bot.id, ...self.roles].some((id) =>
    Permissions.has(former?.get(id)?.allow ?? 0n, Bit.ManageRoles),
  )
  const base = Permissions.inGuild(guild, self, world.now())
  const held = channel !== null && manages ? base | world.permissions(world.bot.id, channel) : base
  for (const one of wanted) {
    const old = former?.get(one.id)
    if (old === undefined && !(one.type === 0 ? guild.roles.has(one.id) : world.users.has(one.id)))
      throw ApiError.unknownOverwrite()
    const moved = (one.allow ^ (old?.allow ?? 0n)) | (one.deny ^ (old?.deny ?? 0n))
    const handsOn = (moved & Bit.ManageRoles) !== 0n
    if (!Permissions.has(held, moved) || (handsOn && !Permissions.has(base, Bit.Administrator)))
      throw ApiError.missingPermissions()
  }
}

/** An overwrite that says nothing any more. */
const without = (one: Overwrite): Overwrite => ({ ...one, allow: 0n, deny: 0n })

/** As `needOverwrites`, where these take the place of all that the channel has. */
const needInstead = (
  world: World,
  guild: Guild,
  channel: Channel,
  wanted: ReadonlyArray<Overwrite>,
): void => {
  world.needIn(channel, Bit.ManageRoles)
  const kept = new Set(wanted.map(({ id }) => id))
  const gone = [...channel.overwrites.values()].filter(({ id }) => !kept.has(id)).map(without)
  needOverwrites(world, guild, channel, [...wanted, ...gone])
}

const sameTagName = (tags: ReadonlyArray<{ readonly name: string }>): boolean =>
  new Set(tags.map(({ name }) => name.toLowerCase())).size < tags.length

const add = (call: Call<"guild">): Json => {
  const { world } = call
  const guild = world.guild(call.params.guild)
  world.need(guild, Bit.ManageChannels)
  const body = object(call)
  const form = Form.make()
  const type = form.at("type").oneOf(body["type"] as number, Channels.kinds) ?? ChannelType.GuildText
  form.done()
  const { name = "", ...fields } = ChannelForm.read(body, type, guild, () => world.id(), null)
  if (sameTagName(fields.forum?.tags ?? [])) throw ApiError.tagNamesNotUnique()
  needOverwrites(world, guild, null, fields.overwrites ?? [])
  const channel = Channels.add(world, guild, { ...fields, name, type })
  const shown = Wire.channel(world, channel)
  AuditLog.note(world, guild, Action.ChannelCreate, channel.id, call.reason, {
    changes: AuditLog.changes(null, shown),
  })
  return shown
}

const change = (call: Call<"channel">, guild: Guild, channel: Channel): Json => {
  const { world } = call
  world.needIn(channel, Bit.ManageChannels)
  const body = object(call)
  const type = body["type"]
  if (type !== undefined && type !== null && type !== channel.type) {
    // Text and announcements turn into each other, nothing else does.
    const pair: ReadonlyArray<unknown> = [ChannelType.GuildText, ChannelType.GuildAnnouncement]
    if (!pair.includes(type) || !pair.includes(channel.type)) {
      const form = Form.make()
      form.at("type").fail("BASE_TYPE_CHOICES", `Value must be one of {${pair.join(", ")}}.`)
      form.done()
    }
  }
  const fields = ChannelForm.read(body, channel.type, guild, () => world.id(), channel)
  if (sameTagName(fields.forum?.tags ?? [])) throw ApiError.tagNamesNotUnique()
  if (fields.overwrites !== undefined) needInstead(world, guild, channel, fields.overwrites)
  const before = Wire.channel(world, channel)
  Channels.change(world, guild, channel, {
    ...fields,
    ...(typeof type === "number" ? { type } : {}),
  })
  if (fields.forum?.tags !== undefined) Forums.forgetTags(guild, channel)
  const after = Wire.channel(world, channel)
  const changes = AuditLog.changes(before, after)
  if (changes.length > 0)
    AuditLog.note(world, guild, Action.ChannelUpdate, channel.id, call.reason, { changes })
  return after
}

const remove = (call: Call<"channel">, guild: Guild, channel: Channel): void => {
  const { world } = call
  const thread = channel.thread !== null
  world.needIn(channel, thread ? Bit.ManageThreads : Bit.ManageChannels)
  const { rulesChannelId, updatesChannelId } = guild.settings
  if (channel.id === rulesChannelId || channel.id === updatesChannelId) throw ApiError.requiredForCommunity()
  const changes = AuditLog.changes(Wire.channel(world, channel), null)
  if (thread) Threads.remove(world, channel)
  else Channels.remove(world, channel)
  const action = thread ? Action.ThreadDelete : Action.ChannelDelete
  AuditLog.note(world, guild, action, channel.id, call.reason, { changes })
}

/** What the log says of an overwrite. */
const about = (guild: Guild, one: Overwrite): Readonly<Record<string, string>> => ({
  id: one.id,
  type: String(one.type),
  ...(one.type === 0 ? { role_name: guild.roles.get(one.id)?.name ?? "" } : {}),
})

const wireOverwrite = (one: Overwrite | undefined): Json | null =>
  one === undefined ? null : { allow: one.allow.toString(), deny: one.deny.toString() }

const movesOf = (call: Call, guild: Guild): ReadonlyArray<Channels.Move> => {
  const form = Form.make()
  const moves = (Array.isArray(call.body) ? call.body : []).map((one: unknown, n): Channels.Move => {
    const entry = isObject(one) ? one : {}
    if (entry["id"] === undefined) form.at(n, "id").required()
    const position = form.at(n, "position").integer(entry["position"], 0, 2_147_483_647)
    const parentId = form.at(n, "parent_id").snowflake(entry["parent_id"])
    const lock = form.at(n, "lock_permissions").boolean(entry["lock_permissions"])
    return {
      id: form.at(n, "id").snowflake(entry["id"]) ?? "",
      ...(position === undefined ? {} : { position }),
      ...("parent_id" in entry ? { parentId: parentId ?? null } : {}),
      ...(lock === undefined ? {} : { lockPermissions: lock }),
    }
  })
  if (!Array.isArray(call.body)) form.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
  form.done()
  if (moves.some(({ id }) => !guild.channels.has(id))) throw ApiError.unknownChannel()
  const adopted = moves.filter(
    ({ id, parentId }) => parentId !== undefined && parentId !== guild.channels.get(id)?.parentId,
  )
  if (adopted.length > 1) throw ApiError.oneParentAtATime()
  for (const move of moves) {
    const channel = guild.channels.get(move.id)
    const overwrites = channel === undefined ? undefined : Channels.adopted(guild, channel, move)
    if (channel !== undefined && overwrites !== undefined)
      needInstead(call.world, guild, channel, [...overwrites.values()])
  }
  return moves
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/channels", (call) => {
    const guild = call.world.guild(call.params.guild)
    return ok([...guild.channels.values()].map((channel) => Wire.channel(call.world, channel)))
  }),
  make("POST", "/guilds/:guild/channels", (call) => created(add(call))),
  make("PATCH", "/guilds/:guild/channels", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageChannels)
    Channels.reorder(call.world, guild, movesOf(call, guild))
    return nothing
  }),
  make("GET", "/channels/:channel", (call) =>
    ok(Wire.channel(call.world, call.world.channel(call.params.channel))),
  ),
  make("PATCH", "/channels/:channel", (call) => {
    const { channel, guild } = call.world.place(call.params.channel)
    return ok(channel.thread === null ? change(call, guild, channel) : changeThread(call, guild, channel))
  }),
  make("DELETE", "/channels/:channel", (call) => {
    const channel = call.world.channel(call.params.channel)
    const shown = Wire.channel(call.world, channel)
    // A direct message is closed, and opens again with the next one.
    if (channel.guildId !== null) remove(call, call.world.guild(channel.guildId), channel)
    return ok(shown)
  }),
  make("PUT", "/channels/:channel/permissions/:target", (call) => {
    const { world } = call
    const { channel, guild } = world.place(call.params.channel)
    if (channel.thread !== null) throw ApiError.wrongChannelType()
    world.needIn(channel, Bit.ManageRoles)
    const body = object(call)
    const form = Form.make()
    if (body["type"] === undefined || body["type"] === null) form.at("type").required()
    // The field's place is that of the body itself, not of a list.
    const type = form.at("type").oneOf(body["type"] as 0 | 1, [0, 1]) ?? 0
    const wanted: Overwrite = {
      id: call.params.target,
      type,
      allow: form.at("allow").bits(body["allow"]) ?? 0n,
      deny: form.at("deny").bits(body["deny"]) ?? 0n,
    }
    form.done()
    const former = channel.overwrites.get(wanted.id)
    needOverwrites(world, guild, channel, [wanted])
    Channels.setOverwrite(world, channel, wanted)
    const action = former === undefined ? Action.ChannelOverwriteCreate : Action.ChannelOverwriteUpdate
    AuditLog.note(world, guild, action, channel.id, call.reason, {
      changes: AuditLog.changes(wireOverwrite(former), wireOverwrite(wanted)),
      options: about(guild, wanted),
    })
    return nothing
  }),
  make("DELETE", "/channels/:channel/permissions/:target", (call) => {
    const { world } = call
    const { channel, guild } = world.place(call.params.channel)
    world.needIn(channel, Bit.ManageRoles)
    const former = channel.overwrites.get(call.params.target)
    if (former === undefined) throw ApiError.unknownOverwrite()
    needOverwrites(world, guild, channel, [without(former)])
    Channels.removeOverwrite(world, channel, former.id)
    AuditLog.note(world, guild, Action.ChannelOverwriteDelete, channel.id, call.reason, {
      changes: AuditLog.changes(wireOverwrite(former), null),
      options: about(guild, former),
    })
    return nothing
  }),
]
