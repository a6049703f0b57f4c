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
import { Clock, Context, Effect, Exit, Layer, Option, Tracer } from "effect"

export interface Options {
  /** The share of the calls that is traced: 0 to 1. */
  readonly ratio: number
}

/** What is called, and by whom. */
export interface Call {
  readonly interactionId: string
  /** The command's full name, or the route's. */
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

/** The stages of a call, one after the other. A handler that is run again has a stage for each run. */
export type Stage = "admission" | "handler" | "delivery"

/** One call's trace. Its methods are plain functions: it is used where there is no fiber. */
export class Trace {
  private readonly root: Tracer.Span
  private stage: Tracer.Span | undefined

  constructor(
    readonly tracer: Tracer.Tracer,
    private readonly clock: Clock.Clock,
    call: Call,
  ) {
    this.root = this.span(`interaction ${call.name}`, Option.none(), "server")
    this.root.attribute("bosun.interaction", call.interactionId)
    this.root.attribute("bosun.command", call.name)
    this.root.attribute("bosun.user", call.userId)
    if (call.guildId !== undefined) this.root.attribute("bosun.guild", call.guildId)
  }

  /** What is going on: the stage, or the whole call between two. */
  get current(): Tracer.Span {
    return this.stage ?? this.root
  }

  /** Ends the stage before, and begins this one. */
  enter(stage: Stage, failed?: string): Tracer.Span {
    this.leave(failed)
    this.stage = this.span(stage, Option.some(this.root), "internal")
    return this.stage
  }

  /** A handler as a stage: begun when it runs, with this tracer for spans of its own. */
  handler<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const span = this.enter("handler")
      return effect.pipe(
        Effect.mapInputContext((context: Context.Context<R>) => Context.add(context, Tracer.ParentSpan, span)),
        Effect.withTracer(this.tracer),
      )
    })
  }

  /** A request that is made for the call. */
  request(name: string, parent: Tracer.AnySpan = this.current): Tracer.Span {
    return this.span(name, Option.some(parent), "client")
  }

  /** Ends a span that `request` began. */
  close(span: Tracer.Span, exit: Exit.Exit<unknown, unknown>): void {
    span.end(this.clock.unsafeCurrentTimeNanos(), exit)
  }

  /** Ends the trace: the call is over. `failed` says what went wrong, if anything did. */
  end(outcome: string, failed?: string): void {
    this.leave(failed)
    this.root.attribute("bosun.outcome", outcome)
    this.close(this.root, exitOf(failed))
  }

  private leave(failed: string | undefined): void {
    if (this.stage === undefined) return
    this.close(this.stage, exitOf(failed))
    this.stage = undefined
  }

  private span(name: string, parent: Option.Option<Tracer.AnySpan>, kind: Tracer.SpanKind): Tracer.Span {
    return this.tracer.span(name, parent, Context.empty(), [], this.clock.unsafeCurrentTimeNanos(), kind)
  }
}

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
