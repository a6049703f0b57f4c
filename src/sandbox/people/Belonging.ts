/**
 * Where a person is, and how they are reached: servers, direct messages, status.
 *
 * @module
 */
import { Effect } from "effect"
import { attempt, type Failure } from "./Attempt.js"
import type { Presence } from "../model/Model.js"
import type { Outlook } from "./Outlook.js"
import * as Invites from "../world/Invites.js"
import * as Membership from "../world/Membership.js"
import * as Presences from "../world/Presences.js"

export interface Belonging {
  /** Whether the bot may not send this person direct messages from now on (403, 50007). */
  readonly closeDms: (closed: boolean) => Effect.Effect<void>
  /** Joins the guild whose actor this is (without one the first there is). Who is banned may not. */
  readonly join: Effect.Effect<void, Failure>
  /** Joins the guild that an invite leads to, by its code. */
  readonly joinBy: (code: string) => Effect.Effect<void, Failure>
  /** Leaves that guild. Its owner may not. */
  readonly leave: Effect.Effect<void, Failure>
  /** What others see of this person: `offline` is invisible. */
  readonly appear: (status: Presence["status"]) => Effect.Effect<void>
}

export const make = ({ guildId, user, world }: Outlook): Belonging => ({
  closeDms: (closed) =>
    Effect.sync(() => {
      if (closed) world.closedDms.add(user.id)
      else world.closedDms.delete(user.id)
    }),
  join: attempt(() => Membership.join(world, guildId, user)),
  joinBy: (code) =>
    attempt(() => {
      Invites.use(world, code.trim().replace(/^.*\//u, ""), user.id)
    }),
  leave: attempt(() => Membership.leave(world, guildId, user)),
  appear: (status) => Effect.sync(() => Presences.set(world, user.id, status)),
})
