/**
 * People: what a member of a guild does, and what they see of it.
 *
 * An actor obeys the same rules as a person at Discord's own client: they cannot write where they may not, run
 * a command that is not there, or press a button that they do not see. What they may not do is a typed error.
 *
 * ```
 * Actor = Writing    messages, edits, reactions, pins
 *       + Threading  threads and posts
 *       + Asking     commands, components, modals   → Turn
 *       + Belonging  servers, direct messages, status
 *       + Watching   what is there, and what comes
 * ```
 *
 * @module
 */
import { Effect } from "effect"
import { UnknownActor } from "./ActorError.js"
import * as Asking from "./Asking.js"
import * as Belonging from "./Belonging.js"
import type { User } from "../model/Model.js"
import * as Outlook from "./Outlook.js"
import type { Site } from "../rest/Route.js"
import * as Threading from "./Threading.js"
import * as Watching from "./Watching.js"
import * as Writing from "./Writing.js"

export type { Failure } from "./Attempt.js"
export type { Turn } from "./Turn.js"

export interface Actor
  extends Writing.Writing, Threading.Threading, Asking.Asking, Belonging.Belonging, Watching.Watching {
  readonly user: User
}

/** A person by name or id. `guildId` chooses the guild in which channel names are meant. */
export const make = (site: Site, name: string, guildId?: string): Effect.Effect<Actor, UnknownActor> =>
  Effect.suspend(() => {
    const user = site.world.findUser(name, guildId === undefined ? undefined : site.world.guilds.get(guildId))
    if (user !== undefined) return Effect.succeed(actor(Outlook.make(site, user, guildId)))
    const known = [...site.world.users.values()].filter((one) => !one.bot).slice(0, 20)
    return Effect.fail(new UnknownActor({ name, known: known.map((one) => one.username) }))
  })

const actor = (outlook: Outlook.Outlook): Actor => ({
  user: outlook.user,
  ...Writing.make(outlook),
  ...Threading.make(outlook),
  ...Asking.make(outlook),
  ...Belonging.make(outlook),
  ...Watching.make(outlook),
})
