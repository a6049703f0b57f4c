/**
 * Routes of members: what one sees, and moderation with Discord's ranks.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import { Form } from "../../form/Form.js"
import * as Guilds from "../../world/Guilds.js"
import type { Guild, Json, Member } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

/** Discord: a time-out lasts at most 28 days. */
const longestTimeout = 28 * 86_400_000

const limitOf = (call: Call, preset: number): number => {
  const form = Form.make()
  const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 1_000) ?? preset
  form.done()
  return limit
}

/** A role that the bot may give and take: below its own highest, and not managed. */
const assignable = (world: World, guild: Guild, id: string): void => {
  const role = guild.roles.get(id)
  if (role === undefined) throw ApiError.unknownRole()
  if (role.managed || role.id === guild.id) throw ApiError.missingPermissions()
  if (Permissions.rank(guild, world.self(guild)) <= role.position) throw ApiError.missingPermissions()
}

const change = (world: World, guild: Guild, member: Member, body: Json): void => {
  const form = Form.make()
  const nick = form.at("nick").text(body["nick"], { max: 32 })
  const until = body["communication_disabled_until"]
  const millis = typeof until === "string" ? Date.parse(until) : null
  if (millis !== null && (Number.isNaN(millis) || millis > world.now() + longestTimeout)) {
    form.at("communication_disabled_until").fail("DATE_TIME_TYPE_PARSE", "A time-out ends within 28 days.")
  }
  form.done()
  const self = member.userId === world.bot.id
  if ("nick" in body) {
    world.need(guild, self ? Bit.ChangeNickname : Bit.ManageNicknames)
    if (!self) world.needAbove(guild, member)
  }
  if ("communication_disabled_until" in body) {
    world.need(guild, Bit.ModerateMembers)
    const exempt = Permissions.has(Permissions.inGuild(guild, member, world.now()), Bit.Administrator)
    if (exempt) throw ApiError.missingPermissions()
    world.needAbove(guild, member)
  }
  const roles = Array.isArray(body["roles"]) ? body["roles"].map(String) : undefined
  if (roles !== undefined) {
    world.need(guild, Bit.ManageRoles)
    for (const id of roles) if (!member.roles.includes(id)) assignable(world, guild, id)
    for (const id of member.roles) if (!roles.includes(id)) assignable(world, guild, id)
    member.roles = [...new Set(roles)]
  }
  if ("nick" in body) member.nick = nick === undefined || nick === "" ? null : nick
  if ("communication_disabled_until" in body) member.timeoutUntil = millis
  Guilds.memberChanged(world, guild, member)
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/members", (call) => {
    const guild = call.world.guild(call.params.guild)
    if (!call.world.privilegedIntents.members) throw ApiError.missingAccess()
    const after = call.query.get("after") ?? "0"
    const found = [...guild.members.values()]
      .filter((member) => Snowflake.compare(member.userId, after) > 0)
      .sort((a, b) => Snowflake.compare(a.userId, b.userId))
    return ok(found.slice(0, limitOf(call, 1)).map((member) => Wire.member(call.world, member)))
  }),
  make("GET", "/guilds/:guild/members/search", (call) => {
    const guild = call.world.guild(call.params.guild)
    const query = (call.query.get("query") ?? "").toLowerCase()
    const found = [...guild.members.values()].filter((member) => {
      const { globalName, username } = call.world.user(member.userId)
      return [username, globalName, member.nick].some((name) => name?.toLowerCase().startsWith(query))
    })
    return ok(found.slice(0, limitOf(call, 1)).map((member) => Wire.member(call.world, member)))
  }),
  make("PATCH", "/guilds/:guild/members/@me", (call) => {
    const guild = call.world.guild(call.params.guild)
    const member = call.world.self(guild)
    change(call.world, guild, member, object(call))
    return ok(Wire.member(call.world, member))
  }),
  make("GET", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    return ok(Wire.member(call.world, call.world.member(guild, call.params.user)))
  }),
  make("PATCH", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    const member = call.world.member(guild, call.params.user)
    change(call.world, guild, member, object(call))
    AuditLog.note(call.world, guild, AuditLog.Action.MemberUpdate, member.userId, call.reason)
    return ok(Wire.member(call.world, member))
  }),
  make("DELETE", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.KickMembers)
    const member = call.world.member(guild, call.params.user)
    call.world.needAbove(guild, member)
    Guilds.leave(call.world, guild, member.userId)
    AuditLog.note(call.world, guild, AuditLog.Action.MemberKick, member.userId, call.reason)
    return nothing
  }),
  make("PUT", "/guilds/:guild/members/:user/roles/:role", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageRoles)
    const member = call.world.member(guild, call.params.user)
    assignable(call.world, guild, call.params.role)
    if (!member.roles.includes(call.params.role)) {
      member.roles.push(call.params.role)
      Guilds.memberChanged(call.world, guild, member)
    }
    return nothing
  }),
  make("DELETE", "/guilds/:guild/members/:user/roles/:role", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageRoles)
    const member = call.world.member(guild, call.params.user)
    assignable(call.world, guild, call.params.role)
    if (member.roles.includes(call.params.role)) {
      member.roles = member.roles.filter((id) => id !== call.params.role)
      Guilds.memberChanged(call.world, guild, member)
    }
    return nothing
  }),
]
