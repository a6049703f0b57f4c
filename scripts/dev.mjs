// Rebuilds the binary on every change and restarts it; the terminal belongs to it. Ctrl-C ends both.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { context } from "esbuild"
import { options, root } from "./build.mjs"

let child
let ending = false

const stop = () =>
  new Promise((resolve) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", resolve)
    child.kill("SIGTERM")
  })

const restart = async () => {
  await stop()
  if (ending) return
  const args = process.argv.slice(2)
  child = spawn(
    process.execPath,
    [join(root, "dist", "bin", "bosun.js"), ...(args.length > 0 ? args : ["start"])],
    {
      stdio: "inherit",
    },
  )
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
