import { describe, expect, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import * as fc from "effect/FastCheck"
import * as Calendar from "../../src/supervise/job/Calendar.js"

const zone = (name: string) => Option.getOrThrow(Calendar.zoneOf(name))
const at = (text: string): number => Date.parse(text)
const iso = (moment: number | undefined): string | undefined =>
  moment === undefined ? undefined : DateTime.formatIso(DateTime.unsafeMake(moment)).replace(".000Z", "Z")

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const occasions = (spec: Calendar.Spec, name: string, from: number, to: number): ReadonlyArray<number> => {
  const calendar = Calendar.make(spec)
  const found: Array<number> = []
  for (let due = Calendar.next(calendar, from, zone(name)); due !== undefined && due <= to;) {
    found.push(due)
    due = Calendar.next(calendar, due, zone(name))
  }
  return found
}

/** What a clock on the wall shows, minute by minute, by nothing but `Intl`. */
const wallOf = (name: string) => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  })
  return (moment: number) => {
    const [, day, month, year, hour, minute] =
      /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+)$/u.exec(format.format(moment)) ?? []
    return {
      day: `${year}-${month}-${day}`,
      minutes: Number(hour) * 60 + Number(minute),
      shown: at(`${year}-${month}-${day}T${hour}:${minute}:00Z`),
    }
  }
}

/**
 * The rule, without any arithmetic of zones: the wall is watched minute by minute, and a time is due when the wall
 * first shows it or has jumped over it.
 */
const watched = (
  name: string,
  from: number,
  to: number,
  wanted: ReadonlyArray<number>,
): ReadonlyArray<number> => {
  const wall = wallOf(name)
  const found: Array<number> = []
  let highest = -Infinity
  // A day before, so that what was shown already is known.
  for (let moment = from - 24 * HOUR; moment <= to; moment += MINUTE) {
    const { shown } = wall(moment)
    if (shown <= highest) continue
    let due = false
    for (let passed = Math.max(highest + MINUTE, shown - 24 * HOUR); passed <= shown; passed += MINUTE) {
      if (highest === -Infinity && passed < shown) continue
      due ||= wanted.includes((((passed / MINUTE) % 1440) + 1440) % 1440)
    }
    highest = shown
    if (due && moment > from) found.push(moment)
  }
  return found
}

describe("Calendar", () => {
  it("counts distances from the epoch", () => {
    const every = Calendar.make({ every: "5 minutes" })
    expect(iso(Calendar.next(every, at("2026-03-01T10:02:11Z")))).toBe("2026-03-01T10:05:00Z")
    expect(iso(Calendar.next(every, at("2026-03-01T10:05:00Z")))).toBe("2026-03-01T10:10:00Z")
    expect(iso(Calendar.next(Calendar.make({ every: "40 days" }), 0))).toBe("1970-02-10T00:00:00Z")
  })

  it("lets a time that spring skips be due at the change, and one that comes twice the first time", () => {
    expect(
      occasions({ at: ["02:30"] }, "Europe/Berlin", at("2026-03-28T00:00Z"), at("2026-03-31T00:00Z")).map(
        iso,
      ),
    ).toEqual(["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])
    expect(
      occasions({ at: ["02:30"] }, "Europe/Berlin", at("2026-10-24T00:00Z"), at("2026-10-27T00:00Z")).map(
        iso,
      ),
    ).toEqual(["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
    expect(
      occasions({ at: ["02:30"] }, "America/New_York", at("2026-03-08T00:00Z"), at("2026-03-09T12:00Z")).map(
        iso,
      ),
    ).toEqual(["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"])
    expect(
      occasions({ at: ["01:30"] }, "America/New_York", at("2026-11-01T00:00Z"), at("2026-11-02T12:00Z")).map(
        iso,
      ),
    ).toEqual(["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"])
  })

  it("lets times that fall on one moment be one", () => {
    expect(
      occasions(
        { at: ["02:00", "02:30", "03:00"] },
        "Europe/Berlin",
        at("2026-03-29T00:00Z"),
        at("2026-03-29T12:00Z"),
      ).map(iso),
    ).toEqual(["2026-03-29T01:00:00Z"])
  })

  it("goes by the passing of time where a cron expression is for every hour", () => {
    const found = occasions(
      { cron: "*/20 * * * *" },
      "Europe/Berlin",
      at("2026-10-25T00:30Z"),
      at("2026-10-25T02:10Z"),
    )
    expect(found.map(iso)).toEqual([
      "2026-10-25T00:40:00Z",
      "2026-10-25T01:00:00Z",
      "2026-10-25T01:20:00Z",
      "2026-10-25T01:40:00Z",
      "2026-10-25T02:00:00Z",
    ])
    expect(
      occasions(
        { cron: "*/20 2 * * *" },
        "Europe/Berlin",
        at("2026-10-25T00:00Z"),
        at("2026-10-25T12:00Z"),
      ).map(iso),
    ).toEqual(["2026-10-25T00:20:00Z", "2026-10-25T00:40:00Z"])
  })

  it("knows days of the week and of the month, and where there is none", () => {
    expect(
      occasions({ cron: "0 9 * * 1" }, "Europe/Berlin", at("2026-10-20T00:00Z"), at("2026-11-03T00:00Z")).map(
        iso,
      ),
    ).toEqual(["2026-10-26T08:00:00Z", "2026-11-02T08:00:00Z"])
    expect(iso(Calendar.next(Calendar.make({ cron: "0 0 29 2 *" }), at("2026-01-01T00:00Z")))).toBe(
      "2028-02-29T00:00:00Z",
    )
    expect(Calendar.next(Calendar.make({ cron: "0 0 30 2 *" }), at("2026-01-01T00:00Z"))).toBeUndefined()
  })

  it("skips a day that a zone has skipped", () => {
    // Samoa went over the date line: after 29 December 2011 came the 31st.
    expect(
      occasions({ at: ["12:00"] }, "Pacific/Apia", at("2011-12-29T00:00Z"), at("2012-01-01T00:00Z")).map(iso),
    ).toEqual([
      "2011-12-29T22:00:00Z",
      "2011-12-30T10:00:00Z",
      "2011-12-30T22:00:00Z",
      "2011-12-31T22:00:00Z",
    ])
  })

  for (const name of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]) {
    it(`has every occasion of a year once, as the wall shows it (${name})`, () => {
      const wanted = ["00:00", "01:15", "02:00", "02:30", "03:00", "09:00", "23:59"]
      const minutes = wanted.map((one) => Number(one.slice(0, 2)) * 60 + Number(one.slice(3)))
      const [from, to] = [at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")]
      expect(occasions({ at: wanted }, name, from, to)).toEqual(watched(name, from, to, minutes))
    })
  }

  it("strictly goes on, without a gap: what is next after any moment is next after the one before it", () => {
    const spec = fc.oneof(
      fc.record({ every: fc.integer({ min: MINUTE, max: 40 * 24 * HOUR }) }),
      fc.record({
        at: fc.array(
          fc
            .tuple(fc.nat(23), fc.nat(59))
            .map((both) => both.map((one) => String(one).padStart(2, "0")).join(":")),
          { minLength: 1, maxLength: 5 },
        ),
      }),
      fc.record({
        cron: fc.constantFrom(
          "*/7 * * * *",
          "30 2 * * *",
          "0 */3 * * *",
          "15 1-3 * * 0",
          "0 0 1 * *",
          "59 23 31 12 *",
        ),
      }),
    )
    fc.assert(
      fc.property(
        spec,
        fc.constantFrom(
          "UTC",
          "Europe/Berlin",
          "America/New_York",
          "Asia/Kolkata",
          "Australia/Lord_Howe",
          "America/Havana",
        ),
        // Around the changes of 2026, to the millisecond.
        fc
          .tuple(
            fc.constantFrom(
              "2026-03-29T01:00Z",
              "2026-10-25T01:00Z",
              "2026-03-08T07:00Z",
              "2026-11-01T06:00Z",
              "2026-04-04T15:00Z",
              "2026-10-03T15:30Z",
              "2026-06-01T00:00Z",
            ),
            fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
          )
          .map(([near, off]) => at(near) + off),
        fc.nat(40 * HOUR),
        (given, name, after, back) => {
          const calendar = Calendar.make(given)
          const due = Calendar.next(calendar, after, zone(name))
          expect(due).toBeGreaterThan(after)
          // From any earlier moment on, the same one is reached.
          let reached = Calendar.next(calendar, after - back, zone(name))
          for (let steps = 0; reached !== undefined && reached <= after && steps < 5_000; steps++)
            reached = Calendar.next(calendar, reached, zone(name))
          if (back < HOUR || !("every" in given)) expect(reached).toBe(due)
          // It is what comes right after the moment before it.
          expect(Calendar.next(calendar, due! - 1, zone(name))).toBe(due)
        },
      ),
      { numRuns: 300 },
    )
  })

  it("finds the last occasions of a span, however long it is", () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 20 }),
        (after, length, limit) => {
          const calendar = Calendar.make({ every: 977 })
          const all: Array<number> = []
          for (
            let due = Calendar.next(calendar, after)!;
            due <= after + length;
            due = Calendar.next(calendar, due)!
          )
            all.push(due)
          expect(Calendar.latest(calendar, { after, until: after + length }, limit)).toEqual(
            all.slice(-limit),
          )
        },
      ),
    )
    const dense = Calendar.make({ cron: "* * * * * *" })
    const until = at("2026-06-01T00:00Z")
    expect(Calendar.latest(dense, { after: 0, until }, 2)).toEqual([until - 1000, until])
  })

  it("says what is no schedule", () => {
    expect(() => Calendar.make({ cron: "61 * * * *" })).toThrow(/“61 \* \* \* \*” is no schedule/u)
    expect(() => Calendar.make({ at: ["25:00"] })).toThrow("a time of day is written 09:00 or 21:30:15")
    expect(() => Calendar.make({ at: [] })).toThrow("one or more")
    expect(() => Calendar.make({ every: 0 })).toThrow("1 ms or more")
    expect(Calendar.make({ at: ["09:00", "14:00", "19:00"] }).text).toBe("at 09:00, 14:00 and 19:00")
    expect(Calendar.make({ every: "90 minutes" }).text).toBe("every 90 minutes")
  })
})
