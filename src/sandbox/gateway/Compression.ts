/**
 * Transport compression of one connection: `compress=zlib-stream`.
 *
 * All frames are one zlib stream; each ends with a flush, so that a client can read it at once. Compression takes
 * place in threads; what is to happen after a frame, as a close, waits for it.
 *
 * Source: Discord Developer Docs, "Gateway", "Transport Compression".
 *
 * @module
 */
import { constants, createDeflate } from "node:zlib"

export interface Compressor {
  readonly send: (text: string) => void
  /** Runs a task when what was sent before has gone out. */
  readonly after: (task: () => void) => void
  /** Frees it; nothing goes out any more. */
  readonly end: () => void
}

/** Compresses texts into the frames that `emit` is given. */
export const zlibStream = (emit: (bytes: Buffer) => void): Compressor => {
  const deflate = createDeflate()
  let parts: Array<Buffer> = []
  let live = true
  deflate.on("data", (part: Buffer) => parts.push(part))
  deflate.on("error", () => {})
  return {
    send: (text) => {
      if (!live) return
      deflate.write(text)
      deflate.flush(constants.Z_SYNC_FLUSH, () => {
        const frame = Buffer.concat(parts)
        parts = []
        if (live && frame.byteLength > 0) emit(frame)
      })
    },
    after: (task) => {
      if (live) deflate.flush(constants.Z_SYNC_FLUSH, task)
      else task()
    },
    end: () => {
      live = false
      deflate.destroy()
    },
  }
}
