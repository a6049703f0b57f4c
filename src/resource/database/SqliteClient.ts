/**
 * `SqlClient` over one SQLite connection, wherever that is.
 *
 * The connection carries out what it is given in the order in which it is given. Plain statements go to it at once,
 * so that many of them share one message to a thread; while a transaction is open they wait, and so does the next
 * transaction. Whoever waits does so in the order of arrival, and interruption takes them out.
 *
 * Drawback: there is one transaction at a time, so that whatever a transaction waits for keeps all others waiting.
 * A transaction that waits for a statement outside of itself, such as one in another runtime, waits for ever.
 *
 * @module
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import { makeCompilerSqlite } from "@effect/sql/Statement"
import { Context, Effect, identity, type Scope, Stream } from "effect"
import type { Statement } from "./Sqlite.js"
import * as Transaction from "./Transaction.js"
import * as Turns from "./Turns.js"

/** Rows, or why there are none. */
export type Answer = Effect.Effect<ReadonlyArray<unknown>, SqlError>

/** A connection. */
export interface Session {
  /** Carried out after what was given before. What is returned takes it back, where it has not left yet. */
  readonly send: (statement: Statement, answer: (answer: Answer) => void) => () => void
  /** `alone`: in no transaction, with a view of the data that no later change alters. */
  readonly stream: (statement: Statement, alone: boolean) => Stream.Stream<unknown, SqlError>
}

/** The client over a connection: the one at hand at the moment; a transaction stays with the one that it began with. */
export const make = (current: () => Session): Effect.Effect<SqlClient.SqlClient> => {
  const turns = Turns.make(1)
  const plain = connectionOf(
    (statement) =>
      Effect.async((resume) => {
        let takeBack = () => {}
        const leave = turns.pass(() => {
          takeBack = current().send(statement, resume)
        })
        return Effect.sync(() => {
          leave()
          takeBack()
        })
      }),
    (statement) => Stream.suspend(() => current().stream(statement, true)),
  )
  const held = (its: () => (statement: Statement) => Statement) =>
    Effect.map(turns.hold, () => {
      const session = current()
      const of = its()
      return connectionOf(
        (statement) => Effect.async((resume) => Effect.sync(session.send(of(statement), resume))),
        (statement) => session.stream(of(statement), false),
      )
    })
  const reserve: Effect.Effect<Connection, never, Scope.Scope> = held(() => identity)
  /** Every statement but the first, which begins it, is the transaction's or nobody's. */
  const transaction = held(() => {
    let inside = false
    return (statement) => {
      const one = { ...statement, inside }
      inside = true
      return one
    }
  })
  return SqlClient.make({
    acquirer: Effect.succeed(plain),
    transactionAcquirer: reserve,
    compiler: makeCompilerSqlite(),
    spanAttributes: [["db.system.name", "sqlite"]],
  }).pipe(
    Effect.map((client) =>
      Object.assign(client, {
        // At once the right to write: two that have read cannot both go on to write.
        withTransaction: Transaction.make({ acquire: transaction, begin: "BEGIN IMMEDIATE" }),
      }),
    ),
    Effect.provide(Reactivity.layer),
  )
}

/** What went wrong in a connection, as the error of its statement. */
export const errorOf = (cause: unknown): SqlError =>
  new SqlError({ cause, message: cause instanceof Error ? cause.message : String(cause) })

const connectionOf = (
  run: (statement: Statement) => Answer,
  stream: (statement: Statement) => Stream.Stream<unknown, SqlError>,
): Connection => {
  const statement = (sql: string, params: ReadonlyArray<unknown>, values: boolean) =>
    Effect.withFiberRuntime<Statement>((fiber) =>
      Effect.succeed({
        sql,
        params,
        values,
        bigints: Context.get(fiber.currentContext, SqlClient.SafeIntegers),
      }),
    )
  const rows: Connection["execute"] = (sql, params, transform) =>
    Effect.flatMap(statement(sql, params, false), (statement) => {
      const answer = run(statement) as Effect.Effect<ReadonlyArray<object>, SqlError>
      return transform === undefined ? answer : Effect.map(answer, transform)
    })
  return {
    execute: rows,
    executeUnprepared: rows,
    executeRaw: (sql, params) => rows(sql, params, undefined),
    executeValues: (sql, params) =>
      Effect.flatMap(
        statement(sql, params, true),
        (statement) => run(statement) as Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>,
      ),
    executeStream: (sql, params, transform) => {
      const found = Stream.flatMap(Stream.fromEffect(statement(sql, params, false)), stream)
      return transform === undefined ? found : Stream.map(found, (row) => transform([row as object])[0])
    },
  }
}
