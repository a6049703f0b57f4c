/**
 * Who comes into the sandbox's server, and who leaves it: people, and the bot.
 *
 * @module
 */
import { Effect } from "effect"
import type { Failure } from "../sandbox/people/Actor.js"
import { NotAllowed, type UnknownActor } from "../sandbox/people/ActorError.js"
import * as Guilds from "../sandbox/world/Guilds.js"
import type { Guild } from "../sandbox/model/Model.js"
import type { Sandbox } from "../sandbox/Sandbox.js"

/** Discord: a username has 2 to 32 small letters, digits, points and underscores. */
const username = /^[a-z0-9_.]{2,32}$/u

/** Comes in; a person whom nobody knows is made up. */
export const join = (sandbox: Sandbox, name: string): Effect.Effect<void, Failure | UnknownActor> =>
  Effect.suspend(() => {
    const { world } = sandbox
    if (isBot(sandbox, name)) return ofBot(sandbox, false)
    if (world.findUser(name) === undefined) {
      const plain = name.toLowerCase()
      if (!username.test(plain))
        return refuse(`${name} is no username: 2 to 32 letters of a–z, digits, points and underscores`)
      Guilds.addUser(world, {
        username: plain,
        globalName: plain.slice(0, 1).toUpperCase() + plain.slice(1),
      })
    }
    return Effect.flatMap(sandbox.actor(name), (actor) => actor.join)
  })

/** Leaves. */
export const leave = (sandbox: Sandbox, name: string): Effect.Effect<void, Failure | UnknownActor> =>
  Effect.suspend(() =>
    isBot(sandbox, name) ? ofBot(sandbox, true) : Effect.flatMap(sandbox.actor(name), (actor) => actor.leave),
  )

const isBot = ({ world }: Sandbox, name: string): boolean =>
  name.toLowerCase() === world.bot.username.toLowerCase()

/** The server goes on without the bot, until it is let in again. */
const ofBot = ({ world }: Sandbox, out: boolean): Effect.Effect<void, NotAllowed> => {
  const guild: Guild | undefined = [...world.guilds.values()][0]
  if (guild === undefined) return refuse("There is no server")
  if (guild.members.has(world.bot.id) !== out)
    return refuse(`${world.bot.username} is ${out ? "not" : "already"} in ${guild.name}`)
  return Effect.sync(() => (out ? Guilds.removeBot : Guilds.addBot)(world, guild))
}

const refuse = (reason: string): Effect.Effect<never, NotAllowed> => Effect.fail(new NotAllowed({ reason }))
