/**
 * Whether the bot lives, and whether it is ready: what a service manager asks.
 *
 * It lives while each shard hears from Discord: an acknowledged heartbeat within two intervals, or a reconnection
 * that has gone on for less than a minute. A bot that does not live should be started again. It is ready while it
 * takes commands and what it depends on answers; one that is not ready should be left alone.
 *
 * @module
 */
import { Clock, Effect, Predicate } from "effect"
import type { Client } from "../discord/Client.js"
import type { ShardStatus } from "../gateway/Gateway.js"
import type { Watchdog } from "../observe/Watchdog.js"
import type { Shutdown } from "../supervise/Shutdown.js"

/** What is asked before the bot counts as ready. */
export interface Check {
  /** As it is told: `database`. */
  readonly name: string
  /** Fails where it is not well. Has one second. What it gives and fails with is not told but for its tag. */
  readonly check: Effect.Effect<unknown, unknown>
}

/** Times are in milliseconds. */
export interface Live {
  readonly live: boolean
  readonly shards: ReadonlyArray<{
    readonly id: number
    readonly state: string
    readonly live: boolean
    /** Since the last acknowledged heartbeat; null before the first. */
    readonly ackAge: number | null
    readonly heartbeatInterval: number | null
    readonly heartbeatLatency: number | null
    readonly heartbeatDelay: number | null
  }>
  /** Null where nothing watches. */
  readonly loop: {
    readonly p50: number
    readonly p99: number
    readonly max: number
    readonly blocks: number
    /** The last block. */
    readonly last: { readonly millis: number; readonly age: number; readonly by: string | null } | null
  } | null
}

export interface Ready {
  readonly ready: boolean
  /** Why not. */
  readonly because: ReadonlyArray<string>
}

/** A connection may be away for this long, in milliseconds; that to the first one too. */
const AWAY = 60_000
/** Discord's own, about: for acknowledgements before it is known. In milliseconds. */
const INTERVAL = 45_000
/** Of one check. */
const CHECK_WITHIN = "1 second"

/** `startedAt`: when the bot began, in epoch milliseconds. */
export const live = (
  client: Pick<Client, "shards">,
  watchdog: Watchdog | undefined,
  startedAt: number,
): Effect.Effect<Live> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const shards = client.shards().map((shard) => ({
      id: shard.id,
      state: shard.state,
      live: isLive(shard, now),
      ackAge: shard.lastAckAt === undefined ? null : now - shard.lastAckAt,
      heartbeatInterval: shard.heartbeatInterval ?? null,
      heartbeatLatency: shard.heartbeatLatency ?? null,
      heartbeatDelay: shard.heartbeatDelay ?? null,
    }))
    const last = watchdog?.last()
    return {
      live: shards.length === 0 ? now - startedAt < AWAY : shards.every(({ live }) => live),
      shards,
      loop:
        watchdog === undefined
          ? null
          : {
              ...rounded(watchdog.lag()),
              blocks: watchdog.blocks(),
              last:
                last === undefined
                  ? null
                  : {
                      millis: Math.round(last.millis),
                      age: now - last.endedAt,
                      by: last.by === undefined ? null : `${last.by.name} (${last.by.file}:${last.by.line})`,
                    },
            },
    }
  })

const isLive = ({ heartbeatInterval, lastAckAt, since, state }: ShardStatus, now: number): boolean => {
  if (state === "Ended") return false
  // An acknowledgement of the connection before says nothing of this one.
  return state === "Ready"
    ? now - Math.max(since, lastAckAt ?? 0) < 2 * (heartbeatInterval ?? INTERVAL)
    : now - since < AWAY
}

const rounded = ({
  max,
  p50,
  p99,
}: {
  readonly p50: number
  readonly p99: number
  readonly max: number
}) => ({
  p50: Math.round(p50 * 10) / 10,
  p99: Math.round(p99 * 10) / 10,
  max: Math.round(max * 10) / 10,
})

/** Asks all checks at once. */
export const ready = (
  client: Pick<Client, "isReady">,
  shutdown: Pick<Shutdown, "begun">,
  checks: ReadonlyArray<Check>,
): Effect.Effect<Ready> =>
  Effect.map(Effect.forEach(checks, verdict, { concurrency: "unbounded" }), (verdicts) => {
    const because = [
      ...(client.isReady() ? [] : ["not connected to Discord"]),
      ...(shutdown.begun() ? ["shutting down"] : []),
      ...verdicts.filter((word) => word !== undefined),
    ]
    return { ready: because.length === 0, because }
  })

const verdict = ({ check, name }: Check): Effect.Effect<string | undefined> =>
  Effect.disconnect(check).pipe(
    Effect.timeoutTo({
      duration: CHECK_WITHIN,
      onTimeout: () => `${name}: no answer within ${CHECK_WITHIN}`,
      onSuccess: () => undefined,
    }),
    Effect.catchAll((error) =>
      Effect.succeed(`${name}: ${Predicate.hasProperty(error, "_tag") ? String(error._tag) : "failed"}`),
    ),
    Effect.catchAllDefect(() => Effect.succeed(`${name}: broken`)),
  )
