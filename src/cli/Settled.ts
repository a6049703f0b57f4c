/**
 * Whether the bot is done with what it was given: nothing is on its way in either direction, and no task runs
 * that does not wait for a person.
 *
 * A "thinking…" that stands while its command asks somebody something is settled too: only an answer goes on
 * with it.
 *
 * @module
 */
import { Effect } from "effect"
import { Client } from "../discord/Client.js"
import { Rest } from "../rest/Rest.js"
import type { Sandbox } from "../sandbox/Sandbox.js"
import { Supervisor } from "../supervise/Supervisor.js"

/** How often it is looked at again while the bot is busy. */
const INTERVAL = "2 millis"

/** Completes when the bot has settled. A bot that never does is waited for without end; interruption is safe. */
export const wait = (sandbox: Sandbox): Effect.Effect<void, never, Client | Rest | Supervisor> =>
  Effect.gen(function* () {
    const client = yield* Client
    const rest = yield* Rest
    const supervisor = yield* Supervisor
    const received = (): boolean => {
      const sessions = sandbox.sessions()
      return client
        .shards()
        .every(({ sequence, sessionId }) =>
          sessions.some((session) => session.id === sessionId && session.sequence <= sequence),
        )
    }
    const settled = (waiting: boolean): boolean =>
      rest.inFlight() === 0 &&
      supervisor.busy() === 0 &&
      sandbox.pendingRequests() === 0 &&
      !awaited(sandbox, waiting) &&
      received()
    // Quiet for one moment can be the pause between a frame and what it starts, or an answer and who waits for it.
    let quiet = 0
    while (quiet < 3) {
      const roster = yield* supervisor.roster
      quiet = settled(roster.some(({ state }) => state === "waiting")) ? quiet + 1 : 0
      yield* quiet === 0 ? Effect.sleep(INTERVAL) : Effect.yieldNow()
    }
  })

/** Whether somebody's screen is about to change; `waiting`: whether the bot waits for a person. */
export const awaited = (sandbox: Sandbox, waiting: boolean): boolean =>
  sandbox.unansweredInteractions() > (waiting ? sandbox.deferredInteractions() : 0)
