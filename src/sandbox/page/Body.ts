/**
 * The body of a request, bounded: 32 MiB, since files come in it.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { Effect } from "effect"
import { Refusal } from "./Deeds.js"

/** Bytes. */
export const largest = 32 * 1024 * 1024

/** Reads it as JSON. Refused with 413 as soon as it is too large, with 400 where it is no JSON. */
export const json = (request: IncomingMessage): Effect.Effect<unknown, Refusal> =>
  Effect.flatMap(read(request), (bytes) =>
    Effect.try({
      try: () => JSON.parse(bytes.toString("utf8")) as unknown,
      catch: () => new Refusal({ status: 400, reason: "This is no JSON." }),
    }),
  )

const read = (request: IncomingMessage): Effect.Effect<Buffer, Refusal> =>
  Effect.async<Buffer, Refusal>((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const tooLarge = () => {
      request.removeAllListeners("data")
      request.resume()
      resume(new Refusal({ status: 413, reason: "This is too large: 32 MiB at most." }))
    }
    if (Number(request.headers["content-length"] ?? 0) > largest) return tooLarge()
    request.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size > largest) tooLarge()
      else chunks.push(chunk)
    })
    request.on("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
    request.on("error", () => resume(new Refusal({ status: 400, reason: "The request broke off." })))
    request.on("close", () => {
      if (!request.complete) resume(new Refusal({ status: 400, reason: "The request broke off." }))
    })
  })
