import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Words from "../../src/command/Words.js"

const texts = (line: string) => Words.split(line).map(({ text }) => text)

describe("Words", () => {
  it("parts at white space and keeps quoted text together", () => {
    expect(texts('berth "Elly May" 2')).toEqual(["berth", "Elly May", "2"])
    expect(texts('say \\"hi\\"')).toEqual(["say", '"hi"'])
    expect(texts('open "never closed')).toEqual(["open", "never closed"])
    expect(texts("   ")).toEqual([])
  })

  it("gives the rest of the line as it was typed", () => {
    const line = "ping hello   there  "
    expect(Words.restFrom(line, Words.split(line), 1)).toBe("hello   there")
  })

  it.prop("never throws, and loses nothing that is not white space or a quote", [fc.string()], ([line]) => {
    const kept = (text: string) => text.replace(/[\s"\\]/gu, "")
    expect(kept(texts(line).join(""))).toBe(kept(line))
  })

  it.prop(
    "reads back what was quoted",
    [
      fc.array(
        fc.string({ minLength: 1 }).filter((word) => !word.includes("\\")),
        { maxLength: 6 },
      ),
    ],
    ([words]) => {
      const line = words.map((word) => `"${word.replaceAll('"', '\\"')}"`).join(" ")
      expect(texts(line)).toEqual(words)
    },
  )

  it.prop("says where each word starts", [fc.string()], ([line]) => {
    for (const { start } of Words.split(line)) expect(line.slice(start, start + 1)).toMatch(/\S/u)
  })
})
