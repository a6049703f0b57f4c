/**
 * Moderation: bans, kicks, time-outs and purges, each of them a case that is kept and noted in the mod log.
 *
 * A bot that was killed in the midst of an act leaves its case `pending`: when the next one is connected, such cases
 * become `unknown`, and are noted as that.
 *
 * @module
 */
import { Cause, Clock, Effect, Fiber, Layer, Schedule } from "effect"
import * as Command from "../../command/Command.js"
import { Client } from "../../discord/Client.js"
import { Supervisor } from "../../supervise/Supervisor.js"
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
import * as Turns from "./Turns.js"

const DAY = 86_400_000
/** Cases that a report counts. */
const COUNTED = 1_000

/** After 1, 2, 4 seconds and so on. */
const AGAIN = Schedule.intersect(Schedule.exponential("1 second"), Schedule.recurs(6))

/**
 * Makes `unknown` what a former process has left behind, and notes it. Waits until there is a connection, so that only
 * a bot that runs does it. A database that fails then is asked again, within two minutes; after that the log has it.
 */
export const leftBehind = Layer.scopedDiscard(
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const client = yield* Client
    const store = yield* CaseStore
    const supervisor = yield* Supervisor
    const abandoned = Effect.retry(Effect.sandbox(store.abandon(started)), {
      schedule: AGAIN,
      while: (cause) => !Cause.isInterrupted(cause),
    })
    yield* Effect.acquireRelease(
      supervisor.fork(
        { kind: "background", name: "cases left behind", background: true },
        client.ready.pipe(
          Effect.zipRight(Effect.unsandbox(abandoned)),
          Effect.flatMap(Effect.forEach((found) => ModLog.post(found), { discard: true })),
        ),
      ),
      Fiber.interrupt,
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
        Effect.map(
          Effect.all([store.about(userId), store.moderated(userId), store.written(userId)]),
          ([about, made, notes]) => [...about.map(shown), ...made.map(own), ...notes],
        ),
      eraseUser: (userId) =>
        Effect.gen(function* () {
          const about = (yield* store.about(userId)).length
          const made = (yield* store.moderated(userId)).length
          const kept = [
            ...(about === 0 ? [] : [`${counted(about, "case")} about you, ${SAFETY}`]),
            ...(made === 0 ? [] : [`${counted(made, "case")} that you made as a moderator, ${SAFETY}`]),
          ]
          const notes = yield* store.anonymise(userId)
          if (notes > 0) kept.push(`${counted(notes, "note")} that you wrote, without your name`)
          return { erased: 0, ...(kept.length === 0 ? {} : { kept: `${kept.join("; ")}.` }) }
        }),
      forgetGuild: store.forgetGuild,
      guilds: store.guilds,
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

const SAFETY = "for the safety of the servers where they were made"

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** Without who moderated, and without what names the others of a mass ban: that is not the person's own. */
const shown = (found: Case & { readonly outcome: unknown }): unknown => ({
  ...found,
  moderatorId: undefined,
  detail: found.kind === "massban" ? undefined : found.detail,
})

/** What a moderator did, without whom it was done to. */
const own = ({ at, guildId, kind, moderatorId, number, reason, status, until }: Case): unknown => ({
  guildId,
  number,
  kind,
  moderatorId,
  reason,
  status,
  at,
  until,
})

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
).pipe(Layer.provideMerge(Turns.layer))
