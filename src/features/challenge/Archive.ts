/**
 * Exported challenges, as files below the bot's data: one for each challenge of each server, the newest.
 *
 * One at a time is written or forgotten, so that nobody comes back who is forgotten while a file is written.
 *
 * Failure modes: those of `Document`. A file that somebody has made invalid is not written over, and its challenge
 * not exported, until it is mended or taken away.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { readdir, readFile, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { Context, Effect, Layer } from "effect"
import * as Document from "../../resource/Document.js"
import type { Challenge } from "./Model.js"
import * as Sheet from "./Sheet.js"
import { keyOf } from "./Store.js"

export interface Archive {
  /** Writes what `read` finds of a challenge, when it is its turn, to its file; gives it with the bytes that are there now. */
  readonly save: <E, R>(
    challenge: Pick<Challenge, "guildId" | "name">,
    read: Effect.Effect<Sheet.Sheet, E, R>,
  ) => Effect.Effect<
    { readonly sheet: Sheet.Sheet; readonly data: Uint8Array },
    E | Document.DocumentError,
    R
  >
  /** Takes somebody out of all files; how many those were. */
  readonly forgetUser: (userId: string) => Effect.Effect<number>
  /** Takes away a server's files, and with them, before the next is written, what `forget` does. */
  readonly forgetGuild: (guildId: string, forget: Effect.Effect<void>) => Effect.Effect<void>
}

export const Archive = Context.GenericTag<Archive>("bosun/features/challenge/Archive")

/** Files below the directory, which is made when it is needed. */
export const layer = (directory: string): Layer.Layer<Archive> => Layer.succeed(Archive, make(directory))

const make = (directory: string): Archive => {
  const oneAtATime = Effect.unsafeMakeSemaphore(1).withPermits(1)
  const open = (file: string, initial: Sheet.Sheet) => Document.make({ file, schema: Sheet.Sheet, initial })
  const files = Effect.promise(async () => {
    const names = await readdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return []
      throw error
    })
    return names.map((name) => join(directory, name))
  })
  /** A file that names somebody, without them. What cannot be read as a challenge, or was set aside, goes. */
  const without = (file: string, userId: string) =>
    Effect.gen(function* () {
      const text = yield* Effect.promise(() => readFile(file, "utf8").catch(() => ""))
      if (!text.includes(userId)) return false
      const document = yield* open(file, empty)
      yield* document
        .modify((sheet) =>
          Effect.succeed([
            undefined,
            { ...sheet, members: sheet.members.filter((member) => member.userId !== userId) },
          ] as const),
        )
        .pipe(
          Effect.catchTag("DocumentInvalid", ({ setAside }) =>
            Effect.forEach([file, ...(setAside === undefined ? [] : [setAside])], removed, { discard: true }),
          ),
          Effect.orDie,
        )
      return true
    })
  return {
    save: ({ guildId, name }, read) =>
      Effect.gen(function* () {
        const sheet = yield* read
        const document = yield* open(join(directory, guildId, fileName(name)), sheet)
        yield* document.write(sheet)
        return { sheet, data: yield* Effect.promise(() => readFile(document.file)) }
      }).pipe(oneAtATime),
    forgetUser: (userId) =>
      Effect.flatMap(files, (all) =>
        Effect.map(
          Effect.forEach(
            // Those set aside too, and what a process that was killed has left half written.
            all.filter((file) => /\.json(?:\.invalid-[^/\\]*|\.tmp)?$/u.test(file)),
            (file) => (file.endsWith(".json") ? without(file, userId) : goneIf(file, userId)),
          ),
          (found) => found.filter(Boolean).length,
        ),
      ).pipe(oneAtATime),
    forgetGuild: (guildId, forget) =>
      oneAtATime(Effect.zipRight(removed(join(directory, basename(guildId))), forget)),
  }
}

const goneIf = (file: string, userId: string) =>
  Effect.gen(function* () {
    const text = yield* Effect.promise(() => readFile(file, "utf8").catch(() => ""))
    if (!text.includes(userId)) return false
    yield* removed(file)
    return true
  })

const removed = (path: string) => Effect.promise(() => rm(path, { recursive: true, force: true }))

const empty: Sheet.Sheet = { name: "-", every: "day", stake: "1", currency: "€", year: 2000, members: [] }

/** Names that look alike in a path have files of their own. */
const fileName = (name: string): string => {
  const key = keyOf(name)
  const tag = createHash("sha256").update(key).digest("hex").slice(0, 8)
  return `${slug(name)}-${tag}.json`
}

/** What is left of a name in a path. */
export const slug = (name: string): string =>
  keyOf(name)
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 40) || "challenge"
