/**
 * What a World starts with: the guild `Harbour` with its people, and as many more as a measurement wants.
 *
 * Ids of what is seeded are the same in every run.
 *
 * @module
 */
import * as Guilds from "./Guilds.js"
import type { Guild, User } from "../model/Model.js"
import { Bit } from "./Permissions.js"
import type { World } from "./World.js"

export interface Options {
  /** Whether `Harbour` is there. Default true. */
  readonly harbour?: boolean
  /** More guilds, all alike. */
  readonly more?: {
    readonly guilds: number
    /** Channels in each. */
    readonly channels: number
    /** Members in each, the bot not counted. The same people are in every guild unless `distinct`. */
    readonly members: number
    readonly distinct?: boolean
  }
}

/** Fills a World. */
export const plant = (world: World, options: Options = {}): void => {
  if (options.harbour ?? true) harbour(world)
  const more = options.more
  if (more === undefined) return
  const people: Array<string> = []
  const person = (index: number): string => {
    const known = people[index]
    if (known !== undefined) return known
    const id = Guilds.addUser(world, { username: `hand${index}`, past: true }).id
    people[index] = id
    return id
  }
  for (let g = 0; g < more.guilds; g++) {
    const offset = more.distinct === true ? g * more.members : 0
    Guilds.create(world, {
      name: `Fleet ${g}`,
      past: true,
      ownerId: person(offset),
      channels: Array.from({ length: more.channels }, (_, c) => `channel-${c}`),
      memberIds: Array.from({ length: more.members }, (_, m) => person(offset + m)),
    })
  }
}

/** The small guild that everyone knows. */
const harbour = (world: World): Guild => {
  const [ada, ben, cleo, dan] = ["Ada", "Ben", "Cleo", "Dan"].map((name) =>
    Guilds.addUser(world, { username: name.toLowerCase(), globalName: name, past: true }),
  ) as [User, User, User, User]
  world.ownerId = ada.id
  const guild = Guilds.create(world, {
    name: "Harbour",
    past: true,
    ownerId: ada.id,
    channels: ["general", "tryouts", "mod-log"],
    memberIds: [ada.id, ben.id, cleo.id, dan.id],
  })
  const moderator = Guilds.addRole(world, guild, {
    name: "Moderator",
    permissions:
      Bit.BanMembers |
      Bit.KickMembers |
      Bit.ModerateMembers |
      Bit.ManageMessages |
      Bit.PinMessages |
      Bit.ManageGuild,
    color: 0x2e_86_c1,
    hoist: true,
    past: true,
  })
  guild.members.get(ben.id)?.roles.push(moderator.id)
  // Nobody's yet: for a bot to give.
  Guilds.addRole(world, guild, { name: "Player", past: true })
  // The bot's own role stands above, as it must to moderate moderators.
  const own = [...guild.roles.values()].find((role) => role.managed)
  if (own !== undefined) own.position = moderator.position + 1
  return guild
}
