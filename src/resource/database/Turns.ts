/**
 * Who may use a connection, in the order of arrival: some hold, others pass as soon as nobody holds.
 *
 * Leaving is settled before the waiting begins, so that no interruption, whenever it falls, leaves a place taken.
 *
 * @module
 */
import { Effect, type Scope } from "effect"

export interface Turns {
  /** Calls it as soon as nobody holds, at once where that is now. What is returned takes it out of the queue. */
  readonly pass: (enter: () => void) => () => void
  /** Waits for a place, and holds it until the scope ends. */
  readonly hold: Effect.Effect<void, never, Scope.Scope>
}

interface Waiting {
  readonly holds: boolean
  readonly enter: () => void
}

/** With so many places for those who hold. */
export const make = (places: number): Turns => {
  const holders = new Set<Waiting>()
  const queue = new Set<Waiting>()
  const admit = () => {
    for (const next of queue) {
      if (holders.size >= (next.holds ? places : 1)) return
      queue.delete(next)
      if (next.holds) holders.add(next)
      next.enter()
    }
  }
  const leave = (one: Waiting) => {
    queue.delete(one)
    holders.delete(one)
    admit()
  }
  const arrive = (one: Waiting) => {
    queue.add(one)
    admit()
  }
  return {
    pass: (enter) => {
      const one: Waiting = { holds: false, enter }
      arrive(one)
      return () => leave(one)
    },
    hold: Effect.gen(function* () {
      let isIn = false
      let tell = () => {}
      const one: Waiting = {
        holds: true,
        enter: () => {
          isIn = true
          tell()
        },
      }
      yield* Effect.acquireRelease(
        Effect.sync(() => arrive(one)),
        () => Effect.sync(() => leave(one)),
      )
      yield* Effect.async<void>((resume) => {
        if (isIn) resume(Effect.void)
        else tell = () => resume(Effect.void)
      })
    }),
  }
}
