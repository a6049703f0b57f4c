import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import * as fc from "effect/FastCheck"
import type * as SqlError from "@effect/sql/SqlError"
import { SqlError as SqlFailure } from "@effect/sql/SqlError"
import { defaults } from "../../src/features/guard/Model.js"
import * as Store from "../../src/features/guard/Store.js"
import { GuardStore } from "../../src/features/guard/Store.js"
import * as Traffic from "../../src/features/guard/Traffic.js"
import * as Databases from "../resource/Databases.js"

const HOUR = 3_600_000

Databases.both("GuardStore", (database) => {
  const layer = Store.layer.pipe(Layer.provide(database))

  it.scopedLive("gives the defaults, and changes what is given", () =>
    Effect.gen(function* () {
      const store = yield* GuardStore
      expect(yield* store.rules("g")).toEqual(defaults)
      expect(yield* store.change("g", { mode: "delete", invites: false })).toEqual({
        ...defaults,
        mode: "delete",
        invites: false,
      })
      yield* store.change("g", { rate: 3, timeoutMinutes: 40_320 })
      expect(yield* store.change("g", {})).toEqual({
        ...defaults,
        mode: "delete",
        invites: false,
        rate: 3,
        timeoutMinutes: 40_320,
      })
      expect(yield* store.rules("other")).toEqual(defaults)
    }).pipe(Effect.provide(layer)),
  )

  it.scopedLive("adds up what is counted, prunes what is old, forgets a server", () =>
    Effect.gen(function* () {
      const store = yield* GuardStore
      const one = (channelId: string, hour: number, messages: number, guildId = "g") => ({
        guildId,
        channelId,
        hour: hour * HOUR,
        messages,
      })
      yield* store.count([])
      yield* store.count([one("a", 1, 2), one("b", 1, 1), one("a", 1, 5, "other")])
      yield* store.count([one("a", 2, 3), one("a", 1, 4)])
      expect(yield* store.byChannel("g", 0)).toEqual([
        { channelId: "a", messages: 9 },
        { channelId: "b", messages: 1 },
      ])
      expect(yield* store.byHour("g", 0)).toEqual([
        { hour: HOUR, messages: 7 },
        { hour: 2 * HOUR, messages: 3 },
      ])
      expect(yield* store.byChannel("g", 2 * HOUR)).toEqual([{ channelId: "a", messages: 3 }])
      expect(yield* store.byHour("g", 3 * HOUR)).toEqual([])
      expect(yield* store.prune("g", 2 * HOUR)).toBe(2)
      expect(yield* store.byHour("g", 0)).toEqual([{ hour: 2 * HOUR, messages: 3 }])
      yield* store.change("g", { mode: "log" })
      expect(yield* store.guilds).toContain("g")
      yield* store.forgetGuild("g")
      expect(yield* store.guilds).not.toContain("g")
      expect(yield* store.byHour("g", 0)).toEqual([])
      expect(yield* store.rules("g")).toEqual(defaults)
      expect(yield* store.byHour("other", 0)).toEqual([{ hour: HOUR, messages: 5 }])
    }).pipe(Effect.provide(layer)),
  )

  it.scopedLive("loses no count of many at once", () =>
    Effect.gen(function* () {
      const store = yield* GuardStore
      const channels = Array.from({ length: 150 }, (_, n) => `c${n}`)
      const batch = (order: ReadonlyArray<string>) =>
        store.count(order.map((channelId) => ({ guildId: "busy", channelId, hour: 0, messages: 1 })))
      yield* Effect.forEach(
        Array.from({ length: 20 }),
        (_, n) => batch(n % 2 === 0 ? channels : channels.toReversed()),
        { concurrency: "unbounded" },
      )
      const counts = yield* store.byChannel("busy", 0)
      expect(counts.map(({ messages }) => messages)).toEqual(channels.map(() => 20))
    }).pipe(Effect.provide(layer)),
  )
})

describe("Traffic", () => {
  /** A database that fails when it is told to, and keeps the sums. */
  const failing = (plan: ReadonlyArray<boolean>) => {
    const sums = new Map<string, number>()
    let batches = 0
    const store: Pick<Store.GuardStore, "count"> = {
      count: (counted): Effect.Effect<void, SqlError.SqlError> =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.suspend(() => {
            if (plan[batches++] === true) return Effect.fail(new SqlFailure({ cause: "gone" }))
            for (const { channelId, hour, messages } of counted) {
              const key = `${channelId}/${hour}`
              sums.set(key, (sums.get(key) ?? 0) + messages)
            }
            return Effect.void
          }),
        ),
    }
    return { sums, layer: Layer.succeed(GuardStore, store as Store.GuardStore) }
  }

  it.effect.prop(
    "loses nothing that was counted, whenever it is written, fails, or is given up",
    {
      steps: fc.array(
        fc.oneof(
          fc.record({ channel: fc.constantFrom("a", "b"), at: fc.integer({ min: 0, max: 3 * HOUR }) }),
          fc.constantFrom("flush" as const, "give up" as const, "pass" as const),
        ),
        { maxLength: 60 },
      ),
      plan: fc.array(fc.boolean(), { maxLength: 10 }),
    },
    ({ plan, steps }) => {
      const { layer, sums } = failing(plan)
      return Effect.gen(function* () {
        const traffic = yield* Traffic.make
        const expected = new Map<string, number>()
        for (const step of steps) {
          if (step === "flush") yield* Effect.fork(Effect.ignore(traffic.flush))
          else if (step === "give up") {
            const begun = yield* Deferred.make<void>()
            const fiber = yield* Effect.fork(
              Effect.zipRight(Deferred.succeed(begun, undefined), traffic.flush),
            )
            yield* Deferred.await(begun)
            yield* fiber.interruptAsFork(fiber.id())
          } else if (step === "pass") yield* Effect.yieldNow()
          else {
            traffic.note("g", step.channel, step.at)
            const key = `${step.channel}/${step.at - (step.at % HOUR)}`
            expected.set(key, (expected.get(key) ?? 0) + 1)
          }
        }
        yield* Effect.retry(traffic.flush, { times: 20 })
        expect(sums).toEqual(expected)
      }).pipe(Effect.provide(layer))
    },
  )
})
