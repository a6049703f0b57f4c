/**
 * Rate limits as Discord states them: a bucket for each route and top-level resource, one global limit, and the
 * ban that too many invalid requests earn.
 *
 * Windows are fixed: the first request of a window starts it. What is over the limit is refused with 429 and
 * the seconds to wait, and does not count. Some routes share a bucket (reactions), one has several (deleting a
 * message, by its age), and a change of a channel's name or topic has a limit of its own inside of its bucket,
 * which no header tells beforehand.
 *
 * Source: Discord Developer Docs, "Rate Limits"; numbers that it does not tell are those that clients observe.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { isObject } from "../form/Form.js"
import * as Snowflake from "../model/Snowflake.js"
import type { Json } from "../model/Model.js"
import type { Limit, Match } from "./Route.js"

export interface Options {
  /** Requests of one bot. Default 50 in a second, as Discord's. */
  readonly global?: Limit
  /** Answers of 401, 403 and 429 after which everything is refused until the window ends. Default 10,000 in 10 minutes. */
  readonly invalid?: Limit
  /** Limits of routes, by method and pattern: `POST /channels/:channel/messages`. */
  readonly routes?: Readonly<Record<string, Limit>>
  /** Changes of one channel's name or topic. Default 2 in 10 minutes, as Discord's. */
  readonly channelName?: Limit
}

/** What a request meets. */
export interface Verdict {
  readonly headers: Readonly<Record<string, string>>
  /** The body of a 429, where the request is refused. */
  readonly refused?: Json
}

interface Window {
  startedAt: number
  count: number
  readonly millis: number
}

/** What requests of a route have in common. */
export interface Bucket {
  /** Told in `X-RateLimit-Bucket`, without the top-level resource. */
  readonly name: string
  readonly limit: Limit
}

/** Windows that are over are swept when there are so many. */
const sweepAt = 4_096

/** Discord: adding and removing reactions. */
const reactions = { key: "reactions", limit: { count: 1, millis: 250 } }
const pins = { key: "pins", limit: { count: 5, millis: 4_000 } }

/** Routes that share a bucket. */
const shared: ReadonlyArray<readonly [RegExp, { readonly key: string; readonly limit: Limit }]> = [
  [/^(?:PUT|DELETE) \/channels\/:\w+\/messages\/:\w+\/reactions\//u, reactions],
  [/^(?:PUT|DELETE) \/channels\/:\w+(?:\/messages)?\/pins\//u, pins],
]

/** Deleting a message costs more where it is very new or older than two weeks. */
const deletion = /^DELETE \/channels\/:\w+\/messages\/:message$/u
const fresh = { key: "delete fresh", limit: { count: 3, millis: 1_000 }, below: 10_000 }
const ancient = { key: "delete ancient", limit: { count: 30, millis: 120_000 }, above: 14 * 86_400_000 }

export class RateLimits {
  private readonly windows = new Map<string, Window>()
  private readonly buckets = new Map<string, Bucket>()
  private readonly routes: Readonly<Record<string, Limit>>
  private readonly globalLimit: Limit
  private readonly invalidLimit: Limit
  private readonly nameLimit: Limit
  private global: Window
  private invalid: Window
  private sweepAt = sweepAt

  constructor(options: Options = {}) {
    this.routes = options.routes ?? {}
    this.globalLimit = options.global ?? { count: 50, millis: 1_000 }
    this.invalidLimit = options.invalid ?? { count: 10_000, millis: 600_000 }
    this.nameLimit = options.channelName ?? { count: 2, millis: 600_000 }
    this.global = open(this.globalLimit, 0)
    this.invalid = open(this.invalidLimit, 0)
  }

  /** Milliseconds for which every request is refused, whatever it is; 0 where none is. */
  banned(now: number): number {
    const { count, millis, startedAt } = this.invalid
    return count >= this.invalidLimit.count ? Math.max(0, startedAt + millis - now) : 0
  }

  /** Counts an answer, if it is one of those that earn the ban. */
  answered(status: number, scope: string | undefined, now: number): void {
    if ((status !== 401 && status !== 403 && status !== 429) || scope === "shared") return
    if (isOver(this.invalid, now)) this.invalid = open(this.invalidLimit, now)
    this.invalid.count++
  }

  /** Counts one request. `now` is in milliseconds since 1970. */
  take(match: Match, now: number): Verdict {
    if (match.route.global) {
      if (isOver(this.global, now)) this.global = open(this.globalLimit, now)
      if (this.global.count >= this.globalLimit.count) {
        return refuse(
          this.global.startedAt + this.global.millis - now,
          { "x-ratelimit-global": "true", "x-ratelimit-scope": "global" },
          true,
        )
      }
      this.global.count++
    }
    const bucket = this.bucket(match, now)
    if (bucket === undefined) return unlimited
    const { limit, name } = bucket
    const window = this.window(`${name} ${resource(match)}`, limit, now)
    const left = window.startedAt + limit.millis - now
    const refused = window.count >= limit.count
    if (!refused) window.count++
    const headers = {
      "x-ratelimit-limit": String(limit.count),
      "x-ratelimit-remaining": String(limit.count - window.count),
      "x-ratelimit-reset": ((window.startedAt + limit.millis) / 1000).toFixed(3),
      "x-ratelimit-reset-after": (left / 1000).toFixed(3),
      "x-ratelimit-bucket": name,
    }
    return refused ? refuse(left, { ...headers, "x-ratelimit-scope": "user" }, false) : { headers }
  }

  /** Counts what a body asks for, where that has a limit of its own. */
  takeBody({ params, route }: Match, body: unknown, now: number): Verdict {
    if (route.method !== "PATCH" || route.pattern !== "/channels/:channel" || !isObject(body))
      return unlimited
    if (body["name"] === undefined && body["topic"] === undefined) return unlimited
    const window = this.window(`name ${params["channel"] ?? ""}`, this.nameLimit, now)
    if (window.count >= this.nameLimit.count) {
      return refuse(window.startedAt + window.millis - now, { "x-ratelimit-scope": "shared" }, false)
    }
    window.count++
    return unlimited
  }

  private window(key: string, { millis }: Limit, now: number): Window {
    const known = this.windows.get(key)
    if (known !== undefined && !isOver(known, now)) return known
    if (this.windows.size >= this.sweepAt) this.sweep(now)
    const window = { startedAt: now, count: 0, millis }
    this.windows.set(key, window)
    return window
  }

  /** The bucket of a request; `undefined` where it has none. */
  bucket({ params, route }: Match, now: number): Bucket | undefined {
    if (route.limit.count === Number.POSITIVE_INFINITY) return undefined
    const key = `${route.method} ${route.pattern}`
    if (!deletion.test(key)) return this.named(key, route.limit)
    const age = now - made(params["message"] ?? "")
    if (age < fresh.below) return this.named(fresh.key, fresh.limit)
    return age > ancient.above ? this.named(ancient.key, ancient.limit) : this.named(key, route.limit)
  }

  private named(key: string, usual: Limit): Bucket {
    const known = this.buckets.get(key)
    if (known !== undefined) return known
    const common = shared.find(([pattern]) => pattern.test(key))?.[1]
    const made = {
      name: createHash("sha256")
        .update(common?.key ?? key)
        .digest("hex")
        .slice(0, 32),
      limit: this.routes[key] ?? common?.limit ?? usual,
    }
    this.buckets.set(key, made)
    return made
  }

  private sweep(now: number): void {
    for (const [key, window] of this.windows) if (isOver(window, now)) this.windows.delete(key)
    // As much again may come before it is worth another look.
    this.sweepAt = Math.max(sweepAt, 2 * this.windows.size)
  }
}

/** What is no id counts as made at the beginning of time. */
const made = (id: string): number => (Snowflake.is(id) ? Snowflake.timestamp(id) : 0)

const unlimited: Verdict = { headers: {} }

const open = ({ millis }: Limit, now: number): Window => ({ startedAt: now, count: 0, millis })

const isOver = ({ millis, startedAt }: Window, now: number): boolean => now - startedAt >= millis

/** Discord: channels, guilds, and webhooks with their tokens. */
const resource = ({ params, route }: Match): string => {
  const { pattern } = route
  if (pattern.startsWith("/channels/") || pattern.startsWith("/guilds/")) return first(params)
  return pattern.startsWith("/webhooks/") ? `${first(params)} ${params["token"] ?? ""}` : ""
}

const first = (params: Readonly<Record<string, string>>): string => {
  for (const name in params) return params[name] ?? ""
  return ""
}

const refuse = (millis: number, headers: Record<string, string>, global: boolean): Verdict => ({
  headers: { ...headers, "retry-after": String(Math.max(1, Math.ceil(millis / 1000))) },
  refused: { message: "You are being rate limited.", retry_after: Math.max(1, millis) / 1000, global },
})
