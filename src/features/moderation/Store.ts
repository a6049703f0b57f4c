/**
 * Where cases are kept, in the database.
 *
 * A case is numbered and written before the act, as `pending`, and settled after it. The number comes from a row of
 * the server's that is counted up in the same transaction: of any number of moderators, and of bots on one
 * database, no two get the same, and none is left out.
 *
 * Failure modes: a failure of the database is a defect. Where several bots share a database, the start of one makes
 * `unknown` what another has under way; that one settles it all the same.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Array, Context, Effect, Layer } from "effect"
import * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"
import {
  type Case,
  type Kind,
  type NewCase,
  type Note,
  type Outcome,
  type Status,
  STOPPED,
  type Subject,
} from "./Model.js"
import { CaseUnknown } from "./ModerationError.js"

/** Times are epoch milliseconds. */
export interface CaseStore {
  /** Writes a case as `pending`, with the next number of its server, and those whom a mass ban is about. */
  readonly open: (fresh: NewCase, subjects?: ReadonlyArray<Subject>) => Effect.Effect<Case>
  readonly note: (
    guildId: string,
    number: number,
    note: Note & { readonly authorId: string },
  ) => Effect.Effect<Case, CaseUnknown>
  /** Settles people of a mass ban. */
  readonly decide: (guildId: string, number: number, subjects: ReadonlyArray<Subject>) => Effect.Effect<void>
  /** Settles a case that is `pending` or `unknown`; gives it as it is then. */
  readonly settle: (
    guildId: string,
    number: number,
    status: Exclude<Status, "pending">,
    detail: string | null,
  ) => Effect.Effect<Case, CaseUnknown>
  readonly find: (guildId: string, number: number) => Effect.Effect<Case, CaseUnknown>
  /** Oldest first. */
  readonly notes: (guildId: string, number: number) => Effect.Effect<ReadonlyArray<Note>>
  /** Those whom a mass ban is about, in the order of their ids. */
  readonly subjects: (guildId: string, number: number) => Effect.Effect<ReadonlyArray<Subject>>
  /** Newest first; with a user those about them, mass bans too. At most `limit`. */
  readonly list: (
    guildId: string,
    options: { readonly userId?: string | undefined; readonly since?: number; readonly limit: number },
  ) => Effect.Effect<ReadonlyArray<Case>>
  /** What was begun before then and is `pending` still becomes `unknown`, and is given. */
  readonly abandon: (before: number) => Effect.Effect<ReadonlyArray<Case>>
  /** Deletes a server's settled cases from before then; how many those were. */
  readonly prune: (guildId: string, before: number) => Effect.Effect<number>
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** The cases about a person in all servers, with what became of them. */
  readonly about: (
    userId: string,
  ) => Effect.Effect<ReadonlyArray<Case & { readonly outcome: Outcome | null }>>
  /** The cases that a person has made as a moderator, in all servers. */
  readonly moderated: (userId: string) => Effect.Effect<ReadonlyArray<Case>>
  /** The notes that a person has written, in all servers. */
  readonly written: (
    userId: string,
  ) => Effect.Effect<ReadonlyArray<Note & { readonly guildId: string; readonly number: number }>>
  /** Takes a person's name off the notes that they have written; how many those were. */
  readonly anonymise: (userId: string) => Effect.Effect<number>
  /** Servers that have any cases, or had. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

export const CaseStore = Context.GenericTag<CaseStore>("bosun/features/moderation/CaseStore")

export const make: Effect.Effect<CaseStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("moderation", steps)
    const sql = yield* SqlClient.SqlClient
    /** Statements that belong together. What is begun is ended: an act must not go on without its case. */
    const transact = <A, E>(task: Effect.Effect<A, E | SqlError>): Effect.Effect<A, Exclude<E, SqlError>> =>
      infallible(sql.withTransaction(task))
    const count = sql<{ readonly last: number }>
    const cases = sql<CaseRow>
    const at = (guildId: string, number: number) => sql`guild_id = ${guildId} AND number = ${number}`
    const insertSubjects = (guildId: string, number: number, subjects: ReadonlyArray<Subject>) =>
      Effect.forEach(
        Array.chunksOf(subjects, ROWS),
        (some) =>
          sql`INSERT INTO moderation_subjects ${sql.insert(
            some.map(({ outcome, userId }) => ({ guild_id: guildId, number, user_id: userId, outcome })),
          )} ON CONFLICT (guild_id, number, user_id) DO UPDATE SET outcome = excluded.outcome`,
        { discard: true },
      )
    const find = (guildId: string, number: number) =>
      Effect.flatMap(cases`SELECT * FROM moderation_cases WHERE ${at(guildId, number)}`, ([row]) =>
        row === undefined ? Effect.fail(new CaseUnknown({ number })) : Effect.succeed(caseOf(row)),
      )

    return {
      open: (fresh, subjects = []) =>
        transact(
          Effect.gen(function* () {
            const { guildId } = fresh
            const [counter] =
              yield* count`INSERT INTO moderation_counters ${sql.insert({ guild_id: guildId, last: 1 })}
              ON CONFLICT (guild_id) DO UPDATE SET last = moderation_counters.last + 1 RETURNING last`
            const number = counter?.last ?? 1
            const row: CaseRow = { ...rowOf(fresh), number, status: "pending", detail: null }
            yield* sql`INSERT INTO moderation_cases ${sql.insert({ ...row })}`
            yield* insertSubjects(guildId, number, subjects)
            return caseOf(row)
          }),
        ),
      note: (guildId, number, { at: when, authorId, text }) =>
        transact(
          Effect.gen(function* () {
            const found = yield* find(guildId, number)
            yield* sql`INSERT INTO moderation_notes ${sql.insert({ guild_id: guildId, number, author_id: authorId, text, at: when })}`
            return found
          }),
        ),
      decide: (guildId, number, subjects) =>
        Effect.asVoid(transact(insertSubjects(guildId, number, subjects))),
      settle: (guildId, number, status, detail) =>
        transact(
          Effect.gen(function* () {
            yield* sql`UPDATE moderation_cases SET ${sql.update({ status, detail })}
              WHERE ${at(guildId, number)} AND status IN ('pending', 'unknown')`
            return yield* find(guildId, number)
          }),
        ),
      find: (guildId, number) => infallible(find(guildId, number)),
      notes: (guildId, number) =>
        Effect.orDie(
          Effect.map(
            sql<NoteRow>`SELECT * FROM moderation_notes WHERE ${at(guildId, number)} ORDER BY at, text`,
            (rows) => rows.map(noteOf),
          ),
        ),
      subjects: (guildId, number) =>
        Effect.orDie(
          Effect.map(
            sql<SubjectRow>`SELECT user_id, outcome FROM moderation_subjects WHERE ${at(guildId, number)} ORDER BY user_id`,
            (rows) => rows.map(({ outcome, user_id }) => ({ userId: user_id, outcome })),
          ),
        ),
      list: (guildId, { limit, since = 0, userId }) =>
        Effect.orDie(
          Effect.map(
            cases`SELECT * FROM moderation_cases WHERE guild_id = ${guildId} AND at >= ${since} AND ${
              userId === undefined ? sql`1 = 1` : about(sql, userId)
            } ORDER BY number DESC LIMIT ${limit}`,
            (rows) => rows.map(caseOf),
          ),
        ),
      abandon: (before) =>
        transact(
          Effect.gen(function* () {
            const rows = yield* cases`UPDATE moderation_cases SET status = 'unknown', detail = ${STOPPED}
            WHERE status = 'pending' AND at < ${before} RETURNING *`
            for (const { guild_id, number } of rows)
              yield* sql`UPDATE moderation_subjects SET outcome = 'unknown' WHERE ${at(guild_id, number)} AND outcome = 'pending'`
            return rows.map(caseOf)
          }),
        ),
      prune: (guildId, before) =>
        transact(
          Effect.gen(function* () {
            const old = sql`SELECT number FROM moderation_cases WHERE guild_id = ${guildId} AND at < ${before} AND status <> 'pending'`
            for (const table of PARTS)
              yield* sql`DELETE FROM ${sql(table)} WHERE guild_id = ${guildId} AND number IN (${old})`
            const gone =
              yield* cases`DELETE FROM moderation_cases WHERE guild_id = ${guildId} AND at < ${before} AND status <> 'pending' RETURNING *`
            return gone.length
          }),
        ),
      forgetGuild: (guildId) =>
        transact(
          Effect.forEach(
            [...PARTS, "moderation_cases", "moderation_counters"],
            (table) => sql`DELETE FROM ${sql(table)} WHERE guild_id = ${guildId}`,
            { discard: true },
          ),
        ),
      about: (userId) =>
        Effect.orDie(
          Effect.map(
            sql<CaseRow & { readonly outcome: Outcome | null }>`SELECT moderation_cases.*, (
                SELECT outcome FROM moderation_subjects WHERE moderation_subjects.guild_id = moderation_cases.guild_id
                AND moderation_subjects.number = moderation_cases.number AND moderation_subjects.user_id = ${userId}
              ) AS outcome FROM moderation_cases WHERE ${about(sql, userId)} ORDER BY at, number`,
            (rows) => rows.map((row) => ({ ...caseOf(row), outcome: row.outcome })),
          ),
        ),
      moderated: (userId) =>
        Effect.orDie(
          Effect.map(
            cases`SELECT * FROM moderation_cases WHERE moderator_id = ${userId} ORDER BY at, number`,
            (rows) => rows.map(caseOf),
          ),
        ),
      written: (userId) =>
        Effect.orDie(
          Effect.map(
            sql<NoteRow>`SELECT * FROM moderation_notes WHERE author_id = ${userId} ORDER BY at`,
            (rows) => rows.map((row) => ({ ...noteOf(row), guildId: row.guild_id, number: row.number })),
          ),
        ),
      anonymise: (userId) =>
        transact(
          Effect.map(
            sql<NoteRow>`UPDATE moderation_notes SET author_id = NULL WHERE author_id = ${userId} RETURNING *`,
            (rows) => rows.length,
          ),
        ),
      guilds: Effect.orDie(
        Effect.map(sql<{ readonly guild_id: string }>`SELECT guild_id FROM moderation_counters`, (rows) =>
          rows.map(({ guild_id }) => guild_id),
        ),
      ),
    }
  },
)

/** In the database; the tables are made where there are none. */
export const layer: Layer.Layer<CaseStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  CaseStore,
  make,
)

// ---------------------------------------------------------------------------------------------------------
// The tables
// ---------------------------------------------------------------------------------------------------------

/** What a case has besides its row. */
const PARTS = ["moderation_subjects", "moderation_notes"]

/** In one statement, below what SQLite takes as parameters. */
const ROWS = 250

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "cases",
    (sql) =>
      Effect.all(
        [
          sql`CREATE TABLE moderation_counters (guild_id TEXT PRIMARY KEY, last INTEGER NOT NULL)`,
          sql`CREATE TABLE moderation_cases (
            guild_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            user_id TEXT,
            moderator_id TEXT NOT NULL,
            reason TEXT,
            status TEXT NOT NULL,
            detail TEXT,
            at BIGINT NOT NULL,
            until BIGINT,
            PRIMARY KEY (guild_id, number)
          )`,
          sql`CREATE INDEX moderation_cases_user ON moderation_cases (user_id)`,
          sql`CREATE TABLE moderation_subjects (
            guild_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            outcome TEXT NOT NULL,
            PRIMARY KEY (guild_id, number, user_id)
          )`,
          sql`CREATE INDEX moderation_subjects_user ON moderation_subjects (user_id)`,
          sql`CREATE TABLE moderation_notes (
            guild_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            author_id TEXT,
            text TEXT NOT NULL,
            at BIGINT NOT NULL
          )`,
          sql`CREATE INDEX moderation_notes_case ON moderation_notes (guild_id, number)`,
        ],
        { discard: true },
      ),
  ],
  ["moderators", (sql) => sql`CREATE INDEX moderation_cases_moderator ON moderation_cases (moderator_id)`],
]

interface CaseRow {
  readonly guild_id: string
  readonly number: number
  readonly kind: Kind
  readonly user_id: string | null
  readonly moderator_id: string
  readonly reason: string | null
  readonly status: Status
  readonly detail: string | null
  readonly at: number
  readonly until: number | null
}

interface SubjectRow {
  readonly user_id: string
  readonly outcome: Outcome
}

interface NoteRow {
  readonly guild_id: string
  readonly number: number
  readonly author_id: string | null
  readonly text: string
  readonly at: number
}

const about = (sql: SqlClient.SqlClient, userId: string) =>
  sql`(moderation_cases.user_id = ${userId} OR EXISTS (
    SELECT 1 FROM moderation_subjects WHERE moderation_subjects.guild_id = moderation_cases.guild_id
    AND moderation_subjects.number = moderation_cases.number AND moderation_subjects.user_id = ${userId}))`

const rowOf = ({ at, guildId, kind, moderatorId, reason, until, userId }: NewCase) => ({
  guild_id: guildId,
  kind,
  user_id: userId,
  moderator_id: moderatorId,
  reason,
  at,
  until,
})

const caseOf = (row: CaseRow): Case => ({
  guildId: row.guild_id,
  number: row.number,
  kind: row.kind,
  userId: row.user_id,
  moderatorId: row.moderator_id,
  reason: row.reason,
  status: row.status,
  detail: row.detail,
  at: row.at,
  until: row.until,
})

const noteOf = ({ at, author_id, text }: NoteRow): Note => ({ authorId: author_id, text, at })

/** Leaves what the caller may handle; the database's own failures are defects. */
const infallible = <A, E>(effect: Effect.Effect<A, E | SqlError>): Effect.Effect<A, Exclude<E, SqlError>> =>
  Effect.catchAll(effect, (error) =>
    isSqlError(error) ? Effect.die(error) : Effect.fail(error as Exclude<E, SqlError>),
  )

const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"
