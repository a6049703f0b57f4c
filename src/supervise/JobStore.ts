/**
 * What has to be known of jobs after a restart: when each ran last, and whether it is paused.
 *
 * The store in memory forgets with the process: a job's missed runs are then never known. `resource/JobStoreSql`
 * keeps it in the database.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"

/** Of one job. Times are epoch milliseconds. */
export interface State {
  /** The due time of the last run that was begun or skipped: no run due at or before it is begun again. */
  readonly lastDueAt: number | undefined
  /** When the last run ended. */
  readonly lastEndedAt: number | undefined
  readonly paused: boolean
}

/** A failure of the store's infrastructure is a defect. */
export interface JobStore {
  /** Undefined for a job that never ran. */
  readonly load: (job: string) => Effect.Effect<State | undefined>
  readonly save: (job: string, state: State) => Effect.Effect<void>
}

export const JobStore = Context.GenericTag<JobStore>("bosun/supervise/JobStore")

export const makeMemory: Effect.Effect<JobStore> = Effect.sync(() => {
  const states = new Map<string, State>()
  return {
    load: (job) => Effect.sync(() => states.get(job)),
    save: (job, state) =>
      Effect.sync(() => {
        states.set(job, state)
      }),
  }
})

/** In memory, empty. */
export const layerMemory: Layer.Layer<JobStore> = Layer.effect(JobStore, makeMemory)
