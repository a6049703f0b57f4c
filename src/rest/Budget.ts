/**
 * The count of invalid requests, which stops the bot before Discord bans its whole address.
 *
 * Discord (August 2026): 10,000 answers of 401, 403 or 429 within 10 minutes, per IP address, earn a
 * Cloudflare ban; a 429 whose scope is `shared` does not count. Once the margin is reached the budget stays
 * used up for as long as the process lives: whatever asked so often must be looked at by a person.
 *
 * @module
 */
import { Deferred, Effect, FiberId } from "effect"
import { InvalidRequestBudget } from "../DiscordError.js"

/** Discord: 10 minutes, in milliseconds. */
export const WINDOW = 600_000
/** Discord: invalid requests in one window that earn the ban. */
export const LIMIT = 10_000
/** Where Bosun stops by default. */
export const STOP_AT = 9_000

export interface Budget {
  /** Counts one answer. `now` in milliseconds, never decreasing. */
  readonly note: (status: number, scope: string | undefined, now: number) => void
  /** The error that every call must fail with, once the budget is used up. */
  readonly exceeded: () => InvalidRequestBudget | undefined
  /** Fails when the budget is used up; otherwise never ends. */
  readonly fatal: Effect.Effect<never, InvalidRequestBudget>
}

/** Makes a budget that stops at `stopAt` invalid requests within ten minutes. */
export const make = (stopAt: number = STOP_AT): Budget => {
  const tripped = Deferred.unsafeMake<never, InvalidRequestBudget>(FiberId.none)
  // A ring of the last `stopAt` times: the budget is used up when the oldest of them is still in the window.
  const times: Array<number> = []
  let next = 0
  let exceeded: InvalidRequestBudget | undefined
  return {
    note: (status, scope, now) => {
      if (exceeded !== undefined) return
      if (status !== 401 && status !== 403 && (status !== 429 || scope === "shared")) return
      times[next] = now
      next = (next + 1) % stopAt
      const oldest = times[next % times.length]
      if (times.length < stopAt || oldest === undefined || now - oldest >= WINDOW) return
      exceeded = new InvalidRequestBudget({ count: stopAt, limit: LIMIT })
      Deferred.unsafeDone(tripped, Effect.fail(exceeded))
    },
    exceeded: () => exceeded,
    fatal: Deferred.await(tripped),
  }
}
