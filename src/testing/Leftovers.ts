/**
 * What a run has left behind, each thing by name: an empty list is what a test wants to see.
 *
 * Fibers are those that the features have started since the run began, directly or not; what their layers have
 * started is none of it. Permits that nothing holds any more cannot be seen; whoever holds one is a fiber, and is.
 *
 * @module
 */
import { Context, Effect, type Exit, type Fiber, type Option, Supervisor as Watch } from "effect"
import * as CustomId from "../interaction/CustomId.js"
import { Subject } from "../observe/Subject.js"
import * as Rest from "../rest/Rest.js"
import * as Roster from "../supervise/Roster.js"
import { Supervisor } from "../supervise/Supervisor.js"
import * as Keys from "../wait/Keys.js"
import type { Rig } from "./Rig.js"
import * as Screen from "./Screen.js"

/** One fiber of the features'. */
interface Seen {
  readonly since: number
  readonly task: Roster.Held | undefined
  readonly subject: Subject | undefined
}

interface Due {
  readonly subject: Subject
  readonly fibers: Set<Fiber.RuntimeFiber<unknown, unknown>>
}

/** Watches which fibers the features start. */
export class Fibers extends Watch.AbstractSupervisor<void> {
  override readonly value = Effect.void
  private readonly alive = new Map<Fiber.RuntimeFiber<unknown, unknown>, Seen>()
  private before: ReadonlySet<Fiber.RuntimeFiber<unknown, unknown>> = new Set()

  constructor(private readonly now: () => number) {
    super()
  }
  override onStart<A, E, R>(
    context: Context.Context<R>,
    _effect: Effect.Effect<A, E, R>,
    _parent: Option.Option<Fiber.RuntimeFiber<unknown, unknown>>,
    fiber: Fiber.RuntimeFiber<A, E>,
  ): void {
    this.alive.set(fiber, {
      since: this.now(),
      task: context.unsafeMap.get(Roster.CurrentTask.key) as Roster.Held | undefined,
      subject: context.unsafeMap.get(Subject.key) as Subject | undefined,
    })
  }
  override onEnd<A, E>(_exit: Exit.Exit<A, E>, fiber: Fiber.RuntimeFiber<A, E>): void {
    this.alive.delete(fiber)
  }
  /** From now on only what comes is listed. */
  begin(): void {
    this.before = new Set(this.alive.keys())
  }
  /** All that live, whenever they came. */
  all(): ReadonlySet<Fiber.RuntimeFiber<unknown, unknown>> {
    return new Set(this.alive.keys())
  }
  /** Those that belong to tasks that are running and whose deadline is then, or before. */
  due(at: number): ReadonlyMap<Roster.Held, Due> {
    const found = new Map<Roster.Held, Due>()
    for (const [fiber, { subject, task }] of this.alive) {
      if (task?.state !== "running" || subject === undefined || !(Number(task.deadlineAt) <= at)) continue
      const known = found.get(task)
      if (known === undefined) found.set(task, { subject, fibers: new Set([fiber]) })
      else known.fibers.add(fiber)
    }
    return found
  }
  list(): ReadonlyArray<Seen & { readonly fiber: Fiber.RuntimeFiber<unknown, unknown> }> {
    return Array.from(this.alive, ([fiber, seen]) => ({ fiber, ...seen })).filter(
      ({ fiber }) => !this.before.has(fiber),
    )
  }
}

interface Baseline {
  /** Of tasks and waits. */
  readonly ids: ReadonlySet<number>
  /** How many the Client has, by event. */
  readonly listeners: ReadonlyMap<string, number>
}

export class Leftovers {
  readonly fibers: Fibers
  /** What was there before the features were built. */
  private readonly bare: Baseline
  /** What was there before the run began, and is none of its leftovers. */
  private baseline: Baseline

  constructor(private readonly rig: Rig) {
    this.fibers = new Fibers(() => rig.now())
    this.bare = this.now()
    this.baseline = this.bare
  }

  /** The features are built: from now on only what comes is listed. */
  begin(): void {
    this.fibers.begin()
    this.baseline = this.now()
  }

  /** To be asked when the features were released: whether everything is as it was before they were built. */
  isClean(): boolean {
    const { ids, listeners } = this.now()
    return (
      this.fibers.all().size === 0 &&
      [...ids].every((id) => this.bare.ids.has(id)) &&
      more(this.bare.listeners, listeners).length === 0 &&
      more(listeners, this.bare.listeners).length === 0
    )
  }

  /** Tasks and waits that have come since the run began. */
  entries(): ReadonlyArray<Roster.Entry> {
    return this.roster().filter(({ id }) => !this.baseline.ids.has(id))
  }

  /** Whether a task or wait has a deadline that is not before the next timer: then it ends, however late. */
  isEnding(): boolean {
    const next = this.rig.session.agenda.next() ?? Infinity
    return this.entries().some(
      ({ deadlineAt = Infinity }) => Number.isFinite(deadlineAt) && deadlineAt >= next,
    )
  }

  /** Whether the features themselves have something ahead: a deadline, or a sleep. */
  isAhead(): boolean {
    return this.isEnding() || this.rig.session.agenda.isAsleep(this.fibers.all())
  }

  /** To be called before time goes on: notes the calls whose deadline comes while they neither wait nor sleep. */
  findHung(): void {
    const { agenda } = this.rig.session
    const next = agenda.next()
    if (next === undefined) return
    const due = this.fibers.due(next)
    if (due.size === 0 || this.pending() > 0) return
    const waits = this.entries().filter(isWait)
    for (const [task, { fibers, subject }] of due) {
      if (waits.some(({ ownerId }) => ownerId === task.id) || agenda.isAsleep(fibers)) continue
      this.rig.outcomes.hang(subject.interactionId)
    }
  }

  /** Whether something goes on that time, or the bot itself, will end. Housekeeping is none of it. */
  isBusy(): boolean {
    return (
      this.pending() > 0 ||
      this.rig.sandbox.unansweredInteractions() > 0 ||
      this.entries().some((one) => (isWait(one) ? one.deadlineAt !== undefined : !one.background))
    )
  }

  /** What is left, by name. */
  list(): ReadonlyArray<string> {
    const { rig } = this
    const entries = this.entries()
    const tasks = entries.filter((one) => !isWait(one))
    const waits = entries.filter(isWait)
    const pending = this.pending()
    const unanswered = rig.sandbox.unansweredInteractions()
    return [
      ...tasks.map((task) => this.text(task)),
      ...this.fibers
        .list()
        .filter(({ subject }) => !tasks.some((task) => isOf(task, subject)))
        .map(({ fiber, since, subject }) => {
          const whose = subject === undefined ? "of the features" : `that ${subject.command} has started`
          return `fiber #${fiber.id().id} ${whose}, since ${since / 1000} s`
        }),
      ...waits.map((wait) => this.text(wait)),
      ...this.live(waits),
      ...more(this.baseline.listeners, rig.listeners()),
      ...rig.outcomes.doubled(),
      ...(unanswered > 0 ? [`${unanswered} unanswered interaction${unanswered === 1 ? "" : "s"}`] : []),
      ...(pending > 0 ? [`${pending} REST request${pending === 1 ? "" : "s"} without an answer`] : []),
    ]
  }

  /** Who waits, for a report of a deadlock. */
  waiting(): ReadonlyArray<string> {
    return this.entries().map((one) => this.text(one))
  }

  private text(entry: Roster.Entry): string {
    const { deadlineAt, id, kind, name, state } = entry
    const { rig } = this
    const until =
      deadlineAt === undefined ? "" : `, until ${(deadlineAt - rig.session.agenda.now + rig.now()) / 1000} s`
    return isWait(entry)
      ? `wait #${id} for ${name}${until}`
      : `${kind} ${name} (task #${id}) is ${state}${until}`
  }

  /** What can be pressed or chosen on the bot's messages and is no route's: nobody answers it after its wait. */
  private live(waits: ReadonlyArray<Roster.Entry>): ReadonlyArray<string> {
    const { bot, channels } = this.rig.sandbox.world
    return [...channels.values()].flatMap((channel) =>
      [...channel.messages.values()]
        .filter(({ authorId }) => authorId === bot.id)
        .flatMap((message) =>
          Screen.live(message)
            .map((one) => ({ customId: String(one["custom_id"]), label: Screen.labelOf(one) }))
            .filter(({ customId }) => !CustomId.isRoute(customId))
            .map(({ customId, label }) => {
              const names = [message.id, customId, Keys.baseOf(customId)]
              const wait = waits.find(({ name }) => names.some((one) => name.split(" ").includes(one)))
              const by = wait === undefined ? "" : `, awaited by wait #${wait.id}`
              return `live component "${label}" on "${message.content.slice(0, 40)}"${by}`
            }),
        ),
    )
  }

  /** Requests and events on their way. */
  private pending(): number {
    const { rig } = this
    const { inFlight } = Context.get(rig.services, Rest.Rest)
    return Math.max(rig.sandbox.pendingRequests(), inFlight(), rig.traffic)
  }

  private now(): Baseline {
    return { ids: new Set(this.roster().map(({ id }) => id)), listeners: this.rig.listeners() }
  }

  private roster(): ReadonlyArray<Roster.Entry> {
    return Effect.runSync(Context.get(this.rig.services, Supervisor).roster)
  }
}

/** The events that the Client has more listeners of than before. */
const more = (before: Baseline["listeners"], after: Baseline["listeners"]): ReadonlyArray<string> =>
  Array.from(after)
    .filter(([name, count]) => count > (before.get(name) ?? 0))
    .map(([name, count]) => {
      const added = count - (before.get(name) ?? 0)
      return `${added} more listener${added === 1 ? "" : "s"} of ${name} on the Client`
    })

const isWait = ({ kind }: Roster.Entry): boolean => kind === "wait"

const isOf = (task: Roster.Entry, subject: Subject | undefined): boolean =>
  subject !== undefined && task.name === subject.command && task.userId === subject.userId
