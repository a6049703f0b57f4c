/**
 * Acquires what has to be given back: with a name, a deadline for giving it back, and a word where that fails.
 *
 * Built on scopes: what was acquired is released in reverse, also after a start that failed half-way, and a
 * release that fails or is late never keeps the next from running. It is logged by name, and makes the scope's
 * end fail, so that the process does not exit with 0.
 *
 * A resource with a `key` that is already open in this process is opened all the same, and the log says so: two
 * pools on one database are mostly one too many.
 *
 * @module
 */
import { Cause, Data, Duration, Effect, Exit, Fiber, type Scope } from "effect"

export interface Options<A, E, R, R2> {
  /** As in the log. */
  readonly name: string
  /** What is the same thing twice: a path, an address. No secret. */
  readonly key?: string
  readonly acquire: Effect.Effect<A, E, R>
  readonly release: (resource: A) => Effect.Effect<void, unknown, R2>
  /** How long the release may take. Default 5 seconds. */
  readonly releaseWithin?: Duration.DurationInput
}

/** How many of each key are open in this process. */
const open = new Map<string, number>()

/** Acquires it for the scope. Fails as `acquire` does; the release's failure is a defect of the scope's end, `ReleaseFailed`. */
export const make = <A, E, R, R2>({
  acquire,
  key,
  name,
  release,
  releaseWithin = "5 seconds",
}: Options<A, E, R, R2>): Effect.Effect<A, E, R | R2 | Scope.Scope> =>
  Effect.acquireRelease(Effect.zipLeft(acquire, enter(name, key)), (resource) =>
    // As a daemon: what runs in a finalizer is cut by a second interruption where it is made interruptible, and
    // never ends at its deadline where it is not.
    Effect.suspend(() => release(resource)).pipe(
      Effect.interruptible,
      Effect.timeoutFail({
        duration: releaseWithin,
        onTimeout: () => new Late({ after: Duration.decode(releaseWithin) }),
      }),
      Effect.forkDaemon,
      Effect.flatMap(Fiber.await),
      Effect.zipLeft(leave(key)),
      Effect.flatMap((exit) =>
        Exit.isSuccess(exit)
          ? Effect.logDebug(`${name} was released`)
          : Effect.zipRight(
              Effect.logError(`${name} was not released cleanly`, exit.cause),
              Effect.die(new ReleaseFailed({ name, reason: Cause.pretty(exit.cause) })),
            ),
      ),
    ),
  )

const enter = (name: string, key: string | undefined) =>
  Effect.suspend(() => {
    if (key === undefined) return Effect.void
    const count = open.get(key) ?? 0
    open.set(key, count + 1)
    return count === 0
      ? Effect.void
      : Effect.logWarning(
          `${name} is opened while the same is still open in this process: the former was not closed`,
        )
  })

const leave = (key: string | undefined) =>
  Effect.sync(() => {
    if (key === undefined) return
    const count = open.get(key) ?? 1
    if (count === 1) open.delete(key)
    else open.set(key, count - 1)
  })

class Late extends Data.TaggedError("Late")<{ readonly after: Duration.Duration }> {
  override get message() {
    return `it did not end within ${Duration.format(this.after)}`
  }
}

/** A resource could not be given back cleanly. */
export class ReleaseFailed extends Data.TaggedError("ReleaseFailed")<{
  readonly name: string
  readonly reason: string
}> {
  override get message() {
    return `${this.name} was not released cleanly: ${this.reason}`
  }
}
