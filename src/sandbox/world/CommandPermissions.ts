/**
 * Who may use a command: what the command itself asks for, and what a guild's people decided in their settings.
 *
 * A guild's decision for one command hides its decision for all commands of the application. In the order in which
 * Discord looks: an administrator may always; the channel (itself, else "all channels") must not be closed; a word
 * on the person counts more than one on their roles (one role that may is enough), that more than one on everyone;
 * and where nobody said anything, `default_member_permissions` does.
 *
 * A bot may read this and not write it (403, 20001): people write it, in their client.
 *
 * @module
 */
import type { Channel, Command, CommandPermission, Guild, Json } from "../model/Model.js"
import * as ApiError from "../model/ApiError.js"
import * as Permissions from "./Permissions.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** Discord: 100 for one command in one guild. */
export const limit = 100

/** Discord: what stands for all channels of a guild. */
export const allChannels = (guild: Guild): string => (BigInt(guild.id) - 1n).toString()

/** What a guild decided for a command (or, by the application's id, for all). Refuses with 10066 where nothing. */
export const get = (world: World, guild: Guild, id: string): ReadonlyArray<CommandPermission> => {
  const found = world.commandPermissions.of(guild).get(id)
  if (found === undefined) throw ApiError.unknownCommandPermissions()
  return found
}

/**
 * Decides for a command of the guild or a global one, or by the application's id for all of them; an empty list
 * takes the decision back. Refuses with 10063 where there is no such command.
 */
export const set = (
  world: World,
  guild: Guild,
  commandId: string,
  permissions: ReadonlyArray<CommandPermission>,
): void => {
  const command = world.commands.get(commandId)
  const here = command !== undefined && (command.guildId ?? guild.id) === guild.id
  if (!here && commandId !== world.bot.id) throw ApiError.unknownCommand()
  const all = world.commandPermissions.of(guild)
  if (permissions.length === 0) all.delete(commandId)
  else all.set(commandId, permissions.slice(0, limit))
  world.emit({
    type: "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    guildId: guild.id,
    data: () => wire(world, guild, commandId, permissions),
  })
}

export const wire = (
  world: World,
  guild: Guild,
  id: string,
  permissions: ReadonlyArray<CommandPermission>,
): Json => ({
  id,
  application_id: world.bot.id,
  guild_id: guild.id,
  permissions: permissions.map((one) => ({ ...one })),
})

/** Whether a person may run a command in a channel. */
export const mayRun = (world: World, channel: Channel, userId: string, command: Command): boolean => {
  if (!inContext(channel, command)) return false
  if (channel.guildId === null) return command.raw["nsfw"] !== true || command.guildId === null
  const guild = world.guilds.get(channel.guildId)
  const member = guild?.members.get(userId)
  if (guild === undefined || member === undefined) return false
  const held = world.permissions(userId, channel)
  // Also for administrators: an age-restricted command is not shown elsewhere.
  const place = channel.thread === null ? channel : (guild.channels.get(channel.parentId ?? "") ?? channel)
  if (command.raw["nsfw"] === true && !place.nsfw) return false
  if (Permissions.has(held, Bit.Administrator)) return true
  if (!Permissions.has(held, Bit.UseApplicationCommands)) return false
  const decided = world.commandPermissions.of(guild)
  const own = decided.get(command.id) ?? []
  const general = decided.get(world.bot.id) ?? []
  const say = (type: number, ids: ReadonlyArray<string>) => word(own, type, ids) ?? word(general, type, ids)
  if ((say(3, [place.id]) ?? say(3, [allChannels(guild)])) === false) return false
  const onPerson = say(2, [userId]) ?? say(1, member.roles) ?? say(1, [guild.id])
  return onPerson ?? byDefault(held, command)
}

/** What a list says of any of these: yes where one may, no where one may not, else nothing. */
const word = (
  permissions: ReadonlyArray<CommandPermission>,
  type: number,
  ids: ReadonlyArray<string>,
): boolean | undefined => {
  const said = permissions.filter((one) => one.type === type && ids.includes(one.id))
  return said.length === 0 ? undefined : said.some(({ permission }) => permission)
}

const inContext = (channel: Channel, command: Command): boolean => {
  const contexts = command.raw["contexts"]
  if (Array.isArray(contexts)) return contexts.includes(channel.guildId === null ? 1 : 0)
  return channel.guildId !== null || (command.guildId === null && command.raw["dm_permission"] !== false)
}

const byDefault = (held: bigint, command: Command): boolean => {
  const wanted = command.raw["default_member_permissions"]
  // "0" leaves the command to administrators.
  return typeof wanted !== "string" || (wanted !== "0" && Permissions.has(held, BigInt(wanted)))
}
