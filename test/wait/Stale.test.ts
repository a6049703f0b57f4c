import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Effect, Exit, FastCheck as fc, Scope } from "effect"
import type { Press } from "../../src/interaction/Press.js"
import * as Screen from "../../src/conversation/Screen.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"
import { layer, message, press, userOf } from "./Harness.js"

/** A press on the first of some components that stand on one message. */
const on = (customId: string, ...others: ReadonlyArray<string>): Press => ({
  ...press({ customId, user: userOf("cleo") }).press,
  message: message({
    components: [
      {
        type: ComponentType.ActionRow,
        components: [customId, ...others].map((id) => Screen.button(id, "B", ButtonStyle.Primary)),
      },
    ],
  }),
})

describe("a press on what a wait owns", () => {
  it.scoped("is no stale one while there is such a wait, though that does not want it", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      yield* Wait.arm(Wait.component({ customId: "w1.q", where: ({ values }) => values.length > 0 }))
      expect(waits.press(on("w1.q"))).toBe("late")
      expect(waits.press(on("w1.q~yes"))).toBe("late")
      expect(waits.press(on("w1.other"))).toBe("stale")
    }).pipe(Effect.provide(layer())),
  )

  it.scoped("is no stale one while somebody only looks on", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      yield* Wait.arm(Wait.component({ customId: "w1.q" }), { watch: true })
      expect(waits.press(on("w1.q"))).toBe("late")
    }).pipe(Effect.provide(layer())),
  )

  it.scoped("is no stale one where a form that was left open is sent from a question that lives", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      yield* Wait.arm(Wait.component({ customId: "w1.q", userId: "ada" }))
      const form: Press = { ...on("w1.q~a"), kind: "modal", customId: "w1.form~form" }
      expect(waits.press(form)).toBe("late")
      expect(waits.press({ ...on("w1.old~a"), kind: "modal", customId: "w1.form~form" })).toBe("stale")
    }).pipe(Effect.provide(layer())),
  )

  /** Who presses when, beside a wait that ends at its deadline or before. */
  const plan = fc.record({
    within: fc.integer({ min: 1, max: 5 }),
    pressedAt: fc.integer({ min: 0, max: 8 }),
    by: fc.constantFrom("ada", "cleo"),
    /** When somebody ends it. */
    endedAt: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    beside: fc.boolean(),
  })
  it("is never a stale one from its arming on, whoever presses and in whatever order", () => {
    fc.assert(
      fc.property(plan, ({ beside, by, endedAt, pressedAt, within }) => {
        const pressed = { ...(beside ? on("w1.else", "w1.q~b") : on("w1.q~b")), user: userOf(by) }
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const waits = yield* Waits.Waits
            const scope = yield* Scope.make()
            // Earlier at the same millisecond than what ends it, or later.
            const early = yield* Effect.fork(
              Effect.delay(
                Effect.sync(() => waits.press(pressed)),
                pressedAt,
              ),
            )
            const end = Scope.close(scope, Exit.void)
            if (endedAt !== undefined) yield* Effect.fork(Effect.delay(end, endedAt))
            const armed = yield* Scope.extend(
              Wait.arm(Wait.component({ customId: "w1.q", userId: "ada" })),
              scope,
            )
            yield* armed.start(within)
            const late = yield* Effect.delay(
              Effect.sync(() => waits.press(pressed)),
              pressedAt,
            )
            yield* end
            return [yield* early, late]
          }).pipe(Effect.provide(layer())),
        )
        expect(Exit.getOrElse(exit, () => ["failed"])).toEqual([
          expect.not.stringMatching(/stale/u),
          expect.not.stringMatching(/stale/u),
        ])
      }),
    )
  })
})
