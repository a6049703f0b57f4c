/**
 * Tells the operator what they have to know: by direct message to the owner of the bot's application (of a team, to
 * its owner and administrators), or in a channel.
 *
 * Of what is about the same thing, only the first is told at once; what follows within the window is held back and
 * counted, and told in one message at its end. The log has all of it either way.
 *
 * Failure modes: where nobody can be told (direct messages are closed, the channel is gone, Discord is away) that
 * is one line in the log, and what was held back goes on to be counted.
 *
 * @module
 */
import { type APIApplication, TeamMemberMembershipState } from "discord-api-types/v10"
import { Duration, Effect, Layer } from "effect"
import { Discord } from "../../discord/Discord.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Rest } from "../../rest/Rest.js"
import { Alarm, type Notice } from "../../supervise/Alarm.js"

export interface Options {
  /** Where notices go instead of the owner's direct messages. */
  readonly channelId?: string
  /** Within this time only one message goes out about the same thing. Default 10 minutes. */
  readonly window?: Duration.DurationInput
}

/** What is held back about one thing. */
interface Held {
  count: number
  last: string
}

export const layer = ({ channelId, window = "10 minutes" }: Options = {}): Layer.Layer<
  never,
  never,
  Alarm | Discord | Rest
> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const alarm = yield* Alarm
      const discord = yield* Discord
      const rest = yield* Rest
      const scope = yield* Effect.scope
      const held = new Map<string, Held>()

      const send = Effect.fnUntraced(function* (text: string) {
        const message = Reply.text(Md.cut(text, LONGEST))
        if (channelId !== undefined) return yield* Effect.asVoid(discord.send(channelId, message))
        const { json } = yield* rest.request({ method: "GET", path: "/applications/@me" })
        // One whose direct messages are closed leaves the others.
        const ends = yield* Effect.forEach(ownersOf(json as APIApplication), (userId) =>
          Effect.either(Effect.flatMap(discord.openDm(userId), (dm) => discord.send(dm, message))),
        )
        const failed = ends.find((end) => end._tag === "Left")
        if (failed !== undefined && ends.every((end) => end._tag === "Left")) return yield* failed.left
      })
      const tell = (about: string, text: string): Effect.Effect<void> =>
        send(text).pipe(
          Effect.timeout(PATIENCE),
          Effect.catchAll((error) =>
            Effect.logWarning(`The operator could not be told of ${about}: ${error.message}`),
          ),
        )

      /** Waits until nothing new was held back for a whole window. */
      const windows = (about: string): Effect.Effect<void> =>
        Effect.suspend(() => {
          const { count, last } = held.get(about) ?? { count: 0, last: "" }
          if (count === 0) {
            held.delete(about)
            return Effect.void
          }
          held.set(about, { count: 0, last: "" })
          return Effect.zipRight(tell(about, summary(about, count, last, window)), waiting(about))
        })
      const waiting = (about: string): Effect.Effect<void> =>
        Effect.zipRight(Effect.sleep(window), windows(about))

      yield* alarm.listen((notice) =>
        Effect.suspend(() => {
          const former = held.get(notice.about)
          if (former !== undefined) {
            former.count++
            former.last = notice.text
            return Effect.void
          }
          held.set(notice.about, { count: 0, last: "" })
          return Effect.zipRight(
            Effect.forkIn(waiting(notice.about), scope),
            tell(notice.about, first(notice)),
          )
        }),
      )
    }),
  )

/** How long Discord may take: a notice keeps the bot from stopping while it is on its way. */
const PATIENCE = "20 seconds"

/** Discord: 2,000 characters in a message. */
const LONGEST = 2_000

const first = ({ about, text }: Notice): string => Md.text`**${about}**: ${text}`

const summary = (about: string, count: number, last: string, window: Duration.DurationInput): string =>
  Md.text`**${about}**: ${count} more within ${Duration.format(Duration.decode(window))}. The last: ${last}`

/** Whom to tell; of a team not those who only write its code. */
export const ownersOf = ({ owner, team }: Pick<APIApplication, "owner" | "team">): ReadonlyArray<string> => {
  if (team == null) return owner === undefined ? [] : [owner.id]
  const admins = team.members.filter(
    ({ membership_state, role }) =>
      membership_state === TeamMemberMembershipState.Accepted && role === "admin",
  )
  return [...new Set([team.owner_user_id, ...admins.map(({ user }) => user.id)])]
}
