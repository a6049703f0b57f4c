/**
 * How one HTTP request reaches the outside: an undici Agent, or whatever a test puts in its place.
 *
 * undici directly, and not through the HTTP client of @effect/platform: that one hands compressed bodies on as they
 * came, so that nobody limits what they unpack to, and a body that nobody reads keeps its connection. Here an answer
 * is always read whole, or its connection is closed.
 *
 * Interruption closes the socket; where the connection is still being made it stays in the pool, unused.
 *
 * Failure modes: everything is `Unanswered`. What was in flight at the scope's end fails so too.
 *
 * @module
 */
import { Context, Duration, Effect, Layer } from "effect"
import type { IncomingHttpHeaders } from "node:http"
import { Agent, type Dispatcher } from "undici"
import * as HttpBody from "./Body.js"
import { Unanswered } from "./Body.js"
import * as HttpNames from "./Names.js"
import * as Resource from "../Resource.js"

export { Unanswered } from "./Body.js"

/** One request, as it goes out. */
export interface Request {
  readonly method: string
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** The most bytes of an answer's body, both as they come and unpacked. */
  readonly bodyLimit: number
}

/** One whole answer, unpacked. */
export interface Answer {
  readonly status: number
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface Transport {
  /** Sends one request, and follows no redirect. Has no deadline of its own but the one for the making of a connection. */
  readonly send: (request: Request) => Effect.Effect<Answer, Unanswered>
}

export const Transport = Context.GenericTag<Transport>("bosun/resource/HttpTransport")

export interface Options extends HttpNames.Options {
  /** At most this many connections to each host. Default 32; they are opened as needed. */
  readonly connections?: number
  /** How long an unused connection is kept. Default 30 seconds. A server's own `Keep-Alive` comes first. */
  readonly keepAlive?: Duration.DurationInput
  /** How long the making of a connection may take. Default 5 seconds. */
  readonly connectTimeout?: Duration.DurationInput
}

/** Over one pooled Agent, whose connections are closed at the end of the scope. */
export const layerUndici = (options: Options = {}): Layer.Layer<Transport> =>
  Layer.scoped(
    Transport,
    Effect.gen(function* () {
      const lookup = yield* HttpNames.make(options)
      const agent = yield* Resource.make({
        name: "the HTTP client",
        acquire: Effect.sync(
          () =>
            new Agent({
              connections: options.connections ?? 32,
              keepAliveTimeout: Duration.toMillis(options.keepAlive ?? "30 seconds"),
              connect: {
                lookup,
                timeout: Duration.toMillis(options.connectTimeout ?? "5 seconds"),
                autoSelectFamily: true,
              },
              // How long an answer may take is for the calls to say, on Effect's clock.
              headersTimeout: 0,
              bodyTimeout: 0,
            }),
        ),
        release: (agent) => Effect.promise(() => agent.destroy()),
      })
      return {
        send: (request) =>
          Effect.flatMap(exchange(agent, request), (answer) =>
            Effect.map(
              HttpBody.unpack(answer.body, answer.headers["content-encoding"], request.bodyLimit),
              (body) => ({ ...answer, body }),
            ),
          ),
      }
    }),
  )

const exchange = (agent: Agent, request: Request) =>
  Effect.async<Answer, Unanswered>((resume) => {
    const { url } = request
    const handler = new Exchange(request.method, request.bodyLimit, resume)
    agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method as Dispatcher.HttpMethod,
        headers: { ...request.headers },
        body: request.body,
      },
      handler,
    )
    return Effect.sync(() => handler.abort())
  })

const aborted = new Error("aborted")

/** One request and its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private settled = false
  private status = 0
  private headers: Record<string, string> = {}
  private readonly chunks: Array<Buffer> = []
  private size = 0

  constructor(
    private readonly method: string,
    private readonly limit: number,
    private readonly settle: (result: Effect.Effect<Answer, Unanswered>) => void,
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
    // Where no body comes, its length is that of the one that would have come; undici fails a 304 for it.
    if (status === 204 || status === 304 || (this.method === "HEAD" && status >= 200)) this.onResponseEnd()
    else if (Number(this.headers["content-length"]) > this.limit) this.tooBig()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) return
    this.size += chunk.length
    if (this.size > this.limit) this.tooBig()
    else this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.end(Effect.succeed({ status: this.status, headers: this.headers, body: Buffer.concat(this.chunks) }))
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const code = codeOf(error)
    this.end(
      new Unanswered({
        reason: error.message === "" || error.message === code ? code : `${error.message} (${code})`,
        malformed: code.startsWith("HPE_") || code === "UND_ERR_HEADERS_OVERFLOW",
      }),
    )
  }

  private tooBig(): void {
    this.end(new Unanswered({ reason: `a body of more than ${this.limit} bytes`, malformed: true }))
    this.controller?.abort(aborted)
  }

  private end(result: Effect.Effect<Answer, Unanswered>): void {
    if (this.settled) return
    this.settled = true
    this.settle(result)
  }
}

const joined = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" ? value : (value?.join(", ") ?? ""),
    ]),
  )

const codeOf = (error: Error): string => {
  if ("code" in error && typeof error.code === "string") return error.code
  return error.cause instanceof Error ? codeOf(error.cause) : error.name
}
