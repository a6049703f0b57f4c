/**
 * The timers of virtual time, and the clocks that fill it.
 *
 * A timer is either of the foreground (a test's own sleeps, which an idle check has to wait for) or of the
 * background (a bot's). Timers that are due at the same moment fire in the order of their making, unless an
 * order is drawn for them. One that was taken back is skipped and moves no time.
 *
 * @module
 */
import { Clock, Duration, Effect, type Fiber } from "effect"

/** A clock of virtual time. `VirtualClock.outside` finds it by this. */
export interface AgendaClock extends Clock.Clock {
  readonly agenda: Agenda
}

/** Whether a clock is one of virtual time. */
export const isClock = (clock: Clock.Clock): clock is AgendaClock => clock instanceof View

type AnyFiber = Fiber.RuntimeFiber<unknown, unknown>

interface Timer {
  readonly due: number
  readonly order: number
  readonly foreground: boolean
  readonly fire: () => void
  /** Who sleeps, where it is a fiber that does. */
  readonly sleeper: AnyFiber | undefined
  live: boolean
}

export class Agenda {
  /** Sleeps that an idle check waits for. */
  readonly clock: AgendaClock = new View(this, true)
  /** Sleeps that it does not wait for. */
  readonly background: AgendaClock = new View(this, false)
  /** What is going on outside virtual time, by name; one entry for each. */
  readonly outside = new Map<symbol, string>()
  /** How many live timers of the foreground there are. */
  foreground = 0
  /** A binary heap by (due, order). */
  private readonly heap: Array<Timer> = []
  private made = 0

  /** Gives numbers in [0, 1) that order what is due at one moment; without it the order of making holds. */
  draw: (() => number) | undefined

  constructor(public now: number) {}

  /** Calls back after `millis`; the returned function takes it back. */
  after(millis: number, fire: () => void, foreground = false, sleeper?: AnyFiber): () => void {
    if (millis === Infinity) return nothing
    const timer: Timer = {
      due: this.now + Math.max(0, millis),
      order: this.draw === undefined ? this.made++ : this.draw(),
      foreground,
      fire,
      sleeper,
      live: true,
    }
    if (foreground) this.foreground++
    this.push(timer)
    return () => this.drop(timer)
  }

  /** Notes work outside; the returned function says that it is over. */
  enter(name: string): () => void {
    const key = Symbol(name)
    this.outside.set(key, name)
    return () => this.outside.delete(key)
  }

  /** Whether any of these fibers sleeps. Looks at every timer. */
  isAsleep(fibers: ReadonlySet<AnyFiber>): boolean {
    return this.heap.some(({ live, sleeper }) => live && sleeper !== undefined && fibers.has(sleeper))
  }

  /** The time of the next timer; undefined where there is none. */
  next(): number | undefined {
    while (this.heap[0]?.live === false) this.pop()
    return this.heap[0]?.due
  }

  /** Advances to the earliest due time and fires all that is due then; false where there is no timer. */
  jump(): boolean {
    const due = this.next()
    if (due === undefined) return false
    this.now = Math.max(this.now, due)
    while (this.next() === due) {
      const timer = this.pop()
      if (timer === undefined) break
      this.drop(timer)
      timer.fire()
    }
    return true
  }

  private drop(timer: Timer): void {
    if (!timer.live) return
    timer.live = false
    if (timer.foreground) this.foreground--
  }

  private push(timer: Timer): void {
    const heap = this.heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]!
      if (!before(timer, above)) break
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
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

const before = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

const nothing = (): void => {}

class View implements AgendaClock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  constructor(
    readonly agenda: Agenda,
    private readonly foreground: boolean,
  ) {}
  unsafeCurrentTimeMillis(): number {
    return this.agenda.now
  }
  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.agenda.now * 1_000_000))
  }
  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())
  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.withFiberRuntime((fiber) =>
      Effect.async<void>((resume) => {
        const millis = Duration.toMillis(duration)
        return Effect.sync(this.agenda.after(millis, () => resume(Effect.void), this.foreground, fiber))
      }),
    )
  }
}
