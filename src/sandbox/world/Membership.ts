/**
 * People who come into a guild by themselves, and go.
 *
 * @module
 */
import { NotAllowed } from "../people/ActorError.js"
import * as Guilds from "./Guilds.js"
import type { Guild, User } from "../model/Model.js"
import type { World } from "./World.js"

/** The guild of that id; without one the first there is. */
const home = (world: World, guildId: string | undefined): Guild => {
  const guild = guildId === undefined ? [...world.guilds.values()][0] : world.guilds.get(guildId)
  if (guild === undefined) throw new NotAllowed({ reason: "There is no server to join or to leave" })
  return guild
}

/** Throws `NotAllowed` for who is in it already, or banned from it. */
export const join = (world: World, guildId: string | undefined, { id, username }: User): void => {
  const guild = home(world, guildId)
  if (guild.members.has(id)) throw new NotAllowed({ reason: `${username} is in ${guild.name} already` })
  if (guild.bans.has(id)) throw new NotAllowed({ reason: `${username} is banned from ${guild.name}` })
  Guilds.join(world, guild, id)
}

/** Throws `NotAllowed` for who is not in it, and for its owner. */
export const leave = (world: World, guildId: string | undefined, { id, username }: User): void => {
  const guild = home(world, guildId)
  if (!guild.members.has(id)) throw new NotAllowed({ reason: `${username} is not in ${guild.name}` })
  if (guild.ownerId === id)
    throw new NotAllowed({ reason: `${username} owns ${guild.name}, and an owner cannot leave` })
  Guilds.leave(world, guild, id)
}

/** Why somebody sees no channel at all, where that is because they are in no guild (or not in that one). */
export const absence = (
  world: World,
  { id, username }: User,
  guildId: string | undefined,
): NotAllowed | undefined => {
  const guilds = [...world.guilds.values()].filter((guild) => guildId === undefined || guild.id === guildId)
  if (guilds.length === 0 || guilds.some(({ members }) => members.has(id))) return undefined
  const [one, ...more] = guilds
  return new NotAllowed({
    reason: `${username} is not in ${more.length === 0 ? one?.name : "any server"}${one?.bans.has(id) === true ? ": banned" : ""}`,
  })
}
