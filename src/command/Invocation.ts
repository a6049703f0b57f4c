/**
 * The life of one command call.
 *
 * ```
 *             handler ends
 *   running ───────────────────────────────▶ delivering ──▶ over
 *      │ deadline, cancel, shutdown              ▲
 *      └────────▶ ending: the user is told, ─────┘
 *                 then the fiber is interrupted
 * ```
 *
 * The fiber runs only what leads to the reply. Everything around it happens without one: the auto-defer and
 * the deadline are entries in the timer list, and the fiber's end hands its exit to the response lock. The
 * first of (exit, deadline, cancel) decides the outcome; the others then find it decided. A deadline is hard:
 * the user is told before the interruption, so a handler that cannot be interrupted keeps nobody waiting. The
 * author's own answer to a deadline runs as a fiber beside the handler's, for 10 seconds at most.
 *
 * @module
 */
import {
  Cause,
  Chunk,
  Context,
  Effect,
  Either,
  Exit,
  type Fiber,
  Inspectable,
  Option,
  Predicate,
  Runtime,
  Scope,
} from "effect"
import { isReported, type RestError } from "../DiscordError.js"
import { Interaction } from "../interaction/Interaction.js"
import type { Live } from "../interaction/Packet.js"
import * as Reply from "../interaction/Reply.js"
import type { CommandMetrics, Outcome } from "../observe/Metrics.js"
import { Subject } from "../observe/Subject.js"
import * as Tracing from "../observe/Tracing.js"
import { LazyScope } from "../supervise/LazyScope.js"
import * as Roster from "../supervise/Roster.js"
import type * as Supervisor from "../supervise/Supervisor.js"
import { Overlay } from "../supervise/Overlay.js"
import type * as Timers from "../supervise/Timers.js"
import { isTellable } from "./Command.js"
import { CommandCancelled, CommandTimeout, type Refusal, refusals } from "./CommandError.js"
import type { Stages } from "./Stages.js"

/** What all calls of a bot share. */
export interface Bench {
  readonly supervisor: Supervisor.Supervisor
  readonly timers: Timers.Timers
  /** Auto-defers, in order of their time. */
  readonly defers: Timers.Lane
  /** Runs what belongs to no command's own runtime: log lines. */
  readonly runtime: Runtime.Runtime<never>
  /** Told of every outcome when it is decided. */
  readonly onOutcome: ((ended: Ended) => void) | undefined
  /** A sentence for the user, where more is known of a defect than that something broke. */
  readonly explain: ((defect: unknown) => string | undefined) | undefined
}

/** How a call ended. */
export interface Ended {
  readonly interactionId: string
  /** The command's full name, or the route's. */
  readonly name: string
  readonly outcome: Outcome
}

/** Something to call, a command or a route, made ready to be called often. */
export interface Prepared {
  readonly kind: "command" | "route"
  /** As it is listed: `tryout apply`. */
  readonly name: string
  readonly runtime: Runtime.Runtime<never>
  readonly metrics: CommandMetrics
  /** Milliseconds. */
  readonly deadline: number
  /** Where all calls with this deadline wait for it. */
  readonly deadlines: Timers.Lane
  /** Whether a "thinking…" is private. */
  readonly ephemeral: boolean
  readonly handler: (
    params: Readonly<Record<string, unknown>>,
    interaction: Interaction,
  ) => Effect.Effect<Reply.Reply, unknown>
  readonly onTimeout: ((timeout: CommandTimeout) => Effect.Effect<Reply.Reply, unknown>) | undefined
  /** What lies between the parameters and the handler; undefined where there is nothing. */
  readonly around: Stages["around"]
}

/** One call. */
export interface Call {
  readonly prepared: Prepared
  readonly interaction: Live
  /** Undefined where the call is not traced. */
  readonly trace?: Tracing.Trace | undefined
  /** Milliseconds from now until a "thinking…" is due. */
  readonly deferIn: number
  /** Completes before anything else runs; undefined where nothing has to be waited for. */
  readonly gate: Effect.Effect<void> | undefined
  /** The checks before the handler, and its parameters. */
  readonly decode: () => Effect.Effect<Readonly<Record<string, unknown>>, Refusal>
}

/** How long the author's answer to a time-out may take. */
const RECOVERY = 10_000

/** Starts a call. Returns at once; the call is on the roster until its outcome is delivered. */
export const start = (bench: Bench, call: Call): void => new Invocation(bench, call).start()

class Invocation {
  private readonly startedAt: number
  private readonly scope = new LazyScope()
  private decidedAt: number | undefined
  /** The author's answer to the deadline is on its way; what the handler ends with no longer counts. */
  private recovery: Fiber.RuntimeFiber<Reply.Reply, unknown> | undefined
  private recovering = false
  private fiberEnded = false
  private delivered = false
  private deferTimer: Timers.Timer | undefined
  private deadlineTimer: Timers.Timer | undefined
  private entry: Roster.Held | undefined
  private services: Overlay<string, unknown> | undefined

  constructor(
    private readonly bench: Bench,
    private readonly call: Call,
  ) {
    this.startedAt = bench.timers.now()
  }

  start(): void {
    const { bench, call, startedAt } = this
    const { interaction, prepared, trace } = call
    if (trace !== undefined) {
      trace.begin(this.name)
    }
    this.deferTimer = bench.defers.at(startedAt + call.deferIn, this.onDefer)
    this.deadlineTimer = prepared.deadlines.at(startedAt + prepared.deadline, this.onDeadline)
    const entry = bench.supervisor.start(
      {
        kind: prepared.kind,
        name: this.name,
        userId: interaction.user.id,
        guildId: interaction.guildId,
        channelId: interaction.channelId,
      },
      this.runtime(this.scope),
      this.program(),
      this.onExit,
      this.onEntry,
    )
    if (entry !== undefined) return
    this.fiberEnded = true
    this.decide("cancelled", notice(this.cancelled("shutdown")))
  }

  private readonly onEntry = (entry: Roster.Held): void => {
    this.entry = entry
    // Whose waits they are that the handler makes.
    this.services?.set(Roster.CurrentTask.key, entry)
    entry.deadlineAt = this.deadlineTimer?.due
    entry.cancel = this.onCancel
  }

  private readonly onDefer = (): void => {
    this.call.interaction.response.defer(this.call.prepared.ephemeral)
  }

  private readonly onDeadline = (): void => {
    if (this.decidedAt !== undefined || this.recovering) return
    const { prepared } = this.call
    const timeout = new CommandTimeout({ command: this.name, after: prepared.deadline })
    const recover = prepared.onTimeout
    if (recover === undefined) {
      this.log(Effect.logWarning(timeout.message))
      this.decide("timed_out", notice(timeout))
      return this.interrupt()
    }
    this.recovering = true
    this.interrupt()
    const answer = Effect.timeoutFail(recover(timeout), {
      duration: RECOVERY,
      onTimeout: () => timeout,
    })
    const scope = new LazyScope()
    this.recovery = Runtime.runFork(this.runtime(scope))(answer)
    this.recovery.addObserver((exit) =>
      this.closed(scope, exit, (ended) => {
        this.recovering = false
        if (Exit.isSuccess(ended)) this.decide("timed_out", ended.value)
        else this.decideFailure(ended.cause, "timed_out")
        this.releaseIfOver()
      }),
    )
  }

  private readonly onCancel = (reason: Roster.CancelReason): void => {
    this.decide("cancelled", notice(this.cancelled(reason)))
    this.interrupt()
    this.recovery?.unsafeInterruptAsFork(this.recovery.id())
  }

  private readonly onExit = (exit: Exit.Exit<Reply.Reply, unknown>): void =>
    this.closed(this.scope, exit, this.onEnd)

  /** What a fiber acquired is released before its reply is shown. */
  private closed(
    scope: LazyScope,
    exit: Exit.Exit<Reply.Reply, unknown>,
    then: (exit: Exit.Exit<Reply.Reply, unknown>) => void,
  ): void {
    if (!scope.isOpen()) return then(exit)
    Runtime.runFork(this.call.prepared.runtime)(scope.close(exit)).addObserver((closing) =>
      then(Exit.zipLeft(exit, closing)),
    )
  }

  private readonly onEnd = (exit: Exit.Exit<Reply.Reply, unknown>): void => {
    this.fiberEnded = true
    if (!this.recovering) {
      if (Exit.isSuccess(exit)) this.decide("completed", exit.value)
      else this.decideFailure(exit.cause, "failed")
    }
    this.releaseIfOver()
  }

  private decideFailure(cause: Cause.Cause<unknown>, outcome: "failed" | "timed_out"): void {
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    if (isTellable(failure)) {
      if (!Chunk.isEmpty(Cause.defects(cause)))
        this.log(Effect.logError(`${this.name} failed, and more broke`, cause))
      else if (isReported(failure))
        this.log(Effect.logError(`${this.name} failed: ${failure._tag}: ${failure.message}`))
      this.decide(named(failure) ?? outcome, notice(failure))
    } else if (Cause.isInterruptedOnly(cause)) {
      this.decide("cancelled", notice(this.cancelled(this.entry?.endedBy ?? "user")))
    } else {
      this.decide("died", this.incident(cause))
    }
  }

  /** The log gets the cause, the user a reference to it. */
  private incident(cause: Cause.Cause<unknown>): Reply.Message {
    const reference = referenceOf(this.call.interaction.id)
    const error = Cause.squash(cause)
    this.log(
      Effect.annotateLogs(Effect.logError(`${this.name} died`, cause), {
        reference,
        // A tagged error's fields say more than its message.
        ...(Predicate.hasProperty(error, "_tag") ? { error: Inspectable.toStringUnknown(error, 0) } : {}),
      }),
    )
    const word = this.bench.explain?.(error) ?? "Something in me broke."
    return notice({ userText: `${word} It was reported as \`${reference}\`.` })
  }

  /** The only place where an outcome is chosen. */
  private decide(outcome: Outcome, reply: Reply.Reply): void {
    if (this.decidedAt !== undefined) return
    const now = this.bench.timers.now()
    this.decidedAt = now
    this.deferTimer?.cancel()
    this.deadlineTimer?.cancel()
    if (this.entry !== undefined) this.entry.state = this.fiberEnded ? "delivering" : "ending"
    this.call.trace?.decided(outcome)
    const { response } = this.call.interaction
    let shown = outcome
    try {
      response.finish(reply, this.onDelivered)
    } catch (defect) {
      // A builder in the reply threw while it was rendered.
      shown = "died"
      this.call.trace?.decided(shown)
      response.finish(this.incident(Cause.die(defect)), this.onDelivered)
    }
    this.count(shown, now)
  }

  private count(outcome: Outcome, now: number): void {
    this.call.prepared.metrics.ended(outcome, now - this.startedAt)
    try {
      this.bench.onOutcome?.({ interactionId: this.call.interaction.id, name: this.name, outcome })
    } catch (defect) {
      this.log(Effect.logError("onOutcome threw", Cause.die(defect)))
    }
  }

  private readonly onDelivered = (error: RestError | null): void => {
    const { metrics } = this.call.prepared
    this.delivered = true
    this.call.trace?.end(error?._tag)
    if (error === null) metrics.delivered(this.bench.timers.now() - (this.decidedAt ?? this.startedAt))
    else {
      metrics.lost(error._tag)
      const { id } = this.call.interaction
      this.log(
        Effect.logError(`The outcome of ${this.name} (${id}) was not shown: ${error._tag}: ${error.message}`),
      )
    }
    this.releaseIfOver()
  }

  private releaseIfOver(): void {
    if (this.fiberEnded && !this.recovering && this.delivered && this.entry !== undefined)
      this.bench.supervisor.release(this.entry)
  }

  private interrupt(): void {
    const fiber = this.entry?.fiber
    if (fiber !== undefined) fiber.unsafeInterruptAsFork(fiber.id())
  }

  private get name(): string {
    return this.call.prepared.name
  }

  private cancelled(reason: Roster.CancelReason): CommandCancelled {
    return new CommandCancelled({ command: this.name, reason })
  }

  private program(): Effect.Effect<Reply.Reply, unknown> {
    const { decode, gate } = this.call
    const body = Effect.suspend(() => {
      const params = decode()
      // The usual case without a step of the runtime: everything was in the packet.
      return isRight(params)
        ? this.handle(params.right)
        : Effect.flatMap(params, (decoded) => this.handle(decoded))
    })
    return gate === undefined ? body : Effect.zipRight(gate, body)
  }

  private handle(params: Readonly<Record<string, unknown>>): Effect.Effect<Reply.Reply, unknown> {
    const { interaction, prepared, trace } = this.call
    if (prepared.around === undefined && trace === undefined) return prepared.handler(params, interaction)
    const run = () => prepared.handler(params, interaction)
    const handler = trace === undefined ? Effect.suspend(run) : trace.handler(run)
    if (prepared.around === undefined) return handler
    return prepared.around(
      {
        interaction,
        admitted: this.onAdmitted,
        replace: () => this.onCancel("replaced"),
      },
      params,
      handler,
    )
  }

  /** The time in a queue is no time of the handler's. */
  private readonly onAdmitted = (): void => {
    const { prepared } = this.call
    const due = this.bench.timers.now() + prepared.deadline
    if (this.decidedAt !== undefined || this.deadlineTimer?.due === due) return
    this.deadlineTimer?.cancel()
    this.deadlineTimer = prepared.deadlines.at(due, this.onDeadline)
    if (this.entry !== undefined) this.entry.deadlineAt = due
  }

  /** The services of the command's layer, and what belongs to this call alone. */
  private runtime(scope: LazyScope): Runtime.Runtime<never> {
    const { interaction, prepared, trace } = this.call
    const services = new Overlay(prepared.runtime.context.unsafeMap)
    services.set(Interaction.key, interaction)
    services.set(Scope.Scope.key, scope)
    services.set(Subject.key, this.subject())
    if (this.entry !== undefined) services.set(Roster.CurrentTask.key, this.entry)
    if (trace !== undefined) services.set(Tracing.CurrentTrace.key, trace)
    this.services = services
    return Runtime.make({
      context: Context.unsafeMake<never>(services),
      fiberRefs: prepared.runtime.fiberRefs,
      runtimeFlags: prepared.runtime.runtimeFlags,
    })
  }

  private subject(): Subject {
    const { interaction } = this.call
    return {
      interactionId: interaction.id,
      command: this.name,
      userId: interaction.user.id,
      guildId: interaction.guildId,
    }
  }

  private log(line: Effect.Effect<void>): void {
    Runtime.runFork(this.bench.runtime)(Effect.provideService(line, Subject, this.subject()))
  }
}

/** What is told instead of a reply: privately where that is possible. */
const notice = (error: { readonly userText: string }): Reply.Message =>
  Reply.ephemeral(Reply.text(error.userText))

const isRight = <A, E>(effect: Effect.Effect<A, E>): effect is Either.Right<E, A> =>
  Either.isEither(effect) && Either.isRight(effect)

/** Failures whose name says more than "failed". */
const outcomes: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ...refusals.map((tag) => [tag, "refused"] as const),
  ["CommandTimeout", "timed_out"],
  ["WaitTimeout", "timed_out"],
  ["Cancelled", "cancelled"],
])

const named = (error: object): Outcome | undefined =>
  "_tag" in error ? outcomes.get(String(error._tag)) : undefined

/** What a user can quote, and the log can be searched for. */
const referenceOf = (id: string): string => BigInt(id).toString(36).toUpperCase().slice(-8)
