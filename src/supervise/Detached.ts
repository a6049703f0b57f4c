/**
 * What a fiber that outlives its caller does not take along: the caller's transaction, which ends with the caller.
 *
 * It is known by the key of its tag alone, since the database stands above this folder.
 *
 * @module
 */
import { Context, Effect, Runtime } from "effect"

/** `TransactionConnection` of `@effect/sql`. */
const TRANSACTION = "@effect/sql/SqlClient/TransactionConnection"

const isWithin = (context: Context.Context<never>): boolean => context.unsafeMap.has(TRANSACTION)

/** Whether the caller is within a transaction. */
export const inTransaction: Effect.Effect<boolean> = Effect.map(Effect.context<never>(), isWithin)

/** The same runtime outside of any transaction. */
export const runtime = <R>(given: Runtime.Runtime<R>): Runtime.Runtime<R> => {
  if (!isWithin(given.context)) return given
  const services = new Map(given.context.unsafeMap)
  services.delete(TRANSACTION)
  return Runtime.make({ ...given, context: Context.unsafeMake<R>(services) })
}
