/**
 * What the operator has to know: said in the log at once, and to whoever listens.
 *
 * A job that keeps failing, a service that cannot be restarted and a message queue that loses what it is given are
 * nobody's command, so no user is told of them. They are raised here instead.
 *
 * Failure modes: none. A listener that fails is logged and does not keep the others from hearing; it runs as a
 * fiber on the roster.
 *
 * @module
 */
import { type Cause, Context, Effect, Layer, type Scope } from "effect"
import { Supervisor } from "./Supervisor.js"

/** One thing that the operator has to know. */
export interface Notice {
  /** What it is about, such as `job sync`: whoever hears of it often may tell them apart by it. */
  readonly about: string
  /** One sentence: what happened and what to do. No token, no secret. */
  readonly text: string
  /** For the log alone. */
  readonly cause?: Cause.Cause<unknown>
}

export interface Alarm {
  /** Logs at error level, and tells all who listen, each in a fiber of its own. Never fails. */
  readonly raise: (notice: Notice) => Effect.Effect<void>
  /** Listens until the scope ends. */
  readonly listen: <R>(
    hear: (notice: Notice) => Effect.Effect<void, unknown, R>,
  ) => Effect.Effect<void, never, R | Scope.Scope>
}

export const Alarm = Context.GenericTag<Alarm>("bosun/supervise/Alarm")

export const make: Effect.Effect<Alarm, never, Supervisor> = Effect.gen(function* () {
  const supervisor = yield* Supervisor
  const listeners = new Set<(notice: Notice) => Effect.Effect<void>>()
  return {
    raise: (notice) =>
      Effect.logError(
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
          Effect.asVoid(
            supervisor.fork({ kind: "alarm", name: notice.about }, Effect.provide(hear(notice), context)),
          )
        return Effect.acquireRelease(
          Effect.sync(() => listeners.add(tell)),
          () => Effect.sync(() => listeners.delete(tell)),
        )
      }),
  }
})

export const layer: Layer.Layer<Alarm, never, Supervisor> = Layer.effect(Alarm, make)
