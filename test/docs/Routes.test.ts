// The example of a test is a test itself.
import "../../docs/examples/restart.js"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as pager from "../../docs/examples/pager.js"
import * as Command from "../../src/command/Command.js"
import * as CustomId from "../../src/interaction/CustomId.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Route from "../../src/command/Route.js"
import * as Kit from "../../src/testing/Kit.js"

describe("a route that shows its own buttons again", () => {
  it.effect("turns pages as the example says, until there are no more", () =>
    Kit.run(pager.layer, ({ ada, leftovers }) =>
      Effect.gen(function* () {
        const card = yield* Effect.flatMap(ada.run(pager.fleet, {}), (turn) => turn.nextMessage)
        expect(card).toMatchObject({ content: "1. Elly", buttons: ["Next"] })
        const seen = []
        for (const label of ["Next", "Next", "Back"]) {
          yield* Effect.flatMap(ada.click(label), (turn) => turn.outcome)
          seen.push(...(yield* ada.sees).map(({ buttons, content }) => `${content} [${buttons.join()}]`))
        }
        // One message, changed three times.
        expect(seen).toEqual(["2. Mary [Back,Next]", "3. Ann [Back]", "2. Mary [Back,Next]"])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("can take longer than the token of its press lives", () => {
    const Slow = Route.declare("slow", { on: "button", deadline: "1 hour" })
    const slow = Route.handle(Slow, () => Effect.as(Effect.sleep("20 minutes"), Reply.text("Done at last.")))
    const show = Command.make("show", { description: "Shows the button" }, () =>
      Effect.map(Route.button(Slow, undefined, { label: "Go" }), (go) =>
        Reply.make({ content: "Slowly?", components: [{ type: 1, components: [go] }] }),
      ),
    )
    return Kit.run(Layer.mergeAll(Route.layer(slow), Command.layer(show)), ({ ada, clock }) =>
      Effect.gen(function* () {
        yield* Effect.flatMap(ada.run(show, {}), (turn) => turn.outcome)
        const turn = yield* ada.click("Go")
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("Completed")
        expect((yield* ada.sees).at(-1)?.content).toBe(`<@${ada.actor.user.id}> Done at last.`)
      }),
    )
  })

  it.effect("can lead to another that leads back", () => {
    const On = Route.declare("on", { on: "button", state: CustomId.integer() })
    const Off = Route.declare("off", { on: "button" })
    const on = Route.handle(On, (n) =>
      Effect.map(Route.button(Off, undefined, { label: "Off" }), ({ custom_id }) =>
        Reply.text(`${n} ${custom_id}`),
      ),
    )
    const off = Route.handle(Off, () =>
      Effect.map(Route.button(On, 1, { label: "On" }), ({ custom_id }) => Reply.text(custom_id)),
    )
    return Kit.run(Route.layer(on, off), () =>
      Effect.gen(function* () {
        // By the declaration or by the route, it is the same.
        expect(yield* Route.customId(On, 7)).toBe(yield* Route.customId(on, 7))
      }),
    )
  })
})
