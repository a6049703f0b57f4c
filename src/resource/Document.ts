/**
 * A JSON file behind a typed door: for what people want to read and edit by hand.
 *
 * Every change is `modify`: read, change and write as one, one after the other between fibers, threads and
 * processes. The file is replaced whole, by a rename, after its bytes are on the disk, so that a crash leaves the
 * old one or the new one. A file behind a link is replaced where it lies; its rights stay as they were.
 *
 * A file that is torn or is not what its schema says is set aside under another name, as a copy, and reported; it is
 * never written over. The door then gives `DocumentInvalid` until somebody has mended it or taken it away.
 *
 * Drawbacks: whoever writes to the file without this door has no part in the order. A `modify` inside another of the
 * same file waits for itself, until it fails with `DocumentBusy`.
 *
 * @module
 */
import * as fs from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { Data, DateTime, type Duration, Effect, Either, Schema, Scope } from "effect"
import * as FileLock from "./document/FileLock.js"
import * as Json from "./document/Json.js"
import * as Replace from "./document/Replace.js"

export { parse } from "./document/Json.js"

export interface Options<A, I> {
  /** The path of the file. Its directory is made where there is none. */
  readonly file: string
  readonly schema: Schema.Schema<A, I>
  /** What it is while there is no file. */
  readonly initial: A
  /** How long a change waits for those before it. Default 10 seconds. */
  readonly within?: Duration.DurationInput
}

export interface Document<A> {
  readonly file: string
  /** What the file says now. */
  readonly read: Effect.Effect<A, DocumentError>
  /**
   * Changes it: what `f` fails with leaves the file as it is. Of two at the same time one sees what the other has written. Interruption leaves the old file or
   * the new one.
   */
  readonly modify: <B, E, R>(
    f: (value: A) => Effect.Effect<readonly [result: B, next: A], E, R>,
  ) => Effect.Effect<B, E | DocumentError, R>
  /** Puts another in its place. */
  readonly write: (value: A) => Effect.Effect<void, DocumentError>
}

/** A door to a file; nothing is read or written yet. `files` stands for the file system in tests. */
export const make = <A, I>(
  { file: given, initial, schema, within = "10 seconds" }: Options<A, I>,
  files: Replace.Files = fs,
): Effect.Effect<Document<A>> =>
  Effect.sync(() => {
    const file = resolve(given)
    const attempt = <B>(work: () => Promise<B>): Effect.Effect<B, DocumentUnusable> =>
      Effect.tryPromise({ try: work, catch: (cause) => unusable(file, cause) })

    const text = attempt(() => Replace.orUndefined(files.readFile(file)))
    const current: Effect.Effect<Either.Either<A, Torn>, DocumentUnusable> = Effect.map(text, (bytes) =>
      bytes === undefined
        ? Either.right(initial)
        : Either.mapLeft(
            Either.flatMap(textOf(bytes), (found) => Json.parse(schema, found)),
            (reason): Torn => ({ bytes, reason }),
          ),
    )
    const entered = Effect.gen(function* () {
      // Before anything takes time: whoever comes first is first.
      yield* FileLock.turn(`door ${file}`)
      const path = yield* attempt(() => Replace.target(files, file))
      yield* Effect.mapError(FileLock.hold(path), ({ reason }) => new DocumentUnusable({ file, reason }))
      return path
    }).pipe(Effect.timeoutFail({ duration: within, onTimeout: () => new DocumentBusy({ file }) }))
    const locked = <B, E, R>(effect: (path: string) => Effect.Effect<B, E, R>) =>
      Effect.acquireUseRelease(
        Scope.make(),
        // Not for the caller's effect, which may have a scope of its own.
        (scope) => Effect.flatMap(Scope.extend(entered, scope), effect),
        (scope, exit) => Scope.close(scope, exit),
      )

    const told = (reason: string, setAside: string | undefined) => {
      const error = new DocumentInvalid({ file, reason, setAside })
      return Effect.zipRight(Effect.logError(error.message), error)
    }
    const refused = ({ bytes, reason }: Torn) =>
      Effect.gen(function* () {
        const time = DateTime.formatIso(yield* DateTime.now).replace(/[:.]/gu, "-")
        const setAside = yield* Effect.orElseSucceed(
          attempt(() => aside(files, file, bytes, time)),
          () => undefined,
        )
        return yield* told(reason, setAside)
      })
    const sound = Effect.flatMap(current, Either.match({ onLeft: refused, onRight: Effect.succeed }))

    const modify: Document<A>["modify"] = (f) =>
      locked((path) =>
        Effect.gen(function* () {
          const [result, next] = yield* Effect.flatMap(sound, f)
          const encoded = yield* Effect.orDie(Schema.encode(schema)(next))
          const bytes = new TextEncoder().encode(`${JSON.stringify(encoded, null, 2)}\n`)
          yield* Effect.uninterruptible(attempt(() => Replace.replace(files, path, bytes)))
          return result
        }),
      )
    return {
      file,
      // Set aside by one at a time; and not where it was mended meanwhile.
      read: Effect.flatMap(
        current,
        Either.match({
          onLeft: ({ reason }) =>
            Effect.catchTags(
              locked(() => sound),
              {
                DocumentBusy: () => told(reason, undefined),
                DocumentUnusable: () => told(reason, undefined),
              },
            ),
          onRight: Effect.succeed,
        }),
      ),
      modify,
      write: (value) => modify(() => Effect.succeed([undefined, value] as const)),
    }
  })

/** What cannot be read, and why. */
interface Torn {
  readonly bytes: Uint8Array
  readonly reason: string
}

const textOf = (bytes: Uint8Array): Either.Either<string, string> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => "it is not UTF-8 text",
  })

/** Keeps a copy of the bytes beside the file, unless there is one already. */
const aside = async (
  files: Replace.Files,
  file: string,
  bytes: Uint8Array,
  time: string,
): Promise<string> => {
  const directory = dirname(file)
  const prefix = `${basename(file)}.invalid-`
  for (const name of await files.readdir(directory)) {
    if (!name.startsWith(prefix)) continue
    const kept = await files.readFile(join(directory, name))
    if (kept.equals(bytes)) return join(directory, name)
  }
  const copy = join(directory, `${prefix}${time}`)
  const handle = await files.open(copy, "wx", 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return copy
}

const reasons: { readonly [code: string]: string } = {
  EACCES: "this program may not read or write it, or its directory",
  EPERM: "this program may not read or write it, or its directory",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is not a directory",
  ELOOP: "its links lead in a circle",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
  EROFS: "the disk can only be read",
}

const unusable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException
  return new DocumentUnusable({ file, reason: reasons[code ?? ""] ?? message ?? String(cause) })
}

/** The file cannot be read or written: its rights, its directory, the disk. */
export class DocumentUnusable extends Data.TaggedError("DocumentUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `The file ${this.file} cannot be used: ${this.reason}`
  }
  get userText() {
    return "The file cannot be used just now."
  }
}

/** What is in the file is not what it should be. It was set aside as it was. */
export class DocumentInvalid extends Data.TaggedError("DocumentInvalid")<{
  readonly file: string
  /** Where in it, and what was expected. */
  readonly reason: string
  /** Where it was put; undefined where that failed too, and it is still in its place. */
  readonly setAside: string | undefined
}> {
  override get message() {
    return `The file ${this.file} is not valid (${this.reason})${this.setAside === undefined ? "" : `; it was set aside as ${this.setAside}`}`
  }
  get userText() {
    return `The file is not valid: ${this.reason}`
  }
}

/** Somebody else has held the file for too long. */
export class DocumentBusy extends Data.TaggedError("DocumentBusy")<{ readonly file: string }> {
  override get message() {
    return `The file ${this.file} is held by somebody else, in this process or another`
  }
  get userText() {
    return "The file is in use. Try again in a moment."
  }
}

export type DocumentError = DocumentUnusable | DocumentInvalid | DocumentBusy
