/**
 * SQLite in memory, on this thread: every statement is answered before the next line runs, so that it works under
 * virtual time. Nothing of it is left when the scope ends.
 *
 * Drawbacks: it blocks the thread while a statement runs, and a stream has read its rows before it gives the first.
 *
 * @module
 */
import { Effect, Either, Stream } from "effect"
import * as Resource from "../Resource.js"
import * as Sqlite from "./Sqlite.js"
import * as SqliteClient from "./SqliteClient.js"

/** A fresh database. */
export const make = Effect.gen(function* () {
  const db = yield* Resource.make({
    name: "the database in memory",
    acquire: Effect.sync(() => Sqlite.open(":memory:")),
    release: ({ close }) => Effect.sync(close),
  })
  const run = (statement: Sqlite.Statement) =>
    Either.try({ try: () => db.run(statement), catch: SqliteClient.errorOf })
  return yield* SqliteClient.make(() => ({
    send: (statement, answer) => {
      answer(run(statement))
      return () => {}
    },
    stream: (statement) =>
      Stream.unwrap(
        Effect.map(
          Effect.suspend(() => run(statement)),
          Stream.fromIterable,
        ),
      ),
  }))
})
