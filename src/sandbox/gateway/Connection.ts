/**
 * One connection to the gateway: the protocol as a state machine that knows no socket.
 *
 * ```
 * Hello ── 2 ──→ Attached (a new session)                       ── any close ──→ Closed
 *       └─ 6 ──→ Attached (an old session, replay, RESUMED), or op 9
 * ```
 *
 * A close by the client with 1000 or 1001 ends the session; any other leaves it resumable. Frames go out in order,
 * whatever holds them up: events that travel, and a pause in which nothing arrives.
 *
 * Source: Discord Developer Docs, "Gateway" and "Gateway Close Event Codes".
 *
 * @module
 */
import { GatewayCloseCodes as Close, GatewayOpcodes as Op } from "discord-api-types/v10"
import type { Hit } from "../fault/Rules.js"
import { isObject } from "../form/Form.js"
import * as JsonText from "../model/JsonText.js"
import type { Json } from "../model/Model.js"
import * as Presence from "./Presence.js"
import { Session } from "./Session.js"

/** The socket's side: what a connection needs of whatever carries it. */
export interface Peer {
  readonly send: (text: string) => void
  readonly close: (code: number, reason: string) => void
  /** Ends it without a closing handshake. */
  readonly terminate: () => void
  /** Compresses from now on what it sends; true where it can do it in that way. */
  readonly compress?: (way: string) => boolean
}

/** What a connection needs of the gateway that it belongs to. */
export interface Host {
  readonly heartbeatInterval: number
  readonly now: () => number
  readonly acknowledges: () => boolean
  readonly after: (millis: number, task: () => void) => () => void
  /** A close code, the new session, or `null`: not now, which is told by op 9. */
  readonly identify: (data: Json, connection: Connection) => Session | Refusal | null
  /** `null` where there is nothing to resume. */
  readonly resume: (data: Json) => Session | Refusal | null
  readonly welcome: (session: Session, connection: Connection) => void
  readonly requestMembers: (session: Session, data: Json) => void
  /** The client set its presence. */
  readonly presence: (session: Session) => void
  readonly away: (session: Session, ended: boolean) => void
  /** Milliseconds that an event is on its way. */
  readonly travel: (type: string) => number
  /** What a plan does to events; `null` where there is none. */
  readonly meet: () => ((type: string, movable: boolean) => ReadonlyArray<Hit>) | null
  /** Told of each event that is dispatched; absent where nobody listens. */
  readonly dispatched: ((session: Session, type: string, data: string) => void) | undefined
}

/** Why the gateway hangs up. */
export interface Refusal {
  readonly close: number
  readonly reason: string
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
  private cancelTimeout: () => void = nothing
  /** Events that are on their way, in order. */
  private travelling: Array<Travelling> = []
  private cancelArrival: () => void = nothing
  /** Frames that do not arrive yet. */
  private paused: Array<string> | null = null
  private pauses: ReadonlyArray<Pause> = []
  private cancelPause: () => void = nothing

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
    if (Buffer.byteLength(text) > payloadLimit) return this.garbled()
    const payload = parse(text)
    if (payload === undefined) return this.garbled()
    const data = payload["d"]
    switch (payload["op"]) {
      case Op.Heartbeat:
        if (this.session !== null && typeof data === "number") this.session.heard = data
        this.watch()
        if (this.host.now() >= until(this.pauses.filter(isDeaf)) && this.host.acknowledges())
          this.out('{"op":11,"t":null,"s":null,"d":null}')
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
    this.end()
    this.leave(code === 1000 || code === 1001)
  }

  /** Closes from the gateway's side. `ended` says whether the session ends with it. */
  hangUp(code: number, reason: string, ended = endsSession(code)): void {
    if (!this.open) return
    this.end()
    this.leave(ended)
    this.peer.close(code, reason)
  }

  /** The connection drops, as when a cable is pulled. */
  drop(): void {
    if (!this.open) return
    this.end()
    this.leave(false)
    this.peer.terminate()
  }

  send(payload: Json): void {
    if (this.open) this.out(JSON.stringify(payload))
  }

  /** Says op 9; the session goes on without this connection, or ends. */
  invalidate(resumable: boolean): void {
    const session = this.session
    if (session === null) return
    this.send({ op: Op.InvalidSession, t: null, s: null, d: resumable })
    // What has not arrived by then is the session's to replay.
    this.forgetTravelling()
    this.session = null
    session.connection = null
    this.host.away(session, !resumable)
  }

  /** Sends an event, at once or when it has travelled, longer by `delays`; none overtakes another. */
  deliver(type: string, text: string, delays: ReadonlyArray<Hit> = none): void {
    const now = this.host.now()
    const last = this.travelling.at(-1)
    const least = now + this.host.travel(type)
    const due = Math.max(least + sum(delays), last?.due ?? -Infinity)
    if (due <= now && last === undefined) return this.out(text)
    this.travelling.push({ due, least, delays, text })
    if (last === undefined) this.awaitArrival()
    return undefined
  }

  /** What a plan does to the connection itself, before an event is sent. */
  strike(hit: Hit): void {
    if (!this.open) return undefined
    const { kind, rule } = hit
    if (kind === "zombie" || kind === "slow") return this.pause(hit)
    if (!hit.claim()) return undefined
    switch (kind) {
      case "drop":
        return this.drop()
      case "reconnect":
        return this.send({ op: Op.Reconnect, t: null, s: null, d: null })
      case "invalid":
        return this.invalidate(rule.resumable ?? false)
      case "close":
        return this.hangUp(rule.code ?? Close.UnknownError, reasons[rule.code ?? Close.UnknownError] ?? "")
      case "garbage":
        return this.out('{"op":0,"t":"MESSAGE_CREATE","s":')
      default:
        return undefined
    }
  }

  /** What such strokes hold up arrives now, and takes the time that it takes without them; all of it, without any. */
  release(ends?: (hit: Hit) => boolean): void {
    const isLeft = (hit: Hit) => ends !== undefined && !ends(hit)
    let due = -Infinity
    this.travelling = this.travelling.map(({ delays, least, text }) => {
      const left = delays.filter(isLeft)
      if (ends !== undefined) due = Math.max(least + sum(left), due)
      return { due, least, delays: left, text }
    })
    this.arrive()
    const pauses = this.pauses.filter(({ hit }) => isLeft(hit))
    if (pauses.length === this.pauses.length) return
    this.pauses = pauses
    this.awaitResumption()
  }

  /** Nothing arrives for a time, or for as long as the connection lasts; of several the latest end counts. */
  private pause(hit: Hit): void {
    const pause = { hit, until: this.host.now() + (hit.millis ?? Infinity) }
    // It would change nothing.
    const others = isDeaf(pause) ? this.pauses.filter(isDeaf) : this.pauses
    if (pause.until <= until(others) || !hit.claim()) return
    this.pauses = [...this.pauses, pause]
    this.paused ??= []
    this.awaitResumption()
  }

  private awaitResumption(): void {
    this.cancelPause()
    this.cancelPause = nothing
    const millis = until(this.pauses) - this.host.now()
    if (millis === Infinity) return
    if (millis > 0) this.cancelPause = this.host.after(millis, () => this.resumeFrames())
    else this.resumeFrames()
  }

  private resumeFrames(): void {
    const frames = this.paused
    this.paused = null
    this.pauses = []
    for (const text of frames ?? []) this.peer.send(text)
  }

  private out(text: string): void {
    if (this.paused === null) this.peer.send(text)
    else this.paused.push(text)
  }

  private awaitArrival(): void {
    this.cancelArrival()
    const next = this.travelling[0]
    if (next === undefined) return
    this.cancelArrival = this.host.after(Math.max(0, next.due - this.host.now()), () => this.arrive())
  }

  private arrive(): void {
    const now = this.host.now()
    const arrived = this.travelling.filter(({ due }) => due <= now)
    this.travelling = this.travelling.slice(arrived.length)
    for (const { text } of arrived) this.out(text)
    this.awaitArrival()
  }

  private identify(data: unknown): void {
    if (this.session !== null) return this.hangUp(Close.AlreadyAuthenticated, "Already authenticated.", false)
    if (!isObject(data)) return this.garbled()
    const found = this.host.identify(data, this)
    if (found === null) return this.send({ op: Op.InvalidSession, t: null, s: null, d: false })
    if (!(found instanceof Session)) return this.hangUp(found.close, found.reason)
    this.session = found
    found.connection = this
    return this.host.welcome(found, this)
  }

  private resume(data: unknown): void {
    if (this.session !== null) return this.hangUp(Close.AlreadyAuthenticated, "Already authenticated.", false)
    if (!isObject(data)) return this.garbled()
    const found = this.host.resume(data)
    const sequence = data["seq"]
    if (found === null || (found instanceof Session && (!isWhole(sequence) || !found.canReplay(sequence)))) {
      return this.send({ op: Op.InvalidSession, t: null, s: null, d: false })
    }
    if (!(found instanceof Session)) return this.hangUp(found.close, found.reason)
    // A session has one connection: the newest wins.
    const former = found.connection
    former?.hangUp(4000, "Session resumed elsewhere.", false)
    this.session = found
    found.connection = this
    // Not before it is this connection's: the session ends with that code.
    if (!isWhole(sequence) || sequence > found.sequence) return this.hangUp(Close.InvalidSeq, "Invalid seq.")
    for (const text of found.replay(sequence)) this.out(text)
    // Not an event of the session: a later replay must not contain it.
    return this.send({ op: Op.Dispatch, t: "RESUMED", s: found.sequence, d: { _trace: [] } })
  }

  private whenAttached(op: unknown, data: unknown): void {
    const session = this.session
    if (session === null) return this.hangUp(Close.NotAuthenticated, "Not authenticated.")
    switch (op) {
      case Op.PresenceUpdate: {
        const presence = Presence.read(data)
        if (presence === undefined) return this.garbled()
        session.presence = presence
        return this.host.presence(session)
      }
      case Op.VoiceStateUpdate:
      case Op.RequestSoundboardSounds:
        return undefined
      case Op.RequestGuildMembers:
        if (!isObject(data)) return this.garbled()
        return this.host.requestMembers(session, data)
      default:
        return this.hangUp(Close.UnknownOpcode, "Unknown opcode.")
    }
  }

  private garbled(): void {
    this.hangUp(Close.DecodeError, "Error while decoding payload.")
  }

  private end(): void {
    this.open = false
    this.cancelTimeout()
    this.cancelPause()
  }

  private leave(ended: boolean): void {
    this.forgetTravelling()
    const session = this.session
    if (session === null || session.connection !== this) return
    session.connection = null
    this.host.away(session, ended)
  }

  private forgetTravelling(): void {
    this.cancelArrival()
    this.travelling = []
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

/** An event on its way. */
interface Travelling {
  readonly due: number
  /** When it is due without what a plan adds. */
  readonly least: number
  readonly delays: ReadonlyArray<Hit>
  readonly text: string
}

/** A stroke by which nothing arrives for a time. */
interface Pause {
  readonly hit: Hit
  readonly until: number
}

/** Heartbeats are not answered either. */
const isDeaf = ({ hit }: Pause): boolean => hit.kind === "zombie"

const until = (pauses: ReadonlyArray<Pause>): number => Math.max(-Infinity, ...pauses.map((one) => one.until))

const sum = (delays: ReadonlyArray<Hit>): number => delays.reduce((all, { millis = 0 }) => all + millis, 0)

const none: ReadonlyArray<Hit> = []

const nothing = (): void => {}

const isWhole = (value: unknown): value is number => Number.isInteger(value)

const parse = (text: string): Json | undefined => {
  try {
    const value = JsonText.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const reasons: Readonly<Record<number, string>> = {
  [Close.UnknownError]: "Unknown error.",
  [Close.UnknownOpcode]: "Unknown opcode.",
  [Close.DecodeError]: "Error while decoding payload.",
  [Close.NotAuthenticated]: "Not authenticated.",
  [Close.AuthenticationFailed]: "Authentication failed.",
  [Close.AlreadyAuthenticated]: "Already authenticated.",
  [Close.InvalidSeq]: "Invalid seq.",
  [Close.RateLimited]: "You are being rate limited.",
  [Close.SessionTimedOut]: "Session timed out.",
  [Close.InvalidShard]: "Invalid shard.",
  [Close.ShardingRequired]: "Sharding required.",
  [Close.InvalidAPIVersion]: "Invalid API version.",
  [Close.InvalidIntents]: "Invalid intent(s).",
  [Close.DisallowedIntents]: "Disallowed intent(s).",
}

/** The gateway's own codes after which nothing can be resumed. */
const endsSession = (code: number): boolean =>
  code === 1000 || code === 1001 || [4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014].includes(code)
