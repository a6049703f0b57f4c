/** A sandbox with a bare client in virtual time. */
import { Effect, type Scope } from "effect"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

/** Runs in virtual time and gives the result. */
export const run = <A, E>(
  effect: Effect.Effect<A, E, Sandbox | Scope.Scope>,
  options?: SandboxModule.Options,
): A => {
  const { exit } = VirtualClock.runSync(Effect.scoped(Effect.provide(effect, SandboxModule.layer(options))))
  if (exit._tag === "Failure") throw new Error(String(exit.cause))
  return exit.value
}

/** A client that has identified, somebody, and where they write. */
export const connected = (checks: Parameters<typeof InProcess.connect>[2] = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const connection = InProcess.connect(sandbox, undefined, checks)
    InProcess.identify(connection)
    yield* InProcess.settle
    const ada = yield* sandbox.actor("ada")
    const general = [...sandbox.world.channels.values()].find(({ name }) => name === "general")?.id ?? ""
    return { sandbox, connection, ada, general }
  })
