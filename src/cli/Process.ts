/**
 * The one place that owns the runtime of the process: scheduler, signals, the last word and the exit code.
 *
 * SIGINT and SIGTERM interrupt the program, whose finalizers stop everything in order; a second one ends the
 * process at once. The program's failure is one line on standard error; the cause of a bug is shown whole.
 *
 * Exit codes: what the program returns; 0 after a signal, if everything stopped as it should; 1 for a failure;
 * 2 for a command line that cannot be read; 128 and the signal's number after a second signal.
 *
 * @module
 */
import { constants } from "node:os"
import { Cause, Chunk, Effect, Exit, Inspectable, Predicate, Scheduler } from "effect"
import * as Screen from "./Screen.js"

/** Ctrl-C reaches the whole group, and a parent such as npm passes it on once more: that is one signal. */
const ECHO_MILLIS = 250

/** Runs the program and then ends the process. To be called once. */
export const run = <E>(name: string, program: (screen: Screen.Screen) => Effect.Effect<number, E>): void => {
  const screen = Screen.make()
  const whole = Effect.suspend(() => program(screen)).pipe(
    Effect.raceFirst(Effect.as(screen.gone, 0)),
    // Keeps the process alive while nothing else does: it ends when the program does, not before.
    Effect.raceFirst(Effect.never),
  )
  const fiber = Effect.runFork(whole, {
    // Effect's own scheduler lets busy fibers keep timers waiting for a second and more.
    scheduler: Scheduler.makeBatched((task) => setImmediate(task)),
  })
  let askedAt: number | undefined
  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    if (askedAt === undefined) {
      askedAt = performance.now()
      fiber.unsafeInterruptAsFork(fiber.id())
    } else if (performance.now() - askedAt > ECHO_MILLIS) {
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
  fiber.addObserver((exit) => {
    const code = conclude(name, exit, askedAt !== undefined, screen)
    // The empty write is called back after everything before it went out.
    process.stderr.write("", () => process.stdout.write("", () => process.exit(code)))
  })
}

/** Says why it ended, where there is something to say, and returns the exit code. */
const conclude = (
  name: string,
  exit: Exit.Exit<number, unknown>,
  asked: boolean,
  screen: Screen.Screen,
): number => {
  if (Exit.isSuccess(exit)) return exit.value
  if (Cause.isInterruptedOnly(exit.cause)) return asked ? 0 : 1
  // Calls beside one another can fail of the same reason; the first says it.
  const failures = Chunk.toReadonlyArray(Chunk.take(Cause.failures(exit.cause), 1))
  const defects = Chunk.toReadonlyArray(Cause.defects(exit.cause))
  for (const failure of failures) {
    for (const line of messageOf(failure).split("\n")) screen.err(`${name}: ${line}`)
  }
  // A tagged defect says what is wrong with the program in one line; anything else is a bug to be found.
  for (const defect of defects) {
    screen.err(`${name}: ${Predicate.hasProperty(defect, "_tag") ? messageOf(defect) : traceOf(defect)}`)
  }
  return failures.some((failure) => Predicate.isTagged(failure, "UsageError")) ? 2 : 1
}

const messageOf = (failure: unknown): string => {
  if (Predicate.hasProperty(failure, "message") && typeof failure.message === "string" && failure.message) {
    return failure.message
  }
  return Predicate.hasProperty(failure, "_tag")
    ? String(failure._tag)
    : Inspectable.toStringUnknown(failure, 0)
}

const traceOf = (defect: unknown): string =>
  defect instanceof Error ? (defect.stack ?? defect.message) : Inspectable.toStringUnknown(defect)
