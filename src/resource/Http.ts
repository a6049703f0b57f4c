/**
 * One pooled HTTP client for everything outside Discord, through upstreams that have names.
 *
 * ```ts
 * const github = yield* Http.upstream({ name: "github", baseUrl: "https://api.github.com", within: "10 seconds" })
 * const response = yield* github.get("/users/ada/repos", { query: { per_page: "100" } })
 * ```
 *
 * An upstream has everything that goes wrong with one: a deadline, retries, so many calls at once, a rate that
 * holds over restarts, a breaker that stops asking what does not answer, a limit to what it may send. Only
 * the host of its base URL can be reached through it, redirects included.
 *
 * Calls go out in the order in which they were made. `Retry-After` (of 429 and 5xx) holds for all calls of the upstream,
 * for an hour at most, and over restarts where it has a rate.
 * Redirects are followed five times, and only to the same scheme, host and port. Bodies are unpacked here.
 *
 * Interruption closes the socket. Every failure is a typed error of `HttpError`, each with a word for the user; a call
 * that would have to wait for longer than it may is refused at once.
 *
 * @module
 */
import { Context, type Duration, Effect, Layer, type Redacted, type Schedule, type Scope } from "effect"
import type { HttpError } from "./HttpError.js"
import * as HttpTransport from "./http/Transport.js"
import { type Rate, RateStore } from "./RateStore.js"
import * as Live from "./http/Upstream.js"

export interface UpstreamOptions {
  /** As in the log, the metrics, `doctor` and what users are told. */
  readonly name: string
  /** `https://api.github.com`: with a path, it stands before every path asked for. */
  readonly baseUrl: string
  /** For the whole call with all its tries, in waiting lines too. Default 10 seconds. */
  readonly within?: Duration.DurationInput
  /** For one try. Default `within`. */
  readonly tryWithin?: Duration.DurationInput
  /** For what may pass: no connection, 5xx, 429; of GET and HEAD, and of others where `repeatable` says so. Default 3 tries, doubling from 200 ms, with jitter. */
  readonly retry?: Schedule.Schedule<unknown, HttpError>
  /** How many calls at once. Default 8. */
  readonly concurrency?: number
  /** Default none. */
  readonly rate?: Rate
  /** After so many failures in a row nothing is asked for so long; then one call tries. Default 5, 30 seconds. */
  readonly breaker?: { readonly failures: number; readonly rest: Duration.DurationInput }
  /** Bytes of a body, unpacked. Default 5 MiB. */
  readonly bodyLimit?: number
  /**
   * For upstreams that state their limits by other ways than `Retry-After`: until when, by this answer, nothing may be
   * asked (epoch milliseconds). A refusal that says so is `HttpLimited`.
   */
  readonly limits?: (answer: Pick<Response, "status" | "headers" | "text">, now: number) => number | undefined
  /** For every call; a redacted value reaches no log. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted>>
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Whether another try can do no harm. Default for GET and HEAD. */
  readonly repeatable?: boolean
  /** Statuses of 400 and above that are answers here and no failures: `[404]`. 304 is always an answer. */
  readonly accept?: ReadonlyArray<number>
}

/** A whole answer: its body was read and its connection is free. */
export interface Response {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** Fails with `HttpMalformed`. */
  readonly json: Effect.Effect<unknown, HttpError>
}

/** How it stands with an upstream. */
export interface Status {
  readonly name: string
  readonly baseUrl: string
  /** Half-open: one call tries. */
  readonly breaker: "closed" | "open" | "half-open"
  readonly running: number
  readonly waiting: number
}

export interface Upstream {
  readonly name: string
  /**
   * `path` starts with `/` and may not leave the base URL, else it fails with `HttpOutside`; its query goes into `options`.
   * Fails with an `HttpError`; interruption closes the socket.
   */
  readonly request: (
    method: string,
    path: string,
    options?: CallOptions,
  ) => Effect.Effect<Response, HttpError>
  readonly get: (path: string, options?: CallOptions) => Effect.Effect<Response, HttpError>
  readonly status: () => Status
}

export interface Http {
  /** Opens an upstream for the scope. A base URL that is no URL dies with `InvalidUpstream`. */
  readonly upstream: (options: UpstreamOptions) => Effect.Effect<Upstream, never, Scope.Scope>
  /** Those that are open, by name. */
  readonly upstreams: () => ReadonlyArray<Upstream>
}

export const Http = Context.GenericTag<Http>("bosun/resource/Http")

/** Over whatever transport is provided. */
export const make: Effect.Effect<Http, never, HttpTransport.Transport | RateStore> = Effect.gen(function* () {
  const context = yield* Effect.context<HttpTransport.Transport | RateStore>()
  const open = new Set<Upstream>()
  return {
    upstream: (options) =>
      Effect.acquireRelease(
        Effect.tap(Effect.provide(Live.make(options), context), (upstream) =>
          Effect.sync(() => open.add(upstream)),
        ),
        (upstream) => Effect.sync(() => open.delete(upstream)),
      ),
    upstreams: () => [...open].sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
})

/** Over a transport of the caller's choice. */
export const layerOver: Layer.Layer<Http, never, HttpTransport.Transport | RateStore> = Layer.effect(
  Http,
  make,
)

/** Over sockets: one pool of connections for all upstreams, closed at the end of the scope. */
export const layer = (options?: HttpTransport.Options): Layer.Layer<Http, never, RateStore> =>
  Layer.provide(layerOver, HttpTransport.layerUndici(options))
