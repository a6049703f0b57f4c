import { describe, expect, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import * as ScamDomains from "../../src/features/guild/ScamDomains.js"
import * as Store from "../../src/features/reports/Store.js"
import * as Databases from "../resource/Databases.js"

let guilds = 0
const fresh = () => `g${++guilds}`

Databases.both("what reports have stored", (database) => {
  const stores = Layer.provideMerge(Layer.merge(Store.layer, ScamDomains.layer), database)

  it.live("notes each report once, whoever else wants to send it", () =>
    Effect.gen(function* () {
      const store = yield* Store.ReportStore
      const guild = fresh()
      expect(yield* store.of(guild)).toBeUndefined()
      expect(yield* store.claim(guild, "UTC", 1_800_000_000_000)).toBe(true)
      expect(yield* store.claim(guild, "UTC", 1_800_000_000_000)).toBe(false)
      expect(yield* store.claim(guild, "UTC", 1_700_000_000_000)).toBe(false)
      const claimed = yield* Effect.all(
        Array.makeBy(20, () => store.claim(guild, "UTC", 1_800_000_900_000)),
        { concurrency: "unbounded" },
      )
      expect(claimed.filter((one) => one)).toHaveLength(1)
      expect(yield* store.of(guild)).toEqual({ zone: "UTC", passed: 1_800_000_900_000, paused: false })
      // By another zone it is another time of day.
      expect(yield* store.claim(guild, "Asia/Tokyo", 1_800_000_000_000)).toBe(true)
    }).pipe(Effect.provide(stores)),
  )

  it.live("stays paused until it is resumed, and forgets", () =>
    Effect.gen(function* () {
      const store = yield* Store.ReportStore
      const guild = fresh()
      expect(yield* store.pause(guild)).toBe(true)
      expect(yield* store.pause(guild)).toBe(false)
      yield* store.resume(guild, "UTC", 5)
      expect(yield* store.of(guild)).toEqual({ zone: "UTC", passed: 5, paused: false })
      expect(yield* store.pause(guild)).toBe(true)
      expect(yield* store.of(guild)).toMatchObject({ paused: true, zone: "UTC" })
      expect(yield* store.guilds).toContain(guild)
      yield* store.forgetGuild(guild)
      expect(yield* store.guilds).not.toContain(guild)
      expect(yield* store.of(guild)).toBeUndefined()
    }).pipe(Effect.provide(stores)),
  )

  it.live("puts a list of domains in the place of the former, however long it is", () =>
    Effect.gen(function* () {
      const domains = yield* ScamDomains.ScamDomains
      expect((yield* domains.all).size).toBe(0)
      const many = new Set(Array.makeBy(1_234, (index) => `scam-${index}.example`))
      expect(yield* domains.replace(many)).toEqual({ added: 1_234, removed: 0 })
      expect(yield* domains.replace(new Set(["scam-0.example", "it's.example"]))).toEqual({
        added: 1,
        removed: 1_233,
      })
      expect([...(yield* domains.all)].sort()).toEqual(["it's.example", "scam-0.example"])
      // Read again, as after a restart.
      const again = yield* ScamDomains.make
      expect([...(yield* again.all)].sort()).toEqual(["it's.example", "scam-0.example"])
    }).pipe(Effect.provide(stores)),
  )
})

describe("a known domain", () => {
  it("stands for all below it, and for no other", () => {
    const known = new Set(["scam.example"])
    expect(
      ["scam.example", "SCAM.example.", "a.b.scam.example"].every((one) => ScamDomains.includes(known, one)),
    ).toBe(true)
    expect(
      ["notscam.example", "example", "scam.example.com", ""].some((one) => ScamDomains.includes(known, one)),
    ).toBe(false)
  })
})
