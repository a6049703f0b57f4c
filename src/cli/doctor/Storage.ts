/**
 * Where the bot keeps things: its directory, and its database with the steps that this program knows.
 *
 * Nothing is made or changed: a file that is not there is left to the first start, and whether the database can be
 * written to is tried in a transaction that is taken back.
 *
 * @module
 */
import { access, constants, stat, statfs } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { Data, Effect, Either, Redacted } from "effect"
import * as Database from "../../resource/Database.js"
import * as Signer from "../../interaction/Signer.js"
import type { Settings as Whole } from "../Settings.js"
import { fail, type Finding, ok, reasonOf, warn } from "./Finding.js"

/** Less than this is soon used up. Bytes. */
const LITTLE = 100 * 1_048_576

export const directory = (data: string): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const path = resolve(data)
    const there = yield* nearest(path)
    const usable = yield* Effect.either(
      attempt(() => access(there, constants.R_OK | constants.W_OK | constants.X_OK)),
    )
    const what = "data"
    if (!(yield* attempt(() => stat(there))).isDirectory())
      return [fail(what, `${there} is no directory: set BOSUN_DATA to one`)]
    if (Either.isLeft(usable))
      return [
        fail(what, `${there} cannot be written to: change its owner or mode, or set BOSUN_DATA to another`),
      ]
    const { bavail, bsize } = yield* attempt(() => statfs(there))
    const free = bavail * bsize
    if (free < LITTLE) return [warn(what, `${path}: only ${size(free)} are free on its disk`)]
    return [
      ok(
        what,
        there === path ? `${path} can be written to, ${size(free)} free` : `${path} is made at the start`,
      ),
    ]
  }).pipe(Effect.catchAll((error) => Effect.succeed([fail("data", error.message)])))

/** The directory itself, or the first above it that there is. */
const nearest = (path: string): Effect.Effect<string> =>
  Effect.orElse(
    Effect.as(
      attempt(() => stat(path)),
      path,
    ),
    () => (dirname(path) === path ? Effect.succeed(path) : nearest(dirname(path))),
  )

/** The file that signs buttons, once it is there. Nothing to tell where the settings have a secret, or it is not made yet. */
export const secret = ({
  data,
  secrets,
}: Pick<Whole, "data" | "secrets">): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const what = "secret"
    const file = join(resolve(data), "secret")
    const there = yield* Effect.either(attempt(() => stat(file)))
    if (secrets !== undefined || Either.isLeft(there)) return []
    const loaded = yield* Effect.either(Signer.makeFile(resolve(data)).load)
    return [Either.isRight(loaded) ? ok(what, `${file} can be used`) : fail(what, loaded.left.message)]
  })

export interface Settings {
  readonly databaseUrl: Redacted.Redacted | undefined
  readonly data: string
}

/** What was run of the steps that bring tables up to date, by part. */
export type Steps = ReadonlyMap<string, ReadonlyArray<string>>

/**
 * The database as the settings name it. `known` are the steps of this program; undefined where they could not be
 * found out.
 */
export const database = (
  settings: Settings,
  known: Effect.Effect<Steps | undefined>,
  name: string,
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const what = "database"
    const file = fileOf(settings)
    if (file !== undefined && Either.isLeft(yield* Effect.either(attempt(() => stat(file)))))
      return [ok(what, `${file} is made at the start`)]
    return yield* Effect.gen(function* () {
      const { kind, location, ping } = yield* Database.Database
      if (kind === "sqlite") yield* whole
      yield* writable
      const took = yield* ping
      const steps = yield* stepsOf
      return [
        ok(
          what,
          `${location} answers within ${took.toFixed(1)} ms and can be written to${yield* sizeOf(kind)}`,
        ),
        tables(steps, yield* known),
        ok(
          "backup",
          kind === "sqlite"
            ? `${name} backup FILE, also while the bot runs. To restore: stop the bot, put the copy in the place of ${location} (without the files -wal and -shm beside it), start the bot`
            : `pg_dump --format=custom --file=bosun.dump ${location}. To restore: stop the bot, pg_restore --clean --if-exists --dbname=${location} bosun.dump, start the bot`,
        ),
      ]
    }).pipe(Effect.provide(Database.layer({ url: settings.databaseUrl, data: settings.data })))
  }).pipe(Effect.catchAll((error) => Effect.succeed([fail("database", reasonOf(error))])))

/** Of SQLite, where it is; undefined for a server, or where the setting cannot be read. */
export const fileOf = ({ data, databaseUrl }: Settings): string | undefined => {
  if (databaseUrl === undefined) return resolve(join(data, "bosun.db"))
  const target = Database.parseUrl(Redacted.value(databaseUrl))
  return Either.isRight(target) && target.right._tag === "Sqlite" ? resolve(target.right.file) : undefined
}

/** Looks through the whole file. Fails with `Damaged`. */
const whole = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{
    readonly found: string
  }>`SELECT quick_check AS found FROM pragma_quick_check LIMIT 1`
  if (row?.found !== "ok") return yield* new Damaged({ found: row?.found ?? "" })
})

class Damaged extends Data.TaggedError("Damaged")<{ readonly found: string }> {
  override get message() {
    return `the file is damaged (${this.found.split("\n").at(-1)}): stop the bot, and put a copy in its place`
  }
}

class TakenBack extends Data.TaggedError("TakenBack") {}

const writable = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.catchTag(
    sql.withTransaction(Effect.zipRight(sql`CREATE TABLE bosun_doctor (n INTEGER)`, new TakenBack())),
    "TakenBack",
    () => Effect.void,
  ),
)

/** The steps that were run; none where the database is new. */
export const stepsOf: Effect.Effect<Steps, never, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql<{
      readonly part: string
      readonly name: string
    }>`SELECT part, name FROM bosun_migrations ORDER BY part, id`,
).pipe(
  Effect.map((rows) => {
    const steps = new Map<string, Array<string>>()
    for (const { name, part } of rows) steps.set(part, [...(steps.get(part) ?? []), name])
    return steps
  }),
  Effect.catchAll(() => Effect.succeed(new Map())),
)

/** How the database's tables stand to what the program knows. */
export const tables = (there: Steps, known: Steps | undefined): Finding => {
  const what = "tables"
  if (known === undefined)
    return warn(what, "not compared: what this program knows could not be found out (see features)")
  for (const [part, steps] of there) {
    const own = known.get(part)
    const other = own === undefined ? -1 : steps.findIndex((step, index) => own[index] !== step)
    if (own === undefined) continue
    if (other >= 0 && other < own.length)
      return fail(
        what,
        `step ${other + 1} of ${part} is “${steps[other]}”, where this program has “${own[other]}”: it belongs to another program`,
      )
    if (steps.length > own.length)
      return fail(
        what,
        `${part} is newer than this program: start the newer one, or restore a copy from before it`,
      )
  }
  const waiting = [...known].reduce(
    (sum, [part, steps]) => sum + Math.max(0, steps.length - (there.get(part)?.length ?? 0)),
    0,
  )
  if (waiting > 0) return ok(what, `${waiting} step${waiting === 1 ? "" : "s"} will be run at the next start`)
  return ok(what, `up to date: ${[...known.keys()].join(", ") || "none yet"}`)
}

/** With what is in SQLite's log still. */
const sizeOf = (kind: "sqlite" | "postgres") =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    kind === "postgres"
      ? sql<Size>`SELECT pg_database_size(current_database()) AS size`
      : sql<Size>`SELECT page_count * page_size AS size FROM pragma_page_count(), pragma_page_size()`,
  ).pipe(Effect.map(([row]) => (row === undefined ? "" : `, ${size(Number(row.size))}`)))

interface Size {
  readonly size: number
}

const size = (bytes: number): string =>
  bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KiB` : `${Math.round(bytes / 1_048_576)} MiB`

class FileError extends Data.TaggedError("FileError")<{ readonly message: string }> {}

const attempt = <A>(call: () => Promise<A>): Effect.Effect<A, FileError> =>
  Effect.tryPromise({ try: call, catch: (error) => new FileError({ message: reasonOf(error) }) })
