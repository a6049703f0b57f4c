/**
 * A discrete-event clock: whenever every fiber is suspended, time jumps to the next due timer.
 *
 * Nothing sleeps in real time, an hour costs as much as a millisecond, and a program that can never go on is
 * reported as a deadlock instead of hanging. `runSync` drives programs that touch nothing but Effect; `run`
 * also lets promises and I/O in this process settle (a discord.js Client, for instance) before each jump.
 *
 * Drawback: `run` cannot see work in another thread or on a socket. Keep such work out of virtual time.
 *
 * @module
 */
import { Clock, Data, Duration, Effect, Exit, type Fiber, type Scheduler } from "effect"

/** What a run ended with, and when. */
export interface Outcome<A, E> {
  readonly exit: Exit.Exit<A, E | Deadlock>
  /** Virtual milliseconds since the start (which is 0). */
  readonly endedAt: number
}

/** Every fiber is suspended and no timer is left: the program can never go on. */
export class Deadlock extends Data.TaggedError("Deadlock")<{ readonly at: number }> {
  override get message() {
    return `No timer is left and the program is suspended, at ${this.at} ms of virtual time`
  }
}

/**
 * Runs a program to its end in virtual time, synchronously. The program may not wait for a promise: that is
 * seen as a deadlock. `start` is the epoch time in milliseconds at which the clock begins.
 */
export const runSync = <A, E>(
  effect: Effect.Effect<A, E>,
  options?: { readonly start?: number },
): Outcome<A, E> => {
  const world = make(options?.start ?? 0)
  const fiber = world.fork(effect)
  for (;;) {
    world.scheduler.drain()
    const exit = fiber.unsafePoll()
    if (exit !== null) return { exit, endedAt: world.elapsed() }
    if (!world.jump()) return world.deadlock(fiber)
  }
}

/**
 * Runs a program to its end in virtual time, letting this process's promises and immediates settle before
 * each jump. Resolves with the outcome; never rejects.
 */
export const run = async <A, E>(
  effect: Effect.Effect<A, E>,
  options?: { readonly start?: number },
): Promise<Outcome<A, E>> => {
  const world = make(options?.start ?? 0)
  const fiber = world.fork(effect)
  for (;;) {
    // Two quiet turns of the event loop: the first runs promise reactions, the second what they queued.
    for (let quiet = 0; quiet < 2;) {
      quiet = world.scheduler.drain() ? 0 : quiet + 1
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    const exit = fiber.unsafePoll()
    if (exit !== null) return { exit, endedAt: world.elapsed() }
    if (!world.jump()) return world.deadlock(fiber)
  }
}

interface Timer {
  readonly due: number
  readonly order: number
  readonly fire: () => void
}

/** First in, first out; remembers whether it did anything. */
class DrainScheduler implements Scheduler.Scheduler {
  private tasks: Array<() => void> = []
  scheduleTask(task: () => void): void {
    this.tasks.push(task)
  }
  shouldYield(fiber: Fiber.RuntimeFiber<unknown, unknown>): number | false {
    return (fiber as unknown as { currentOpCount: number }).currentOpCount > 2048 ? 0 : false
  }
  drain(): boolean {
    let worked = false
    while (this.tasks.length > 0) {
      worked = true
      const batch = this.tasks
      this.tasks = []
      for (const task of batch) task()
    }
    return worked
  }
}

class VirtualClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  /** A binary heap by (due, order). */
  private readonly heap: Array<Timer> = []
  private order = 0
  constructor(private now: number) {}
  unsafeCurrentTimeMillis(): number {
    return this.now
  }
  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.now * 1_000_000))
  }
  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())
  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const millis = Duration.toMillis(duration)
      if (millis === Infinity) return
      let live = true
      this.push({
        due: this.now + Math.max(0, millis),
        order: this.order++,
        fire: () => {
          if (live) resume(Effect.void)
        },
      })
      return Effect.sync(() => {
        live = false
      })
    })
  }
  /** Advances to the earliest due time and fires all that is due then; false where there is no timer. */
  jump(): boolean {
    const first = this.pop()
    if (first === undefined) return false
    this.now = first.due
    first.fire()
    while (this.heap[0]?.due === first.due) this.pop()?.fire()
    return true
  }
  private before(a: Timer, b: Timer): boolean {
    return a.due < b.due || (a.due === b.due && a.order < b.order)
  }
  private push(timer: Timer): void {
    const heap = this.heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]!
      if (!this.before(timer, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = timer
  }
  private pop(): Timer | undefined {
    const heap = this.heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.before(heap[child + 1]!, heap[child]!)) child++
      if (!this.before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

const make = (start: number) => {
  const clock = new VirtualClock(start)
  const scheduler = new DrainScheduler()
  return {
    scheduler,
    jump: () => clock.jump(),
    elapsed: () => clock.unsafeCurrentTimeMillis() - start,
    fork: <A, E>(effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> =>
      Effect.runFork(Effect.withClock(effect, clock), { scheduler }),
    deadlock: <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Outcome<A, E> => {
      const at = clock.unsafeCurrentTimeMillis() - start
      fiber.unsafeInterruptAsFork(fiber.id())
      scheduler.drain()
      return { exit: Exit.fail(new Deadlock({ at })), endedAt: at }
    },
  }
}
