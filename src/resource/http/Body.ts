/**
 * Unpacks the body of an answer, and stops where it gets too big: a few kilobytes can unpack to gigabytes.
 *
 * @module
 */
import { Data, Effect } from "effect"
import * as Zlib from "node:zlib"

/** What `unpack` understands, for `accept-encoding`. */
export const ENCODINGS = "gzip, deflate, br"

/** More layers than this are no honest answer. */
const MOST_LAYERS = 2

type Unpacker = (
  body: Uint8Array,
  options: Zlib.ZlibOptions & Zlib.BrotliOptions,
  callback: (error: Error | null, result: Buffer) => void,
) => void

const unpackers: Readonly<Record<string, Unpacker>> = {
  gzip: Zlib.gunzip,
  "x-gzip": Zlib.gunzip,
  // Some servers send it with its header, some without.
  deflate: (body, options, callback) =>
    ((body[0] ?? 0) & 0x0f) === 0x08
      ? Zlib.inflate(body, options, callback)
      : Zlib.inflateRaw(body, options, callback),
  br: Zlib.brotliDecompress,
}

/**
 * The body without the encodings that its header names. Fails with `Unanswered` (`malformed`) where it is damaged, of an
 * unknown encoding, or unpacks to more than `limit` bytes. Interruption does not wait for what is being unpacked.
 */
export const unpack: (
  body: Uint8Array,
  encoding: string | undefined,
  limit: number,
) => Effect.Effect<Uint8Array, Unanswered> = Effect.fnUntraced(function* (body, encoding, limit) {
  const names = (encoding ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity")
  if (names.length > MOST_LAYERS) return yield* malformed(`a body packed ${names.length} times`)
  let current = body
  // The answer to HEAD, and 304, name an encoding and have no body.
  for (const name of current.length === 0 ? [] : names.toReversed()) {
    const unpacker = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined
    if (unpacker === undefined) return yield* malformed(`a body in the unknown encoding ${name.slice(0, 20)}`)
    current = yield* run(unpacker, current, limit)
  }
  return current
})

const run = (unpacker: Unpacker, body: Uint8Array, limit: number) =>
  Effect.async<Uint8Array, Unanswered>((resume) => {
    unpacker(body, { maxOutputLength: limit }, (error, result) => {
      if (error === null) resume(Effect.succeed(result))
      else if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
        resume(malformed(`a body that unpacks to more than ${limit} bytes`))
      else resume(malformed("a packed body that is damaged"))
    })
  })

const malformed = (reason: string) => Effect.fail(new Unanswered({ reason, malformed: true }))

/** There is no answer that could be read. */
export class Unanswered extends Data.TaggedError("Unanswered")<{
  readonly reason: string
  /** Whether something came that cannot be read, rather than nothing or only a part. */
  readonly malformed: boolean
}> {
  override get message() {
    return this.reason
  }
}
