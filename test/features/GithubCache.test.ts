import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Cache from "../../src/features/github/Cache.js"

const step = fc.record({
  key: fc.constantFrom("a", "b", "c", "d"),
  size: fc.option(fc.integer({ min: 0, max: 60 })),
})

describe("what GitHub has answered", () => {
  it("is kept while there is room, the last used longest", () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 120 }), (steps, most) => {
        const cache = Cache.make(most)
        // The same as a list, the last used at its end.
        let model: Array<readonly [key: string, text: string]> = []
        const total = () => model.reduce((sum, [key, text]) => sum + key.length + 1 + text.length, 0)
        for (const { key, size } of steps) {
          const found = model.find(([one]) => one === key)
          if (size === null) {
            expect(cache.get(key)?.text).toBe(found?.[1])
            if (found !== undefined) model = [...model.filter((one) => one !== found), found]
          } else {
            const text = "x".repeat(size)
            cache.set(key, { etag: "e", text })
            model = model.filter((one) => one !== found)
            if (key.length + 1 + size <= most) model.push([key, text])
            while (total() > most) model.shift()
          }
          expect(cache.size()).toBe(total())
          expect(cache.size()).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 500 },
    ))
})
