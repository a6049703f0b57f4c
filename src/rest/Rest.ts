/**
 * The REST edge: every HTTP request to Discord goes out here, whether the bot, discord.js or an interaction's
 * answer asks for it.
 *
 * A call waits for its turn and for the limits (`Limiter`), is sent by the `Transport`, repeated as its route
 * allows (`Attempts`, `Route`), and ends with an answer or one of the errors of `DiscordError`. All waits run
 * on Effect's Clock. Interruption aborts the request and gives up every wait.
 *
 * Failure modes: nothing is sent any more once the invalid-request budget is used up (`fatal` then fails); a
 * call never waits longer than its patience; errors never carry the bot's token or an interaction's. At the end
 * of the scope whatever is going on is aborted.
 *
 * @module
 */
import {
  Context,
  Duration,
  Effect,
  type Exit,
  Fiber,
  Layer,
  Random,
  Redacted,
  Runtime,
  type Scope,
  type Tracer,
} from "effect"
import {
  type InvalidRequestBudget,
  MalformedAnswer,
  type RestError,
  TransportError,
} from "../DiscordError.js"
import * as Acknowledge from "./Acknowledge.js"
import * as Answer from "./Answer.js"
import * as Attempts from "./Attempts.js"
import * as Body from "./Body.js"
import * as Budget from "./Budget.js"
import * as DiscordJs from "./DiscordJs.js"
import * as Tracing from "../observe/Tracing.js"
import { Going } from "../supervise/Going.js"
import * as Limiter from "./Limiter.js"
import * as Meter from "./Meter.js"
import * as Route from "./Route.js"
import * as Signal from "./Signal.js"
import * as Timers from "../supervise/Timers.js"
import { type Request, type Response, Transport } from "./Transport.js"

/** One call. */
export interface RestRequest {
  readonly method: Request["method"]
  /** Below the version: `/channels/1/messages`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent beside the body, as Discord's multipart form. */
  readonly files?: ReadonlyArray<Body.File>
  /** For the guild's audit log (`X-Audit-Log-Reason`; Discord: at most 512 characters). */
  readonly reason?: string
  /** Whether the bot's token goes with it. True by default. */
  readonly auth?: boolean
  /** For one attempt. The edge's own by default. */
  readonly timeout?: Duration.DurationInput
  /** How often it is repeated after attempts that were lost. The edge's own by default. */
  readonly retries?: number
}

/** A 2xx answer. */
export interface RestResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined where the answer had no body. */
  readonly json: unknown
}

export interface Rest {
  /**
   * Calls Discord. Fails with one of `RestError` (an answer of 300 or above, a limit, a time-out, the way).
   * Interruption aborts the request.
   */
  readonly request: (request: RestRequest) => Effect.Effect<RestResponse, RestError>
  /**
   * For `new Client({ rest: { makeRequest, retries: 0, timeout: 2 ** 31 - 1 } })`. Rejects with one of
   * `RestError`, and with `TransportError` of code `ABORTED` when the signal that came with the call, or the one
   * of `Signal.run` around it, is aborted.
   */
  readonly makeRequest: DiscordJs.MakeRequest
  /**
   * Posts the first response to an interaction, at once: `path` below the version, `body` its JSON. `done` is
   * called exactly once (possibly before this returns) with null or the error, unless the returned function is
   * called first: it aborts the request, and `done` is then never called. For other paths than an interaction's
   * callback the limits are not asked before the first attempt.
   */
  readonly acknowledge: (path: string, body: string, done: (error: RestError | null) => void) => () => void
  /** How many calls are waiting or sent, and not yet settled. */
  readonly inFlight: () => number
  /** Smoothed milliseconds from sending to answer; undefined before the first answer. */
  readonly latency: () => number | undefined
  /** Milliseconds to add to this machine's clock to get Discord's, as far as is proven; 0 until then. */
  readonly clockSkew: () => number
  /** Fails once the invalid-request budget is used up; otherwise never ends. */
  readonly fatal: Effect.Effect<never, InvalidRequestBudget>
  /** Tells `observer` of every settled call until the returned function is called. It must not throw. */
  readonly onCall: (observer: (call: Meter.Call) => void) => () => void
}

export interface Options {
  /** The base without the version: `https://discord.com/api`. */
  readonly apiUrl: string
  readonly token: Redacted.Redacted
  /** For one attempt of an ordinary call. Default 15 seconds. */
  readonly timeout?: Duration.DurationInput
  /** For one attempt of an interaction's first response. Default 2.5 seconds (Discord: due within 3). */
  readonly acknowledgementTimeout?: Duration.DurationInput
  /** How often a call is repeated after attempts that were lost. Default 3. */
  readonly retries?: number
  /** How long a call may wait for limits and for others. Default 15 minutes: an interaction's life. */
  readonly patience?: Duration.DurationInput
  /** Default 50 (Discord). */
  readonly globalPerSecond?: number
  /** Invalid requests within 10 minutes at which nothing is sent any more. Default 9,000 (Discord: 10,000). */
  readonly invalidRequests?: number
  /** Discord asks for the form `DiscordBot (url, version)`. */
  readonly userAgent?: string
}

export const Rest = Context.GenericTag<Rest>("bosun/rest/Rest")

/** Discord's API version that this edge speaks. */
export const VERSION = 10

/** Makes the edge over a transport. */
export const make = Effect.fnUntraced(function* (
  options: Options,
): Effect.fn.Return<Rest, never, Transport | Timers.Timers | Scope.Scope> {
  const transport = yield* Transport
  const clock = yield* Effect.clock
  const timers = yield* Timers.Timers
  const budget = Budget.make(options.invalidRequests)
  const meter = Meter.make()
  const edge: Attempts.Edge = {
    transport,
    clock,
    acknowledgements: timers.lane(),
    timeOuts: timers.lane(),
    budget,
    meter,
    limiter: Limiter.make(timers.lane(), clock, { globalPerSecond: options.globalPerSecond ?? 50 }),
    retries: options.retries ?? 3,
    // A timer beyond 2^31 - 1 ms would never fire.
    patience: Math.min(Duration.toMillis(options.patience ?? "15 minutes"), 2 ** 31 - 1),
  }
  const timeout = Duration.toMillis(options.timeout ?? "15 seconds")
  const acknowledgementTimeout = Duration.toMillis(options.acknowledgementTimeout ?? "2.5 seconds")
  const apiUrl = options.apiUrl.replace(/\/+$/, "")
  const prefix = `${new URL(apiUrl).pathname.replace(/\/+$/, "")}/v${VERSION}`
  const anonymous = {
    "user-agent": options.userAgent ?? "DiscordBot (bosun, 0.1.0)",
  }
  const authorized = { ...anonymous, authorization: `Bot ${Redacted.value(options.token)}` }

  const seed = (yield* Random.nextIntBetween(0, 2 ** 31)).toString(36).padStart(6, "0")
  let made = 0
  // At most 20 characters (Discord: a nonce has at most 25).
  const fresh = () => `${seed}${(made++).toString(36).padStart(4, "0")}`
  const boundary = () => `bosun-form-${fresh()}-${seed}`

  const runFork = Runtime.runFork(yield* Effect.runtime<never>())
  const going = new Going<Fiber.RuntimeFiber<unknown, unknown>>()
  const fork = <A, E>(effect: Effect.Effect<A, E>) => {
    const fiber = runFork(effect)
    const entry = going.add(fiber)
    fiber.addObserver(() => going.remove(entry))
    return fiber
  }
  yield* Effect.addFinalizer(() => Fiber.interruptAll(going.all()))

  const untraced = (
    route: Route.Route,
    path: string,
    headers: Record<string, string>,
    body: Body.Body,
    repeatable: boolean,
    limit?: number,
    retries?: number,
    needsAnswer = true,
  ): Effect.Effect<Response, RestError> => {
    if (body.contentType !== undefined) headers["content-type"] = body.contentType
    return Attempts.call(edge, {
      route,
      repeatable,
      retries,
      needsAnswer,
      timeout: limit ?? (route.bucketed ? timeout : acknowledgementTimeout),
      request: {
        method: route.method,
        path: prefix + path,
        headers,
        body: body.data,
        // A long upload must not stand in the way of those that a person waits for.
        lane: route.acknowledges && typeof body.data !== "object" ? "acknowledgement" : "ordinary",
      },
    })
  }

  const tracing = yield* Tracing.current
  const call: typeof untraced =
    tracing === undefined
      ? untraced
      : (route, ...rest) => Tracing.request(route.template, untraced(route, ...rest), described(route))

  const request = (given: RestRequest): Effect.Effect<RestResponse, RestError> =>
    Effect.suspend(() => {
      const path = given.path + queryOf(given)
      const route = Route.parse(given.method, given.path)
      const headers: Record<string, string> = { ...(given.auth === false ? anonymous : authorized) }
      if (given.reason !== undefined && given.reason !== "") {
        headers["x-audit-log-reason"] = encodeURIComponent(given.reason)
      }
      let payload = given.body === undefined ? undefined : JSON.stringify(given.body)
      let repeatable = route.retry !== "never"
      if (route.retry === "nonce") {
        const safe = Body.withNonce(payload ?? "{}", fresh)
        payload = safe.payload
        repeatable = safe.repeatable
      }
      const body =
        given.files !== undefined && given.files.length > 0
          ? Body.ofFiles(payload, given.files, boundary())
          : payload === undefined
            ? Body.none
            : Body.ofJson(payload)
      const limit = given.timeout === undefined ? undefined : Duration.toMillis(given.timeout)
      return Effect.flatMap(
        call(route, path, headers, body, repeatable, limit, given.retries, false),
        (answer) => read(route, answer),
      )
    })

  const acknowledge = Acknowledge.make(edge, {
    prefix,
    headers: { ...anonymous, "content-type": "application/json" },
    timeout: acknowledgementTimeout,
    fork,
  })
  yield* Effect.addFinalizer(() => Effect.sync(acknowledge.close))

  let open = true
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      open = false
    }),
  )
  return Rest.of({
    request,
    makeRequest: DiscordJs.make({
      apiUrl,
      call: (route, ...rest) => {
        if (!open) return Effect.fail(closed(route))
        const context = tracing === undefined ? undefined : Signal.context()
        // Nothing that it needs is taken from there, but for the trace.
        return context === undefined ? call(route, ...rest) : Effect.provide(call(route, ...rest), context)
      },
      fork,
      nonce: fresh,
      boundary,
    }),
    acknowledge: acknowledge.send,
    inFlight: meter.inFlight,
    latency: meter.latency,
    clockSkew: meter.clockSkew,
    fatal: budget.fatal,
    onCall: meter.onCall,
  })
})

/** The edge as a scoped service. */
export const layer = (options: Options): Layer.Layer<Rest, never, Transport | Timers.Timers> =>
  Layer.scoped(Rest, make(options))

const read = (route: Route.Route, answer: Response): Effect.Effect<RestResponse, RestError> => {
  // Discord's API redirects nobody: whoever does is something else.
  if (answer.status >= 300) {
    return Effect.fail(Answer.fromAnswer(route.display, answer.status, Attempts.bodyOf(answer)))
  }
  const { headers, status } = answer
  if (answer.body.length === 0) return Effect.succeed({ status, headers, json: undefined })
  const text = Answer.text(answer.body)
  const json = Answer.json(text)
  return json === undefined
    ? Effect.fail(new MalformedAnswer({ route: route.display, status, excerpt: Answer.excerpt(text) }))
    : Effect.succeed({ status, headers, json })
}

const queryOf = ({ query }: RestRequest): string => {
  if (query === undefined) return ""
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) pairs.append(name, String(value))
  const text = pairs.toString()
  return text === "" ? "" : `?${text}`
}

/** What a span says of its call: no token, no body. */
const described =
  (route: Route.Route) =>
  (span: Tracer.Span, exit: Exit.Exit<Response, RestError>): void => {
    const { error, status } = Attempts.described(exit)
    span.attribute("http.request.method", route.method)
    span.attribute("http.route", route.display)
    if (status !== undefined) span.attribute("http.response.status_code", status)
    if (error !== undefined) span.attribute("error.type", error)
  }

const closed = (route: Route.Route): TransportError =>
  new TransportError({ route: route.display, code: "CLOSED", sent: false })
