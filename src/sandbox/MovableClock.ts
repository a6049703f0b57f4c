/**
 * A clock that goes with the machine's, and can be moved on by hand: a quarter of an hour passes in seconds.
 *
 * A sandbox and a bot that run on the same one see the same time. It moves in steps, and lets what falls due at
 * each happen (heartbeats, deadlines, requests over sockets) before the next, so that nobody sees a jump that is
 * longer than `STEP_AT_MOST`. It never goes back.
 *
 * Drawbacks: what keeps its own time, such as a library's timers or another process, is not moved. Work that takes
 * real time (a query, a file) is given `PATIENCE` a step, and may seem slow to deadlines.
 *
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers"
import { Clock, Duration, Effect } from "effect"

export interface MovableClock extends Clock.Clock {
  /**
   * Lets time pass, at most a day at once. Moves that come at the same time follow one another. Interruption stops
   * where it is.
   */
  readonly advance: (by: Duration.DurationInput) => Effect.Effect<void>
  /** Whether it is being moved. */
  readonly moving: () => boolean
  /** Ends the moves that are under way, and lets none begin: for whoever is about to stop, and needs real time for it. */
  readonly settle: Effect.Effect<void>
}

export interface Options {
  /** Whether all that was begun at the last step is done; asked before each step. Default: it is not asked. */
  readonly quiet?: () => boolean
}

/** Below the 20 seconds or so within which a heartbeat has to be answered. */
export const STEP_AT_MOST = 15_000
const STEP_AT_LEAST = 1_000
const STEPS = 600
const DAY = 86_400_000
/** Real milliseconds: for what a step sets off, and the most for what is not done then. */
const PAUSE = 2
const PATIENCE = 200
/** Node's timers take no longer one. */
const LONGEST = 2 ** 31 - 1

interface Sleeper {
  readonly due: number
  readonly wake: () => void
  timer: NodeJS.Timeout
}

/** Makes a clock that stands at the machine's time. */
export const make = (options: Options = {}): Effect.Effect<MovableClock> =>
  Effect.map(Effect.makeSemaphore(1), (turn) => {
    const real = Clock.make()
    const sleepers = new Set<Sleeper>()
    let offset = 0
    let moves = 0
    let settled = false

    const now = () => real.unsafeCurrentTimeMillis() + offset
    const nanos = () => real.unsafeCurrentTimeNanos() + BigInt(Math.round(offset)) * 1_000_000n

    const arm = (due: number, wake: () => void): NodeJS.Timeout =>
      // A clock is where the others' timers come from.
      // @effect-diagnostics-next-line globalTimers:off
      setTimeout(wake, Math.min(LONGEST, Math.max(0, due - now())))

    const sleep = (duration: Duration.Duration): Effect.Effect<void> =>
      Effect.async<void>((resume) => {
        const due = now() + Duration.toMillis(duration)
        const wake = () => {
          if (due - now() >= 1) {
            clearTimeout(sleeper.timer)
            sleeper.timer = arm(due, wake)
            return
          }
          sleepers.delete(sleeper)
          clearTimeout(sleeper.timer)
          resume(Effect.void)
        }
        const sleeper: Sleeper = { due, wake, timer: arm(due, wake) }
        sleepers.add(sleeper)
        return Effect.sync(() => {
          sleepers.delete(sleeper)
          clearTimeout(sleeper.timer)
        })
      })

    /** Who sleeps on is armed anew: less is left of their sleep. */
    const step = (millis: number) =>
      Effect.sync(() => {
        offset += millis
        for (const sleeper of [...sleepers].toSorted((a, b) => a.due - b.due)) sleeper.wake()
      })

    const pause = Effect.gen(function* () {
      yield* real.sleep(Duration.millis(PAUSE))
      for (let waited = PAUSE; waited < PATIENCE && options.quiet?.() === false; waited += PAUSE) {
        yield* real.sleep(Duration.millis(PAUSE))
      }
    })

    const advance = Effect.fnUntraced(
      function* (by: Duration.DurationInput) {
        const all = Math.min(DAY, Math.max(0, Math.floor(Duration.toMillis(by))))
        const length = Math.min(STEP_AT_MOST, Math.max(STEP_AT_LEAST, Math.ceil(all / STEPS)))
        for (let left = all; left > 0; left -= length) {
          if (settled) return
          yield* step(Math.min(length, left))
          yield* pause
        }
      },
      (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            moves += 1
          }),
          () => turn.withPermits(1)(effect),
          () =>
            Effect.sync(() => {
              moves -= 1
            }),
        ),
    )

    return {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: now,
      unsafeCurrentTimeNanos: nanos,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanos: Effect.sync(nanos),
      sleep,
      advance,
      moving: () => moves > 0,
      settle: Effect.sync(() => {
        settled = true
      }),
    }
  })
