import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Cause, Context, Effect, Exit, Layer, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import * as RateStore from "../../src/resource/RateStore.js"
import * as RateStoreSql from "../../src/resource/RateStoreSql.js"
import * as Databases from "./Databases.js"

type Fresh = Effect.Effect<RateStore.RateStore, never, Scope.Scope>

const fromSql = (database: Databases.Fresh): Fresh =>
  Effect.map(
    Layer.build(Layer.fresh(Layer.provide(Layer.orDie(RateStoreSql.layer), database))),
    Context.get(RateStore.RateStore),
  )

const rate: RateStore.Rate = { limit: 3, windowMillis: 3_000 }

const suite = (fresh: Fresh, numRuns: number) => {
  it.scopedLive("gives as many at once as there are, and says when there is one again", () =>
    Effect.gen(function* () {
      const store = yield* fresh
      expect(yield* Effect.forEach([0, 0, 0, 0, 400], (at) => store.take("a", rate, at))).toEqual([
        0, 0, 0, 1_000, 600,
      ])
      expect(yield* Effect.forEach([999, 1_000, 1_000], (at) => store.take("a", rate, at))).toEqual([
        1, 0, 1_000,
      ])
      expect(yield* store.take("b", rate, 1_000)).toBe(0)
      // Never more than full.
      expect(
        yield* Effect.forEach([99_000, 99_000, 99_000, 99_000], (at) => store.take("a", rate, at)),
      ).toEqual([0, 0, 0, 1_000])
    }),
  )

  it.scopedLive("gives nothing while it is blocked, and one when that ends", () =>
    Effect.gen(function* () {
      const store = yield* fresh
      yield* store.take("a", rate, 0)
      yield* store.block("a", 10_000)
      yield* store.block("a", 5_000)
      expect(yield* Effect.forEach([0, 9_000, 10_000, 10_000], (at) => store.take("a", rate, at))).toEqual([
        10_000, 1_000, 0, 1_000,
      ])
      // An empty one fills while it is blocked, by one token.
      yield* Effect.replicateEffect(store.take("c", rate, 0), 3)
      yield* store.block("c", 20_000)
      expect(yield* Effect.forEach([20_000, 20_000], (at) => store.take("c", rate, at))).toEqual([0, 1_000])
      yield* store.block("new", 500)
      expect(yield* Effect.forEach([100, 500], (at) => store.take("new", rate, at))).toEqual([400, 0])
    }),
  )

  const step = fc.record({
    /** Clocks of several processes do not agree, and are set back. */
    pass: fc.integer({ min: -300, max: 900 }),
    block: fc.option(fc.integer({ min: 0, max: 3_000 }), { freq: 12 }),
  })
  const rates = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    windowMillis: fc.integer({ min: 1, max: 5_000 }),
  })

  it.scopedLive("never gives more than were there and came, and its waits are true", () =>
    Effect.gen(function* () {
      const store = yield* fresh
      let bucket = 0
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(rates, fc.array(step, { maxLength: 30 }), (rate, steps) =>
            Effect.gen(function* () {
              const name = String(++bucket)
              let at = 1_000_000
              let [first, latest, given, blockedUntil] = [at, at, 0, 0]
              for (const { block, pass } of steps) {
                at += pass
                first = Math.min(first, at)
                latest = Math.max(latest, at)
                if (block !== null) {
                  blockedUntil = Math.max(blockedUntil, at + block)
                  yield* store.block(name, at + block)
                }
                const wait = yield* store.take(name, rate, at)
                if (wait === 0) {
                  given++
                  expect(at).toBeGreaterThanOrEqual(blockedUntil)
                } else if (wait > 1) {
                  // Not before, and then at once, if nobody else comes.
                  expect(yield* store.take(name, rate, at + wait - 1)).toBeGreaterThan(0)
                  at += wait
                  latest = Math.max(latest, at)
                  expect(yield* store.take(name, rate, at)).toBe(0)
                  given++
                }
                expect(given).toBeLessThanOrEqual(
                  rate.limit + ((latest - first) * rate.limit) / rate.windowMillis + 1e-6,
                )
              }
            }).pipe(Effect.runPromise),
          ),
          { numRuns },
        ),
      )
    }),
  )
}

describe("the rate store in memory", () => {
  suite(RateStore.makeMemory, 300)
})

Databases.both("the rate store", (database) => {
  suite(fromSql(database), 40)

  it.live("takes no token in a transaction, with which it would come back", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* RateStoreSql.make
      for (const call of [store.take("a", rate, 0), store.block("a", 5_000)]) {
        const exit = yield* Effect.exit(sql.withTransaction(call))
        expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("inside a transaction")
      }
      expect(yield* Effect.forEach([0, 0, 0, 0], (at) => store.take("a", rate, at))).toEqual([0, 0, 0, 1_000])
    }).pipe(Effect.provide(database)),
  )
})

Databases.shared("the rate store of two processes", (database) => {
  it.live("gives no token twice, and none again after a restart", () =>
    Effect.gen(function* () {
      const shared = yield* database
      const limit = { limit: 20, windowMillis: 1_000_000 }
      const take = (stores: ReadonlyArray<RateStore.RateStore>) =>
        Effect.map(
          Effect.forEach(
            Array.from({ length: 30 }, (_, index) => stores[index % 2]),
            (store) => store?.take("github", limit, 0) ?? Effect.die("there are two"),
            { concurrency: "unbounded" },
          ),
          (waits) => waits.filter((wait) => wait === 0).length,
        )
      const two = Effect.all([fromSql(shared), fromSql(shared)])
      expect(yield* Effect.scoped(Effect.flatMap(two, take))).toBe(20)
      expect(yield* Effect.scoped(Effect.flatMap(two, take))).toBe(0)
    }).pipe(Effect.scoped),
  )
})
