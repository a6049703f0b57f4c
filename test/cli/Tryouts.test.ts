import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Program from "./Program.js"

const page = readFileSync(`${Program.root}docs/tryouts.md`, "utf8")
const SCRIPT = /^## Try it\n[^]*?```text\n([^]*?)```/mu.exec(page)?.[1] ?? ""

describe("the try-out that the documentation shows", () => {
  it.live("goes from its questions to the decision", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* Program.run(["start"], { input: SCRIPT })
      // One after the other, whatever stands between them.
      let at = 0
      for (const said of [
        "The try-out **Keepers** is open",
        "for the role @Player.",
        "Let us go on in #Keepers-cleo.",
        "— Cleo Keen",
        "⚠ Your answer must be a number from 13 to 99.",
        "— striker",
        "— clip.mp4",
        "— Change Your age?",
        "  | Your age?: 20",
        "dan #tryouts>",
        "Only members with the permission Manage Server or Manage Roles",
        "Bosun → ben #tryouts (only you): a form Your reason",
        "you are asked again: Which club?",
        "Bosun → cleo (only you): **Keepers**: you were asked again (Which club?)",
        "— Change Your name?",
        "  | Your name?: Cleo Keen of Pier FC",
        "[Approve] [Reject] [Ask again]",
        "Bosun → ben #tryouts (only you): a form Your reason",
        "Your application for Keepers was approved. You now have the role @Player.",
        "| **Approved** by @ada",
        "Bosun → ben #tryouts (only you): @ada has already approved it.",
        "Bosun → cleo (only you): **Keepers**: approved",
        "  | Roles: @Player",
        "The try-out **Keepers** is closed.",
      ]) {
        const found = stdout.indexOf(said, at)
        expect(found, `${said}, after:\n${stdout.slice(0, at)}\nin:\n${stdout.slice(at)}`).toBeGreaterThan(-1)
        at = found + said.length
      }
      expect(stderr).not.toMatch(/level=(?:WARN|ERROR|FATAL)/u)
      // Every line could be carried out; all that is said besides is where a button was found.
      const said = stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !/^\[[^\]]+\] is in #/u.test(line))
      expect(said).toHaveLength(2)
      expect(code).toBe(0)
    }),
  )
})
