import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import * as fc from "effect/FastCheck"
import * as Span from "../../src/features/moderation/Span.js"
import * as Targets from "../../src/features/moderation/Targets.js"

const id = fc.bigInt({ min: 10n ** 16n, max: 2n ** 63n - 1n }).map(String)
/** As people paste it. */
const written = fc.tuple(id, fc.constantFrom("plain", "<@>", "<@!>", "quoted", "(…)")).map(([one, how]) => {
  const text = {
    plain: one,
    "<@>": `<@${one}>`,
    "<@!>": `<@!${one}>`,
    quoted: `"${one}"`,
    "(…)": `(${one})`,
  }[how]
  return { id: one, text: text ?? one }
})
const separator = fc.constantFrom(" ", "\n", ", ", ";", "\t", " | ", ",\r\n", "  - ", "; ", "\n* ")
const junk = fc.constantFrom(
  "bob",
  "<@&123456789012345678>",
  "<#123456789012345678>",
  "12345",
  "0x12",
  "a1b2",
)

describe("a list of people", () => {
  it("gives every id once, in its order, and everything else back", () => {
    const entry = fc.oneof(
      { weight: 5, arbitrary: written.map((one) => ({ ...one, isJunk: false })) },
      { weight: 1, arbitrary: junk.map((text) => ({ id: "", text, isJunk: true })) },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, separator), { maxLength: 30 }), (entries) => {
        const text = entries.map(([{ text }, between]) => text + between).join("")
        const named = entries.filter(([{ isJunk }]) => !isJunk).map(([one]) => one.id)
        const read = Targets.parse(text)
        expect(read.ids).toEqual([...new Set(named)])
        expect(read.repeated).toBe(named.length - new Set(named).size)
        expect(read.unread).toEqual(entries.filter(([{ isJunk }]) => isJunk).map(([one]) => one.text))
      }),
    )
  })

  it("reads mentions with nothing between them", () => {
    fc.assert(
      fc.property(fc.uniqueArray(id), (ids) => {
        expect(Targets.parse(ids.map((one) => `<@${one}>`).join("")).ids).toEqual(ids)
      }),
    )
  })

  it("takes any text, and gives nothing but ids", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const one of Targets.parse(text).ids) expect(BigInt(one)).toBeLessThan(2n ** 63n)
      }),
    )
  })

  it("is read in a time that grows with its length alone", () => {
    const text = `${".".repeat(250_000)}a ${"<".repeat(250_000)} ${"<a".repeat(125_000)}`
    expect(Targets.parse(text).ids).toEqual([])
  })

  it.each([
    ["user123456789012345678", 0],
    ["99999999999999999999", 0],
    ["9999999999999999999", 0],
    ["1234567890123456", 0],
    ["@123456789012345678", 1],
    ["123456789012345678.", 1],
    ["1. 123456789012345678", 1],
    ["<@123456789012345678", 1],
  ] as const)("reads %j as %d people", (text, count) => {
    expect(Targets.parse(text).ids).toHaveLength(count)
  })
})

const decode = Schema.decodeEither(Span.OfTimeout)

describe("a length of time", () => {
  it.each([
    ["10 minutes", 600_000],
    ["2h", 7_200_000],
    ["1d 12h", 129_600_000],
    ["1.5 hours", 5_400_000],
    ["1 week, 2 days", 777_600_000],
    ["90s", 90_000],
    ["28 days", 2_419_200_000],
    ["OFF", 0],
    ["28d 1s", undefined],
    ["0 seconds", undefined],
    ["ten minutes", undefined],
    ["10", undefined],
    ["5 months", undefined],
    ["2h and a bit", undefined],
    ["", undefined],
  ] as const)("reads %j", (text, millis) => {
    expect(Either.getOrUndefined(decode(text))).toBe(millis)
  })

  it("is read as it was printed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Span.LONGEST / 1_000 }), (seconds) => {
        expect(Span.parse(Span.print(seconds * 1_000))).toBe(seconds * 1_000)
      }),
    )
  })
})
