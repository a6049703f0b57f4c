/**
 * Routes of bans, one by one and in bulk.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as Bans from "../../world/Bans.js"
import { Form } from "../../form/Form.js"
import type { Ban, Guild, Json } from "../../model/Model.js"
import * as Page from "../Page.js"
import * as Permissions from "../../world/Permissions.js"
import { make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

/** Discord: a bulk ban takes at most 200 users. */
const bulk = 200
/** Discord: at most seven days of messages. */
const longest = 604_800

const wire = (world: World, { reason, userId }: Ban): Json => ({
  reason,
  user: Wire.user(world.user(userId)),
})

/** Bans a user, and deletes what they wrote within the last seconds. */
const ban = (world: World, guild: Guild, userId: string, reason: string | null, seconds: number): void => {
  Bans.add(world, guild, userId, reason)
  AuditLog.note(world, guild, AuditLog.Action.MemberBanAdd, userId, reason)
  Bans.purge(world, guild, userId, seconds)
}

/** Whether a bulk ban would take them: known, not banned yet, and below the bot. */
const bannable = (world: World, guild: Guild, id: string): boolean => {
  if (!world.users.has(id) || guild.bans.has(id) || id === world.bot.id || id === guild.ownerId) return false
  const member = guild.members.get(id)
  return member === undefined || Permissions.outranks(guild, world.self(guild), member)
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/bans", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.BanMembers)
    const bans = Page.byId(call.query, [...guild.bans.values()], ({ userId }) => userId, 1_000, 1_000)
    return ok(bans.map((one) => wire(call.world, one)))
  }),
  make("GET", "/guilds/:guild/bans/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.BanMembers)
    const found = guild.bans.get(call.params.user)
    if (found === undefined) throw ApiError.unknownBan()
    return ok(wire(call.world, found))
  }),
  make("PUT", "/guilds/:guild/bans/:user", (call) => {
    const { params, world } = call
    const guild = world.guild(params.guild)
    world.need(guild, Bit.BanMembers)
    const user = world.user(params.user)
    const member = guild.members.get(user.id)
    if (member !== undefined) world.needAbove(guild, member)
    const body = object(call)
    const form = Form.make()
    const days = form.at("delete_message_days").integer(body["delete_message_days"], 0, 7) ?? 0
    const seconds =
      form.at("delete_message_seconds").integer(body["delete_message_seconds"], 0, longest) ?? days * 86_400
    form.done()
    if (!guild.bans.has(user.id)) ban(world, guild, user.id, call.reason, seconds)
    return nothing
  }),
  make("DELETE", "/guilds/:guild/bans/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.BanMembers)
    if (!guild.bans.has(call.params.user)) throw ApiError.unknownBan()
    Bans.remove(call.world, guild, call.params.user)
    AuditLog.note(call.world, guild, AuditLog.Action.MemberBanRemove, call.params.user, call.reason)
    return nothing
  }),
  make("POST", "/guilds/:guild/bulk-ban", (call) => {
    const { params, world } = call
    const guild = world.guild(params.guild)
    world.need(guild, Bit.BanMembers | Bit.ManageGuild)
    const body = object(call)
    const asked = body["user_ids"]
    const form = Form.make()
    const at = form.at("user_ids")
    if (asked === undefined || asked === null) at.required()
    if (Array.isArray(asked) && (asked.length < 1 || asked.length > bulk))
      at.fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${bulk} in length.`)
    const unique = at.snowflakes(asked, Number.POSITIVE_INFINITY) ?? []
    const seconds = form.at("delete_message_seconds").integer(body["delete_message_seconds"], 0, longest) ?? 0
    form.done()
    const banned = unique.filter((id) => bannable(world, guild, id))
    if (banned.length === 0) throw ApiError.nobodyBanned()
    for (const id of banned) ban(world, guild, id, call.reason, seconds)
    return ok({ banned_users: banned, failed_users: unique.filter((id) => !banned.includes(id)) })
  }),
]
