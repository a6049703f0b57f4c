/**
 * Runs fibers under the bot's root scope and keeps the roster of them.
 *
 * `Effect.forkDaemon` and its kin start fibers that nobody owns; here each fiber has a name, an owner and a
 * place on the roster, its failure is reported, and it ends with the scope. (Not to be confused with the
 * runtime's own `effect/Supervisor`, which watches fibers but owns none.)
 *
 * What a task waits for is on the roster too, as an entry of its own of the kind `wait`. It has no fiber and holds
 * nobody up: a task of which a fiber is parked in a wait is `waiting` and does not keep the bot from stopping.
 *
 * Failure modes: a fiber that fails is logged with its cause and touches no other. A fiber older than
 * `warnAfter` is named in the log once, and goes on; one that waits for a person, or is in the background, is not.
 *
 * @module
 */
import {
  Cause,
  Context,
  Data,
  Deferred,
  Duration,
  Effect,
  Exit,
  type Fiber,
  Layer,
  Runtime,
  type Scope,
} from "effect"
import * as Subject from "../observe/Subject.js"
import * as Detached from "./Detached.js"
import { Going } from "./Going.js"
import * as Roster from "./Roster.js"
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
   * is called synchronously by the fiber that ends. Once closed it starts only what is `inner`, once drained nothing;
   * then it returns undefined.
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
   * does not touch it; ending the scope interrupts it. It is not part of the caller's transaction.
   *
   * What a task forks is `inner`, unless its origin says otherwise. Where nothing is started any more the caller is
   * interrupted.
   */
  readonly fork: <A, E, R>(
    origin: Pick<Roster.Origin, "kind" | "name"> & Partial<Roster.Origin>,
    effect: Effect.Effect<A, E, R>,
  ) => Effect.Effect<Fiber.RuntimeFiber<A, E>, never, R>
  /**
   * Enters what somebody waits for: an entry without a fiber, of the kind `wait`, that stays until it is released.
   * `cancel` has to end the wait. Undefined once drained: then the wait has to end at once.
   */
  readonly park: (wait: Parked) => Roster.Held | undefined
  /** A fiber of the task begins to wait for a person. Each call is undone by one of `resume`. */
  readonly pause: (task: Roster.Held) => void
  readonly resume: (task: Roster.Held) => void
  /** What runs and what is waited for now, oldest first. */
  readonly roster: Effect.Effect<ReadonlyArray<Roster.Entry>>
  /** Ends one task; its owner tells its user. False where there is no such task. */
  readonly cancel: (id: number, reason: Roster.CancelReason) => Effect.Effect<boolean>
  /** Tasks that neither wait for a person nor are in the background. */
  readonly busy: () => number
  /**
   * Names a task in the log unless it is cancelled within `millis`: for a single step that takes long. Plain, for
   * `Step`.
   */
  readonly warnOf: (task: Roster.Held | undefined, step: string, millis: number) => Timers.Timer
  /** Ends the bot: `escalated` fails with this from now on. Only the first counts. */
  readonly escalate: (why: Escalated) => Effect.Effect<void>
  /** Never completes; fails when a service has given up that the bot cannot do without. */
  readonly escalated: Effect.Effect<never, Escalated>
  /** Takes nothing new in any more; what runs goes on, and may start what is a part of it. */
  readonly close: Effect.Effect<void>
  /**
   * Closes, lets what is `busy` go on for `grace`, then ends the rest with `shutdown`, starts nothing at all any more,
   * and waits for 10 seconds at most until their users were told. What is left after that is named in the log, and
   * its number given. Called again, it does nothing and gives 0.
   */
  readonly drain: (grace: Duration.DurationInput) => Effect.Effect<number>
}

/** What somebody waits for. */
export interface Parked {
  /** What is listed as the entry's name. */
  readonly name: string
  readonly userId: string | undefined
  readonly guildId: string | undefined
  readonly channelId: string | undefined
  /** The task that waits; undefined where none does. */
  readonly owner: Roster.Held | undefined
  /** Called at most once. */
  readonly cancel: (reason: Roster.CancelReason) => void
}

export const Supervisor = Context.GenericTag<Supervisor>("bosun/supervise/Supervisor")

/** A service that the bot cannot do without could not be kept running. */
export class Escalated extends Data.TaggedError("Escalated")<{
  readonly service: string
  /** One sentence: how often it was restarted within which time. */
  readonly reason: string
}> {
  override get message() {
    return `The service ${this.service} was given up: ${this.reason}`
  }
}

const WAIT = "wait"
const BACKGROUND = "background"

/** How long an ended task may take to tell its user. */
const LAST_WORDS = "10 seconds"

export const make = (options: Options = {}): Effect.Effect<Supervisor, never, Scope.Scope | Timers.Timers> =>
  Effect.gen(function* () {
    const timers = yield* Timers.Timers
    const root = yield* Effect.runtime<never>()
    const forkRoot = Runtime.runFork(root)
    const warnAfter = Duration.toMillis(options.warnAfter ?? "30 seconds")
    const ages = timers.lane()
    const steps = timers.lane()
    const escalated = yield* Deferred.make<never, Escalated>()
    const tasks = new Going<Roster.Held>()
    const waits = new Going<Roster.Held>()
    /** Told whenever an entry is released or begins to wait; only while the bot drains. */
    const waiting: Array<() => void> = []
    let nextId = 1
    let open = true
    let drained = false
    /** What was left has been ended: also what is inner is refused. */
    let over = false

    const warn = (entry: Roster.Held) => () => {
      const now = timers.now()
      if (entry.state === "waiting") {
        entry.warning = ages.at(now + warnAfter, warn(entry))
        return
      }
      forkRoot(
        Effect.logWarning(`${entry.kind} ${entry.name} has run for ${(now - entry.startedAt) / 1000} s`).pipe(
          Effect.annotateLogs({ task: entry.id, state: entry.state, user: entry.userId ?? "-" }),
        ),
      )
    }
    const changed = (): void => {
      if (waiting.length > 0) for (const resume of waiting.splice(0)) resume()
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
        background: origin.background ?? origin.kind === BACKGROUND,
        doing: undefined,
        steps: undefined,
        ownerId: origin.ownerId,
        parked: 0,
        endedBy: undefined,
        fiber: undefined,
        cancel: undefined,
        warning: undefined,
        place: undefined,
      }
      entry.place = tasks.add(entry)
      if (!entry.background) entry.warning = ages.at(now + warnAfter, warn(entry))
      return entry
    }
    const release = (entry: Roster.Held): void => {
      const place = entry.place
      if (place === undefined) return
      entry.place = undefined
      if (entry.kind === WAIT) waits.remove(place)
      else tasks.remove(place)
      entry.warning?.cancel()
      changed()
    }
    const park: Supervisor["park"] = ({ cancel, channelId, guildId, name, owner, userId }) => {
      if (over) return undefined
      const entry: Roster.Held = {
        id: nextId++,
        kind: WAIT,
        name,
        userId,
        guildId,
        channelId,
        startedAt: timers.now(),
        deadlineAt: undefined,
        state: "waiting",
        background: false,
        doing: undefined,
        steps: undefined,
        ownerId: owner?.id,
        parked: 0,
        endedBy: undefined,
        fiber: undefined,
        cancel,
        warning: undefined,
        place: undefined,
      }
      entry.place = waits.add(entry)
      return entry
    }
    const pause = (task: Roster.Held): void => {
      if (task.parked++ > 0 || task.state !== "running") return
      task.state = "waiting"
      changed()
    }
    const resume = (task: Roster.Held): void => {
      if (--task.parked === 0 && task.state === "waiting") task.state = "running"
    }
    const end = (entry: Roster.Held, reason: Roster.CancelReason): void => {
      if (entry.place === undefined) return
      entry.endedBy ??= reason
      const { cancel, fiber } = entry
      if (cancel === undefined && fiber === undefined) return
      // Once: a second interruption would cut short what finalizers wait for.
      entry.cancel = done
      if (cancel !== undefined) cancel(reason)
      else fiber?.unsafeInterruptAsFork(fiber.id())
    }
    const start: Supervisor["start"] = (origin, runtime, effect, onExit, onEntry) => {
      if (!open && (over || origin.inner !== true)) return undefined
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
    const busy = () => tasks.count(({ background, state }) => state !== "waiting" && !background)
    const close = Effect.sync(() => {
      open = false
    })
    const drain = Effect.fnUntraced(function* (grace: Duration.DurationInput) {
      yield* close
      if (drained) return 0
      drained = true
      yield* Effect.timeoutOption(
        when(() => busy() === 0),
        grace,
      )
      over = true
      // A wait ends with the task that waits; what is left of them belongs to none, or to one that cannot be
      // interrupted.
      for (const entry of [...tasks.all(), ...waits.all()]) end(entry, "shutdown")
      yield* Effect.timeoutOption(
        when(() => tasks.isEmpty() && waits.isEmpty()),
        LAST_WORDS,
      )
      const left = [...tasks.all(), ...waits.all()]
      for (const { id, kind, name, state } of left) {
        yield* Effect.logError(`${kind} ${name} did not end`).pipe(Effect.annotateLogs({ task: id, state }))
      }
      return left.length
    })

    yield* Effect.addFinalizer(() => drain(0))

    return {
      start,
      release,
      close,
      drain,
      park,
      pause,
      resume,
      fork: <A, E, R>(
        origin: Pick<Roster.Origin, "kind" | "name"> & Partial<Roster.Origin>,
        effect: Effect.Effect<A, E, R>,
      ) =>
        Effect.flatMap(Effect.runtime<R>(), (runtime) =>
          Effect.suspend(() => {
            const own = owned(effect)
            const inner = runtime.context.unsafeMap.has(Roster.CurrentTask.key)
            const entry = start(
              { userId: undefined, guildId: undefined, channelId: undefined, inner, ...origin },
              Detached.runtime(runtime),
              // The caller may be in an acquisition; the fiber has to end with the scope all the same.
              Effect.interruptible(own.effect),
              (exit, self) => {
                release(self)
                if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) {
                  forkRoot(Effect.logError(`${origin.kind} ${origin.name} failed`, exit.cause))
                }
              },
              own.onEntry,
            )
            return entry === undefined
              ? Effect.interrupt
              : Effect.succeed(entry.fiber as Fiber.RuntimeFiber<A, E>)
          }),
        ),
      roster: Effect.sync(() =>
        [...tasks.all(), ...waits.all()]
          .sort((a, b) => a.id - b.id)
          .map(
            ({
              cancel: _cancel,
              doing,
              endedBy: _endedBy,
              fiber: _fiber,
              parked: _parked,
              place: _place,
              steps,
              warning: _warning,
              ...entry
            }): Roster.Entry => ({ ...entry, doing: steps?.latest() ?? doing }),
          ),
      ),
      cancel: (id, reason) =>
        Effect.sync(() => {
          const fits = (one: Roster.Held) => one.id === id
          const entry = tasks.all().find(fits) ?? waits.all().find(fits)
          if (entry === undefined) return false
          end(entry, reason)
          return true
        }),
      busy,
      warnOf: (task, step, millis) =>
        steps.after(millis, () => {
          const whose = task === undefined ? "" : `${task.kind} ${task.name}: `
          const about = task === undefined ? {} : { task: task.id, user: task.userId ?? "-" }
          forkRoot(
            Effect.logWarning(`${whose}${step} has taken ${millis / 1000} s so far`).pipe(
              Effect.annotateLogs(about),
            ),
          )
        }),
      escalate: (why) => Effect.asVoid(Deferred.fail(escalated, why)),
      escalated: Deferred.await(escalated),
    }
  })

/** In the place of what has ended an entry. */
const done = (): void => {}

/** An effect that knows the task it runs as, once its entry is there. */
export const owned = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  let task: Roster.Held | undefined
  return {
    onEntry: (entry: Roster.Held): void => {
      task = entry
    },
    effect: Effect.suspend(() => {
      if (task === undefined) return effect
      const { guildId, kind, name, userId } = task
      return effect.pipe(
        Subject.task({ task: `${kind} ${name}`, userId, guildId }),
        Effect.provideService(Roster.CurrentTask, task),
      )
    }),
  }
}

export const layer = (options?: Options): Layer.Layer<Supervisor, never, Timers.Timers> =>
  Layer.scoped(Supervisor, make(options))
