import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import * as Alarm from "../../src/supervise/Alarm.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

const live = Alarm.layer.pipe(Layer.provide(Supervisor.layer()), Layer.provide(Timers.layer))

describe("Alarm", () => {
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
})
