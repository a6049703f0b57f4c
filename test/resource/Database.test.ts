import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Cause, Chunk, Deferred, Effect, Exit, Fiber, Layer, Option, Ref, Stream } from "effect"
import * as fc from "effect/FastCheck"
import * as Database from "../../src/resource/Database.js"
import * as Databases from "./Databases.js"

const { SqlClient: Sql } = SqlClient

/** The suite's own table. */
const table = Effect.flatMap(
  Sql,
  (sql) => sql`CREATE TABLE contract_item (id BIGINT PRIMARY KEY, text TEXT, n BIGINT NOT NULL DEFAULT 0)`,
)

const count = Effect.flatMap(Sql, (sql) =>
  Effect.map(sql<{ readonly n: number }>`SELECT count(*) AS n FROM contract_item`, ([row]) => row?.n),
)

const insert = (id: number, text: string | null = null) =>
  Effect.flatMap(Sql, (sql) => sql`INSERT INTO contract_item ${sql.insert({ id, text, n: 0 })}`)

/** Where one of several goes how far, and how it ends. */
const step = fc.record({
  item: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 3 }),
  between: fc.integer({ min: 0, max: 3 }),
  end: fc.constantFrom("commit" as const, "fail" as const, "interrupt" as const),
})

type Step = typeof step extends fc.Arbitrary<infer A> ? A : never

const yields = (times: number) => Effect.repeatN(Effect.yieldNow(), times)

const contract = (fresh: Databases.Fresh) => {
  const run = <A, E>(body: Effect.Effect<A, E, Database.Services>) =>
    Effect.provide(Effect.zipRight(table, body), fresh)

  it.live("takes what stands in a parameter for itself", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const texts = [
          "'; DROP TABLE contract_item; --",
          "naïve 😀 \u{202e}",
          "",
          '"',
          "?",
          "$1",
          "line\nline",
        ]
        for (const [id, text] of texts.entries()) yield* insert(id, text)
        const found = yield* sql<{ readonly text: string }>`SELECT text FROM contract_item ORDER BY id`
        expect(found.map(({ text }) => text)).toEqual(texts)
        yield* insert(100, null)
        expect(yield* sql`SELECT text FROM contract_item WHERE id = ${100}`).toEqual([{ text: null }])
        expect(yield* sql`SELECT id FROM contract_item WHERE ${sql.in("id", [1, 2])} ORDER BY id`).toEqual([
          { id: 1 },
          { id: 2 },
        ])
      }),
    ),
  )

  it.live("keeps bytes, JSON as text, and whole numbers to the last digit", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const blob = sql.onDialectOrElse({
          pg: () => sql.literal("BYTEA"),
          orElse: () => sql.literal("BLOB"),
        })
        yield* sql`CREATE TABLE contract_bytes (b ${blob}, j TEXT, big BIGINT, f DOUBLE PRECISION)`
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
        const json = JSON.stringify({ a: [1, "ü", null] })
        yield* sql`INSERT INTO contract_bytes VALUES (${bytes}, ${json}, ${9_007_199_254_740_993n}, ${0.1})`
        const [row] = yield* sql<{
          readonly b: Uint8Array
          readonly j: string
          readonly big: bigint
          readonly f: number
        }>`SELECT * FROM contract_bytes`
        expect([...(row?.b ?? [])]).toEqual([...bytes])
        expect(row?.j).toBe(json)
        expect(row?.big).toBe(9_007_199_254_740_993n)
        expect(row?.f).toBe(0.1)
      }),
    ),
  )

  it.live("gives counts and sums as numbers", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        yield* Effect.forEach([1, 2, 3], (id) => insert(id))
        expect(yield* sql`SELECT count(*) AS n, sum(id) AS sum, max(id) AS max FROM contract_item`).toEqual([
          { n: 3, sum: 6, max: 3 },
        ])
        expect(yield* sql`SELECT id, n FROM contract_item WHERE id = 1`.values).toEqual([[1, 0]])
        expect(
          yield* sql`INSERT INTO contract_item ${sql.insert({ id: 3, n: 5 })}
            ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING id, n`,
        ).toEqual([{ id: 3, n: 5 }])
      }),
    ),
  )

  it.live("says by type what was wrong", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        yield* insert(1)
        const plain = yield* Effect.flip(insert(1))
        expect([plain._tag, Database.isDuplicate(plain), Database.isUnreachable(plain)]).toEqual([
          "SqlError",
          true,
          false,
        ])
        const returning = yield* Effect.flip(
          sql`INSERT INTO contract_item ${sql.insert({ id: 1 })} RETURNING id`,
        )
        expect(Database.isDuplicate(returning)).toBe(true)
        const nonsense = yield* Effect.flip(sql`SELEKT 1`)
        expect([nonsense._tag, Database.isDuplicate(nonsense)]).toEqual(["SqlError", false])
        const two = yield* Effect.flip(
          sql`INSERT INTO contract_item (id) VALUES (${7}); DELETE FROM contract_item`,
        )
        expect(two._tag).toBe("SqlError")
        expect(yield* count).toBe(1)
      }),
    ),
  )

  it.live("keeps all of a transaction or nothing", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        expect(yield* sql.withTransaction(Effect.zipRight(insert(1), Effect.succeed("kept")))).toBe("kept")
        const failed = yield* Effect.flip(
          sql.withTransaction(Effect.zipRight(insert(2), Effect.fail("no" as const))),
        )
        expect(failed).toBe("no")
        const died = yield* Effect.exit(sql.withTransaction(Effect.zipRight(insert(3), Effect.die("bug"))))
        expect(Exit.isFailure(died) && Cause.isDie(died.cause)).toBe(true)
        // A statement that fails.
        yield* Effect.flip(sql.withTransaction(Effect.zipRight(insert(4), insert(1))))
        expect(yield* count).toBe(1)
      }),
    ),
  )

  it.live("takes back an inner transaction alone", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* insert(1)
            yield* Effect.ignore(sql.withTransaction(Effect.zipRight(insert(2), insert(1))))
            yield* sql.withTransaction(insert(3))
            yield* Effect.ignore(
              sql.withTransaction(
                Effect.zipRight(
                  sql.withTransaction(insert(4)),
                  Effect.zipRight(insert(5), Effect.fail("no")),
                ),
              ),
            )
            yield* insert(6)
          }),
        )
        expect(yield* sql`SELECT id FROM contract_item ORDER BY id`).toEqual([
          { id: 1 },
          { id: 3 },
          { id: 6 },
        ])
      }),
    ),
  )

  it.live("takes back of those that begin at once within another what fails, and nothing else", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const one = ({ before, between, end }: Step, id: number) =>
          Effect.zipRight(
            yields(before),
            sql.withTransaction(
              Effect.gen(function* () {
                yield* insert(id)
                yield* yields(between)
                if (end === "fail") return yield* Effect.fail("no")
                return end === "interrupt" ? yield* Effect.interrupt : id
              }),
            ),
          ).pipe(Effect.fork, Effect.flatMap(Fiber.await))
        const runtime = yield* Effect.runtime<Database.Services>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(step, { maxLength: 6 }), (steps) =>
              Effect.gen(function* () {
                yield* sql`DELETE FROM contract_item`
                yield* sql.withTransaction(Effect.forEach(steps, one, { concurrency: "unbounded" }))
                const rows = yield* sql`SELECT id FROM contract_item ORDER BY id`
                expect(rows).toEqual(steps.flatMap(({ end }, id) => (end === "commit" ? [{ id }] : [])))
              }).pipe(Effect.provide(runtime), Effect.runPromise),
            ),
            { numRuns: 30 },
          ),
        )
      }),
    ),
  )

  it.live("does not wait for itself where it is begun with the context around its own transaction", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const stray = yield* sql.withTransaction(
          Effect.gen(function* () {
            const around = yield* Effect.runtime<Database.Services>()
            const begin = (id: number) => Effect.provide(sql.withTransaction(insert(id)), around)
            const go = yield* Deferred.make<void>()
            const [error, late] = yield* sql.withTransaction(
              Effect.gen(function* () {
                yield* insert(1)
                const late = yield* Effect.forkDaemon(Effect.zipRight(Deferred.await(go), begin(3)))
                return [yield* Effect.flip(begin(2)), late] as const
              }),
            )
            // Nobody has the turn any more.
            yield* Deferred.succeed(go, undefined)
            yield* Fiber.join(late)
            return error
          }),
        )
        expect(stray.message).toContain("wait for ever")
        expect(yield* sql`SELECT id FROM contract_item ORDER BY id`).toEqual([{ id: 1 }, { id: 3 }])
      }).pipe(Effect.timeout("5 seconds")),
    ),
  )

  it.live("is a success where it was written alone, also where its body has caught a failure", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        yield* insert(1)
        const again = Effect.catchIf(insert(1), Database.isDuplicate, () => Effect.void)
        const kept = yield* Effect.exit(sql.withTransaction(Effect.zipRight(insert(2), again)))
        // On PostgreSQL what has failed takes the whole transaction along.
        if (Exit.isSuccess(kept)) expect(yield* count).toBe(2)
        else {
          expect(Cause.squash(kept.cause)).toMatchObject({
            _tag: "SqlError",
            message: expect.stringContaining("Nothing of the transaction was written"),
          })
          expect(yield* count).toBe(1)
          yield* insert(2)
        }
        // In one of its own it does not; nor where that one has caught it.
        const apart = Effect.ignore(sql.withTransaction(insert(1)))
        const within = Effect.ignore(sql.withTransaction(again))
        yield* sql.withTransaction(
          Effect.all([insert(3), apart, within, insert(4)] as const, { discard: true }),
        )
        expect(yield* count).toBe(4)
      }),
    ),
  )

  it.live("rolls back what is interrupted, and goes on", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const begun = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(
          sql.withTransaction(
            Effect.zipRight(insert(1), Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)),
          ),
        )
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
        expect(yield* count).toBe(0)
        yield* insert(1)
        expect(yield* count).toBe(1)
      }),
    ),
  )

  it.live("runs no statement of others in a transaction", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const begun = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const transaction = yield* Effect.fork(
          sql.withTransaction(
            Effect.gen(function* () {
              yield* insert(1)
              yield* Deferred.succeed(begun, undefined)
              yield* Deferred.await(go)
              return yield* Effect.fail("no")
            }),
          ),
        )
        yield* Deferred.await(begun)
        const other = yield* Effect.fork(insert(2))
        // Of two that wait for their turn, one is taken out again.
        const given = yield* Effect.fork(insert(3))
        yield* Effect.yieldNow()
        const isSqlite = (yield* Database.Database).kind === "sqlite"
        if (isSqlite) yield* Fiber.interrupt(given)
        else yield* Fiber.await(given)
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.await(transaction)
        yield* Fiber.join(other)
        expect(yield* sql`SELECT id FROM contract_item ORDER BY id`).toEqual(
          isSqlite ? [{ id: 2 }] : [{ id: 2 }, { id: 3 }],
        )
      }),
    ),
  )

  it.live("lets no fiber go on in a transaction that has ended", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const go = yield* Deferred.make<void>()
        const late = yield* sql.withTransaction(
          Effect.forkDaemon(Effect.zipRight(Deferred.await(go), insert(1))),
        )
        yield* Deferred.succeed(go, undefined)
        const error = yield* Effect.flip(Fiber.join(late))
        expect(error.message).toContain("has ended")
        expect(yield* count).toBe(0)
      }),
    ),
  )

  it.live("streams what would not fit, as it is asked for", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const all = 3_000
        yield* sql.withTransaction(
          Effect.forEach(
            Array.from({ length: all / 500 }, (_, chunk) => chunk * 500),
            (from) =>
              sql`INSERT INTO contract_item ${sql.insert(
                Array.from({ length: 500 }, (_, index) => ({ id: from + index, text: "x".repeat(50), n: 0 })),
              )}`,
          ),
        )
        const items = sql<{ readonly id: number }>`SELECT id FROM contract_item WHERE id >= ${0} ORDER BY id`
          .stream
        const ids = yield* Stream.runCollect(Stream.map(items, ({ id }) => id))
        expect(Chunk.toReadonlyArray(ids)).toEqual(Array.from({ length: all }, (_, id) => id))
        // Abandoned, slow, and in a transaction, with changes meanwhile.
        for (let round = 0; round < 30; round++)
          expect(Chunk.size(yield* Stream.runCollect(Stream.take(items, 10)))).toBe(10)
        // What was abandoned keeps no former view of the data.
        yield* insert(all + 9_000)
        expect(yield* Stream.runCount(items)).toBe(all + 1)
        yield* sql`DELETE FROM contract_item WHERE id = ${all + 9_000}`
        const seen = yield* Ref.make(0)
        yield* Stream.runForEach(items, ({ id }) =>
          id % 500 === 0
            ? Effect.zipRight(
                insert(all + id),
                Ref.update(seen, (n) => n + 1),
              )
            : Effect.void,
        )
        expect(yield* Ref.get(seen)).toBe(6)
        const inside = sql.withTransaction(
          Effect.gen(function* () {
            yield* insert(-1)
            return yield* Stream.runCount(sql`SELECT id FROM contract_item`.stream)
          }),
        )
        expect(yield* inside).toBe(all + 7)
        expect(
          (yield* Effect.flip(Stream.runDrain(sql`SELECT nothing FROM contract_item`.stream)))._tag,
        ).toBe("SqlError")
        expect(yield* count).toBe(all + 7)
      }),
    ),
  )

  it.live("answers a thousand at once, each its own", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const ids = Array.from({ length: 1_000 }, (_, id) => id)
        const answers = yield* Effect.forEach(
          ids,
          (id) =>
            id % 10 === 0 ? sql.withTransaction(Effect.as(insert(id), id)) : Effect.as(insert(id), id),
          { concurrency: "unbounded" },
        )
        expect(answers).toEqual(ids)
        expect(yield* count).toBe(1_000)
      }),
    ),
  )

  it.live("loses no update, in whatever order they come", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const update = (one: Step) =>
          sql.withTransaction(
            Effect.gen(function* () {
              const rows = yield* sql<{ readonly n: number }>`
                SELECT n FROM contract_item WHERE id = ${one.item} ${Database.forUpdate(sql)}`
              yield* yields(one.between)
              yield* sql`UPDATE contract_item SET n = ${(rows[0]?.n ?? 0) + 1} WHERE id = ${one.item}`
              if (one.end === "fail") return yield* Effect.fail("no")
              if (one.end === "interrupt") return yield* Effect.interrupt
              return one.item
            }),
          )
        const runtime = yield* Effect.runtime<Database.Services>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) =>
              Effect.gen(function* () {
                yield* sql`DELETE FROM contract_item`
                yield* insert(1)
                yield* insert(2)
                const exits = yield* Effect.forEach(
                  steps,
                  (one) =>
                    Effect.exit(
                      Effect.fork(Effect.zipRight(yields(one.before), update(one))).pipe(
                        Effect.flatMap(Fiber.join),
                      ),
                    ),
                  { concurrency: "unbounded" },
                )
                const rows = yield* sql<{ readonly id: number; readonly n: number }>`
                  SELECT id, n FROM contract_item ORDER BY id`
                for (const { id, n } of rows)
                  expect(n).toBe(exits.filter((exit) => Exit.isSuccess(exit) && exit.value === id).length)
                for (const [index, exit] of exits.entries())
                  expect(Exit.isSuccess(exit)).toBe(steps[index]?.end === "commit")
              }).pipe(Effect.provide(runtime), Effect.runPromise),
            ),
            { numRuns: 40 },
          ),
        )
      }),
    ),
  )

  it.live("cuts no integer where the caller asks for safe ones", () =>
    run(
      Effect.gen(function* () {
        const sql = yield* Sql
        const big = 2n ** 62n
        yield* sql`INSERT INTO contract_item (id) VALUES (${big})`
        const read = sql<{ readonly id: bigint | number }>`SELECT id FROM contract_item`
        expect(yield* read).toEqual([{ id: big }])
        expect(yield* Effect.provideService(read, SqlClient.SafeIntegers, true)).toEqual([{ id: big }])
      }),
    ),
  )

  it.live("has an answer to a ping", () =>
    run(
      Effect.gen(function* () {
        expect(yield* (yield* Database.Database).ping).toBeGreaterThanOrEqual(0)
      }),
    ),
  )
}

/** Of SQLite alone. */
const rolledBack = (fresh: Databases.Fresh) => {
  it.live("writes nothing more once the database has rolled back by itself", () =>
    Effect.gen(function* () {
      const sql = yield* Sql
      yield* table
      yield* sql`PRAGMA max_page_count = 20`
      const full = sql`INSERT INTO contract_item ${sql.insert({ id: 3, text: "x".repeat(200_000), n: 0 })}`
      const again = sql`INSERT OR ROLLBACK INTO contract_item (id) VALUES (1)`
      const failing: ReadonlyArray<Effect.Effect<unknown, SqlError>> = [
        full,
        Stream.runDrain(again.stream),
        sql.withTransaction(again),
        // What was asked for in one go with it.
        Effect.all([again, ...[4, 5].map((id) => sql`INSERT INTO contract_item (id) VALUES (${id})`)], {
          concurrency: "unbounded",
          mode: "validate",
        }).pipe(Effect.mapError(([error]) => Option.getOrThrow(error))),
      ]
      const failure = <R>(effect: Effect.Effect<unknown, SqlError, R>) =>
        Effect.map(Effect.orDie(Effect.flip(effect)), ({ message }) => message)
      const none = expect.stringContaining("nothing of the transaction was written")
      for (const statement of failing) {
        const body = Effect.gen(function* () {
          yield* insert(1)
          yield* failure(statement)
          expect(yield* failure(insert(2))).toEqual(none)
          expect(yield* failure(sql.withTransaction(insert(2)))).toEqual(none)
          expect(yield* failure(Stream.runDrain(sql`SELECT 1`.stream))).toEqual(none)
        })
        expect(yield* failure(sql.withTransaction(body))).toEqual(none)
        expect(yield* count).toBe(0)
      }
      // Others' transactions are as ever.
      yield* sql.withTransaction(insert(1))
      expect(yield* count).toBe(1)
    }).pipe(Effect.provide(fresh)),
  )
}

const file: Databases.Fresh = Layer.unwrapScoped(
  Effect.map(Databases.directory, (path) =>
    Layer.orDie(Database.layerSqlite({ file: `${path}/below/bosun.db` })),
  ),
)

Databases.both("the contract", contract)

describe("the contract on a SQLite file", () => {
  contract(file)
})

describe("a transaction in memory", () => {
  rolledBack(Database.layerMemory)
})

describe("a transaction on a SQLite file", () => {
  rolledBack(file)
})
