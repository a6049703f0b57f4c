/**
 * `bosun sandbox`: a local Discord without a bot, for any client of any library.
 *
 * @module
 */
import { Effect } from "effect"
import * as Sandbox from "../sandbox/Sandbox.js"
import * as Server from "../sandbox/Server.js"
import type { Screen } from "./Screen.js"

export interface Options {
  /** 0 takes any free one. */
  readonly port: number
  readonly screen: Screen
}

/** Serves until interrupted. Prints the REST base to standard output, for scripts to read. */
export const run = ({ port, screen }: Options): Effect.Effect<never, Server.ServerError> =>
  Effect.gen(function* () {
    const { url } = yield* Server.make({ port })
    screen.out(url)
    screen.err(
      `The sandbox listens. Point a bot at it with DISCORD_API_URL=${url} and any DISCORD_TOKEN; Ctrl-C ends it.`,
    )
    return yield* Effect.never
  }).pipe(Effect.scoped, Effect.provide(Sandbox.layer()))
