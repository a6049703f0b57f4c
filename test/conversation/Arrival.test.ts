import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Stage from "./Stage.js"

describe("a question whose acceptance Discord did not tell", () => {
  const sure = Prompt.confirm("Sure?", { within: "1 minute" })
  const twice = Effect.zipRight(Prompt.confirm("One?", { within: "1 minute" }), sure)

  const lost = { method: "POST", path: /\/(?:webhooks\/|messages$)/u, status: 500, carryOut: true } as const

  it.each<[string, Stage.Options, number]>([
    ["after a slash command", {}, 1],
    // Sent anew some times.
    ["after a prefix message", { byMessage: true }, 4],
  ])("is closed where it arrives, %s", (_, options, times) =>
    Stage.play(
      twice,
      ({ ada, outcome, question, sandbox, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          sandbox.faults.answerNext({ ...lost, times })
          yield* ada.press(id, "Yes")
          expect(yield* outcome).toBe("failed")
          expect((yield* seen())[1]).toBe("Sure?\nSomething went wrong.")
        }),
      { ...options, quiet: true },
    ),
  )

  it("is closed as a message in a channel, which is sent anew some times", () =>
    Stage.play(
      sure,
      ({ outcome, seen }) =>
        Effect.gen(function* () {
          expect(yield* outcome).toBe("failed")
          expect((yield* seen())[0]).toBe("Sure?\nSomething went wrong.")
        }),
      {
        quiet: true,
        byMessage: true,
        before: ({ faults }) => faults.answerNext({ ...lost, times: 4 }),
      },
    ))

  it("is closed also where the gateway tells of it late, when its failure has been told", () =>
    Stage.play(
      twice,
      ({ ada, outcome, question, sandbox, seen }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          sandbox.faults.answerNext(lost)
          yield* ada.press(id, "Yes")
          sandbox.faults.delayEvents(30_000)
          yield* Effect.sleep("5 seconds")
          expect(yield* outcome).toBe("failed")
          sandbox.faults.delayEvents(0)
          expect((yield* seen())[1]).toBe("Sure?\nSomething went wrong.")
        }),
      { quiet: true },
    ))

  it("holds up its failure by 3 seconds at most where it is not there", () =>
    Stage.play(
      twice,
      ({ ada, outcome, question, sandbox }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          sandbox.faults.answerNext({ method: "POST", path: "/webhooks", status: 500 })
          yield* ada.press(id, "Yes")
          yield* Effect.sleep("5 seconds")
          expect(yield* outcome).toBe("failed")
        }),
      { quiet: true },
    ))

  /** A dead socket is found by the second heartbeat without an answer; after a new session nothing of it comes at all. */
  it("is closed where the gateway tells of it too late", () =>
    Stage.play(
      twice,
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
      twice,
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
