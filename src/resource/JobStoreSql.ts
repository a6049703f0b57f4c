/**
 * What has to be known of jobs after a restart, in the database.
 *
 * Failure modes: a failure of the database is a defect, and so is to save inside a transaction, with which a run would
 * be forgotten that was begun; the layer fails where the table cannot be made.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer } from "effect"
import { JobStore } from "../supervise/JobStore.js"
import type * as Database from "./Database.js"
import * as Migrations from "./Migrations.js"
import * as Transaction from "./database/Transaction.js"

export const make: Effect.Effect<JobStore, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("jobs", steps)
    const sql = yield* SqlClient.SqlClient
    return {
      load: (job) =>
        sql<Row>`SELECT last_due_at, last_ended_at, paused FROM jobs_state WHERE job = ${job}`.pipe(
          Effect.map(([row]) =>
            row === undefined
              ? undefined
              : {
                  lastDueAt: row.last_due_at ?? undefined,
                  lastEndedAt: row.last_ended_at ?? undefined,
                  paused: row.paused === 1,
                },
          ),
          Effect.orDie,
        ),
      save: (job, { lastDueAt, lastEndedAt, paused }) => {
        const row = {
          job,
          last_due_at: lastDueAt ?? null,
          last_ended_at: lastEndedAt ?? null,
          paused: paused ? 1 : 0,
        }
        return sql`INSERT INTO jobs_state ${sql.insert(row)} ON CONFLICT (job) DO UPDATE SET
        last_due_at = excluded.last_due_at, last_ended_at = excluded.last_ended_at, paused = excluded.paused`.pipe(
          Effect.asVoid,
          Effect.orDie,
          Transaction.outside("A job's state is saved"),
        )
      },
    }
  },
)

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<JobStore, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  JobStore,
  make,
)

const steps: ReadonlyArray<Migrations.Step> = [
  [
    "state",
    (sql) => sql`CREATE TABLE jobs_state (
      job TEXT PRIMARY KEY,
      last_due_at BIGINT,
      last_ended_at BIGINT,
      paused INTEGER NOT NULL
    )`,
  ],
]

interface Row {
  readonly last_due_at: number | null
  readonly last_ended_at: number | null
  readonly paused: number
}
