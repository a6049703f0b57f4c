/**
 * Every five minutes: whether Discord and the database still answer. The operator is told when they do not, and when
 * they do again; not every five minutes in between.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { Client } from "../../discord/Client.js"
import type { ShardStatus } from "../../gateway/Gateway.js"
import { Database } from "../../resource/Database.js"
import { Alarm } from "../../supervise/Alarm.js"
import * as Job from "../../supervise/Job.js"

/** Milliseconds that a connection may take to be ready again. */
const SILENT = 120_000

/** How many heartbeats in a row may stay without an acknowledgement (Discord asks for one every 41 s). */
const BEATS = 3

/** How long the database may take to answer. */
const PING = "5 seconds"

/** What is ill now, a sentence each; nothing where all is well. */
export const problems = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const shards = (yield* Client).shards().flatMap((shard) => ofShard(shard, now))
  const database = yield* Effect.flatMap(Database, ({ ping }) => ping).pipe(
    Effect.timeout(PING),
    Effect.as([]),
    Effect.catchAllCause((cause) =>
      Effect.as(Effect.logWarning("The database does not answer", cause), ["The database does not answer"]),
    ),
  )
  return [...shards, ...database]
})

/** What is ill with a connection, if anything. */
export const ofShard = (
  { heartbeatInterval, id, lastAckAt, since, state }: ShardStatus,
  now: number,
): ReadonlyArray<string> => {
  if (state !== "Ready")
    return now - since > SILENT ? [`Shard ${id} is not connected for ${seconds(now - since)}`] : []
  if (lastAckAt === undefined) return []
  // An older one belongs to the connection before.
  const silence = now - Math.max(lastAckAt, since)
  return silence > Math.max(SILENT, BEATS * (heartbeatInterval ?? 0))
    ? [`Shard ${id} has had no heartbeat acknowledged for ${seconds(silence)}`]
    : []
}

const seconds = (millis: number): string => `${Math.round(millis / 1000)} s`

/** A job that remembers what it has told. */
export const job = Effect.sync(() => {
  let told: ReadonlyArray<string> = []
  return Job.define({
    name: "health",
    every: { fixed: "5 minutes" },
    deadline: "1 minute",
    run: Effect.gen(function* () {
      const alarm = yield* Alarm
      const found = yield* problems
      // The numbers in it change.
      const kinds = found.map((one) => one.replace(/\d+ s$/u, ""))
      if (kinds.join("\n") === told.join("\n")) return
      told = kinds
      yield* alarm.raise({
        about: "health",
        text: found.length === 0 ? "All is well again." : `${found.join(". ")}.`,
        isOver: found.length === 0,
      })
    }),
  })
})
