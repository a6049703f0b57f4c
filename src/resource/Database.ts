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
import { open, rm } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import { Context, Duration, Effect, Either, Layer, Redacted } from "effect"
import { BackupRefused, DatabaseUnusable } from "./database/DatabaseError.js"
import * as SqliteMemory from "./database/SqliteMemory.js"
import * as SqliteThread from "./database/SqliteThread.js"

export {
  BackupRefused,
  DatabaseUnusable,
  explain,
  isDuplicate,
  isUnreachable,
} from "./database/DatabaseError.js"

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

// ---------------------------------------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------------------------------------

export interface Options {
  /** `DATABASE_URL`; without one it is the file `bosun.db` below `data`. A password in it reaches no log and no error. */
  readonly url?: string | Redacted.Redacted | undefined
  /** The directory of the bot's data. */
  readonly data: string
}

/** The database that the settings name. Fails with `DatabaseUnusable`, which says what to do. */
export const layer = ({ data, url }: Options): Layer.Layer<Services, DatabaseUnusable> => {
  if (url === undefined) return layerSqlite({ file: join(data, "bosun.db"), variable: "BOSUN_DATA" })
  return Either.match(parseUrl(Redacted.isRedacted(url) ? Redacted.value(url) : url), {
    onLeft: (reason) =>
      Layer.fail(
        new DatabaseUnusable({
          location: "of DATABASE_URL",
          reason: `DATABASE_URL ${reason}. Accepted is ${ACCEPTED}`,
        }),
      ),
    onRight: (target) =>
      target._tag === "Sqlite" ? layerSqlite({ ...target, variable: "DATABASE_URL" }) : layerPostgres(target),
  })
}

/** SQLite in a file, in a thread of its own. The file and its directory are made where they are missing. */
export const layerSqlite = (options: SqliteThread.Options): Layer.Layer<Services, DatabaseUnusable> => {
  const file = resolve(options.file)
  return Layer.scopedContext(
    Effect.map(SqliteThread.make({ ...options, file }), (sql) =>
      services(sql, {
        kind: "sqlite",
        location: file,
        backup: (target) => copy(options, file, resolve(target)),
      }),
    ),
  )
}

/** PostgreSQL, ten connections at most. */
export const layerPostgres = (options: {
  readonly url: Redacted.Redacted
}): Layer.Layer<Services, DatabaseUnusable> =>
  Layer.scopedContext(
    Effect.gen(function* () {
      // Loaded where it is wanted alone.
      const Postgres = yield* Effect.promise(() => import("./database/Postgres.js"))
      const location = Postgres.locationOf(options.url)
      return services(yield* Postgres.make(options), {
        kind: "postgres",
        location,
        backup: () =>
          Effect.fail(
            new BackupRefused({
              reason: `a server makes its own copies: pg_dump --format=custom --file=bosun.dump ${location}`,
            }),
          ),
      })
    }),
  )

/** A fresh SQLite database in memory, on this thread: for tests, also in virtual time. */
export const layerMemory: Layer.Layer<Services> = Layer.scopedContext(
  Effect.map(SqliteMemory.make, (sql) =>
    services(sql, {
      kind: "sqlite",
      location: "in memory",
      backup: () => Effect.fail(new BackupRefused({ reason: "it is in memory, and ends with the program" })),
    }),
  ),
)

function services(sql: SqlClient.SqlClient, database: Omit<Database, "ping">): Context.Context<Services> {
  const ping = Effect.map(Effect.timed(sql`SELECT 1`), ([took]) => Duration.toMillis(took))
  return Context.make(SqlClient.SqlClient, sql).pipe(Context.add(Database, { ...database, ping }))
}

const unmade = (target: string, { code, message }: NodeJS.ErrnoException): string => {
  switch (code) {
    case "EEXIST":
      return `${target} is there already. Name a file that is not`
    case "ENOENT":
      return `there is no directory ${dirname(target)}. Make it first, or name a file in one that there is`
    default:
      return `${target} cannot be made (${message})`
  }
}

const copy = (
  options: SqliteThread.Options,
  file: string,
  target: string,
): Effect.Effect<void, BackupRefused | SqlError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      // Empty, and for nobody else to read: it is there from now on, whoever else would write to the same name.
      yield* Effect.tryPromise({
        try: async () => (await open(target, "wx", 0o600)).close(),
        catch: (cause) => new BackupRefused({ reason: unmade(target, cause as NodeJS.ErrnoException) }),
      })
      yield* Effect.onError(
        restore(
          SqliteThread.once(
            file,
            { sql: "VACUUM INTO ?", params: [target], values: false, bigints: false },
            options,
          ),
        ),
        () => Effect.promise(() => rm(target, { force: true })),
      )
    }),
  )

// ---------------------------------------------------------------------------------------------------------
// DATABASE_URL
// ---------------------------------------------------------------------------------------------------------

/** What a `DATABASE_URL` names. */
export type Target =
  | { readonly _tag: "Sqlite"; readonly file: string }
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted }

/** What `parseUrl` takes, for messages. */
export const ACCEPTED = '"postgres://user:password@host:5432/name", or "file:" and the path of a SQLite file'

/** Reads a `DATABASE_URL`. Left is what is wrong with it, to be said after its name; it repeats nothing of the text but its scheme. */
export const parseUrl = (text: string): Either.Either<Target, string> => {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/isu.exec(text) ?? []
  switch (scheme.toLowerCase()) {
    case "postgres":
    case "postgresql":
      return rest.startsWith("//") && isDecodable(text)
        ? Either.right({ _tag: "Postgres", url: Redacted.make(text) })
        : Either.left(
            "is an address that cannot be read (are all special characters of the password percent-encoded?)",
          )
    case "file":
    case "sqlite":
      return sqliteFile(rest)
    case "":
      return Either.left("does not begin with a scheme")
    default:
      return Either.left(`begins with "${scheme.slice(0, 20)}:"`)
  }
}

/** Whether it is an address, and the driver can read what is encoded in it. */
const isDecodable = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { hostname, password, pathname, username } = new URL(text)
  return Either.isRight(
    Either.try(() => [username, password, hostname, pathname].map((part) => decodeURIComponent(part))),
  )
}

const sqliteFile = (rest: string): Either.Either<Target, string> => {
  if (!rest.startsWith("//"))
    return rest.trim() === "" ? Either.left("names no file") : Either.right({ _tag: "Sqlite", file: rest })
  return Either.mapLeft(
    Either.try((): Target => ({ _tag: "Sqlite", file: fileURLToPath(`file:${rest}`) })),
    () =>
      "is an address of a file that cannot be read (an absolute path has three slashes: file:///var/lib/bosun.db)",
  )
}

// ---------------------------------------------------------------------------------------------------------
// SQL
// ---------------------------------------------------------------------------------------------------------

/** At the end of a SELECT whose rows the transaction goes on to write: keeps others from doing so meanwhile. */
export const forUpdate = (sql: SqlClient.SqlClient): Fragment =>
  // SQLite needs none: its transactions have the right to write from their beginning.
  sql.onDialectOrElse({ pg: () => sql.literal("FOR UPDATE"), orElse: () => sql.literal("") })
