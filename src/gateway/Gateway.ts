/**
 * The gateway edge: all shards of a bot, joined to a discord.js Client by its option `ws.buildStrategy`.
 *
 * How it works: `new Client({ ws: { buildStrategy: gateway.buildStrategy } })` makes discord.js ask us, instead
 * of its own sockets, to connect. Every shard is then a fiber in the scope of this service, and every event goes
 * synchronously from the socket to `intercept` and on to discord.js. `/gateway/bot` is asked once, through the
 * option `info`, also on behalf of discord.js.
 *
 * How it fails: `client.login()` rejects with the typed error (a `FatalError`, or what `info` failed with)
 * when a shard cannot start, and `fatal` fails with the same. After the start, `fatal` is the only sign of a
 * shard that ended for good: whoever owns the bot has to watch it. What a listener throws is logged.
 *
 * Drawback: one Client per scope. A second one fails with `AlreadyStarted`.
 *
 * @module
 */
import type {
  APIGatewayBotInfo,
  GatewayDispatchPayload,
  GatewayPresenceUpdateData,
  GatewaySendPayload,
} from "discord-api-types/v10"
import type { WebSocketShardStatus } from "discord.js"
import {
  Cause,
  Context,
  Deferred,
  Effect,
  Exit,
  Fiber,
  FiberSet,
  Layer,
  type Redacted,
  Runtime,
} from "effect"
import { AlreadyStarted, type FatalError, InvalidToken, isFatal, type RestError } from "../DiscordError.js"
import * as Bridge from "./Bridge.js"
import * as Identify from "./Identify.js"
import { NotSent } from "./Outbox.js"
import * as Session from "./Session.js"
import * as Shard from "./Shard.js"
import type { Transport } from "./Transport.js"

export interface Options {
  readonly token: Redacted.Redacted<string>
  /** Discord's bit field: the same that the Client has. */
  readonly intents: number
  /** `GET /gateway/bot`. Asked at start, and again when the session starts that it granted are used up. */
  readonly info: Effect.Effect<APIGatewayBotInfo, RestError | FatalError>
  /** What is shown from the first moment on. */
  readonly presence?: GatewayPresenceUpdateData | undefined
  /** From how many members on a guild's offline members are left out: 50 to 250. */
  readonly largeThreshold?: number | undefined
  /** Where sessions are kept; in memory by default. */
  readonly sessions?: Session.Store | undefined
  /**
   * How the sockets are closed with the scope: `end` shows the bot offline, `keep` leaves the sessions to be
   * resumed. By default `keep` where `sessions` is given.
   */
  readonly closeWith?: "end" | "keep" | undefined
}

export type ShardStatus = Shard.Status

/** All shards of one bot. */
export interface Gateway {
  /**
   * For `new Client({ ws: { buildStrategy } })`. Throws `AlreadyStarted` the second time; `login()` then
   * rejects with it.
   */
  readonly buildStrategy: Bridge.BuildStrategy
  /**
   * Sees every event first, synchronously and in order, and returns true to keep it from discord.js. There is
   * one: a later one takes the place of the former. What it throws is logged, and discord.js gets the event.
   */
  readonly intercept: (handler: (packet: GatewayDispatchPayload, shardId: number) => boolean) => void
  /** Fails when a shard ended for good, at start or later. Never succeeds. */
  readonly fatal: Effect.Effect<never, FatalError>
  /** In the order of their ids; empty before `login()`. */
  readonly shards: () => ReadonlyArray<Shard.Status>
  /** As `Shard.send`; `NotSent` also where there is no such shard. */
  readonly send: (shardId: number, payload: GatewaySendPayload) => Effect.Effect<void, NotSent>
}

export const Gateway = Context.GenericTag<Gateway>("bosun/gateway/Gateway")

/** Makes the service; nothing connects before a Client logs in. Closing the scope closes every socket. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const runtime = yield* Effect.runtime<Transport>()
  const fork = Runtime.runFork(runtime)
  const fatal = yield* Deferred.make<never, FatalError>()
  const stopped = yield* Deferred.make<never>()
  const shards = new Map<number, Shard.Shard>()
  const tasks = yield* FiberSet.make<unknown, unknown>()
  const sessions = options.sessions ?? Session.makeMemory()
  const closeWith = options.closeWith ?? (options.sessions === undefined ? "end" : "keep")
  let handler: ((packet: GatewayDispatchPayload, shardId: number) => boolean) | undefined
  let running: ReadonlyArray<Fiber.Fiber<unknown, unknown>> = []
  let built = false
  let connected = false

  // discord.js would make its own error of a 401, which does not say what to do.
  const ask = options.info.pipe(
    Effect.catchTag("Unauthorized", () => Effect.fail(new InvalidToken({ source: "401 from /gateway/bot" }))),
  )
  const info = yield* Effect.cached(ask)

  const intercept = (packet: GatewayDispatchPayload, shardId: number): boolean => {
    try {
      return handler !== undefined && handler(packet, shardId)
    } catch (cause) {
      fork(Effect.logError(`The handler of ${packet.t} threw`, cause))
      return false
    }
  }

  /** A promise for discord.js of work that lives in this scope. Rejects with the error itself. */
  const promise = <A, E>(effect: Effect.Effect<A, E, Transport>): Promise<A> =>
    new Promise((resolve, reject) => {
      const fiber = fork(effect)
      FiberSet.unsafeAdd(tasks, fiber)
      fiber.addObserver((exit) =>
        Exit.isSuccess(exit) ? resolve(exit.value) : reject(Cause.squash(exit.cause)),
      )
    })

  const connect = Effect.fnUntraced(function* (manager: Bridge.Manager, ids: ReadonlyArray<number>) {
    if (connected) return yield* alreadyStarted()
    connected = true
    const { url } = yield* info
    const gate = Identify.make(yield* info, ask)
    const shardCount = yield* Effect.promise(() => manager.getShardCount())
    for (const id of ids) {
      const listener = Bridge.listener({
        manager,
        shardId: id,
        shardCount,
        url,
        sequence: () => shards.get(id)?.status().sequence ?? 0,
        intercept,
      })
      const shard = yield* Shard.make({
        ...options,
        id,
        count: shardCount,
        url,
        gate,
        sessions,
        closeWith,
        listener,
      })
      shards.set(id, shard)
    }
    running = yield* Effect.forEach(shards.values(), (shard) => FiberSet.run(tasks, watched(shard.run)))
    yield* Effect.forEach(shards.values(), (shard) => shard.ready, {
      concurrency: "unbounded",
      discard: true,
    })
  })

  /** However a shard ends, but for an interruption: the owner of the bot learns it. */
  const watched = (run: Effect.Effect<never, FatalError>) =>
    Effect.catchAllCause(run, (cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.void : Deferred.failCause(fatal, cause),
    )

  const stop = Effect.gen(function* () {
    yield* Deferred.interrupt(stopped)
    yield* Fiber.interruptAll(running)
  })

  const send = Effect.fnUntraced(function* (shardId: number, payload: GatewaySendPayload) {
    const shard = shards.get(shardId)
    if (shard === undefined) return yield* new NotSent({ shardId, reason: "there is no such shard" })
    yield* shard.send(payload)
  })

  const buildStrategy = (manager: Bridge.Manager): Bridge.Strategy => {
    if (built) throw alreadyStarted()
    built = true
    let ids: ReadonlyArray<number> = []
    // Its own check of the budget knows nothing of sessions that can be resumed: the gate has the say.
    manager.fetchGatewayInformation = () =>
      promise(
        info.pipe(
          Effect.tapError((error) => (isFatal(error) ? Deferred.fail(fatal, error) : Effect.void)),
          Effect.map((figures) => ({
            ...figures,
            session_start_limit: { ...figures.session_start_limit, remaining: Number.MAX_SAFE_INTEGER },
          })),
        ),
      )
    return {
      spawn: (shardIds) => {
        ids = shardIds
      },
      connect: () =>
        promise(
          connect(manager, ids).pipe(
            Effect.raceFirst(Deferred.await(fatal)),
            Effect.raceFirst(Deferred.await(stopped)),
          ),
        ),
      // A manager also destroys before it connects, and before it connects again.
      destroy: (how) =>
        connected && how?.reason !== "User is adjusting their shards"
          ? Runtime.runPromise(runtime)(stop)
          : undefined,
      // No promise: discord.js waits for none, so that a rejection would end the process.
      send: (shardId, payload) => {
        const told = Effect.catchAll(send(shardId, payload), (error) => Effect.logWarning(error.message))
        FiberSet.unsafeAdd(tasks, fork(told))
      },
      fetchStatus: async () => {
        const { Collection } = await import("discord.js")
        const status = [...shards].map(([id, shard]) => [id, statusOf[shard.status().state]] as const)
        // discord.js and its parts each have a Collection type of their own.
        return new Collection(status) as unknown as Awaited<ReturnType<Bridge.Strategy["fetchStatus"]>>
      },
    }
  }

  return {
    buildStrategy,
    intercept: (next) => {
      handler = next
    },
    fatal: Deferred.await(fatal),
    shards: () => [...shards.values()].map((shard) => shard.status()),
    send,
  } satisfies Gateway
})

/** The gateway of one bot, over the transport that is given. */
export const layer = (options: Options): Layer.Layer<Gateway, never, Transport> =>
  Layer.scoped(Gateway, make(options))

const alreadyStarted = () => new AlreadyStarted({ what: "The gateway" })

/** `WebSocketShardStatus` of `@discordjs/ws`: idle, connecting, resuming, ready. */
const statusOf = {
  Waiting: 0,
  Ended: 0,
  Connecting: 1,
  Identifying: 1,
  Resuming: 2,
  Ready: 3,
} as const satisfies Record<Shard.State, WebSocketShardStatus>
