/**
 * One timer list for everything that is due later and usually never comes due: the deadline of each command,
 * its auto-defer, its delivery.
 *
 * A lane is a doubly linked list in order of due time, for entries that mostly have the same delay: a new one
 * belongs at or near the end, and setting and clearing cost well under a microsecond. A heap is for entries whose
 * delays are anything. No timer of the runtime is made per entry: one fiber sleeps on Effect's Clock until the earliest entry of all lanes.
 *
 * Failure modes: a callback that throws is logged and does not disturb the others. Closing the scope drops
 * what is left without calling it.
 *
 * @module
 */
import { Cause, type Clock, Context, Duration, Effect, type Fiber, Layer, Runtime, type Scope } from "effect"
import { TimerHeap } from "./TimerHeap.js"

/** An entry in a lane. */
export interface Timer {
  /** Epoch milliseconds on the runtime's Clock. */
  readonly due: number
  /** Takes the entry out. Does nothing once it has fired or was cancelled. */
  readonly cancel: () => void
}

/** A list of entries. Make one per kind of deadline, not per use. */
export interface Lane {
  /** Calls `run` once, at `due` (epoch milliseconds) or as soon after as the event loop allows. */
  readonly at: (due: number, run: () => void) => Timer
  /** The same, `millis` from now. */
  readonly after: (millis: number, run: () => void) => Timer
  /** How many entries are waiting. */
  readonly size: () => number
}

export interface Timers {
  /** For delays that are mostly equal. */
  readonly lane: () => Lane
  /** For delays of any length: setting and clearing take time by the logarithm of how many there are. */
  readonly heap: () => Lane
  /** Epoch milliseconds on the runtime's Clock. */
  readonly now: () => number
}

export const Timers = Context.GenericTag<Timers>("bosun/supervise/Timers")

export const make: Effect.Effect<Timers, never, Scope.Scope> = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const runtime = yield* Effect.runtime<never>()
  const scope = yield* Effect.scope
  const fork = Runtime.runFork(runtime)
  const lanes: Array<Sleeping> = []
  let sleeper: Fiber.RuntimeFiber<void> | undefined
  /** When the sleeper wakes; Infinity while there is none. */
  let wakesAt = Infinity
  let closed = false

  const fire = (): void => {
    const now = clock.unsafeCurrentTimeMillis()
    for (const lane of lanes) {
      for (let node = lane.takeDue(now); node !== undefined; node = lane.takeDue(now)) {
        try {
          node.run()
        } catch (defect) {
          fork(Effect.logError("A timer's callback threw", Cause.die(defect)))
        }
      }
    }
  }
  const sleepUntil = (due: number): void => {
    const now = clock.unsafeCurrentTimeMillis()
    wakesAt = Math.min(due, now + LONGEST)
    sleeper = fork(
      // Whole ones: of less than that a clock may not move on.
      Effect.flatMap(clock.sleep(Duration.millis(Math.ceil(wakesAt - now))), () =>
        Effect.sync(() => {
          wakesAt = Infinity
          sleeper = undefined
          fire()
          arm()
        }),
      ),
      { scope },
    )
  }
  const arm = (): void => {
    if (closed) return
    let earliest = Infinity
    for (const lane of lanes) earliest = Math.min(earliest, lane.earliest())
    if (earliest >= wakesAt) return
    sleeper?.unsafeInterruptAsFork(sleeper.id())
    sleepUntil(earliest)
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      closed = true
      lanes.length = 0
    }),
  )

  const onInsert = (due: number): void => {
    if (due < wakesAt) arm()
  }
  const add = <A extends Sleeping>(lane: A): A => {
    lanes.push(lane)
    return lane
  }

  return {
    now: () => clock.unsafeCurrentTimeMillis(),
    lane: () => add(new LinkedLane(clock, onInsert)),
    heap: () => add(new TimerHeap(clock, onInsert)),
  }
})

export const layer: Layer.Layer<Timers> = Layer.scoped(Timers, make)

/** Milliseconds. What is longer Effect's Clock never wakes from (24.8 days); it is slept for in parts. */
const LONGEST = 2 ** 31 - 1

/** What the one fiber sleeps for. */
export interface Sleeping extends Lane {
  /** When the first entry is due; Infinity where there is none. */
  readonly earliest: () => number
  /** Takes out an entry that is due. */
  readonly takeDue: (now: number) => { readonly run: () => void } | undefined
}

class Node implements Timer {
  previous: Node | undefined
  next: Node | undefined
  constructor(
    readonly due: number,
    readonly run: () => void,
    private lane: LinkedLane | undefined,
  ) {}
  cancel(): void {
    const lane = this.lane
    this.lane = undefined
    lane?.unlink(this)
  }
}

class LinkedLane implements Sleeping {
  private first: Node | undefined
  private last: Node | undefined
  private count = 0
  constructor(
    private readonly clock: Clock.Clock,
    private readonly onInsert: (due: number) => void,
  ) {}

  after(millis: number, run: () => void): Timer {
    return this.at(this.clock.unsafeCurrentTimeMillis() + millis, run)
  }
  at(due: number, run: () => void): Timer {
    const node = new Node(due, run, this)
    let after = this.last
    while (after !== undefined && after.due > due) after = after.previous
    node.previous = after
    node.next = after === undefined ? this.first : after.next
    if (node.next === undefined) this.last = node
    else node.next.previous = node
    if (after === undefined) this.first = node
    else after.next = node
    this.count++
    if (after === undefined) this.onInsert(due)
    return node
  }
  size(): number {
    return this.count
  }
  earliest(): number {
    return this.first === undefined ? Infinity : this.first.due
  }
  takeDue(now: number): Node | undefined {
    const node = this.first
    if (node === undefined || node.due > now) return undefined
    node.cancel()
    return node
  }
  unlink(node: Node): void {
    if (node.previous === undefined) this.first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) this.last = node.previous
    else node.next.previous = node.previous
    node.previous = undefined
    node.next = undefined
    this.count--
  }
}
