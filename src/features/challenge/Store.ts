/**
 * Where challenges are kept, in the database.
 *
 * Each operation is one transaction. Whatever changes somebody's part in a challenge takes the row of their membership
 * first, and so waits for whoever changes it at the same time; without such a row there is nothing to change. A period is logged once: the table has one row for it.
 *
 * Failure modes: a failure of the database is a defect.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Array, Context, Effect, Layer } from "effect"
import * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"
import {
  AlreadyMember,
  ChallengeUnknown,
  NameTaken,
  NoMember,
  NotThen,
  TooManyChallenges,
  TooManyMembers,
} from "./ChallengeError.js"
import type { Book, Challenge, Every, Member, Span } from "./Model.js"

/** Who does something, and as what they are shown. */
export interface Who {
  readonly userId: string
  readonly name: string
}

/** Everything that is stored of a person in one challenge. */
export interface Part {
  readonly challenge: Challenge
  readonly name: string
  readonly spans: ReadonlyArray<Span>
  readonly done: ReadonlyArray<number>
}

export interface ChallengeStore {
  readonly create: (challenge: Challenge) => Effect.Effect<void, NameTaken | TooManyChallenges>
  /** Of a server: the newest year first, then by name. */
  readonly list: (guildId: string) => Effect.Effect<ReadonlyArray<Challenge>>
  /** Takes part from this period on; in that in which they left as if they had not, but for what was logged in it. */
  readonly join: (
    challenge: Challenge,
    who: Who,
    from: number,
  ) => Effect.Effect<void, AlreadyMember | ChallengeUnknown | TooManyMembers>
  /** Takes part until before this period; what was missed by then stays, and what was logged from then on goes. */
  readonly leave: (challenge: Challenge, userId: string, until: number) => Effect.Effect<void, NoMember>
  /**
   * Logs a period; false where it was logged before. `when` is the period in words. Fails with `NoMember` where they
   * take no part now, and with `NotThen` where they took none in that period.
   */
  readonly log: (
    challenge: Challenge,
    who: Who,
    period: number,
    when: string,
  ) => Effect.Effect<boolean, NoMember | NotThen>
  /** All that is known of a challenge, as at one moment. */
  readonly book: (challenge: Challenge) => Effect.Effect<Book>
  /** Puts a challenge with all its members there, as one; in the place of one of the same name where `replace`. */
  readonly put: (
    book: Book,
    replace: boolean,
  ) => Effect.Effect<void, NameTaken | TooManyChallenges | TooManyMembers>
  /** In all servers. */
  readonly partsOf: (userId: string) => Effect.Effect<ReadonlyArray<Part>>
  /** The challenges that they made, in all servers. */
  readonly madeBy: (userId: string) => Effect.Effect<ReadonlyArray<Challenge>>
  /** Takes them out of all challenges; challenges that they made stay, without their name. How many of each. */
  readonly forgetUser: (userId: string) => Effect.Effect<{ readonly parts: number; readonly made: number }>
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** Servers of which anything is stored. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

export const ChallengeStore = Context.GenericTag<ChallengeStore>("bosun/features/challenge/ChallengeStore")

/** Of one server. */
export const MOST = 100

/** In all challenges of one server: what adds them up takes it all in. */
export const MOST_MEMBERS = 10_000

/** The same for names that differ in case alone. */
export const keyOf = (name: string): string => name.normalize("NFKC").toLowerCase()

export const make: Effect.Effect<ChallengeStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("challenge", steps)
    const sql = yield* SqlClient.SqlClient
    const transact = <A, E>(task: Effect.Effect<A, E | SqlError>): Effect.Effect<A, Exclude<E, SqlError>> =>
      Effect.catchIf(sql.withTransaction(task), isSqlError, Effect.die) as Effect.Effect<
        A,
        Exclude<E, SqlError>
      >
    const challenges = sql<ChallengeRow>

    const insert = (challenge: Challenge) =>
      Effect.gen(function* () {
        const { guildId, name } = challenge
        const [{ count } = { count: 0 }] = yield* sql<{ readonly count: number }>`
          SELECT COUNT(*) AS count FROM challenge_challenges WHERE guild_id = ${guildId}`
        if (count >= MOST) return yield* new TooManyChallenges({ most: MOST })
        const added = yield* sql`INSERT INTO challenge_challenges ${sql.insert(rowOf(challenge))}
          ON CONFLICT (guild_id, name_key) DO NOTHING RETURNING id`
        if (added.length === 0) return yield* new NameTaken({ name })
      })
    /** Whether the server's challenges have room for as many more. */
    const room = (guildId: string, more: number) =>
      Effect.gen(function* () {
        const [{ count } = { count: 0 }] = yield* sql<{ readonly count: number }>`
          SELECT COUNT(*) AS count FROM challenge_members m
          JOIN challenge_challenges c ON c.id = m.challenge_id WHERE c.guild_id = ${guildId}`
        if (count + more > MOST_MEMBERS) return yield* new TooManyMembers({ most: MOST_MEMBERS })
      })
    const spansOf = (challengeId: string, userId: string) =>
      sql<SpanRow>`SELECT * FROM challenge_spans
        WHERE challenge_id = ${challengeId} AND user_id = ${userId} ORDER BY from_period`
    const erase = (challengeId: string) =>
      Effect.forEach(
        // Members first: that waits for whoever changes one.
        ["challenge_members", "challenge_spans", "challenge_logs"],
        (table) => sql`DELETE FROM ${sql(table)} WHERE challenge_id = ${challengeId}`,
        { discard: true },
      )
    const remove = (challengeId: string) =>
      Effect.zipRight(erase(challengeId), sql`DELETE FROM challenge_challenges WHERE id = ${challengeId}`)
    /** Rows are made when it is their turn, and others have theirs in between: there may be very many. */
    const insertAll = (table: string, rows: Iterable<Readonly<Record<string, string | number | null>>>) =>
      Effect.gen(function* () {
        let some: Array<Readonly<Record<string, string | number | null>>> = []
        const flush = Effect.suspend(() => sql`INSERT INTO ${sql(table)} ${sql.insert(some)}`)
        for (const row of rows) {
          some.push(row)
          if (some.length < ROWS) continue
          yield* flush
          yield* Effect.yieldNow()
          some = []
        }
        if (some.length > 0) yield* flush
      })

    return {
      create: (challenge) => transact(insert(challenge)),
      list: (guildId) =>
        challenges`SELECT * FROM challenge_challenges WHERE guild_id = ${guildId} ORDER BY year DESC, name_key`.pipe(
          Effect.map(Array.map(challengeOf)),
          Effect.orDie,
        ),
      join: ({ guildId, id, name }, { name: called, userId }, from) =>
        transact(
          Effect.gen(function* () {
            // It may have been replaced or forgotten meanwhile.
            const there =
              yield* sql`SELECT id FROM challenge_challenges WHERE id = ${id} ${Database.forUpdate(sql)}`
            if (there.length === 0) return yield* new ChallengeUnknown({ name, known: [] })
            yield* sql`INSERT INTO challenge_members ${sql.insert({ challenge_id: id, user_id: userId, name: called })}
              ON CONFLICT (challenge_id, user_id) DO UPDATE SET name = excluded.name`
            yield* room(guildId, 0)
            const last = (yield* spansOf(id, userId)).at(-1)
            if (last !== undefined && last.until_period === null) return yield* new AlreadyMember({ name })
            if (last !== undefined && Number(last.until_period) >= from)
              yield* sql`UPDATE challenge_spans SET until_period = NULL
                WHERE challenge_id = ${id} AND user_id = ${userId} AND from_period = ${last.from_period}`
            else
              yield* sql`INSERT INTO challenge_spans
                ${sql.insert({ challenge_id: id, user_id: userId, from_period: from, until_period: null })}`
          }),
        ),
      leave: ({ id, name }, userId, until) =>
        transact(
          Effect.gen(function* () {
            const there = yield* sql`SELECT user_id FROM challenge_members
              WHERE challenge_id = ${id} AND user_id = ${userId} ${Database.forUpdate(sql)}`
            const last = there.length === 0 ? undefined : (yield* spansOf(id, userId)).at(-1)
            if (last === undefined || last.until_period !== null) return yield* new NoMember({ name })
            const at = sql`challenge_id = ${id} AND user_id = ${userId} AND from_period = ${last.from_period}`
            const own = sql`challenge_id = ${id} AND user_id = ${userId}`
            yield* sql`DELETE FROM challenge_logs WHERE ${own} AND period >= ${until}`
            if (until > last.from_period) {
              yield* sql`UPDATE challenge_spans SET until_period = ${until} WHERE ${at}`
              return
            }
            yield* sql`DELETE FROM challenge_spans WHERE ${at}`
            // Where they took no part before, nothing of them is left.
            if ((yield* spansOf(id, userId)).length === 0)
              yield* sql`DELETE FROM challenge_members WHERE ${own}`
          }),
        ),
      log: ({ id, name }, { name: called, userId }, period, when) =>
        transact(
          Effect.gen(function* () {
            const there = yield* sql`UPDATE challenge_members SET name = ${called}
              WHERE challenge_id = ${id} AND user_id = ${userId} RETURNING user_id`
            const spans = there.length === 0 ? [] : yield* spansOf(id, userId)
            if (spans.at(-1) === undefined || spans.at(-1)?.until_period !== null)
              return yield* new NoMember({ name })
            const isIn = spans.some(
              ({ from_period, until_period }) =>
                from_period <= period && (until_period ?? period + 1) > period,
            )
            if (!isIn) return yield* new NotThen({ name, when })
            const added = yield* sql`INSERT INTO challenge_logs
              ${sql.insert({ challenge_id: id, user_id: userId, period })}
              ON CONFLICT (challenge_id, user_id, period) DO NOTHING RETURNING period`
            return added.length > 0
          }),
        ),
      book: (challenge) =>
        transact(
          Effect.gen(function* () {
            const { id } = challenge
            // What was logged first: it belongs to members that are read after it. A row for each of them, since one
            // for each log would be very many.
            const done =
              yield* sql<DoneRow>`SELECT user_id, string_agg(CAST(period AS TEXT), ',' ORDER BY period) AS done
              FROM challenge_logs WHERE challenge_id = ${id} GROUP BY user_id`
            const spans = yield* sql<SpanRow>`SELECT * FROM challenge_spans
              WHERE challenge_id = ${id} ORDER BY user_id, from_period`
            const members = yield* sql<MemberRow>`SELECT * FROM challenge_members
              WHERE challenge_id = ${id} ORDER BY user_id`
            return bookOf(challenge, members, spans, done)
          }),
        ),
      put: ({ challenge, members }, replace) =>
        transact(
          Effect.gen(function* () {
            const { guildId, id, name } = challenge
            const [former] = yield* challenges`SELECT * FROM challenge_challenges
              WHERE guild_id = ${guildId} AND name_key = ${keyOf(name)} ${Database.forUpdate(sql)}`
            if (former !== undefined && replace) yield* remove(former.id)
            yield* insert(challenge)
            yield* room(guildId, members.length)
            yield* insertAll(
              "challenge_members",
              members.map(({ name, userId }) => ({ challenge_id: id, user_id: userId, name })),
            )
            yield* insertAll(
              "challenge_spans",
              rowsOf(members, ({ spans, userId }) =>
                spans.map(({ from, until }) => ({
                  challenge_id: id,
                  user_id: userId,
                  from_period: from,
                  until_period: until,
                })),
              ),
            )
            yield* insertAll(
              "challenge_logs",
              rowsOf(members, ({ done, userId }) =>
                done.map((period) => ({ challenge_id: id, user_id: userId, period })),
              ),
            )
          }),
        ),
      partsOf: (userId) =>
        transact(
          Effect.gen(function* () {
            const rows = yield* sql<ChallengeRow & { readonly called: string }>`
              SELECT c.*, m.name AS called FROM challenge_members m
              JOIN challenge_challenges c ON c.id = m.challenge_id WHERE m.user_id = ${userId} ORDER BY c.id`
            const parts: Array<Part> = []
            for (const row of rows) {
              const spans = yield* spansOf(row.id, userId)
              const done = yield* sql<LogRow>`SELECT user_id, period FROM challenge_logs
                WHERE challenge_id = ${row.id} AND user_id = ${userId} ORDER BY period`
              parts.push({
                challenge: challengeOf(row),
                name: row.called,
                spans: spans.map(spanOf),
                done: done.map(({ period }) => period),
              })
            }
            return parts
          }),
        ),
      madeBy: (userId) =>
        challenges`SELECT * FROM challenge_challenges WHERE created_by = ${userId} ORDER BY id`.pipe(
          Effect.map(Array.map(challengeOf)),
          Effect.orDie,
        ),
      forgetUser: (userId) =>
        transact(
          Effect.gen(function* () {
            const parts =
              yield* sql`DELETE FROM challenge_members WHERE user_id = ${userId} RETURNING challenge_id`
            yield* sql`DELETE FROM challenge_logs WHERE user_id = ${userId}`
            yield* sql`DELETE FROM challenge_spans WHERE user_id = ${userId}`
            const made = yield* sql`UPDATE challenge_challenges SET created_by = NULL
              WHERE created_by = ${userId} RETURNING id`
            return { parts: parts.length, made: made.length }
          }),
        ),
      forgetGuild: (guildId) =>
        transact(
          Effect.gen(function* () {
            const all = yield* challenges`SELECT * FROM challenge_challenges
              WHERE guild_id = ${guildId} ${Database.forUpdate(sql)}`
            yield* Effect.forEach(all, ({ id }) => remove(id), { discard: true })
          }),
        ),
      guilds: sql<{ readonly guild_id: string }>`SELECT DISTINCT guild_id FROM challenge_challenges`.pipe(
        Effect.map((rows) => rows.map(({ guild_id }) => guild_id)),
        Effect.orDie,
      ),
    }
  },
)

/** In the database; the tables are made where there are none. */
export const layer: Layer.Layer<ChallengeStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  ChallengeStore,
  make,
)

// ---------------------------------------------------------------------------------------------------------
// Tables
// ---------------------------------------------------------------------------------------------------------

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "challenges",
    (sql) =>
      Effect.forEach(
        [
          `CREATE TABLE challenge_challenges (
            id TEXT PRIMARY KEY, guild_id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
            every TEXT NOT NULL, cents INTEGER NOT NULL, currency TEXT NOT NULL, year INTEGER NOT NULL,
            created_by TEXT, created_at BIGINT NOT NULL
          )`,
          `CREATE UNIQUE INDEX challenge_challenges_name ON challenge_challenges (guild_id, name_key)`,
          `CREATE TABLE challenge_members (
            challenge_id TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (challenge_id, user_id)
          )`,
          `CREATE INDEX challenge_members_user ON challenge_members (user_id)`,
          `CREATE TABLE challenge_spans (
            challenge_id TEXT NOT NULL, user_id TEXT NOT NULL, from_period INTEGER NOT NULL, until_period INTEGER,
            PRIMARY KEY (challenge_id, user_id, from_period)
          )`,
          `CREATE TABLE challenge_logs (
            challenge_id TEXT NOT NULL, user_id TEXT NOT NULL, period INTEGER NOT NULL,
            PRIMARY KEY (challenge_id, user_id, period)
          )`,
        ],
        (statement) => sql.unsafe(statement),
        { discard: true },
      ),
  ],
]

/** Rows of one statement: PostgreSQL takes 65,535 values, SQLite 32,766. */
const ROWS = 2_000

interface ChallengeRow {
  readonly id: string
  readonly guild_id: string
  readonly name: string
  readonly name_key: string
  readonly every: Every
  readonly cents: number
  readonly currency: string
  readonly year: number
  readonly created_by: string | null
  readonly created_at: number
}
interface MemberRow {
  readonly user_id: string
  readonly name: string
}
interface SpanRow {
  readonly user_id: string
  readonly from_period: number
  readonly until_period: number | null
}
/** All periods of a member, with commas between. */
interface DoneRow {
  readonly user_id: string
  readonly done: string
}
interface LogRow {
  readonly user_id: string
  readonly period: number
}

const rowOf = ({ cents, createdAt, createdBy, currency, every, guildId, id, name, year }: Challenge) => ({
  id,
  guild_id: guildId,
  name,
  name_key: keyOf(name),
  every,
  cents,
  currency,
  year,
  created_by: createdBy,
  created_at: createdAt,
})

const challengeOf = (row: ChallengeRow): Challenge => ({
  id: row.id,
  guildId: row.guild_id,
  name: row.name,
  every: row.every,
  cents: row.cents,
  currency: row.currency,
  year: row.year,
  createdBy: row.created_by,
  createdAt: row.created_at,
})

const spanOf = ({ from_period, until_period }: SpanRow): Span => ({ from: from_period, until: until_period })

const bookOf = (
  challenge: Challenge,
  members: ReadonlyArray<MemberRow>,
  spans: ReadonlyArray<SpanRow>,
  done: ReadonlyArray<DoneRow>,
): Book => {
  const spansOf = Array.groupBy(spans, ({ user_id }) => user_id)
  const doneOf = new Map(done.map(({ done, user_id }) => [user_id, done]))
  return {
    challenge,
    members: members.map(({ name, user_id }): Member => ({
      userId: user_id,
      name,
      spans: (spansOf[user_id] ?? []).map(spanOf),
      // The quickest way to read numbers.
      done: JSON.parse(`[${doneOf.get(user_id) ?? ""}]`) as ReadonlyArray<number>,
    })),
  }
}

/** The rows of all members, one after the other. */
function* rowsOf<Row>(members: ReadonlyArray<Member>, of: (member: Member) => ReadonlyArray<Row>) {
  for (const member of members) yield* of(member)
}

const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"
