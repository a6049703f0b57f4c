/**
 * One shard: a connection to Discord's gateway that is kept up for as long as `run` runs.
 *
 * How it works: `run` makes one attempt after the other (`Attempt.ts`), never two at once. It resumes where
 * there is a session, and takes its turn at the identify gate where there is none.
 *
 * What may be relied on: each event of a session reaches the listener once and in order, also over resumes.
 *
 * How it fails: for good on 4004 and 4010–4014, when no session start is left, and as `Unreachable` when
 * neither 5 attempts nor 14 s brought a first READY. After a first READY every other end is followed by a new
 * attempt, after a back-off that starts over once a connection has held for 30 s.
 *
 * @module
 */
import type { GatewayDispatchPayload, GatewayReadyDispatch, GatewaySendPayload } from "discord-api-types/v10"
import { Deferred, Effect, Exit, Option, Runtime } from "effect"
import { isFatal, type RestError, Unreachable, type FatalError } from "../DiscordError.js"
import * as Metrics from "../observe/Metrics.js"
import * as Attempt from "./Attempt.js"
import * as Backoff from "./Backoff.js"
import * as CloseCode from "./CloseCode.js"
import * as Frame from "./Frame.js"
import type * as Heartbeat from "./Heartbeat.js"
import type * as Identify from "./Identify.js"
import * as Outbox from "./Outbox.js"
import type * as Session from "./Session.js"
import { type Connection, Transport } from "./Transport.js"

/** `Waiting`: between two attempts. `Ended`: `run` has ended; it is never started again. */
export type State = "Connecting" | "Identifying" | "Resuming" | "Ready" | "Waiting" | "Ended"

/** What a shard is at one moment. */
export interface Status {
  readonly id: number
  readonly state: State
  /** Undefined while there is none. */
  readonly sessionId: string | undefined
  /** The last event handed on in this session; 0 before the first. */
  readonly sequence: number
  /** Milliseconds that the last acknowledged heartbeat took. */
  readonly heartbeatLatency: number | undefined
  /** Milliseconds since the epoch. */
  readonly lastAckAt: number | undefined
  /** Milliseconds between two heartbeats, as Discord asked for last; undefined before the first HELLO. */
  readonly heartbeatInterval: number | undefined
  /** Milliseconds by which the last heartbeat in turn went out late. */
  readonly heartbeatDelay: number | undefined
  /** Since when it is ready, or is not, in milliseconds since the epoch. */
  readonly since: number
}

/** Called synchronously. What it throws is logged, and touches nothing else. */
export interface Listener {
  /** An event, once and in order; RESUMED once per connection. READY comes here too, after `onReady`. */
  readonly onDispatch: (packet: GatewayDispatchPayload) => void
  /** A session was begun, or loaded from the store; undefined when it was lost. */
  readonly onSession: (session: Session.Session | undefined) => void
  readonly onHello: (resuming: boolean) => void
  readonly onReady: (packet: GatewayReadyDispatch) => void
  readonly onHeartbeat: (beat: Heartbeat.Beat) => void
  /** A connection that had said HELLO is over; Discord's code, or ours. Not called on interruption. */
  readonly onClosed: (code: number) => void
  /** An attempt ended before HELLO. */
  readonly onFailed: (reason: string) => void
}

export interface Options extends Frame.Identity {
  /** As `/gateway/bot` names it. */
  readonly url: string
  readonly gate: Identify.Gate<FatalError | RestError>
  readonly sessions: Session.Store
  /** How an interruption closes: `end` shows the bot offline, `keep` leaves the session to be resumed. */
  readonly closeWith: "end" | "keep"
  readonly listener: Listener
}

/** One shard. */
export interface Shard {
  /**
   * Keeps the connection up. Fails when it must not go on. Interruption closes the socket as `closeWith` says,
   * waits up to 1 s for the peer to confirm, and leaves nothing behind. Run it once.
   */
  readonly run: Effect.Effect<never, FatalError>
  /** Returns once a first READY was handed on, or a stored session was resumed. Never, if `run` ends before. */
  readonly ready: Effect.Effect<void>
  readonly status: () => Status
  /**
   * Sends a payload when the shard is ready and the limit of 120 in 60 s allows it, in the order of the calls.
   * Fails with `NotSent` when it is longer than 4,096 bytes, or the shard ends first. Interruption takes it out
   * of the queue.
   */
  readonly send: (payload: GatewaySendPayload) => Effect.Effect<void, Outbox.NotSent>
}

/** From the opening of a socket to HELLO, which Discord sends at once. In milliseconds. */
export const helloWithin = 20_000
/** From IDENTIFY or RESUME to READY or the end of the replay. In milliseconds. */
export const readyWithin = 60_000
/** A first READY takes no longer than this; with several shards, their turns at the gate do not count. In milliseconds. */
export const startWithin = 14_000
/** Nor does it take more attempts than this. */
export const startAttempts = 5
/** A connection that held this long shows that all is well again. In milliseconds. */
export const heldAfter = 30_000
/** So many connections in a row that hold less than that are resumed soon; after them something is wrong. */
export const resumesInARow = 8
/** So many failed openings in a row of a session's own URL make the common one be tried. */
export const resumeUrlAttempts = 2

/** Makes a shard. Nothing happens before `run`. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const { id, listener, sessions } = options
  const transport = yield* Transport
  const clock = yield* Effect.clock
  const fork = Runtime.runFork(yield* Effect.runtime())
  const ready = yield* Deferred.make<void>()
  const outbox = yield* Outbox.make(id)
  let state: State = "Connecting"
  let session: { readonly id: string; readonly resumeUrl: string } | undefined
  let sequence = 0
  let latency: number | undefined
  let lastAckAt: number | undefined
  let interval: number | undefined
  let delay: number | undefined
  let since = clock.unsafeCurrentTimeMillis()
  const metrics = Metrics.forShard(id)
  let presence = options.presence
  let started = false

  const warn = (message: string, cause?: unknown) => {
    fork(Effect.logWarning(`Shard ${id}: ${message}`, ...(cause === undefined ? [] : [cause])))
  }
  const tell = <A>(call: (value: A) => void, value: A) => {
    try {
      call(value)
    } catch (cause) {
      warn("a listener threw", cause)
    }
  }

  const begin = (packet: GatewayReadyDispatch) => {
    const begun = {
      id: packet.d.session_id,
      resumeUrl: packet.d.resume_gateway_url ?? options.url,
      sequence: packet.s,
    }
    session = begun
    sessions.save(id, begun)
    tell(listener.onSession, begun)
    tell(listener.onReady, packet)
  }
  const forget = () => {
    session = undefined
    sequence = 0
    sessions.forget(id)
    tell(listener.onSession, undefined)
  }
  const load = Effect.gen(function* () {
    const stored = Option.getOrUndefined(yield* sessions.load(id))
    if (stored === undefined) return
    session = stored
    sequence = stored.sequence
    tell(listener.onSession, stored)
  })

  const onDispatch = (packet: GatewayDispatchPayload): boolean => {
    if (packet.t === "READY" && isNew(packet, session?.id)) begin(packet)
    // Not `<=`: a broken packet without a number is dropped as well. RESUMED is of the connection, not of the
    // session's events: it may have the number of the last one.
    else if (session === undefined || (!(packet.s > sequence) && packet.t !== "RESUMED")) return false
    if (packet.s > sequence || packet.t === "READY") sequence = packet.s
    tell(listener.onDispatch, packet)
    sessions.advance(id, sequence)
    return packet.t === "READY" || packet.t === "RESUMED"
  }
  const onUp = (connection: Connection) => {
    state = "Ready"
    since = clock.unsafeCurrentTimeMillis()
    started = true
    outbox.attach(connection)
    Deferred.unsafeDone(ready, Exit.void)
  }
  const onBeat = (beat: Heartbeat.Beat) => {
    latency = beat.latency
    lastAckAt = beat.ackAt
    metrics.acknowledged(beat.latency)
    tell(listener.onHeartbeat, beat)
  }

  const untilDeadline = (deadline: number) => Math.max(1, deadline - clock.unsafeCurrentTimeMillis())

  const life = Effect.gen(function* () {
    yield* load
    /** Of the first READY, in milliseconds since the epoch. */
    let deadline = clock.unsafeCurrentTimeMillis() + startWithin
    let attempts = 0
    let failures = 0
    let unopened = 0
    const unreachable = (reason: string) => new Unreachable({ url: options.url, attempts, reason })

    const takeTurn = Effect.gen(function* () {
      const take = options.gate.take(id).pipe(
        // Without an answer to whether it may identify, the shard tries again later.
        Effect.mapError((error) =>
          isFatal(error) ? error : new Attempt.Ending({ end: { _tag: "GaveUp", reason: error.message } }),
        ),
      )
      if (started) return yield* take
      if (options.count === 1) {
        return yield* Effect.timeoutFail(take, {
          duration: untilDeadline(deadline),
          onTimeout: () => unreachable("no session within the time for a start"),
        })
      }
      const from = clock.unsafeCurrentTimeMillis()
      const extend = Effect.sync(() => {
        deadline += clock.unsafeCurrentTimeMillis() - from
      })
      yield* Effect.ensuring(take, extend)
    })
    const enter = Effect.fnUntraced(function* (connection: Connection) {
      if (session !== undefined) {
        state = "Resuming"
        return connection.send(Frame.resume(options.token, session.id, sequence))
      }
      state = "Identifying"
      yield* takeTurn
      connection.send(Frame.identify({ ...options, presence }))
    })
    const attempt = Effect.suspend(() => {
      attempts++
      state = "Connecting"
      const resuming = session
      return Attempt.run({
        clock,
        transport,
        url: Frame.address(
          resuming !== undefined && unopened < resumeUrlAttempts ? resuming.resumeUrl : options.url,
        ),
        // At start a share of what is left, so that one connection that hangs does not use up every attempt.
        helloWithin: started
          ? helloWithin
          : Math.ceil(untilDeadline(deadline) / Math.max(1, startAttempts + 1 - attempts)),
        readyWithin: () => (started ? readyWithin : untilDeadline(deadline)),
        closeCode: options.closeWith === "end" ? CloseCode.end : CloseCode.keep,
        enter,
        sequence: () => sequence,
        onDispatch,
        onHello: (asked) => {
          interval = asked
          tell(listener.onHello, resuming !== undefined)
        },
        onDue: (late) => {
          delay = late
          metrics.delayed(late)
        },
        onBeat,
        onUp,
        onDown: () => {
          if (state === "Ready") since = clock.unsafeCurrentTimeMillis()
          state = "Waiting"
          outbox.detach()
        },
        warn,
      })
    })

    for (;;) {
      const { end, greeted, upSince } = yield* attempt
      const now = clock.unsafeCurrentTimeMillis()
      failures = upSince !== undefined && now - upSince >= heldAfter ? 0 : failures + 1
      unopened = greeted ? 0 : unopened + 1
      const fatal = end._tag === "Closed" ? CloseCode.fatal(end.code, end.reason, options.intents) : undefined
      const lost = end._tag === "Closed" ? CloseCode.endsSession(end.code) : isNewSession(end)
      if (lost) forget()
      if (greeted || fatal !== undefined) {
        tell(listener.onClosed, end._tag === "Closed" ? end.code : CloseCode.keep)
      } else tell(listener.onFailed, describe(end))
      if (fatal !== undefined) return yield* fatal

      let wait = 0
      if (failures > 0 || end._tag !== "Reconnect") {
        const goesOn = upSince !== undefined && session !== undefined && failures <= resumesInARow
        const bounds = !started ? Backoff.atStart : goesOn ? Backoff.resuming : Backoff.afterwards
        wait = yield* Backoff.delay(bounds, Math.max(1, failures))
      }
      if (isNewSession(end)) wait = Math.max(wait, yield* Backoff.afterInvalidSession)
      if (!started && (attempts >= startAttempts || now + wait >= deadline)) {
        return yield* unreachable(describe(end))
      }
      yield* Effect.logInfo(`Shard ${id}: ${describe(end)}; next attempt in ${wait} ms`)
      state = "Waiting"
      yield* Effect.sleep(wait)
    }
  })

  return {
    run: life.pipe(
      Effect.onInterrupt(() => Effect.sync(() => options.closeWith === "end" && sessions.forget(id))),
      Effect.ensuring(
        Effect.suspend(() => {
          state = "Ended"
          return outbox.end
        }),
      ),
    ),
    ready: Deferred.await(ready),
    status: () => ({
      id,
      state,
      sessionId: session?.id,
      sequence,
      heartbeatLatency: latency,
      lastAckAt,
      heartbeatInterval: interval,
      heartbeatDelay: delay,
      since,
    }),
    send: (payload) => {
      // A later session begins with what was last shown, not with what the first one began with.
      if (payload.op === 3) presence = payload.d
      return outbox.send(payload)
    },
  } satisfies Shard
})

const isNew = (packet: GatewayReadyDispatch, current: string | undefined): boolean =>
  typeof packet.d?.session_id === "string" && packet.d.session_id !== current

const isNewSession = (end: Attempt.End): boolean => end._tag === "InvalidSession" && !end.resumable

/** For the log. */
const describe = (end: Attempt.End): string => {
  switch (end._tag) {
    case "Closed":
      return `closed with ${end.code}${end.reason === "" ? "" : ` (${end.reason})`}`
    case "Reconnect":
      return "Discord asked to reconnect"
    case "InvalidSession":
      return end.resumable ? "Discord asked to resume" : "the session is over"
    case "GaveUp":
    case "NotOpened":
      return end.reason
  }
}
