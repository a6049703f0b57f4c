import { describe, expect, it } from "@effect/vitest"
import * as SqlClient from "@effect/sql/SqlClient"
import { Cause, Context, Effect, Exit, Layer, type Scope } from "effect"
import * as JobStoreSql from "../../src/resource/JobStoreSql.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Databases from "./Databases.js"

const suite = (fresh: Effect.Effect<JobStore.JobStore, never, Scope.Scope>) => {
  it.scopedLive("gives back what was saved last, by the job's name", () =>
    Effect.gen(function* () {
      const store = yield* fresh
      expect(yield* store.load("sync")).toBeUndefined()
      const states: ReadonlyArray<JobStore.State> = [
        { lastDueAt: undefined, lastEndedAt: undefined, paused: true },
        { lastDueAt: 1_763_742_600_123, lastEndedAt: undefined, paused: false },
        { lastDueAt: 0, lastEndedAt: 8_640_000_000_000_000, paused: false },
      ]
      yield* store.save("other's job", { lastDueAt: 5, lastEndedAt: 6, paused: true })
      for (const state of states) {
        yield* store.save("sync", state)
        expect(yield* store.load("sync")).toEqual(state)
      }
      expect(yield* store.load("other's job")).toEqual({ lastDueAt: 5, lastEndedAt: 6, paused: true })
    }),
  )
}

describe("the job store in memory", () => {
  suite(JobStore.makeMemory)
})

Databases.both("the job store", (database) => {
  suite(
    Effect.map(
      Layer.build(Layer.provide(Layer.orDie(JobStoreSql.layer), database)),
      Context.get(JobStore.JobStore),
    ),
  )

  it.live("saves nothing in a transaction, with which it would be forgotten", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* JobStoreSql.make
      const state: JobStore.State = { lastDueAt: 1, lastEndedAt: undefined, paused: false }
      const exit = yield* Effect.exit(sql.withTransaction(store.save("sync", state)))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("inside a transaction")
      expect(yield* sql.withTransaction(store.load("sync"))).toBeUndefined()
    }).pipe(Effect.provide(database)),
  )
})

Databases.shared("the job store", (database) => {
  it.live("knows after a restart what it knew before", () =>
    Effect.gen(function* () {
      const layer = Layer.fresh(Layer.provide(Layer.orDie(JobStoreSql.layer), yield* database))
      const state: JobStore.State = { lastDueAt: 1, lastEndedAt: 2, paused: true }
      yield* Effect.provide(
        Effect.flatMap(JobStore.JobStore, (store) => store.save("daily", state)),
        layer,
      )
      expect(
        yield* Effect.provide(
          Effect.flatMap(JobStore.JobStore, (store) => store.load("daily")),
          layer,
        ),
      ).toEqual(state)
    }).pipe(Effect.scoped),
  )
})
