/**
 * What can be wrong with a database, and how to tell from an `SqlError` what it was.
 *
 * @module
 */
import { SqlError } from "@effect/sql/SqlError"
import { Data } from "effect"

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

/** The thread of the database ended before it answered: whether the statement was carried out is not known. */
export class ThreadLost extends Data.TaggedError("ThreadLost")<{ readonly reason: string }> {
  override get message() {
    return `The database's thread ended: ${this.reason}`
  }
}

/**
 * Whether the way to the database, or another's lock, was in the way: the same may succeed a moment later. What was
 * in a transaction was rolled back, or the connection was lost at its very end.
 */
export const isUnreachable = (error: SqlError): boolean => {
  const { code, message, tag } = facts(error.cause)
  return (
    tag === "ThreadLost" ||
    passing.has(code) ||
    /^08[0-9A-Z]{3}$/u.test(code) ||
    /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/u.test(
      message,
    )
  )
}

/** What a user may be told of a defect, where the database is in the way: for `Bot.Options.explain`. */
export const explain = (defect: unknown): string | undefined =>
  defect instanceof SqlError && isUnreachable(defect)
    ? "My database does not answer just now. Try again in a moment."
    : undefined

/** Whether a row with the same key, of the table or of a unique index, is there already. */
export const isDuplicate = (error: SqlError): boolean => {
  const { code, extended } = facts(error.cause)
  return (
    code === "23505" || extended === SQLITE_CONSTRAINT_UNIQUE || extended === SQLITE_CONSTRAINT_PRIMARYKEY
  )
}

/** SQLite, "Result and Error Codes". */
const SQLITE_CONSTRAINT_UNIQUE = 2067
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555

const passing: ReadonlySet<string> = new Set([
  "SQLITE_BUSY",
  "SQLITE_LOCKED",
  // PostgreSQL, "Error Codes": serialization failure, deadlock, too many connections, shutdown, start.
  "40001",
  "40P01",
  "53300",
  "57P01",
  "57P02",
  "57P03",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
])

const facts = (cause: unknown) => {
  const { _tag, code, extended, message } =
    typeof cause === "object" && cause !== null ? (cause as Readonly<Record<string, unknown>>) : {}
  return {
    tag: _tag,
    code: typeof code === "string" ? code : "",
    extended: typeof extended === "number" ? extended : 0,
    message: typeof message === "string" ? message : "",
  }
}
