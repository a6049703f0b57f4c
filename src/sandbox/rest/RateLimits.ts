/**
 * Rate limits as Discord states them: a bucket for each route and major parameter, and one global limit.
 *
 * Windows are fixed: the first request of a window starts it. What is over the limit is refused with 429 and
 * the seconds to wait, and does not count.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Json } from "../model/Model.js"
import type { Match } from "./Route.js"

/** What a request meets. */
export interface Verdict {
  readonly headers: Readonly<Record<string, string>>
  /** The body of a 429, where the request is refused. */
  readonly refused?: Json
}

interface Window {
  readonly name: string
  startedAt: number
  count: number
}

/** Discord: 50 requests a second for one bot. */
const globalLimit = { count: 50, millis: 1_000 }
/** Windows that are over are swept when there are this many. */
const sweepAt = 4_096

export class RateLimits {
  private readonly windows = new Map<string, Window>()
  private readonly names = new Map<string, string>()
  private global = { startedAt: 0, count: 0 }

  /** Counts one request. `now` is in milliseconds since 1970. */
  take({ params, route }: Match, now: number): Verdict {
    const { count, millis } = route.limit
    if (route.global) {
      if (now - this.global.startedAt >= globalLimit.millis) this.global = { startedAt: now, count: 0 }
      if (this.global.count >= globalLimit.count) {
        return refuse(
          this.global.startedAt + globalLimit.millis - now,
          { "x-ratelimit-global": "true", "x-ratelimit-scope": "global" },
          true,
        )
      }
      this.global.count++
    }
    if (count === Number.POSITIVE_INFINITY) return { headers: {} }
    const major = params["channel"] ?? params["guild"] ?? params["token"] ?? ""
    const key = `${route.method} ${route.pattern} ${major}`
    let window = this.windows.get(key)
    if (window === undefined || now - window.startedAt >= millis) {
      if (this.windows.size >= sweepAt) this.sweep(now)
      window = { name: this.name(`${route.method} ${route.pattern}`), startedAt: now, count: 0 }
      this.windows.set(key, window)
    }
    const left = window.startedAt + millis - now
    const refused = window.count >= count
    if (!refused) window.count++
    const headers = {
      "x-ratelimit-limit": String(count),
      "x-ratelimit-remaining": String(count - window.count),
      "x-ratelimit-reset": ((window.startedAt + millis) / 1000).toFixed(3),
      "x-ratelimit-reset-after": (left / 1000).toFixed(3),
      "x-ratelimit-bucket": window.name,
    }
    return refused ? refuse(left, { ...headers, "x-ratelimit-scope": "user" }, false) : { headers }
  }

  private name(route: string): string {
    const known = this.names.get(route)
    if (known !== undefined) return known
    const made = createHash("sha256").update(route).digest("hex").slice(0, 32)
    this.names.set(route, made)
    return made
  }

  private sweep(now: number): void {
    // No window is longer than a minute.
    for (const [key, window] of this.windows) if (now - window.startedAt > 60_000) this.windows.delete(key)
  }
}

const refuse = (millis: number, headers: Record<string, string>, global: boolean): Verdict => ({
  headers: { ...headers, "retry-after": String(Math.max(1, Math.ceil(millis / 1000))) },
  refused: { message: "You are being rate limited.", retry_after: Math.max(1, millis) / 1000, global },
})
