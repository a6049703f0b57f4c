/**
 * The store of try-outs in the database.
 *
 * Each operation is one transaction that locks what it reads before it writes: first the try-out, where it matters
 * whether that is open, then applications in the order of their ids, so that no two wait for each other. That a
 * name is open once, and a person has one open application in a server, the database itself sees to.
 *
 * Failure modes: a failure of the database is a defect; the layer fails where the tables cannot be made.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Data, Effect, Layer, Schema } from "effect"
import * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"
import { Application, asOf, blank, isOpen, Tryout } from "./Model.js"
import { NOBODY, TryoutStore } from "./Store.js"
import {
  AlreadyApplied,
  ApplicationGone,
  NameTaken,
  NoApplication,
  NotPending,
  TalkEnded,
  TryoutClosed,
  TryoutUnknown,
} from "./TryoutError.js"

export const make: Effect.Effect<TryoutStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("tryouts", steps)
    const sql = yield* SqlClient.SqlClient
    const lock = Database.forUpdate(sql)
    const nothing = sql.literal("")

    /** One transaction; what the database itself fails with is a defect. */
    const transact = <A, E, R>(
      body: Effect.Effect<A, E | SqlError, R>,
    ): Effect.Effect<A, Exclude<E, SqlError>, R> => dying(sql.withTransaction(body))

    const tryouts = (where: ReturnType<typeof sql.literal>, lock = nothing) =>
      Effect.flatMap(
        sql`SELECT * FROM tryouts_tryout WHERE ${where} ORDER BY opened_at, id ${lock}`,
        decodeTryouts,
      )
    const applications = (where: ReturnType<typeof sql.literal>, lock = nothing) =>
      Effect.flatMap(
        sql`SELECT * FROM tryouts_application WHERE ${where} ORDER BY started_at, id ${lock}`,
        decodeApplications,
      )

    const tryoutOf = (id: string, lock = nothing) =>
      first(tryouts(sql`id = ${id}`, lock), () => new ApplicationGone())
    const applicationOf = (id: string, lock = nothing) =>
      first(applications(sql`id = ${id}`, lock), () => new ApplicationGone())
    const openIn = (guildId: string) => tryouts(sql`guild_id = ${guildId} AND closed_at IS NULL`)

    /** Writes it in place of what was there, and gives it back. */
    const replace = (next: Application) =>
      Effect.as(
        sql`UPDATE tryouts_application SET ${sql.update(rowOfApplication(next))} WHERE id = ${next.id}`,
        next,
      )

    /** Changes the application of that id in the newest talk. */
    const talking = (id: string, talk: number, f: (application: Application) => Application) =>
      transact(
        Effect.gen(function* () {
          const [found] = yield* applications(sql`id = ${id}`, lock)
          if (found === undefined) return yield* new TalkEnded({ why: "withdrawn" })
          if (found.status === "withdrawn" || found.status === "lapsed")
            return yield* new TalkEnded({ why: found.status })
          if (found.status !== "writing" || found.talk !== talk)
            return yield* new TalkEnded({ why: "elsewhere" })
          return yield* replace(f(found))
        }),
      )

    const begin: TryoutStore["begin"] = ({ id, tryoutId, userId }, at) =>
      transact(
        Effect.gen(function* () {
          const tryout = yield* tryoutOf(tryoutId, lock)
          const { guildId } = tryout
          const own = yield* applications(sql`user_id = ${userId} AND guild_id = ${guildId}`, lock)
          const former =
            own.find(isOpen) ?? own.find((one) => one.tryoutId === tryoutId && one.status === "approved")
          if (former !== undefined && (former.status !== "writing" || former.tryoutId !== tryoutId)) {
            const { name } = yield* tryoutOf(former.tryoutId)
            return yield* new AlreadyApplied({ name, status: former.status })
          }
          if (tryout.closedAt !== null) return yield* new TryoutClosed({ name: tryout.name })
          if (former !== undefined) return yield* replace({ ...former, talk: former.talk + 1 })
          const fresh: Application = { ...blank, id, tryoutId, userId, guildId, startedAt: at }
          const inserted = yield* sql`INSERT INTO tryouts_application ${sql.insert(rowOfApplication(fresh))}
          ON CONFLICT DO NOTHING RETURNING id`
          return inserted.length === 0 ? yield* new Overtaken() : fresh
        }),
        // The person has begun elsewhere meanwhile: that one is found now.
      ).pipe(
        Effect.retry({ times: 3, while: (error) => error._tag === "Overtaken" }),
        Effect.catchTag("Overtaken", Effect.die),
      )

    return {
      open: (tryout) =>
        dying(
          Effect.flatMap(
            sql`INSERT INTO tryouts_tryout ${sql.insert(rowOfTryout(tryout))}
            ON CONFLICT (guild_id, name_key) WHERE closed_at IS NULL DO NOTHING RETURNING id`,
            (rows) => (rows.length === 0 ? Effect.fail(new NameTaken({ name: tryout.name })) : Effect.void),
          ),
        ),
      close: (guildId, name, at) =>
        transact(
          Effect.gen(function* () {
            const [found] = yield* tryouts(
              sql`guild_id = ${guildId} AND closed_at IS NULL AND name_key = ${keyOf(name)}`,
              lock,
            )
            if (found === undefined)
              return yield* new TryoutUnknown({ name, open: (yield* openIn(guildId)).map((one) => one.name) })
            yield* sql`UPDATE tryouts_tryout SET closed_at = ${at} WHERE id = ${found.id}`
            const writing = yield* applications(sql`tryout_id = ${found.id} AND status = 'writing'`, lock)
            const lapsed = yield* Effect.forEach(writing, (one) =>
              replace({ ...one, status: "lapsed", decidedAt: at }),
            )
            return { tryout: { ...found, closedAt: at }, lapsed }
          }),
        ),
      list: (guildId) => dying(openIn(guildId)),
      tryout: (id) => dying(tryoutOf(id)),
      begin,
      discard: (id, talk) =>
        dying(
          Effect.asVoid(sql`DELETE FROM tryouts_application
          WHERE id = ${id} AND talk = ${talk} AND answers = '[]' AND ${sql.in("status", OPEN)}`),
        ),
      meet: (id, talk, meeting) => Effect.asVoid(talking(id, talk, (one) => ({ ...one, meeting }))),
      save: (id, talk, answers) => Effect.asVoid(talking(id, talk, (one) => ({ ...one, answers }))),
      submit: (id, talk, at) =>
        talking(id, talk, (one) => ({ ...one, status: "pending", submittedAt: at, card: null })),
      application: (id) => dying(applicationOf(id)),
      post: (id, card, former) =>
        transact(
          Effect.gen(function* () {
            const found = yield* applicationOf(id, lock)
            if (found.card?.messageId !== former?.messageId) return found.card
            return (yield* replace({ ...found, card })).card
          }),
        ),
      of: (guildId, userId) =>
        dying(
          Effect.map(applications(sql`guild_id = ${guildId} AND user_id = ${userId}`), (found) =>
            found.toReversed(),
          ),
        ),
      pending: (guildId, at) =>
        dying(
          Effect.map(
            applications(sql`guild_id = ${guildId} AND ${sql.in("status", ["pending", "approving"])}`),
            (found) =>
              found
                .map((one) => asOf(one, at))
                .filter((one) => one.status === "pending")
                .toSorted((a, b) => (a.submittedAt ?? 0) - (b.submittedAt ?? 0)),
          ),
        ),
      withdraw: (id, userId, at) =>
        transact(
          Effect.gen(function* () {
            const kept = yield* first(
              applications(sql`id = ${id} AND user_id = ${userId}`, lock),
              () => new NoApplication(),
            )
            const found = asOf(kept, at)
            if (found.status !== "writing" && found.status !== "pending") return yield* notPending(found)
            return yield* replace({ ...found, status: "withdrawn", decidedAt: at })
          }),
        ),
      claim: (id, round, by, at) =>
        transact(
          Effect.gen(function* () {
            const found = asOf(yield* applicationOf(id, lock), at)
            if (found.round !== round || found.status !== "pending") return yield* notPending(found)
            return yield* replace({ ...found, status: "approving", decidedBy: by, decidedAt: at })
          }),
        ),
      approve: (id, by, at) =>
        transact(
          Effect.gen(function* () {
            const found = yield* applicationOf(id, lock)
            if (found.status !== "approving" || found.decidedBy !== by) return yield* notPending(found)
            return yield* replace({ ...found, status: "approved", decidedAt: at })
          }),
        ),
      release: (id, by) =>
        dying(
          Effect.asVoid(sql`UPDATE tryouts_application SET status = 'pending', decided_by = NULL, decided_at = NULL
          WHERE id = ${id} AND status = 'approving' AND decided_by = ${by}`),
        ),
      decline: (id, round, { by, reason, status }, at) =>
        transact(
          Effect.gen(function* () {
            const { tryoutId } = yield* applicationOf(id)
            const { closedAt, name } = yield* tryoutOf(tryoutId, lock)
            const found = asOf(yield* applicationOf(id, lock), at)
            if (found.round !== round || found.status !== "pending") return yield* notPending(found)
            if (status === "writing" && closedAt !== null) return yield* new TryoutClosed({ name })
            const decided: Application = { ...found, status, reason, decidedBy: by, decidedAt: at }
            return yield* replace(status === "writing" ? { ...decided, round: found.round + 1 } : decided)
          }),
        ),
      exportUser: (userId) =>
        transact(
          Effect.gen(function* () {
            const decided = yield* applications(sql`decided_by = ${userId} AND user_id <> ${userId}`)
            return {
              applications: yield* applications(sql`user_id = ${userId}`),
              opened: yield* tryouts(sql`opened_by = ${userId}`),
              decided: decided.map((one) => ({
                applicationId: one.id,
                guildId: one.guildId,
                decidedAt: one.decidedAt,
              })),
            }
          }),
        ),
      eraseUser: (userId) =>
        transact(
          Effect.gen(function* () {
            const opened = yield* sql`UPDATE tryouts_tryout SET opened_by = ${NOBODY}
            WHERE opened_by = ${userId} RETURNING id`
            const erased = yield* sql`DELETE FROM tryouts_application WHERE user_id = ${userId} RETURNING id`
            const decided = yield* sql`UPDATE tryouts_application SET decided_by = NULL
            WHERE decided_by = ${userId} AND status <> 'approving' RETURNING id`
            return { erased: erased.length, anonymised: opened.length + decided.length }
          }),
        ),
      forgetGuild: (guildId) =>
        transact(
          Effect.gen(function* () {
            yield* sql`SELECT id FROM tryouts_tryout WHERE guild_id = ${guildId} ORDER BY opened_at, id ${lock}`
            yield* sql`DELETE FROM tryouts_application WHERE guild_id = ${guildId}`
            yield* sql`DELETE FROM tryouts_tryout WHERE guild_id = ${guildId}`
          }),
        ),
      guilds: sql<{
        readonly guild_id: string
      }>`SELECT guild_id FROM tryouts_tryout UNION SELECT guild_id FROM tryouts_application`.pipe(
        Effect.map((rows) => rows.map(({ guild_id }) => guild_id)),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the tables are made where there are none. */
export const layer: Layer.Layer<TryoutStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  TryoutStore,
  make,
)

/** Another application of the person was begun between the look and the change. */
class Overtaken extends Data.TaggedError("Overtaken")<{}> {}

const dying = <A, E, R>(body: Effect.Effect<A, E | SqlError, R>): Effect.Effect<A, Exclude<E, SqlError>, R> =>
  Effect.catchAll(body, (error) =>
    isSqlError(error) ? Effect.die(error) : Effect.fail(error as Exclude<E, SqlError>),
  )

const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

const first = <A, E, E2, R>(
  rows: Effect.Effect<ReadonlyArray<A>, E, R>,
  orElse: () => E2,
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(rows, ([row]) => (row === undefined ? Effect.fail(orElse()) : Effect.succeed(row)))

const notPending = ({ decidedBy, status }: Application): NotPending =>
  new NotPending({ status, by: decidedBy })

const OPEN: ReadonlyArray<Application["status"]> = ["writing", "pending", "approving"]

// ---------------------------------------------------------------------------------------------------------
// The tables
// ---------------------------------------------------------------------------------------------------------

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "tryouts and applications",
    (sql) =>
      Effect.gen(function* () {
        yield* sql`CREATE TABLE tryouts_tryout (
          id TEXT PRIMARY KEY,
          guild_id TEXT NOT NULL,
          name TEXT NOT NULL,
          name_key TEXT NOT NULL,
          channel_id TEXT NOT NULL,
          role_id TEXT,
          place TEXT NOT NULL,
          questions TEXT NOT NULL,
          deadline BIGINT NOT NULL,
          opened_by TEXT NOT NULL,
          opened_at BIGINT NOT NULL,
          closed_at BIGINT
        )`
        yield* sql`CREATE UNIQUE INDEX tryouts_open_name ON tryouts_tryout (guild_id, name_key) WHERE closed_at IS NULL`
        yield* sql`CREATE INDEX tryouts_opened_by ON tryouts_tryout (opened_by)`
        yield* sql`CREATE TABLE tryouts_application (
          id TEXT PRIMARY KEY,
          tryout_id TEXT NOT NULL REFERENCES tryouts_tryout (id),
          guild_id TEXT NOT NULL,
          user_id TEXT NOT NULL,
          status TEXT NOT NULL,
          answers TEXT NOT NULL,
          round INTEGER NOT NULL,
          talk INTEGER NOT NULL,
          meeting TEXT,
          card TEXT,
          started_at BIGINT NOT NULL,
          submitted_at BIGINT,
          decided_by TEXT,
          decided_at BIGINT,
          reason TEXT
        )`
        yield* sql`CREATE UNIQUE INDEX tryouts_one_open ON tryouts_application (guild_id, user_id)
          WHERE status IN ('writing', 'pending', 'approving')`
        yield* sql`CREATE INDEX tryouts_of_person ON tryouts_application (user_id, guild_id)`
        yield* sql`CREATE INDEX tryouts_of_tryout ON tryouts_application (tryout_id, status)`
        yield* sql`CREATE INDEX tryouts_decided_by ON tryouts_application (decided_by)`
      }),
  ],
]

const keyOf = (name: string): string => name.toLowerCase()

const rowOfTryout = (tryout: Tryout) => ({
  id: tryout.id,
  guild_id: tryout.guildId,
  name: tryout.name,
  name_key: keyOf(tryout.name),
  channel_id: tryout.channelId,
  role_id: tryout.roleId,
  place: tryout.where,
  questions: JSON.stringify(tryout.questions),
  deadline: tryout.deadline,
  opened_by: tryout.openedBy,
  opened_at: tryout.openedAt,
  closed_at: tryout.closedAt,
})

const rowOfApplication = (one: Application) => ({
  id: one.id,
  tryout_id: one.tryoutId,
  guild_id: one.guildId,
  user_id: one.userId,
  status: one.status,
  answers: JSON.stringify(one.answers),
  round: one.round,
  talk: one.talk,
  meeting: one.meeting && JSON.stringify(one.meeting),
  card: one.card && JSON.stringify(one.card),
  started_at: one.startedAt,
  submitted_at: one.submittedAt,
  decided_by: one.decidedBy,
  decided_at: one.decidedAt,
  reason: one.reason,
})

type Row = Readonly<Record<string, unknown>>

const json = (text: unknown): unknown => (text === null ? null : JSON.parse(String(text)))

const decodeTryouts = (rows: ReadonlyArray<Row>) =>
  Effect.orDie(
    Schema.decodeUnknown(Schema.Array(Tryout))(
      rows.map((row) => ({
        id: row["id"],
        guildId: row["guild_id"],
        name: row["name"],
        channelId: row["channel_id"],
        roleId: row["role_id"],
        where: row["place"],
        questions: json(row["questions"]),
        deadline: row["deadline"],
        openedBy: row["opened_by"],
        openedAt: row["opened_at"],
        closedAt: row["closed_at"],
      })),
    ),
  )

const decodeApplications = (rows: ReadonlyArray<Row>) =>
  Effect.orDie(
    Schema.decodeUnknown(Schema.Array(Application))(
      rows.map((row) => ({
        id: row["id"],
        tryoutId: row["tryout_id"],
        guildId: row["guild_id"],
        userId: row["user_id"],
        status: row["status"],
        answers: json(row["answers"]),
        round: row["round"],
        talk: row["talk"],
        meeting: json(row["meeting"]),
        card: json(row["card"]),
        startedAt: row["started_at"],
        submittedAt: row["submitted_at"],
        decidedBy: row["decided_by"],
        decidedAt: row["decided_at"],
        reason: row["reason"],
      })),
    ),
  )
