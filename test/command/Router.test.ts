import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Router from "../../src/command/Router.js"

const idAt = (epochMillis: number) => String((BigInt(epochMillis) - 1_420_070_400_000n) << 22n)

describe("Router.deferIn", () => {
  const now = 1_800_000_000_000

  it("counts from when Discord made the interaction", () => {
    expect(Router.deferIn(idAt(now), now)).toBe(2_000)
    expect(Router.deferIn(idAt(now - 1_500), now)).toBe(500)
    expect(Router.deferIn(idAt(now - 60_000), now)).toBe(0)
  })

  it.prop(
    "is never more than two seconds, whatever the clocks say",
    [fc.integer({ min: -100_000, max: 100_000 })],
    ([age]) => {
      const due = Router.deferIn(idAt(now - age), now)
      expect(due).toBeGreaterThanOrEqual(0)
      expect(due).toBeLessThanOrEqual(2_000)
      if (age >= 0 && age <= 2_000) expect(due).toBe(2_000 - age)
    },
  )
})
