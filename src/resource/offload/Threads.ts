/**
 * Worker threads, kept by piscina, as a `Runner`.
 *
 * A thread begins with the first task that needs it and ends when it was idle for half a minute. What is stopped
 * loses its thread, and its place is free only when that thread has really ended: native code that is under way
 * ends first.
 *
 * Drawback: what a task leaves going on after its answer (a timer, a promise that nobody waits for) goes on with
 * the thread's next task, and may fail that.
 *
 * @module
 */
import { fileURLToPath } from "node:url"
import type { Worker } from "node:worker_threads"
import type { Piscina } from "piscina"
import { type Answer, detailOf, type Request } from "./Perform.js"
import type { Ending, Runner } from "./Runner.js"

export interface Options {
  readonly threads: number
  /** Megabytes of heap for each. */
  readonly memory: number
  /** `ThreadHost.worker`, where this Node can load it. */
  readonly host: URL
}

/** What the threads load. */
export const host = new URL("./ThreadHost.worker.js", import.meta.url)

/** Loads piscina, which a bot without tasks does without. */
export const make = async ({ host, memory, threads }: Options): Promise<Runner> => {
  const { Piscina } = await import("piscina")
  const pool = new Piscina({
    filename: fileURLToPath(host),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 30_000,
    resourceLimits: { maxOldGenerationSizeMb: memory },
    // Not what this process was started with: a debugger's port, a test runner's loaders.
    execArgv: [],
    recordTiming: false,
  })
  // A thread that fails while it is idle has no caller to tell; piscina starts another.
  pool.on("error", () => undefined)
  const alive = watched(pool)
  return {
    start: (request, ended, free) => {
      const controller = new AbortController()
      let over = false
      const end = (ending: Ending) => {
        if (over) return
        over = true
        free()
        ended(ending)
      }
      pool.run(request, { signal: controller.signal }).then(
        (answer: unknown) => end(answer as Answer),
        (error: unknown) => end(endingOf(error, request)),
      )
      return () => {
        if (over) return
        over = true
        const before = pool.threads
        controller.abort()
        const after = new Set(pool.threads)
        const dying = before.find((thread) => !after.has(thread))
        if (dying === undefined) free()
        else dying.once("exit", free)
      }
    },
    close: async () => {
      await pool.destroy()
      await Promise.all(Array.from(alive, (thread) => new Promise((resolve) => thread.once("exit", resolve))))
    },
  }
}

/** Those that have not ended yet, also those that the pool has given up. */
const watched = (pool: Piscina): ReadonlySet<Worker> => {
  const alive = new Set<Worker>()
  pool.on("workerCreate", () => {
    for (const thread of pool.threads) {
      if (alive.has(thread)) continue
      alive.add(thread)
      thread.once("exit", () => alive.delete(thread))
    }
  })
  return alive
}

const endingOf = (error: unknown, request: Request): Ending => {
  const detail = detailOf(error)
  if (!(error instanceof Error)) return { ok: false, reason: "threw", detail }
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY")
    return { ok: false, reason: "memory", detail: error.message }
  if (/^(?:worker exited|terminating worker|the operation was aborted)/iu.test(error.message))
    return { ok: false, reason: "exited", detail: error.message }
  if (error.name === "DataCloneError")
    return { ok: false, reason: isClonable(request.input) ? "output" : "input", detail }
  return { ok: false, reason: "threw", detail }
}

const isClonable = (input: unknown): boolean => {
  try {
    structuredClone(input)
    return true
  } catch {
    return false
  }
}
