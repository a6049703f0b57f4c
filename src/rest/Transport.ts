/**
 * How one HTTP request reaches Discord: an undici pool in production, a direct call into a local Discord in
 * tests.
 *
 * Callbacks, not effects: this is one of the two hot edges. Everything that has semantics (limits, retries,
 * typed errors, abort) lives above, in `Rest`.
 *
 * @module
 */
import { Context, Duration, Effect, Layer } from "effect"
import type { IncomingHttpHeaders } from "node:http"
import { type Dispatcher, Pool } from "undici"

/** One request, as it goes out. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Path and query below the origin, version included: `/api/v10/users/@me`. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  /**
   * `acknowledgement` requests have connections of their own, so that the first response to an interaction
   * never queues behind anything else.
   */
  readonly lane: "acknowledgement" | "ordinary"
}

/** One whole answer. */
export interface Response {
  readonly status: number
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Why there was no answer. */
export interface Failure {
  /** For instance `ECONNREFUSED`, `UND_ERR_SOCKET`, `ABORTED`. */
  readonly code: string
  /** False where the connection was never made, so that the request cannot have arrived. */
  readonly sent: boolean
  readonly cause: unknown
}

export interface Transport {
  /**
   * Sends one request. Exactly one of the callbacks is called, once, unless the returned function is called
   * first: it aborts the request (also when its connection does not exist yet), and then neither is called.
   */
  readonly send: (
    request: Request,
    onResponse: (response: Response) => void,
    onFailure: (failure: Failure) => void,
  ) => () => void
}

export const Transport = Context.GenericTag<Transport>("bosun/rest/Transport")

/** Where and how the live transport connects. */
export interface UndiciOptions {
  /** `https://discord.com`; a path is left out. */
  readonly origin: string
  /** At most this many connections for ordinary requests. Default 64; they are opened as needed. */
  readonly connections?: number
  /** At most this many connections for acknowledgements. Default 256; they are opened as needed. */
  readonly acknowledgementConnections?: number
  /** How long an unused connection is kept. Default 30 seconds. A server's own `Keep-Alive` comes first. */
  readonly keepAlive?: Duration.DurationInput
  /** How long the making of a connection may take. Default 5 seconds. */
  readonly connectTimeout?: Duration.DurationInput
}

/**
 * Over HTTP, with a pool of connections for each lane. At the end of the scope every connection is closed, and
 * what was in flight fails with code `UND_ERR_DESTROYED`.
 */
export const layerUndici = (options: UndiciOptions): Layer.Layer<Transport> =>
  Layer.scoped(
    Transport,
    Effect.gen(function* () {
      const ordinary = yield* pool(options, options.connections ?? 64)
      const acknowledgement = yield* pool(options, options.acknowledgementConnections ?? 256)
      return Transport.of({
        send: (request, onResponse, onFailure) => {
          const exchange = new Exchange(onResponse, onFailure)
          const lane = request.lane === "ordinary" ? ordinary : acknowledgement
          lane.dispatch(
            {
              method: request.method,
              path: request.path,
              headers: request.headers as Headers,
              body: request.body,
            },
            exchange,
          )
          return () => exchange.abort()
        },
      })
    }),
  )

/**
 * What a local Discord offers: answers through `onResponse`, once, unless the returned function is called. `cut`:
 * the connection broke within the answer.
 */
export type Handle = (
  request: Pick<Request, "method" | "path" | "headers" | "body">,
  onResponse: (response: Response & { readonly cut?: number }) => void,
) => () => void

/** Without sockets: straight into a local Discord. */
export const fromHandle = (handle: Handle): Transport => ({
  send: (request, onResponse, onFailure) => {
    let settled = false
    const cancel = handle(request, (response) => {
      if (settled) return
      settled = true
      if (response.cut === undefined) onResponse(response)
      // As a socket tells it: whatever arrived of the answer is of no use.
      else onFailure({ code: "ECONNRESET", sent: true, cause: undefined })
    })
    return () => {
      if (settled) return
      settled = true
      cancel()
    }
  },
})

/** Without sockets: straight into a local Discord. */
export const layerInProcess = (handle: Handle): Layer.Layer<Transport> =>
  Layer.succeed(Transport, fromHandle(handle))

type Headers = Record<string, string>

const pool = (options: UndiciOptions, connections: number) =>
  Effect.acquireRelease(
    Effect.sync(
      () =>
        new Pool(new URL(options.origin).origin, {
          connections,
          keepAliveTimeout: Duration.toMillis(options.keepAlive ?? "30 seconds"),
          connectTimeout: Duration.toMillis(options.connectTimeout ?? "5 seconds"),
          // How long an answer may take is for the calls to say, on Effect's clock.
          headersTimeout: 0,
          bodyTimeout: 0,
        }),
    ),
    (pool) => Effect.promise(() => pool.destroy()),
  )

const aborted = new Error("aborted")
const empty = new Uint8Array(0)

/** One request and its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private settled = false
  private status = 0
  private headers: Headers = {}
  private body: Buffer | undefined
  private more: Array<Buffer> | undefined

  constructor(
    private readonly onResponse: (response: Response) => void,
    private readonly onFailure: (failure: Failure) => void,
  ) {}

  /** Before the connection exists there is nothing to stop yet: `onRequestStart` then refuses to start. */
  abort(): void {
    if (this.settled) return
    this.settled = true
    this.controller?.abort(aborted)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, not aborted: an abort here would cost the connection, which another request can use.
    if (this.settled) throw aborted
    this.controller = controller
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // An answer of 1xx is only a foreword.
    this.status = status
    this.headers = joined(headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.body === undefined) this.body = chunk
    else if (this.more === undefined) this.more = [this.body, chunk]
    else this.more.push(chunk)
  }

  onResponseEnd(): void {
    if (this.settled) return
    this.settled = true
    const body = this.more === undefined ? (this.body ?? empty) : Buffer.concat(this.more)
    this.onResponse({ status: this.status, headers: this.headers, body })
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.settled) return
    this.settled = true
    this.onFailure({ code: codeOf(error), sent: this.controller !== undefined, cause: error })
  }
}

const joined = (headers: IncomingHttpHeaders): Headers => {
  for (const name in headers) {
    const value = headers[name]
    if (typeof value !== "string") headers[name] = value?.join(", ")
  }
  return headers as Headers
}

const codeOf = (error: Error): string => {
  if ("code" in error && typeof error.code === "string") return error.code
  return error.cause instanceof Error ? codeOf(error.cause) : error.name
}
