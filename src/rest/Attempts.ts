/**
 * One call from its first attempt to its end: limits, time-out, repetition, abort.
 *
 * An attempt is answered or lost. Lost means that Discord may or may not have acted on it, except where the
 * connection was never made; an answer of 5xx is as good as lost. What was lost is repeated, with exponential
 * back-off and jitter, only where the route's retry class allows; what certainly never arrived, always; a 429
 * was not acted on, and is repeated when its time has come, however often, within the call's patience.
 *
 * A repetition may find that the first attempt had arrived: an interaction then answers 40060, a deletion 404.
 * Both count as success.
 *
 * Interruption aborts the attempt that is going on, and gives up every wait.
 *
 * @module
 */
import { type Clock, Effect, Exit, Random } from "effect"
import {
  type InvalidRequestBudget,
  RateLimited,
  RequestTimeout,
  type RestError,
  TransportError,
} from "../DiscordError.js"
import * as Answer from "./Answer.js"
import type { Budget } from "./Budget.js"
import type { Limiter } from "./Limiter.js"
import type { Meter } from "./Meter.js"
import type { Route } from "./Route.js"
import type { Lane } from "../supervise/Timers.js"
import type { Failure, Request, Response, Transport } from "./Transport.js"

/** What all calls share. */
export interface Edge {
  readonly transport: Transport
  readonly clock: Clock.Clock
  /** Time-outs of first responses. */
  readonly acknowledgements: Lane
  /** Time-outs of everything else. */
  readonly timeOuts: Lane
  readonly limiter: Limiter
  readonly budget: Budget
  readonly meter: Meter
  /** How often a call is repeated after attempts that were lost. */
  readonly retries: number
  /** How long a call may wait for limits and for others, in milliseconds. */
  readonly patience: number
}

/** One call. */
export interface Wire {
  readonly route: Route
  readonly request: Request
  /** For one attempt, in milliseconds. */
  readonly timeout: number
  /** Whether sending it twice is as good as once. */
  readonly repeatable: boolean
  /** How often it is repeated; the edge's own by default. */
  readonly retries?: number | undefined
  /** Whether an answer without a body is of no use to the caller. */
  readonly needsAnswer?: boolean
}

/** An attempt without an answer. */
export type Lost = RequestTimeout | TransportError

/** Discord: the first response to an interaction is due within 3 s; no wait for it may be longer. */
const ACKNOWLEDGEMENT_PATIENCE = 3_000
/** Milliseconds before the first repetition, doubled for each further one. */
const BACKOFF = { acknowledgement: 100, ordinary: 500, most: 8_000 }
/** Failures that no repetition can cure. */
const hopeless = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_DESTROYED", "UND_ERR_CLOSED"])

/**
 * Runs one call to its end. Answers of 4xx other than 429 are passed on as they are; everything else that is
 * no success is an error.
 */
export const call = (edge: Edge, wire: Wire): Effect.Effect<Response, RestError> =>
  Effect.uninterruptibleMask((restore) => {
    const started = edge.clock.unsafeCurrentTimeMillis()
    const deadline = started + patienceOf(edge, wire.route)
    edge.meter.begin()
    return Effect.onExit(
      restore(edge.limiter.inOrder(wire.route, deadline, attempts(edge, wire, deadline))),
      (exit) =>
        Effect.sync(() =>
          edge.meter.end(() => ({
            route: wire.route.display,
            ...described(exit),
            millis: edge.clock.unsafeCurrentTimeMillis() - started,
          })),
        ),
    )
  })

/** Goes on with a call whose first attempt was made elsewhere and ended with `first`. */
export const resume = (edge: Edge, wire: Wire, first: Response | Lost): Effect.Effect<Response, RestError> =>
  Effect.suspend(() =>
    attempts(edge, wire, edge.clock.unsafeCurrentTimeMillis() + patienceOf(edge, wire.route), first),
  )

/** What an observer is told of a call's end. */
export const described = (
  exit: Exit.Exit<Response, RestError>,
): { readonly status: number | undefined; readonly error: string | undefined } => {
  if (Exit.isSuccess(exit)) return { status: exit.value.status, error: undefined }
  if (exit.cause._tag !== "Fail") return { status: undefined, error: "Interrupted" }
  const error = exit.cause.error
  return {
    status: "status" in error ? error.status : error._tag === "RateLimited" ? 429 : undefined,
    error: error._tag,
  }
}

const patienceOf = (edge: Edge, route: Route): number =>
  route.bucketed ? edge.patience : Math.min(edge.patience, ACKNOWLEDGEMENT_PATIENCE)

const attempts = Effect.fnUntraced(function* (
  edge: Edge,
  wire: Wire,
  deadline: number,
  first?: Response | Lost,
) {
  const { route } = wire
  /** Whether an attempt before this one may have been acted on. */
  let arrived = false
  /** Why that is not known: it stays the reason where no further attempt can be made. */
  let doubt: RestError | undefined
  let failures = 0
  let given = first
  for (;;) {
    const outcome: Response | Lost =
      given ?? (yield* Effect.mapError(attempt(edge, wire, deadline), (refused) => doubt ?? refused))
    given = undefined
    let failure: RestError
    if ("_tag" in outcome) {
      failure = outcome
      const unsent = outcome._tag === "TransportError" && !outcome.sent
      if (!unsent) {
        arrived = true
        doubt = outcome
      }
      if (!unsent && !wire.repeatable) return yield* outcome
      if (outcome._tag === "TransportError" && hopeless.has(outcome.code)) return yield* outcome
    } else if (outcome.status === 429) {
      const { scope, retryAfter } = Answer.refusal(outcome.headers, Answer.text(outcome.body))
      const refused = doubt ?? new RateLimited({ route: route.display, scope, retryAfter })
      // Nobody says for how long: as after any other failure that was not acted on. No JSON is no word of Discord's
      // API but of what stands before it, which has had too much already.
      if (retryAfter === undefined) {
        const isTold = Answer.json(Answer.text(outcome.body)) !== undefined
        if (!isTold || failures >= (wire.retries ?? edge.retries)) return yield* refused
        yield* Effect.sleep(yield* backoff(route, failures++))
        continue
      }
      // Where a bucket counts the route, the limiter makes the next attempt wait.
      if (!route.bucketed) {
        const wait = Math.max(retryAfter, 1)
        if (edge.clock.unsafeCurrentTimeMillis() + wait > deadline) return yield* refused
        yield* Effect.sleep(wait)
      }
      continue
    } else if (outcome.status >= 500) {
      arrived = true
      failure = Answer.fromAnswer(route.display, outcome.status, bodyOf(outcome))
      doubt = failure
      if (!wire.repeatable) return yield* failure
    } else {
      if (arrived && alreadyDone(route, wire, outcome)) return done
      // An unreadable refusal may be the 40060 that says that the first attempt had arrived.
      if (doubt !== undefined && outcome.status >= 400 && isUnreadable(outcome)) return yield* doubt
      return outcome
    }
    if (failures >= (wire.retries ?? edge.retries)) return yield* failure
    yield* Effect.sleep(yield* backoff(route, failures++))
  }
})

const attempt = (
  edge: Edge,
  wire: Wire,
  deadline: number,
): Effect.Effect<Response | Lost, RateLimited | InvalidRequestBudget> =>
  Effect.suspend((): Effect.Effect<Response | Lost, RateLimited | InvalidRequestBudget> => {
    const spent = edge.budget.exceeded()
    if (spent !== undefined) return Effect.fail(spent)
    return Effect.catchTags(edge.limiter.through(wire.route, deadline, send(edge, wire)), {
      RequestTimeout: (lost) => Effect.succeed(lost),
      TransportError: (lost) => Effect.succeed(lost),
    })
  })

const send = (edge: Edge, wire: Wire): Effect.Effect<Response, Lost> =>
  Effect.async((resume) => {
    const sent = edge.clock.unsafeCurrentTimeMillis()
    const timer = edge.timeOuts.after(wire.timeout, () => {
      abort()
      resume(Effect.fail(new RequestTimeout({ route: wire.route.display, after: wire.timeout })))
    })
    const abort = edge.transport.send(
      wire.request,
      (response) => {
        timer.cancel()
        received(edge, response, sent)
        resume(Effect.succeed(response))
      },
      (failure) => {
        timer.cancel()
        resume(Effect.fail(transportError(wire.route, failure)))
      },
    )
    return Effect.sync(() => {
      timer.cancel()
      abort()
    })
  })

/** Counts an answer: for the latency, the clock and the invalid-request budget. */
export const received = (edge: Edge, response: Response, sent: number): void => {
  const now = edge.clock.unsafeCurrentTimeMillis()
  edge.meter.answered(response, sent, now)
  if (response.status >= 400) edge.budget.note(response.status, response.headers["x-ratelimit-scope"], now)
}

export const transportError = (route: Route, { cause, code, sent }: Failure): TransportError =>
  new TransportError({ route: route.display, code, sent, cause })

/** The JSON of an answer, or its text where it is none. */
export const bodyOf = (response: Response): unknown => {
  const text = Answer.text(response.body)
  return Answer.json(text) ?? text
}

const isUnreadable = ({ body }: Response): boolean => Answer.json(Answer.text(body)) === undefined

const done: Response = { status: 204, headers: {}, body: new Uint8Array(0) }

const alreadyDone = (route: Route, wire: Wire, answer: Response): boolean => {
  if (answer.status < 400) return false
  if (route.method === "DELETE") return answer.status === 404
  if (route.retry !== "once-then-40060") return false
  // discord.js makes a structure of the message that it asked for: it is told the 40060.
  if (wire.needsAnswer === true && wire.request.path.includes("with_response=true")) return false
  const body = bodyOf(answer)
  return typeof body === "object" && body !== null && "code" in body && body.code === 40060
}

const backoff = (route: Route, failures: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => {
    const first = route.bucketed ? BACKOFF.ordinary : BACKOFF.acknowledgement
    return Math.round(Math.min(first * 2 ** failures, BACKOFF.most) * (0.5 + random / 2))
  })
