import { createServer } from "node:http"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as resources from "../../docs/examples/resources.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Harbour from "../bot/Harbour.js"

/** A tide office: it knows one harbour, and makes no sense of another. */
const office = Effect.gen(function* () {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === "/tides/Nowhere" ? 404 : 200, { "content-type": "application/json" })
    response.end(url === "/tides/Kiel" ? '{"metres":1.5}' : '{"feet":3}')
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
})

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bosun-docs-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
)

const settled = (name: string, command: string, values: Record<string, string | number>) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const actor = yield* sandbox.actor(name)
    const turn = yield* actor.slash("general", command, values)
    const state = yield* turn.settled
    return state._tag === "Responded" ? state.messages.map(({ content }) => content).join("\n") : state._tag
  })

describe("the resources page", () => {
  it.live("keeps purses over a restart, and asks the tide office", () =>
    Effect.gen(function* () {
      const data = yield* folder
      const tideUrl = yield* office
      const layer = () => Harbour.overSockets(resources.layer({ data, tideUrl }))
      yield* Effect.gen(function* () {
        yield* Deploy.apply()
        expect(
          yield* Effect.all(
            [settled("cleo", "spend", { coins: 3 }), settled("cleo", "spend", { coins: 4 })],
            {
              concurrency: 2,
            },
          ),
        ).toContain("3 coins left.")
        expect(yield* settled("cleo", "tide", { harbour: "Kiel" })).toBe("Kiel: 1.5 m")
        expect(yield* settled("cleo", "tide", { harbour: "Atlantis" })).toBe("The tide office made no sense.")
        expect(yield* settled("cleo", "tide", { harbour: "Nowhere" })).toBe(
          "the tide office answered with an error (404).",
        )
      }).pipe(Effect.provide(layer()))
      yield* Effect.gen(function* () {
        yield* Deploy.apply()
        expect(yield* settled("cleo", "spend", { coins: 4 })).toBe("You have only 3.")
      }).pipe(Effect.provide(layer()))
    }).pipe(Effect.scoped),
  )
})
