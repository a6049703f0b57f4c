import { describe, expect, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "effect/FastCheck"
import * as Skew from "../../src/rest/Skew.js"

/** The header of a moment: whole seconds. */
const header = (millis: number) =>
  DateTime.toDateUtc(DateTime.unsafeMake(Math.floor(millis / 1_000) * 1_000)).toUTCString()
const start = 1_700_000_000_000

describe("Skew", () => {
  it("is 0 until something is proven", () => {
    const skew = Skew.make()
    expect(skew.millis()).toBe(0)
    skew.note("no date", start, start)
    skew.note(undefined, start, start)
    skew.note(header(start + 300), start, start + 20)
    expect(skew.millis()).toBe(0)
  })

  it.prop(
    "never corrects too far, and comes within a round trip when answers are many",
    [
      fc.integer({ min: -20_000, max: 20_000 }),
      fc.array(
        fc.record({
          pause: fc.integer({ min: 1, max: 977 }),
          out: fc.integer({ min: 0, max: 60 }),
          back: fc.integer({ min: 0, max: 60 }),
        }),
        { minLength: 1, maxLength: 200 },
      ),
    ],
    ([truth, answers]) => {
      const skew = Skew.make()
      let now = start
      for (const { back, out, pause } of answers) {
        now += pause
        skew.note(header(now + out + truth), now, now + out + back)
        now += out + back
        const told = skew.millis()
        // Between 0 and the truth, but for the drift that is allowed for.
        expect(told * Math.sign(truth)).toBeGreaterThanOrEqual(-1)
        expect(Math.abs(told)).toBeLessThanOrEqual(Math.abs(truth) + 1)
      }
      if (Math.abs(truth) > 1_200) expect(skew.millis()).not.toBe(0)
    },
  )

  it("comes close after a minute of answers, and follows a clock that is set", () => {
    const skew = Skew.make()
    let now = start
    for (const truth of [3_000, -5_000]) {
      for (let n = 0; n < 60; n++) {
        now += 937
        skew.note(header(now + 10 + truth), now, now + 20)
      }
      expect(Math.abs(skew.millis() - truth)).toBeLessThan(60)
    }
  })
})
