/**
 * Tells the operator what they have to know: by direct message to the owner of the bot's application (of a team, to
 * its owner and administrators), or in a channel.
 *
 * Of what is about the same thing, only the first is told at once; what follows within the window is held back and
 * counted, and told in one message at its end. The log has all of it either way.
 *
 * Failure modes: where nobody can be told (direct messages are closed, the channel is gone, Discord is away) that
 * is one line in the log, and what was to be told is told with the end of the next window, or of one after it. Of
 * several owners one is enough; and a direct message that may have arrived counts as told.
 *
 * @module
 */
import { type APIApplication, TeamMemberMembershipState } from "discord-api-types/v10"
import { Duration, Effect, Layer } from "effect"
import { Discord } from "../../discord/Discord.js"
import { isUncertain } from "../../DiscordError.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Rest } from "../../rest/Rest.js"
import { Alarm } from "../../supervise/Alarm.js"

export interface Options {
  /** Where notices go instead of the owner's direct messages. */
  readonly channelId?: string
  /** Within this time only one message goes out about the same thing. Default 10 minutes. */
  readonly window?: Duration.DurationInput
}

/** What has to be told still about one thing. */
interface Held {
  /** Of the first notice, until it is told. */
  first: string | undefined
  /** Those after it. */
  count: number
  last: string
  /** Since something was told. */
  windows: number
  isTelling: boolean
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

      /** Tells one of the owners. */
      const write = (userId: string, message: Reply.Message) =>
        Effect.flatMap(Effect.timeout(discord.openDm(userId), PATIENCE.byCall), (dm) =>
          discord.send(dm, message).pipe(
            Effect.timeout(PATIENCE.bySend),
            Effect.asVoid,
            // It may be there; and Discord has just answered, so that it is not away: not the same again each window.
            Effect.catchIf(
              (error) => error._tag === "TimeoutException" || isUncertain(error),
              (error) =>
                Effect.logWarning(`It is uncertain whether ${userId} was told of a notice: ${error.message}`),
            ),
          ),
        )
      const send = Effect.fnUntraced(function* (text: string) {
        const message = Reply.text(Md.cut(text, LONGEST))
        if (channelId !== undefined) return yield* Effect.asVoid(discord.send(channelId, message))
        const { json } = yield* rest
          .request({ method: "GET", path: "/applications/@me" })
          .pipe(Effect.timeout(PATIENCE.byCall))
        // One whose direct messages are closed, or take too long, leaves the others.
        const ends = yield* Effect.forEach(
          ownersOf(json as APIApplication),
          (userId) => Effect.either(write(userId, message)),
          { concurrency: "unbounded" },
        )
        const failed = ends.find((end) => end._tag === "Left")
        if (failed !== undefined && ends.every((end) => end._tag === "Left")) return yield* failed.left
      })
      /** Whether it worked. */
      const tell = (about: string, text: string): Effect.Effect<boolean> =>
        send(text).pipe(
          Effect.timeout(PATIENCE.inAll),
          Effect.as(true),
          Effect.catchAll((error) =>
            Effect.as(
              Effect.logWarning(`The operator could not be told of ${about}: ${error.message}`),
              false,
            ),
          ),
        )

      /** Tells all that is held; what cannot be told is held again. */
      const deliver = (about: string, one: Held): Effect.Effect<void> =>
        Effect.suspend(() => {
          const { count, first, last } = one
          const text = summary(about, one, window)
          Object.assign(one, { first: undefined, count: 0, isTelling: true })
          return Effect.map(tell(about, text), (isTold) => {
            if (isTold) {
              one.windows = 0
              return
            }
            one.first = first
            if (one.count === 0) one.last = last
            one.count += count
          })
        }).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              one.isTelling = false
            }),
          ),
        )

      /** Goes on until there was nothing to tell for a whole window. */
      const waiting = (about: string, one: Held): Effect.Effect<void> =>
        Effect.flatMap(Effect.sleep(window), () => {
          one.windows++
          if (one.isTelling) return waiting(about, one)
          if (one.first !== undefined || one.count > 0)
            return Effect.zipRight(deliver(about, one), waiting(about, one))
          held.delete(about)
          return Effect.void
        })

      yield* alarm.listen(({ about, text }) =>
        Effect.suspend(() => {
          const former = held.get(about)
          if (former !== undefined) {
            former.count++
            former.last = text
            return Effect.void
          }
          const one: Held = { first: text, count: 0, last: text, windows: 0, isTelling: false }
          held.set(about, one)
          return Effect.zipRight(Effect.forkIn(waiting(about, one), scope), deliver(about, one))
        }),
      )
    }),
  )

/**
 * How long Discord may take: a notice keeps the bot from stopping while it is on its way. Two calls and a message to
 * each owner at once are less than all of it.
 */
const PATIENCE = { byCall: "4 seconds", bySend: "10 seconds", inAll: "20 seconds" } as const

/** Discord: 2,000 characters in a message. */
const LONGEST = 2_000

const summary = (
  about: string,
  { count, first, last, windows }: Held,
  window: Duration.DurationInput,
): string => {
  const span = Duration.format(Duration.times(window, windows))
  return [
    ...(first === undefined ? [] : [Md.text`**${about}**: ${first}`]),
    ...(count === 0 ? [] : [Md.text`**${about}**: ${count} more within ${span}. The last: ${last}`]),
  ].join("\n")
}

/** Whom to tell; of a team not those who only write its code. */
export const ownersOf = ({ owner, team }: Pick<APIApplication, "owner" | "team">): ReadonlyArray<string> => {
  if (team == null) return owner === undefined ? [] : [owner.id]
  const admins = team.members.filter(
    ({ membership_state, role }) =>
      membership_state === TeamMemberMembershipState.Accepted && role === "admin",
  )
  return [...new Set([team.owner_user_id, ...admins.map(({ user }) => user.id)])]
}
