/**
 * Bans many people in calls of 200, each person once.
 *
 * A call that fails leaves the next ones to be made. Where the answer of one was lost, Discord is asked who is
 * banned now, and those who are not are tried once more: so that whoever is banned was banned by one call alone.
 * Where Discord does not tell, they are `unknown`.
 *
 * Interruption gives up the call that is under way; its people are settled by what Discord then says, within five
 * seconds, and nobody after them is touched.
 *
 * @module
 */
import { Array, type Duration, Effect, Option } from "effect"
import { Discord } from "../../discord/Discord.js"
import { isUncertain, type RestError } from "../../DiscordError.js"
import * as LastWord from "../../supervise/LastWord.js"
import * as Bans from "./Bans.js"
import type { Outcome, Subject } from "./Model.js"

/** Users in one call (Discord). */
export const CALL = 200

export interface Plan {
  readonly guildId: string
  /** Each once; not banned yet, as far as is known. */
  readonly userIds: ReadonlyArray<string>
  readonly reason: string
  readonly deleteMessages: Duration.DurationInput
  /** Whether to stop before the next call. */
  readonly isStopped: Effect.Effect<boolean>
  /** Told of each call's people when they are settled, once for each person. Cannot be interrupted. */
  readonly decided: (subjects: ReadonlyArray<Subject>) => Effect.Effect<void>
  /** Between calls: how many people are settled. */
  readonly progress: (settled: number) => Effect.Effect<void>
}

/** Carries it out. Gives why calls have failed, as users may be told, each reason once. */
export const run = Effect.fnUntraced(function* (
  plan: Plan,
): Effect.fn.Return<ReadonlyArray<string>, never, Discord> {
  const reasons = new Set<string>()
  const calls = Array.chunksOf(plan.userIds, CALL)
  for (const [index, userIds] of calls.entries()) {
    if (yield* plan.isStopped) {
      yield* plan.decided(calls.slice(index).flatMap((some) => all(some, "skipped")))
      break
    }
    yield* Effect.uninterruptibleMask((restore) =>
      restore(call(plan, userIds, reasons, true)).pipe(
        Effect.onInterrupt(() => Effect.flatMap(looked(plan, userIds, "skipped"), plan.decided)),
        Effect.flatMap(plan.decided),
      ),
    )
    if (index < calls.length - 1) yield* plan.progress((index + 1) * CALL)
  }
  return [...reasons]
})

const call = (
  plan: Plan,
  userIds: ReadonlyArray<string>,
  reasons: Set<string>,
  again: boolean,
): Effect.Effect<ReadonlyArray<Subject>, never, Discord> =>
  Effect.gen(function* () {
    const discord = yield* Discord
    const { deleteMessages, guildId, reason } = plan
    const { banned } = yield* discord.bulkBan(guildId, userIds, { reason, deleteMessages })
    const done = new Set(banned)
    const others = userIds.filter((id) => !done.has(id))
    if (others.length === 0) return all(userIds, "banned")
    // Of a second try those whom the first has banned.
    const known = yield* Effect.option(Bans.among(guildId, others))
    const before = Option.getOrElse(known, () => new Set<string>())
    return [
      ...all(banned, "banned"),
      ...others.map((userId) => ({
        userId,
        outcome: before.has(userId) ? (again ? "already" : "banned") : ("failed" as Outcome),
      })),
    ]
  }).pipe(
    Effect.catchAll((error: RestError) =>
      Effect.gen(function* () {
        if (!isUncertain(error)) {
          reasons.add(error.userText)
          return all(userIds, "failed")
        }
        const now = yield* Effect.option(Bans.among(plan.guildId, userIds))
        if (Option.isNone(now)) {
          reasons.add(error.userText)
          return all(userIds, "unknown")
        }
        const left = userIds.filter((id) => !now.value.has(id))
        const arrived = all([...now.value], "banned")
        if (left.length === 0) return arrived
        if (again) return [...arrived, ...(yield* call(plan, left, reasons, false))]
        reasons.add(error.userText)
        return [...arrived, ...all(left, "failed")]
      }),
    ),
  )

/** Who is banned now, after an interruption. */
const looked = (
  { guildId }: Plan,
  userIds: ReadonlyArray<string>,
  otherwise: Outcome,
): Effect.Effect<ReadonlyArray<Subject>, never, Discord> =>
  Effect.map(
    LastWord.within("5 seconds", Bans.among(guildId, userIds)),
    Option.match({
      onNone: () => all(userIds, "unknown"),
      onSome: (banned) =>
        userIds.map((userId) => ({ userId, outcome: banned.has(userId) ? "banned" : otherwise })),
    }),
  )

const all = (userIds: ReadonlyArray<string>, outcome: Outcome): ReadonlyArray<Subject> =>
  userIds.map((userId) => ({ userId, outcome }))
