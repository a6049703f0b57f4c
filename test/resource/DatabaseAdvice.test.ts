/** What is said of a place that cannot be used, and by which variable it was named. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Database from "../../src/resource/Database.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bosun-advice-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
)
const failure = (options: Database.Options) =>
  Effect.map(Effect.flip(Effect.scoped(Layer.build(Database.layer(options)))), ({ message }) => message)

describe("a database that cannot be used", () => {
  it.scopedLive("is told with the variable that named its place", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const file = join(directory, "bosun.db")
      writeFileSync(file, "This is no database, but it is long enough to be taken for one. ".repeat(20))
      for (const at of [file, directory]) {
        const byData = yield* failure({ data: at === file ? join(file, "data") : directory })
        expect(byData).toMatch(/, or name another in BOSUN_DATA$/u)
        const byUrl = yield* failure({
          url: `file:${at === file ? join(file, "x.db") : file}`,
          data: directory,
        })
        expect(byUrl).toMatch(/, or name another in DATABASE_URL$/u)
      }
    }),
  )

  it.scopedLive("is copied into no directory that is not there, which is said", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const file = join(directory, "nope", "c.db")
      const error = yield* Effect.flatMap(Database.Database, ({ backup }) => Effect.flip(backup(file))).pipe(
        Effect.provide(Database.layer({ data: directory })),
      )
      expect(error.message).toBe(
        `The database was not copied: there is no directory ${join(directory, "nope")}. Make it first, or name a file in one that there is`,
      )
    }),
  )
})
