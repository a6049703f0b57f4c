import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Mentions from "../../src/cli/Mentions.js"

const known: ReadonlyArray<Mentions.Mentionable> = [
  { name: "@cleo", mention: "<@1>" },
  { name: "@cleopatra", mention: "<@2>" },
  { name: "@Deck hand", mention: "<@&3>" },
  { name: "#tryouts", mention: "<#4>" },
]

describe("Mentions", () => {
  it("turns whole names into mentions, the longest that fits", () => {
    expect(Mentions.encode("@cleo, @CLEOPATRA and @deck hand in #tryouts!", known)).toBe(
      "<@1>, <@2> and <@&3> in <#4>!",
    )
    expect(Mentions.encode("mail@cleo @cleone #try <@cleo>", known)).toBe("mail@cleo @cleone #try <@cleo>")
  })

  it("turns mentions and times into words, and leaves what it does not know", () => {
    expect(Mentions.decode("<@!1> <@&3> <#4> <@99>", known)).toBe("@cleo @Deck hand #tryouts <@99>")
    expect(Mentions.decode("<t:1600000000:D> <t:1600000000> <t:999999999999>", known)).toBe(
      "2020-09-13 2020-09-13 12:26 UTC <t:999999999999>",
    )
  })

  it("gives back what was encoded", () => {
    const part = fc.oneof(
      fc.constantFrom(...known.map(({ name }) => name)),
      fc.constantFrom(" ", ", ", " hi ", "!"),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join(" ")
        expect(Mentions.decode(Mentions.encode(text, known), known)).toBe(text)
      }),
    )
  })

  it("takes any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Mentions.decode(Mentions.encode(text, known), known)).toBeTypeOf("string")
        expect(Mentions.encode(text.replace(/[@#]/gu, ""), known)).toBe(text.replace(/[@#]/gu, ""))
      }),
    )
  })
})

describe("what is escaped", () => {
  it("is shown as itself, but in code as it stands", () => {
    expect(Mentions.decode("19\\:00, \\*not bold\\*, `a\\*b`, C:\\\\x", [])).toBe(
      "19:00, *not bold*, `a\\*b`, C:\\x",
    )
  })
})
