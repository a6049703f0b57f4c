/**
 * What a run has left behind, each thing by name: an empty list is what a test wants to see.
 *
 * Fibers are those that the features have started since the run began, directly or not. Permits that nothing
 * holds any more cannot be seen; whoever holds one is a fiber, and is.
 *
 * @module
 */
import { Context, Effect, type Exit, type Fiber, Option, Supervisor as Watch } from "effect"
import { Subject } from "../observe/Subject.js"
import * as Rest from "../rest/Rest.js"
import type * as Roster from "../supervise/Roster.js"
import { Supervisor } from "../supervise/Supervisor.js"
import * as Waits from "../wait/Waits.js"
import { type Rig, serviceOf } from "./Rig.js"
import * as Screen from "./Screen.js"

/** One fiber of the features'. */
interface Seen {
  readonly since: number
  readonly subject: Subject | undefined
}

/** Watches which fibers the features start. */
export class Fibers extends Watch.AbstractSupervisor<void> {
  override readonly value = Effect.void
  private readonly alive = new Map<Fiber.RuntimeFiber<unknown, unknown>, Seen>()

  constructor(private readonly now: () => number) {
    super()
  }
  override onStart<A, E, R>(
    context: Context.Context<R>,
    _effect: Effect.Effect<A, E, R>,
    _parent: Option.Option<Fiber.RuntimeFiber<unknown, unknown>>,
    fiber: Fiber.RuntimeFiber<A, E>,
  ): void {
    const subject = Option.getOrUndefined(Context.getOption(context as Context.Context<unknown>, Subject))
    this.alive.set(fiber, { since: this.now(), subject })
  }
  override onEnd<A, E>(_exit: Exit.Exit<A, E>, fiber: Fiber.RuntimeFiber<A, E>): void {
    this.alive.delete(fiber)
  }
  /** From now on only what comes is counted. */
  forget(): void {
    this.alive.clear()
  }
  list(): ReadonlyArray<Seen & { readonly fiber: Fiber.RuntimeFiber<unknown, unknown> }> {
    return Array.from(this.alive, ([fiber, seen]) => ({ fiber, ...seen }))
  }
}

/** What was there before the run began, and is none of its leftovers. */
export interface Baseline {
  readonly tasks: ReadonlySet<number>
  readonly waits: ReadonlySet<number>
}

export class Leftovers {
  readonly fibers: Fibers
  private baseline: Baseline = { tasks: new Set(), waits: new Set() }

  constructor(private readonly rig: Rig) {
    this.fibers = new Fibers(() => rig.now())
  }

  /** From now on only what comes is counted. */
  begin(): void {
    this.fibers.forget()
    this.baseline = {
      tasks: new Set(this.roster().map(({ id }) => id)),
      waits: new Set(this.waits().map(({ id }) => id)),
    }
  }

  /** Tasks that have come since the run began. */
  tasks(): ReadonlyArray<Roster.Entry> {
    return this.roster().filter(({ id }) => !this.baseline.tasks.has(id))
  }

  /** Whether something goes on that time, or the bot itself, will end. Housekeeping is none of it. */
  isBusy(): boolean {
    const { rig } = this
    return (
      rig.traffic > 0 ||
      rig.sandbox.unansweredInteractions() > 0 ||
      rig.sandbox.pendingRequests() > 0 ||
      Context.get(rig.services, Rest.Rest).inFlight() > 0 ||
      this.tasks().some(({ kind }) => kind !== "background") ||
      this.newWaits().some(({ deadlineAt }) => deadlineAt !== undefined)
    )
  }

  /** What is left, by name. */
  list(): ReadonlyArray<string> {
    const { rig } = this
    const tasks = this.tasks()
    const pending = Math.max(
      rig.sandbox.pendingRequests(),
      Context.get(rig.services, Rest.Rest).inFlight(),
      rig.traffic,
    )
    const unanswered = rig.sandbox.unansweredInteractions()
    return [
      ...tasks.map((task) => this.taskText(task)),
      ...this.fibers
        .list()
        .filter(({ subject }) => !tasks.some((task) => isOf(task, subject)))
        .map(({ fiber, since, subject }) => {
          const whose = subject === undefined ? "of the features" : `that ${subject.command} has started`
          return `fiber #${fiber.id().id} ${whose}, since ${since / 1000} s`
        }),
      ...this.newWaits().map(
        (wait) => `wait #${wait.id} for ${wait.text}${until(this.sinceStart(wait.deadlineAt))}`,
      ),
      ...this.buttons(),
      ...rig.outcomes.doubled(),
      ...(unanswered > 0 ? [`${unanswered} unanswered interaction${unanswered === 1 ? "" : "s"}`] : []),
      ...(pending > 0 ? [`${pending} REST request${pending === 1 ? "" : "s"} without an answer`] : []),
    ]
  }

  /** Who waits, for a report of a deadlock. */
  waiting(): ReadonlyArray<string> {
    return [
      ...this.tasks().map((task) => this.taskText(task)),
      ...this.newWaits().map((wait) => `wait for ${wait.text}${until(this.sinceStart(wait.deadlineAt))}`),
    ]
  }

  private taskText({ deadlineAt, id, kind, name, state }: Roster.Entry): string {
    return `${kind} ${name} (task #${id}) is ${state}${until(this.sinceStart(deadlineAt))}`
  }

  private sinceStart(at: number | undefined): number | undefined {
    return at === undefined ? undefined : at - (this.rig.session.agenda.now - this.rig.now())
  }

  private buttons(): ReadonlyArray<string> {
    const { channels, bot } = this.rig.sandbox.world
    const found: Array<string> = []
    for (const channel of channels.values()) {
      for (const message of channel.messages.values()) {
        if (message.authorId !== bot.id) continue
        for (const one of Screen.waited(message)) {
          found.push(`live component "${Screen.labelOf(one)}" on "${message.content.slice(0, 40)}"`)
        }
      }
    }
    return found
  }

  private newWaits(): ReadonlyArray<Waits.Listed> {
    return this.waits().filter(({ id }) => !this.baseline.waits.has(id))
  }

  private waits(): ReadonlyArray<Waits.Listed> {
    const waits = serviceOf(this.rig, Waits.Waits)
    return waits === undefined ? [] : Effect.runSync(waits.outstanding)
  }

  private roster(): ReadonlyArray<Roster.Entry> {
    return Effect.runSync(Context.get(this.rig.services, Supervisor).roster)
  }
}

const until = (deadlineAt: number | undefined): string =>
  deadlineAt === undefined ? "" : `, until ${deadlineAt / 1000} s`

const isOf = (task: Roster.Entry, subject: Subject | undefined): boolean =>
  subject !== undefined && task.name === subject.command && task.userId === subject.userId
