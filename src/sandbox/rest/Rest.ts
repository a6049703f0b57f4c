/**
 * REST v10 in front of a World: path → route → handler → answer, with authorization, limits and faults around
 * it. It knows no socket: a request is a value, and so is its answer.
 *
 * Handlers run synchronously; only faults (a delay, a hang) put time between a request and its answer. What no
 * route fits is answered 501 and reported, so that a gap of the sandbox is never taken for Discord's own word.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import type { RestFaults } from "../fault/Faults.js"
import * as Multipart from "./Multipart.js"
import { RateLimits } from "./RateLimits.js"
import * as Route from "./Route.js"
import { routes as application } from "./routes/Application.js"
import { routes as bans } from "./routes/Bans.js"
import { routes as guilds } from "./routes/Guilds.js"
import { routes as interactions } from "./routes/Interactions.js"
import { routes as members } from "./routes/Members.js"
import { routes as messages } from "./routes/Messages.js"
import { routes as threads } from "./routes/Threads.js"
import * as Time from "../model/Time.js"
import type { Timers } from "../Timers.js"
import type { Transcript } from "../Transcript.js"

/** One request. */
export interface Request {
  readonly method: string
  /** With the query, from the origin on: `/api/v10/users/@me`; the version may be left out. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | Uint8Array | null
}

/** One answer. */
export interface Response {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Record<string, string>
  readonly body: Uint8Array
  /**
   * Only by a fault: after how many bytes of the body the connection is reset. -1: before any answer, as a client
   * sees it that was never answered.
   */
  readonly cut?: number
}

export interface Options {
  /** The only token that is let in (without `Bot `). Default: any. */
  readonly token?: string
  /** Whether rate limits are kept and told. Default true. */
  readonly rateLimits?: boolean
}

/** Everything that the sandbox implements. */
export const routes: ReadonlyArray<Route.Route> = [
  ...interactions,
  ...messages,
  ...threads,
  ...members,
  ...bans,
  ...guilds,
  ...application,
]

const table = Route.table(routes)
const empty = new Uint8Array(0)
const nothing = (): void => {}

/** Discord: 25 MiB in one request. */
export const bodyLimit = 25 * 1024 * 1024

export class Rest {
  private readonly limits: RateLimits | null
  /** Requests that have no answer yet. */
  pending = 0

  constructor(
    private readonly site: Route.Site,
    private readonly timers: Timers,
    private readonly faults: RestFaults,
    private readonly options: Options,
    /** Runs a task soon, never within the call. */
    private readonly soon: (task: () => void) => void,
    private readonly warn: (text: string) => void,
    private readonly transcript?: Transcript,
  ) {
    this.limits = options.rateLimits === false ? null : new RateLimits()
  }

  /**
   * Answers a request, never within the call. The returned function takes the request back: then no answer
   * comes; what it asked for is done unless it hung.
   */
  handle(request: Request, onResponse: (response: Response) => void): () => void {
    this.pending++
    let live = true
    let cancel = nothing
    const answered = this.transcript?.request(request)
    const latency = this.faults.latency(request.method, request.path)
    const settle = (response: Response) => {
      if (!live) return
      live = false
      this.pending--
      answered?.(response)
      onResponse(response)
    }
    const run = () => {
      if (!live) return
      const response = this.answer(request)
      if (latency.answer > 0) cancel = this.timers.after(latency.answer, () => settle(response))
      else this.soon(() => settle(response))
    }
    const arrive = () => {
      if (!live) return
      const held = this.faults.held(request.method, request.path, run)
      if (held === undefined) run()
      else cancel = held
    }
    if (latency.request > 0) cancel = this.timers.after(latency.request, arrive)
    else arrive()
    return () => {
      if (!live) return
      live = false
      this.pending--
      cancel()
    }
  }

  /** Answers a request at once, faults of time left out. */
  answer(request: Request): Response {
    const canned = this.faults.canned(request.method, request.path)
    if (canned !== undefined) {
      if (canned.carryOut === true) this.serve(request)
      return this.response(canned.status, canned.body, { ...canned.headers })
    }
    return this.serve(request)
  }

  private serve(request: Request): Response {
    const headers: Record<string, string> = {}
    try {
      const at = request.path.indexOf("?")
      const path = at < 0 ? request.path : request.path.slice(0, at)
      if (path.startsWith("/attachments/")) return this.attachment(path)
      const below = withoutVersion(path)
      const found = table.find(request.method, below)
      if (found === undefined) {
        this.warn(`The sandbox does not implement ${request.method} ${below}`)
        throw ApiError.notImplemented(request.method, below)
      }
      if (found.route.authorized) this.authorize(request.headers["authorization"])
      if (this.limits !== null) {
        const verdict = this.limits.take(found, this.site.world.now())
        Object.assign(headers, verdict.headers)
        if (verdict.refused !== undefined) return this.response(429, verdict.refused, headers)
      }
      const { body, files } = read(request)
      const reason = request.headers["x-audit-log-reason"]
      const answer = found.route.handler({
        ...this.site,
        params: found.params,
        query: at < 0 ? noQuery : new URLSearchParams(request.path.slice(at + 1)),
        body,
        files,
        reason: reason === undefined ? null : decodeReason(reason),
        gatewayUrl: `ws://${request.headers["host"] ?? "127.0.0.1"}`,
      })
      return this.response(answer.status, answer.body, headers)
    } catch (error) {
      if (error instanceof ApiError.ApiError) return this.response(error.status, error.body, headers)
      this.warn(`${request.method} failed inside the sandbox: ${String(error)}`)
      return this.response(500, { message: "500: Internal Server Error", code: 0 }, headers)
    }
  }

  private authorize(header: string | undefined): void {
    const token = header === undefined ? undefined : /^Bot (\S+)$/.exec(header)?.[1]
    if (token === undefined) throw ApiError.unauthorized()
    if (this.options.token !== undefined && token !== this.options.token) throw ApiError.unauthorized()
  }

  private attachment(path: string): Response {
    const upload = this.site.world.uploads.get(path.split("/")[3] ?? "")
    if (upload === undefined) throw ApiError.notFound()
    return { status: 200, headers: { "content-type": upload.contentType }, body: upload.bytes }
  }

  private response(status: number, body: unknown, headers: Record<string, string>): Response {
    headers["date"] = Time.http(this.site.world.now())
    if (body === undefined) return { status, headers, body: empty }
    headers["content-type"] ??= "application/json"
    return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) }
  }
}

const noQuery = new URLSearchParams()

const withoutVersion = (path: string): string => {
  if (!path.startsWith("/api/")) throw ApiError.notFound()
  const below = path.slice(4)
  if (!/^\/v\d+\//.test(below)) return below
  if (!below.startsWith("/v10/")) throw ApiError.invalidVersion()
  return below.slice(4)
}

const read = (request: Request): { readonly body: unknown; readonly files: Multipart.Parts["files"] } => {
  const { body, headers } = request
  if (body === null || body.length === 0) return { body: undefined, files: [] }
  const mark = Multipart.boundary(headers["content-type"])
  if (mark !== undefined) {
    const bytes = typeof body === "string" ? Buffer.from(body) : body
    const { files, json } = Multipart.parse(bytes, mark)
    return { body: json === undefined ? undefined : parseJson(json), files }
  }
  return { body: parseJson(typeof body === "string" ? body : Buffer.from(body).toString("utf8")), files: [] }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw ApiError.invalidJson()
  }
}

const decodeReason = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
