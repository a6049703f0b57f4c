/**
 * Many timers on few fibers: one first-in-first-out list for each duration, and one fiber for each list that is
 * not empty, asleep on Effect's clock until its head is due.
 *
 * A list that empties interrupts its fiber, so that under a virtual clock no forgotten sleep moves time on.
 * Closing the scope ends all of them; what was due later never runs.
 *
 * @module
 */
import { Clock, Effect, type Fiber, Runtime, type Scope } from "effect"

export interface Timers {
  /** Runs `task` after `millis`, never within the call; the returned function takes it back. The task must not throw. */
  readonly after: (millis: number, task: () => void) => () => void
}

export const make: Effect.Effect<Timers, never, Scope.Scope> = Effect.gen(function* () {
  const runtime = yield* Effect.runtime<Scope.Scope>()
  const scope = yield* Effect.scope
  const clock = yield* Clock.clockWith(Effect.succeed)
  const fork = Runtime.runFork(runtime)
  const lanes = new Map<number, Lane>()

  const start = (lane: Lane) => {
    // A lane that has run dry goes, or every duration that was ever drawn would stay.
    const over = Effect.sync(() => {
      if (lane.head === null && lanes.get(lane.millis) === lane) lanes.delete(lane.millis)
    })
    // A fork runs up to its first pause within the call, and what is due at once has none of its own.
    const pause = lane.millis > 0 ? Effect.void : Effect.yieldNow()
    lane.fiber = fork(pause.pipe(Effect.zipRight(tick(lane, clock)), Effect.zipRight(over)), { scope })
  }

  return {
    after: (span, task) => {
      // Whole ones: what is left of a fraction would be too little for a clock to move on by.
      const millis = Math.ceil(span)
      let lane = lanes.get(millis)
      if (lane === undefined) {
        lane = { millis, head: null, tail: null, fiber: null }
        lanes.set(millis, lane)
      }
      const entry = append(lane, clock.unsafeCurrentTimeMillis() + millis, task)
      if (lane.fiber === null) start(lane)
      const owner = lane
      return () => {
        if (!remove(owner, entry) || owner.head !== null) return
        lanes.delete(millis)
        const fiber = owner.fiber
        owner.fiber = null
        fiber?.unsafeInterruptAsFork(fiber.id())
      }
    },
  }
})

interface Entry {
  readonly due: number
  readonly task: () => void
  previous: Entry | null
  next: Entry | null
  live: boolean
}

interface Lane {
  readonly millis: number
  head: Entry | null
  tail: Entry | null
  fiber: Fiber.RuntimeFiber<void> | null
}

const tick = Effect.fnUntraced(function* (lane: Lane, clock: Clock.Clock) {
  while (lane.head !== null) {
    const now = clock.unsafeCurrentTimeMillis()
    const entry: Entry = lane.head
    if (entry.due > now) yield* Effect.sleep(Math.ceil(entry.due - now))
    else {
      remove(lane, entry)
      entry.task()
    }
  }
  lane.fiber = null
})

const append = (lane: Lane, due: number, task: () => void): Entry => {
  const entry: Entry = { due, task, previous: lane.tail, next: null, live: true }
  if (lane.tail === null) lane.head = entry
  else lane.tail.next = entry
  lane.tail = entry
  return entry
}

const remove = (lane: Lane, entry: Entry): boolean => {
  if (!entry.live) return false
  entry.live = false
  if (entry.previous === null) lane.head = entry.next
  else entry.previous.next = entry.next
  if (entry.next === null) lane.tail = entry.previous
  else entry.next.previous = entry.previous
  entry.previous = null
  entry.next = null
  return true
}
