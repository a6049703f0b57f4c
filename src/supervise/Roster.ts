/**
 * Who runs what, since when, until when: every supervised fiber has one entry from its start until its outcome
 * was delivered.
 *
 * @module
 */
import { Context, type Fiber } from "effect"
import type { Going, Entry as Place } from "./Going.js"
import type { Timer } from "./Timers.js"

/**
 * Where an entry stands.
 *
 * - `running`: its fiber runs or sleeps.
 * - `waiting`: it waits for a person: a fiber of it is parked in a wait.
 * - `ending`: it was interrupted and its finalizers run.
 * - `delivering`: the fiber has ended and its outcome is on the way to Discord.
 */
export type State = "running" | "waiting" | "ending" | "delivering"

/** Where a task came from; it says who may be told of it, and how it is shown. */
export interface Origin {
  /** For instance `command`, `event`, `foreign`; `wait` for what a task waits for. */
  readonly kind: string
  /** For a command its full name, `tryout apply`. */
  readonly name: string
  readonly userId: string | undefined
  readonly guildId: string | undefined
  readonly channelId: string | undefined
  /** Neither keeps the bot from stopping nor is named for its age. Default: whether its kind is `background`. */
  readonly background?: boolean | undefined
  /** The task that it is a part of. */
  readonly ownerId?: number | undefined
  /** Belongs to what was taken in already: begins also after `Supervisor.close`. Default false. */
  readonly inner?: boolean | undefined
}

/** One supervised fiber. Times are epoch milliseconds on the runtime's Clock. */
export interface Entry extends Origin {
  readonly id: number
  readonly startedAt: number
  readonly deadlineAt: number | undefined
  readonly state: State
  readonly background: boolean
  /** What it is at, in its own words: the step that it takes, or `backing off, restarted 3 times`. */
  readonly doing: string | undefined
  /**
   * For a wait, the task that waits; for a child of a group, the task that has started the group. Undefined for
   * others, and where that task is on no roster.
   */
  readonly ownerId: number | undefined
}

/** An entry as its owner sees it. */
export interface Held extends Origin {
  readonly id: number
  readonly startedAt: number
  deadlineAt: number | undefined
  state: State
  readonly background: boolean
  /** What it says of itself. */
  doing: string | undefined
  /** The steps that it takes now, of which the newest is shown; undefined where it never took one. */
  steps: Going<string> | undefined
  readonly ownerId: number | undefined
  /** How many of its fibers are parked in a wait. */
  parked: number
  /** Who ended it from outside, once somebody has. For a wait that was ended, its owner says so too. */
  endedBy: CancelReason | undefined
  fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
  /** Ends it with the given reason; called at most once, by an admin or by the shutdown. */
  cancel: ((reason: CancelReason) => void) | undefined
  /** Names the task in the log when it has run for long. */
  warning: Timer | undefined
  /** Its place among those that are going on; undefined once it was released. */
  place: Place<Held> | undefined
}

/** Why a task is ended from outside. */
export type CancelReason = "shutdown" | "admin" | "user" | "replaced"

/** The task that a fiber belongs to, for whatever it starts to know its owner by. Absent outside of any. */
export class CurrentTask extends Context.Tag("bosun/supervise/CurrentTask")<CurrentTask, Held>() {}
