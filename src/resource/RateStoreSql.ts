/**
 * Token buckets in the database: they hold over restarts, and for several processes together.
 *
 * A token is taken in a transaction that keeps others from the same bucket meanwhile, so that no two take the same.
 *
 * Failure modes: a failure of the database is a defect, and so is a call inside a transaction, with which a token would
 * come back that was spent; the layer fails where the table cannot be made.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer } from "effect"
import * as Database from "./Database.js"
import * as Migrations from "./Migrations.js"
import * as RateStore from "./RateStore.js"
import * as Transaction from "./database/Transaction.js"

export const make: Effect.Effect<RateStore.RateStore, Database.DatabaseUnusable, Database.Services> =
  Effect.gen(function* () {
    yield* Migrations.run("rates", steps)
    const sql = yield* SqlClient.SqlClient
    /** Changes a bucket, which is there as `fresh` where there was none. */
    const change = <A>(
      bucket: string,
      fresh: RateStore.Level,
      f: (level: RateStore.Level) => readonly [result: A, next: RateStore.Level],
    ) =>
      Effect.gen(function* () {
        yield* sql`INSERT INTO rates_bucket ${sql.insert({ bucket, ...rowOf(fresh) })} ON CONFLICT (bucket) DO NOTHING`
        const [row] = yield* sql<Row>`SELECT tokens, at, blocked_until FROM rates_bucket
          WHERE bucket = ${bucket} ${Database.forUpdate(sql)}`
        const [result, next] = f(row === undefined ? fresh : levelOf(row))
        yield* sql`UPDATE rates_bucket SET ${sql.update(rowOf(next))} WHERE bucket = ${bucket}`
        return result
      }).pipe(sql.withTransaction, Effect.orDie, Transaction.outside("An upstream with a rate is asked"))
    return {
      take: (bucket, rate, at) =>
        change(bucket, { tokens: rate.limit, at, blockedUntil: 0 }, (level) =>
          RateStore.taken(level, rate, at),
        ),
      block: (bucket, until) =>
        change(bucket, RateStore.blocked(undefined, until), (level) => [
          undefined,
          RateStore.blocked(level, until),
        ]),
    }
  })

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<RateStore.RateStore, Database.DatabaseUnusable, Database.Services> =
  Layer.effect(RateStore.RateStore, make)

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "bucket",
    (sql) => sql`CREATE TABLE rates_bucket (
      bucket TEXT PRIMARY KEY,
      tokens DOUBLE PRECISION NOT NULL,
      at DOUBLE PRECISION NOT NULL,
      blocked_until DOUBLE PRECISION NOT NULL
    )`,
  ],
]

interface Row {
  readonly tokens: number
  readonly at: number
  readonly blocked_until: number
}

const rowOf = ({ at, blockedUntil, tokens }: RateStore.Level) => ({ tokens, at, blocked_until: blockedUntil })

const levelOf = ({ at, blocked_until, tokens }: Row): RateStore.Level => ({
  tokens,
  at,
  blockedUntil: blocked_until,
})
