/**
 * The operator's port: how the bot is, for those who keep it running.
 *
 * | request | answer |
 * |---|---|
 * | `GET /` | a page with the roster, live |
 * | `GET /healthz` | 200 while the bot lives, else 503; JSON: each shard's last acknowledgement, the loop's delay |
 * | `GET /readyz` | 200 while the bot takes commands, else 503; JSON: why not |
 * | `GET /metrics` | for Prometheus |
 * | `GET /roster` | JSON: every task and wait, and the jobs |
 * | `POST /roster/:id/cancel` | ends a task; its user is told |
 * | `POST /jobs/:name/run`, `/pause`, `/resume` | the job's name percent-encoded |
 *
 * What changes something needs `Authorization: Bearer <token>`; beyond the loopback `/roster` does too, because
 * it says who uses the bot. See `Access` for which hosts are served.
 *
 * Failure modes: the layer fails with `OpsError` where the port cannot be had. Clients that are slow to ask or to
 * read are cut off after ten seconds, an answer has five; there are 64 connections at most. At the end of the scope
 * every connection is closed.
 *
 * @module
 */
import * as Http from "node:http"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import {
  Cause,
  Clock,
  Context,
  Data,
  Duration,
  Effect,
  Layer,
  Option,
  type Redacted,
  Runtime,
  type Scope,
} from "effect"
import { Client } from "../discord/Client.js"
import * as Prometheus from "../observe/Prometheus.js"
import { Watchdog } from "../observe/Watchdog.js"
import { Jobs } from "../supervise/Jobs.js"
import { Shutdown } from "../supervise/Shutdown.js"
import { Supervisor } from "../supervise/Supervisor.js"
import * as Access from "./Access.js"
import * as Gauges from "./Gauges.js"
import * as Health from "./Health.js"
import * as Names from "./Names.js"
import * as Page from "./Page.js"

export type { Check } from "./Health.js"

export interface Options {
  /** Default 127.0.0.1: reached from this machine only. */
  readonly host?: string
  /** 0 takes any that is free. */
  readonly port: number
  /** Without it nothing can be changed. */
  readonly token?: Redacted.Redacted | undefined
  /** How long a client may take to ask, and to take its answer. Default 10 seconds. */
  readonly clientWithin?: Duration.DurationInput
  /** The origins of pages that may show this one within themselves: `http://127.0.0.1:4000`. Default: none. */
  readonly embedders?: ReadonlyArray<string>
  /** What has to answer for the bot to be ready: the database, for instance. */
  readonly checks?: ReadonlyArray<Health.Check>
}

export interface Ops {
  /** `http://127.0.0.1:9090`. */
  readonly url: string
  readonly port: number
}

export const Ops = Context.GenericTag<Ops>("bosun/ops/Ops")

/** What it tells of, and acts on. A `Watchdog` is asked where there is one. */
export type Services = Client | Jobs | Shutdown | Supervisor

/** Of one answer. */
const ANSWER_WITHIN = "5 seconds"
const CONNECTIONS = 64

/** Serves until the scope ends. */
export const make = (options: Options): Effect.Effect<Ops, OpsError, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const host = options.host ?? "127.0.0.1"
    const within = Duration.toMillis(options.clientWithin ?? "10 seconds")
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    const http = Http.createServer({
      headersTimeout: within,
      requestTimeout: within,
      connectionsCheckingInterval: Math.ceil(within / 10),
      keepAliveTimeout: within,
      maxHeaderSize: 8_192,
    })
    http.maxConnections = CONNECTIONS
    http.setTimeout(within, (socket) => socket.destroy())
    const server = yield* Effect.mapError(
      NodeHttpServer.make(() => http, { host, port: options.port }),
      ({ cause }) => opsError(host, options.port, cause),
    )
    http.on("error", (error) => runFork(Effect.logWarning("The operator's port", Cause.fail(error))))
    // Those that are kept alive would hold up the end.
    yield* Effect.addFinalizer(() => Effect.sync(() => http.closeAllConnections()))
    yield* server.serve(yield* app(host, options))
    const { address } = server
    const port = address._tag === "TcpAddress" ? address.port : options.port
    return { port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` }
  })

/** The port as a layer. Build it with the features, so that it is there before the bot is connected. */
export const layer = (options: Options): Layer.Layer<Ops, OpsError, Services> =>
  Layer.scoped(Ops, make(options))

/** One thing that can be asked for. */
interface Route {
  readonly method: "GET" | "POST"
  readonly path: RegExp
  /** Given what the path's groups hold. */
  readonly answer: (found: ReadonlyArray<string>) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  readonly guarded: boolean
}

const app = (
  host: string,
  options: Options,
): Effect.Effect<
  Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest>,
  never,
  Services
> => {
  const access = Access.make(host, options.token)
  return Effect.map(routesOf(options, access.local), (routes) => {
    const answer = (request: HttpServerRequest.HttpServerRequest) => {
      const { headers, method, url } = request
      const refused = access.place(headers["host"])
      if (refused !== undefined) return Effect.succeed(told(refused.status, refused.error))
      const path = url.split(/[?#]/u)[0] ?? ""
      const there = routes.filter((route) => route.path.test(path))
      if (there.length === 0) return Effect.succeed(told(404, "There is nothing here"))
      // Node leaves the body out of what it answers to HEAD.
      const route = there.find((one) => one.method === (method === "HEAD" ? "GET" : method))
      if (route === undefined) {
        const allowed = there
          .flatMap((one) => (one.method === "GET" ? ["GET", "HEAD"] : [one.method]))
          .join(", ")
        return Effect.succeed(
          HttpServerResponse.setHeader(told(405, `This is for ${allowed}`), "allow", allowed),
        )
      }
      const stranger = route.guarded ? access.token(headers["authorization"]) : undefined
      if (stranger !== undefined) {
        const word = told(stranger.status, stranger.error)
        return Effect.succeed(
          stranger.status === 401 ? HttpServerResponse.setHeader(word, "www-authenticate", "Bearer") : word,
        )
      }
      const found = decoded(route.path.exec(path)?.slice(1) ?? [])
      return found === undefined ? Effect.succeed(told(404, "There is nothing here")) : route.answer(found)
    }
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.suspend(() => answer(request)).pipe(
        // The server runs it uninterruptible, and a limit could then not end what it limits.
        Effect.interruptible,
        Effect.timeoutTo({
          duration: ANSWER_WITHIN,
          onTimeout: () => told(503, `No answer within ${ANSWER_WITHIN}`),
          onSuccess: (response) => response,
        }),
        Effect.catchAllDefect((defect) =>
          Effect.as(
            Effect.logError("The operator's port broke", Cause.die(defect)),
            told(500, "It is in the log"),
          ),
        ),
      ),
    )
  })
}

const routesOf = (options: Options, local: boolean): Effect.Effect<ReadonlyArray<Route>, never, Services> =>
  Effect.gen(function* () {
    const client = yield* Client
    const jobs = yield* Jobs
    const shutdown = yield* Shutdown
    const supervisor = yield* Supervisor
    const watchdog = Option.getOrUndefined(yield* Effect.serviceOption(Watchdog))
    const startedAt = yield* Clock.currentTimeMillis
    const names = Names.make(client)

    const roster = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const entries = yield* supervisor.roster
      yield* names.learn(entries.flatMap(({ userId }) => userId ?? []))
      const tasks = entries.map((entry) => ({
        id: entry.id,
        kind: entry.kind,
        name: names.readable(entry.name),
        state: entry.state,
        doing: entry.doing === undefined ? null : names.readable(entry.doing),
        user: entry.userId ?? null,
        userName: names.user(entry.userId),
        guild: entry.guildId ?? null,
        channel: entry.channelId ?? null,
        channelName: names.channel(entry.channelId),
        owner: entry.ownerId ?? null,
        background: entry.background,
        age: now - entry.startedAt,
        deadlineIn: entry.deadlineAt === undefined ? null : entry.deadlineAt - now,
      }))
      return json(200, { now, tasks, jobs: yield* jobs.list })
    })
    const cancel = Effect.fnUntraced(function* (id: string) {
      const ended = yield* supervisor.cancel(Number(id), "admin")
      if (!ended) return told(404, `There is no task ${id}`)
      yield* Effect.logInfo(`The operator ended task ${id}`)
      return json(200, { ended: Number(id) })
    })
    const order = Effect.fnUntraced(function* (name: string, what: string) {
      if (shutdown.begun()) return told(503, "The bot is shutting down")
      const known = (yield* jobs.list).map((job) => job.name)
      if (!known.includes(name)) return told(404, `There is no such job. There are: ${known.join(", ")}`)
      yield* Effect.logInfo(`The operator: ${what} job ${name}`)
      if (what === "run") {
        // Nobody waits for it: it may take long.
        yield* supervisor.fork({ kind: "operator", name: `run ${name}` }, jobs.run(name))
        return json(202, { started: name })
      }
      yield* Effect.ignore(what === "pause" ? jobs.pause(name) : jobs.resume(name))
      return json(200, { [what === "pause" ? "paused" : "resumed"]: name })
    })

    return [
      get(Page.PATH, ([name]) => Page.answer(name ?? "", options.embedders ?? [])),
      get(/^\/healthz$/u, () =>
        Effect.map(Health.live(client, watchdog, startedAt), (told) => json(told.live ? 200 : 503, told)),
      ),
      get(/^\/readyz$/u, () =>
        Effect.map(Health.ready(client, shutdown, options.checks ?? []), (told) =>
          json(told.ready ? 200 : 503, told),
        ),
      ),
      get(/^\/metrics$/u, () =>
        Effect.map(Gauges.families(client, supervisor), (gauges) =>
          HttpServerResponse.text(Prometheus.render(gauges), {
            contentType: Prometheus.CONTENT_TYPE,
            headers: common,
          }),
        ),
      ),
      { ...get(/^\/roster$/u, () => roster), guarded: !local },
      {
        method: "POST",
        path: /^\/roster\/(\d{1,15})\/cancel$/u,
        answer: ([id]) => cancel(id ?? ""),
        guarded: true,
      },
      {
        method: "POST",
        path: /^\/jobs\/([^/]+)\/(run|pause|resume)$/u,
        answer: ([name, what]) => order(name ?? "", what ?? ""),
        guarded: true,
      },
    ]
  })

const get = (path: RegExp, answer: Route["answer"]): Route => ({
  method: "GET",
  path,
  answer,
  guarded: false,
})

const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

const json = (status: number, body: unknown): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(`${JSON.stringify(body)}\n`, {
    status,
    contentType: "application/json; charset=utf-8",
    headers: common,
  })

const told = (status: number, error: string): HttpServerResponse.HttpServerResponse => json(status, { error })

/** Undefined where it is no percent-encoding. */
const decoded = (parts: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

/**
 * The port could not be had.
 *
 * - `PortInUse`: another process has it, another bot perhaps.
 * - `NotAllowed`: this user may not open it.
 * - `NoSuchHost`: the host is none of this machine's.
 */
export class OpsError extends Data.TaggedError("OpsError")<{
  readonly reason: "PortInUse" | "NotAllowed" | "NoSuchHost" | "Other"
  readonly host: string
  readonly port: number
  readonly cause: unknown
}> {
  override get message() {
    const where = `The operator's port ${this.port} on ${this.host}`
    switch (this.reason) {
      case "PortInUse":
        return `${where} is taken by another process: set BOSUN_OPS_PORT to another one, or to 0 for any`
      case "NotAllowed":
        return `${where} may not be opened by this user: set BOSUN_OPS_PORT to one above 1023`
      case "NoSuchHost":
        return `${where} cannot be opened, since that is no address of this machine: set BOSUN_OPS_HOST to one that is, such as 127.0.0.1 or 0.0.0.0`
      case "Other":
        return `${where} could not be opened (BOSUN_OPS_HOST, BOSUN_OPS_PORT): ${String(this.cause)}`
    }
  }
}

const reasons: Readonly<Record<string, OpsError["reason"]>> = {
  EADDRINUSE: "PortInUse",
  EACCES: "NotAllowed",
  EADDRNOTAVAIL: "NoSuchHost",
  ENOTFOUND: "NoSuchHost",
  EAI_AGAIN: "NoSuchHost",
}

const opsError = (host: string, port: number, cause: unknown): OpsError =>
  new OpsError({
    reason: reasons[String((cause as NodeJS.ErrnoException | null)?.code)] ?? "Other",
    host,
    port,
    cause,
  })
