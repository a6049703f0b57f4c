/**
 * One SQL database for the whole bot, as `SqlClient` of @effect/sql: SQLite in a file by default, PostgreSQL where
 * there is a server. The same statements run on both.
 *
 * What is portable: booleans as 0 or 1, times as BIGINT epoch milliseconds, JSON as TEXT, `ON CONFLICT … RETURNING`.
 * Counts and sums come as numbers on both.
 *
 * A transaction is `sql.withTransaction(effect)`; interruption and failure roll it back. Where it reads before it
 * writes, the rows are read with `forUpdate`, or two of them overwrite each other on PostgreSQL.
 *
 * Failure modes: a statement fails with `SqlError`, or with `DatabaseUnreachable` where the connection is the cause (what can be
 * tried again); the layer with `DatabaseUnusable`, which says what to do.
 *
 * @module
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Data, type Effect } from "effect"

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

/** The database cannot be used as it is. */
export class DatabaseUnusable extends Data.TaggedError("DatabaseUnusable")<{
  readonly location: string
  /** What is wrong and what to do. */
  readonly reason: string
}> {
  override get message() {
    return `The database ${this.location} cannot be used: ${this.reason}`
  }
}

/** A copy could not be made. */
export class BackupRefused extends Data.TaggedError("BackupRefused")<{ readonly reason: string }> {
  override get message() {
    return `The database was not copied: ${this.reason}`
  }
}
