import { expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer } from "effect"
import type * as Database from "../../src/resource/Database.js"
import * as Migrations from "../../src/resource/Migrations.js"
import * as Databases from "./Databases.js"

const { SqlClient: Sql } = SqlClient

const one: Migrations.Step = ["one", (sql) => sql`CREATE TABLE part_one (a BIGINT)`]
const two: Migrations.Step = ["two", (sql) => sql`INSERT INTO part_one VALUES (2)`]
const broken: Migrations.Step = [
  "broken",
  (sql) => Effect.zipRight(sql`INSERT INTO part_one VALUES (3)`, sql`INSERT INTO nowhere VALUES (1)`),
]

const rows = Effect.flatMap(Sql, (sql) => sql`SELECT a FROM part_one ORDER BY a`)

Databases.both("migrations", (database) => {
  const run = <A, E>(body: Effect.Effect<A, E, Database.Services>) => Effect.provide(body, database)

  it.live("run each step once, in the order of the steps", () =>
    run(
      Effect.gen(function* () {
        yield* Migrations.run("part", [one])
        yield* Migrations.run("part", [one, two])
        yield* Migrations.run("part", [one, two])
        expect(yield* rows).toEqual([{ a: 2 }])
        const sql = yield* Sql
        expect(yield* sql`SELECT part, id, name FROM bosun_migrations ORDER BY id`).toEqual([
          { part: "part", id: 1, name: "one" },
          { part: "part", id: 2, name: "two" },
        ])
        // Another part has steps of its own.
        yield* Migrations.run("other", [["one", (sql) => sql`INSERT INTO part_one VALUES (7)`]])
        expect(yield* rows).toEqual([{ a: 2 }, { a: 7 }])
      }),
    ),
  )

  it.live("are refused by a program that is older than the database, or is another one", () =>
    run(
      Effect.gen(function* () {
        yield* Migrations.run("part", [one, two])
        const older = yield* Effect.flip(Migrations.run("part", [one]))
        expect(older._tag).toBe("DatabaseUnusable")
        expect(older.message).toContain('newer than this program, which does not know the step "two"')
        const other = yield* Effect.flip(Migrations.run("part", [one, ["zwei", two[1]], broken]))
        expect(other.message).toContain('step 2 of its part part is "two", where this program has "zwei"')
        yield* Migrations.run("part", [one, two])
        expect(yield* rows).toEqual([{ a: 2 }])
      }),
    ),
  )

  it.live("keep nothing of a run in which a step fails", () =>
    run(
      Effect.gen(function* () {
        yield* Migrations.run("part", [one])
        const failed = yield* Effect.flip(Migrations.run("part", [one, two, broken]))
        expect(failed.message).toContain('the step "broken" of its part part failed')
        expect(failed.message).toContain("nowhere")
        expect(yield* rows).toEqual([])
        yield* Migrations.run("part", [one, two])
        expect(yield* rows).toEqual([{ a: 2 }])
      }),
    ),
  )
})

Databases.shared("migrations of programs that start at once", (database) => {
  it.live("are done by one of them", () =>
    Effect.gen(function* () {
      const layer = Layer.fresh(yield* database)
      const start = Effect.provide(Migrations.run("part", [one, two]), layer)
      yield* Effect.all([start, start, start], { concurrency: "unbounded" })
      expect(yield* Effect.provide(rows, layer)).toEqual([{ a: 2 }])
    }).pipe(Effect.scoped),
  )
})
