import { fork } from "node:child_process"
import * as fs from "node:fs"
import * as promises from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Schema } from "effect"
import * as fc from "effect/FastCheck"
import * as Document from "../../src/resource/Document.js"
import * as WorkerFile from "../../src/WorkerFile.js"

const Counter = Schema.Struct({ count: Schema.Number, filler: Schema.optional(Schema.String) })

const directory = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(join(tmpdir(), "document-"))),
  (path) => Effect.sync(() => fs.rmSync(path, { recursive: true, force: true })),
)

const open = (file: string, within?: Duration.DurationInput) =>
  Document.make({ file, schema: Counter, initial: { count: 0 }, ...(within === undefined ? {} : { within }) })

const add = (document: Document.Document<typeof Counter.Type>) =>
  document.modify(({ count }) => Effect.succeed([count + 1, { count: count + 1 }] as const))

const names = (path: string) => fs.readdirSync(path).filter((name) => !name.endsWith(".lock"))

describe("a document", () => {
  it.scoped("is its initial value until it is written, in a directory that is made", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "deep", "er", "counter.json")
      const document = yield* open(file)
      expect(yield* document.read).toEqual({ count: 0 })
      expect(yield* add(document)).toBe(1)
      expect(fs.readFileSync(file, "utf8")).toBe('{\n  "count": 1\n}\n')
      yield* document.write({ count: 7 })
      expect(yield* (yield* open(file)).read).toEqual({ count: 7 })
      expect(names(join(file, ".."))).toEqual(["counter.json"])
    }),
  )

  it.scoped("stays as it is where the change fails or is interrupted", () =>
    Effect.gen(function* () {
      const document = yield* open(join(yield* directory, "counter.json"))
      yield* document.write({ count: 5 })
      expect(yield* Effect.flip(document.modify(() => Effect.fail("no")))).toBe("no")
      const fiber = yield* Effect.fork(document.modify(() => Effect.never))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      expect(yield* add(document)).toBe(6)
    }),
  )

  it.scoped("that is torn or wrong is kept, told of, and never written over", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const file = join(path, "counter.json")
      const document = yield* open(file)
      const wrong: ReadonlyArray<readonly [string | Uint8Array, string]> = [
        ['{\n  "count": 1,\n  "fil', "it is not JSON (line 3, column 7: "],
        ["", "it is empty"],
        ['{ "count": "two" }', '$.count: Expected number, actual "two"'],
        ["[]", "$: Expected { readonly count: number"],
        [new Uint8Array([0x7b, 0xff, 0xfe]), "it is not UTF-8 text"],
      ]
      for (const [bytes, reason] of wrong) {
        fs.writeFileSync(file, bytes)
        const before = fs.readFileSync(file)
        const invalid = yield* Effect.flip(document.read)
        expect(invalid).toMatchObject({ _tag: "DocumentInvalid", file })
        if (invalid._tag !== "DocumentInvalid") continue
        expect(invalid.reason).toContain(reason)
        expect(fs.readFileSync(invalid.setAside!)).toEqual(before)
        // However often it is asked, there is one copy; and no change goes through.
        expect(yield* Effect.flip(document.read)).toMatchObject({ setAside: invalid.setAside })
        expect(yield* Effect.flip(add(document))).toMatchObject({ _tag: "DocumentInvalid" })
        expect(yield* Effect.flip(document.write({ count: 1 }))).toMatchObject({ _tag: "DocumentInvalid" })
        expect(fs.readFileSync(file)).toEqual(before)
        fs.rmSync(invalid.setAside!)
        expect(names(path)).toEqual(["counter.json"])
      }
      // Mended, it goes on; a byte order mark does no harm.
      fs.writeFileSync(file, '\uFEFF{ "count": 41 }')
      expect(yield* add(document)).toBe(42)
    }),
  )

  it.scoped("keeps its rights, and is replaced where its link leads", () =>
    Effect.gen(function* () {
      const path = yield* directory
      fs.mkdirSync(join(path, "real"))
      fs.writeFileSync(join(path, "real", "counter.json"), '{ "count": 1 }', { mode: 0o600 })
      fs.symlinkSync(join("real", "counter.json"), join(path, "link.json"))
      fs.symlinkSync(join("real", "new.json"), join(path, "dangling.json"))
      expect(yield* add(yield* open(join(path, "link.json")))).toBe(2)
      expect(fs.lstatSync(join(path, "link.json")).isSymbolicLink()).toBe(true)
      expect(fs.statSync(join(path, "real", "counter.json")).mode & 0o777).toBe(0o600)
      expect(yield* add(yield* open(join(path, "real", "counter.json")))).toBe(3)
      expect(yield* add(yield* open(join(path, "dangling.json")))).toBe(1)
      expect(names(join(path, "real")).toSorted()).toEqual(["counter.json", "new.json"])
    }),
  )

  it.scoped("that cannot be used says why", () =>
    Effect.gen(function* () {
      const path = yield* directory
      fs.mkdirSync(join(path, "folder.json"))
      const reasonAt = (file: string) =>
        Effect.gen(function* () {
          const document = yield* open(file)
          const errors = [yield* Effect.flip(document.read), yield* Effect.flip(add(document))]
          return errors.map((error) => `${error._tag} ${"reason" in error ? error.reason : ""}`)
        })
      expect(yield* reasonAt(join(path, "folder.json"))).toEqual(
        Array.from({ length: 2 }, () => "DocumentUnusable it is a directory"),
      )
      fs.writeFileSync(join(path, "plain"), "")
      expect(yield* reasonAt(join(path, "plain", "counter.json"))).toEqual(
        Array.from({ length: 2 }, () => "DocumentUnusable a part of its path is not a directory"),
      )
      fs.symlinkSync("circle.json", join(path, "circle.json"))
      expect(yield* reasonAt(join(path, "circle.json"))).toEqual(
        Array.from({ length: 2 }, () => "DocumentUnusable its links lead in a circle"),
      )
    }),
  )

  it.scoped("is whole when the disk is full, or a step fails", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const file = join(path, "counter.json")
      yield* (yield* open(file)).write({ count: 1 })
      const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })
      const breaking = (step: "open" | "writeFile" | "sync" | "rename"): typeof promises => ({
        ...promises,
        rename: step === "rename" ? () => Promise.reject(full) : promises.rename,
        open: async (...args) => {
          if (step === "open" && String(args[0]).endsWith(".tmp")) throw full
          const handle = await promises.open(...args)
          if (step === "writeFile")
            handle.writeFile = async () => {
              await handle.write("half of i")
              throw full
            }
          if (step === "sync") handle.sync = () => Promise.reject(full)
          return handle
        },
      })
      for (const step of ["open", "writeFile", "sync", "rename"] as const) {
        const document = yield* Document.make(
          { file, schema: Counter, initial: { count: 0 } },
          breaking(step),
        )
        expect(yield* Effect.flip(add(document))).toMatchObject({
          _tag: "DocumentUnusable",
          reason: "the disk is full",
        })
        expect(yield* document.read).toEqual({ count: 1 })
        expect(names(path)).toEqual(["counter.json"])
      }
    }),
  )

  it.effect.prop(
    "loses no change, whatever fails or is interrupted between",
    { plan: fc.array(fc.constantFrom("add", "fail", "interrupt", "slow"), { maxLength: 25 }) },
    ({ plan }) =>
      Effect.gen(function* () {
        const file = join(yield* directory, "counter.json")
        const order: Array<number> = []
        const exits = yield* Effect.forEach(
          plan,
          (what, index) =>
            Effect.gen(function* () {
              // Each through a door of its own.
              const document = yield* open(file, "1 hour")
              const changed = document.modify(({ count }) =>
                Effect.gen(function* () {
                  order.push(index)
                  if (what === "fail") return yield* Effect.fail("no")
                  for (let n = 0; n < (what === "slow" ? 5 : 1); n++) yield* Effect.yieldNow()
                  return [undefined, { count: count + 1 }] as const
                }),
              )
              if (what !== "interrupt") return yield* Effect.exit(changed)
              const fiber = yield* Effect.fork(changed)
              for (let n = 0; n < index; n++) yield* Effect.yieldNow()
              return yield* Fiber.interrupt(fiber)
            }),
          { concurrency: "unbounded" },
        )
        const { count } = yield* (yield* open(file)).read
        // What was interrupted may have been written all the same, where that had begun.
        const sure = exits.filter(Exit.isSuccess).length
        expect(count).toBeGreaterThanOrEqual(sure)
        expect(count).toBeLessThanOrEqual(sure + plan.filter((what) => what === "interrupt").length)
        const others = order.filter((index) => plan[index] !== "interrupt")
        expect(others).toEqual(others.toSorted((a, b) => a - b))
      }).pipe(Effect.scoped),
    { fastCheck: { numRuns: 30 } },
  )
})

describe("between processes and threads", () => {
  const program = WorkerFile.resolve(new URL("./Increment.js", import.meta.url))
  const ended = (start: () => { once: (event: "exit", then: (code: number | null) => void) => unknown }) =>
    Effect.async<number | null>((resume) => {
      start().once("exit", (code) => resume(Effect.succeed(code)))
    })

  it.scopedLive(
    "no change is lost",
    () =>
      Effect.gen(function* () {
        const file = join(yield* directory, "counter.json")
        const path = fileURLToPath(yield* program)
        const codes = yield* Effect.all(
          [
            ...Array.from({ length: 4 }, () => ended(() => fork(path, [file, "50"], { execArgv: [] }))),
            ...Array.from({ length: 2 }, () => ended(() => new Worker(path, { argv: [file, "50"] }))),
          ],
          { concurrency: "unbounded" },
        )
        expect(codes).toEqual([0, 0, 0, 0, 0, 0])
        expect((yield* (yield* open(file)).read).count).toBe(300)
      }),
    60_000,
  )

  it.scopedLive(
    "a writer that is killed leaves a whole file, and no lock",
    () =>
      Effect.gen(function* () {
        const path = yield* directory
        const file = join(path, "counter.json")
        const document = yield* open(file, "2 seconds")
        const script = fileURLToPath(yield* program)
        yield* add(document)
        for (let round = 0; round < 8; round++) {
          const child = fork(script, [file, "100000"], { execArgv: [] })
          const { count } = yield* document.read
          // Until it is at work; and a little longer, each time another moment of it.
          yield* Effect.repeat(Effect.sleep("5 millis"), {
            until: () => JSON.parse(fs.readFileSync(file, "utf8")).count > count,
          })
          yield* Effect.sleep(round * 1.7)
          const gone = yield* Effect.fork(ended(() => child))
          yield* Effect.yieldNow()
          child.kill("SIGKILL")
          yield* Fiber.join(gone)
          const found = yield* document.read
          expect(found.count).toBeGreaterThan(count)
          expect(yield* add(document)).toBe(found.count + 1)
          expect(names(path)).toEqual(["counter.json"])
        }
      }),
    60_000,
  )

  it.scopedLive(
    "who waits too long is told so",
    () =>
      Effect.gen(function* () {
        const file = join(yield* directory, "counter.json")
        const document = yield* open(file, "100 millis")
        const holder = yield* Effect.fork(document.modify(() => Effect.never))
        yield* Effect.sleep("50 millis")
        const busy = yield* Effect.flip(add(document))
        expect(busy).toMatchObject({ _tag: "DocumentBusy" })
        expect(busy.message).toContain("by somebody else, in this process or another")
        // Where nothing can be set aside, what is wrong is told all the same.
        fs.writeFileSync(file, "torn")
        expect(yield* Effect.flip(document.read)).toMatchObject({
          _tag: "DocumentInvalid",
          setAside: undefined,
        })
        fs.rmSync(file)
        yield* Fiber.interrupt(holder)
        expect(yield* add(document)).toBe(1)
      }),
    20_000,
  )
})
