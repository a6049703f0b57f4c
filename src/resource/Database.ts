/**
 * One SQL database for the whole bot, as `SqlClient` of @effect/sql: SQLite in a file by default, PostgreSQL where
 * there is a server. The same statements run on both.
 *
 * What is portable: booleans as 0 or 1, times as BIGINT epoch milliseconds, JSON as TEXT, `ON CONFLICT … RETURNING`.
 * Integers, counts and sums come as numbers on both, beyond 2^53 as bigints. PostgreSQL takes no NUL in a text.
 *
 * A transaction is `sql.withTransaction(effect)`; interruption and failure roll it back. Where it reads before it
 * writes, the rows are read with `forUpdate`, or two of them overwrite each other on PostgreSQL.
 *
 * Failure modes: a statement fails with `SqlError`, of which `isUnreachable` tells whether the connection is the
 * cause (what can be tried again) and `isDuplicate` whether the key is taken; the layer with `DatabaseUnusable`,
 * which says what to do.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import { Context, Effect, Layer } from "effect"
import { BackupRefused } from "./DatabaseError.js"
import * as SqliteMemory from "./SqliteMemory.js"

export { BackupRefused, DatabaseUnusable, isDuplicate, isUnreachable } from "./DatabaseError.js"

/** What the bot knows of its database besides `SqlClient`. */
export interface Database {
  readonly kind: "sqlite" | "postgres"
  /** Where it is, without a password: for the log and `doctor`. */
  readonly location: string
  /** A statement and its answer, in milliseconds. */
  readonly ping: Effect.Effect<number, SqlError>
  /**
   * Writes a whole, consistent copy to a file that is not there yet, while everything goes on. SQLite alone; for PostgreSQL there is
   * `pg_dump`. Fails with `BackupRefused`.
   */
  readonly backup: (file: string) => Effect.Effect<void, BackupRefused | SqlError>
}

export const Database = Context.GenericTag<Database>("bosun/resource/Database")

/** What a layer of this family gives. */
export type Services = Database | SqlClient.SqlClient

/** A fresh SQLite database in memory, on this thread: for tests, also in virtual time. */
export const layerMemory: Layer.Layer<Services> = Layer.scopedContext(
  Effect.map(SqliteMemory.make, (sql) =>
    Context.make(SqlClient.SqlClient, sql).pipe(
      Context.add(Database, {
        kind: "sqlite",
        location: "in memory",
        ping: ping(sql),
        backup: () => Effect.fail(new BackupRefused({ reason: "it is in memory alone" })),
      }),
    ),
  ),
)

/** At the end of a SELECT whose rows the transaction goes on to write: keeps others from doing so meanwhile. */
export const forUpdate = (sql: SqlClient.SqlClient): Fragment =>
  // SQLite needs none: its transactions have the right to write from their beginning.
  sql.onDialectOrElse({ pg: () => sql.literal("FOR UPDATE"), orElse: () => sql.literal("") })

function ping(sql: SqlClient.SqlClient): Effect.Effect<number, SqlError> {
  return Effect.map(Effect.timed(sql`SELECT 1`), ([took]) => Number(took) )
}
