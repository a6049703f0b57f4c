import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Stage from "./Stage.js"

describe("a question whose acceptance Discord did not tell", () => {
  const sure = Prompt.confirm("Sure?", { within: "1 minute" })

  /** A dead socket is found by the second heartbeat without an answer; after a new session nothing of it comes at all. */
  it("is closed where the gateway tells of it too late", () =>
    Stage.play(
      Effect.zipRight(Prompt.confirm("One?", { within: "1 minute" }), sure),
      ({ ada, outcome, question, sandbox, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          sandbox.faults.answerNext({ method: "POST", path: "/webhooks", status: 500, carryOut: true })
          yield* ada.press(id, "Yes")
          sandbox.faults.delayEvents(2 * 41_250)
          yield* Effect.sleep("5 seconds")
          expect(yield* outcome).toBe("failed")
          yield* Effect.sleep("2 minutes")
          expect((yield* seen())[1]).toBe("Sure?\nSomething went wrong.")
        }),
      { quiet: true },
    ))

  it("is closed where a refusal has come to a second attempt", () =>
    Stage.play(
      Effect.zipRight(Prompt.confirm("One?", { within: "1 minute" }), sure),
      ({ ada, outcome, question, sandbox, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          sandbox.faults.answerNext({ method: "POST", path: /messages$/u, status: 500, carryOut: true })
          sandbox.faults.answerNext({
            method: "POST",
            path: /messages$/u,
            status: 403,
            body: { code: 50_013, message: "Missing Permissions" },
          })
          yield* ada.press(id, "Yes")
          expect(yield* outcome).toBe("failed")
          expect((yield* seen())[1]).toBe("Sure?\nSomething went wrong.")
        }),
      { quiet: true, byMessage: true },
    ))

  /** What comes next takes its place anyway; a closing would come too late, and hide that. */
  it("is left to what comes next where it took the place of what said “thinking…”", () =>
    Stage.play(
      Effect.zipRight(
        Effect.sleep("10 seconds"),
        Effect.catchAll(sure, () => Effect.succeed("caught")),
      ),
      ({ outcome, seen }) =>
        Effect.gen(function* () {
          expect(yield* outcome).toBe("completed")
          expect(yield* seen()).toEqual(['Got "caught"'])
        }),
      {
        quiet: true,
        before: ({ faults }) => {
          faults.answerNext({ method: "PATCH", status: 500, carryOut: true, times: 4 })
          faults.slow({}, { request: 100, answer: 100 })
        },
      },
    ))
})
