import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { State } from "../../src/sandbox/world/Interactions.js"
import * as Program from "./Program.js"

let bin = ""

beforeAll(async () => {
  const built = await Program.parrot("shutdown")
  bin = built.bin
  return built.remove
})

const texts = (state: State): ReadonlyArray<string> =>
  state._tag === "Responded" ? state.messages.map(({ content }) => content) : [`(${state._tag})`]

/** How a command of each kind may end once the bot was asked to stop, by whether its work is done within the grace. */
const STOPPED = /^I am being restarted/u
const outcomeOf: Readonly<Record<string, (inTime: boolean) => RegExp>> = {
  work: (inTime) => (inTime ? /^Worked \d+$/u : STOPPED),
  shows: (inTime) => (inTime ? /^Worked \d+$/u : STOPPED),
  asks: () => STOPPED,
  fails: (inTime) => (inTime ? /^It cannot be done\.$/u : STOPPED),
  dies: (inTime) => (inTime ? /^Something in me broke/u : STOPPED),
  clings: (inTime) => (inTime ? /^Worked \d+$/u : STOPPED),
}

describe("SIGTERM", () => {
  it.live(
    "with 50 commands in flight: each has exactly one visible outcome, and the process ends with 0",
    () =>
      Effect.gen(function* () {
        const { env, sandbox } = yield* Program.discord()
        expect((yield* Program.run(["deploy"], { env, bin })).code).toBe(0)
        const program = yield* Program.start([], {
          env: { ...env, BOSUN_GRACE: "2 seconds" },
          bin,
          input: null,
        })
        yield* program.said("Connected to")
        const ada = yield* sandbox.actor("ada")
        const kinds = Object.keys(outcomeOf)
        const calls = Array.from({ length: 50 }, (_, at) => ({
          how: kinds[at % kinds.length]!,
          // Under the grace by far, or over it by far.
          millis: at % 4 === 0 ? 60_000 : 500 + at,
        })).map((call) => (call.how === "clings" && call.millis > 2_000 ? { ...call, millis: 4_000 } : call))
        const turns = yield* Effect.forEach(calls, (call) =>
          Effect.map(ada.slash("general", "work", call), (turn) => ({ ...call, turn })),
        )
        yield* program.signal("SIGTERM")
        yield* program.said("new commands done")
        const late = yield* Effect.either(ada.slash("general", "work", { how: "work", millis: 1 }))
        expect(yield* program.code).toBe(0)
        for (const { how, millis, turn } of turns) {
          const shown = texts(turn.state())
          const expected = outcomeOf[how]!(millis < 2_000)
          expect(
            shown.filter((text) => expected.test(text)),
            `${how} ${millis}: ${JSON.stringify(shown)}`,
          ).toHaveLength(1)
          expect(
            shown.filter((text) =>
              /^Worked|cannot be done|Something in me broke|^I am being restarted/iu.test(text),
            ),
          ).toHaveLength(1)
        }
        if (late._tag === "Right") expect(texts(late.right.state()).join()).toMatch(STOPPED)
        expect(program.stderr()).toMatch(/Shutdown: running tasks done in \d+ ms/u)
      }).pipe(Effect.scoped),
    30_000,
  )
})
