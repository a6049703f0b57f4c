/**
 * Child processes as a `Runner`: for native code that may crash, which ends its process and nothing else.
 *
 * A process begins with the first task that needs it; one is kept for the next, a minute long. What is stopped is
 * killed. A child whose parent is gone ends when its task has.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Answer, detailOf } from "./Perform.js"
import type { Ending, Runner } from "./Runner.js"

export interface Options {
  /** Megabytes of heap for each. */
  readonly memory: number
  /** `ProcessHost.worker`, where this Node can load it. */
  readonly host: URL
}

/** How many are kept without a task. */
const KEPT = 1

/** And for how many milliseconds: of real time, as the process itself is outside any other. */
const KEPT_FOR = 60_000

/** How much of what a process wrote before it crashed is kept, in characters. */
const LAST_WORDS = 2_000

interface Task {
  readonly ended: (ending: Ending) => void
  readonly free: () => void
  stopped: boolean
}

interface Child {
  readonly process: ChildProcess
  task: Task | undefined
  /** The last that it wrote. */
  words: string
  isOutOfMemory: boolean
  /** Ends its rest. */
  rested: AbortController
}

/** What the processes load. */
export const host = new URL("./ProcessHost.worker.js", import.meta.url)

export const make = ({ host, memory }: Options): Runner => {
  const alive = new Set<Child>()
  const idle: Array<Child> = []

  const begin = (): Child => {
    const child: Child = {
      process: fork(fileURLToPath(host), [], {
        // Not what this process was started with: a debugger's port, a test runner's loaders.
        execArgv: [`--max-old-space-size=${memory}`],
        serialization: "advanced",
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      }),
      task: undefined,
      words: "",
      isOutOfMemory: false,
      rested: new AbortController(),
    }
    alive.add(child)
    child.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const words = child.words + text
      child.isOutOfMemory ||= words.includes("heap out of memory")
      child.words = words.slice(-LAST_WORDS)
    })
    child.process.on("message", (answer) => {
      const { task } = child
      // One that was stopped is being killed: its end comes by "exit".
      if (task === undefined || task.stopped) return
      child.task = undefined
      rest(child)
      task.free()
      task.ended(answer as Answer)
    })
    child.process.on("error", () => child.process.kill("SIGKILL"))
    child.process.once("close", (code, signal) => {
      alive.delete(child)
      child.rested.abort()
      const at = idle.indexOf(child)
      if (at >= 0) idle.splice(at, 1)
      const { task } = child
      child.task = undefined
      if (task === undefined) return
      task.free()
      if (!task.stopped) task.ended(endingOf(code, signal, child))
    })
    return child
  }

  /** Keeps it for the next task, without keeping this process from its end. */
  const rest = (child: Child): void => {
    if (idle.length >= KEPT) return void child.process.kill("SIGKILL")
    held(child, false)
    idle.push(child)
    child.rested = new AbortController()
    pause(KEPT_FOR, undefined, { ref: false, signal: child.rested.signal }).then(
      () => {
        const at = idle.indexOf(child)
        // It may have been taken at this very moment.
        return at >= 0 && idle.splice(at, 1) && child.process.kill("SIGKILL")
      },
      () => false,
    )
  }

  return {
    start: (request, ended, free) => {
      const child = idle.pop() ?? begin()
      const task: Task = { ended, free, stopped: false }
      child.rested.abort()
      child.task = task
      child.words = ""
      held(child, true)
      try {
        child.process.send({ ...request })
      } catch (error) {
        child.task = undefined
        rest(child)
        free()
        ended({ ok: false, reason: "input", detail: detailOf(error) })
      }
      return () => {
        if (child.task !== task) return
        task.stopped = true
        child.process.kill("SIGKILL")
      }
    },
    close: async () => {
      await Promise.all(
        Array.from(alive, (child) => {
          const gone = new Promise((resolve) => child.process.once("close", resolve))
          child.process.kill("SIGKILL")
          return gone
        }),
      )
    },
  }
}

/** Whether this process stays for it. */
const held = ({ process }: Child, isHeld: boolean): void => {
  if (isHeld) {
    process.ref()
    process.channel?.ref()
  } else {
    process.unref()
    process.channel?.unref()
  }
}

const endingOf = (
  code: number | null,
  signal: NodeJS.Signals | null,
  { isOutOfMemory, words }: Child,
): Ending => {
  const how = signal === null ? `the process exited with ${code ?? 0}` : `the process was ended by ${signal}`
  return {
    ok: false,
    reason: isOutOfMemory ? "memory" : "exited",
    detail: words === "" ? how : `${how}: ${words}`,
  }
}
