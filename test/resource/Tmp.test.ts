import { it, expect } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "@effect/sql"
import * as Database from "/work/main/src/resource/Database.js"
import * as Migrations from "/work/main/src/resource/Migrations.js"
it.effect("works", () => Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* Migrations.run("x", [["one", (sql) => sql`CREATE TABLE x_t (a BIGINT PRIMARY KEY, b TEXT)`]])
  yield* Migrations.run("x", [["one", (sql) => sql`CREATE TABLE x_t (a BIGINT PRIMARY KEY, b TEXT)`]])
  yield* sql.withTransaction(sql`INSERT INTO x_t ${sql.insert([{a: 1, b: "q"}])}`)
  const fail = yield* Effect.flip(sql.withTransaction(Effect.zipRight(sql`INSERT INTO x_t ${sql.insert([{a: 2, b: "q"}])}`, sql`INSERT INTO x_t ${sql.insert([{a: 1, b: "q"}])}`)))
  expect(Database.isDuplicate(fail)).toBe(true)
  expect(yield* sql`SELECT * FROM x_t ${Database.forUpdate(sql)}`).toEqual([{a: 1, b: "q"}])
}).pipe(Effect.provide(Database.layerMemory)))
