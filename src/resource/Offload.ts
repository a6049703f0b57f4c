/**
 * Blocking work in worker threads: it never holds up the event loop, and a deadline or a cancellation ends it for
 * real, also a `while (true)`.
 *
 * A task is declared where it is called and written in a file of its own, which the thread loads:
 *
 * ```ts
 * // Primes.ts
 * export const primes = Offload.task("primes", {
 *   file: new URL("./Primes.worker.js", import.meta.url), input: Schema.Number, output: Schema.Array(Schema.Number),
 * })
 * // Primes.worker.ts
 * export const primes: Offload.Work<typeof Primes.primes> = (upTo) => …
 * // anywhere
 * const found = yield* Offload.run(primes, 1_000, { within: "2 seconds" })
 * ```
 *
 * Input and output are checked by their schemas on this side; what goes over is their encoded form.
 *
 * Failure modes: a task that throws, exits, or runs out of memory fails its caller with `OffloadFailed`, and nobody
 * else; one past its deadline with `OffloadTimeout`; one for which there is no room in the queue with
 * `OffloadOverloaded`. Interruption ends the thread or takes the task out of the queue.
 *
 * @module
 */
import { Context, Data, type Duration, Effect, type Schema } from "effect"

/** A task by its name, where its work is, and what goes in and out. */
export interface Task<Name extends string, I, IE, O, OE> {
  readonly name: Name
  readonly file: URL
  readonly input: Schema.Schema<I, IE>
  readonly output: Schema.Schema<O, OE>
  readonly isolation: "thread" | "process"
}

/** The function that does a task's work: exported under the task's name by its file. It gets and gives the encoded forms. */
export type Work<T> =
  T extends Task<string, infer _I, infer IE, infer _O, infer OE> ? (input: IE) => OE | Promise<OE> : never

/**
 * Declares a task. `isolation: "process"` (default `thread`) runs it in a process of its own kind: for native code
 * that may crash, which in a thread would take the whole bot along.
 */
export const task = <const Name extends string, I, IE, O, OE>(
  name: Name,
  options: {
    readonly file: URL
    readonly input: Schema.Schema<I, IE>
    readonly output: Schema.Schema<O, OE>
    readonly isolation?: "thread" | "process"
  },
): Task<Name, I, IE, O, OE> => ({ name, isolation: "thread", ...options })

export interface Options {
  /** How many threads. Default one less than the machine's cores, at least 1 and at most 4. */
  readonly threads?: number
  /** How many tasks may wait for one. Default 64. */
  readonly queue?: number
  /** Megabytes of heap for each thread. Default 256. */
  readonly memory?: number
}

export interface RunOptions {
  /** From now on, waiting included. Default 30 seconds. */
  readonly within?: Duration.DurationInput
}

export interface Offload {
  readonly run: <I, IE, O, OE>(
    task: Task<string, I, IE, O, OE>,
    input: I,
    options?: RunOptions,
  ) => Effect.Effect<O, OffloadError>
  readonly stats: () => { readonly running: number; readonly waiting: number; readonly threads: number }
}

export const Offload = Context.GenericTag<Offload>("bosun/resource/Offload")

/** Runs a task in the pool. */
export const run = <I, IE, O, OE>(
  task: Task<string, I, IE, O, OE>,
  input: I,
  options?: RunOptions,
): Effect.Effect<O, OffloadError, Offload> => Effect.flatMap(Offload, (offload) => offload.run(task, input, options))

/** As many tasks wait as may wait. */
export class OffloadOverloaded extends Data.TaggedError("OffloadOverloaded")<{
  readonly task: string
  readonly waiting: number
}> {
  override get message() {
    return `${this.task} was not taken: ${this.waiting} tasks wait already`
  }
  get userText() {
    return "There is too much to do just now. Try again in a moment."
  }
}

/** The task passed its deadline, and was ended. */
export class OffloadTimeout extends Data.TaggedError("OffloadTimeout")<{
  readonly task: string
  readonly millis: number
}> {
  override get message() {
    return `${this.task} did not end within ${this.millis} ms, and was stopped`
  }
  get userText() {
    return "That took too long, and was stopped."
  }
}

/** The task threw, exited, ran out of memory, or gave or got what its schema does not allow. */
export class OffloadFailed extends Data.TaggedError("OffloadFailed")<{
  readonly task: string
  readonly reason: "threw" | "exited" | "memory" | "input" | "output" | "file"
  /** For the log: the error's message and its stack in the worker. */
  readonly detail: string
}> {
  override get message() {
    return `${this.task} failed (${this.reason}): ${this.detail}`
  }
}

export type OffloadError = OffloadOverloaded | OffloadTimeout | OffloadFailed
