import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import * as fc from "effect/FastCheck"
import * as Calendar from "../../src/features/challenge/Calendar.js"
import { money } from "../../src/features/challenge/Model.js"
import * as Sheet from "../../src/features/challenge/Sheet.js"
import * as Stake from "../../src/features/challenge/Stake.js"
import * as Offload from "../../src/resource/Offload.js"

const DAY = 86_400_000

describe("periods", () => {
  it("are days and ISO weeks, of the place", () => {
    const at = (text: string) => Date.parse(text)
    expect(Calendar.periodAt("day", "UTC", at("2024-12-31T23:59:59Z"))).toEqual({ year: 2024, number: 366 })
    expect(Calendar.periodAt("day", "Europe/Berlin", at("2024-12-31T23:59:59Z"))).toEqual({
      year: 2025,
      number: 1,
    })
    expect(Calendar.periodAt("day", "America/New_York", at("2025-01-01T04:59:59Z"))).toEqual({
      year: 2024,
      number: 366,
    })
    // From ISO 8601's own examples.
    expect(Calendar.periodAt("week", "UTC", at("2005-01-01T12:00Z"))).toEqual({ year: 2004, number: 53 })
    expect(Calendar.periodAt("week", "UTC", at("2007-12-31T00:00Z"))).toEqual({ year: 2008, number: 1 })
    expect(Calendar.periodAt("week", "UTC", at("2010-01-03T23:59Z"))).toEqual({ year: 2009, number: 53 })
    expect([2020, 2021, 2024, 2026].map((year) => Calendar.length("week", year))).toEqual([53, 52, 52, 53])
    expect(Calendar.text({ every: "week", year: 2026 }, 53)).toBe("week 53 (28 December to 3 January)")
    expect(Calendar.text({ every: "day", year: 2024 }, 60)).toBe("29 February")
  })

  it.prop(
    "go on without a gap, through every change of clocks",
    {
      at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      zone: fc.constantFrom(
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Apia",
        "Australia/Lord_Howe",
      ),
      every: fc.constantFrom("day" as const, "week" as const),
    },
    ({ at, every, zone }) => {
      const now = Calendar.periodAt(every, zone, at)
      expect(now.number).toBeGreaterThanOrEqual(1)
      expect(now.number).toBeLessThanOrEqual(Calendar.length(every, now.year))
      // Somewhat more than a day on it is the same one or the next, but for the day that Samoa left out in 2011.
      const then = Calendar.periodAt(every, zone, at + DAY + 3_600_000)
      const steps =
        then.year === now.year
          ? then.number - now.number
          : then.number + Calendar.length(every, now.year) - now.number
      expect(steps).toBeGreaterThanOrEqual(0)
      expect(steps).toBeLessThanOrEqual(every === "week" ? 1 : zone === "Pacific/Apia" ? 3 : 2)
    },
  )
})

describe("amounts", () => {
  it.prop(
    "are read to the cent, however they are written",
    {
      cents: fc.integer({ min: 1, max: 9_999_999 }),
      mark: fc.constantFrom(".", ","),
      write: fc.constantFrom(
        (amount: string) => amount,
        (amount: string) => `${amount}€`,
        (amount: string) => ` ${amount} € `,
        (amount: string) => `€${amount}`,
      ),
    },
    ({ cents, mark, write }) => {
      const text = `${Math.trunc(cents / 100)}${mark}${String(cents % 100).padStart(2, "0")}`
      expect(Stake.parse(write(text))).toEqual({ cents, currency: "€" })
      expect(Stake.parse(money(cents, "€"))).toEqual({ cents, currency: "€" })
    },
  )

  it("that are none are refused", () => {
    const wrong = [
      "",
      "0",
      "0.00",
      "1.234",
      "1,2,3",
      "-1",
      "+1",
      "1e3",
      "100000",
      "€",
      "$1€",
      "1.",
      ".5",
      "١",
      "NaN",
    ]
    expect(wrong.filter((text) => Stake.parse(text) !== undefined)).toEqual([])
    expect(Stake.parse("3")).toEqual({ cents: 300, currency: "€" })
    expect(Stake.parse("2.5 USD")).toEqual({ cents: 250, currency: "USD" })
  })
})

describe("a sheet", () => {
  it.prop(
    "is read as it was written",
    {
      members: fc.array(
        fc.record({
          name: fc.string({ maxLength: 30 }),
          from: fc.integer({ min: 1, max: 100 }),
          until: fc.option(fc.integer({ min: 101, max: 365 })),
          done: fc.uniqueArray(fc.integer({ min: 1, max: 365 })),
        }),
        { maxLength: 5 },
      ),
      cents: fc.integer({ min: 1, max: 9_999_999 }),
    },
    ({ cents, members }) => {
      const about = { id: "1", guildId: "2", createdAt: 3, createdBy: "4" }
      const book = {
        challenge: { ...about, name: "Run", every: "day" as const, cents, currency: "€", year: 2026 },
        members: members.map(({ done, from, name, until }, index) => ({
          userId: `1000000000000000${index}0`,
          name,
          spans: [{ from, until }],
          done: done.filter((period) => from <= period && period < (until ?? 366)),
        })),
      }
      const text = JSON.stringify(Sheet.of(book))
      const read = Either.getOrThrow(Sheet.parse(text))
      expect(Sheet.bookOf(read, about)).toEqual(book)
      // Torn anywhere, it is none.
      expect(Either.isLeft(Sheet.parse(text.slice(0, -1)))).toBe(true)
    },
  )

  const base = { name: "Run", every: "day", stake: "1", currency: "€", year: 2026 }
  const withMembers = (...members: ReadonlyArray<object>) =>
    Sheet.parse(
      JSON.stringify({
        ...base,
        members: members.map((one) => ({ userId: "10000000000000000", name: "Ben", ...one })),
      }),
    )

  it("takes no more periods and spans than a year has, and no period that is none", () => {
    const spans = [{ from: 1, until: null }]
    const many = Array.from({ length: 367 }, () => 1)
    for (const [member, wrong] of [
      [{ spans, done: many }, "$.members[0].done: "],
      [{ spans: many.map((from) => ({ from, until: null })), done: [] }, "$.members[0].spans: "],
      [{ spans, done: ["1"] }, "$.members[0].done: "],
      [{ spans, done: [1, 1.5] }, "$.members[0].done[1]: must lie within one of the spans"],
      [{ spans, done: [0] }, "$.members[0].done[0]: must lie within one of the spans"],
      [{ spans: [{ from: 2, until: 9 }], done: [9] }, "$.members[0].done[0]: must lie within"],
    ] as const)
      expect(Either.getOrThrow(Either.flip(withMembers(member)))).toContain(wrong)
  })

  it.live("is read in a thread of its own", () =>
    Effect.gen(function* () {
      const sheet = { ...base, members: [] }
      expect(yield* Offload.run(Sheet.parsing, JSON.stringify(sheet))).toEqual({ sheet })
      expect(yield* Offload.run(Sheet.parsing, "[]")).toEqual({ wrong: expect.any(String) as string })
    }).pipe(Effect.provide(Offload.layer({ threads: 1 }))),
  )

  it("says the first mistake, also where there are very many", () => {
    const spans = [{ from: 2, until: 3 }]
    const done = Array.from({ length: 366 }, () => 5)
    const read = withMembers(...Array.from({ length: 2_000 }, () => ({ spans, done })))
    expect(read).toEqual(Either.left("$.members[0].done[0]: must lie within one of the spans"))
  })
})
