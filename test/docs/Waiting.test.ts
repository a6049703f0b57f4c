import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as waiting from "../../docs/examples/waiting.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

/** What ada sees of a command while others say things in the channel, each so long after the one before. */
const talk = async (
  command: string,
  said: ReadonlyArray<{ readonly by: string; readonly text: string; readonly after: number }> = [],
): Promise<ReadonlyArray<string>> => {
  const { exit } = await VirtualClock.run(
    Effect.gen(function* () {
      yield* Deploy.apply()
      const sandbox = yield* Sandbox.Sandbox
      const ada = yield* sandbox.actor("ada")
      const turn = yield* ada.slash("general", command, {})
      for (const { after, by, text } of said) {
        yield* Effect.sleep(after)
        yield* Effect.flatMap(sandbox.actor(by), (actor) => actor.say("general", text))
      }
      const supervisor = yield* Supervisor.Supervisor
      yield* Effect.repeat(Effect.sleep("1 second"), {
        until: () => supervisor.busy() === 0 && sandbox.unansweredInteractions() === 0,
      })
      yield* Effect.sleep("15 minutes")
      const state = yield* turn.settled
      expect(yield* supervisor.roster).toEqual([])
      return state._tag === "Responded" ? state.messages.map(({ content }) => content) : [state._tag]
    }).pipe(Effect.provide(Harbour.inProcess(waiting.layer))),
  )
  if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
  return exit.value
}

describe("the examples of waiting", () => {
  it("hail: takes the caller's own answer", async () => {
    const shown = await talk("hail", [
      { by: "cleo", text: "Mary", after: 2_000 },
      { by: "ada", text: "Elly", after: 2_000 },
    ])
    expect(shown).toEqual(["What is your boat called?", "Welcome, Elly."])
  })

  it("hail: says so where no answer comes", async () => {
    expect(await talk("hail")).toEqual([
      "What is your boat called?",
      "That took too long, so I stopped waiting.",
    ])
  })

  it("moor: the first has it, and nobody is an answer too", async () => {
    const shown = await talk("moor", [
      { by: "dan", text: "not I", after: 1_000 },
      { by: "cleo", text: "Me", after: 1_000 },
      { by: "dan", text: "me", after: 1_000 },
    ])
    expect(shown.at(-1)).toBe("cleo has the line.")
    expect((await talk("moor")).at(-1)).toBe("Nobody took the line.")
  })

  it("crew: gathers two", async () => {
    const shown = await talk("crew", [
      { by: "dan", text: "aye", after: 1_000 },
      { by: "dan", text: "aye", after: 1_000 },
      { by: "cleo", text: "aye", after: 60_000 },
    ])
    expect(shown.at(-1)).toBe("Aboard: dan, cleo.")
  })
})
