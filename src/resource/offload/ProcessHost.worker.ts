/**
 * What every process of the pool runs: one task after the other, until its parent is gone.
 *
 * @module
 */
import { type Answer, BEGUN, perform, type Request } from "./Perform.js"

// Sent to the whole terminal: whether a task goes on is for the parent to say.
process.on("SIGINT", () => undefined)
process.on("SIGTERM", () => undefined)
process.on("disconnect", () => process.exit(0))
process.on("message", (request: Request) => {
  tell(BEGUN, () => void perform(request).then((answer) => tell(answer)))
})

const tell = (message: Answer | typeof BEGUN, told = () => {}) =>
  process.send?.(message, undefined, undefined, (error: Error | null) => {
    // The parent left meanwhile.
    if (error !== null) process.exit(1)
    told()
  })
