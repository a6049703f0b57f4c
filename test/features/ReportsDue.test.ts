import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Exit } from "effect"
import * as fc from "effect/FastCheck"
import * as Due from "../../src/features/reports/Due.js"
import * as Sync from "../../src/features/reports/Sync.js"

const at = (text: string): number => Date.parse(text)
const iso = (moment: number): string => DateTime.formatIso(DateTime.unsafeMake(moment)).slice(0, 16)

/** What is found when it is asked every quarter of an hour, and each find is noted. */
const asked = (zone: string, from: number, to: number) => {
  const found: Array<Due.Due> = []
  let passed = from
  for (let now = from; now <= to; now += Due.EVERY) {
    const due = Due.find(zone, passed, now)
    if (due === undefined) continue
    passed = due.at
    found.push(due)
  }
  return found
}

describe("what is due", () => {
  it("comes at 9, 14 and 19 by the wall, over both changes of the clocks", () => {
    expect(
      asked("Europe/Berlin", at("2026-03-28T12:00Z"), at("2026-03-30T08:00Z")).map((one) => iso(one.at)),
    ).toEqual([
      "2026-03-28T13:00",
      "2026-03-28T18:00",
      "2026-03-29T07:00",
      "2026-03-29T12:00",
      "2026-03-29T17:00",
      "2026-03-30T07:00",
    ])
    expect(
      asked("America/New_York", at("2026-10-31T14:00Z"), at("2026-11-01T20:00Z")).map((one) => iso(one.at)),
    ).toEqual(["2026-10-31T18:00", "2026-10-31T23:00", "2026-11-01T14:00", "2026-11-01T19:00"])
  })

  it("covers the time since the one before: a day of 23 hours, and one of 25", () => {
    const spans = (zone: string, day: string) =>
      asked(zone, at(`${day}T00:00Z`), at(`${day}T23:45Z`)).map(({ at: end, day: since, since: last }) => [
        since === undefined ? undefined : (end - since) / 3_600_000,
        (end - last) / 3_600_000,
      ])
    expect(spans("Europe/Berlin", "2026-03-29")).toEqual([
      [23, 13],
      [undefined, 5],
      [undefined, 5],
    ])
    expect(spans("Europe/Berlin", "2026-10-25")).toEqual([
      [25, 15],
      [undefined, 5],
      [undefined, 5],
    ])
  })

  it("is over after an hour", () => {
    expect(Due.find("UTC", at("2026-06-01T00:00Z"), at("2026-06-01T09:59Z"))?.at).toBe(
      at("2026-06-01T09:00Z"),
    )
    expect(Due.find("UTC", at("2026-06-01T00:00Z"), at("2026-06-01T10:00Z"))).toBeUndefined()
  })

  it("falls on a quarter of an hour in every zone, three times a day, each once", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
        fc.nat(365).map((day) => at("2026-01-01T00:00Z") + day * 86_400_000),
        (zone, from) => {
          const found = asked(zone, from, from + 4 * 86_400_000).map((one) => one.at)
          expect(found.every((one) => one % Due.EVERY === 0)).toBe(true)
          expect(new Set(found).size).toBe(found.length)
          expect(found.length).toBeGreaterThanOrEqual(12)
          expect(found.length).toBeLessThanOrEqual(13)
          expect(Due.upcoming(zone, from, found.length)).toEqual(found)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe("a list of domains", () => {
  const parse = (json: unknown) => {
    const exit = Effect.runSyncExit(Sync.parse(json))
    return Exit.isSuccess(exit) ? [...exit.value] : String(exit.cause)
  }
  it("is a list, or an object with one; what is no domain is left out", () => {
    expect(
      parse(["Scam.example.", " *.free-nitro.example ", "localhost", 7, "a b.example", "-x.example", "x.e"]),
    ).toEqual(["scam.example", "free-nitro.example"])
    expect(parse({ domains: ["scam.example"] })).toEqual(["scam.example"])
    expect(parse([])).toContain("no name of a domain")
    expect(parse("scam.example")).toContain("neither a list nor an object")
  })
})
