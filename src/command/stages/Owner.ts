/**
 * Commands for the bot's owner: the person, or the team, that the application belongs to.
 *
 * Discord is asked when it is first needed, and again after ten minutes: a team changes while a bot runs. Of a
 * team, its owner and the members who have accepted and may do more than read.
 *
 * @module
 */
import { type APIApplication, TeamMemberMembershipState } from "discord-api-types/v10"
import { Effect } from "effect"
import type { RestError } from "../../DiscordError.js"
import type * as Rest from "../../rest/Rest.js"
import { NotOwner, OwnerUnknown } from "../CommandError.js"
import type { Site, Stage } from "../Stages.js"

const KEPT = "10 minutes"

/** The application, asked for at most once in ten minutes; a failure is not kept. */
export const application = (rest: Rest.Rest): Effect.Effect<Effect.Effect<APIApplication, RestError>> =>
  Effect.map(
    Effect.cachedInvalidateWithTTL(
      // Others may be waiting for what one call asks: that one's end is not theirs.
      Effect.uninterruptible(
        Effect.map(
          rest.request({ method: "GET", path: "/applications/@me" }),
          ({ json }) => json as APIApplication,
        ),
      ),
      KEPT,
    ),
    ([cached, invalidate]) => Effect.onError(cached, () => invalidate),
  )

/** Whose word counts as the owner's. */
export const idsOf = ({ owner, team }: APIApplication): ReadonlySet<string> => {
  if (team == null) return new Set(owner === undefined ? [] : [owner.id])
  const members = team.members.filter(
    ({ membership_state, role }) =>
      membership_state === TeamMemberMembershipState.Accepted && role !== "read_only",
  )
  return new Set([team.owner_user_id, ...members.map(({ user }) => user.id)])
}

/** Turns everybody else away. */
export const stage =
  ({ metrics }: Site, application: Effect.Effect<APIApplication, RestError>): Stage =>
  ({ passage }, next) =>
    Effect.matchEffect(application, {
      onFailure: (cause) => {
        metrics.refused("ownerOnly")
        return Effect.fail(new OwnerUnknown({ cause }))
      },
      onSuccess: (known) => {
        if (idsOf(known).has(passage.interaction.user.id)) return next
        metrics.refused("ownerOnly")
        return Effect.fail(new NotOwner())
      },
    })
