/**
 * Where the sessions of the shards are kept, so that a new connection goes on where the last one stopped.
 *
 * Reading is an effect, because a file or a database may stand behind it. Changes are told synchronously and
 * in order, since they come from the hot path: a store that writes elsewhere does so behind them.
 *
 * Drawback: a session that outlives the process is resumed without a READY, so whoever brings a lasting store
 * also has to tell discord.js who the bot is.
 *
 * @module
 */
import { Effect, Option } from "effect"

/** What RESUME needs (Discord: "Resuming"). */
export interface Session {
  readonly id: string
  /** The last sequence number that was handled. */
  readonly sequence: number
  /** Where Discord wants to be reached for a resume. */
  readonly resumeUrl: string
}

/** Keeps one session per shard. */
export interface Store {
  /** The session to go on with, when the shard starts. */
  readonly load: (shardId: number) => Effect.Effect<Option.Option<Session>>
  /** A new session has begun. */
  readonly save: (shardId: number, session: Session) => void
  /** An event was handed on. Called for every event: it must be cheap. */
  readonly advance: (shardId: number, sequence: number) => void
  /** The session is over, and cannot be resumed. */
  readonly forget: (shardId: number) => void
}

/** A store in memory: it lasts as long as the value. */
export const makeMemory = (): Store => {
  const sessions = new Map<number, { -readonly [K in keyof Session]: Session[K] }>()
  return {
    load: (shardId) => Effect.sync(() => Option.fromNullable(sessions.get(shardId)).pipe(Option.map(copy))),
    save: (shardId, session) => {
      sessions.set(shardId, { ...session })
    },
    advance: (shardId, sequence) => {
      const session = sessions.get(shardId)
      if (session !== undefined) session.sequence = sequence
    },
    forget: (shardId) => {
      sessions.delete(shardId)
    },
  }
}

const copy = (session: Session): Session => ({ ...session })
