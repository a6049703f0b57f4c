import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Program from "./Program.js"

const SCRIPT = [
  '/tryout open name:Keepers channel:tryouts questions:"Your name? (text 2-40); Your age? (number 13-99); Position? (choice goalkeeper, striker); A clip? (file image/* video/*)" deadline:"10 minutes"',
  "cleo> /tryout apply",
  "cleo #keepers-cleo> Cleo Keen",
  "cleo #keepers-cleo> twelve",
  "cleo #keepers-cleo> 19",
  'cleo> click "striker"',
  'cleo #keepers-cleo> say "look" file:clip.mp4',
  'cleo> click "Change"',
  'cleo> pick "Your age?"',
  "cleo #keepers-cleo> 20",
  'cleo> click "Send"',
  'dan #tryouts> click "Approve"',
  '#tryouts> click "Ask again"',
  'submit reason:"Which club?"',
  "cleo> /tryout apply",
  'cleo> click "Change"',
  'cleo> pick "Your name?"',
  "cleo #keepers-cleo> Cleo Keen of Pier FC",
  'cleo> click "Send"',
  '#tryouts> click "Approve"',
  "cleo> /tryout status",
  "",
].join("\n")

describe("a try-out as a piped script", () => {
  it.live("goes from its questions to the decision", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* Program.run(["start"], { input: SCRIPT })
      // One after the other, whatever stands between them.
      let at = 0
      for (const said of [
        "The try-out **Keepers** is open",
        "Let us go on in #Keepers-cleo.",
        "— Cleo Keen",
        "⚠ Your answer must be a number from 13 to 99.",
        "— striker",
        "— clip.mp4",
        "— Change Your age?",
        "  | Your age?: 20",
        "Only members with the permission Manage Server or Manage Roles",
        "you are asked again: Which club?",
        "— Change Your name?",
        "  | Your name?: Cleo Keen of Pier FC",
        "[Approve] [Reject] [Ask again]",
        "Bosun → cleo (direct message): Your application for Keepers was approved.",
        "| **Approved** by @ada",
        "Bosun → cleo (only you): **Keepers**: approved",
      ]) {
        const found = stdout.indexOf(said, at)
        expect(found, `${said}, after:\n${stdout.slice(0, at)}\nin:\n${stdout.slice(at)}`).toBeGreaterThan(-1)
        at = found + said.length
      }
      expect(stderr).not.toMatch(/level=(?:WARN|ERROR|FATAL)/u)
      expect(code).toBe(0)
    }),
  )
})
