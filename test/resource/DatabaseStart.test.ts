import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import {
  Cause,
  Context,
  Deferred,
  Duration,
  Effect,
  Either,
  Exit,
  Fiber,
  Layer,
  Redacted,
  Schedule,
  Scope,
  Stream,
} from "effect"
import * as fc from "effect/FastCheck"
import * as Database from "../../src/resource/Database.js"
import type { Start } from "../../src/resource/database/SqliteThread.js"
import * as Databases from "./Databases.js"
import * as PostgresServer from "./PostgresServer.js"

const { SqlClient: Sql } = SqlClient

/** Starts threads, and knows them. */
const threads = () => {
  const workers: Array<Worker> = []
  return {
    workers,
    spawn: (file: URL, start: Start) => {
      const worker = new Worker(file, { workerData: start })
      workers.push(worker)
      return worker
    },
  }
}

const isGone = (worker: Worker) => worker.threadId === -1

/** What this process has open of it. */
const handles = (directory: string) =>
  existsSync("/proc/self/fd")
    ? readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory)
        } catch {
          return false
        }
      })
    : []

const failure = <A>(layer: Layer.Layer<A, Database.DatabaseUnusable>) =>
  Effect.flip(Effect.scoped(Layer.build(layer)))

describe("DATABASE_URL", () => {
  const read = (text: string) =>
    Either.match(Database.parseUrl(text), {
      onLeft: (reason) => `no: ${reason}`,
      onRight: (target) =>
        target._tag === "Sqlite" ? `file ${target.file}` : `server ${Redacted.value(target.url)}`,
    })

  it("names a file or a server", () => {
    expect(read("file:data/x.db")).toBe("file data/x.db")
    expect(read("sqlite:/var/lib/x.db")).toBe("file /var/lib/x.db")
    expect(read("file:///var/lib/a%20b.db")).toBe("file /var/lib/a b.db")
    for (const text of [
      "postgres://a:b@host:5432/name",
      "postgresql://host/name",
      "postgres:///name?host=/run",
    ])
      expect(read(text)).toBe(`server ${text}`)
  })

  it("says what is wrong with it", () => {
    expect(read("mysql://a:secret@host/x")).toBe('no: begins with "mysql:"')
    expect(read("bosun.db")).toBe("no: does not begin with a scheme")
    expect(read("file:")).toBe("no: names no file")
    expect(read("postgres:name")).toContain("cannot be read")
    expect(read("postgres://a:50%/&@host:x/name")).toContain("percent-encoded")
    expect(read("file://host/x.db")).toContain("three slashes")
    for (const bare of ["u:pa%ss@host/name", "u%:x@host/name", "u:x@host/na%me", "u:%FF@host/name"])
      expect(read(`postgres://${bare}`)).toContain("percent-encoded")
  })

  it.prop(
    "repeats nothing of it but its scheme",
    [fc.string({ minLength: 8 }), fc.constantFrom("postgres://u:", "mysql://u:", "file://", "u:")],
    ([text, before]) => {
      const secret = `s3cret${text}`
      expect(
        Either.getOrElse(Either.flip(Database.parseUrl(`${before}${secret}@h/x`)), () => ""),
      ).not.toContain("s3cret")
    },
  )

  it.effect("is refused by the layer where it names nothing", () =>
    Effect.gen(function* () {
      const error = yield* failure(Database.layer({ url: "mysql://u:s3cret@host/x", data: "/nowhere" }))
      expect(error.message).toContain('DATABASE_URL begins with "mysql:". Accepted is "postgres://')
      expect(error.message).not.toContain("s3cret")
    }),
  )
})

describe("a SQLite file", () => {
  it.scopedLive("is made where there is none, below the data, for nobody else", () =>
    Effect.gen(function* () {
      const data = join(yield* Databases.directory, "a", "b")
      const location = Effect.map(Database.Database, (database) => database.location)
      expect(yield* Effect.provide(location, Database.layer({ data }))).toBe(join(data, "bosun.db"))
      expect(statSync(data).mode & 0o077).toBe(0)
      expect(handles(data)).toEqual([])
    }),
  )

  it.scopedLive("is made for nobody else to read, in whatever directory, and kept as it is", () =>
    Effect.gen(function* () {
      const directory = yield* Databases.directory
      chmodSync(directory, 0o755)
      const file = join(directory, "x.db")
      const modes = Effect.zipRight(
        Effect.flatMap(Sql, (sql) => sql`CREATE TABLE IF NOT EXISTS x (a BIGINT)`),
        Effect.sync(() => readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)),
      )
      const kept = Effect.provide(modes, Database.layerSqlite({ file }))
      expect(yield* kept).toEqual([0o600, 0o600, 0o600])
      chmodSync(file, 0o640)
      expect(yield* kept).toEqual([0o640, 0o640, 0o640])
    }),
  )

  it.scopedLive("is closed at once, whatever is asked of it meanwhile", () =>
    Effect.gen(function* () {
      const directory = yield* Databases.directory
      for (let before = 0; before < 4; before++)
        for (let between = 0; between < 3; between++) {
          const { spawn, workers } = threads()
          const scope = yield* Scope.make()
          const layer = Database.layerSqlite({ file: join(directory, "x.db"), spawn })
          const sql = Context.get(yield* Layer.buildWithScope(layer, scope), Sql)
          const closing = yield* Effect.fork(Effect.timed(Scope.close(scope, Exit.void)))
          yield* Effect.repeatN(Effect.yieldNow(), before)
          const asked = yield* Effect.fork(
            Effect.zipRight(Effect.repeatN(Effect.yieldNow(), between), Effect.exit(sql`SELECT 1`)),
          )
          const [took] = yield* Fiber.join(closing)
          expect(Duration.toSeconds(took)).toBeLessThan(4)
          expect(workers.every(isGone)).toBe(true)
          const exit = yield* Fiber.join(asked)
          if (Exit.isFailure(exit)) expect(Cause.squash(exit.cause)).toMatchObject({ _tag: "SqlError" })
        }
    }),
  )

  it.scopedLive("says what to do about one that cannot be used", () =>
    Effect.gen(function* () {
      const directory = yield* Databases.directory
      const text = join(directory, "text.db")
      writeFileSync(text, "This is no database, but it is long enough to be taken for one. ".repeat(20))
      expect((yield* failure(Database.layerSqlite({ file: text }))).reason).toContain("no SQLite database")
      expect(readFileSync(text, "utf8")).toContain("This is no database")
      expect((yield* failure(Database.layerSqlite({ file: join(text, "below.db") }))).reason).toContain(
        "directory cannot be made",
      )
      mkdirSync(join(directory, "folder.db"))
      expect((yield* failure(Database.layerSqlite({ file: join(directory, "folder.db") }))).reason).toContain(
        "Check that it is a file",
      )
      const held = join(directory, "held.db")
      const locked = Effect.flatMap(Sql, (sql) =>
        sql.withTransaction(failure(Database.layerSqlite({ file: held }))),
      )
      expect((yield* Effect.provide(locked, Database.layerSqlite({ file: held }))).reason).toContain("locked")
      expect(handles(directory)).toEqual([])
    }),
  )

  const start = fc.constantFrom("good" as const, "held" as const, "text" as const, "below" as const)
  it.scopedLive(
    "leaves no thread and no handle, whatever fails and in whatever order",
    () =>
      Effect.gen(function* () {
        const directory = yield* Databases.directory
        const text = join(directory, "text.db")
        writeFileSync(text, "no database ".repeat(100))
        let count = 0
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(start, { minLength: 1, maxLength: 4 }), (starts) =>
              Effect.gen(function* () {
                const { spawn, workers } = threads()
                for (const one of starts) {
                  const file =
                    one === "text"
                      ? text
                      : one === "below"
                        ? join(text, "x.db")
                        : join(directory, `${count++}.db`)
                  const use = Effect.gen(function* () {
                    const sql = yield* Sql
                    yield* sql`CREATE TABLE x (a BIGINT)`
                    // Ends in the midst of it.
                    if (one === "held") {
                      yield* Effect.fork(sql.withTransaction(Effect.never))
                      yield* Effect.fork(Stream.runDrain(sql`SELECT 1`.stream))
                      yield* Effect.fork(sql`INSERT INTO x VALUES (1)`)
                    }
                  })
                  const exit = yield* Effect.exit(Effect.provide(use, Database.layerSqlite({ file, spawn })))
                  expect(Exit.isSuccess(exit)).toBe(one === "good" || one === "held")
                }
                expect(workers.every(isGone)).toBe(true)
                expect(handles(directory)).toEqual([])
              }).pipe(Effect.runPromise),
            ),
            { numRuns: 10 },
          ),
        )
      }),
    60_000,
  )

  it.scopedLive("goes on in a fresh thread when one dies, and hangs nobody", () =>
    Effect.gen(function* () {
      const { spawn, workers } = threads()
      const file = join(yield* Databases.directory, "x.db")
      yield* Effect.gen(function* () {
        const sql = yield* Sql
        yield* sql`CREATE TABLE x (a BIGINT)`
        const begun = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const transaction = yield* Effect.fork(
          sql.withTransaction(
            Effect.gen(function* () {
              yield* sql`INSERT INTO x VALUES (1)`
              yield* Deferred.succeed(begun, undefined)
              yield* Deferred.await(go)
              yield* sql`INSERT INTO x VALUES (2)`
            }),
          ),
        )
        yield* Deferred.await(begun)
        const waiting = yield* Effect.fork(sql`INSERT INTO x VALUES (3)`)
        const reading = yield* Effect.fork(
          Stream.runDrain(Stream.tap(sql`SELECT 1 AS one`.stream, () => Deferred.await(go))),
        )
        yield* Effect.promise(() => workers[0]?.terminate() ?? Promise.resolve(0))
        yield* Deferred.succeed(go, undefined)
        const lost = yield* Effect.flip(Fiber.join(transaction))
        expect(Database.isUnreachable(lost)).toBe(true)
        yield* Fiber.join(waiting)
        yield* Fiber.await(reading)
        expect(yield* sql`SELECT a FROM x`).toEqual([{ a: 3 }])
      }).pipe(Effect.provide(Database.layerSqlite({ file, spawn })))
      expect(workers.length).toBe(2)
      expect(workers.every(isGone)).toBe(true)
    }),
  )

  it.scopedLive("sends no more rows than are asked for", () =>
    Effect.gen(function* () {
      const { spawn, workers } = threads()
      const file = join(yield* Databases.directory, "x.db")
      yield* Effect.gen(function* () {
        const sql = yield* Sql
        let rows = 0
        workers[0]?.on("message", (replies: ReadonlyArray<{ readonly rows?: ReadonlyArray<unknown> }>) => {
          for (const reply of replies) rows += reply.rows?.length ?? 0
        })
        const many = sql`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c`
          .stream
        // Without an end, and taken one by one, slowly.
        const taken = yield* Stream.runCount(
          Stream.take(
            Stream.tap(many, () => Effect.sleep("1 millis")),
            300,
          ),
        )
        expect(taken).toBe(300)
        yield* sql`SELECT 1`
        expect(rows).toBeLessThanOrEqual(3 * 256 + 1)
      }).pipe(Effect.provide(Database.layerSqlite({ file, spawn })))
    }),
  )

  it.scopedLive("leaves nothing of a copy that was interrupted, whenever", () =>
    Effect.gen(function* () {
      const directory = yield* Databases.directory
      const copy = join(directory, "copy.db")
      const { backup } = yield* Database.Database
      for (let yields = 0; yields < 8; yields++) {
        const fiber = yield* Effect.fork(backup(copy))
        yield* Effect.repeatN(Effect.yieldNow(), yields)
        yield* Fiber.interrupt(fiber)
        // What was under way when the interruption came.
        yield* Effect.sleep("20 millis")
        expect(existsSync(copy)).toBe(false)
      }
      yield* backup(copy)
    }).pipe(
      Effect.provide(
        Layer.unwrapScoped(
          Effect.map(Databases.directory, (path) => Database.layerSqlite({ file: join(path, "x.db") })),
        ),
      ),
    ),
  )

  it.scopedLive("is copied while it is written, and the copy is a database of its own", () =>
    Effect.gen(function* () {
      const directory = yield* Databases.directory
      const copy = join(directory, "copy.db")
      const rows = Effect.flatMap(
        Sql,
        (sql) => sql<{ readonly id: number; readonly twin: number }>`SELECT * FROM x ORDER BY id`,
      )
      const before = yield* Effect.gen(function* () {
        const sql = yield* Sql
        const database = yield* Database.Database
        yield* sql`CREATE TABLE x (id BIGINT PRIMARY KEY, twin BIGINT NOT NULL)`
        const write = (id: number) =>
          sql.withTransaction(
            Effect.zipRight(
              sql`INSERT INTO x VALUES (${id}, 0)`,
              sql`UPDATE x SET twin = id WHERE id = ${id}`,
            ),
          )
        for (let id = 0; id < 200; id++) yield* write(id)
        let next = 200
        const writer = yield* Effect.fork(Effect.forever(Effect.suspend(() => write(next++))))
        yield* database.backup(copy)
        yield* Fiber.interrupt(writer)
        expect((yield* Effect.flip(database.backup(copy))).message).toContain("is there already")
        expect((yield* Effect.flip(database.backup(join(directory, "no", "x.db"))))._tag).toBe(
          "BackupRefused",
        )
        return (yield* rows).length
      }).pipe(Effect.provide(Database.layerSqlite({ file: join(directory, "bosun.db") })))
      expect(statSync(copy).mode & 0o077).toBe(0)
      // Put into the place of another bot's database.
      yield* Effect.gen(function* () {
        const sql = yield* Sql
        const found = yield* rows
        expect(found.length).toBeGreaterThanOrEqual(200)
        expect(found.length).toBeLessThanOrEqual(before)
        expect(found).toEqual(found.map((_, id) => ({ id, twin: id })))
        yield* sql`INSERT INTO x VALUES (-1, -1)`
      }).pipe(Effect.provide(Database.layer({ url: `file:${copy}`, data: directory })))
      expect(handles(directory)).toEqual([])
    }),
  )
})

Databases.onPostgres("the start", () => {
  const url = (change: (url: URL) => void) =>
    Effect.map(Effect.promise(PostgresServer.address), (address) => {
      const url = new URL(address)
      change(url)
      return url.href
    })
  const unusable = (change: (url: URL) => void) =>
    Effect.flatMap(url(change), (url) => failure(Database.layer({ url, data: "/nowhere" })))

  it.live("says what to do, and never the password", () =>
    Effect.gen(function* () {
      const errors = yield* Effect.all([
        unusable((url) => {
          url.password = "s3cret"
        }),
        unusable((url) => {
          url.pathname = "/nothing"
        }),
        unusable((url) => {
          url.port = "1"
        }),
        unusable((url) => {
          url.hostname = "no-such-host.invalid"
        }),
      ])
      expect(errors[0]?.reason).toContain("refused the user bosun or the password")
      expect(errors[1]?.reason).toContain("createdb nothing")
      expect(errors[2]?.reason).toContain("no server answers there")
      expect(errors[3]?.reason).toContain("host is not known")
      for (const { message } of errors) {
        expect(message).not.toContain("s3cret")
        expect(message).not.toContain(PostgresServer.PASSWORD)
        expect(message).not.toContain(encodeURIComponent(PostgresServer.PASSWORD))
      }
    }),
  )

  it.live("says so too where the password cannot be decoded", () =>
    Effect.gen(function* () {
      const address = new URL(yield* url(() => {}))
      const error = yield* failure(
        Database.layerPostgres({ url: Redacted.make(`postgres://bosun:pa%ss@${address.host}/nothing`) }),
      )
      expect(error._tag).toBe("DatabaseUnusable")
      expect(error.message).not.toContain("pa%ss")
    }),
  )

  it.live("has ten connections at most, and leaves none", () =>
    Effect.gen(function* () {
      const address = yield* url(() => {})
      const connections = Effect.flatMap(
        Sql,
        (sql) => sql<{ readonly n: number }>`SELECT count(*) AS n FROM pg_stat_activity
          WHERE application_name = 'bosun' AND pid <> pg_backend_pid()`,
      )
      const many = Effect.gen(function* () {
        const sql = yield* Sql
        const fibers = yield* Effect.forEach(Array.from({ length: 30 }), () =>
          Effect.fork(sql.withTransaction(Effect.zipRight(sql`SELECT 1`, Effect.never))),
        )
        const stuck = yield* Effect.fork(sql`SELECT 1`)
        yield* Effect.sleep("300 millis")
        yield* Fiber.interruptAll(fibers.slice(5))
        yield* Fiber.join(stuck)
        const running = yield* Effect.fork(sql`SELECT pg_sleep(60)`)
        yield* Effect.sleep("100 millis")
        const [took] = yield* Effect.timed(Fiber.interrupt(running))
        expect(Duration.toSeconds(took)).toBeLessThan(5)
        expect((yield* sql`SELECT 1 AS one`)[0]).toEqual({ one: 1 })
        const [row] = yield* connections
        expect(row?.n).toBeLessThanOrEqual(10)
      })
      yield* Effect.provide(many, Database.layer({ url: address, data: "/nowhere" }))
      yield* Effect.gen(function* () {
        const left = Effect.filterOrFail(
          connections,
          ([row]) => row?.n === 0,
          () => "still there" as const,
        )
        yield* Effect.retry(left, Schedule.intersect(Schedule.spaced("50 millis"), Schedule.recurs(40)))
      }).pipe(Effect.provide(Database.layer({ url: address, data: "/nowhere" })))
    }),
  )

  it.live("fails what a broken connection was doing, by type, and goes on with another", () =>
    Effect.gen(function* () {
      const address = yield* url(() => {})
      yield* Effect.gen(function* () {
        const sql = yield* Sql
        const own = sql<{ readonly pid: number }>`SELECT pg_backend_pid() AS pid`
        const killed = Effect.gen(function* () {
          const [row] = yield* own
          yield* Effect.provide(
            // A transaction's statement goes where the transaction is: here it is another database's.
            Effect.flatMap(Sql, (other) =>
              Effect.flatMap(other.reserve, (connection) =>
                connection.execute("SELECT pg_terminate_backend($1)", [row?.pid], undefined),
              ),
            ),
            Layer.fresh(Layer.orDie(Database.layer({ url: address, data: "/nowhere" }))),
          ).pipe(Effect.scoped)
        })
        const inside = yield* Effect.flip(sql.withTransaction(Effect.zipRight(killed, sql`SELECT 1`)))
        expect(Database.isUnreachable(inside)).toBe(true)
        const streaming = sql.withTransaction(
          Stream.runForEach(sql`SELECT * FROM generate_series(1, 1000) AS n`.stream, ({ n }) =>
            n === 5 ? killed : Effect.void,
          ),
        )
        expect(Database.isUnreachable(yield* Effect.flip(streaming))).toBe(true)
        expect((yield* sql`SELECT 1 AS one`)[0]).toEqual({ one: 1 })
      }).pipe(Effect.provide(Database.layer({ url: address, data: "/nowhere" })))
    }),
  )

  it.live("leaves copies to pg_dump", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip((yield* Database.Database).backup("/nowhere/x"))
      expect(refused.message).toContain("pg_dump")
      expect(refused.message).not.toContain(encodeURIComponent(PostgresServer.PASSWORD))
    }).pipe(
      Effect.provide(
        Layer.unwrapEffect(
          Effect.map(
            url(() => {}),
            (url) => Database.layer({ url, data: "/nowhere" }),
          ),
        ),
      ),
    ),
  )
})
