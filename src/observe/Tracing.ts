/**
 * A trace for each call of a command or a route: what it spent on the stages before the handler, in the handler,
 * and on telling the outcome, with every REST call made for it.
 *
 * Off unless this layer is there: whoever could trace asks once, when it is built, and then has nothing to do.
 * Which calls are traced follows from the interaction's id, so that every process that sees one agrees. Spans
 * go to the `Tracer` that is given (`Otlp.layer`); a handler that is traced runs with it, so that spans of its
 * own (`Effect.withSpan`) are part of the trace. All other spans of the program stay where they were.
 *
 * Drawback: a span costs about 20 µs, and a trace has six or more.
 *
 * @module
 */
import { type Clock, Context, Effect, Exit, Layer, Option, Tracer } from "effect"

export interface Options {
  /** The share of the calls that is traced: 0 to 1. */
  readonly ratio: number
}

/** What is called, and by whom. */
export interface Call {
  readonly interactionId: string
  /** The command's full name; for a press, what kind it is of. */
  readonly name: string
  readonly userId: string
  readonly guildId: string | undefined
}

export interface Tracing {
  /** Begins the trace of a call; undefined where it is not among the sampled. */
  readonly begin: (call: Call) => Trace | undefined
  /** Whether calls of this interaction are traced. */
  readonly sampled: (interactionId: string) => boolean
}

export const Tracing = Context.GenericTag<Tracing>("bosun/observe/Tracing")

/** The trace that a fiber belongs to. */
export class CurrentTrace extends Context.Tag("bosun/observe/CurrentTrace")<CurrentTrace, Trace>() {}

export const make = (options: Options): Effect.Effect<Tracing, never, Tracer.Tracer> =>
  Effect.gen(function* () {
    const tracer = yield* Tracer.Tracer
    const clock = yield* Effect.clock
    const sampled = (id: string) => fraction(id) < options.ratio
    return {
      sampled,
      begin: (call) => (sampled(call.interactionId) ? new Trace(tracer, clock, call) : undefined),
    }
  })

/** Traces a share of the calls, into the tracer that is given. Provide it to the whole bot. */
export const layer = (options: Options): Layer.Layer<Tracing, never, Tracer.Tracer> =>
  Layer.effect(Tracing, make(options))

/** The tracing of this program, if it is on. */
export const current: Effect.Effect<Tracing | undefined> = Effect.map(
  Effect.serviceOption(Tracing),
  Option.getOrUndefined,
)

/** One call's trace. Its methods are plain functions: it is used where there is no fiber. */
export class Trace {
  private readonly root: Tracer.Span
  /** The stage that is going on: one after the other. */
  private stage: Tracer.Span | undefined
  private begun = false
  private ended = false
  private failed: string | undefined

  constructor(
    readonly tracer: Tracer.Tracer,
    private readonly clock: Clock.Clock,
    { guildId, interactionId, name, userId }: Call,
  ) {
    this.root = this.span(`interaction ${name}`, Option.none(), "server")
    this.root.attribute("bosun.interaction", interactionId)
    this.root.attribute("bosun.user", userId)
    if (guildId !== undefined) this.root.attribute("bosun.guild", guildId)
  }

  /** What is going on: the stage, or the whole call. */
  get current(): Tracer.Span {
    return this.stage ?? this.root
  }

  /** A command or a route takes it, and stands in its first stage. */
  begin(command: string): void {
    this.begun = true
    this.root.attribute("bosun.command", command)
    this.enter("admission")
  }

  /** A handler as the next stage, begun when it runs, with this tracer for spans of its own. */
  handler<A, E, R>(run: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const span = this.enter("handler")
      return Effect.suspend(run).pipe(
        Effect.mapInputContext((context: Context.Context<R>) =>
          Context.add(context, Tracer.ParentSpan, span),
        ),
        Effect.withTracer(this.tracer),
      )
    })
  }

  /** How it ends is decided; what is left is to tell it. */
  decided(outcome: string): void {
    this.root.attribute("bosun.outcome", outcome)
    this.failed = FAILED.has(outcome) ? outcome : undefined
    this.enter("delivery")
  }

  /** It is told, or could not be. */
  end(undelivered?: string): void {
    if (this.ended) return
    this.failed ??= undelivered
    this.leave()
    this.ended = true
    this.close(this.root, exitOf(this.failed))
  }

  /** Its first response is there, or is not: nothing else comes of it where no command or route took it. */
  acknowledged(failed: string | undefined): void {
    if (!this.begun) this.end(failed)
  }

  /** A request that is made for the call; to be closed. */
  request(name: string, parent: Tracer.AnySpan = this.current): Tracer.Span {
    return this.span(name, Option.some(parent), "client")
  }

  close(span: Tracer.Span, exit: Exit.Exit<unknown, unknown>): void {
    span.end(this.clock.unsafeCurrentTimeNanos(), exit)
  }

  private enter(stage: "admission" | "handler" | "delivery"): Tracer.Span {
    this.leave()
    const span = this.span(stage, Option.some(this.root), "internal")
    // A handler that was too late for its outcome may begin once more.
    if (this.ended) this.close(span, Exit.void)
    else this.stage = span
    return span
  }

  private leave(): void {
    if (this.stage !== undefined) this.close(this.stage, exitOf(this.failed))
    this.stage = undefined
  }

  private span(name: string, parent: Option.Option<Tracer.AnySpan>, kind: Tracer.SpanKind): Tracer.Span {
    return this.tracer.span(name, parent, Context.empty(), [], this.clock.unsafeCurrentTimeNanos(), kind)
  }
}

/** Outcomes that somebody should look at. */
const FAILED: ReadonlySet<string> = new Set(["failed", "died", "timed_out"])

/**
 * A request as a span of the trace that its fiber belongs to; as it is where there is none. `describe` adds what
 * is known at the end.
 */
export const request = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  describe: (span: Tracer.Span, exit: Exit.Exit<A, E>) => void,
): Effect.Effect<A, E, R> =>
  Effect.contextWithEffect((context: Context.Context<R>) => {
    const trace = Context.getOption(context as Context.Context<never>, CurrentTrace)
    if (Option.isNone(trace)) return effect
    const parent = Context.getOption(context as Context.Context<never>, Tracer.ParentSpan)
    // In the handler's fiber its own span, else the stage that the call is in.
    const span = trace.value.request(name, Option.getOrUndefined(parent))
    return Effect.onExit(effect, (exit) =>
      Effect.sync(() => {
        describe(span, exit)
        trace.value.close(span, exit)
      }),
    )
  })

const exitOf = (failed: string | undefined): Exit.Exit<void, string> =>
  failed === undefined ? Exit.void : Exit.fail(failed)

/** From 0 to below 1, the same for the same id, evenly spread (FNV-1a and a final mix). */
const fraction = (id: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
