/**
 * Counts messages by channel and hour: in memory first, and every ten seconds into the database.
 *
 * What the database does not take is kept and goes with the next batch; what was counted goes out at shutdown, and at
 * the end of the scope.
 *
 * Drawbacks: a process that is killed loses ten seconds. Where the answer of a batch is lost with its connection,
 * nobody knows whether it was written; it is then counted twice.
 *
 * @module
 */
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Schedule } from "effect"
import * as Service from "../../supervise/Service.js"
import { Shutdown } from "../../supervise/Shutdown.js"
import * as Step from "../../supervise/Step.js"
import { type Counted, GuardStore } from "./Store.js"

const HOUR = 3_600_000
const FLUSH_EVERY = "10 seconds"

export interface Traffic {
  /** Counts a message of that time (epoch milliseconds). */
  readonly note: (guildId: string, channelId: string, at: number) => void
  /** Writes what was counted. One at a time. Interruption waits for its end. */
  readonly flush: Effect.Effect<void, SqlError>
  /** Forgets what was counted of a server and is not written yet. */
  readonly forget: (guildId: string) => void
}

export const Traffic = Context.GenericTag<Traffic>("bosun/features/guard/Traffic")

export const make: Effect.Effect<Traffic, never, GuardStore> = Effect.gen(function* () {
  const store = yield* GuardStore
  const lock = yield* Effect.makeSemaphore(1)
  let counted = new Map<string, Counted>()

  const add = ({ channelId, guildId, hour, messages }: Counted): void => {
    const key = `${guildId}/${channelId}/${hour}`
    const known = counted.get(key)
    counted.set(key, { guildId, channelId, hour, messages: messages + (known?.messages ?? 0) })
  }
  const flush = Effect.suspend(() => {
    if (counted.size === 0) return Effect.void
    const batch = [...counted.values()]
    counted = new Map()
    return Effect.onError(store.count(batch), () => Effect.sync(() => batch.forEach(add)))
  })
  return {
    note: (guildId, channelId, at) => add({ guildId, channelId, hour: at - (at % HOUR), messages: 1 }),
    flush: Effect.uninterruptible(lock.withPermits(1)(flush)),
    forget: (guildId) => {
      for (const [key, one] of counted) if (one.guildId === guildId) counted.delete(key)
    },
  }
})

const flushing = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { flush } = yield* Traffic
    const shutdown = yield* Shutdown
    const last = Effect.catchAllCause(flush, (cause) =>
      Effect.logError("Messages that were counted are lost", cause),
    )
    yield* Effect.addFinalizer(() => last)
    yield* shutdown.register({ name: "guard statistics", phase: "flush", run: flush })
    yield* Service.make({
      name: "guard statistics",
      run: Effect.forever(Effect.delay(Step.timed("write the statistics", flush), FLUSH_EVERY)),
      restart: Schedule.spaced(FLUSH_EVERY),
      // The database comes back, sooner or later.
      intensity: { restarts: 60, within: "5 minutes" },
    })
  }),
)

export const layer = Layer.provideMerge(flushing, Layer.effect(Traffic, make))
