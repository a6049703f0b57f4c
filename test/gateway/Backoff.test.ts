import { describe, expect, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import * as fc from "fast-check"
import * as Backoff from "../../src/gateway/Backoff.js"

const sample = (effect: Effect.Effect<number>, seed: number) =>
  Effect.runSync(Effect.withRandom(effect, Random.make(seed)))

describe("Backoff", () => {
  it("stays between nothing and a ceiling that doubles up to the cap", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer(), (failures, seed) => {
        const wait = sample(Backoff.delay(Backoff.afterwards, failures), seed)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (failures - 1)))
      }),
      { numRuns: 1_000 },
    )
  })

  it("uses the whole range", () => {
    const waits = Array.from({ length: 1_000 }, (_, seed) =>
      sample(Backoff.delay(Backoff.afterwards, 20), seed),
    )
    expect(Math.min(...waits)).toBeLessThan(6_000)
    expect(Math.max(...waits)).toBeGreaterThan(54_000)
  })

  it("waits 3.75 s at most in all four waits of a start", () => {
    const most = [1, 2, 3, 4].map((failures) => Backoff.ceiling(Backoff.atStart, failures))
    expect(most).toEqual([250, 500, 1_000, 2_000])
  })

  it("waits 1 to 5 s after an invalid session", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const wait = sample(Backoff.afterInvalidSession, seed)
        expect(wait).toBeGreaterThanOrEqual(1_000)
        expect(wait).toBeLessThanOrEqual(5_000)
      }),
    )
  })
})
