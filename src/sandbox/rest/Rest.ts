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
import * as AuditLog from "../world/AuditLog.js"
import type { RestFaults } from "../fault/Faults.js"
import type { Hit } from "../fault/Rules.js"
import * as Spoil from "../fault/Spoil.js"
import * as JsonText from "../model/JsonText.js"
import * as Multipart from "./Multipart.js"
import * as RateLimits from "./RateLimits.js"
import * as Route from "./Route.js"
import { routes as application } from "./routes/Application.js"
import * as Attachments from "./routes/Attachments.js"
import { routes as autoModeration } from "./routes/AutoModeration.js"
import { routes as auditLog } from "./routes/AuditLog.js"
import { routes as bans } from "./routes/Bans.js"
import { routes as commands } from "./routes/Commands.js"
import { routes as channels } from "./routes/Channels.js"
import { routes as guilds } from "./routes/Guilds.js"
import { routes as front } from "./routes/Front.js"
import { routes as interactions } from "./routes/Interactions.js"
import { routes as invites } from "./routes/Invites.js"
import { routes as members } from "./routes/Members.js"
import { routes as emojis } from "./routes/Emojis.js"
import { routes as messages } from "./routes/Messages.js"
import { routes as pins } from "./routes/Pins.js"
import { routes as polls } from "./routes/Polls.js"
import { routes as reactions } from "./routes/Reactions.js"
import { routes as webhooks } from "./routes/Webhooks.js"
import { routes as search } from "./routes/Search.js"
import { routes as scheduledEvents } from "./routes/ScheduledEvents.js"
import { routes as stickers } from "./routes/Stickers.js"
import { routes as roles } from "./routes/Roles.js"
import { routes as threadMembers } from "./routes/ThreadMembers.js"
import { routes as threads } from "./routes/Threads.js"
import { routes as users } from "./routes/Users.js"
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
  /** Other limits than Discord's. */
  readonly limits?: RateLimits.Options
}

/** Everything that the sandbox implements. */
export const routes: ReadonlyArray<Route.Route> = [
  ...interactions,
  // Before the messages: `pins` is no message.
  ...pins,
  ...messages,
  ...search,
  ...reactions,
  ...polls,
  ...webhooks,
  ...emojis,
  ...stickers,
  ...threads,
  ...threadMembers,
  ...members,
  ...bans,
  ...auditLog,
  ...guilds,
  ...front,
  ...channels,
  ...roles,
  ...users,
  ...commands,
  ...invites,
  ...scheduledEvents,
  ...autoModeration,
  ...application,
]

const table = Route.table(routes)
const empty = new Uint8Array(0)
const nothing = (): void => {}

/** Discord: 25 MiB in one request. */
export const bodyLimit = 25 * 1024 * 1024

export class Rest {
  /** They name the buckets even where none is kept. */
  private readonly buckets: RateLimits.RateLimits
  private readonly limits: RateLimits.RateLimits | null
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
    this.buckets = new RateLimits.RateLimits(options.limits)
    this.limits = options.rateLimits === false ? null : this.buckets
  }

  /**
   * Answers a request, never within the call. The returned function takes the request back: then no answer
   * comes; what it asked for is done unless it hung.
   */
  handle(request: Request, onResponse: (response: Response) => void): () => void {
    let live = true
    if (isShown(request)) {
      this.soon(() => {
        if (live) onResponse(this.serve(request))
      })
      return () => {
        live = false
      }
    }
    this.pending++
    let cancel = nothing
    const answered = this.transcript?.request(request)
    const latency = this.faults.latency(request.method, request.path)
    const met = this.faults.meet(request.method, request.path)
    const wait = {
      request: latency.request + (met?.latency.request ?? 0),
      answer: latency.answer + (met?.latency.answer ?? 0),
    }
    const settle = (response: Response) => {
      if (!live) return
      live = false
      this.pending--
      // What was cut off is no answer to whoever asked.
      if (response.cut === undefined) answered?.(response)
      onResponse(response)
    }
    const run = () => {
      if (!live) return
      const response = this.answer(request, met?.hit)
      if (wait.answer > 0) cancel = this.timers.after(wait.answer, () => settle(response))
      else this.soon(() => settle(response))
    }
    const hang = () => {
      const span = live ? met?.hang() : undefined
      if (met === undefined || span === undefined) return run()
      const go = () => {
        cancel()
        run()
      }
      const forget = met.onOver(go)
      const stop = span === Infinity ? nothing : this.timers.after(span, go)
      cancel = () => {
        forget()
        stop()
      }
    }
    const arrive = () => {
      if (!live) return
      const held = this.faults.held(request.method, request.path, hang)
      if (held === undefined) hang()
      else cancel = held
    }
    if (wait.request > 0) cancel = this.timers.after(wait.request, arrive)
    else arrive()
    return () => {
      if (!live) return
      live = false
      this.pending--
      cancel()
    }
  }

  /** Answers a request at once, faults of time left out. `hit` is what a plan makes of the answer. */
  answer(request: Request, hit?: Hit): Response {
    const { limits } = this
    const now = this.site.world.now()
    const ban = limits === null ? 0 : limits.banned(now)
    if (ban > 0) {
      const { body, headers, status } = Spoil.banned(ban)
      return this.response(status, body, headers)
    }
    const response = this.spoilt(request, hit)
    limits?.answered(response.status, response.headers["x-ratelimit-scope"], now)
    return response
  }

  private spoilt(request: Request, hit: Hit | undefined): Response {
    const canned = this.faults.canned(request.method, request.path)
    if (canned !== undefined) {
      if (canned.carryOut === true) this.serve(request)
      return this.response(canned.status, canned.body, { ...canned.headers })
    }
    if (hit === undefined || !hit.claim()) return this.serve(request)
    const draft = Spoil.instead(hit, this.site.world.now(), this.bucket(request))
    if (draft !== undefined) return this.response(draft.status, draft.body, draft.headers)
    return Spoil.damage(hit, this.serve(request))
  }

  private serve(request: Request): Response {
    const headers: Record<string, string> = {}
    try {
      const at = request.path.indexOf("?")
      const path = withoutQuery(request.path)
      if (Attachments.isFile(path)) return this.file(path)
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
      const limited = this.limits?.takeBody(found, body, this.site.world.now())
      if (limited?.refused !== undefined)
        return this.response(429, limited.refused, { ...headers, ...limited.headers })
      this.site.world.passTime()
      const reason = request.headers["x-audit-log-reason"]
      const answer = found.route.handler({
        ...this.site,
        params: found.params,
        query: at < 0 ? noQuery : new URLSearchParams(request.path.slice(at + 1)),
        body,
        files,
        headers: request.headers,
        reason: reason === undefined ? null : AuditLog.checkReason(decodeReason(reason)),
        gatewayUrl: `ws://${request.headers["host"] ?? "127.0.0.1"}`,
      })
      return this.response(answer.status, answer.body, headers)
    } catch (error) {
      if (error instanceof ApiError.ApiError) return this.response(error.status, error.body, headers)
      this.warn(`${request.method} failed inside the sandbox: ${String(error)}`)
      return this.response(500, { message: "500: Internal Server Error", code: 0 }, headers)
    }
  }

  private bucket({ method, path }: Request): RateLimits.Bucket | undefined {
    try {
      const found = table.find(method, withoutVersion(withoutQuery(path)))
      return found === undefined ? undefined : this.buckets.bucket(found, this.site.world.now())
    } catch {
      // A path that cannot be read is no route's.
      return undefined
    }
  }

  private authorize(header: string | undefined): void {
    const token = header === undefined ? undefined : /^Bot (\S+)$/.exec(header)?.[1]
    if (token === undefined) throw ApiError.unauthorized()
    if (this.options.token !== undefined && token !== this.options.token) throw ApiError.unauthorized()
  }

  private file(path: string): Response {
    const found = Attachments.find(this.site.world, path)
    if (found === undefined) throw ApiError.notFound()
    return { status: 200, ...found }
  }

  private response(status: number, body: unknown, headers: Record<string, string>): Response {
    headers["date"] = Time.http(this.site.world.now())
    if (body === undefined) return { status, headers, body: empty }
    headers["content-type"] ??= "application/json"
    return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) }
  }
}

const noQuery = new URLSearchParams()

/** A picture that a browser shows is no call of the bot's: it is neither recorded nor struck, nor counted by a plan. */
const isShown = ({ headers, path }: Request): boolean =>
  headers["sec-fetch-site"] !== undefined && Attachments.isFile(withoutQuery(path))

const withoutQuery = (path: string): string => {
  const at = path.indexOf("?")
  return at < 0 ? path : path.slice(0, at)
}

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
    const { fields, files, json } = Multipart.parse(bytes, mark)
    return { body: json === undefined ? fields : parseJson(json), files }
  }
  return { body: parseJson(typeof body === "string" ? body : Buffer.from(body).toString("utf8")), files: [] }
}

const parseJson = (text: string): unknown => {
  try {
    return JsonText.parse(text)
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
