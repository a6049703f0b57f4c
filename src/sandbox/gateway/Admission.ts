/**
 * Who may identify: the token, the intents, the shard, and how often.
 *
 * Discord lets a bot identify 1,000 times in 24 hours; beyond that every session ends. Within five seconds it
 * lets `max_concurrency` shards in, one for each remainder of their number by it; others are told op 9.
 *
 * Source: Discord Developer Docs, "Gateway", "Identifying", "Rate Limiting" and "Sharding".
 *
 * @module
 */
import { GatewayCloseCodes as Close } from "discord-api-types/v10"
import { isObject } from "../form/Form.js"
import type { Json } from "../model/Model.js"
import type { Refusal } from "./Connection.js"
import * as Intents from "./Intents.js"
import * as Presence from "./Presence.js"
import type { Identity } from "./Session.js"

export interface Options {
  /** The only token that is let in (without `Bot `). Default: any. */
  readonly token?: string
  /** Identifies in 24 hours. Discord: 1,000. */
  readonly identifyLimit?: number
  /** Shards that may identify within five seconds. Default 1, as Discord's for most bots. */
  readonly maxConcurrency?: number
  /** Whether too many identifies within five seconds are refused. Default true. */
  readonly rateLimits?: boolean
}

const day = 86_400_000
/** Discord: 5 seconds. */
const turn = 5_000

export class Admission {
  private readonly limit: number
  private readonly concurrency: number
  private identified = 0
  private identifiedSince = 0
  /** When each key identified last. */
  private readonly turns = new Map<number, number>()

  /** `now` in milliseconds. */
  constructor(
    private readonly options: Options,
    private readonly now: () => number,
  ) {
    this.limit = options.identifyLimit ?? 1_000
    this.concurrency = options.maxConcurrency ?? 1
  }

  /** `session_start_limit` of `/gateway/bot`. */
  get startLimit(): Json {
    const now = this.now()
    const running = now - this.identifiedSince < day
    return {
      total: this.limit,
      remaining: Math.max(0, this.limit - (running ? this.identified : 0)),
      reset_after: running ? this.identifiedSince + day - now : 0,
      max_concurrency: this.concurrency,
    }
  }

  /** Whether the token is let in. */
  admits(token: unknown): boolean {
    if (typeof token !== "string" || token === "") return false
    return this.options.token === undefined || token.replace(/^Bot /, "") === this.options.token
  }

  /**
   * Who identifies; why not; `wait` where it is not their turn; or `spent` where the bot has no identify left,
   * which ends every session. `forbidden` are the intents that the application may not ask for.
   */
  identify(data: Json, forbidden: number): Identity | Refusal | "wait" | "spent" {
    if (!this.admits(data["token"])) return failed
    const { intents, large_threshold: threshold = 50, presence, properties } = data
    if (typeof intents !== "number" || !Number.isInteger(intents) || (intents & ~Intents.known) !== 0) {
      return { close: Close.InvalidIntents, reason: "Invalid intent(s)." }
    }
    if (!isObject(properties) || !isThreshold(threshold)) return garbled
    if (presence !== undefined && presence !== null && Presence.read(presence) === undefined) return garbled
    if ((intents & forbidden) !== 0)
      return { close: Close.DisallowedIntents, reason: "Disallowed intent(s)." }
    const shard = readShard(data["shard"])
    if (shard === undefined) return { close: Close.InvalidShard, reason: "Invalid shard." }
    const now = this.now()
    if (!this.takeTurn(shard[0], now)) return "wait"
    if (now - this.identifiedSince >= day) {
      this.identifiedSince = now
      this.identified = 0
    }
    if (++this.identified > this.limit) return "spent"
    return { intents, shard, largeThreshold: threshold }
  }

  private takeTurn(shard: number, now: number): boolean {
    if (this.options.rateLimits === false) return true
    const key = shard % this.concurrency
    const last = this.turns.get(key)
    if (last !== undefined && now - last < turn) return false
    this.turns.set(key, now)
    return true
  }
}

/** What Discord says to a wrong token. */
export const failed: Refusal = { close: Close.AuthenticationFailed, reason: "Authentication failed." }

const garbled: Refusal = { close: Close.DecodeError, reason: "Error while decoding payload." }

/** Discord: 50 to 250. */
const isThreshold = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 50 && value <= 250

const readShard = (value: unknown): readonly [number, number] | undefined => {
  if (value === undefined || value === null) return [0, 1]
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [index, count]: ReadonlyArray<unknown> = value
  if (typeof index !== "number" || typeof count !== "number") return undefined
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count) return undefined
  return [index, count]
}
