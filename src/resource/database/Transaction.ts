/**
 * Transactions over connections of any kind, with the promises that `Database` makes.
 *
 * Waiting for the connection can be interrupted; begin, commit and rollback cannot. A commit that fails is an
 * `SqlError` and not a defect; so is what was wrong when a connection breaks half-way, since a rollback that fails
 * adds nothing to it. A statement of a fiber that outlives the transaction it was started in fails, rather than to
 * run in whatever the connection does next; so does a commit of which the server says that it was a rollback.
 *
 * Transactions within a transaction go one after the other, also where fibers begin them at once: each is a savepoint
 * of its own. Drawbacks: one that waits for its sibling waits for ever, and what the transaction around it does
 * meanwhile is taken back with it. One that is begun within another with a context from around that one would
 * wait for what its own fiber holds: it is an `SqlError`.
 *
 * @module
 */
import { TransactionConnection } from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Exit, FiberRef, HashSet, Option, Scope, Stream } from "effect"

/** Whose turn it is, of the transactions directly within one. */
const Inner = Context.GenericTag<Effect.Semaphore>("bosun/resource/database/Transaction/Inner")

/** Whose turn a fiber's own transactions have. A hash set, since it outlasts that a captured runtime is provided. */
const held = FiberRef.unsafeMakeHashSet<Effect.Semaphore>(HashSet.empty())

export interface Options {
  /** A connection of one's own until the scope ends. */
  readonly acquire: Connection.Acquirer
  /** The statement that begins. */
  readonly begin: string
}

/** `SqlClient.withTransaction`. */
export const make = ({ acquire, begin }: Options) => {
  const outer = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.scopedWith((scope) =>
        Effect.gen(function* () {
          const connection = yield* restore(Scope.extend(acquire, scope))
          yield* run(connection, begin)
          const tenure = guard(connection)
          const exit = yield* Effect.exit(restore(within(body, tenure.connection, 0)))
          tenure.end()
          if (Exit.isSuccess(exit))
            yield* Effect.onError(commit(connection), () => undo(connection, "ROLLBACK"))
          else yield* undo(connection, "ROLLBACK")
          return yield* exit
        }),
      ),
    )
  const inner = <A, E, R>(
    body: Effect.Effect<A, E, R>,
    [connection, depth]: Context.Tag.Service<typeof TransactionConnection>,
  ): Effect.Effect<A, E | SqlError, R> => {
    const name = `bosun_${depth + 1}`
    return Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        yield* run(connection, `SAVEPOINT ${name}`)
        const exit = yield* Effect.exit(restore(within(body, connection, depth + 1)))
        const back = undo(connection, `ROLLBACK TO SAVEPOINT ${name}`)
        if (Exit.isFailure(exit)) yield* back
        else yield* Effect.onError(run(connection, `RELEASE SAVEPOINT ${name}`), () => back)
        return yield* exit
      }),
    )
  }
  return <R, E, A>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.flatMap(
      Effect.serviceOption(TransactionConnection),
      Option.match({
        onNone: () => outer(body),
        onSome: (current) =>
          Effect.flatMap(
            Effect.serviceOption(Inner),
            Option.match({
              onNone: () => inner(body, current),
              onSome: (turn) => inTurn(turn, inner(body, current)),
            }),
          ),
      }),
    )
}

/** Dies where it is run in a transaction, for what has to hold also where that is rolled back. */
export const outside =
  (what: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Effect.serviceOption(TransactionConnection), (current) =>
      Option.isNone(current)
        ? effect
        : Effect.dieMessage(
            `${what} inside a transaction, with which it would be rolled back: it belongs before or after it`,
          ),
    )

/** One after the other; where a fiber would wait for itself it fails. */
const inTurn = <A, E, R>(
  turn: Effect.Semaphore,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError, R> =>
  Effect.flatMap(FiberRef.get(held), (turns) => {
    if (!HashSet.has(turns, turn))
      return turn.withPermits(1)(Effect.locally(effect, held, HashSet.add(turns, turn)))
    // Free again where this fiber has outlived the transaction that had the turn.
    return Effect.flatMap(turn.withPermitsIfAvailable(1)(effect), (result) =>
      Option.match(result, {
        onNone: () =>
          new SqlError({
            message:
              "This transaction belongs to one around the one it is begun in, for which it would wait for ever: it takes the context of the innermost",
          }),
        onSome: Effect.succeed,
      }),
    )
  })

const run = (connection: Connection, sql: string) => connection.executeUnprepared(sql, [], undefined)

const undo = (connection: Connection, sql: string) => Effect.ignore(run(connection, sql))

/** PostgreSQL ends a transaction in which a statement has failed with a rollback, and does not call that an error. */
const commit = (connection: Connection) =>
  Effect.flatMap(connection.executeRaw("COMMIT", []), (result) =>
    (result as { readonly command?: unknown } | undefined)?.command === "ROLLBACK"
      ? new SqlError({
          message:
            "Nothing of the transaction was written: a statement of it had failed. What may fail belongs in a transaction of its own within it",
        })
      : Effect.void,
  )

const within = <A, E, R>(body: Effect.Effect<A, E, R>, connection: Connection, depth: number) =>
  Effect.mapInputContext(body, (context: Context.Context<R>) =>
    Context.add(context, TransactionConnection, [connection, depth]).pipe(
      Context.add(Inner, Effect.unsafeMakeSemaphore(1)),
    ),
  )

/** The connection as long as the transaction lasts. */
const guard = (connection: Connection) => {
  let open = true
  const ended = new SqlError({
    message: "This statement belongs to a transaction that has ended: its fiber has outlived it",
  })
  const live = <A>(effect: () => Effect.Effect<A, SqlError>) =>
    Effect.suspend(() => (open ? effect() : Effect.fail(ended)))
  const guarded: Connection = {
    execute: (...all) => live(() => connection.execute(...all)),
    executeRaw: (...all) => live(() => connection.executeRaw(...all)),
    executeValues: (...all) => live(() => connection.executeValues(...all)),
    executeUnprepared: (...all) => live(() => connection.executeUnprepared(...all)),
    executeStream: (...all) =>
      Stream.suspend(() => (open ? connection.executeStream(...all) : Stream.fail(ended))),
  }
  return {
    connection: guarded,
    end: () => {
      open = false
    },
  }
}
