/**
 * One suite on every database that the bot runs on.
 *
 * Where there is no PostgreSQL its half is skipped, and says so; with `BOSUN_TEST_REQUIRE=postgres` in the
 * environment it fails instead.
 */
import { isRequired } from "../Required.js"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer, Logger, LogLevel, Redacted, type Scope } from "effect"
import { describe } from "vitest"
import * as Database from "../../src/resource/Database.js"
import * as PostgresServer from "./PostgresServer.js"

/** Each time it is built it is a fresh, empty database: SQLite in memory, or a schema of its own on the server. */
export type Fresh = Layer.Layer<Database.Services>

/** A fresh database for the scope, that can be opened several times at once, as by several processes: SQLite in a file. */
export type Shared = Effect.Effect<Layer.Layer<Database.Services>, never, Scope.Scope>

let schemas = 0

/** Not said in tests: that the same database is opened twice in a process. */
const quiet = <A, E, R>(layer: Layer.Layer<A, E, R>) =>
  Layer.provide(layer, Logger.minimumLogLevel(LogLevel.Error))

/** An address below which all tables are in a schema of their own. */
const schema = Effect.map(Effect.promise(PostgresServer.address), (address) => {
  const name = `s${++schemas}`
  return {
    name,
    layer: quiet(
      Layer.orDie(
        Database.layerPostgres({
          url: Redacted.make(`${address}?options=${encodeURIComponent(`-c search_path=${name}`)}`),
        }),
      ),
    ),
  }
})

const create = (name: string) =>
  Effect.orDie(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`CREATE SCHEMA ${name}`)))

const freshPostgres: Fresh = Layer.unwrapEffect(
  Effect.map(schema, ({ layer, name }) => Layer.provideMerge(Layer.effectDiscard(create(name)), layer)),
)

const sharedPostgres: Shared = Effect.flatMap(schema, ({ layer, name }) =>
  Effect.as(Effect.scoped(Effect.provide(create(name), layer)), layer),
)

/** A directory that is gone with the scope. */
export const directory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bosun-database-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

const sharedSqlite: Shared = Effect.map(directory, (path) =>
  quiet(Layer.orDie(Database.layerSqlite({ file: join(path, "bosun.db") }))),
)

/** Where there is none and the environment asks for it, each test fails for want of it. */
const isRun = (): boolean => PostgresServer.binaries() !== undefined || isRequired("postgres")

/** Describes the suite on PostgreSQL. */
export const onPostgres = (name: string, suite: () => void): void => {
  const runs = isRun()
  PostgresServer.stopAfterAll()
  describe.runIf(runs)(`${name} on PostgreSQL${runs ? "" : ": SKIPPED, there is none here"}`, () => {
    suite()
  })
}

/** Describes a suite on SQLite and on PostgreSQL. */
export const both = (name: string, suite: (database: Fresh) => void): void => {
  describe(`${name} on SQLite`, () => {
    suite(Database.layerMemory)
  })
  onPostgres(name, () => suite(freshPostgres))
}

/** Describes a suite on a SQLite file and on PostgreSQL, each of which several may open. */
export const shared = (name: string, suite: (database: Shared) => void): void => {
  describe(`${name} on a SQLite file`, () => {
    suite(sharedSqlite)
  })
  onPostgres(name, () => suite(sharedPostgres))
}
