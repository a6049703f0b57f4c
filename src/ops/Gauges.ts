/**
 * What stands rather than is counted, read when the metrics are fetched: the shards, and what is going on.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { Client } from "../discord/Client.js"
import type { Family, Series } from "../observe/Snapshot.js"
import type { Supervisor } from "../supervise/Supervisor.js"

export const families = (
  client: Pick<Client, "shards">,
  supervisor: Pick<Supervisor, "roster">,
): Effect.Effect<ReadonlyArray<Family>> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const shards = client.shards()
    const tasks = new Map<string, number>()
    for (const { kind, state } of yield* supervisor.roster) {
      const key = `${kind} ${state}`
      tasks.set(key, (tasks.get(key) ?? 0) + 1)
    }
    return [
      gauge(
        "bosun_shard_ready",
        "1 where the shard is connected, else 0",
        shards.map(({ id, state }) => one([["shard", String(id)]], state === "Ready" ? 1 : 0)),
      ),
      gauge(
        "bosun_heartbeat_ack_age_ms",
        "Milliseconds since the last acknowledged heartbeat, by shard",
        shards.flatMap(({ id, lastAckAt }) =>
          lastAckAt === undefined ? [] : [one([["shard", String(id)]], now - lastAckAt)],
        ),
      ),
      gauge(
        "bosun_tasks",
        "Tasks and waits on the roster, by kind and state",
        [...tasks].sort().map(([key, count]) => {
          const at = key.lastIndexOf(" ")
          return one(
            [
              ["kind", key.slice(0, at)],
              ["state", key.slice(at + 1)],
            ],
            count,
          )
        }),
      ),
    ]
  })

const gauge = (name: string, help: string, series: ReadonlyArray<Series>): Family => ({
  name,
  help,
  type: "gauge",
  series,
})

const one = (labels: Series["labels"], value: number): Series => ({ suffix: "", labels, value })
