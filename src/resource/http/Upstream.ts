/**
 * One upstream at work: what happens to a call between `Http` and the transport.
 *
 * A call is one or more tries. Each takes a place, then a token, both in the order of arrival; the breaker lets it
 * through or not; what comes back is an answer or an error, and an error that may pass is tried again where that can
 * do no harm. Every step knows the call's deadline: what would reach beyond it ends at once, with the error that the
 * last try has had.
 *
 * @module
 */
import {
  Duration,
  Effect,
  Either,
  Exit,
  Cause,
  Option,
  Redacted,
  Runtime,
  Schedule,
  ScheduleDecision,
  ScheduleIntervals,
} from "effect"
import { Breaker, type Open, type Verdict } from "./Breaker.js"
import type { CallOptions, Response, Upstream, UpstreamOptions } from "../Http.js"
import * as HttpAddress from "./Address.js"
import { ENCODINGS } from "./Body.js"
import {
  HttpBroken,
  type HttpError,
  HttpLimited,
  HttpMalformed,
  HttpOutside,
  HttpRefused,
  HttpTimeout,
  HttpUnreachable,
} from "../HttpError.js"
import { Gate } from "./Gate.js"
import * as HttpMetrics from "./Metrics.js"
import { Places } from "./Places.js"
import * as HttpTransport from "./Transport.js"
import * as RetryAfter from "./RetryAfter.js"
import { RateStore } from "../RateStore.js"

/** Three tries, doubling from 200 ms. */
const RETRY: Schedule.Schedule<unknown, HttpError> = Schedule.jittered(
  Schedule.exponential("200 millis"),
).pipe(Schedule.intersect(Schedule.recurs(2)))
const MEBIBYTE = 1_048_576
const MOST_REDIRECTS = 5
/** For a 429 that does not say when. Milliseconds. */
const UNSAID = 60_000
/** Of a refusal's body. Characters. */
const BODY_KEPT = 1_000

/** A call on its way. */
interface Call {
  readonly request: HttpTransport.Request
  readonly accept: ReadonlyArray<number>
  readonly repeatable: boolean
  /** Epoch milliseconds. */
  readonly deadline: number
}

/** Dies with `InvalidUpstream` for a base URL that cannot be used. */
export const make: (
  options: UpstreamOptions,
) => Effect.Effect<Upstream, never, HttpTransport.Transport | RateStore> = Effect.fnUntraced(
  function* (options) {
    const { name } = options
    const base = yield* HttpAddress.base(options.baseUrl).pipe(
      Either.mapLeft((reason) => new HttpAddress.InvalidUpstream({ upstream: name, reason })),
      Effect.orDie,
    )
    const transport = yield* HttpTransport.Transport
    const clock = yield* Effect.clock
    const gate = new Gate(name, options.rate, yield* RateStore, clock)
    const log = Runtime.runFork(yield* Effect.runtime<never>())
    const within = Duration.toMillis(options.within ?? "10 seconds")
    const tryWithin = Duration.toMillis(options.tryWithin ?? within)
    const bodyLimit = options.bodyLimit ?? 5 * MEBIBYTE
    const schedule = options.retry ?? RETRY
    const rest = Duration.decode(options.breaker?.rest ?? "30 seconds")
    const metrics = HttpMetrics.forUpstream(name)
    const places = new Places(options.concurrency ?? 8)
    const headers = { ...COMMON, ...headersOf(options.headers) }
    const clean = cleaner(options.headers)
    metrics.breaker("closed")
    const breaker = new Breaker({
      failures: options.breaker?.failures ?? 5,
      rest: Duration.toMillis(rest),
      onChange: (state, reason) => {
        metrics.breaker(state)
        if (state === "open")
          log(Effect.logWarning(`${name} is not asked for ${Duration.format(rest)}: ${reason}`))
        else if (state === "closed") log(Effect.logInfo(`${name} is asked again: ${reason}`))
      },
    })

    const malformed = (reason: string) => new HttpMalformed({ upstream: name, reason: clean(reason) })

    /** One request with its redirects. */
    const follow = (
      request: HttpTransport.Request,
      left: number,
    ): Effect.Effect<HttpTransport.Answer, HttpError> =>
      Effect.flatMap(
        Effect.mapError(transport.send(request), (error) =>
          error.malformed
            ? malformed(error.reason)
            : new HttpUnreachable({ upstream: name, reason: clean(error.reason) }),
        ),
        (answer) => {
          const location = answer.headers["location"]
          if (!REDIRECTS.has(answer.status) || location === undefined) return Effect.succeed(answer)
          if (left === 0) return Effect.fail(malformed(`more than ${MOST_REDIRECTS} redirects`))
          const url = HttpAddress.redirected(request.url, location)
          return url === undefined
            ? Effect.fail(malformed("a redirect to elsewhere"))
            : follow(redirect(request, url, answer.status), left - 1)
        },
      )

    /** An answer, or what its status says. */
    const judged = (answer: HttpTransport.Answer, accept: ReadonlyArray<number>) =>
      Effect.suspend((): Effect.Effect<Response, HttpError> => {
        const { headers, status } = answer
        const text = new TextDecoder().decode(answer.body)
        const now = clock.unsafeCurrentTimeMillis()
        const said = options.limits?.({ status, headers, text }, now)
        const refused = status >= 400 && !accept.includes(status)
        const after =
          refused && (status === 429 || status >= 500)
            ? RetryAfter.parse(headers["retry-after"], now)
            : undefined
        const until = said ?? after
        const json = Effect.try({
          try: (): unknown => JSON.parse(text),
          catch: () => malformed("what should be JSON is not"),
        })
        const result: Effect.Effect<Response, HttpError> = !refused
          ? Effect.succeed({ status, headers, text, json })
          : status === 429 || said !== undefined
            ? Effect.fail(new HttpLimited({ upstream: name, retryAt: until ?? now + UNSAID }))
            : Effect.fail(new HttpRefused({ upstream: name, status, body: clean(text.slice(0, BODY_KEPT)) }))
        return until === undefined ? result : Effect.zipRight(gate.block(until), result)
      })

    /** One try, once it has its place and its token. */
    const attempt = ({ accept, deadline, request }: Call) =>
      Effect.suspend(() => {
        const left = deadline - clock.unsafeCurrentTimeMillis()
        const given = Math.min(left, tryWithin)
        const asking = Effect.suspend(() => {
          metrics.tried()
          return Effect.flatMap(follow(request, MOST_REDIRECTS), (answer) => judged(answer, accept))
        })
        return breaker.guard(
          Effect.timeoutFail(asking, {
            duration: given,
            onTimeout: (): HttpError =>
              new HttpTimeout({ upstream: name, millis: left < tryWithin ? within : tryWithin }),
          }),
          (exit) => verdict(exit, given >= tryWithin / 2),
        )
      })

    const broken = ({ retryAt }: Open) => new HttpBroken({ upstream: name, retryAt })

    /** Tries until there is an answer, or nothing more to try. `last` is what the try before ended with. */
    const tries = (
      call: Call,
      state: unknown,
      last: HttpError | undefined,
    ): Effect.Effect<Response, HttpError> =>
      Effect.suspend(() => {
        const now = clock.unsafeCurrentTimeMillis()
        const refusal = breaker.refusal(now)
        if (refusal !== undefined) return Effect.fail(last ?? broken(refusal))
        const limited = gate.refusal(now, places.waiting, call.deadline)
        if (limited !== undefined) return Effect.fail(last ?? limited)
        const left = call.deadline - now
        const late = () => last ?? new HttpTimeout({ upstream: name, millis: within })
        return places
          .hold(left, late, Effect.zipRight(gate.pass(call.deadline), Effect.either(attempt(call))))
          .pipe(
            Effect.flatMap((result) => {
              if (Either.isRight(result)) return Effect.succeed(result.right)
              const error = result.left
              if (error._tag === "Open") return Effect.fail(last ?? broken(error))
              return call.repeatable && mayPass(error) ? again(call, state, error) : Effect.fail(error)
            }),
          )
      })

    /** Waits as the schedule and the upstream say, where there is time for it. */
    const again = (call: Call, state: unknown, error: HttpError): Effect.Effect<Response, HttpError> =>
      Effect.suspend(() =>
        Effect.flatMap(schedule.step(clock.unsafeCurrentTimeMillis(), error, state), (step) => {
          const [next, , decision] = step
          if (ScheduleDecision.isDone(decision)) return Effect.fail(error)
          const at = Math.max(ScheduleIntervals.start(decision.intervals), gate.blockedUntil)
          if (at >= call.deadline) return Effect.fail(error)
          const wait = at - clock.unsafeCurrentTimeMillis()
          return Effect.zipRight(
            wait > 0 ? Effect.sleep(wait) : Effect.yieldNow(),
            tries(call, next as unknown, error),
          )
        }),
      )

    const request: Upstream["request"] = (method, path, call = {}) =>
      Effect.suspend(() => {
        const started = clock.unsafeCurrentTimeMillis()
        const address = HttpAddress.within(base, path, call.query)
        const asked = Either.isLeft(address)
          ? Effect.fail(new HttpOutside({ upstream: name, reason: address.left }))
          : tries(
              callOf(method.toUpperCase(), address.right, call, headers, bodyLimit, started + within),
              schedule.initial as unknown,
              undefined,
            )
        return Effect.onExit(asked, (exit) =>
          Effect.sync(() => metrics.ended(outcome(exit), clock.unsafeCurrentTimeMillis() - started)),
        )
      })

    return {
      name,
      request,
      get: (path, call) => request("GET", path, call),
      status: () => ({
        name,
        baseUrl: `${base.origin}${base.path}`,
        breaker: breaker.state,
        running: places.running,
        waiting: places.waiting,
      }),
    }
  },
)

// ---------------------------------------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------------------------------------

const callOf = (
  method: string,
  url: URL,
  { accept, body, headers, repeatable }: CallOptions,
  common: Readonly<Record<string, string>>,
  bodyLimit: number,
  deadline: number,
): Call => ({
  accept: accept ?? [],
  repeatable: repeatable ?? (method === "GET" || method === "HEAD"),
  deadline,
  request: {
    method,
    url,
    headers: {
      ...common,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headersOf(headers),
    },
    body: body === undefined ? null : JSON.stringify(body),
    bodyLimit,
  },
})

const COMMON = { accept: "application/json", "accept-encoding": ENCODINGS, "user-agent": "bosun" }
/** These say how a message is carried, or to whom: the transport's to set. */
const CARRIED = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
])

const headersOf = (given: UpstreamOptions["headers"] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given)
      .map(([key, value]) => [key.toLowerCase(), Redacted.isRedacted(value) ? Redacted.value(value) : value])
      .filter(([key]) => !CARRIED.has(key ?? "")),
  )

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What is asked after a redirect: as browsers do it, all but GET and HEAD become GET, unless it is 307 or 308. */
const redirect = (request: HttpTransport.Request, url: URL, status: number): HttpTransport.Request => {
  if (status === 307 || status === 308 || request.method === "GET" || request.method === "HEAD")
    return { ...request, url }
  const { "content-type": _, ...headers } = request.headers
  return { ...request, url, method: "GET", headers, body: null }
}

/** Takes secrets out of what goes into errors: an upstream may repeat what it was sent. */
const cleaner = (headers: UpstreamOptions["headers"] = {}) => {
  const secrets = Object.values(headers).flatMap((value) => {
    if (!Redacted.isRedacted(value)) return []
    const secret = Redacted.value(value)
    return [secret, secret.replace(/^\S+\s+/u, "")].filter((one) => one !== "")
  })
  return (text: string): string =>
    secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "<redacted>"), text)
}

// ---------------------------------------------------------------------------------------------------------
// Ends
// ---------------------------------------------------------------------------------------------------------

/** 501 and 505 say that the request itself is not understood. */
const isFault = (status: number): boolean => status >= 500 && status !== 501 && status !== 505

/** Whether another try may end better. */
const mayPass = (error: HttpError): boolean =>
  error._tag === "HttpUnreachable" ||
  error._tag === "HttpTimeout" ||
  error._tag === "HttpLimited" ||
  (error._tag === "HttpRefused" && isFault(error.status))

/**
 * What the end of a try says of the upstream. Where most of its time was spent in our own line (not `isFair`), it says
 * nothing that it was too late: an upstream that answers all it is asked would be taken for one that does not.
 */
const verdict = (exit: Exit.Exit<Response, HttpError>, isFair: boolean): Verdict => {
  if (Exit.isSuccess(exit)) return "answered"
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (error === undefined || (error._tag === "HttpTimeout" && !isFair)) return "nothing"
  return error._tag !== "HttpLimited" && mayPass(error) ? { failed: error.message } : "answered"
}

const outcome = (exit: Exit.Exit<Response, HttpError>): HttpMetrics.Outcome => {
  if (Exit.isSuccess(exit)) return "answered"
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  return error?._tag ?? (Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "died")
}
