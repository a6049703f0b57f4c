/**
 * `bosun sandbox`: a local Discord without a bot, for any client of any library, with its page.
 *
 * @module
 */
import { Effect } from "effect"
import type { Plan } from "../sandbox/fault/Plan.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import type * as Server from "../sandbox/Server.js"
import * as Harbour from "./Harbour.js"
import type { Screen } from "./Screen.js"

export interface Options {
  /** 0 takes any free one; undefined the usual one, where it is free. */
  readonly port: number | undefined
  readonly faults: Plan | undefined
  readonly screen: Screen
}

/** Serves until interrupted. Prints the REST base to standard output, for scripts to read. */
export const run = ({ faults, port, screen }: Options): Effect.Effect<never, Server.ServerError> =>
  Effect.gen(function* () {
    // A bot in another process has its own time: this one cannot be moved.
    const { origin, url } = yield* Harbour.open({ port, faults })
    screen.out(url)
    screen.err(
      `The sandbox listens; its page is ${origin}. Point a bot at it with DISCORD_API_URL=${url} and any DISCORD_TOKEN; Ctrl-C ends it.`,
    )
    return yield* Effect.never
  }).pipe(Effect.scoped, Effect.provide(Sandbox.layer(Harbour.sandbox)))
