/**
 * What is known of a job over restarts, as far as its store outlives the process.
 *
 * @module
 */
import { type Cause, Effect, Schedule } from "effect"
import { Alarm } from "../Alarm.js"
import { JobStore, type State } from "../JobStore.js"
import { firstLine } from "./Notes.js"

/** Times are epoch milliseconds. What is changed is stored by `save`. */
export interface Known {
  /** The last occasion that was begun or skipped. */
  lastDueAt: number | undefined
  lastEndedAt: number | undefined
  readonly paused: () => boolean
  /** Completes while it is not paused. */
  readonly unpaused: Effect.Effect<void>
  /** What the store has of it was read. */
  readonly isRead: () => boolean
  /** The store was asked, and did not answer. */
  readonly isUnreadable: () => boolean
  /** Once; goes on for as long as the store fails, of which the operator is told after three tries. */
  readonly load: Effect.Effect<void>
  /** The same with one try of 5 seconds: whoever orders the job about does not wait until the store is mended. */
  readonly tried: Effect.Effect<void>
  /** A failure is logged. As long as nothing was read nothing is written over; it is stored after that. */
  readonly save: Effect.Effect<void>
  /** Saves, too. */
  readonly pause: (paused: boolean) => Effect.Effect<void>
}

export const make = (name: string): Effect.Effect<Known, never, Alarm | JobStore> =>
  Effect.gen(function* () {
    const alarm = yield* Alarm
    const store = yield* JobStore
    const about = `job ${name}`
    const inTurn = Effect.unsafeMakeSemaphore(1).withPermits(1)
    const open = Effect.unsafeMakeLatch(true)
    let read = false
    let failures = 0
    /** Something was to be saved before it was read. */
    let unsaved = false
    let paused: boolean | undefined
    const set = (to: boolean): void => {
      paused = to
      if (to) open.unsafeClose()
      else open.unsafeOpen()
    }
    const write = Effect.suspend(() =>
      store.save(name, {
        lastDueAt: known.lastDueAt,
        lastEndedAt: known.lastEndedAt,
        paused: paused === true,
      }),
    ).pipe(
      Effect.catchAllCause((cause) => Effect.logWarning(`${about}: its state could not be stored`, cause)),
    )
    /** What has happened since the start is newer than what is stored. */
    const take = (state: State | undefined) =>
      Effect.suspend(() => {
        read = true
        known.lastDueAt ??= state?.lastDueAt
        known.lastEndedAt ??= state?.lastEndedAt
        if (paused === undefined) set(state?.paused === true)
        const over = alarm.raise({ about, text: "Its state can be read again.", isOver: true })
        return Effect.zipRight(failures < ALARM_AFTER ? Effect.void : over, unsaved ? write : Effect.void)
      })
    const missed = (cause: Cause.Cause<unknown>) =>
      Effect.suspend(() => {
        failures++
        return failures === ALARM_AFTER
          ? alarm.raise({
              about,
              text: `It does not run, since its state cannot be read: ${firstLine(cause)}. It is tried again until it can be`,
              cause,
            })
          : Effect.logWarning(`${about}: its state could not be read; trying again`, cause)
      })
    const once = Effect.suspend(() =>
      read
        ? Effect.void
        : Effect.suspend(() => store.load(name)).pipe(
            // One that hangs is unreadable, too.
            Effect.timeout(PATIENCE),
            Effect.sandbox,
            Effect.tapError(missed),
            Effect.flatMap(take),
          ),
    ).pipe(inTurn)
    const known: Known = {
      lastDueAt: undefined,
      lastEndedAt: undefined,
      paused: () => paused === true,
      unpaused: open.await,
      isRead: () => read,
      isUnreadable: () => !read && failures > 0,
      load: Effect.orDie(Effect.retry(once, Schedule.spaced("10 seconds"))),
      tried: Effect.suspend(() => (read ? Effect.void : Effect.ignore(Effect.timeout(once, "5 seconds")))),
      save: Effect.suspend(() => {
        unsaved = !read
        return read ? inTurn(write) : Effect.void
      }),
      pause: (to) =>
        Effect.suspend(() => {
          set(to)
          return known.save
        }),
    }
    return known
  })

/** After so many tries that have failed the operator is told, once. */
const ALARM_AFTER = 3

/** For one answer of the store. */
const PATIENCE = "30 seconds"
