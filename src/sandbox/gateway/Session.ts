/**
 * One gateway session, and one connection to it: the protocol as a state machine that knows no socket.
 *
 * ```
 * connection:  Hello ── 2 ──→ Attached (a new session)      ── any close ──→ Closed
 *                    └─ 6 ──→ Attached (an old session, replay, RESUMED), or op 9
 * session:     Connected ←→ Away (events are kept for the replay) ──→ Ended
 * ```
 *
 * A close by the client with 1000 or 1001 ends the session; any other leaves it resumable. The replay buffer is
 * bounded: a resume from before its oldest event is refused with op 9 `false`, never answered with a gap.
 *
 * Source: Discord Developer Docs, "Gateway" and "Gateway Close Event Codes".
 *
 * @module
 */
import { GatewayCloseCodes as Close, GatewayOpcodes as Op } from "discord-api-types/v10"
import { isObject } from "../form/Form.js"
import type { Json } from "../model/Model.js"

/** The socket's side: what a connection needs of whatever carries it. */
export interface Peer {
  readonly send: (text: string) => void
  readonly close: (code: number, reason: string) => void
  /** Ends it without a closing handshake. */
  readonly terminate: () => void
}

/** What a connection needs of the gateway that it belongs to. */
export interface Host {
  readonly heartbeatInterval: number
  readonly now: () => number
  readonly acknowledges: () => boolean
  readonly after: (millis: number, task: () => void) => () => void
  /** A close code, or the new session. */
  readonly identify: (data: Json, connection: Connection) => Session | Refusal
  /** `null` where there is nothing to resume. */
  readonly resume: (data: Json) => Session | Refusal | null
  readonly welcome: (session: Session, connection: Connection) => void
  readonly requestMembers: (session: Session, data: Json) => void
  readonly away: (session: Session, ended: boolean) => void
  /** Milliseconds that an event is on its way. */
  readonly travel: (type: string) => number
  /** Told of each event that is dispatched; absent where nobody listens. */
  readonly dispatched: ((session: Session, type: string, data: string) => void) | undefined
}

/** Why the gateway hangs up. */
export interface Refusal {
  readonly close: number
  readonly reason: string
}

/** What outlives a connection. */
export class Session {
  /** The last event's number. */
  sequence = 0
  connection: Connection | null = null
  /** When the connection was lost, in milliseconds since 1970. */
  awaySince = 0
  /** The last number that the client named in a heartbeat. */
  heard = 0
  /** The oldest is at `start`; what is before that is gone. */
  private buffer: Array<string> = []
  private start = 0

  constructor(
    readonly id: string,
    readonly intents: number,
    readonly shard: readonly [number, number],
    private readonly replayLimit: number,
    private readonly host: Host,
  ) {}

  /** Numbers an event, keeps it for a replay and sends it. `data` is JSON already. */
  dispatch(type: string, data: string): void {
    const sequence = ++this.sequence
    const text = `{"op":0,"t":"${type}","s":${sequence},"d":${data}}`
    this.buffer.push(text)
    if (this.buffer.length - this.start > this.replayLimit) this.start++
    if (this.start > this.replayLimit) {
      this.buffer = this.buffer.slice(this.start)
      this.start = 0
    }
    this.host.dispatched?.(this, type, data)
    this.connection?.deliver(type, text)
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

/** Discord: 120 payloads in 60 seconds. */
const sendLimit = { count: 120, millis: 60_000 }
/** Discord: payloads of at most 4,096 bytes. */
const payloadLimit = 4_096

export class Connection {
  session: Session | null = null
  private open = true
  private windowStart = 0
  private sent = 0
  private cancelTimeout: () => void = () => {}
  /** Events that are on their way, in order. */
  private travelling: Array<{ readonly due: number; readonly text: string }> = []
  private cancelArrival: () => void = () => {}

  constructor(
    readonly peer: Peer,
    private readonly host: Host,
    /** The URL that READY names for resuming. */
    readonly resumeUrl: string,
  ) {}

  /** Says hello. Call once. */
  begin(): void {
    this.send({
      op: Op.Hello,
      t: null,
      s: null,
      d: { heartbeat_interval: this.host.heartbeatInterval, _trace: [] },
    })
    this.watch()
  }

  /** One whole text frame from the client. */
  receive(text: string): void {
    if (!this.open) return
    if (this.overLimit()) return this.hangUp(Close.RateLimited, "You are being rate limited.")
    if (text.length > payloadLimit) return this.hangUp(Close.DecodeError, "Error while decoding payload.")
    const payload = parse(text)
    if (payload === undefined) return this.hangUp(Close.DecodeError, "Error while decoding payload.")
    const data = payload["d"]
    switch (payload["op"]) {
      case Op.Heartbeat:
        if (this.session !== null && typeof data === "number") this.session.heard = data
        this.watch()
        if (this.host.acknowledges()) this.peer.send('{"op":11,"t":null,"s":null,"d":null}')
        return undefined
      case Op.Identify:
        return this.identify(data)
      case Op.Resume:
        return this.resume(data)
      default:
        return this.whenAttached(payload["op"], data)
    }
  }

  /** The socket is gone; `code` is what the client closed with, 1006 where it did not. */
  closed(code: number): void {
    if (!this.open) return
    this.open = false
    this.cancelTimeout()
    this.leave(code === 1000 || code === 1001)
  }

  /** Closes from the gateway's side. `ended` says whether the session ends with it. */
  hangUp(code: number, reason: string, ended = endsSession(code)): void {
    if (!this.open) return
    this.open = false
    this.cancelTimeout()
    this.leave(ended)
    this.peer.close(code, reason)
  }

  /** The connection drops, as when a cable is pulled. */
  drop(): void {
    if (!this.open) return
    this.open = false
    this.cancelTimeout()
    this.leave(false)
    this.peer.terminate()
  }

  send(payload: Json): void {
    if (this.open) this.peer.send(JSON.stringify(payload))
  }

  /** Sends an event, at once or when it has travelled; none overtakes another. */
  deliver(type: string, text: string): void {
    const travel = this.host.travel(type)
    const last = this.travelling.at(-1)
    if (travel <= 0 && last === undefined) return this.peer.send(text)
    const due = Math.max(this.host.now() + travel, last?.due ?? 0)
    this.travelling.push({ due, text })
    if (last === undefined) this.awaitArrival(due)
    return undefined
  }

  private awaitArrival(due: number): void {
    this.cancelArrival = this.host.after(Math.max(0, due - this.host.now()), () => {
      const now = this.host.now()
      const arrived = this.travelling.filter((one) => one.due <= now)
      this.travelling = this.travelling.slice(arrived.length)
      for (const { text } of arrived) this.peer.send(text)
      const next = this.travelling[0]
      if (next !== undefined) this.awaitArrival(next.due)
    })
  }

  private identify(data: unknown): void {
    if (this.session !== null) return this.hangUp(Close.AlreadyAuthenticated, "Already authenticated.", false)
    if (!isObject(data)) return this.hangUp(Close.DecodeError, "Error while decoding payload.")
    const found = this.host.identify(data, this)
    if (!(found instanceof Session)) return this.hangUp(found.close, found.reason)
    this.session = found
    found.connection = this
    return this.host.welcome(found, this)
  }

  private resume(data: unknown): void {
    if (this.session !== null) return this.hangUp(Close.AlreadyAuthenticated, "Already authenticated.", false)
    if (!isObject(data)) return this.hangUp(Close.DecodeError, "Error while decoding payload.")
    const found = this.host.resume(data)
    const sequence = data["seq"]
    if (
      found === null ||
      (found instanceof Session && (typeof sequence !== "number" || !found.canReplay(sequence)))
    ) {
      return this.send({ op: Op.InvalidSession, t: null, s: null, d: false })
    }
    if (!(found instanceof Session)) return this.hangUp(found.close, found.reason)
    if (typeof sequence !== "number" || sequence > found.sequence) {
      return this.hangUp(Close.InvalidSeq, "Invalid seq.")
    }
    // A session has one connection: the newest wins.
    const former = found.connection
    former?.hangUp(4000, "Session resumed elsewhere.", false)
    this.session = found
    found.connection = this
    for (const text of found.replay(sequence)) this.peer.send(text)
    // Not an event of the session: a later replay must not contain it.
    return this.send({ op: Op.Dispatch, t: "RESUMED", s: found.sequence, d: { _trace: [] } })
  }

  private whenAttached(op: unknown, data: unknown): void {
    if (this.session === null) return this.hangUp(Close.NotAuthenticated, "Not authenticated.")
    switch (op) {
      case Op.PresenceUpdate:
      case Op.VoiceStateUpdate:
      case Op.RequestSoundboardSounds:
        return undefined
      case Op.RequestGuildMembers:
        if (!isObject(data)) return this.hangUp(Close.DecodeError, "Error while decoding payload.")
        return this.host.requestMembers(this.session, data)
      default:
        return this.hangUp(Close.UnknownOpcode, "Unknown opcode.")
    }
  }

  private leave(ended: boolean): void {
    this.cancelArrival()
    this.travelling = []
    const session = this.session
    if (session === null || session.connection !== this) return
    session.connection = null
    this.host.away(session, ended)
  }

  private overLimit(): boolean {
    const now = this.host.now()
    if (now - this.windowStart >= sendLimit.millis) {
      this.windowStart = now
      this.sent = 0
    }
    return ++this.sent > sendLimit.count
  }

  /** Without a heartbeat for twice its interval the session times out. */
  private watch(): void {
    this.cancelTimeout()
    this.cancelTimeout = this.host.after(2 * this.host.heartbeatInterval, () =>
      this.hangUp(Close.SessionTimedOut, "Session timed out."),
    )
  }
}

const parse = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The gateway's own codes after which nothing can be resumed. */
const endsSession = (code: number): boolean =>
  code === 1000 || code === 1001 || [4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014].includes(code)
