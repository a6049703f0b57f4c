import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Policy from "../../src/command/Policy.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

describe("an author's own answer to a deadline", () => {
  it("ends with a cancellation, and is on the roster until it has ended", async () => {
    let endedAt = 0
    const note = Effect.clockWith((clock) => clock.currentTimeMillis).pipe(
      Effect.map((now) => {
        endedAt = now
      }),
    )
    const slow = Command.make("slow", { description: "d" }, () => Effect.as(Effect.never, Reply.silent)).pipe(
      Policy.deadline("5 seconds"),
      Command.catchTag("CommandTimeout", () =>
        Effect.as(Effect.sleep("8 seconds"), Reply.text("late")).pipe(
          Effect.onInterrupt(() => Effect.zipRight(Effect.sleep("1 second"), note)),
        ),
      ),
    )
    const program = Effect.gen(function* () {
      yield* Deploy.apply()
      const sandbox = yield* Sandbox.Sandbox
      const supervisor = yield* Supervisor
      const cleo = yield* sandbox.actor("cleo")
      yield* cleo.slash("general", "slow", {})
      const start = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      yield* Effect.sleep("6 seconds")
      for (const { id } of yield* supervisor.roster) yield* supervisor.cancel(id, "admin")
      yield* Effect.sleep("500 millis")
      const meanwhile = (yield* supervisor.roster).length
      yield* Effect.sleep("1 second")
      const after = (yield* supervisor.roster).length
      yield* Effect.sleep("1 minute")
      const said = (yield* cleo.history("general")).map(({ content }) => content)
      return { meanwhile, after, ended: endedAt - start, said: said.length, late: said.includes("late") }
    })
    const { exit } = await VirtualClock.run(Effect.provide(program, Harbour.inProcess(Command.layer(slow))))
    if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
    expect(exit.value).toMatchObject({ meanwhile: 1, after: 0, said: 1, late: false })
    expect(exit.value.ended).toBeGreaterThanOrEqual(7_000)
    expect(exit.value.ended).toBeLessThan(7_500)
  })
})
