/**
 * One socket, from its opening until it is closed for certain.
 *
 * Text goes from the socket to the owner in one synchronous call; no fiber runs per event. All that ends an
 * attempt completes one deferred, and whatever comes after that is ignored: a resume replays it. Before `run`
 * returns, the peer was told, had a second to confirm, and the socket is gone.
 *
 * @module
 */
import type { GatewayDispatchPayload, GatewayReceivePayload } from "discord-api-types/v10"
import { type Clock, Data, Deferred, Effect, Exit } from "effect"
import { ConnectionFailed } from "../DiscordError.js"
import * as CloseCode from "./CloseCode.js"
import * as Frame from "./Frame.js"
import * as Heartbeat from "./Heartbeat.js"
import type { Connection, Transport } from "./Transport.js"

/** The shard that makes the attempt. Its callbacks run synchronously and must not throw. */
export interface Owner<E> {
  readonly clock: Clock.Clock
  readonly transport: Transport
  readonly url: string
  /** For the opening and HELLO together, in milliseconds. */
  readonly helloWithin: number
  /** Sends RESUME or IDENTIFY, when it may. */
  readonly enter: (connection: Connection) => Effect.Effect<void, E>
  /** From then on until READY or RESUMED, in milliseconds. */
  readonly readyWithin: () => number
  /** What an interruption closes with. */
  readonly closeCode: number
  readonly sequence: () => number
  /** True when this was the READY or RESUMED that makes the connection usable. */
  readonly onDispatch: (packet: GatewayDispatchPayload) => boolean
  /** `interval`: that of the heartbeats, in milliseconds. */
  readonly onHello: (interval: number) => void
  /** A heartbeat in turn goes out, this many milliseconds late. */
  readonly onDue: (late: number) => void
  readonly onBeat: (beat: Heartbeat.Beat) => void
  readonly onUp: (connection: Connection) => void
  /** Nothing may be sent any more. Called once, also when the connection never was up. */
  readonly onDown: () => void
  readonly warn: (message: string) => void
}

/** Why an attempt ended. */
export type End =
  | { readonly _tag: "Closed"; readonly code: number; readonly reason: string }
  /** Op 7. */
  | { readonly _tag: "Reconnect" }
  /** Op 9. */
  | { readonly _tag: "InvalidSession"; readonly resumable: boolean }
  /** A time limit, a dead peer, a broken frame. */
  | { readonly _tag: "GaveUp"; readonly reason: string }
  | { readonly _tag: "NotOpened"; readonly reason: string }

/** How far an attempt came. */
export interface Result {
  readonly end: End
  /** Whether HELLO had come. */
  readonly greeted: boolean
  /** Milliseconds since the epoch; undefined where the connection never was usable. */
  readonly upSince: number | undefined
}

/** How long the peer has to confirm a close, in milliseconds. */
export const closeWithin = 1_000

/**
 * Makes one attempt. Fails as `enter` does; where that fails with an `Ending`, the attempt just ends so.
 * Interruption closes with `closeCode`.
 */
export const run = Effect.fnUntraced(function* <E>(owner: Owner<E>) {
  const ended = yield* Deferred.make<End>()
  const closed = yield* Deferred.make<void>()
  const hello = yield* Deferred.make<number>()
  const up = yield* Deferred.make<void>()
  let live = true
  let greeted = false
  let upSince: number | undefined
  let connection: Connection | undefined
  const heartbeat = Heartbeat.make(
    owner.clock,
    () => connection?.send(Frame.heartbeat(owner.sequence())),
    owner.onDue,
  )

  const end = (reason: End) => {
    if (!live) return
    live = false
    owner.onDown()
    Deferred.unsafeDone(ended, Exit.succeed(reason))
  }
  const onDispatch = (packet: GatewayDispatchPayload) => {
    if (!owner.onDispatch(packet) || upSince !== undefined || connection === undefined || !live) return
    upSince = owner.clock.unsafeCurrentTimeMillis()
    owner.onUp(connection)
    // One at once: the first in turn may be 40 s away, and until then nobody knows the latency.
    heartbeat.beat()
    Deferred.unsafeDone(up, Exit.void)
  }
  const onControl = (packet: Exclude<GatewayReceivePayload, GatewayDispatchPayload>) => {
    switch (packet.op) {
      case 1:
        return heartbeat.beat()
      case 7:
        return end({ _tag: "Reconnect" })
      case 9:
        return end({ _tag: "InvalidSession", resumable: packet.d === true })
      case 10: {
        const interval: unknown = packet.d?.heartbeat_interval
        return typeof interval === "number" && interval > 0
          ? Deferred.unsafeDone(hello, Exit.succeed(interval))
          : end({ _tag: "GaveUp", reason: "a HELLO without a heartbeat interval" })
      }
      case 11: {
        const beat = heartbeat.acknowledge()
        return beat === undefined ? undefined : owner.onBeat(beat)
      }
      default:
        return owner.warn(`ignored an unknown op (${(packet as { readonly op: number }).op})`)
    }
  }
  const onText = (text: string) => {
    if (!live) return
    const packet = Frame.parse(text)
    if (packet === undefined) {
      owner.warn(`a frame of ${text.length} characters is no payload of the gateway`)
      end({ _tag: "GaveUp", reason: "broken frame" })
    } else if (packet.op === 0) onDispatch(packet)
    else onControl(packet)
  }
  const onClose = (code: number, reason: string) => {
    Deferred.unsafeDone(closed, Exit.void)
    end({ _tag: "Closed", code, reason })
  }

  const close = Effect.suspend(() => {
    connection?.close(live ? owner.closeCode : CloseCode.keep, "")
    if (live) owner.onDown()
    live = false
    // A finalizer is uninterruptible, and so would be the wait that the time limit has to interrupt.
    return Deferred.await(closed).pipe(Effect.interruptible, Effect.timeoutOption(closeWithin))
  })
  const greet = Effect.gen(function* () {
    connection = yield* owner.transport.open(owner.url, { onText, onClose })
    yield* Effect.addFinalizer(() => close)
    return yield* Deferred.await(hello)
  })
  const protocol = Effect.gen(function* () {
    const interval = yield* within(greet, owner.helloWithin, "HELLO")
    greeted = true
    owner.onHello(interval)
    yield* heartbeat.run(interval).pipe(
      Effect.andThen(() => end({ _tag: "GaveUp", reason: "a heartbeat was not acknowledged" })),
      Effect.forkScoped,
    )
    yield* owner.enter(connection!)
    yield* within(Deferred.await(up), owner.readyWithin(), "READY")
    return yield* Effect.never
  })

  const reason = yield* protocol.pipe(
    Effect.raceFirst(Deferred.await(ended)),
    Effect.catchAll((error) => {
      // Inside the scope: its end then knows that this was no interruption.
      const reason = endOf(error)
      end(reason ?? { _tag: "GaveUp", reason: "refused" })
      return reason === undefined
        ? Effect.fail(error as Exclude<E, Ending | ConnectionFailed>)
        : Effect.succeed(reason)
    }),
    Effect.scoped,
  )
  return { end: reason, greeted, upSince } satisfies Result
})

const endOf = (error: unknown): End | undefined => {
  if (error instanceof Ending) return error.end
  return error instanceof ConnectionFailed ? { _tag: "NotOpened", reason: error.reason } : undefined
}

const within = <A, E, R>(effect: Effect.Effect<A, E, R>, millis: number, what: string) =>
  effect.pipe(
    Effect.timeoutFail({
      duration: millis,
      onTimeout: () => new Ending({ end: { _tag: "GaveUp", reason: `no ${what} within ${millis} ms` } }),
    }),
  )

/** Ends an attempt from inside; never leaves `run`. */
export class Ending extends Data.TaggedError("Ending")<{ readonly end: End }> {}
