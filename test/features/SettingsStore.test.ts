import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, LogLevel, Runtime, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import { defaults, GuildSettings, type Settings } from "../../src/features/guild/GuildSettings.js"
import * as Store from "../../src/features/guild/Store.js"
import * as Databases from "../resource/Databases.js"

const suite = (store: Effect.Effect<GuildSettings, unknown, Scope.Scope>) => {
  it.scopedLive("gives the defaults to a server that has set nothing", () =>
    Effect.gen(function* () {
      const settings = yield* store
      expect(yield* settings.of("none")).toEqual(defaults)
      expect((yield* settings.all).map(({ guildId }) => guildId)).not.toContain("none")
    }),
  )

  it.scopedLive("keeps what a change leaves out, and tells null from left out", () =>
    Effect.gen(function* () {
      const settings = yield* store
      yield* settings.change("a", { zone: "Europe/Berlin", modLogId: "5", caseDays: 90 })
      expect(yield* settings.of("a")).toMatchObject({ zone: "Europe/Berlin", modLogId: "5", caseDays: 90 })
      expect(yield* settings.change("a", { modLogId: null, statsDays: 7 })).toEqual({
        ...defaults,
        zone: "Europe/Berlin",
        modLogId: null,
        statsDays: 7,
        caseDays: 90,
      })
      expect(yield* settings.of("a")).toMatchObject({ modLogId: null, statsDays: 7 })
      expect(yield* settings.change("a", {})).toEqual(yield* settings.of("a"))
    }),
  )

  it.scopedLive("lists servers by id, and forgets them", () =>
    Effect.gen(function* () {
      const settings = yield* store
      yield* settings.change("l2", { zone: "Asia/Tokyo" })
      yield* settings.change("l1", {})
      yield* settings.change("l3", { statsDays: 3 })
      const mine = Effect.map(settings.all, (all) => all.filter(({ guildId }) => guildId.startsWith("l")))
      expect((yield* mine).map(({ guildId }) => guildId)).toEqual(["l1", "l2", "l3"])
      yield* settings.of("l2")
      yield* settings.forget("l2")
      yield* settings.forget("l2")
      expect((yield* mine).map(({ guildId }) => guildId)).toEqual(["l1", "l3"])
      expect(yield* settings.of("l2")).toEqual(defaults)
    }),
  )

  it.scopedLive("loses no change of many at once, and never reads back an older state", () =>
    Effect.gen(function* () {
      const settings = yield* store
      const readers = Effect.forEach(Array.from({ length: 20 }), () => settings.of("busy"), {
        concurrency: "unbounded",
      })
      yield* Effect.all(
        [
          settings.change("busy", { zone: "Asia/Tokyo" }),
          readers,
          settings.change("busy", { modLogId: "1" }),
          readers,
          settings.change("busy", { reportChannelId: "2" }),
          settings.change("busy", { statsDays: 4 }),
          readers,
          settings.change("busy", { caseDays: 5 }),
        ],
        { concurrency: "unbounded" },
      )
      expect(yield* settings.of("busy")).toEqual({
        zone: "Asia/Tokyo",
        modLogId: "1",
        reportChannelId: "2",
        statsDays: 4,
        caseDays: 5,
      })
    }),
  )

  it.scopedLive("is the sum of its changes, whatever they are", () =>
    Effect.gen(function* () {
      const settings = yield* store
      const run = Runtime.runPromise(yield* Effect.runtime())
      let runs = 0
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(changes, { maxLength: 8 }), (all) =>
            run(
              Effect.gen(function* () {
                const guildId = `p${runs++}`
                let expected: Settings = defaults
                for (const one of all) {
                  expected = { ...expected, ...one }
                  expect(yield* settings.change(guildId, one)).toEqual(expected)
                }
                expect(yield* settings.of(guildId)).toEqual(expected)
                expect(yield* settings.of(guildId)).toEqual(expected)
              }),
            ),
          ),
          { numRuns: 30 },
        ),
      )
    }),
  )
}

const channel = fc.option(fc.constantFrom("11", "12"), { nil: null })
const changes: fc.Arbitrary<Partial<Settings>> = fc.record(
  {
    zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
    modLogId: channel,
    reportChannelId: channel,
    statsDays: fc.integer({ min: 1, max: 365 }),
    caseDays: fc.option(fc.integer({ min: 1, max: 3_650 }), { nil: null }),
  },
  { requiredKeys: [] },
)

describe("settings in memory", () => {
  suite(Store.makeMemory)
})

Databases.both("settings", (database) => {
  suite(
    Effect.map(Layer.build(Layer.provide(Store.layer, database)), Context.get(GuildSettings)).pipe(
      Logger.withMinimumLogLevel(LogLevel.Warning),
    ),
  )
})
