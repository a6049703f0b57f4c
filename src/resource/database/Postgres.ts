/**
 * PostgreSQL through a pool of connections.
 *
 * Each statement outside a transaction takes a connection for itself, and waits in the order of arrival where all
 * are taken. Interruption takes a waiting one out, and has the server cancel a running one. A stream is a cursor in
 * the database, read chunk by chunk as it is asked for; outside a transaction it has a connection, and a view of
 * the data, of its own.
 *
 * Drawback: of the server's types only those of portable SQL are read as JavaScript's own (whole and fractional
 * numbers, booleans, bytes, JSON); a date or an array comes as the server writes it.
 *
 * @module
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import { Chunk, Effect, Exit, Option, Redacted, Scope, Stream } from "effect"
import { DatabaseUnusable } from "./DatabaseError.js"
import * as Resource from "../Resource.js"
import * as Transaction from "./Transaction.js"
import * as Turns from "./Turns.js"

/** Connections in use at most. PostgreSQL allows 100 in all by default. */
const CONNECTIONS = 10

/** Rows in a chunk of a stream. */
const CHUNK = 256

export interface Options {
  /** `postgres://user:password@host:port/database` */
  readonly url: Redacted.Redacted
}

/** A connection of the pool's, and the driver's client in it. */
interface Raw extends Connection {
  readonly pg?: { readonly end: () => Promise<void> }
}

/** Without the password. */
export const locationOf = (url: Redacted.Redacted): string => {
  const { host, pathname, protocol, searchParams, username } = new URL(Redacted.value(url))
  return `${protocol}//${username === "" ? "" : `${username}@`}${host === "" ? (searchParams.get("host") ?? "") : host}${pathname}`
}

/** Connects, for the scope. */
export const make = ({ url }: Options) =>
  Effect.gen(function* () {
    const location = locationOf(url)
    const inUse = new Set<Raw>()
    const { pool } = yield* Resource.make({
      name: `the database ${location}`,
      key: location,
      acquire: Effect.flatMap(Scope.make(), (scope) =>
        connected(url).pipe(
          Scope.extend(scope),
          Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
          Effect.mapBoth({
            onSuccess: (pool) => ({ pool, scope }),
            onFailure: (error) => new DatabaseUnusable({ location, reason: advice(error, url) }),
          }),
        ),
      ),
      release: ({ scope }: { readonly scope: Scope.CloseableScope }) =>
        // Whoever has outlived the bot loses its connection.
        Effect.zipRight(
          Effect.forEach(inUse, (connection) =>
            Effect.ignore(Effect.tryPromise(async () => connection.pg?.end())),
          ),
          Scope.close(scope, Exit.void),
        ),
    })
    const turns = Turns.make(CONNECTIONS)
    // Once at its turn there is one without waiting, or one is being made. It cannot be interrupted then: it would be lost.
    const reserved = Effect.zipRight(
      turns.hold,
      Effect.uninterruptible(
        Effect.tap(pool.reserve, (connection) =>
          Effect.acquireRelease(
            Effect.sync(() => inUse.add(connection)),
            () => Effect.sync(() => inUse.delete(connection)),
          ),
        ),
      ),
    )
    const client = yield* SqlClient.make({
      acquirer: Effect.map(reserved, (connection) => streaming(connection, true)),
      transactionAcquirer: Effect.map(reserved, (connection) => streaming(connection, false)),
      compiler: PgClient.makeCompiler(),
      spanAttributes: [["db.system.name", "postgresql"]],
    }).pipe(Effect.provide(Reactivity.layer))
    return Object.assign(client, {
      withTransaction: Transaction.make({
        acquire: Effect.map(reserved, (connection) => streaming(connection, false)),
        begin: "BEGIN",
      }),
    })
  })

const connected = (url: Redacted.Redacted) =>
  PgClient.make({
    url,
    applicationName: "bosun",
    // One more, for cancelling a statement while all others are taken.
    maxConnections: CONNECTIONS + 1,
    connectTimeout: "10 seconds",
    idleTimeout: "1 minute",
    types: { getTypeParser: (type: number) => parsers.get(type) ?? text },
  }).pipe(Effect.provide(Reactivity.layer))

// ---------------------------------------------------------------------------------------------------------
// Streams
// ---------------------------------------------------------------------------------------------------------

/** How many cursors there were: each has a name of its own. */
let cursors = 0

/** The connection, with streams that end with an error, and do not wait, where it breaks. */
const streaming = (connection: Connection, alone: boolean): Connection => {
  const run = (sql: string, params: ReadonlyArray<unknown> = []) => connection.execute(sql, params, undefined)
  return {
    execute: (...all) => connection.execute(...all),
    executeRaw: (...all) => connection.executeRaw(...all),
    executeValues: (...all) => connection.executeValues(...all),
    executeUnprepared: (...all) => connection.executeUnprepared(...all),
    executeStream: (sql, params, transform) =>
      Stream.unwrapScoped(
        Effect.gen(function* () {
          const name = `bosun_${++cursors}`
          yield* Effect.acquireRelease(alone ? run("BEGIN READ ONLY") : Effect.void, () =>
            Effect.ignore(run(alone ? "ROLLBACK" : `CLOSE ${name}`)),
          )
          yield* run(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, params)
          return Stream.repeatEffectChunkOption(
            Effect.flatMap(Effect.mapError(run(`FETCH ${CHUNK} FROM ${name}`), Option.some), (rows) =>
              rows.length === 0
                ? Effect.fail(Option.none())
                : Effect.succeed(Chunk.unsafeFromArray(transform === undefined ? rows : transform(rows))),
            ),
          )
        }),
      ),
  }
}

// ---------------------------------------------------------------------------------------------------------
// Types
// ---------------------------------------------------------------------------------------------------------

const text = (value: string): unknown => value

const whole = (value: string): unknown => {
  const short = Number(value)
  return Number.isSafeInteger(short) ? short : BigInt(value)
}

/** By the number of the type in PostgreSQL's catalogue (pg_type.dat). */
const parsers: ReadonlyMap<number, (value: string) => unknown> = new Map([
  [16, (value: string) => value === "t"],
  [17, (value: string) => Buffer.from(value.slice(2), "hex")],
  // int8, int2, int4, oid
  [20, whole],
  [21, whole],
  [23, whole],
  [26, whole],
  // json, jsonb
  [114, (value: string): unknown => JSON.parse(value)],
  [3802, (value: string): unknown => JSON.parse(value)],
  // float4, float8, numeric: what sums come as.
  [700, Number],
  [701, Number],
  [1700, (value: string) => (/^-?\d+$/u.test(value) ? whole(value) : Number(value))],
])

// ---------------------------------------------------------------------------------------------------------
// What to do
// ---------------------------------------------------------------------------------------------------------

/** As it is, where it cannot be decoded. */
const decoded = (text: string): string =>
  Option.getOrElse(Option.liftThrowable(decodeURIComponent)(text), () => text)

const advice = (error: SqlError, url: Redacted.Redacted): string => {
  const { password, pathname, username } = new URL(Redacted.value(url))
  const { code, message } = (error.cause ?? {}) as Readonly<Record<string, unknown>>
  switch (code) {
    case "28P01":
    case "28000":
      return `it refused the user ${decoded(username)} or the password. Correct them in DATABASE_URL`
    case "3D000":
      return `there is no such database on the server. Make it (createdb ${decoded(pathname.slice(1))}), or name another in DATABASE_URL`
    case "ECONNREFUSED":
    case "ENOENT":
      return "no server answers there. Start it, or correct the host and the port in DATABASE_URL"
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "its host is not known. Correct it in DATABASE_URL, or look after the network"
    case "53300":
      return "it has no connection left. Raise max_connections, or end other programs"
    case "57P03":
      return "it is starting or stopping. Try again in a moment"
    default: {
      const said =
        typeof message === "string" && message !== "" ? message : (error.message ?? "it could not be reached")
      return password === "" ? said : said.replaceAll(decoded(password), "…").replaceAll(password, "…")
    }
  }
}
