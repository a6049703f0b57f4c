/**
 * Acts on the same person in the same server, one after the other.
 *
 * A call whose answer was lost is sent again: by then it would undo what another moderator has done in between, as an
 * unban that is repeated lifts a ban that was made after it.
 *
 * Drawback: several bots for one server do not wait for each other.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"

export interface Turns {
  /** Runs it when those before it on the same person are over. Interruption gives up the waiting. */
  readonly wait: <A, E, R>(
    guildId: string,
    userId: string,
    act: Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E, R>
}

export const Turns = Context.GenericTag<Turns>("bosun/features/moderation/Turns")

interface Line {
  readonly lock: Effect.Semaphore
  /** Who is in it, the one whose turn it is included. */
  length: number
}

export const layer: Layer.Layer<Turns> = Layer.sync(Turns, () => {
  const lines = new Map<string, Line>()
  return {
    wait: (guildId, userId, act) => {
      const key = `${guildId}/${userId}`
      const enter = Effect.sync(() => {
        const line = lines.get(key) ?? { lock: Effect.unsafeMakeSemaphore(1), length: 0 }
        line.length++
        lines.set(key, line)
        return line
      })
      return Effect.acquireUseRelease(
        enter,
        ({ lock }) => lock.withPermits(1)(act),
        (line) =>
          Effect.sync(() => {
            if (--line.length === 0) lines.delete(key)
          }),
      )
    },
  }
})
