import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as fc from "effect/FastCheck"
import * as Budget from "../../src/rest/Budget.js"

describe("Budget", () => {
  it.prop(
    "is used up exactly when that many invalid requests lie within ten minutes",
    [
      fc.array(
        fc.record({
          after: fc.integer({ min: 0, max: 200_000 }),
          status: fc.constantFrom(200, 401, 403, 404, 429),
        }),
        { maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 8 }),
    ],
    ([answers, stopAt]) => {
      const budget = Budget.make(stopAt)
      const times: Array<number> = []
      let now = 0
      let expected = false
      for (const { after, status } of answers) {
        now += after
        budget.note(status, undefined, now)
        if (status === 401 || status === 403 || status === 429) times.push(now)
        if (times.filter((time) => now - time < Budget.WINDOW).length >= stopAt) expected = true
        expect(budget.exceeded() !== undefined).toBe(expected)
      }
    },
  )

  it("does not count what is shared", () => {
    const budget = Budget.make(2)
    for (let n = 0; n < 10; n++) budget.note(429, "shared", n)
    expect(budget.exceeded()).toBeUndefined()
  })

  it.effect("fails `fatal`, once and for good", () =>
    Effect.gen(function* () {
      const budget = Budget.make(2)
      expect(
        Option.isNone(yield* Effect.fork(budget.fatal).pipe(Effect.flatMap((fiber) => fiber.poll))),
      ).toBe(true)
      budget.note(401, undefined, 0)
      budget.note(401, undefined, 1)
      const error = yield* Effect.flip(budget.fatal)
      expect(error).toMatchObject({ count: 2, limit: 10_000 })
      expect(budget.exceeded()).toBe(error)
    }),
  )
})
