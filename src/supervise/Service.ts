/**
 * An effect that is to run for as long as the bot: restarted by a schedule whenever it ends or fails, and given up
 * when it does so too often.
 *
 * ```ts
 * const feed = Service.layer({ name: "feed", run: follow, intensity: { restarts: 5, within: "1 minute" } })
 * ```
 *
 * It is in the background: it keeps nobody from stopping the bot, and ends with it. The roster says whether it runs
 * or backs off, and how often it was restarted. One that an administrator cancels there is restarted like any other;
 * what ends it for good is its scope, and the shutdown.
 *
 * Once it has kept running for as long as `intensity.within` its schedule begins anew.
 *
 * Failure modes: more restarts than `intensity` allows, or a schedule that has ended: the service is given up. That
 * raises an alarm, and with `escalate: "stop"` it ends the bot as well (`Supervisor.escalated`).
 *
 * @module
 */
import { Clock, Duration, Effect, Either, Exit, Layer, Schedule, type Scope } from "effect"
import { Alarm } from "./Alarm.js"
import type * as Roster from "./Roster.js"
import * as Subtask from "./Subtask.js"
import { Escalated, Supervisor } from "./Supervisor.js"

export interface Options<E, R, E2 = never, R2 = never> {
  /** As on the roster and in the log. */
  readonly name: string
  readonly run: Effect.Effect<unknown, E, R>
  /** How long each restart is put off; it is given how the run ended. Default 1 second, doubled each time, 1 minute at most. */
  readonly restart?: Schedule.Schedule<unknown, Exit.Exit<unknown, E>>
  /** More restarts than these within that time, and it is given up. Default 5 within 1 minute. */
  readonly intensity?: { readonly restarts: number; readonly within: Duration.DurationInput }
  /** What giving up means: `alarm` tells the operator, `stop` ends the bot as well. Default `alarm`. */
  readonly escalate?: "alarm" | "stop"
  /** Runs before the alarm, with how the last run ended; 10 seconds at most. Its own failure is logged. */
  readonly onEscalate?: (exit: Exit.Exit<unknown, E>) => Effect.Effect<unknown, E2, R2>
}

/** Starts it, until the scope ends; then it is interrupted and waited for. */
export const make = <E, R, E2 = never, R2 = never>(
  options: Options<E, R, E2, R2>,
): Effect.Effect<void, never, Alarm | R | R2 | Scope.Scope | Supervisor> =>
  Effect.asVoid(Effect.forkScoped(Effect.interruptible(keep(options))))

/** The same as a layer. */
export const layer = <E, R, E2 = never, R2 = never>(
  options: Options<E, R, E2, R2>,
): Layer.Layer<never, never, Alarm | Exclude<R | R2, Scope.Scope> | Supervisor> =>
  Layer.scopedDiscard(make(options))

/** How long `onEscalate` may take. */
const LAST_WORDS = "10 seconds"

const INTENSITY = { restarts: 5, within: "1 minute" } as const

const RESTART: Schedule.Schedule<unknown> = Schedule.union(
  Schedule.exponential("1 second"),
  Schedule.spaced("1 minute"),
)

/** Runs it over and over, until it is given up or the bot stops. */
const keep = Effect.fnUntraced(function* <E, R, E2, R2>(options: Options<E, R, E2, R2>) {
  const { intensity = INTENSITY, name, restart = RESTART } = options
  const within = Duration.toMillis(intensity.within)
  /** When it was restarted, as far as that still counts. */
  const recent: Array<number> = []
  let restarts = 0
  let driver = yield* Schedule.driver(restart)
  let ran: Ran<E> = { exit: Exit.void, startedAt: undefined }
  for (;;) {
    ran = yield* round(name, options.run, driver, restarts, ran.exit)
    const { exit, startedAt } = ran
    if (ran.over === "stopped") return
    if (ran.over === "exhausted") return yield* giveUp(options, exit, "its schedule has no further restart")
    yield* Effect.logWarning(
      `service ${name} ${Exit.isFailure(exit) ? "failed" : "ended"}, and is restarted`,
      ...(Exit.isFailure(exit) ? [exit.cause] : []),
    )
    const now = yield* Clock.currentTimeMillis
    if (startedAt !== undefined && now - startedAt >= within) driver = yield* Schedule.driver(restart)
    while (recent[0] !== undefined && now - recent[0] >= within) recent.shift()
    if (recent.length >= intensity.restarts) {
      const time = Duration.format(intensity.within)
      return yield* giveUp(
        options,
        exit,
        `it was restarted ${times(recent.length)} within ${time}, and ended again`,
      )
    }
    recent.push(now)
    restarts++
  }
})

/** How a round went. */
interface Ran<E> {
  readonly exit: Exit.Exit<unknown, E>
  /** When the effect itself began; undefined where it did not. */
  readonly startedAt: number | undefined
  /** Why there is no next one. */
  readonly over?: "stopped" | "exhausted"
}

/** One run, with the pause before it, as an entry on the roster. */
const round = <E, R>(
  name: string,
  run: Effect.Effect<unknown, E, R>,
  driver: Schedule.ScheduleDriver<unknown, Exit.Exit<unknown, E>>,
  restarts: number,
  former: Exit.Exit<unknown, E>,
): Effect.Effect<Ran<E>, never, R | Supervisor> =>
  Effect.suspend(() => {
    const often = restarts === 0 ? "" : `, restarted ${times(restarts)}`
    let task: Roster.Held | undefined
    let startedAt: number | undefined
    let exhausted = false
    const say = (doing: string): void => {
      if (task !== undefined) task.doing = doing + often
    }
    const pause = Effect.suspend(() => {
      if (restarts === 0) return Effect.succeed(true)
      say("backing off")
      return Effect.map(Effect.either(driver.next(former)), Either.isRight)
    })
    const all = Effect.flatMap(pause, (goOn) => {
      exhausted = !goOn
      if (exhausted) return Effect.void
      say("running")
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        startedAt = now
        return run
      })
    })
    const origin = {
      kind: "service",
      name,
      background: true,
      userId: undefined,
      guildId: undefined,
      channelId: undefined,
    }
    const running = Subtask.run(origin, all, (entry) => {
      task = entry
    })
    return Effect.map(running, (ended): Ran<E> => {
      if (ended === undefined || ended.task.endedBy === "shutdown")
        return { exit: ended?.exit ?? former, startedAt, over: "stopped" }
      return exhausted ? { exit: former, startedAt, over: "exhausted" } : { exit: ended.exit, startedAt }
    })
  })

const giveUp = Effect.fnUntraced(function* <E, R, E2, R2>(
  { escalate = "alarm", name, onEscalate }: Options<E, R, E2, R2>,
  exit: Exit.Exit<unknown, E>,
  reason: string,
) {
  const supervisor = yield* Supervisor
  const alarm = yield* Alarm
  if (onEscalate !== undefined) {
    yield* Effect.suspend(() => onEscalate(exit)).pipe(
      Effect.interruptible,
      Effect.timeout(LAST_WORDS),
      Effect.catchAllCause((cause) =>
        Effect.logError(`service ${name}: what was to be done when it is given up failed`, cause),
      ),
    )
  }
  const what = escalate === "stop" ? "the bot stops" : "it stays down until the bot is started again"
  yield* alarm.raise({
    about: `service ${name}`,
    text: `given up: ${reason}; ${what}`,
    ...(Exit.isFailure(exit) ? { cause: exit.cause } : {}),
  })
  if (escalate === "stop") yield* supervisor.escalate(new Escalated({ service: name, reason }))
})

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)
