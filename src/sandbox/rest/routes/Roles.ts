/**
 * Routes of a guild's roles and their order.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import { Form, isObject } from "../../form/Form.js"
import type { Guild, Role } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import * as RoleForm from "../../form/RoleForm.js"
import * as Roles from "../../world/Roles.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Action } = AuditLog
const { Bit } = Permissions

/** Discord: the only three colors that go together. */
const holographic = [11_127_295, 16_759_788, 16_761_760]

const roleOf = (guild: Guild, id: string): Role => {
  const role = guild.roles.get(id)
  if (role === undefined) throw ApiError.unknownRole()
  return role
}

/** The bot may only touch roles below its own. */
const needAbove = (world: World, guild: Guild, role: Role): void => {
  if (Permissions.rank(guild, world.self(guild)) <= role.position) throw ApiError.missingPermissions()
}

/** Nobody gives away what they do not have; a sign beside the name and a gradient take boosts. */
const needFor = (world: World, guild: Guild, fields: Roles.Fields, former: bigint): void => {
  if (fields.permissions !== undefined) world.need(guild, fields.permissions & ~former)
  const { features } = guild.settings
  const sign = typeof fields.unicodeEmoji === "string" || isObject(fields.icon)
  if (sign && !features.includes("ROLE_ICONS")) throw ApiError.needsBoosts()
  const gradient = typeof fields.secondaryColor === "number" || typeof fields.tertiaryColor === "number"
  if (gradient && !features.includes("ENHANCED_ROLE_COLORS")) throw ApiError.needsBoosts()
  const { color, secondaryColor, tertiaryColor } = fields
  if (typeof tertiaryColor === "number" && `${[color, secondaryColor, tertiaryColor]}` !== `${holographic}`)
    throw ApiError.invalidRoleColor()
}

const movesOf = (call: Call, guild: Guild): ReadonlyArray<Roles.Move> => {
  const form = Form.make()
  if (!Array.isArray(call.body)) form.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
  const moves = (Array.isArray(call.body) ? call.body : []).flatMap((one: unknown, n) => {
    const entry = isObject(one) ? one : {}
    if (entry["id"] === undefined || entry["id"] === null) form.at(n, "id").required()
    const id = form.at(n, "id").snowflake(entry["id"]) ?? ""
    const position = form.at(n, "position").integer(entry["position"], 0, 2_147_483_647)
    return position === undefined ? [] : [{ id, position }]
  })
  form.done()
  for (const { id } of moves) roleOf(guild, id)
  // `@everyone` stands at the bottom for good, and nobody goes below it.
  if (moves.some(({ id, position }) => (id === guild.id) !== (position === 0))) throw ApiError.invalidRole()
  return moves.filter(({ id }) => id !== guild.id)
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/roles", (call) =>
    ok([...call.world.guild(call.params.guild).roles.values()].map(Wire.role)),
  ),
  make("GET", "/guilds/:guild/roles/member-counts", (call) => {
    const guild = call.world.guild(call.params.guild)
    const counts = new Map([...guild.roles.keys()].filter((id) => id !== guild.id).map((id) => [id, 0]))
    for (const { roles } of guild.members.values())
      for (const id of roles) counts.set(id, (counts.get(id) ?? 0) + 1)
    return ok(Object.fromEntries(counts))
  }),
  make("GET", "/guilds/:guild/roles/:role", (call) =>
    ok(Wire.role(roleOf(call.world.guild(call.params.guild), call.params.role))),
  ),
  make("POST", "/guilds/:guild/roles", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    world.need(guild, Bit.ManageRoles)
    const fields = RoleForm.read(object(call))
    needFor(world, guild, fields, 0n)
    const everyone = guild.roles.get(guild.id)?.permissions ?? 0n
    const role = Roles.add(world, guild, { name: "new role", permissions: everyone, ...fields })
    const shown = Wire.role(role)
    AuditLog.note(world, guild, Action.RoleCreate, role.id, call.reason, {
      changes: AuditLog.changes(null, shown),
    })
    return ok(shown)
  }),
  make("PATCH", "/guilds/:guild/roles", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    world.need(guild, Bit.ManageRoles)
    const moves = movesOf(call, guild)
    // Whatever stands at the bot's own height or above stays on top, in its order.
    const rank = Permissions.rank(guild, world.self(guild))
    const top = Roles.ordered(guild, []).filter(({ position }) => position >= rank)
    const then = Roles.ordered(guild, moves).slice(guild.roles.size - 1 - top.length)
    if (then.some((role, n) => role !== top[n])) throw ApiError.missingPermissions()
    Roles.move(world, guild, moves)
    return ok([...guild.roles.values()].map(Wire.role))
  }),
  make("PATCH", "/guilds/:guild/roles/:role", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    const role = roleOf(guild, call.params.role)
    world.need(guild, Bit.ManageRoles)
    needAbove(world, guild, role)
    const read = RoleForm.read(object(call))
    needFor(world, guild, read, role.permissions)
    // Of `@everyone` only the permissions are anybody's to set.
    const fields: Roles.Fields =
      role.id !== guild.id ? read : read.permissions === undefined ? {} : { permissions: read.permissions }
    const before = Wire.role(role)
    Roles.change(world, guild, role, fields)
    const shown = Wire.role(role)
    const changes = AuditLog.changes(before, shown)
    if (changes.length > 0) AuditLog.note(world, guild, Action.RoleUpdate, role.id, call.reason, { changes })
    return ok(shown)
  }),
  make("DELETE", "/guilds/:guild/roles/:role", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    const role = roleOf(guild, call.params.role)
    world.need(guild, Bit.ManageRoles)
    needAbove(world, guild, role)
    if (role.managed || role.id === guild.id) throw ApiError.invalidRole()
    const changes = AuditLog.changes(Wire.role(role), null)
    Roles.remove(world, guild, role)
    AuditLog.note(world, guild, Action.RoleDelete, role.id, call.reason, { changes })
    return nothing
  }),
]
