/**
 * Routes of guilds, their channels and their roles.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import { Form } from "../../form/Form.js"
import * as Guilds from "../../world/Guilds.js"
import type { Channel, Guild, Json, Overwrite, Role } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { make, nothing, object, ok, type Route } from "../Route.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"
import { change as changeThread } from "./Threads.js"

const { Bit } = Permissions

const bits = (form: Form, value: unknown): bigint | undefined => {
  if (value === undefined || value === null) return undefined
  if (/^\d{1,20}$/.test(String(value))) return BigInt(String(value))
  form.fail("NUMBER_TYPE_COERCE", `Value "${String(value)}" is not int.`)
  return undefined
}

const overwritesOf = (form: Form, value: unknown): ReadonlyArray<Overwrite> =>
  form.list(value, 500).map((one, n) => ({
    id: String(one["id"]),
    type: one["type"] === 1 || one["type"] === "member" ? 1 : 0,
    allow: bits(form.at(n, "allow"), one["allow"]) ?? 0n,
    deny: bits(form.at(n, "deny"), one["deny"]) ?? 0n,
  }))

const roleOf = (guild: Guild, id: string): Role => {
  const role = guild.roles.get(id)
  if (role === undefined) throw ApiError.unknownRole()
  return role
}

/** The bot may only touch roles below its own. */
const needAboveRole = (world: World, guild: Guild, role: Role): void => {
  if (Permissions.rank(guild, world.self(guild)) <= role.position) throw ApiError.missingPermissions()
}

/** Nobody gives away what they do not have. */
const needOwnBits = (world: World, guild: Guild, wanted: bigint | undefined): void => {
  if (wanted !== undefined) world.need(guild, wanted)
}

const changeChannel = (channel: Channel, body: Json): void => {
  const form = Form.make()
  const name = form.at("name").text(body["name"], { min: 1, max: 100 })
  const topic = form.at("topic").text(body["topic"], { max: 1024 })
  const slow = form.at("rate_limit_per_user").integer(body["rate_limit_per_user"], 0, 21_600)
  const position = form.at("position").integer(body["position"], 0, 10_000)
  const overwrites =
    "permission_overwrites" in body
      ? overwritesOf(form.at("permission_overwrites"), body["permission_overwrites"])
      : undefined
  form.done()
  if (name !== undefined) channel.name = name
  if ("topic" in body) channel.topic = topic ?? null
  if (slow !== undefined) channel.rateLimitPerUser = slow
  if (position !== undefined) channel.position = position
  if (typeof body["nsfw"] === "boolean") channel.nsfw = body["nsfw"]
  if ("parent_id" in body) channel.parentId = typeof body["parent_id"] === "string" ? body["parent_id"] : null
  if (overwrites !== undefined) channel.overwrites = new Map(overwrites.map((one) => [one.id, one]))
}

const roleFields = (body: Json) => {
  const form = Form.make()
  const name = form.at("name").text(body["name"], { max: 100 })
  const permissions = bits(form.at("permissions"), body["permissions"])
  const color = form.at("color").integer(body["color"], 0, 0xff_ff_ff)
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(color === undefined ? {} : { color }),
    ...(typeof body["hoist"] === "boolean" ? { hoist: body["hoist"] } : {}),
    ...(typeof body["mentionable"] === "boolean" ? { mentionable: body["mentionable"] } : {}),
  }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild", (call) => {
    const guild = call.world.guild(call.params.guild)
    const counts = {
      approximate_member_count: guild.members.size,
      approximate_presence_count: guild.members.size,
    }
    return ok({ ...Wire.guild(guild), ...(call.query.get("with_counts") === "true" ? counts : {}) })
  }),
  make("PATCH", "/guilds/:guild", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageGuild)
    const form = Form.make()
    const name = form.at("name").text(object(call)["name"], { min: 2, max: 100 })
    form.done()
    if (name !== undefined) guild.name = name
    Guilds.changed(call.world, guild)
    return ok(Wire.guild(guild))
  }),
  make("GET", "/guilds/:guild/channels", (call) => {
    const guild = call.world.guild(call.params.guild)
    return ok([...guild.channels.values()].map((channel) => Wire.channel(call.world, channel)))
  }),
  make("POST", "/guilds/:guild/channels", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageChannels)
    const body = object(call)
    const form = Form.make()
    const name = form.at("name").requiredText(body["name"], { min: 1, max: 100 })
    const type = form.at("type").oneOf(body["type"] as number, [0, 2, 4, 5, 13, 15]) ?? 0
    const topic = form.at("topic").text(body["topic"], { max: 1024 })
    const overwrites = overwritesOf(form.at("permission_overwrites"), body["permission_overwrites"])
    form.done()
    const parentId = typeof body["parent_id"] === "string" ? body["parent_id"] : null
    const channel = Guilds.addChannel(call.world, guild, {
      name,
      type,
      topic: topic ?? null,
      parentId,
      nsfw: body["nsfw"] === true,
      overwrites,
    })
    return { status: 201, body: Wire.channel(call.world, channel) }
  }),
  make("GET", "/channels/:channel", (call) =>
    ok(Wire.channel(call.world, call.world.channel(call.params.channel))),
  ),
  make("PATCH", "/channels/:channel", (call) => {
    const channel = call.world.channel(call.params.channel)
    if (channel.guildId === null) throw ApiError.notInDirectMessage()
    if (channel.thread !== null) return ok(changeThread(call.world, channel, object(call)))
    call.world.needIn(channel, Bit.ManageChannels)
    changeChannel(channel, object(call))
    Guilds.channelChanged(call.world, channel)
    return ok(Wire.channel(call.world, channel))
  }),
  make("DELETE", "/channels/:channel", (call) => {
    const channel = call.world.channel(call.params.channel)
    const shown = Wire.channel(call.world, channel)
    if (channel.guildId === null) return ok(shown)
    call.world.needIn(channel, channel.thread === null ? Bit.ManageChannels : Bit.ManageThreads)
    if (channel.thread === null) Guilds.removeChannel(call.world, channel)
    else Threads.remove(call.world, channel)
    return ok(shown)
  }),
  make("PUT", "/channels/:channel/permissions/:target", (call) => {
    const channel = call.world.channel(call.params.channel)
    call.world.needIn(channel, Bit.ManageRoles)
    const form = Form.make()
    const [overwrite] = overwritesOf(form, [{ ...object(call), id: call.params.target }])
    form.done()
    if (overwrite !== undefined) Guilds.setOverwrite(call.world, channel, overwrite)
    return nothing
  }),
  make("DELETE", "/channels/:channel/permissions/:target", (call) => {
    const channel = call.world.channel(call.params.channel)
    call.world.needIn(channel, Bit.ManageRoles)
    if (channel.overwrites.delete(call.params.target)) Guilds.channelChanged(call.world, channel)
    return nothing
  }),
  make("GET", "/guilds/:guild/roles", (call) =>
    ok([...call.world.guild(call.params.guild).roles.values()].map(Wire.role)),
  ),
  make("GET", "/guilds/:guild/roles/:role", (call) =>
    ok(Wire.role(roleOf(call.world.guild(call.params.guild), call.params.role))),
  ),
  make("POST", "/guilds/:guild/roles", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageRoles)
    const fields = roleFields(object(call))
    needOwnBits(call.world, guild, fields.permissions)
    return ok(Wire.role(Guilds.addRole(call.world, guild, { name: "new role", ...fields })))
  }),
  make("PATCH", "/guilds/:guild/roles/:role", (call) => {
    const guild = call.world.guild(call.params.guild)
    const role = roleOf(guild, call.params.role)
    call.world.need(guild, Bit.ManageRoles)
    needAboveRole(call.world, guild, role)
    const fields = roleFields(object(call))
    needOwnBits(call.world, guild, fields.permissions)
    Object.assign(role, fields)
    Guilds.roleChanged(call.world, guild, role)
    return ok(Wire.role(role))
  }),
  make("DELETE", "/guilds/:guild/roles/:role", (call) => {
    const guild = call.world.guild(call.params.guild)
    const role = roleOf(guild, call.params.role)
    call.world.need(guild, Bit.ManageRoles)
    needAboveRole(call.world, guild, role)
    if (role.managed || role.id === guild.id) throw ApiError.missingPermissions()
    Guilds.removeRole(call.world, guild, role)
    return nothing
  }),
]
