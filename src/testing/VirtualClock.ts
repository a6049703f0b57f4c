/**
 * A discrete-event clock: whenever every fiber is suspended, time jumps to the next due timer.
 *
 * Nothing sleeps in real time, an hour costs as much as a millisecond, and a program that can never go on is
 * reported as a deadlock instead of hanging. `runSync` drives programs that touch nothing but Effect; `run`
 * also lets this process's promises and I/O settle before each jump.
 *
 * What is outside virtual time (a worker, a socket, a timer of Node's own) is waited for in real time while it
 * is counted: put it into `outside`. File access and name lookups are seen without that; compression (`zlib`) and
 * `crypto` are not, unless they are synchronous. What is neither counted nor seen is a drawback: time may jump over
 * it.
 *
 * Effect's `Random` is seeded: the same seed gives the same run.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises"
import {
  Clock,
  Context,
  Data,
  DefaultServices,
  Effect,
  Exit,
  type Fiber,
  FiberId,
  FiberRef,
  FiberRefs,
  Random,
  Runtime,
  type Scheduler,
} from "effect"
import { Agenda, isClock } from "./Agenda.js"

/** What a run ended with, and when. */
export interface Outcome<A, E> {
  readonly exit: Exit.Exit<A, E | Deadlock>
  /** Virtual milliseconds since the start (which is 0). */
  readonly endedAt: number
}

export interface Options {
  /** The epoch time in milliseconds at which the clock begins. Default 0. */
  readonly start?: number
  /** For Effect's `Random`. Default 0. */
  readonly seed?: number
  /** Draws the order of what is due, or ready to run, at one moment. Default: first come, first served. */
  readonly interleaving?: number
}

export interface RunOptions extends Options {
  /** Real milliseconds for which work outside is waited for. Default 5,000. */
  readonly patience?: number
}

// ---------------------------------------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------------------------------------

/**
 * Runs a program to its end in virtual time, synchronously. The program may not wait for a promise: that is
 * seen as a deadlock.
 */
export const runSync = <A, E>(effect: Effect.Effect<A, E>, options: Options = {}): Outcome<A, E> => {
  const session = new Session(options)
  const fiber = session.fork(effect)
  for (;;) {
    session.drain()
    const exit = fiber.unsafePoll()
    if (exit !== null) return { exit, endedAt: session.elapsed() }
    if (!session.jump()) return abandoned(session, fiber)
  }
}

/**
 * Runs a program to its end in virtual time, letting this process's promises and immediates settle before each
 * jump. Resolves with the outcome; rejects only with `Outstanding`.
 */
export const run = async <A, E>(
  effect: Effect.Effect<A, E>,
  options: RunOptions = {},
): Promise<Outcome<A, E>> => {
  const session = new Session(options)
  const fiber = session.fork(effect)
  const ended = await session.drive(() => fiber.unsafePoll() !== null)
  const exit = fiber.unsafePoll()
  return ended && exit !== null ? { exit, endedAt: session.elapsed() } : abandoned(session, fiber)
}

const abandoned = <A, E>(session: Session, fiber: Fiber.RuntimeFiber<A, E>): Outcome<A, E> => {
  const at = session.elapsed()
  fiber.unsafeInterruptAsFork(fiber.id())
  session.drain()
  return { exit: Exit.fail(new Deadlock({ at, waiting: [] })), endedAt: at }
}

/**
 * Counts work that virtual time cannot see: under a virtual clock no time passes until it has ended, and it is
 * waited for in real time. Under any other clock it is the effect itself. Interruption ends the count with the
 * effect.
 */
export const outside = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  name = "work outside virtual time",
): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) =>
    isClock(clock)
      ? Effect.acquireUseRelease(
          Effect.sync(() => clock.agenda.enter(name)),
          () => effect,
          (leave) => Effect.sync(leave),
        )
      : effect,
  )

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** Every fiber is suspended and no timer is left, or none that is near enough: the program does not go on. */
export class Deadlock extends Data.TaggedError("Deadlock")<{
  /** Virtual milliseconds since the start. */
  readonly at: number
  /** Who waits for what, as far as is known. */
  readonly waiting: ReadonlyArray<string>
  /** Milliseconds: set where a timer is left, but further away than the `horizon` of `Kit.run`. */
  readonly horizon?: number
}> {
  override get message() {
    const first =
      this.horizon === undefined
        ? `No timer is left and the program is suspended, at ${this.at} ms of virtual time`
        : `The next timer is further away than the option \`horizon\` lets time go (${this.horizon} ms), at ${this.at} ms of virtual time`
    return [first, ...this.waiting.map((one) => `  ${one}`)].join("\n")
  }
}

/** Work outside virtual time did not end within the patience. */
export class Outstanding extends Data.TaggedError("Outstanding")<{
  readonly names: ReadonlyArray<string>
  /** Real milliseconds. */
  readonly after: number
}> {
  override get message() {
    return `Still going on outside virtual time after ${this.after} ms: ${this.names.join(", ")}`
  }
}

// ---------------------------------------------------------------------------------------------------------
// Sessions
// ---------------------------------------------------------------------------------------------------------

/** Requests of Node that end by themselves, and whose end may wake a fiber. It lists none of `crypto` and `zlib`. */
const requests = new Set([
  "FSReqCallback",
  "FSReqPromise",
  // The end of a file handle.
  "CloseReq",
  "GetAddrInfoReqWrap",
  "GetNameInfoReqWrap",
])

/** Real milliseconds for which what is seen without being counted is waited for: it may be another's. */
const POLITE = 250

interface Quiet {
  readonly fits: () => boolean
  readonly resume: () => void
}

/** Virtual time that goes on over many programs. Driven by one caller at a time. */
export class Session {
  readonly agenda: Agenda
  readonly scheduler: DrainScheduler
  private readonly start: number
  private readonly patience: number
  private readonly waiters = new Set<Quiet>()
  private random: Random.Random = Random.make(0)
  /** Asked before time jumps, when nothing else can happen: true ends the drive as a deadlock. */
  stuck: () => boolean = () => false

  constructor(options: RunOptions = {}) {
    this.start = options.start ?? 0
    this.patience = options.patience ?? 5_000
    this.agenda = new Agenda(this.start)
    this.scheduler = new DrainScheduler()
    this.set(options)
  }

  /** What programs that are started from now on run with. */
  set({ interleaving, seed }: Pick<Options, "seed" | "interleaving">): void {
    const draw = interleaving === undefined ? undefined : drawing(interleaving)
    this.agenda.draw = draw
    this.scheduler.draw = draw
    this.random = Random.make(seed ?? 0)
  }

  /** Virtual milliseconds since the start. */
  elapsed(): number {
    return this.agenda.now - this.start
  }

  /** Starts a program; `clock` says whether an idle check waits for its sleeps. Default: it does. */
  fork<A, E>(effect: Effect.Effect<A, E>, clock: Clock.Clock = this.agenda.clock): Fiber.RuntimeFiber<A, E> {
    return Runtime.runFork(this.runtime(Context.empty(), clock))(effect)
  }

  /** What a program runs with: this time, this scheduler, a seeded `Random`, the services, and what is set for its fibers. */
  runtime<R>(
    services: Context.Context<R>,
    clock: Clock.Clock = this.agenda.clock,
    set: (refs: FiberRefs.FiberRefs) => FiberRefs.FiberRefs = (refs) => refs,
  ): Runtime.Runtime<R> {
    const { currentServices } = DefaultServices
    const own = Context.mergeAll(
      DefaultServices.liveServices,
      Context.make(Clock.Clock, clock),
      Context.make(Random.Random, this.random),
    )
    const refs = FiberRefs.empty().pipe(
      (empty) => FiberRefs.updateAs(empty, { fiberId: FiberId.none, fiberRef: currentServices, value: own }),
      (some) =>
        FiberRefs.updateAs(some, {
          fiberId: FiberId.none,
          fiberRef: FiberRef.currentScheduler,
          value: this.scheduler,
        }),
    )
    const { runtimeFlags } = Runtime.defaultRuntime
    return Runtime.make({ context: services, fiberRefs: set(refs), runtimeFlags })
  }

  /** Runs what is ready to run; true where anything was. */
  drain(): boolean {
    return this.scheduler.drain()
  }

  jump(): boolean {
    return this.agenda.jump()
  }

  /** Resumes when nothing more can happen without time passing, and the condition holds. */
  quiet(fits: () => boolean): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const waiter: Quiet = { fits, resume: () => resume(Effect.void) }
      this.waiters.add(waiter)
      return Effect.sync(() => this.waiters.delete(waiter))
    })
  }

  /** Whether somebody waits in `quiet`. */
  isAwaitingQuiet(): boolean {
    return this.waiters.size > 0
  }

  /**
   * Lets time pass until the condition holds: true; or until nothing can ever happen again: false. Rejects with
   * `Outstanding` where work outside does not end.
   */
  async drive(until: () => boolean): Promise<boolean> {
    for (;;) {
      this.drain()
      if (until()) return true
      await turn()
      if (!this.scheduler.isEmpty() || (await this.abroad())) continue
      if (this.wake()) continue
      if (this.stuck() || !this.jump()) return false
    }
  }

  /** Resumes the first waiter whose condition holds. */
  private wake(): boolean {
    for (const waiter of this.waiters) {
      if (!waiter.fits()) continue
      this.waiters.delete(waiter)
      waiter.resume()
      return true
    }
    return false
  }

  /** Waits for what goes on outside; true where anything may have changed. */
  private async abroad(): Promise<boolean> {
    const { outside } = this.agenda
    if (outside.size === 0 && !isBusy()) return false
    const since = performance.now()
    for (let turns = 0; this.scheduler.isEmpty(); turns++) {
      const waited = performance.now() - since
      if (outside.size === 0 && (waited > POLITE || !isBusy())) return turns > 0
      if (waited > this.patience)
        throw new Outstanding({ names: Array.from(outside.values()), after: Math.round(waited) })
      await (turns < 50 ? turn() : pause(1))
    }
    return true
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Whether Node has immediates or short requests under way. 0.1 µs. */
const isBusy = (): boolean =>
  process.getActiveResourcesInfo().some((name) => name === "Immediate" || requests.has(name))

/** First in, first out, unless an order is drawn. */
class DrainScheduler implements Scheduler.Scheduler {
  private tasks: Array<() => void> = []
  draw: (() => number) | undefined
  isEmpty(): boolean {
    return this.tasks.length === 0
  }
  scheduleTask(task: () => void): void {
    this.tasks.push(task)
  }
  shouldYield(fiber: Fiber.RuntimeFiber<unknown, unknown>): number | false {
    return (fiber as unknown as { currentOpCount: number }).currentOpCount > 2048 ? 0 : false
  }
  drain(): boolean {
    const worked = this.tasks.length > 0
    while (this.tasks.length > 0) {
      if (this.draw === undefined) {
        const batch = this.tasks
        this.tasks = []
        for (const task of batch) task()
      } else {
        const [task] = this.tasks.splice(Math.floor(this.draw() * this.tasks.length), 1)
        task?.()
      }
    }
    return worked
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const drawing = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
