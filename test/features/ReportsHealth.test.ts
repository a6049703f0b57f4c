import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import * as Health from "../../src/features/reports/Health.js"
import type { ShardStatus } from "../../src/gateway/Gateway.js"
import { Database } from "../../src/resource/Database.js"
import * as DatabaseLayers from "../../src/resource/Database.js"
import { Alarm } from "../../src/supervise/Alarm.js"
import * as Job from "../../src/supervise/Job.js"
import { Jobs } from "../../src/supervise/Jobs.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Kit from "../../src/testing/Kit.js"

const MINUTE = 60_000

const play = <A, E>(
  options: Kit.Options,
  body: (
    kit: Kit.Kit,
    answers: (yes: boolean) => Effect.Effect<void>,
    heard: Effect.Effect<ReadonlyArray<string>>,
  ) => Effect.Effect<A, E, Kit.Provided>,
) =>
  Effect.flatMap(Effect.all([Ref.make(true), Ref.make<ReadonlyArray<string>>([])]), ([up, said]) => {
    /** A database that answers as long as it is to. */
    const database = Layer.effect(
      Database,
      Effect.map(Database, (real) => ({
        ...real,
        ping: Effect.flatMap(Ref.get(up), (yes) => (yes ? real.ping : Effect.never)),
      })),
    ).pipe(Layer.provide(DatabaseLayers.layerMemory))
    const listening = Layer.scopedDiscard(
      Effect.flatMap(Alarm, (alarm) =>
        alarm.listen(({ about, isOver, text }) =>
          Ref.update(said, (all) => [...all, `${about}: ${text}${isOver === true ? " (over)" : ""}`]),
        ),
      ),
    )
    return Kit.run(
      Layer.merge(listening, Layer.unwrapEffect(Effect.map(Health.job, Job.layer))).pipe(
        Layer.provide(Layer.merge(database, JobStore.layerMemory)),
      ),
      options,
      (kit) => body(kit, (yes) => Ref.set(up, yes), Ref.get(said)),
    )
  })

describe("the health job", () => {
  it.effect("tells once that the database does not answer, and once that it does again", () =>
    play({}, ({ clock }, answers, heard) =>
      Effect.gen(function* () {
        yield* clock.advance(11 * MINUTE)
        expect(yield* heard).toEqual([])
        yield* answers(false)
        yield* clock.advance(16 * MINUTE)
        expect(yield* heard).toEqual(["health: The database does not answer."])
        yield* answers(true)
        yield* clock.advance(16 * MINUTE)
        expect(yield* heard).toEqual([
          "health: The database does not answer.",
          "health: All is well again. (over)",
        ])
        expect(yield* Effect.flatMap(Jobs, ({ list }) => list)).toMatchObject([
          { name: "health", last: "completed", failures: 0 },
        ])
      }),
    ),
  )

  it.effect("finds nothing wrong with a connection that answers its heartbeats", () =>
    play({ sandbox: { heartbeatInterval: 41_250 } }, ({ clock }, _, heard) =>
      Effect.gen(function* () {
        yield* clock.advance(21 * MINUTE)
        expect(yield* heard).toEqual([])
      }),
    ),
  )

  it("knows a connection that is silent, and one that is not there", () => {
    const shard: ShardStatus = {
      id: 3,
      state: "Ready",
      sessionId: "s",
      sequence: 7,
      heartbeatLatency: 20,
      lastAckAt: 1_000_000,
      heartbeatInterval: 41_250,
      heartbeatDelay: 0,
      since: 500_000,
    }
    expect(Health.ofShard(shard, 1_120_000)).toEqual([])
    expect(Health.ofShard(shard, 1_130_000)).toEqual(["Shard 3 has had no heartbeat acknowledged for 130 s"])
    // Just connected again: the last acknowledgement is that of the connection before.
    expect(Health.ofShard({ ...shard, since: 1_290_000 }, 1_300_000)).toEqual([])
    expect(Health.ofShard({ ...shard, heartbeatInterval: 60_000 }, 1_170_000)).toEqual([])
    expect(Health.ofShard({ ...shard, state: "Connecting", since: 1_000_000 }, 1_060_000)).toEqual([])
    expect(Health.ofShard({ ...shard, state: "Connecting", since: 1_000_000 }, 1_180_000)).toEqual([
      "Shard 3 is not connected for 180 s",
    ])
  })
})
