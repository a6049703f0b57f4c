/**
 * Watches the event loop: how late it is, all the time, and who holds it when it stands still.
 *
 * The delay is measured by Node itself (`monitorEventLoopDelay`), in windows of ten seconds. For blocks a fiber
 * writes the time into shared memory, 25 times a second; a thread beside the main one sees when it stops, and
 * then reads the main thread's stack through the inspector. The block is logged when it is over, with the
 * function, the file and the line, from source maps where there are some, and counted.
 *
 * Failure modes: the stack is that of the moment at which the limit was passed: of work in many small pieces
 * without a pause it shows one piece. Of a block that ends just at the limit there is no stack, nor while a
 * debugger may be attached (Node's inspector is open), nor more than once a second. A call into native code is
 * seen when it returns. Without the thread, delays and blocks are still measured.
 *
 * It measures real time, whatever the runtime's clock says: not for virtual time.
 *
 * @module
 */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks"
import { Worker } from "node:worker_threads"
import { Clock, Context, Duration, Effect, Layer, type Scope } from "effect"
import * as WorkerFile from "../WorkerFile.js"
import * as Metrics from "./Metrics.js"

export interface Options {
  /** A loop that stands still for longer is a block. Default 100 milliseconds, at least 50. */
  readonly blockAfter?: Duration.DurationInput
  /** How long after the start it begins. Default 1 second: a start loads and builds, and nothing should delay it. */
  readonly startAfter?: Duration.DurationInput
}

/** How late the loop was in the last window of ten seconds, in milliseconds. */
export interface Lag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Where a thread was. */
export interface Frame {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One block. */
export interface Block {
  /** How long the loop stood still; at most 40 too many, and what the look at the stack took. */
  readonly millis: number
  /** When it was over, in epoch milliseconds. */
  readonly endedAt: number
  /** The innermost function of the program's own, else of a package's; undefined where the stack is not known. */
  readonly by: Frame | undefined
  /** Innermost first; empty where it is not known. */
  readonly stack: ReadonlyArray<Frame>
  /** The whole process stood still: it was stopped, or the machine gave it no time. */
  readonly standstill: boolean
}

export interface Watchdog {
  readonly lag: () => Lag
  /** How many there were since the start. */
  readonly blocks: () => number
  readonly last: () => Block | undefined
}

export const Watchdog = Context.GenericTag<Watchdog>("bosun/observe/Watchdog")

/** Milliseconds of a block from which on it is a warning also where nobody knows what it was. */
const UNNAMED = 500

/** Milliseconds between two heartbeats: to wake an idle process costs more than the heartbeat does. */
const BEAT = 40
/** Milliseconds of a window. */
const WINDOW = 10_000
/** Milliseconds between two log lines. */
const RATE = 1_000
/** How long the word of the thread is waited for when a block is over, in milliseconds. */
const PATIENCE = 1_500
/** Of Node's own measurement, in milliseconds; part of every value that it gives. */
const RESOLUTION = 20

/** Watches until the scope ends. */
export const make = (options: Options = {}): Effect.Effect<Watchdog, never, Scope.Scope> =>
  Effect.gen(function* () {
    const blockAfter = Math.max(50, Duration.toMillis(options.blockAfter ?? "100 millis"))
    const cells = new BigInt64Array(new SharedArrayBuffer(4 * 8))
    const debugging = yield* inspectorIsOpen
    const scope = yield* Effect.scope
    const told = new Map<number, (sample: Sample) => void>()
    const samples = new Map<number, Sample>()
    const histogram = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const made = monitorEventLoopDelay({ resolution: RESOLUTION })
        made.enable()
        return made
      }),
      (made) => Effect.sync(() => made.disable()),
    )
    let lag: Lag | undefined
    let longest = 0
    let blocks = 0
    let last: Block | undefined
    let loggedAt = -Infinity
    let windowAt = micros()

    const report = (beat: number, millis: number) =>
      Effect.gen(function* () {
        const sample = yield* heard(beat)
        const stack = sample?.frames ?? []
        const by = stack.find(isOwn) ?? stack.find(isProgram) ?? stack[0]
        const endedAt = yield* Clock.currentTimeMillis
        last = { millis, endedAt, by, stack, standstill: sample?.standstill === true }
        // What cannot be named helps nobody, unless it is long.
        if (by === undefined && millis < UNNAMED) return yield* Effect.logDebug(words(last))
        if (endedAt - loggedAt < RATE) return
        loggedAt = endedAt
        yield* Effect.annotateLogs(Effect.logWarning(words(last)), {
          blockedMillis: Math.round(millis),
          ...(by === undefined ? {} : { function: by.name, file: by.file, line: by.line }),
          ...(stack.length < 2 ? {} : { stack: stack.slice(0, 8).map(place).join(" < ") }),
        })
      })
    /** What the thread has seen of the block after this beat; undefined where it saw nothing. */
    const heard = (beat: number) =>
      Effect.suspend(() => {
        const known = samples.get(beat)
        if (known !== undefined) return Effect.succeed(known)
        if (Number(Atomics.load(cells, CELLS.sampling)) !== beat) return Effect.succeed(undefined)
        return Effect.async<Sample>((resume) => {
          told.set(beat, (sample) => resume(Effect.succeed(sample)))
          return Effect.sync(() => told.delete(beat))
        }).pipe(
          Effect.timeoutTo({ duration: PATIENCE, onTimeout: () => undefined, onSuccess: (sample) => sample }),
        )
      })
    const onSample = (sample: Sample): void => {
      samples.clear()
      samples.set(sample.beat, sample)
      told.get(sample.beat)?.(sample)
      told.delete(sample.beat)
    }

    /** Returns the block that has just ended, if one has. */
    const beat = (): { readonly beat: number; readonly millis: number } | undefined => {
      const now = micros()
      const before = Number(cells[CELLS.beatAt])
      const millis = before === 0 ? 0 : (now - before) / 1_000
      const number = Number(cells[CELLS.beats])
      Atomics.store(cells, CELLS.beatAt, BigInt(now))
      Atomics.store(cells, CELLS.beats, BigInt(number + 1))
      Atomics.store(cells, CELLS.debugging, debugging() ? 1n : 0n)
      longest = Math.max(longest, millis - BEAT)
      if (now - windowAt >= WINDOW * 1_000) {
        windowAt = now
        lag = lagOf(histogram, longest)
        longest = 0
        histogram.reset()
        Metrics.loopDelay(lag)
      }
      if (millis < blockAfter) return undefined
      blocks++
      Metrics.loopBlocked()
      return { beat: number, millis }
    }
    const beats = Effect.forever(
      Effect.suspend(() => {
        const block = beat()
        const pause = Effect.sleep(BEAT)
        return block === undefined
          ? pause
          : Effect.zipRight(Effect.forkIn(report(block.beat, block.millis), scope), pause)
      }),
    )
    const thread = Effect.gen(function* () {
      const file = yield* WorkerFile.resolve(new URL("./Watchdog.worker.js", import.meta.url))
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const start: Start = { cells, blockAfter }
          const worker = new Worker(file, { workerData: start, name: "watchdog" })
          worker.unref()
          worker.on("message", onSample)
          worker.on("error", () => {})
          return worker
        }),
        (worker) => Effect.promise(() => worker.terminate()),
      )
    }).pipe(
      Effect.catchAll((error) =>
        Effect.logWarning(`Blocks of the event loop are counted, not named: ${error.message}`),
      ),
    )

    const startAfter = options.startAfter ?? "1 second"
    for (const part of [thread, beats]) {
      yield* Effect.forkScoped(part.pipe(Effect.delay(startAfter), Effect.withClock(Clock.make())))
    }
    return {
      lag: () => lag ?? lagOf(histogram, longest),
      blocks: () => blocks,
      last: () => last,
    }
  })

export const layer = (options?: Options): Layer.Layer<Watchdog> => Layer.scoped(Watchdog, make(options))

const isProgram = ({ file }: Frame): boolean => file !== "" && !file.startsWith("node:")
const isOwn = (frame: Frame): boolean => isProgram(frame) && !frame.file.includes("/node_modules/")

const words = ({ by, millis, standstill }: Block): string => {
  const rounded = Math.round(millis)
  if (standstill)
    return `The process stood still for ${rounded} ms: it was stopped, or the machine had no time for it`
  return by === undefined
    ? `The event loop was blocked for ${rounded} ms`
    : `The event loop was blocked for ${rounded} ms by ${place(by)}`
}

const place = ({ column, file, line, name }: Frame): string => `${name} (${file}:${line}:${column})`

const lagOf = (histogram: IntervalHistogram, longest: number): Lag => {
  if (histogram.count === 0) return { p50: 0, p99: 0, max: Math.max(0, longest) }
  const late = (nanos: number) => Math.max(0, nanos / 1_000_000 - RESOLUTION)
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    // A window's first value is lost with the reset.
    max: Math.max(late(histogram.max), longest, 0),
  }
}

/** On a clock that all threads share. */
const micros = (): number => Number(process.hrtime.bigint() / 1_000n)

/** A debugger may be attached, and stands in a breakpoint perhaps. */
const inspectorIsOpen: Effect.Effect<() => boolean> = Effect.promise(async () => {
  if (!process.features.inspector) return () => true
  const { url } = await import("node:inspector")
  return () => url() !== undefined
})

/** What both threads see, by its place in the shared memory. */
export interface Cells {
  /** When the main thread beat last, in microseconds. */
  readonly beatAt: 0
  /** How often it has. */
  readonly beats: 1
  /** 1 while a debugger may be attached. */
  readonly debugging: 2
  /** The beat after which the thread has looked last. */
  readonly sampling: 3
}

const CELLS: Cells = { beatAt: 0, beats: 1, debugging: 2, sampling: 3 }

/** What the thread is started with. */
export interface Start {
  readonly cells: BigInt64Array
  readonly blockAfter: number
}

/** What the thread has seen of one block. */
export interface Sample {
  readonly beat: number
  readonly standstill: boolean
  readonly frames: ReadonlyArray<Frame>
}
