/**
 * A bounded queue between events and whoever works on them.
 *
 * Events come as fast as people write; the work on each may take longer. The inbox takes what it has room for, at
 * once and without a fiber, and says what became of the rest. Its consumers are fibers on the roster, there only
 * while there is work; one item that fails is reported and does not touch the others.
 *
 * ```ts
 * const inbox = yield* Inbox.make({ name: "guard", capacity: 1_000, overflow: "drop oldest", key: authorOf, concurrency: 8, handle: judge })
 * yield* Listener.packets(GatewayDispatchEvents.MessageCreate, (message) => inbox.offer(message))
 * ```
 *
 * At shutdown it takes nothing more, then works on what it has. When its scope ends, what waits is dropped and what
 * is worked on is interrupted.
 *
 * Failure modes: an item whose work is interrupted (by an administrator, by the shutdown, by the end of the scope)
 * counts as failed and is not worked on again. A consumer that had work without a pause for longer than the
 * supervisor's `warnAfter` is named in the log. A `key` that throws, throws at whoever offers, and `put` dies of it.
 * Nothing survives the process.
 *
 * @module
 */
import { Cause, Duration, Effect, Exit, Runtime, type Schedule, type Scope } from "effect"
import * as InboxMetrics from "../observe/InboxMetrics.js"
import { Lanes, type Item } from "./inbox/Lanes.js"
import { Line } from "./inbox/Line.js"
import type * as Roster from "./Roster.js"
import { Shutdown } from "./Shutdown.js"
import { owned, Supervisor } from "./Supervisor.js"

/** What happens to an item that comes while the inbox is full. */
export type Overflow =
  /** It is dropped and counted. */
  | "drop newest"
  /** The one that has waited longest is dropped and counted, and this one taken. */
  | "drop oldest"
  /** `put` waits for room; `offer`, which cannot wait, gives false. */
  | "backpressure"

export interface Options<A, E, R> {
  /** As in the log, the metrics and the shutdown. */
  readonly name: string
  /** How many may wait; those being worked on are not counted. 1 or more. */
  readonly capacity: number
  /** Default `drop newest`. */
  readonly overflow?: Overflow
  /** How many are worked on at once. Default 1. */
  readonly concurrency?: number
  /** Items of one key are worked on one after the other, in the order in which they came. Default: no order but by concurrency. */
  readonly key?: (item: A) => string
  /** The work. Its failure is logged and counted, and the next item is taken. */
  readonly handle: (item: A) => Effect.Effect<unknown, E, R>
  /** For a failed item, before it counts as failed; it keeps its place and its key meanwhile. Default none. */
  readonly retry?: Schedule.Schedule<unknown, E>
  /** How long the drain may take at shutdown. What is left then is counted as dropped. Default 5 seconds. */
  readonly drainWithin?: Duration.DurationInput
}

export interface Inbox<A> {
  /** Takes an item at once, or says false: it was dropped (or there is no room, with backpressure), or the inbox is closed. */
  readonly offer: (item: A) => boolean
  /**
   * Takes an item; with backpressure waits for room, first come, first served. Gives false as `offer` does, and when
   * the inbox is closed meanwhile. Interrupted while it waits, the item was not taken.
   */
  readonly put: (item: A) => Effect.Effect<boolean>
  readonly stats: () => Stats
  /** Completes when nothing waits and nothing is worked on. */
  readonly idle: Effect.Effect<void>
}

/** Counts since it was made: `taken` = `done` + `failed` + `dropped` + `depth` + `running`. */
export interface Stats {
  /** How many wait now. */
  readonly depth: number
  readonly running: number
  /** All that came while it was open, also those that were dropped; not those that backpressure kept out. */
  readonly taken: number
  readonly done: number
  readonly failed: number
  readonly dropped: number
  /** How long the oldest that waits has waited, in milliseconds. */
  readonly oldestMillis: number
}

/** Milliseconds between two words in the log that items are dropped. */
const WARN_EVERY = 60_000
/** How long the end of a scope waits for work that does not let itself be interrupted. */
const LAST_WORDS = "5 seconds"

interface Putting<A> {
  readonly item: A
  readonly key: string | undefined
  readonly resume: (taken: boolean) => void
}

/** Opens an inbox, until the scope ends. */
export const make = <A, E, R>(
  options: Options<A, E, R>,
): Effect.Effect<Inbox<A>, never, R | Scope.Scope | Shutdown | Supervisor> =>
  Effect.gen(function* () {
    const { capacity, concurrency = 1, handle, key, name, overflow = "drop newest", retry } = options
    const within = Duration.decode(options.drainWithin ?? "5 seconds")
    const supervisor = yield* Supervisor
    const shutdown = yield* Shutdown
    const clock = yield* Effect.clock
    const runtime = yield* Effect.runtime<R>()
    const log = Runtime.runFork(runtime)
    const metrics = InboxMetrics.forInbox(name)
    const lanes = new Lanes<A>()
    const putting = new Line<Putting<A>>()
    const consumers = new Set<Roster.Held>()
    const idlers = new Set<() => void>()
    const count = { taken: 0, running: 0, done: 0, failed: 0, dropped: 0 }
    let workers = 0
    let open = true
    let warnedAt = -Infinity
    let unsaid = 0

    const work = (item: A): Effect.Effect<unknown, E, R> => {
      const once = Effect.suspend(() => handle(item))
      return retry === undefined ? once : Effect.retry(once, retry)
    }
    const lose = (items: number): void => {
      count.dropped += items
      metrics.dropped(items)
    }
    /** There is no room for it. */
    const drop = (): void => {
      lose(1)
      unsaid++
      const now = clock.unsafeCurrentTimeMillis()
      if (now - warnedAt < WARN_EVERY) return
      warnedAt = now
      log(Effect.logWarning(`inbox ${name} drops what it has no room for: ${unsaid} since it last said so`))
      unsaid = 0
    }
    const settle = (item: Item<A>, exit: Exit.Exit<unknown, unknown>, millis: number): void => {
      lanes.release(item)
      count.running--
      const fate = Exit.isSuccess(exit) ? "done" : "failed"
      count[fate]++
      metrics.ended(fate, millis)
      if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) {
        log(Effect.logError(`inbox ${name}: the work on an item failed`, exit.cause))
      }
    }
    const take = (): Item<A> | undefined => {
      const item = lanes.take()
      if (item === undefined) return undefined
      count.running++
      metrics.begun(clock.unsafeCurrentTimeMillis() - item.at)
      metrics.depth(lanes.size())
      return item
    }
    const hasRoom = () => open && lanes.size() < capacity
    const isShortOfHands = () => workers < concurrency && lanes.hasReady()
    const isIdle = () => lanes.size() === 0 && count.running === 0
    /** To be called after whatever may have made room, work, or an end of work. */
    const turn = (): void => {
      while (hasRoom()) {
        const next = putting.shift()
        if (next === undefined) break
        accept(next.item, next.key)
        next.resume(true)
      }
      while (isShortOfHands()) {
        const first = take()
        if (first === undefined || !consume(first)) break
      }
      if (isIdle()) for (const tell of idlers) tell()
    }
    const accept = (item: A, itsKey: string | undefined): void => {
      count.taken++
      lanes.add(item, clock.unsafeCurrentTimeMillis(), itsKey)
      metrics.depth(lanes.size())
    }
    /** Starts a consumer that goes on while there is something to take. */
    const consume = (first: Item<A>): boolean => {
      let current: Item<A> | undefined = first
      let since = 0
      const rounds = Effect.whileLoop({
        while: () => {
          current ??= take()
          // What was taken has left its place to somebody.
          if (putting.size() > 0) turn()
          return current !== undefined
        },
        body: () =>
          Effect.suspend(() => {
            since = clock.unsafeCurrentTimeMillis()
            return current === undefined ? Effect.succeed(Exit.void) : Effect.exit(work(current.value))
          }),
        step: (exit: Exit.Exit<unknown, E>) => {
          const item = current
          current = undefined
          if (item !== undefined) settle(item, exit, clock.unsafeCurrentTimeMillis() - since)
          if (workers < concurrency) turn()
        },
      })
      // Not within the event that brought the item: those that come with it are taken first.
      const own = owned(Effect.zipRight(Effect.yieldNow(), rounds))
      workers++
      const entry = supervisor.start(
        // What it works on was taken in before.
        { kind: "inbox", name, inner: true, userId: undefined, guildId: undefined, channelId: undefined },
        runtime,
        Effect.interruptible(own.effect),
        (exit, self) => {
          workers--
          consumers.delete(self)
          supervisor.release(self)
          // Interrupted in the middle of it.
          if (current !== undefined)
            settle(current, exit, Math.max(0, clock.unsafeCurrentTimeMillis() - since))
          current = undefined
          turn()
        },
        (self) => {
          own.onEntry(self)
          consumers.add(self)
        },
      )
      if (entry !== undefined) return true
      // The bot has ended all that ran: nobody will work on anything any more.
      workers--
      lanes.release(first)
      count.running--
      close()
      discard(1)
      return false
    }
    const close = (): void => {
      open = false
      for (let next = putting.shift(); next !== undefined; next = putting.shift()) next.resume(false)
    }
    /** Drops what waits, and says how much, with those that were taken out in vain. */
    const discard = (taken = 0): void => {
      let left = taken
      while (lanes.dropOldest() !== undefined) left++
      if (left === 0) return
      lose(left)
      metrics.depth(0)
      log(Effect.logWarning(`inbox ${name} ends and drops what still waited: ${left}`))
    }
    const offer = (item: A): boolean => {
      if (!open) return false
      // Whoever waits for room comes first.
      if (overflow === "backpressure" && (putting.size() > 0 || lanes.size() >= capacity)) return false
      if (lanes.size() >= capacity) {
        if (overflow === "drop newest") {
          count.taken++
          drop()
          return false
        }
      }
      // It may throw: nothing has changed yet.
      const itsKey = key?.(item)
      if (lanes.size() >= capacity) {
        lanes.dropOldest()
        drop()
      }
      accept(item, itsKey)
      turn()
      return true
    }
    const idle = Effect.async<void>((resume) => {
      if (isIdle()) return resume(Effect.void)
      const tell = (): void => {
        idlers.delete(tell)
        resume(Effect.void)
      }
      idlers.add(tell)
      return Effect.sync(() => idlers.delete(tell))
    })
    const end = Effect.suspend(() => {
      for (const { fiber } of consumers) fiber?.unsafeInterruptAsFork(fiber.id())
      return Effect.timeoutOption(Effect.interruptible(idle), LAST_WORDS)
    })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        close()
        discard()
        return end
      }),
    )
    yield* shutdown.register({ name: `inbox ${name}`, phase: "intake", run: Effect.sync(close) })
    yield* shutdown.register({
      name: `inbox ${name}`,
      phase: "drain",
      deadline: Duration.sum(within, Duration.decode(LAST_WORDS)),
      run: Effect.gen(function* () {
        close()
        const before = count.dropped
        yield* Effect.timeoutOption(Effect.interruptible(idle), within)
        discard()
        const left = count.dropped - before
        const cut = count.running
        yield* end
        return left + cut === 0 ? undefined : `${left} dropped, ${cut} cut short`
      }),
    })

    return {
      offer,
      put: (item) =>
        overflow !== "backpressure"
          ? Effect.sync(() => offer(item))
          : Effect.async<boolean>((resume) => {
              if (!open) return resume(Effect.succeed(false))
              if (offer(item)) return resume(Effect.succeed(true))
              const place = putting.add({
                item,
                key: key?.(item),
                resume: (taken) => resume(Effect.succeed(taken)),
              })
              return Effect.sync(() => putting.remove(place))
            }),
      stats: () => {
        const since = lanes.since()
        return {
          ...count,
          depth: lanes.size(),
          oldestMillis: since === undefined ? 0 : clock.unsafeCurrentTimeMillis() - since,
        }
      },
      idle,
    }
  })
