/**
 * Moderation: bans, kicks, time-outs and purges, each of them a case that is kept and noted in the mod log.
 *
 * A bot that was killed in the midst of an act leaves its case `pending`: when the next one is connected, such cases
 * become `unknown`, and are noted as that.
 *
 * @module
 */
import { Clock, Effect, Layer } from "effect"
import * as Command from "../../command/Command.js"
import { Client } from "../../discord/Client.js"
import * as ReportLines from "../guild/ReportLines.js"
import * as Retention from "../guild/Retention.js"
import { Stored } from "../guild/Stored.js"
import * as Cases from "./Cases.js"
import * as MassBan from "./MassBan.js"
import { type Case, type Kind, kindText } from "./Model.js"
import * as ModLog from "./ModLog.js"
import * as People from "./People.js"
import * as Purge from "./Purge.js"
import { CaseStore } from "./Store.js"

const DAY = 86_400_000
/** Cases that a report counts. */
const COUNTED = 1_000

/**
 * Makes `unknown` what a former process has left behind, and notes it. Waits until there is a connection, so that only
 * a bot that runs does it.
 */
export const leftBehind = Layer.scopedDiscard(
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const client = yield* Client
    const store = yield* CaseStore
    yield* Effect.forkScoped(
      client.ready.pipe(
        Effect.zipRight(store.abandon(started)),
        Effect.flatMap(Effect.forEach((found) => ModLog.post(found), { discard: true })),
      ),
    )
  }),
)

const kept = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* CaseStore
    const stored = yield* Stored
    yield* stored.register({
      name: "cases of moderation",
      exportUser: (userId) =>
        Effect.map(Effect.all([store.about(userId), store.written(userId)]), ([about, notes]) => [
          ...about.map(shown),
          ...notes,
        ]),
      eraseUser: (userId) =>
        Effect.gen(function* () {
          const erased = yield* store.anonymise(userId)
          const { length } = yield* store.about(userId)
          if (length === 0) return { erased }
          return {
            erased,
            kept: `${length === 1 ? "1 case" : `${length} cases`} about you, for the safety of the servers where they were made`,
          }
        }),
      forgetGuild: store.forgetGuild,
    })
    yield* Retention.register({
      name: "cases",
      prune: (guildId, { caseDays }, now) =>
        caseDays === null ? Effect.succeed(0) : store.prune(guildId, now - caseDays * DAY),
    })
    yield* ReportLines.register({
      name: "cases",
      lines: (guildId, since) =>
        Effect.map(store.list(guildId, { since, limit: COUNTED }), (cases) =>
          cases.length === 0 ? [] : [`Moderation: ${tally(cases)}`],
        ),
    })
  }),
)

/** Without who moderated: that is not the person's own. */
const shown = (found: Case & { readonly outcome: unknown }): unknown => ({ ...found, moderatorId: undefined })

const tally = (cases: ReadonlyArray<Case>): string => {
  const counts = new Map<Kind, number>()
  for (const { kind } of cases) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const failed = cases.filter(({ status }) => status !== "done").length
  return [
    ...[...counts].map(([kind, count]) => `${kindText[kind]} ${count}`),
    ...(failed === 0 ? [] : [`of these not done ${failed}`]),
  ].join(", ")
}

/** The commands; a `CaseStore` has to be provided. */
export const layer = Layer.mergeAll(
  Command.layer(
    People.ban,
    People.unban,
    People.kick,
    People.timeout,
    Purge.purge,
    MassBan.massban,
    Cases.cases,
  ),
  kept,
  leftBehind,
)
