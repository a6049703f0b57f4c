/**
 * What the operator has to know: said in the log at once, and to whoever listens.
 *
 * A job that keeps failing, a service that cannot be restarted and a message queue that loses what it is given are
 * nobody's command, so no user is told of them. They are raised here instead.
 *
 * Failure modes: none. A listener that fails is logged and does not keep the others from hearing; it runs as a
 * fiber on the roster. Once the supervisor has drained there is only the log.
 *
 * @module
 */
import { type Cause, Context, Effect, Layer, LogLevel, type Scope } from "effect"
import { Supervisor } from "./Supervisor.js"

/** One thing that the operator has to know. */
export interface Notice {
  /** What it is about, such as `job sync`: whoever hears of it often may tell them apart by it. */
  readonly about: string
  /** One sentence: what happened and what to do. No token, no secret. */
  readonly text: string
  /** Whether it says that a trouble is over: then it is logged at info level. */
  readonly isOver?: boolean
  /** For the log alone. */
  readonly cause?: Cause.Cause<unknown>
}

export interface Alarm {
  /** Logs at error level (info where a trouble is over), and tells all who listen, each in a fiber of its own. Never fails. */
  readonly raise: (notice: Notice) => Effect.Effect<void>
  /** Listens until the scope ends. */
  readonly listen: <R>(
    hear: (notice: Notice) => Effect.Effect<void, unknown, R>,
  ) => Effect.Effect<void, never, R | Scope.Scope>
}

export const Alarm = Context.GenericTag<Alarm>("bosun/supervise/Alarm")

export const make: Effect.Effect<Alarm, never, Supervisor> = Effect.gen(function* () {
  const supervisor = yield* Supervisor
  const listeners = new Set<(notice: Notice) => Effect.Effect<unknown>>()
  return {
    raise: (notice) =>
      Effect.logWithLevel(
        notice.isOver === true ? LogLevel.Info : LogLevel.Error,
        `${notice.about}: ${notice.text}`,
        ...(notice.cause === undefined ? [] : [notice.cause]),
      ).pipe(
        Effect.zipRight(
          Effect.suspend(() => Effect.forEach([...listeners], (tell) => tell(notice), { discard: true })),
        ),
      ),
    listen: (hear) =>
      Effect.flatMap(Effect.context<Effect.Effect.Context<ReturnType<typeof hear>>>(), (context) => {
        const tell = (notice: Notice) =>
          supervisor
            .fork(
              { kind: "alarm", name: notice.about, inner: true },
              Effect.provide(
                Effect.suspend(() => hear(notice)),
                context,
              ),
            )
            // Without one where the bot has ended all that ran: whoever raises it goes on.
            .pipe(Effect.exit)
        return Effect.acquireRelease(
          Effect.sync(() => listeners.add(tell)),
          () => Effect.sync(() => listeners.delete(tell)),
        )
      }),
  }
})

export const layer: Layer.Layer<Alarm, never, Supervisor> = Layer.effect(Alarm, make)
