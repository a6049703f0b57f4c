import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { Ended } from "../../src/wait/Ended.js"

describe("waits that have ended", () => {
  const step = fc.record({
    after: fc.oneof(fc.constantFrom(0, 29_999, 30_000, 59_999, 60_000), fc.nat(70_000)),
    adds: fc.boolean(),
  })
  it("are known for half a minute, and for no more than a minute", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        const ended = new Ended()
        const addedAt = new Map<string, number>()
        let now = 1_000_000
        for (const [index, { adds, after }] of steps.entries()) {
          now += after
          if (adds) {
            ended.add(String(index), now)
            addedAt.set(String(index), now)
          }
          for (const [id, at] of addedAt) {
            const known = ended.has(id, now)
            if (now - at < 30_000) expect(known).toBe(true)
            if (now - at >= 60_000) expect(known).toBe(false)
          }
        }
        expect(ended.has("another", now)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})
