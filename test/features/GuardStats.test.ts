import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { daysOf, hoursOf } from "../../src/features/guard/Stats.js"

const HOUR = 3_600_000
const DAY = 24 * HOUR

const utc = (text: string): number => Date.parse(`${text}Z`)

describe("the bars of /stats", () => {
  it("go by the clock on the wall, also on the days when it is moved", () => {
    const at = (text: string) => ({ hour: utc(text), messages: 1 })
    // 01:00 and 03:00 in Berlin are one hour apart that night.
    const spring = hoursOf([at("2026-03-29T00:00"), at("2026-03-29T01:00")], "Europe/Berlin")
    expect(spring.filter(({ value }) => value > 0).map(({ label }) => label)).toEqual(["01:00", "03:00"])
    // 02:00 comes twice.
    const autumn = hoursOf([at("2026-10-25T00:00"), at("2026-10-25T01:00")], "Europe/Berlin")
    expect(autumn.filter(({ value }) => value > 0)).toEqual([{ label: "02:00", value: 2 }])
    const days = daysOf(
      [at("2026-03-28T22:00"), at("2026-03-28T23:00")],
      "Europe/Berlin",
      utc("2026-03-30T12:00"),
      3,
    )
    expect(days).toEqual([
      { label: "2026-03-27", value: 0 },
      { label: "2026-03-28", value: 1 },
      { label: "2026-03-29", value: 1 },
      { label: "2026-03-30", value: 0 },
    ])
  })

  it.prop(
    "hold every message once, and every day",
    {
      zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"),
      now: fc.integer({ min: utc("2026-01-01T00:00"), max: utc("2027-01-01T00:00") }),
      days: fc.integer({ min: 1, max: 60 }),
      ago: fc.array(
        fc.record({ hours: fc.integer({ min: 0, max: 60 * 24 }), messages: fc.integer({ min: 1, max: 99 }) }),
      ),
    },
    ({ ago, days, now, zone }) => {
      const counted = ago
        .map(({ hours, messages }) => ({ hour: now - (now % HOUR) - hours * HOUR, messages }))
        .filter(({ hour }) => hour >= now - days * DAY)
      const total = counted.reduce((sum, { messages }) => sum + messages, 0)
      const byHour = hoursOf(counted, zone)
      const byDay = daysOf(counted, zone, now, days)
      for (const bars of [byHour, byDay]) {
        expect(bars.reduce((sum, { value }) => sum + value, 0)).toBe(total)
        expect(bars.map(({ label }) => label).toSorted()).toEqual(bars.map(({ label }) => label))
      }
      expect(byHour).toHaveLength(24)
      expect(byDay.length).toBeGreaterThanOrEqual(days)
      // One more for the part of a day at either end. Where spring has taken an hour, 11 times 24 hours from midnight on
      // (19 March 2026 in New York) reach into a thirteenth.
      expect(byDay.length).toBeLessThanOrEqual(days + 2)
    },
  )
})
