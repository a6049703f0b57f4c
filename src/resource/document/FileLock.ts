/**
 * One at a time over a path: between fibers in the order in which they came, between threads and processes in any.
 *
 * The lock is the kernel's, taken by SQLite on a hidden, empty file beside the path. It is free at the moment its
 * holder ends, however that ends, so that nothing has to be found stale; a holder that was only stopped (SIGSTOP)
 * keeps it. The empty file stays.
 *
 * Drawbacks: it is asked for again and again while another process has it, at most every 50 ms. On a network file
 * system it is as good as the locks there. Who holds it and asks again for the same path waits for ever; so every
 * wait should have an end.
 *
 * @module
 */
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import type { DatabaseSyncInstance } from "@photostructure/sqlite"
import { Data, Effect, Random, type Scope } from "effect"
import { Slots } from "../offload/Slots.js"

/**
 * Holds the lock of the path for the scope; the directory has to be there. Fails with `LockUnusable` where the hidden
 * file cannot be made. Interruption ends the wait.
 */
export const hold = (path: string): Effect.Effect<void, LockUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* turn(`lock ${path}`)
    // What ends its connection gives the lock back.
    const lock = yield* Effect.acquireRelease(open(path), (lock) => Effect.sync(() => lock.close()))
    yield* taken(lock, path)
  })

/** Those of this process, by key, for as long as anybody is there. */
const queues = new Map<string, { readonly slots: Slots; users: number }>()

/** Waits for those of this process who came first, and keeps the place for the scope. */
export const turn = (key: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const queue = queues.get(key) ?? { slots: new Slots(1), users: 0 }
      queue.users += 1
      queues.set(key, queue)
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          queue.users -= 1
          if (queue.users === 0) queues.delete(key)
        }),
      )
      yield* restore(queue.slots.enter(() => undefined as never))
      yield* Effect.addFinalizer(() => Effect.sync(() => queue.slots.leave()))
    }),
  )

const open = (path: string): Effect.Effect<DatabaseSyncInstance, LockUnusable> =>
  Effect.try({
    try: () => {
      const { DatabaseSync } = createRequire(import.meta.url)(
        "@photostructure/sqlite",
      ) as typeof import("@photostructure/sqlite")
      return new DatabaseSync(join(dirname(path), `.${basename(path)}.lock`), { timeout: 0 })
    },
    catch: (cause) => unusable(path, cause),
  })

const SHORTEST = 2
const LONGEST = 50

const taken = (
  lock: DatabaseSyncInstance,
  path: string,
  pause = SHORTEST,
): Effect.Effect<void, LockUnusable> =>
  Effect.suspend(() => {
    try {
      lock.exec("BEGIN EXCLUSIVE")
      return Effect.void
    } catch (cause) {
      if (!isBusy(cause)) return Effect.fail(unusable(path, cause))
      // Not all at the same moment.
      return Effect.flatMap(Random.nextRange(pause / 2, pause), (millis) =>
        Effect.zipRight(Effect.sleep(millis), taken(lock, path, Math.min(LONGEST, pause * 2))),
      )
    }
  })

/** SQLite's SQLITE_BUSY. */
const BUSY = 5

const isBusy = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && "errcode" in cause && (Number(cause.errcode) & 0xff) === BUSY

const unusable = (path: string, cause: unknown) =>
  new LockUnusable({ path, reason: cause instanceof Error ? cause.message : String(cause) })

/** There can be no lock for the path: its directory is not there, or may not be written. */
export class LockUnusable extends Data.TaggedError("LockUnusable")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `There can be no lock beside ${this.path}: ${this.reason}`
  }
}
