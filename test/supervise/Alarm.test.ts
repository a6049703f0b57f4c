import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, Scope } from "effect"
import * as Alarm from "../../src/supervise/Alarm.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

const live = Alarm.layer.pipe(Layer.provideMerge(Supervisor.layer()), Layer.provide(Timers.layer))

describe("Alarm", () => {
  it.effect("is heard within the grace, and never fails whoever raises it", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const alarm = yield* Alarm.Alarm
      const heard: Array<string> = []
      yield* alarm.listen(({ text }) => Effect.sync(() => heard.push(text)))
      yield* supervisor.close
      yield* alarm.raise({ about: "job sync", text: "within" })
      yield* Effect.yieldNow()
      yield* supervisor.drain(0)
      yield* alarm.raise({ about: "job sync", text: "after" })
      yield* Effect.yieldNow()
      expect(heard).toEqual(["within"])
    }).pipe(Effect.scoped, Effect.provide(live)),
  )

  it.effect("tells all who listen, also beside one that fails, and nobody whose scope has ended", () =>
    Effect.gen(function* () {
      const alarm = yield* Alarm.Alarm
      const heard: Array<string> = []
      const hear = (who: string) => (notice: Alarm.Notice) =>
        Effect.sync(() => {
          heard.push(`${who}: ${notice.about}, ${notice.text}`)
        })
      const scope = yield* Scope.make()
      yield* Scope.extend(alarm.listen(hear("gone")), scope)
      yield* Scope.close(scope, Exit.void)
      yield* alarm.listen(() => Effect.fail("no way to tell"))
      yield* alarm.listen(hear("operator"))
      yield* alarm.raise({ about: "job sync", text: "It failed three times in a row." })
      yield* Effect.yieldNow()
      expect(heard).toEqual(["operator: job sync, It failed three times in a row."])
    }).pipe(Effect.scoped, Effect.provide(live)),
  )

  it.effect("is an error in the log, but for what says that a trouble is over", () => {
    const lines: Array<string> = []
    const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(message)}`)
    })
    return Effect.gen(function* () {
      const alarm = yield* Alarm.Alarm
      yield* alarm.raise({ about: "health", text: "The database does not answer." })
      yield* alarm.raise({ about: "health", text: "All is well again.", isOver: true })
      expect(lines).toEqual([
        "ERROR health: The database does not answer.",
        "INFO health: All is well again.",
      ])
    }).pipe(Effect.provide(Layer.provideMerge(live, Logger.replace(Logger.defaultLogger, logger))))
  })
})
