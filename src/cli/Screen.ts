/**
 * Standard output and standard error, line by line.
 *
 * What the bot says goes to standard output, everything about it to standard error. While somebody types, the
 * line in hand is taken off the terminal before anything is written, and put back after.
 *
 * Failure modes: when the reader of standard output has gone (`| head -1`), `gone` completes and nothing more
 * is written; when it cannot be written for another reason, a full disk for instance, `gone` fails.
 *
 * @module
 */
import { Data, Deferred, Effect, FiberId } from "effect"

/** The line that is being typed. */
export interface Prompt {
  /** Takes it off the terminal. */
  readonly hide: () => void
  /** Puts it back. */
  readonly show: () => void
}

export interface Screen {
  /** Writes a line to standard output. */
  readonly out: (line: string) => void
  /** Writes a line to standard error. */
  readonly err: (line: string) => void
  /** Runs something that writes to the terminal by itself. */
  readonly around: (write: () => void) => void
  /** From now on there is a line being typed; undefined: not any more. */
  readonly typing: (prompt: Prompt | undefined) => void
  /** Completes when nobody reads standard output any more. */
  readonly gone: Effect.Effect<void, OutputUnusable>
}

/** One for the process: it stays until that ends, so that no late failure of a write ends it with a stack. */
export const make = (): Screen => {
  const gone = Deferred.unsafeMake<void, OutputUnusable>(FiberId.none)
  let prompt: Prompt | undefined
  let open = true
  process.stdout.on("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
    open = false
    Deferred.unsafeDone(gone, code === "EPIPE" ? Effect.void : Effect.fail(new OutputUnusable({ code })))
  })
  process.stderr.on("error", () => {})
  const around = (write: () => void): void => {
    prompt?.hide()
    write()
    prompt?.show()
  }
  return {
    out: (line) => {
      if (open) around(() => process.stdout.write(`${line}\n`))
    },
    err: (line) => around(() => process.stderr.write(`${line}\n`)),
    around,
    typing: (next) => {
      prompt = next
    },
    gone: Deferred.await(gone),
  }
}

/** Standard output is read, but does not take what is written. */
export class OutputUnusable extends Data.TaggedError("OutputUnusable")<{ readonly code: string }> {
  override get message() {
    const full = this.code === "ENOSPC" ? ": its disk is full" : ""
    return `Standard output cannot be written to (${this.code})${full}. Send it elsewhere, or make room`
  }
}
