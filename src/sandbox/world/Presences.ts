/**
 * What people show of themselves: a status, and what they do. Who was never set is offline.
 *
 * Source: Discord Developer Docs, "Gateway Events", "Presence Update".
 *
 * @module
 */
import type { Guild, Json, Member, Presence } from "../model/Model.js"
import type { World } from "./World.js"

const absent: Presence = { status: "offline", activities: [] }

/** Somebody's presence now. */
export const of = (world: World, userId: string): Presence => world.presences.get(userId) ?? absent

/** Sets what somebody shows, and sends PRESENCE_UPDATE to every guild that they are in. */
export const set = (
  world: World,
  userId: string,
  status: Presence["status"],
  activities: ReadonlyArray<Json> = [],
): void => {
  const former = of(world, userId)
  if (former.status === status && former.activities.length === 0 && activities.length === 0) return
  if (status === "offline") world.presences.delete(userId)
  else world.presences.set(userId, { status, activities })
  for (const guild of world.guilds.values()) {
    if (!guild.members.has(userId)) continue
    world.emit({
      type: "PRESENCE_UPDATE",
      guildId: guild.id,
      data: () => ({ ...wire(world, userId), guild_id: guild.id }),
    })
  }
}

/**
 * Sets what the bot shows: what its gateway session asked for, or offline where it has none. `invisible` is shown as
 * offline.
 */
export const setBot = (
  world: World,
  status: Presence["status"] | "invisible",
  activities: ReadonlyArray<Json> = [],
): void => set(world, world.bot.id, status === "invisible" ? "offline" : status, activities)

/** A presence as the wire shows it, without its guild. */
export const wire = (world: World, userId: string): Json => {
  const { activities, status } = of(world, userId)
  return {
    user: { id: userId },
    status,
    activities: activities.map((one) => ({ created_at: world.now(), ...one })),
    client_status:
      status === "offline" ? {} : { [world.users.get(userId)?.bot === true ? "web" : "desktop"]: status },
  }
}

/** The presences of those members who are not offline, as GUILD_CREATE and member chunks show them. */
export const list = (world: World, members: Iterable<Member>): ReadonlyArray<Json> =>
  world.presences.size === 0
    ? []
    : [...members]
        .filter(({ userId }) => world.presences.has(userId))
        .map(({ userId }) => wire(world, userId))

/** How many of a guild's members are not offline. */
export const count = (world: World, guild: Guild): number => {
  let online = 0
  for (const id of world.presences.keys()) if (guild.members.has(id)) online += 1
  return online
}
