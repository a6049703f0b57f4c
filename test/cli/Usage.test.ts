import { describe, expect, it } from "@effect/vitest"
import * as Usage from "../../src/cli/Usage.js"

describe("Usage", () => {
  it.each([
    [["--help"], undefined],
    [["-h"], undefined],
    [["help"], undefined],
    [["start", "--help"], "start"],
    [["help", "deploy"], "deploy"],
    [["sandbox", "--port", "1", "-h"], "sandbox"],
    [["frob", "--help"], undefined],
  ] as const)("%j asks for help", (args, job) => {
    expect(Usage.asked(args)).toEqual({ job })
  })

  it("is not asked for otherwise", () => {
    expect(Usage.asked([])).toBeUndefined()
    expect(Usage.asked(["start", "--json"])).toBeUndefined()
  })

  it("fits a terminal, and names the program", () => {
    for (const job of [undefined, "start", "sandbox", "deploy"] as const) {
      const lines = Usage.text("parrot", job).split("\n")
      expect(lines[0]).toContain("Usage: parrot")
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
    }
  })
})
