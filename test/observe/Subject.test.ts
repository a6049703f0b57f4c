import { describe, expect, it } from "@effect/vitest"
import { Effect, HashMap, Logger } from "effect"
import * as Subject from "../../src/observe/Subject.js"

const lines = <A, E>(effect: Effect.Effect<A, E>) => {
  const seen: Array<Record<string, unknown>> = []
  const logger = Logger.make(({ annotations }) => {
    seen.push(Object.fromEntries(HashMap.toEntries(annotations)))
  })
  return Effect.as(
    Effect.provide(effect, Logger.replace(Logger.defaultLogger, Subject.annotated(logger))),
    seen,
  )
}

const call = { interactionId: "1", command: "ping", userId: "2", guildId: undefined }

describe("Subject", () => {
  it.effect("names the call, the task, or the task and the call that has started it", () =>
    Effect.gen(function* () {
      const seen = yield* lines(
        Effect.gen(function* () {
          yield* Effect.log("nobody's")
          const told = Effect.annotateLogs(Effect.log("said"), "own", true)
          yield* Effect.provideService(told, Subject.Subject, call)
          yield* Subject.task({ task: "job sync", guildId: "3" })(told)
          yield* Effect.provideService(Subject.task({ task: "background sum" })(told), Subject.Subject, call)
        }),
      )
      const ofCall = { interaction: "1", command: "ping", user: "2", guild: "-" }
      expect(seen).toEqual([
        {},
        { own: true, ...ofCall },
        { own: true, task: "job sync", guild: "3" },
        { own: true, task: "background sum", ...ofCall },
      ])
    }),
  )
})
