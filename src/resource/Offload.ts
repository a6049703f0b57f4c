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
import { availableParallelism } from "node:os"
import {
  Cause,
  Clock,
  Context,
  Data,
  Duration,
  Effect,
  Exit,
  Layer,
  Option,
  ParseResult,
  Schema,
  type Scope,
} from "effect"
import * as WorkerFile from "../WorkerFile.js"
import * as Inline from "./offload/Inline.js"
import * as OffloadMetrics from "./offload/Metrics.js"
import * as Processes from "./offload/Processes.js"
import * as Resource from "./Resource.js"
import * as Runner from "./offload/Runner.js"
import { Slots } from "./offload/Slots.js"
import * as Threads from "./offload/Threads.js"

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
  /** Megabytes of heap for each thread, and each process. Default 256. */
  readonly memory?: number
  /** How many processes, for tasks with `isolation: "process"`. Default 2. */
  readonly processes?: number
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
): Effect.Effect<O, OffloadError, Offload> =>
  Effect.flatMap(Offload, (offload) => offload.run(task, input, options))

// ---------------------------------------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------------------------------------

/** The pools of this program. Threads and processes begin with the first task; they have ended when the scope has. */
export const make = ({
  memory = 256,
  processes = 2,
  queue = 64,
  threads = Math.min(4, Math.max(1, availableParallelism() - 1)),
}: Options = {}): Effect.Effect<Offload, never, Scope.Scope> =>
  Effect.gen(function* () {
    const thread = yield* pool(
      "The worker threads",
      new Slots(threads, queue, OffloadMetrics.load("thread")),
      Threads.host,
      (host) => Threads.make({ threads, memory, host }),
    )
    const process = yield* pool(
      "The worker processes",
      new Slots(processes, queue, OffloadMetrics.load("process")),
      Processes.host,
      (host) => Processes.make({ memory, host }),
    )
    return over({ thread, process }, threads, WorkerFile.resolve)
  })

/** `make`, as a layer. */
export const layer = (options?: Options): Layer.Layer<Offload> => Layer.scoped(Offload, make(options))

/**
 * Tasks on the calling thread, one at a time and with the same checks: for tests in virtual time, which see no
 * thread. A deadline ends only what waits for a promise.
 */
export const layerInline: Layer.Layer<Offload> = Layer.scoped(
  Offload,
  Effect.map(
    pool("The tasks on this thread", new Slots(1, 64, OffloadMetrics.load("inline")), undefined, Inline.make),
    (inline) => over({ thread: inline, process: inline }, 0, WorkerFile.resolveSync),
  ),
)

interface Pool {
  readonly slots: Slots
  readonly runner: Effect.Effect<Runner.Runner>
}

/** A runner that is made when it is first needed, from its host's file, and closed with the scope. */
function pool<Host extends URL | undefined>(
  name: string,
  slots: Slots,
  host: Host,
  start: (host: Host) => Runner.Runner | Promise<Runner.Runner>,
): Effect.Effect<Pool, never, Scope.Scope> {
  return Effect.suspend(() => {
    // A promise, since an effect that is kept would keep the interruption of whoever came first.
    let started: Runner.Runner | Promise<Runner.Runner> | undefined
    let isClosed = false
    const file =
      host === undefined
        ? Effect.succeed(host)
        : (Effect.orDie(WorkerFile.resolve(host)) as Effect.Effect<Host>)
    const runner = Effect.flatMap(file, (file) => {
      if (isClosed) return Effect.interrupt
      const runner = (started ??= start(file))
      return runner instanceof Promise ? Effect.promise(() => runner) : Effect.succeed(runner)
    })
    return Resource.make({
      name,
      acquire: Effect.succeed({ slots, runner }),
      release: () =>
        Effect.promise(async () => {
          isClosed = true
          await (await started)?.close()
        }),
    })
  })
}

const over = (
  pools: { readonly thread: Pool; readonly process: Pool },
  threads: number,
  resolve: (file: URL) => Effect.Effect<URL, WorkerFile.WorkerFileMissing>,
): Offload => {
  const stats = () => {
    const all = new Set([pools.thread.slots, pools.process.slots])
    let [running, waiting] = [0, 0]
    for (const slots of all) {
      running += slots.running
      waiting += slots.waiting
    }
    return { running, waiting, threads }
  }
  const run: Offload["run"] = (task, input, options) => {
    const { runner, slots } = pools[task.isolation]
    const full = () => new OffloadOverloaded({ task: task.name, waiting: slots.waiting })
    const file = Effect.mapError(resolve(task.file), ({ message }) => failed(task.name, "file", message))
    return checked(task, input, (encoded) =>
      Effect.flatMap(Effect.zip(file, runner), ([file, runner]) =>
        Runner.run(runner, slots, { file: file.href, name: task.name, input: encoded }, full),
      ),
    ).pipe(within(task.name, options), measured(task.name))
  }
  return { run, stats }
}

const failed = (task: string, reason: OffloadFailed["reason"], detail: string) =>
  new OffloadFailed({ task, reason, detail })

/** Encodes what goes in, and decodes what comes out. */
const checked = <I, IE, O, OE, E>(
  { input: inputSchema, name, output }: Task<string, I, IE, O, OE>,
  input: I,
  work: (encoded: IE) => Effect.Effect<Runner.Ending, E>,
): Effect.Effect<O, E | OffloadFailed> => {
  const wrong = (reason: "input" | "output") =>
    Effect.mapError((error: ParseResult.ParseError) =>
      failed(name, reason, ParseResult.TreeFormatter.formatErrorSync(error)),
    )
  return Schema.encode(inputSchema)(input).pipe(
    wrong("input"),
    Effect.flatMap(work),
    Effect.flatMap((ending) =>
      ending.ok
        ? wrong("output")(Schema.decodeUnknown(output)(ending.value))
        : failed(name, ending.reason, ending.detail),
    ),
  )
}

const within =
  (task: string, { within = "30 seconds" }: RunOptions = {}) =>
  <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | OffloadTimeout> =>
    Effect.timeoutFail(effect, {
      duration: within,
      onTimeout: () => new OffloadTimeout({ task, millis: Duration.toMillis(within) }),
    })

const measured =
  (task: string) =>
  <A, E extends OffloadError>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(Clock.currentTimeMillis, (begun) =>
      Effect.onExit(effect, (exit) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          OffloadMetrics.ended(task, outcomeOf(exit), now - begun)
        }),
      ),
    )

const outcomeOf = (exit: Exit.Exit<unknown, OffloadError>): OffloadMetrics.Outcome => {
  if (Exit.isSuccess(exit)) return "completed"
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  switch (error?._tag) {
    case undefined:
      return Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "died"
    case "OffloadOverloaded":
      return "overloaded"
    case "OffloadTimeout":
      return "timeout"
    case "OffloadFailed":
      return error.reason
  }
}

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

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
