/**
 * How often a command may be used: a window that slides with the time.
 *
 * For each key (a user, a channel, …) the times of its uses within the window are kept, `uses` of them at most.
 * A key whose last use has left the window is forgotten, so there are never more keys than callers within one
 * window. A use counts from the moment it is let through; at the very moment that the window ends, the next one
 * is.
 *
 * Drawback: what is kept is this process's, and a restart lets everyone through again.
 *
 * @module
 */
import { Effect, Exit } from "effect"
import { OnCooldown } from "../CommandError.js"
import * as Per from "./Per.js"
import type { Site, Stage } from "../Stages.js"

export interface Settings {
  readonly per: Per.Per
  /** Milliseconds. */
  readonly window: number
  /** How many uses a window may have. */
  readonly uses: number
  readonly clearOnFailure: boolean
}

/** The uses of all keys. Times are epoch milliseconds. */
export interface Cooldown {
  /** Counts a use and returns undefined, or returns when the next one may be. */
  readonly take: (key: string, now: number) => number | undefined
  /** Takes back a use that was counted at the given time. */
  readonly giveBack: (key: string, at: number) => void
  /** How many keys are kept. */
  readonly size: () => number
}

export const make = ({ uses, window }: Pick<Settings, "uses" | "window">): Cooldown => {
  /** Those used last come last. */
  const byKey = new Map<string, Array<number>>()

  const forget = (now: number): void => {
    for (const [key, times] of byKey) {
      if ((times.at(-1) ?? -Infinity) + window > now) return
      byKey.delete(key)
    }
  }
  return {
    take: (key, now) => {
      forget(now)
      const times = byKey.get(key) ?? []
      while (times[0] !== undefined && times[0] + window <= now) times.shift()
      if (times[0] !== undefined && times.length >= uses) return times[0] + window
      times.push(now)
      byKey.delete(key)
      byKey.set(key, times)
      return undefined
    },
    giveBack: (key, at) => {
      const times = byKey.get(key)
      const index = times?.lastIndexOf(at) ?? -1
      if (times === undefined || index < 0) return
      times.splice(index, 1)
      if (times.length === 0) byKey.delete(key)
    },
    size: () => byKey.size,
  }
}

/** Turns calls away that come too often. A use whose handler never began is none. */
export const stage = ({ command, metrics, timers }: Site, settings: Settings): Stage => {
  const { clearOnFailure, per } = settings
  const cooldown = make(settings)
  return (call, next) =>
    Effect.suspend(() => {
      const now = timers.now()
      const key = Per.keyOf(per, call.passage.interaction)
      const until = cooldown.take(key, now)
      if (until !== undefined) {
        metrics.refused("cooldown")
        return Effect.fail(new OnCooldown({ command, per, retryAfter: until - now, until }))
      }
      return Effect.onExit(next, (exit) =>
        Effect.sync(() => {
          if (!call.began || (clearOnFailure && Exit.isFailure(exit))) cooldown.giveBack(key, now)
        }),
      )
    })
}
