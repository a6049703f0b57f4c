/**
 * How many calls of a command run at a time.
 *
 * For each key (a user, a channel, …) there are `limit` places, handed on strictly in the order of arrival: a
 * place goes from hand to hand, and no newcomer overtakes who waits. Who is interrupted while waiting leaves the
 * queue; who is interrupted in the moment of being handed a place passes it on. A place is free once what its
 * call has acquired is released. A key that nobody uses is forgotten.
 *
 * With `replace` the oldest call is told to end, and the new one begins when it really has ended: a handler that
 * cannot be interrupted keeps its successor waiting.
 *
 * @module
 */
import { Effect } from "effect"
import type { Timer } from "../../supervise/Timers.js"
import { TooManyCalls } from "../CommandError.js"
import * as Per from "./Per.js"
import type { Site, Stage } from "../Stages.js"

export interface Settings {
  readonly per: Per.Per
  /** How many may run at a time. */
  readonly limit: number
  /** What becomes of one more. */
  readonly full: Full
}

export type Full =
  | { readonly _tag: "Reject" }
  | { readonly _tag: "Replace" }
  | {
      readonly _tag: "Queue"
      /** How many may wait. */
      readonly size: number
      /** Milliseconds that each may wait; undefined: until the command's deadline. */
      readonly within: number | undefined
    }

/** One call's claim to a place. */
interface Ticket {
  /** Whether it was told to end. */
  replaced: boolean
  timer: Timer | undefined
  /** Where it waits or runs; undefined before it has entered. */
  places: Places | undefined
  readonly replace: () => void
  /** How the waiting ended; undefined while it goes on. */
  verdict: Effect.Effect<void, TooManyCalls> | undefined
  resume: ((verdict: Effect.Effect<void, TooManyCalls>) => void) | undefined
}

/** Who runs and who waits for one key, each in the order of arrival. */
interface Places {
  readonly holding: Set<Ticket>
  readonly waiting: Set<Ticket>
}

/** Lets `limit` calls through at a time. */
export const stage = (site: Site, { full, limit, per }: Settings): Stage => {
  const { command, metrics, patience, timers } = site
  const byKey = new Map<string, Places>()

  const refuse = (reason: TooManyCalls["reason"]): TooManyCalls => {
    metrics.refused("concurrency")
    return new TooManyCalls({ command, per, reason })
  }
  const settle = (places: Places, ticket: Ticket, verdict: Effect.Effect<void, TooManyCalls>): void => {
    places.waiting.delete(ticket)
    ticket.timer?.cancel()
    ticket.verdict = verdict
    ticket.resume?.(verdict)
  }

  /** Tells the oldest to end until there will be a place for one more. */
  const replaceOldest = (places: Places): void => {
    const staying = [...places.holding, ...places.waiting].filter(({ replaced }) => !replaced)
    for (const former of staying.slice(0, Math.max(0, staying.length - limit + 1))) {
      former.replaced = true
      former.replace()
    }
  }

  const enter = (key: string, ticket: Ticket): Effect.Effect<void, TooManyCalls> =>
    Effect.suspend(() => {
      const places = byKey.get(key) ?? { holding: new Set(), waiting: new Set() }
      byKey.set(key, places)
      ticket.places = places
      if (full._tag === "Replace") replaceOldest(places)
      if (places.holding.size < limit && places.waiting.size === 0) {
        places.holding.add(ticket)
        return Effect.void
      }
      if (full._tag === "Reject") return Effect.fail(refuse("running"))
      if (full._tag === "Queue" && places.waiting.size >= full.size) return Effect.fail(refuse("queued"))
      // In the queue at once: between two steps of this fiber somebody else may leave.
      places.waiting.add(ticket)
      const since = timers.now()
      if (full._tag === "Queue" && full.within !== undefined) {
        ticket.timer = patience.after(full.within, () =>
          settle(places, ticket, Effect.fail(refuse("waited"))),
        )
      }
      const waited = Effect.async<void, TooManyCalls>((resume) => {
        if (ticket.verdict === undefined) ticket.resume = resume
        else resume(ticket.verdict)
      })
      return Effect.tap(waited, () => Effect.sync(() => metrics.queued(timers.now() - since)))
    })

  const leave = (key: string, ticket: Ticket): void => {
    const { places, timer } = ticket
    timer?.cancel()
    if (places === undefined) return
    places.waiting.delete(ticket)
    if (places.holding.delete(ticket)) {
      for (const next of places.waiting) {
        places.holding.add(next)
        settle(places, next, Effect.void)
        break
      }
    }
    // Forgotten already, the key may be somebody else's by now.
    if (places.holding.size === 0 && places.waiting.size === 0 && byKey.get(key) === places) byKey.delete(key)
  }

  return (call, next) =>
    Effect.suspend(() => {
      const { interaction, replace } = call.passage
      const key = Per.keyOf(per, interaction)
      const ticket: Ticket = {
        replaced: false,
        timer: undefined,
        places: undefined,
        replace,
        verdict: undefined,
        resume: undefined,
      }
      // One finalizer for every way out: waiting, holding, and the moment between them.
      return Effect.ensuring(
        Effect.zipRight(enter(key, ticket), Effect.scoped(next)),
        Effect.sync(() => leave(key, ticket)),
      )
    })
}
