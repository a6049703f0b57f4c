/**
 * One run at a time: what becomes of a run that is asked for while another goes on.
 *
 * Each run is a fiber on the roster. Interrupting whoever waits for a run does not touch it.
 *
 * Failure modes: once the supervisor is closed nothing is begun any more, whoever asks; it is then `Refused`.
 *
 * @module
 */
import { Deferred, Effect, Exit, Fiber, FiberId } from "effect"
import type { Supervisor } from "../Supervisor.js"

/** What happens to a run that is asked for while another goes on. */
export type Overlap =
  /** It does not take place. */
  | "skip"
  /** It begins when the other has ended; where one waits for that already, it does not take place. */
  | "queue one"
  /** The other is interrupted, and this one begins when it has ended. */
  | "cancel former"

/** What became of a run that was asked for. */
export type Answer =
  | { readonly _tag: "Begun"; readonly ended: Effect.Effect<void> }
  /** It waits, or it is not to be: what is waited for is the run that takes its place. */
  | { readonly _tag: "Queued" | "Skipped"; readonly ended: Effect.Effect<void> }
  | { readonly _tag: "Refused" }

export interface Turns<A> {
  /** Asks for a run. */
  readonly ask: (of: A) => Effect.Effect<Answer>
  readonly isRunning: () => boolean
  /** Completes when none is going on and none waits. */
  readonly idle: Effect.Effect<void>
  /** Interrupts what goes on, forgets what waits, and waits for the end. Afterwards nothing is begun. */
  readonly close: Effect.Effect<void>
}

interface Turn<A> {
  readonly of: A
  readonly ended: Deferred.Deferred<void>
  fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
}

/** `run` is a whole run and has to tell of its own end; a failure of it is logged by the supervisor. */
export const make = <A, E, R>(options: {
  readonly supervisor: Supervisor
  readonly name: string
  readonly overlap: Overlap
  readonly run: (of: A) => Effect.Effect<unknown, E, R>
}): Effect.Effect<Turns<A>, never, R> =>
  Effect.map(Effect.context<R>(), (context) => {
    const { name, overlap, run, supervisor } = options
    let current: Turn<A> | undefined
    let next: Turn<A> | undefined
    let closed = false

    /** False where nothing is begun any more. */
    const begin = (turn: Turn<A>): Effect.Effect<boolean> =>
      Effect.suspend(() => {
        if (closed) return Effect.as(Deferred.succeed(turn.ended, undefined), false)
        // Before the fiber is there: it may end at once.
        current = turn
        const program = run(turn.of).pipe(
          Effect.provide(context),
          Effect.onExit(() => end(turn)),
        )
        return supervisor.fork({ kind: "job", name, inner: false }, program).pipe(
          Effect.exit,
          Effect.flatMap((exit) => {
            if (Exit.isSuccess(exit)) {
              turn.fiber = exit.value
              return Effect.succeed(true)
            }
            current = undefined
            return Effect.as(Deferred.succeed(turn.ended, undefined), false)
          }),
        )
      })
    const end = (turn: Turn<A>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const following = next
        next = undefined
        current = undefined
        return Effect.zipRight(
          following === undefined ? Effect.void : begin(following),
          Effect.asVoid(Deferred.succeed(turn.ended, undefined)),
        )
      })
    const stop = (turn: Turn<A>): Effect.Effect<void> =>
      turn.fiber === undefined ? Effect.void : Effect.asVoid(Fiber.interruptFork(turn.fiber))
    const answer = (_tag: "Begun" | "Queued" | "Skipped", { ended }: Turn<A>): Answer => ({
      _tag,
      ended: Deferred.await(ended),
    })

    return {
      isRunning: () => current !== undefined,
      idle: Effect.suspend(() => (current === undefined ? Effect.void : Deferred.await(current.ended))).pipe(
        Effect.repeat({ until: () => current === undefined }),
        Effect.asVoid,
      ),
      ask: (of) =>
        Effect.suspend(() => {
          const turn: Turn<A> = { of, ended: Deferred.unsafeMake(FiberId.none), fiber: undefined }
          const going = current
          if (going === undefined)
            return Effect.map(begin(turn), (begun): Answer =>
              begun ? answer("Begun", turn) : { _tag: "Refused" },
            )
          if (overlap === "skip") return Effect.succeed(answer("Skipped", going))
          const waiting = next
          if (overlap === "queue one") {
            if (waiting !== undefined) return Effect.succeed(answer("Skipped", waiting))
            next = turn
            return Effect.succeed(answer("Queued", turn))
          }
          next = turn
          // Whoever waits for the run that this one takes the place of has waited for nothing.
          const instead = waiting === undefined ? stop(going) : Deferred.succeed(waiting.ended, undefined)
          return Effect.as(instead, answer("Queued", turn))
        }),
      close: Effect.suspend(() => {
        closed = true
        const [going, waiting] = [current, next]
        next = undefined
        return Effect.zipRight(
          waiting === undefined ? Effect.void : Deferred.succeed(waiting.ended, undefined),
          going?.fiber === undefined ? Effect.void : Effect.asVoid(Fiber.interrupt(going.fiber)),
        )
      }),
    }
  })
