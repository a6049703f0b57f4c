import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Deploy from "../../src/command/Deploy.js"
import { layerMemory } from "../../src/features/tryouts/Store.js"
import * as Tryouts from "../../src/features/tryouts/Tryouts.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Harbour from "../bot/Harbour.js"
import * as Field from "./Field.js"

describe("a try-out over sockets", () => {
  it.live("serves two members at once", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      const sandbox = yield* Sandbox.Sandbox
      const ada = yield* Field.person(sandbox, "ada")
      const people = yield* Effect.all([Field.person(sandbox, "cleo"), Field.person(sandbox, "dan")])
      yield* ada.run("tryout open", Field.keepers)
      yield* Effect.forEach(
        people,
        (one) =>
          Effect.gen(function* () {
            expect(yield* one.run("tryout apply")).toContain("Let us go on in")
            yield* Field.send(one, Field.threadOf(one))
            yield* one.sees(Field.threadOf(one), "is sent")
            yield* ada.press("tryouts", one.mention, "Approve")
            yield* one.sees("dm", "was approved")
          }),
        { concurrency: "unbounded" },
      )
      for (const { mention } of people)
        yield* ada.actor.message("tryouts", (one) => {
          const text = Field.textOf(one)
          return text.includes(mention) && text.includes("**Approved**") && !Field.isLive(one)
        })
    }).pipe(Effect.provide(Harbour.overSockets(Tryouts.layer.pipe(Layer.provide(layerMemory))))),
  )
})
