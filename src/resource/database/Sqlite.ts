/**
 * A SQLite database in the thread at hand: statements in, plain data out, synchronously.
 *
 * Integers come as numbers where a number holds them, else as bigints; with `bigints` always as bigints. An
 * undefined parameter is NULL. One statement at a time: what follows a semicolon is refused and not skipped.
 *
 * This runs in threads that load nothing else: nothing of Effect is imported.
 *
 * @module
 */
import { createRequire } from "node:module"
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite"

/** What crosses to a thread and back is made of it. */
export interface Statement {
  readonly sql: string
  readonly params: ReadonlyArray<unknown>
  /** Rows as arrays of values. */
  readonly values: boolean
  /** Every integer as a bigint. */
  readonly bigints: boolean
  /** Refused where no transaction is open: some failures, such as a full disk, end the one that it belongs to. */
  readonly inside?: boolean
}

export interface Sqlite {
  /** Throws `SqliteFailure`. */
  readonly run: (statement: Statement) => ReadonlyArray<unknown>
  /** Row by row. Throws as it goes. It stays open until its end or `return`. */
  readonly iterate: (statement: Statement) => Iterator<unknown>
  readonly close: () => void
}

/** How long another process may hold its lock before a statement fails with SQLITE_BUSY, in milliseconds. */
const BUSY = 5_000

/** Prepared statements that are kept. */
const PREPARED = 200

export interface Options {
  /** Refuses all that writes. */
  readonly queryOnly?: boolean
  /** Finds out at once whether it can be written, waiting for others' locks. */
  readonly writes?: boolean
}

/** Opens a file, or `:memory:`. Throws `SqliteFailure`. */
export const open = (location: string, options: Options = {}): Sqlite => {
  const driver = createRequire(import.meta.url)(
    "@photostructure/sqlite",
  ) as typeof import("@photostructure/sqlite")
  const db = told(
    () => new driver.DatabaseSync(location, { timeout: BUSY, enableForeignKeyConstraints: true }),
  )
  try {
    told(() => {
      toWal(db)
      db.exec("PRAGMA synchronous = NORMAL")
      if (options.queryOnly === true) db.exec("PRAGMA query_only = ON")
      if (options.writes === true) db.exec("BEGIN IMMEDIATE; ROLLBACK")
    })
  } catch (failure) {
    db.close()
    throw failure
  }
  return over(db)
}

/** Reads the file: what is no database is seen here. SQLite does not wait for a lock in this, so that others' are waited for here. */
const toWal = (db: DatabaseSyncInstance): void => {
  for (let waited = 0; ; waited += PAUSE)
    try {
      return db.exec("PRAGMA journal_mode = WAL")
    } catch (cause) {
      if (failureOf(cause).code !== "SQLITE_BUSY" || waited >= BUSY) throw cause
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
    }
}

/** Milliseconds between two looks at a lock. */
const PAUSE = 20

const over = (db: DatabaseSyncInstance): Sqlite => {
  const prepared = new Map<string, Prepared>()
  const keptOrNew = (sql: string): Prepared => {
    const known = prepared.get(sql)
    // Put at the end again: the first is the one that was not used for longest.
    if (known !== undefined) prepared.delete(sql)
    const one = known ?? prepare(db, sql)
    prepared.set(sql, one)
    if (prepared.size > PREPARED) for (const first of prepared.keys()) return (prepared.delete(first), one)
    return one
  }
  return {
    run: ({ bigints, inside, params, sql, values }) =>
      told(() => {
        if (inside === true) transactionOf(db)
        const { hasRows, statement } = keptOrNew(sql)
        if (!hasRows) {
          statement.run(...params.map(bindable))
          return []
        }
        statement.setReturnArrays(values)
        const rows = statement.all(...params.map(bindable)) as ReadonlyArray<Row>
        if (!bigints) for (const row of rows) shorten(row)
        return rows
      }),
    iterate: ({ bigints, inside, params, sql, values }) => {
      if (inside === true) transactionOf(db)
      // Its own: a kept one would begin anew under whoever runs the same meanwhile.
      const { statement } = told(() => prepare(db, sql))
      const rows = told(() => {
        statement.setReturnArrays(values)
        return statement.iterate(...params.map(bindable)) as Iterator<Row>
      })
      const held = { statement }
      return {
        next: () =>
          told(() => {
            const next = rows.next()
            if (next.done !== true && !bigints) shorten(next.value)
            return next
          }),
        return: () => {
          told(() => rows.return?.())
          // Until here: the driver frees a statement that nothing refers to, also under its own iterator.
          Reflect.deleteProperty(held, "statement")
          return { done: true, value: undefined }
        },
      }
    },
    close: () => {
      prepared.clear()
      db.close()
    },
  }
}

const transactionOf = (db: DatabaseSyncInstance): void => {
  if (!db.isTransaction)
    throw new SqliteFailure({
      reason:
        "nothing of the transaction was written: the database has rolled it back when a statement failed",
      code: "SQLITE_ABORT",
      extended: SQLITE_ABORT_ROLLBACK,
    })
}

/** SQLite, "Result and Error Codes". */
const SQLITE_ABORT_ROLLBACK = 516

interface Prepared {
  readonly statement: StatementSyncInstance
  /** A SELECT, a RETURNING or a PRAGMA. */
  readonly hasRows: boolean
}

const prepare = (db: DatabaseSyncInstance, sql: string): Prepared => {
  // The driver would leave out all but the first.
  if (/;\s*\S/u.test(sql.replace(APART, "")) && !/^\s*CREATE\s+(?:TEMP\w*\s+)?TRIGGER\b/iu.test(sql))
    throw new SqliteFailure({ reason: "one statement at a time", code: "SQLITE_MISUSE", extended: 21 })
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return { statement, hasRows: statement.columns().length > 0 }
}

/** Literals, quoted names and comments. */
const APART = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//gu

type Row = Record<string, unknown> | Array<unknown>

const shorten = (row: Row) => {
  const cells = row as Record<string, unknown>
  for (const key in cells) {
    const value = cells[key]
    if (typeof value !== "bigint") continue
    const short = Number(value)
    if (Number.isSafeInteger(short)) cells[key] = short
  }
}

const bindable = (value: unknown) => (value === undefined ? null : value)

/** Runs it; what it throws becomes a `SqliteFailure`. */
const told = <A>(f: () => A): A => {
  try {
    return f()
  } catch (cause) {
    throw failureOf(cause)
  }
}

/** What SQLite says: `code` is the name of its primary result code, `extended` the number of its extended one. */
export class SqliteFailure extends Error {
  override readonly name = "SqliteFailure"
  readonly reason: string
  readonly code: string
  readonly extended: number
  constructor({
    code,
    extended,
    reason,
  }: {
    readonly reason: string
    readonly code: string
    readonly extended: number
  }) {
    super(`${reason} (${code})`)
    this.reason = reason
    this.code = code
    this.extended = extended
  }
}

/** What the driver has thrown, as data. It gives no code with what a SELECT or RETURNING fails with. */
const failureOf = (cause: unknown): SqliteFailure => {
  if (cause instanceof SqliteFailure) return cause
  const { message, sqliteCodeName, sqliteExtendedCode } = cause as Readonly<Record<string, unknown>>
  const reason = typeof message === "string" ? message : String(cause)
  const [, code, extended] = sentences.find(([words]) => words.test(reason)) ?? [undefined, "SQLITE_ERROR", 1]
  return new SqliteFailure({
    reason,
    code: typeof sqliteCodeName === "string" ? sqliteCodeName : code,
    extended: typeof sqliteExtendedCode === "number" ? sqliteExtendedCode : extended,
  })
}

/** SQLite's own words, and their codes. */
const sentences: ReadonlyArray<readonly [words: RegExp, code: string, extended: number]> = [
  [/UNIQUE constraint failed/u, "SQLITE_CONSTRAINT", 2067],
  [/constraint failed/u, "SQLITE_CONSTRAINT", 19],
  [/database is locked/u, "SQLITE_BUSY", 5],
  [/table is locked/u, "SQLITE_LOCKED", 6],
  [/readonly database/u, "SQLITE_READONLY", 8],
  [/disk I\/O error/u, "SQLITE_IOERR", 10],
  [/disk image is malformed/u, "SQLITE_CORRUPT", 11],
  [/database or disk is full/u, "SQLITE_FULL", 13],
  [/not a database/u, "SQLITE_NOTADB", 26],
]
