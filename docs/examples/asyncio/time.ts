import { Cause, Data, Effect, Fiber } from "effect"

// asyncio.sleep(0.25). It blocks nobody, ends at once when it is interrupted, and in tests takes no time.
export const pause = Effect.sleep("250 millis")

export class Late extends Data.TaggedError("Late")<{ readonly what: string }> {}

// asyncio.wait_for(work, 30): a time-out is an effect like any other, and its error is in the type. What timed out
// has been interrupted, and its finalizers have run, when this goes on.
export const within30 = <A, E, R>(
  what: string,
  work: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | Late, R> =>
  Effect.timeoutFail(work, { duration: "30 seconds", onTimeout: () => new Late({ what }) })

// except asyncio.CancelledError: … raise. Interruption is no exception that somebody may swallow; what has to be
// done then is said where the resource is taken.
export const mooring = (log: Array<string>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => log.push("moored")),
    () => Effect.sleep("1 hour"),
    () => Effect.sync(() => log.push("cast off")),
  ).pipe(Effect.onInterrupt(() => Effect.sync(() => log.push("was cancelled"))))

// task.cancel(), then await task: `Fiber.interrupt` does both.
export const cancelled = (log: Array<string>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(mooring(log))
    yield* Effect.sleep("1 second")
    yield* Fiber.interrupt(fiber)
    return log
  })

export class ChartMissing extends Data.TaggedError("ChartMissing")<{
  readonly harbour: string
  readonly cause: unknown
}> {
  readonly userText = "There is no chart of that harbour."
}

// raise ChartMissing(…) from error: the cause goes along, and `Cause.pretty` prints both.
export const chart = (harbour: string, read: Effect.Effect<string, Error>) =>
  read.pipe(Effect.mapError((cause) => new ChartMissing({ harbour, cause })))

// except Exception: the errors of an effect are in its type, so that catching some leaves the others to be seen.
// Bugs (defects) and interruption are neither, and are not caught by accident.
export const orNone = (read: Effect.Effect<string, ChartMissing | Late>) =>
  read.pipe(
    Effect.catchTag("ChartMissing", () => Effect.succeed("no chart")),
    Effect.tapErrorCause((cause) => Effect.logWarning(Cause.pretty(cause))),
  )
