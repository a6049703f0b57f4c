/**
 * Routes of members: what one sees, moderation with Discord's ranks, and pruning. `PUT` adds somebody with their
 * OAuth2 token, which nobody has here.
 *
 * @module
 */
import { GuildMemberFlags } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import { Form, isObject } from "../../form/Form.js"
import * as ImageForm from "../../form/ImageForm.js"
import type { Guild, Json, Member } from "../../model/Model.js"
import * as Members from "../../world/Members.js"
import * as Pictures from "../../world/Pictures.js"
import * as Page from "../Page.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Action } = AuditLog
const { Bit } = Permissions

/** Discord: a time-out lasts at most 28 days. */
const longestTimeout = 28 * 86_400_000

/** A role that the bot may give and take: below its own highest, and not managed. */
const assignable = (world: World, guild: Guild, id: string): void => {
  const role = guild.roles.get(id)
  if (role === undefined) throw ApiError.unknownRole()
  if (role.managed || role.id === guild.id) throw ApiError.missingPermissions()
  if (Permissions.rank(guild, world.self(guild)) <= role.position) throw ApiError.missingPermissions()
}

/** What a body says of a membership; nobody here is ever in a voice channel (40032). */
const read = (world: World, body: Json): Members.Changes => {
  const form = Form.make()
  const nick = form.at("nick").text(body["nick"], { max: 32 })
  const until = form
    .at("communication_disabled_until")
    .text(body["communication_disabled_until"], { max: 64 })
  const millis = until === undefined ? null : Date.parse(until)
  if (millis !== null && Number.isNaN(millis))
    form.at("communication_disabled_until").fail("DATE_TIME_TYPE_PARSE", `Could not parse ${until}.`)
  else if (millis !== null && millis > world.now() + longestTimeout)
    form
      .at("communication_disabled_until")
      .fail("GUILD_COMMUNICATION_DISABLED_UNTIL_TOO_LONG", "A time-out ends within 28 days.")
  const roles = form.at("roles").snowflakes(body["roles"], 250)
  const flags = form.at("flags").integer(body["flags"], 0, 2_147_483_647)
  form.at("mute").boolean(body["mute"])
  form.at("deaf").boolean(body["deaf"])
  form.at("channel_id").snowflake(body["channel_id"])
  form.done()
  if (["mute", "deaf", "channel_id"].some((name) => body[name] !== undefined && body[name] !== null))
    throw ApiError.notConnectedToVoice()
  return {
    ...("nick" in body ? { nick: nick === undefined || nick === "" ? null : nick } : {}),
    ...("communication_disabled_until" in body ? { timeoutUntil: millis } : {}),
    ...(roles === undefined ? {} : { roles }),
    ...(flags === undefined ? {} : { flags }),
  }
}

const needFor = (world: World, guild: Guild, member: Member, changes: Members.Changes): void => {
  const self = member.userId === world.bot.id
  if (changes.nick !== undefined) {
    world.need(guild, self ? Bit.ChangeNickname : Bit.ManageNicknames)
    if (!self) world.needAbove(guild, member)
  }
  if (changes.timeoutUntil !== undefined) {
    world.need(guild, Bit.ModerateMembers)
    const exempt = Permissions.has(Permissions.inGuild(guild, member, world.now()), Bit.Administrator)
    if (exempt) throw ApiError.missingPermissions()
    world.needAbove(guild, member)
  }
  if (changes.roles !== undefined) {
    world.need(guild, Bit.ManageRoles)
    const { roles } = changes
    for (const id of roles) if (!member.roles.includes(id)) assignable(world, guild, id)
    for (const id of member.roles) if (!roles.includes(id)) assignable(world, guild, id)
  }
  if (changes.flags !== undefined && changes.flags !== member.flags) {
    // Discord: either of the first two, or all of the last three.
    const held = Permissions.inGuild(guild, world.self(guild), world.now())
    const enough = [Bit.ManageGuild, Bit.ManageRoles, Bit.ModerateMembers | Bit.KickMembers | Bit.BanMembers]
    if (!enough.some((bits) => Permissions.has(held, bits))) throw ApiError.missingPermissions()
  }
}

const named = (guild: Guild, ids: ReadonlyArray<string>) =>
  ids.map((id) => ({ id, name: guild.roles.get(id)?.name ?? "" }))

/** Notes roles that came and went, in Discord's own way of telling it. */
const noteRoles = (call: Call, guild: Guild, member: Member, former: ReadonlyArray<string>): void => {
  const came = member.roles.filter((id) => !former.includes(id))
  const went = former.filter((id) => !member.roles.includes(id))
  if (came.length + went.length === 0) return
  const changes = [
    ...(came.length === 0 ? [] : [{ key: "$add", new: named(guild, came) }]),
    ...(went.length === 0 ? [] : [{ key: "$remove", new: named(guild, went) }]),
  ]
  AuditLog.note(call.world, guild, Action.MemberRoleUpdate, member.userId, call.reason, { changes })
}

/** What an entry of the audit log tells of a member; roles have entries of their own, and one's own pictures none. */
const loggedOf = (member: Member): Json => {
  const { avatar: _, banner: __, roles: ___, ...told } = Wire.memberAlone(member)
  return told
}

const change = (call: Call<"guild">, guild: Guild, member: Member, looks: Members.Looks = {}): Json => {
  const { world } = call
  const changes = read(world, object(call))
  needFor(world, guild, member, changes)
  const before = loggedOf(member)
  const roles = member.roles
  const flags =
    changes.flags === undefined
      ? {}
      : // Only this one is anybody's to set.
        {
          flags:
            (member.flags & ~GuildMemberFlags.BypassesVerification) |
            (changes.flags & GuildMemberFlags.BypassesVerification),
        }
  Members.change(world, guild, member, { ...changes, ...flags, looks })
  const told = AuditLog.changes(before, loggedOf(member))
  if (told.length > 0)
    AuditLog.note(world, guild, Action.MemberUpdate, member.userId, call.reason, { changes: told })
  noteRoles(call, guild, member, roles)
  return Wire.member(world, member)
}

/** Gives or takes one role. */
const setRole = (call: Call<"guild" | "user" | "role">, on: boolean): void => {
  const { params, world } = call
  const guild = world.guild(params.guild)
  world.need(guild, Bit.ManageRoles)
  const member = world.member(guild, params.user)
  assignable(world, guild, params.role)
  if (member.roles.includes(params.role) === on) return
  const former = member.roles
  const roles = on ? [...former, params.role] : former.filter((id) => id !== params.role)
  Members.change(world, guild, member, { roles })
  noteRoles(call, guild, member, former)
}

/** Who would be pruned by what is asked, in the query or in the body: only who stands below the bot. */
const pruned = (call: Call<"guild">, guild: Guild, asked: Json) => {
  call.world.need(guild, Bit.KickMembers | Bit.ManageGuild)
  const form = Form.make()
  const days = form.at("days").integer(asked["days"], 1, 30) ?? 7
  const given = asked["include_roles"]
  const list = typeof given === "string" ? given.split(",").filter((id) => id !== "") : given
  const roles = form.at("include_roles").snowflakes(list, 250) ?? []
  form.done()
  for (const id of roles) if (!guild.roles.has(id)) throw ApiError.unknownRole()
  const self = call.world.self(guild)
  const gone = Members.silent(call.world, guild, days, roles)
  return { days, gone: gone.filter((member) => Permissions.outranks(guild, self, member)) }
}

export const routes: ReadonlyArray<Route> = [
  // Nobody here is ever in a voice channel.
  make("GET", "/guilds/:guild/voice-states/:user", (call) => {
    call.world.guild(call.params.guild)
    throw ApiError.unknownVoiceState()
  }),
  make("GET", "/guilds/:guild/members", (call) => {
    const guild = call.world.guild(call.params.guild)
    if (!call.world.privilegedIntents.members) throw ApiError.missingAccess()
    const found = Page.byId(call.query, [...guild.members.values()], ({ userId }) => userId, 1_000, 1)
    return ok(found.map((member) => Wire.member(call.world, member)))
  }),
  make("GET", "/guilds/:guild/members/search", (call) => {
    const guild = call.world.guild(call.params.guild)
    const form = Form.make()
    const query = form.at("query").requiredText(call.query.get("query"), { min: 1, max: 100 }).toLowerCase()
    form.done()
    const found = [...guild.members.values()].filter((member) => {
      const { globalName, username } = call.world.user(member.userId)
      return [username, globalName, member.nick].some((name) => name?.toLowerCase().startsWith(query))
    })
    const limit = Page.limit(call.query, 1_000, 1)
    return ok(found.slice(0, limit).map((member) => Wire.member(call.world, member)))
  }),
  make("PATCH", "/guilds/:guild/members/@me", (call) => {
    const guild = call.world.guild(call.params.guild)
    const body = object(call)
    const form = Form.make()
    const picture = (field: string) => ImageForm.read(form.at(field), body[field], Pictures.imageLimit)
    const [avatar, banner] = [picture("avatar"), picture("banner")]
    form.at("bio").text(body["bio"], { max: 190 })
    form.done()
    const own = "nick" in body ? { nick: body["nick"] } : {}
    return ok(change({ ...call, body: own }, guild, call.world.self(guild), { avatar, banner }))
  }),
  make("GET", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    return ok(Wire.member(call.world, call.world.member(guild, call.params.user)))
  }),
  make("PATCH", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    return ok(change(call, guild, call.world.member(guild, call.params.user)))
  }),
  make("DELETE", "/guilds/:guild/members/:user", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.KickMembers)
    const member = call.world.member(guild, call.params.user)
    call.world.needAbove(guild, member)
    Members.leave(call.world, guild, member.userId)
    AuditLog.note(call.world, guild, Action.MemberKick, member.userId, call.reason)
    return nothing
  }),
  make("PUT", "/guilds/:guild/members/:user/roles/:role", (call) => {
    setRole(call, true)
    return nothing
  }),
  make("DELETE", "/guilds/:guild/members/:user/roles/:role", (call) => {
    setRole(call, false)
    return nothing
  }),
  make("GET", "/guilds/:guild/prune", (call) => {
    const guild = call.world.guild(call.params.guild)
    const include = call.query.getAll("include_roles")
    const asked = { days: call.query.get("days"), include_roles: include.join(",") }
    return ok({ pruned: pruned(call, guild, asked).gone.length })
  }),
  make("POST", "/guilds/:guild/prune", (call) => {
    const guild = call.world.guild(call.params.guild)
    const body = isObject(call.body) ? call.body : {}
    const { days, gone } = pruned(call, guild, body)
    for (const { userId } of gone) Members.leave(call.world, guild, userId)
    AuditLog.note(call.world, guild, Action.MemberPrune, null, call.reason, {
      options: { delete_member_days: String(days), members_removed: String(gone.length) },
    })
    return ok({ pruned: body["compute_prune_count"] === false ? null : gone.length })
  }),
]
