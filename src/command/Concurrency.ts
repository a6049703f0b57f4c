/**
 * How many calls of a command run at a time.
 *
 * For each key (a user, a channel, …) there are `limit` places, handed on strictly in the order of arrival: a
 * place goes from hand to hand, and no newcomer overtakes who waits. Who is interrupted while waiting leaves the
 * queue; who is interrupted in the moment of being handed a place passes it on. A key that nobody uses is
 * forgotten.
 *
 * With `replace` the oldest call is told to end, and the new one begins when it really has ended: a handler that
 * cannot be interrupted keeps its successor waiting.
 *
 * @module
 */
import { Effect } from "effect"
import type { Timer } from "../supervise/Timers.js"
import { TooManyCalls } from "./CommandError.js"
import * as Per from "./Per.js"
import type { Site, Stage } from "./Stages.js"

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
  state: "new" | "waiting" | "holding" | "over"
  /** Whether it was told to end. */
  replaced: boolean
  timer: Timer | undefined
  readonly replace: () => void
  wake: () => void
}

/** Who runs and who waits for one key, each in the order of arrival. */
interface Places {
  readonly holding: Set<Ticket>
  readonly waiting: Set<Ticket>
}

/** Lets `limit` calls through at a time. */
export const stage = (site: Site, { full, limit, per }: Settings): Stage => {
  const { command, metrics, timers } = site
  const byKey = new Map<string, Places>()
  const patience = timers.lane()

  const refuse = (reason: TooManyCalls["reason"]): TooManyCalls => {
    metrics.refused("concurrency")
    return new TooManyCalls({ command, per, reason })
  }
  const hold = (places: Places, ticket: Ticket): void => {
    ticket.state = "holding"
    places.holding.add(ticket)
  }

  /** Tells the oldest to end until there will be a place for one more. */
  const replaceOldest = (places: Places): void => {
    const staying = [...places.holding, ...places.waiting].filter(({ replaced }) => !replaced)
    for (const former of staying.slice(0, Math.max(0, staying.length - limit + 1))) {
      former.replaced = true
      former.replace()
    }
  }

  const enter = (places: Places, ticket: Ticket): Effect.Effect<void, TooManyCalls> =>
    Effect.suspend(() => {
      if (full._tag === "Replace") replaceOldest(places)
      if (places.holding.size < limit && places.waiting.size === 0) {
        hold(places, ticket)
        return Effect.void
      }
      if (full._tag === "Reject") return Effect.fail(refuse("running"))
      if (full._tag === "Queue" && places.waiting.size >= full.size) return Effect.fail(refuse("queued"))
      const since = timers.now()
      return Effect.async<void, TooManyCalls>((resume) => {
        ticket.state = "waiting"
        places.waiting.add(ticket)
        ticket.wake = () => {
          metrics.queued(timers.now() - since)
          resume(Effect.void)
        }
        if (full._tag !== "Queue" || full.within === undefined) return
        ticket.timer = patience.after(full.within, () => {
          if (ticket.state !== "waiting") return
          places.waiting.delete(ticket)
          ticket.state = "over"
          resume(Effect.fail(refuse("waited")))
        })
      })
    })

  const leave = (key: string, places: Places, ticket: Ticket): void => {
    ticket.timer?.cancel()
    ticket.state = "over"
    places.waiting.delete(ticket)
    if (places.holding.delete(ticket)) {
      for (const next of places.waiting) {
        places.waiting.delete(next)
        next.timer?.cancel()
        hold(places, next)
        next.wake()
        break
      }
    }
    if (places.holding.size === 0 && places.waiting.size === 0) byKey.delete(key)
  }

  return (call, next) =>
    Effect.suspend(() => {
      const { interaction, replace } = call.passage
      const key = Per.keyOf(per, interaction)
      const places = byKey.get(key) ?? { holding: new Set(), waiting: new Set() }
      byKey.set(key, places)
      const ticket: Ticket = { state: "new", replaced: false, timer: undefined, replace, wake: () => {} }
      // One finalizer for every way out: waiting, holding, and the moment between them.
      return Effect.ensuring(
        Effect.zipRight(enter(places, ticket), next),
        Effect.sync(() => leave(key, places, ticket)),
      )
    })
}
