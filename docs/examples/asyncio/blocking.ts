import { FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"
import * as Command from "bosun/Command"
import * as Document from "bosun/Document"
import * as Offload from "bosun/Offload"
import * as Param from "bosun/Param"
import * as Reply from "bosun/Reply"
import { primes } from "./Primes.js"

// loop.run_in_executor(None, f, x) and asyncio.to_thread(f, x): a task in the pool of worker threads. Past its deadline, or
// when the command is cancelled, the thread is ended, also one in a `while (true)`. "Thinking…" comes by itself.
// With a ProcessPoolExecutor for native code that may crash: `isolation: "process"` where the task is declared.
export const count = Command.make(
  "primes",
  {
    description: "Counts primes",
    params: { below: Param.integer("Below what", { min: 2, max: 5_000_000 }) },
  },
  ({ below }) =>
    Offload.run(primes, below, { within: "10 seconds" }).pipe(
      Effect.map((n) => Reply.text(`${n} primes`)),
      Effect.catchTag("OffloadFailed", () => Effect.succeed(Reply.text("That could not be counted."))),
    ),
)

// aiofiles: the file services of @effect/platform.
export const read = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path))

// threading.Lock around a JSON file that several write: there is no way to the file but through `modify`, which reads, changes and
// replaces it as one, between fibers, threads and processes.
export const log = (file: string, who: string) =>
  Effect.gen(function* () {
    const book = yield* Document.make({
      file,
      schema: Schema.Record({ key: Schema.String, value: Schema.Number }),
      initial: {},
    })
    return yield* book.modify((counts) => {
      const next = (counts[who] ?? 0) + 1
      return Effect.succeed([next, { ...counts, [who]: next }])
    })
  })
