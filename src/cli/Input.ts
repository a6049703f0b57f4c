/**
 * The lines of standard input: typed at a terminal, with history and completion, or read from a pipe or file.
 *
 * Closing the scope gives standard input back.
 *
 * @module
 */
import { fstatSync } from "node:fs"
import * as Readline from "node:readline"
import { Effect, Queue, type Scope } from "effect"
import type { Screen } from "./Screen.js"

/** The next line; undefined at the end. */
export type Lines = Effect.Effect<string | undefined>

export interface Options {
  readonly screen: Screen
  /** What can follow a line: the candidates, and the part of the line that they replace. */
  readonly complete: (line: string) => readonly [ReadonlyArray<string>, string]
  readonly prompt: string
}

/** Whether a person types: then nothing waits for the bot to settle. */
export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

/** Lines as they are typed. Ctrl-D ends them; Ctrl-C is the signal that it is elsewhere. */
export const terminal = ({ complete, prompt, screen }: Options): Effect.Effect<Lines, never, Scope.Scope> =>
  open(
    () =>
      Readline.createInterface({
        input: process.stdin,
        output: process.stdout,
        prompt,
        historySize: 500,
        removeHistoryDuplicates: true,
        completer: (line: string) => {
          const [found, part] = complete(line)
          return [[...found], part]
        },
      }),
    (readline) => {
      readline.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
      readline.on("line", () => readline.prompt())
      screen.typing({
        hide: () => {
          Readline.cursorTo(process.stdout, 0)
          Readline.clearScreenDown(process.stdout)
        },
        show: () => readline.prompt(true),
      })
      readline.prompt()
    },
    () => {
      screen.typing(undefined)
      // What comes next, a shell's prompt most often, begins on a line of its own.
      process.stdout.write("\n")
    },
  )

/** Lines of a pipe or a file. A directory has none, which is told. */
export const piped = (screen: Screen): Effect.Effect<Lines, never, Scope.Scope> =>
  open(
    () => Readline.createInterface({ input: process.stdin, crlfDelay: Infinity, terminal: false }),
    () => {
      if (isDirectory()) screen.err("Standard input is a directory: there are no lines to be run.")
    },
    () => {},
  )

/** Node.js takes it for an input that has ended. */
const isDirectory = (): boolean => {
  try {
    return fstatSync(process.stdin.fd).isDirectory()
  } catch {
    // Closed.
    return false
  }
}

function open(
  make: () => Readline.Interface,
  onOpen: (readline: Readline.Interface) => void,
  onClose: () => void,
): Effect.Effect<Lines, never, Scope.Scope> {
  return Effect.gen(function* () {
    const queue = yield* Queue.unbounded<string | undefined>()
    let ended = false
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const readline = make()
        readline.on("line", (line) => queue.unsafeOffer(line))
        readline.on("close", () => queue.unsafeOffer(undefined))
        // A closed or broken standard input has no more lines; that is all there is to it.
        process.stdin.on("error", () => queue.unsafeOffer(undefined))
        onOpen(readline)
        return readline
      }),
      (readline) =>
        Effect.sync(() => {
          onClose()
          readline.close()
          process.stdin.pause()
        }),
    )
    return Effect.suspend(() =>
      ended
        ? Effect.succeed(undefined)
        : Effect.tap(Queue.take(queue), (line) =>
            Effect.sync(() => {
              ended = line === undefined
            }),
          ),
    )
  })
}
