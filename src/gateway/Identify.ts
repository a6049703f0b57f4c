/**
 * The identify gate: who may start a session, and when.
 *
 * Discord gives a bot a number of session starts per 24 hours (`session_start_limit`), and resets its token
 * when it goes beyond. It also takes only one IDENTIFY per 5 s from all shards with the same
 * `shard_id % max_concurrency`. Both are kept here for one process: bots in several processes that share a
 * token need one gate for all of them.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { APIGatewayBotInfo } from "discord-api-types/v10"
import { SessionBudgetUsedUp } from "../DiscordError.js"

/** One gate for all shards. */
export interface Gate<E> {
  /**
   * Returns when the shard may send its IDENTIFY, which has to follow at once. Fails with
   * `SessionBudgetUsedUp` when none is left, also according to fresh figures. Interruption gives the place in
   * the line back; a turn that was given is spent, whether used or not.
   */
  readonly take: (shardId: number) => Effect.Effect<void, SessionBudgetUsedUp | E>
}

/** Discord: one IDENTIFY per 5 s and rate limit key. The rest is for the network's jitter. */
export const spacing = 5_250

/**
 * Makes a gate from the figures of `/gateway/bot`; `refresh` gets new ones when they are used up, and its
 * failures are those of `take`.
 */
export const make = <E>(info: APIGatewayBotInfo, refresh: Effect.Effect<APIGatewayBotInfo, E>): Gate<E> => {
  let limit = info.session_start_limit
  let remaining = limit.remaining
  const concurrency = Math.max(1, limit.max_concurrency)
  const budget = Effect.unsafeMakeSemaphore(1)
  const lanes = new Map<number, { readonly lock: Effect.Semaphore; freeAt: number }>()

  const lane = (shardId: number) => {
    const key = shardId % concurrency
    const existing = lanes.get(key)
    if (existing !== undefined) return existing
    const made = { lock: Effect.unsafeMakeSemaphore(1), freeAt: 0 }
    lanes.set(key, made)
    return made
  }

  const spend = Effect.fnUntraced(function* () {
    if (remaining <= 0) {
      limit = (yield* refresh).session_start_limit
      remaining = limit.remaining
    }
    if (remaining <= 0) {
      return yield* new SessionBudgetUsedUp({ total: limit.total, resetAfter: limit.reset_after })
    }
    remaining--
  })

  const take = Effect.fnUntraced(function* (shardId: number) {
    const mine = lane(shardId)
    yield* mine.lock.withPermits(1)(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (mine.freeAt > now) yield* Effect.sleep(mine.freeAt - now)
        yield* budget.withPermits(1)(spend())
        mine.freeAt = (yield* Clock.currentTimeMillis) + spacing
      }),
    )
  })
  return { take }
}
