/**
 * Child processes as a `Runner`: for native code that may crash, which ends its process and nothing else.
 *
 * A process begins with the first task that needs it; one is kept for the next, a minute long. What is stopped is
 * killed. A child whose parent is gone ends when its task has. A task that has not begun when its process ends, by
 * what the task before has left behind, is given to a fresh one.
 *
 * Drawbacks: what a task leaves going on after its answer may still end the process under the next one, once that has
 * begun; a process that a task has started is not ended with it.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process"
import type { Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Answer, BEGUN, detailOf, type Request } from "./Perform.js"
import { type Ending, type Runner, unstarted } from "./Runner.js"

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

/**
 * How many milliseconds after its end what it wrote last is waited for: who has inherited its stderr may keep that
 * open for ever.
 */
const LINGERS = 250

/** How much of what a process wrote before it crashed is kept, in characters: a native stack and what is said above it. */
const LAST_WORDS = 4_000

interface Task {
  readonly request: Request
  readonly ended: (ending: Ending) => void
  readonly free: () => void
  child: Child | undefined
  begun: boolean
  stopped: boolean
}

interface Child {
  readonly process: ChildProcess
  task: Task | undefined
  /** It has answered a task before. */
  isUsed: boolean
  /** The last that it wrote. */
  words: string
  isOutOfMemory: boolean
  /** Ends its rest. */
  rested: AbortController
  /** Resolves once it has ended, and its task knows. */
  readonly gone: Promise<void>
}

/** What the processes load. */
export const host = new URL("./ProcessHost.worker.js", import.meta.url)

export const make = ({ host, memory }: Options): Runner => {
  const alive = new Set<Child>()
  const idle: Array<Child> = []
  let isClosed = false

  const begin = (): Child => {
    let tellGone = () => {}
    const child: Child = {
      process: fork(fileURLToPath(host), [], {
        // Not what this process was started with: a debugger's port, a test runner's loaders.
        execArgv: [`--max-old-space-size=${memory}`],
        serialization: "advanced",
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      }),
      task: undefined,
      isUsed: false,
      words: "",
      isOutOfMemory: false,
      rested: new AbortController(),
      gone: new Promise((resolve) => {
        tellGone = resolve
      }),
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
      if (answer === BEGUN) {
        task.begun = true
        return
      }
      child.task = undefined
      child.isUsed = true
      rest(child)
      task.free()
      task.ended(answer as Answer)
    })
    child.process.on("error", () => child.process.kill("SIGKILL"))
    let isOver = false
    const over = (code: number | null, signal: NodeJS.Signals | null) => {
      if (isOver) return
      isOver = true
      child.process.stderr?.destroy()
      alive.delete(child)
      tellGone()
      child.rested.abort()
      const at = idle.indexOf(child)
      if (at >= 0) idle.splice(at, 1)
      const { task } = child
      child.task = undefined
      if (task === undefined) return
      if (!task.stopped && !task.begun && child.isUsed && again(task)) return
      task.free()
      if (!task.stopped) task.ended(endingOf(code, signal, child))
    }
    child.process.once("close", over)
    child.process.once("exit", (code, signal) => {
      void pause(LINGERS, undefined, { ref: false }).then(() => over(code, signal))
    })
    return child
  }

  /** Keeps it for the next task, without keeping this process from its end. */
  const rest = (child: Child): void => {
    if (child.process.exitCode !== null || child.process.signalCode !== null) return
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

  const give = (child: Child, task: Task): void => {
    child.rested.abort()
    child.task = task
    task.child = child
    child.words = ""
    held(child, true)
    try {
      child.process.send({ ...task.request })
    } catch (error) {
      child.task = undefined
      rest(child)
      task.free()
      task.ended({ ok: false, reason: "input", detail: detailOf(error) })
    }
  }

  /** Gives it to a fresh process. False where there are to be none. */
  const again = (task: Task): boolean => {
    if (isClosed) return false
    try {
      give(begin(), task)
    } catch (error) {
      task.free()
      task.ended(unstarted(error))
    }
    return true
  }

  return {
    start: (request, ended, free) => {
      const task: Task = { request, ended, free, child: undefined, begun: false, stopped: false }
      give(idle.pop() ?? begin(), task)
      return () => {
        const { child } = task
        if (child?.task !== task) return
        task.stopped = true
        child.process.kill("SIGKILL")
      }
    },
    close: async () => {
      isClosed = true
      await Promise.all(
        Array.from(alive, (child) => {
          held(child, true)
          child.process.kill("SIGKILL")
          return child.gone
        }),
      )
    },
  }
}

/** Whether this process stays for it. */
const held = ({ process }: Child, isHeld: boolean): void => {
  const how = isHeld ? "ref" : "unref"
  process[how]()
  process.channel?.[how]()
  const stderr = process.stderr as Socket | null
  stderr?.[how]()
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
