import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as WorkerFile from "../../src/WorkerFile.js"

const tasks = new URL("./Tasks.worker.js", import.meta.url)

describe("a worker's file", () => {
  it.live("is the file itself where it is compiled", () =>
    Effect.gen(function* () {
      const compiled = new URL("../../node_modules/piscina/dist/worker.js", import.meta.url)
      expect(yield* WorkerFile.resolve(compiled)).toBe(compiled)
      expect(yield* WorkerFile.resolveSync(compiled)).toBe(compiled)
    }),
  )

  it.live("is bundled where there is only its source: once, also when who asked first has gone", () =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(WorkerFile.resolve(tasks))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      const [one, other] = yield* Effect.all([WorkerFile.resolve(tasks), WorkerFile.resolve(tasks)], {
        concurrency: 2,
      })
      expect(other.href).toBe(one.href)
      expect(fileURLToPath(one)).toContain(join("node_modules", ".cache", "bosun"))
      expect(Object.keys((yield* Effect.promise(() => import(one.href))) as object)).toContain("double")
      const now = yield* WorkerFile.resolveSync(tasks)
      expect(existsSync(now)).toBe(true)
      // Named by its source too.
      expect((yield* WorkerFile.resolve(new URL("./Tasks.worker.ts", import.meta.url))).href).toBe(one.href)
    }),
  )

  it.live("that is not there, or is no TypeScript, says so", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(WorkerFile.resolve(new URL("./Nobody.worker.js", import.meta.url)))
      expect(missing.message).toMatch(/Nobody\.worker\.js cannot be used: it is not there$/u)
      const broken = new URL("./Broken.worker.ts", import.meta.url)
      writeFileSync(broken, "export const = 1")
      yield* Effect.gen(function* () {
        for (const resolve of [WorkerFile.resolve, WorkerFile.resolveSync])
          expect((yield* Effect.flip(resolve(broken))).message).toContain("could not be bundled")
      }).pipe(Effect.ensuring(Effect.sync(() => rmSync(broken))))
    }),
  )

  it.live("leaves nothing of processes that have ended", () =>
    Effect.gen(function* () {
      const directory = dirname(fileURLToPath(yield* WorkerFile.resolve(tasks)))
      const ended = spawnSync(process.execPath, ["-e", ""]).pid
      const left = join(directory, `Gone.worker-0123456789ab-${ended}.js`)
      const another = join(directory, `Alive.worker-0123456789ab-${process.ppid}.js`)
      mkdirSync(directory, { recursive: true })
      for (const path of [left, another]) writeFileSync(path, "")
      const source = new URL(`./Fresh${process.pid}.worker.ts`, import.meta.url)
      writeFileSync(source, "export const fresh = () => 1\n")
      yield* WorkerFile.resolve(source).pipe(Effect.ensuring(Effect.sync(() => rmSync(source))))
      const names = readdirSync(directory).map((name) => join(directory, name))
      expect(names).not.toContain(left)
      expect(names).toContain(another)
      rmSync(another)
    }),
  )
})
