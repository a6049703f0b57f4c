/**
 * One gateway session: what outlives its connections.
 *
 * ```
 * Connected ←→ Away (events are kept for the replay) ──→ Ended
 * ```
 *
 * It numbers events and keeps the newest for a replay. The buffer is bounded: a resume from before its oldest
 * event is refused, never answered with a gap. What a fault plan does to an event happens here, before it has its
 * number, so that numbers go up by one whatever comes first.
 *
 * @module
 */
import type { Connection, Host } from "./Connection.js"
import * as Order from "./Order.js"
import type { Hit } from "../fault/Rules.js"
import type { Json } from "../model/Model.js"

/** An event that another one may pass. */
interface Waiting {
  readonly type: string
  readonly data: string
  readonly place: Order.Place
  /** What else becomes of it. */
  readonly along: ReadonlyArray<Hit>
  readonly reorder: Hit
  readonly cancel: () => void
}

/** What a client said of itself when it identified. */
export interface Identity {
  readonly intents: number
  readonly shard: readonly [number, number]
  /** Up to so many members, GUILD_CREATE lists those who are offline too. Discord: 50 to 250. */
  readonly largeThreshold: number
}

export class Session {
  readonly intents: number
  readonly shard: readonly [number, number]
  readonly largeThreshold: number
  /** The last event's number. */
  sequence = 0
  connection: Connection | null = null
  /** When the connection was lost, in milliseconds since 1970. */
  awaySince = 0
  /** The last number that the client named in a heartbeat. */
  heard = 0
  /** As the client last set it; `null` as long as it has not. */
  presence: Json | null = null
  /** Counts up over all sessions each time when one sets its presence. */
  presenceOrder = 0
  /** False where nobody may come back to it. */
  resumable = true
  /** When the whole list of a guild's members was asked for last, by guild. */
  readonly listed = new Map<string, number>()
  /** The oldest is at `start`; what is before that is gone. */
  private buffer: Array<string> = []
  private start = 0
  private waiting: Waiting | null = null

  constructor(
    readonly id: string,
    identity: Identity,
    private readonly replayLimit: number,
    private readonly host: Host,
  ) {
    this.intents = identity.intents
    this.shard = identity.shard
    this.largeThreshold = identity.largeThreshold
  }

  /** Whether events of a guild come here; of `null`, direct messages, to the first shard. */
  isHome(guildId: string | null): boolean {
    return isOf(this.shard, guildId)
  }

  /**
   * Numbers an event, keeps it for a replay and sends it. `data` is JSON already; `where` says what may pass it:
   * nothing, where it is left out.
   */
  dispatch(type: string, data: string, where?: () => Order.Place): void {
    const meet = this.connection === null ? null : this.host.meet()
    if (meet === null && this.waiting === null) return this.number(type, data)
    const place = where?.()
    const waiting = this.waiting
    if (waiting !== null && (place === undefined || !Order.mayPass(place, waiting.place))) this.arrive()
    const movable = this.waiting === null && place !== undefined && Order.isMovable(place)
    const along: Array<Hit> = []
    let reorder: Hit | undefined
    for (const hit of meet?.(type, movable) ?? []) {
      // An earlier one may have lost the connection.
      if (this.connection === null) break
      switch (hit.kind) {
        case "duplicate":
        case "delay":
          along.push(hit)
          break
        case "reorder":
          reorder = hit
          break
        case "unknown":
          if (hit.claim())
            this.number("A_THING_OF_TOMORROW", '{"id":"0","guild_id":"0","parts":[{"what":1}]}')
          break
        case "huge":
          if (hit.claim()) this.number("GUILD_LARGE_THING_UPDATE", oversized(), [], '{"filler":""}')
          break
        default:
          this.connection.strike(hit)
      }
    }
    if (reorder !== undefined && place !== undefined && this.connection !== null) {
      const cancel = this.host.after(reorder.millis ?? 0, () => this.arrive())
      this.waiting = { type, data, place, along, reorder, cancel }
      return undefined
    }
    const passes = this.waiting !== null && this.connection !== null && this.waiting.reorder.claim()
    if (!passes) this.arrive()
    this.number(type, data, along)
    this.arrive()
    return undefined
  }

  /** Lets the event that another one may pass arrive now. */
  arrive(): void {
    const waiting = this.waiting
    if (waiting === null) return
    this.waiting = null
    waiting.cancel()
    this.number(waiting.type, waiting.data, waiting.along)
  }

  /** What such strokes let another event pass arrives now; without any, whatever waits. */
  release(ends?: (hit: Hit) => boolean): void {
    if (this.waiting !== null && ends?.(this.waiting.reorder) !== false) this.arrive()
  }

  /** `along` is done to it if somebody is there; `kept` is what a replay has in the place of `data`. */
  private number(type: string, data: string, along: ReadonlyArray<Hit> = [], kept = data): void {
    const sequence = ++this.sequence
    const text = frame(type, sequence, data)
    this.buffer.push(kept === data ? text : frame(type, sequence, kept))
    if (this.buffer.length - this.start > this.replayLimit) this.start++
    if (this.start > this.replayLimit) {
      this.buffer = this.buffer.slice(this.start)
      this.start = 0
    }
    this.host.dispatched?.(this, type, kept)
    const connection = this.connection
    if (connection === null) return
    let copies = 1
    const delays: Array<Hit> = []
    for (const hit of along) {
      if (!hit.claim()) continue
      if (hit.kind === "duplicate") copies++
      else delays.push(hit)
    }
    for (let copy = 0; copy < copies; copy++) connection.deliver(type, text, delays)
  }

  /** Whether every event after `sequence` is still here. */
  canReplay(sequence: number): boolean {
    return sequence >= this.sequence - (this.buffer.length - this.start)
  }

  /** The events after `sequence`, oldest first. */
  replay(sequence: number): ReadonlyArray<string> {
    const missing = this.sequence - sequence
    return missing <= 0 ? [] : this.buffer.slice(this.buffer.length - missing)
  }
}

/** Whether a guild is one of a shard's. Discord: by its id without the last 22 bits. */
export const isOf = ([index, count]: readonly [number, number], guildId: string | null): boolean => {
  if (guildId === null) return index === 0
  return count === 1 || Number((BigInt(guildId) >> 22n) % BigInt(count)) === index
}

const frame = (type: string, sequence: number, data: string): string =>
  `{"op":0,"t":"${type}","s":${sequence},"d":${data}}`

/** 4 MiB; made where it is needed. */
const oversized = (): string => `{"filler":"${"x".repeat(4 * 1024 * 1024)}"}`
