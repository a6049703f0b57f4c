/**
 * What is known of a job over restarts, as far as its store outlives the process.
 *
 * @module
 */
import { Effect, Schedule } from "effect"
import { JobStore } from "../JobStore.js"

/** Times are epoch milliseconds. What is changed is stored by `save`. */
export interface Known {
  /** The last occasion that was begun or skipped. */
  lastDueAt: number | undefined
  lastEndedAt: number | undefined
  readonly paused: () => boolean
  /** Completes while it is not paused. */
  readonly unpaused: Effect.Effect<void>
  /** Once; waits for as long as the store fails. */
  readonly load: Effect.Effect<void>
  /** A failure is logged. */
  readonly save: Effect.Effect<void>
  /** Saves, too. */
  readonly pause: (paused: boolean) => Effect.Effect<void>
}

export const make = (name: string): Effect.Effect<Known, never, JobStore> =>
  Effect.map(JobStore, (store) => {
    const inTurn = Effect.unsafeMakeSemaphore(1).withPermits(1)
    const open = Effect.unsafeMakeLatch(true)
    let loaded = false
    let paused = false
    const set = (to: boolean): void => {
      paused = to
      if (to) open.unsafeClose()
      else open.unsafeOpen()
    }
    const restore = Effect.suspend(() => store.load(name)).pipe(
      Effect.sandbox,
      Effect.tapError((cause) =>
        Effect.logWarning(`job ${name}: its state could not be read; trying again`, cause),
      ),
      Effect.retry(Schedule.spaced("10 seconds")),
      Effect.orDie,
      Effect.map((state) => {
        loaded = true
        known.lastDueAt = state?.lastDueAt
        known.lastEndedAt = state?.lastEndedAt
        set(state?.paused === true)
      }),
    )
    const save = Effect.suspend(() =>
      store.save(name, { lastDueAt: known.lastDueAt, lastEndedAt: known.lastEndedAt, paused }),
    ).pipe(
      inTurn,
      Effect.catchAllCause((cause) => Effect.logWarning(`job ${name}: its state could not be stored`, cause)),
    )
    const known: Known = {
      lastDueAt: undefined,
      lastEndedAt: undefined,
      paused: () => paused,
      unpaused: open.await,
      load: Effect.suspend(() => (loaded ? Effect.void : restore)).pipe(inTurn),
      save,
      pause: (to) =>
        Effect.suspend(() => {
          set(to)
          return save
        }),
    }
    return known
  })
