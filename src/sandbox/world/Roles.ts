/**
 * A guild's roles: made, changed, ordered, deleted. Who may make a change is checked by the routes.
 *
 * Positions have no gaps of meaning: a new role comes in just above `@everyone`, and each that moves up for it or
 * for another is told of in a GUILD_ROLE_UPDATE of its own.
 *
 * Source: Discord Developer Docs, "Guild Resource".
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import type { Image } from "../form/ImageForm.js"
import * as Channels from "./Channels.js"
import type { Guild, Role } from "../model/Model.js"
import * as Leftovers from "./Leftovers.js"
import * as Pictures from "./Pictures.js"
import * as ThreadSync from "./ThreadSync.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 250 roles in a guild. */
export const limit = 250

/** What can be said of a role; what is left out stays, or is what Discord begins with. */
export interface Fields {
  readonly name?: string
  readonly permissions?: bigint
  readonly color?: number
  readonly secondaryColor?: number | null
  readonly tertiaryColor?: number | null
  readonly hoist?: boolean
  readonly mentionable?: boolean
  readonly unicodeEmoji?: string | null
  readonly icon?: Image | null
}

/** A role that nobody has seen yet. */
export const make = (
  id: string,
  name: string,
  permissions: bigint,
  position: number,
  botId: string | null = null,
): Role => ({
  id,
  name,
  permissions,
  position,
  color: 0,
  secondaryColor: null,
  tertiaryColor: null,
  hoist: false,
  mentionable: false,
  unicodeEmoji: null,
  icon: null,
  managed: botId !== null,
  botId,
})

/**
 * Adds a role above `@everyone` and below all others, and sends GUILD_ROLE_CREATE, and GUILD_ROLE_UPDATE for those
 * that it pushes up. Refuses with 30005 where the guild has 250.
 */
export const add = (
  world: World,
  guild: Guild,
  { icon, name, past, ...fields }: Fields & { readonly name: string; readonly past?: boolean },
): Role => {
  if (guild.roles.size >= limit) throw ApiError.tooManyRoles()
  const role = make(past === true ? world.pastId() : world.id(), name, 0n, 1)
  Object.assign(role, fields)
  role.icon = Pictures.change(world, Pictures.roleIcons(role), null, icon)
  const pushed = [...guild.roles.values()].filter((other) => other.position > 0)
  for (const other of pushed) other.position += 1
  guild.roles.set(role.id, role)
  event(world, "GUILD_ROLE_CREATE", guild, role)
  for (const other of pushed) changed(world, guild, other)
  return role
}

/** Changes a role, and sends GUILD_ROLE_UPDATE. */
export const change = (world: World, guild: Guild, role: Role, { icon, ...fields }: Fields): void =>
  ThreadSync.syncing(world, guild, () => {
    Object.assign(role, fields)
    role.icon = Pictures.change(world, Pictures.roleIcons(role), role.icon, icon)
    changed(world, guild, role)
  })

/** A role's new place. */
export interface Move {
  readonly id: string
  readonly position: number
}

/**
 * Where every role stands after the moves, lowest first: each that is moved goes to its wanted place, and the others
 * close up. `@everyone` stays at 0.
 */
export const ordered = (guild: Guild, moves: ReadonlyArray<Move>): ReadonlyArray<Role> => {
  const wanted = new Map(moves.map(({ id, position }) => [id, position]))
  const roles = [...guild.roles.values()].filter(({ id }) => id !== guild.id)
  const order = roles
    .filter(({ id }) => !wanted.has(id))
    .toSorted((a, b) => a.position - b.position || older(a, b))
  const moved = roles
    .filter(({ id }) => wanted.has(id))
    .toSorted((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0) || older(a, b))
  for (const role of moved) order.splice(Math.max(0, (wanted.get(role.id) ?? 1) - 1), 0, role)
  return order
}

/** Moves roles, and sends GUILD_ROLE_UPDATE for each that is not where it was. */
export const move = (world: World, guild: Guild, moves: ReadonlyArray<Move>): void => {
  ordered(guild, moves).forEach((role, index) => {
    if (role.position === index + 1) return
    role.position = index + 1
    changed(world, guild, role)
  })
}

/** Deletes a role, takes it from everybody and from all that names it, and sends GUILD_ROLE_DELETE. */
export const remove = (world: World, guild: Guild, role: Role): void =>
  ThreadSync.syncing(world, guild, () => {
    guild.roles.delete(role.id)
    Pictures.change(world, Pictures.roleIcons(role), role.icon, null)
    for (const member of guild.members.values()) {
      if (member.roles.includes(role.id)) member.roles = member.roles.filter((id) => id !== role.id)
    }
    world.emit({
      type: "GUILD_ROLE_DELETE",
      guildId: guild.id,
      data: () => ({ guild_id: guild.id, role_id: role.id }),
    })
    for (const channel of guild.channels.values())
      if (channel.overwrites.delete(role.id)) Channels.changed(world, channel)
    Leftovers.ofRole(world, guild, role.id)
  })

/** Says that a role is not what it was. */
export const changed = (world: World, guild: Guild, role: Role): void =>
  event(world, "GUILD_ROLE_UPDATE", guild, role)

const event = (world: World, type: string, guild: Guild, role: Role): void =>
  world.emit({
    type,
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, role: Wire.role(role) }),
  })

/** Of two in one place the older stands higher. */
const older = (a: Role, b: Role): number =>
  a.id.length === b.id.length ? (a.id < b.id ? 1 : -1) : b.id.length - a.id.length
