import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Settled from "../../src/cli/Settled.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "../sandbox/InProcess.js"

describe("Settled", () => {
  it.scoped("does not wait for a thinking… whose command asks somebody, but for every other", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const connection = InProcess.connect(sandbox)
      InProcess.identify(connection)
      yield* InProcess.call(sandbox, "PUT", `/applications/${sandbox.world.bot.id}/commands`, [
        { name: "apply", description: "Applies" },
      ])
      const ada = yield* sandbox.actor("ada")
      const awaited = () => [false, true].map((waiting) => Settled.awaited(sandbox, waiting))
      const respond = Effect.fnUntraced(function* (type: number, data: unknown) {
        const { id, token } = connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d ?? {}
        const path = `/interactions/${String(id)}/${String(token)}/callback`
        expect((yield* InProcess.call(sandbox, "POST", path, { type, data })).status).toBe(204)
      })
      expect(awaited()).toEqual([false, false])
      yield* ada.slash("general", "apply")
      yield* InProcess.settle
      expect(awaited()).toEqual([true, true])
      yield* respond(5, {})
      expect(awaited()).toEqual([true, false])
      yield* ada.slash("general", "apply")
      yield* InProcess.settle
      expect(awaited()).toEqual([true, true])
      yield* respond(4, { content: "done" })
      expect(awaited()).toEqual([true, false])
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )
})
