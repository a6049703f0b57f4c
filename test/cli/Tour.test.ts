import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Program from "./Program.js"

const page = readFileSync(`${Program.root}docs/features.md`, "utf8")
const SCRIPT = /^## A tour\n[^]*?```text\n([^]*?)```/mu.exec(page)?.[1] ?? ""

describe("the tour that the documentation shows", () => {
  it.live(
    "goes through every feature",
    () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* Program.run(["start"], { input: SCRIPT })
        // One after the other, whatever stands between them.
        let at = 0
        for (const said of [
          "Time zone: Europe/Berlin (before: UTC)",
          "every day, 2.50 € for each one missed",
          "@cleo takes part in **Run**",
          "@cleo has done it: **Run**",
          "@dan takes part in **Run**",
          "✅ @cleo: 1 day done, 0 missed: **0.00 €**",
          "| To pay for ",
          "| @dan: **0.00 €**",
          ".png",
          "(file run.json, ",
          "| Ahoy @ada, you are number 5 of Harbour.",
          "Bosun: Ahoy @dora, you are number 6 of Harbour.",
          "Bosun #mod-log: @dora (dora",
          "Spam is reported and deleted.",
          "| Messages: 3",
          "messages.png",
          "Bosun → dora (direct message): Until ",
          "| Case 1: time-out",
          "@dora cannot write for 10 minutes. This is case 1.",
          "@dora was kicked. This is case 2.",
          "I could not read: rubbish.",
          "— Ban them",
          "| Case 3: mass ban",
          "|   Failed: 1 (<@123456789012345678>)",
          "Came back the same day.",
          "Deleted 3 messages.",
          "| - Moderation: purge 1, mass ban 1, kick 1, time-out 1",
          "by the clocks of Europe/Berlin. The next:",
          "**clean-up**: every 1 hour · waiting",
          "command **tasks list** (this) · @ada",
          "| All is well",
          "@dora is no longer banned.",
          "1 record about you, of: challenges.",
          "challenges: 2 records erased.",
          "| 1 member of 1 challenge",
          "must be a repository as `owner/name`",
          // What the guard does in the background is told when it is over, at the latest at the end.
          "| Why: the same again and again",
        ]) {
          const found = stdout.indexOf(said, said.startsWith("| Why") ? 0 : at)
          expect(found, `${said}, after:\n${stdout.slice(0, at)}\nin:\n${stdout.slice(at)}`).toBeGreaterThan(
            -1,
          )
          at = found + said.length
        }
        expect(stderr.trimEnd().split("\n"), stderr).toHaveLength(2)
        expect(code).toBe(0)
      }),
    40_000,
  )
})
