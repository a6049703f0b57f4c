// Rebuilds the binary on every change and restarts it; the terminal belongs to it. Ctrl-C ends both.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { context } from "esbuild"
import { options, root } from "./build.mjs"

let child
let stopping = false
let ending = false

const stop = () =>
  new Promise((resolve) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resolve()
    stopping = true
    child.once("exit", resolve)
    child.kill("SIGTERM")
  })

const restart = async () => {
  await stop()
  if (ending) return
  const args = process.argv.slice(2)
  stopping = false
  child = spawn(
    process.execPath,
    [join(root, "dist", "bin", "bosun.js"), ...(args.length > 0 ? args : ["start"])],
    { stdio: "inherit" },
  )
  // Somebody left the chat, where Ctrl-C is a key like others. A bot that broke waits for the next change.
  child.on("exit", (code) => {
    if (!stopping && (code === null || code === 0 || code > 128)) void end()
  })
}

let turn = Promise.resolve()
const onEnd = {
  name: "restart",
  setup: (build) => {
    build.onEnd(({ errors }) => {
      if (errors.length === 0) turn = turn.then(restart)
    })
  },
}

const watcher = await context({ ...options, plugins: [onEnd] })
await watcher.watch()

const end = async () => {
  if (ending) return
  ending = true
  await stop()
  await watcher.dispose()
  process.exit(0)
}
process.on("SIGINT", end)
process.on("SIGTERM", end)
