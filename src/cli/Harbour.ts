/**
 * The sandbox as the command line opens it: on its usual port, with its page, and with faults where they are asked
 * for.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import type { Plan } from "../sandbox/fault/Plan.js"
import type { MovableClock } from "../sandbox/MovableClock.js"
import * as Page from "../sandbox/page/Page.js"
import type * as Protocol from "../sandbox/page/Protocol.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import * as Server from "../sandbox/Server.js"

export interface Options {
  /** 0 takes any free one; undefined `PORT`, or any where that is taken. */
  readonly port: number | undefined
  readonly faults: Plan | undefined
  /** The sandbox's clock, where it can be moved. */
  readonly clock?: MovableClock
  /** Other pages beside the chat; whoever opens the page sees those that are in it by then. */
  readonly panels?: ReadonlyArray<Protocol.Panel>
}

export interface Opened extends Server.Server {
  /** Of the page: `http://127.0.0.1:4780`. */
  readonly origin: string
}

/** The same each time, so that a page that is open finds the sandbox again. */
export const PORT = 4780

/** What the page shows of the traffic. */
export const sandbox: Sandbox.Options = { transcript: 500 }

/** Serves until the scope ends. */
export const open = ({
  clock,
  faults,
  panels = [],
  port,
}: Options): Effect.Effect<Opened, Server.ServerError, Sandbox.Sandbox | Scope.Scope> =>
  Effect.gen(function* () {
    const { faults: control } = yield* Sandbox.Sandbox
    const page = yield* Page.make({ panels, ...(clock === undefined ? {} : { clock }) })
    const serve = (at: number) => Server.make({ port: at, page: page.handle })
    const server = yield* port === undefined
      ? Effect.catchTag(serve(PORT), "ServerError", (error) =>
          error.reason === "PortInUse" ? serve(0) : error,
        )
      : serve(port)
    yield* Effect.addFinalizer(() => page.farewell)
    if (faults !== undefined) control.follow(faults)
    return { ...server, origin: `http://127.0.0.1:${server.port}` }
  })
