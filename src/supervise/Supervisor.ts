/**
 * Runs fibers under the bot's root scope and keeps the roster of them.
 *
 * `Effect.forkDaemon` and its kin start fibers that nobody owns; here each fiber has a name, an owner and a
 * place on the roster, its failure is reported, and it ends with the scope. (Not to be confused with the
 * runtime's own `effect/Supervisor`, which watches fibers but owns none.)
 *
 * Failure modes: a fiber that fails is logged with its cause and touches no other. A fiber older than
 * `warnAfter` is named in the log once, and goes on.
 *
 * @module
 */
import { Cause, Context, Duration, Effect, Exit, type Fiber, Layer, Runtime, type Scope } from "effect"
import { Going } from "./Going.js"
import type * as Roster from "./Roster.js"
import * as Timers from "./Timers.js"

export interface Options {
  /** A fiber older than this is named in the log. Default 30 seconds. */
  readonly warnAfter?: Duration.DurationInput
}

export interface Supervisor {
  /**
   * Starts a fiber at once and enters it into the roster. The entry is `delivering` when `onExit` is called
   * and stays until `release` is called with it. `onEntry` is given the entry before the fiber runs: it may end
   * before this returns. This is the hot path: it is a plain function, and `onExit`
   * is called synchronously by the fiber that ends. Once drained it starts nothing and returns undefined.
   */
  readonly start: <A, E, R>(
    origin: Roster.Origin,
    runtime: Runtime.Runtime<R>,
    effect: Effect.Effect<A, E, R>,
    onExit: (exit: Exit.Exit<A, E>, entry: Roster.Held) => void,
    onEntry?: (entry: Roster.Held) => void,
  ) => Roster.Held | undefined
  /** Takes an entry off the roster; its work is over and delivered. */
  readonly release: (entry: Roster.Held) => void
  /**
   * Runs an effect as a fiber of its own under the root scope. A failure is logged. Interrupting the caller
   * does not touch it; ending the scope interrupts it.
   */
  readonly fork: <A, E, R>(
    origin: Pick<Roster.Origin, "kind" | "name"> & Partial<Roster.Origin>,
    effect: Effect.Effect<A, E, R>,
  ) => Effect.Effect<Fiber.RuntimeFiber<A, E>, never, R>
  /** What runs now, oldest first. */
  readonly roster: Effect.Effect<ReadonlyArray<Roster.Entry>>
  /** Ends one task; its owner tells its user. False where there is no such task. */
  readonly cancel: (id: number, reason: Roster.CancelReason) => Effect.Effect<boolean>
  /** Entries that are neither parked in a wait for a person nor `background`. */
  readonly busy: () => number
  /**
   * Starts nothing any more, lets what is `busy` go on for `grace`, then ends the rest with `shutdown` and waits for
   * 10 seconds at most until their users were told. What is left after that is named in the log. Called again,
   * it does nothing.
   */
  readonly drain: (grace: Duration.DurationInput) => Effect.Effect<void>
}

export const Supervisor = Context.GenericTag<Supervisor>("bosun/supervise/Supervisor")

/** How long an ended task may take to tell its user. */
const LAST_WORDS = "10 seconds"

export const make = (options: Options = {}): Effect.Effect<Supervisor, never, Scope.Scope | Timers.Timers> =>
  Effect.gen(function* () {
    const timers = yield* Timers.Timers
    const root = yield* Effect.runtime<never>()
    const forkRoot = Runtime.runFork(root)
    const warnAfter = Duration.toMillis(options.warnAfter ?? "30 seconds")
    const ages = timers.lane()
    const held = new Going<Roster.Held>()
    /** Told whenever an entry is released; only while the bot drains. */
    const waiting: Array<() => void> = []
    let nextId = 1
    let open = true

    const warn = (entry: Roster.Held) => () => {
      forkRoot(
        Effect.logWarning(`${entry.kind} ${entry.name} has run for ${warnAfter / 1000} s`).pipe(
          Effect.annotateLogs({ task: entry.id, state: entry.state, user: entry.userId ?? "-" }),
        ),
      )
    }
    const enter = (origin: Roster.Origin): Roster.Held => {
      const now = timers.now()
      const entry: Roster.Held = {
        id: nextId++,
        kind: origin.kind,
        name: origin.name,
        userId: origin.userId,
        guildId: origin.guildId,
        channelId: origin.channelId,
        startedAt: now,
        deadlineAt: undefined,
        state: "running",
        fiber: undefined,
        cancel: undefined,
        warning: undefined,
        place: undefined,
      }
      entry.place = held.add(entry)
      entry.warning = ages.at(now + warnAfter, warn(entry))
      return entry
    }
    const release = (entry: Roster.Held): void => {
      const place = entry.place
      if (place === undefined) return
      entry.place = undefined
      held.remove(place)
      entry.warning?.cancel()
      if (waiting.length > 0) for (const resume of waiting.splice(0)) resume()
    }
    const interrupt = (entry: Roster.Held): void => {
      const fiber = entry.fiber
      if (fiber !== undefined) fiber.unsafeInterruptAsFork(fiber.id())
    }
    const end = (entry: Roster.Held, reason: Roster.CancelReason): void => {
      if (entry.cancel === undefined) interrupt(entry)
      else entry.cancel(reason)
    }
    const start: Supervisor["start"] = (origin, runtime, effect, onExit, onEntry) => {
      if (!open) return undefined
      const entry = enter(origin)
      onEntry?.(entry)
      const fiber = Runtime.runFork(runtime)(effect)
      entry.fiber = fiber
      fiber.addObserver((exit) => {
        entry.state = "delivering"
        onExit(exit, entry)
      })
      return entry
    }
    const released = Effect.async<void>((resume) => {
      waiting.push(() => resume(Effect.void))
    })
    // Interruptible, so that a time-out ends it also in a finalizer.
    const when = (reached: () => boolean) =>
      Effect.interruptible(
        Effect.suspend(() => (reached() ? Effect.void : Effect.repeat(released, { until: reached }))),
      )
    const busy = () =>
      held.all().filter(({ kind, state }) => state !== "waiting" && kind !== "background").length
    const drain = Effect.fnUntraced(function* (grace: Duration.DurationInput) {
      if (!open) return
      open = false
      yield* Effect.timeoutOption(
        when(() => busy() === 0),
        grace,
      )
      for (const entry of held.all()) end(entry, "shutdown")
      yield* Effect.timeoutOption(
        when(() => held.isEmpty()),
        LAST_WORDS,
      )
      for (const { id, kind, name, state } of held.all()) {
        yield* Effect.logError(`${kind} ${name} did not end`).pipe(Effect.annotateLogs({ task: id, state }))
      }
    })

    yield* Effect.addFinalizer(() => drain(0))

    return {
      start,
      release,
      drain,
      fork: <A, E, R>(
        origin: Pick<Roster.Origin, "kind" | "name"> & Partial<Roster.Origin>,
        effect: Effect.Effect<A, E, R>,
      ) =>
        Effect.flatMap(Effect.runtime<R>(), (runtime) =>
          Effect.suspend(() => {
            const entry = start(
              { userId: undefined, guildId: undefined, channelId: undefined, ...origin },
              runtime,
              // The caller may be in an acquisition; the fiber has to end with the scope all the same.
              Effect.interruptible(effect),
              (exit, self) => {
                release(self)
                if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) {
                  forkRoot(Effect.logError(`${origin.kind} ${origin.name} failed`, exit.cause))
                }
              },
            )
            return entry === undefined
              ? Effect.interrupt
              : Effect.succeed(entry.fiber as Fiber.RuntimeFiber<A, E>)
          }),
        ),
      roster: Effect.sync(() =>
        held
          .all()
          .toReversed()
          .map(
            ({ cancel: _cancel, fiber: _fiber, place: _place, warning: _warning, ...entry }): Roster.Entry =>
              entry,
          ),
      ),
      cancel: (id, reason) =>
        Effect.sync(() => {
          const entry = held.all().find((one) => one.id === id)
          if (entry === undefined) return false
          end(entry, reason)
          return true
        }),
      busy,
    }
  })

export const layer = (options?: Options): Layer.Layer<Supervisor, never, Timers.Timers> =>
  Layer.scoped(Supervisor, make(options))
