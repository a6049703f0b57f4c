import { spawn } from "node:child_process"
import { threadId } from "node:worker_threads"
import type * as Offload from "../../src/resource/Offload.js"
import type * as Tasks from "./Tasks.js"

export const double: Offload.Work<typeof Tasks.double> = (text) => String(Number(text) * 2)

export const burn: Offload.Work<typeof Tasks.burn> = (millis) => {
  const until = performance.now() + millis
  let spins = 0
  while (performance.now() < until) spins += 1
  return spins > 0 ? threadId : -1
}

export const count: Offload.Work<typeof Tasks.count> = (shared) => {
  const counter = new Int32Array(shared)
  for (;;) Atomics.add(counter, 0, 1)
}

export const fail: Offload.Work<typeof Tasks.fail> = (how) => {
  if (how === "error") throw new TypeError("the work is wrong")
  // oxlint-disable-next-line no-throw-literal -- what libraries do
  if (how === "null") throw null
  // oxlint-disable-next-line no-throw-literal -- what libraries do
  if (how === "text") throw "just text"
  return Promise.reject(new Error("rejected later"))
}

export const exit: Offload.Work<typeof Tasks.exit> = (code) => process.exit(code)

export const swell: Offload.Work<typeof Tasks.swell> = () => {
  const kept: Array<Array<number>> = []
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + Math.sqrt(kept.length)))
}

export const crash: Offload.Work<typeof Tasks.crash> = () => process.abort()

export const bytes: Offload.Work<typeof Tasks.bytes> = (size) => new Uint8Array(size).fill(7)

export const lie = (how: string): unknown => (how === "type" ? "no number" : () => 1)

export const echo: Offload.Work<typeof Tasks.echo> = (value) => value

export const leave: Offload.Work<typeof Tasks.leave> = () =>
  new Promise(() => {
    const { pid } = spawn("sleep", ["30"], { stdio: ["ignore", "ignore", "inherit"] })
    process.stderr.write(`left ${pid}`, () => process.exit(3))
  })

export const brittle: Offload.Work<typeof Tasks.brittle> = () => {
  setImmediate(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    process.abort()
  })
  return process.pid
}

export const pid: Offload.Work<typeof Tasks.pid> = () => process.pid
