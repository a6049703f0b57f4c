import * as Http from "node:http"
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Logger, Redacted } from "effect"
import { Client } from "../../src/discord/Client.js"
import type { ShardStatus } from "../../src/gateway/Gateway.js"
import { Watchdog } from "../../src/observe/Watchdog.js"
import * as Ops from "../../src/ops/Ops.js"
import * as Jobs from "../../src/supervise/Jobs.js"
import * as Shutdown from "../../src/supervise/Shutdown.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

const CLEO = "754680430745092096"

const TOKEN = "a-token-for-operators"

const now = Effect.runSync(Effect.clockWith((clock) => clock.currentTimeMillis))

const shard = (given: Partial<ShardStatus> = {}): ShardStatus => ({
  id: 0,
  state: "Ready",
  sessionId: "a-session-nobody-should-see",
  sequence: 1,
  heartbeatLatency: 30,
  lastAckAt: now,
  heartbeatInterval: 41_250,
  heartbeatDelay: 1,
  since: now - 3_600_000,
  ...given,
})

interface Bot {
  shards: ReadonlyArray<ShardStatus>
  ready: boolean
}

const bot = (state: Bot) =>
  Layer.mergeAll(
    Layer.succeed(Client, {
      shards: () => state.shards,
      isReady: () => state.ready,
      discordJs: {
        users: {
          cache: new Map(),
          fetch: async (id: string) =>
            id === CLEO ? { displayName: "Cleo" } : Promise.reject(new Error("Unknown User")),
        },
        channels: { cache: new Map([["9", { name: "general" }]]) },
      },
    } as unknown as Client),
    Jobs.layer,
    Shutdown.layer,
    Supervisor.layer(),
  ).pipe(Layer.provideMerge(Timers.layer), Layer.provide(Logger.remove(Logger.defaultLogger)))

const served = <A, E>(
  options: Partial<Ops.Options>,
  test: (ops: Ops.Ops, state: Bot) => Effect.Effect<A, E, Ops.Services>,
) => {
  const state: Bot = { shards: [shard()], ready: true }
  return Effect.flatMap(Ops.Ops, (ops) => test(ops, state)).pipe(
    Effect.provide(
      Ops.layer({ port: 0, token: Redacted.make(TOKEN), ...options }).pipe(Layer.provideMerge(bot(state))),
    ),
  )
}

interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

const ask = (
  { port }: Ops.Ops,
  path: string,
  {
    headers = {},
    method = "GET",
  }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Effect.Effect<Answer> =>
  Effect.async((resume) => {
    const request = Http.request(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (part: string) => {
          text += part
        })
        response.on("end", () => {
          const isJson =
            response.headers["content-type"]?.startsWith("application/json") === true && text !== ""
          resume(
            Effect.succeed({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: isJson ? (JSON.parse(text) as Answer["json"]) : {},
            }),
          )
        })
      },
    )
    request.on("error", (error) => resume(Effect.die(error)))
    request.end()
  })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const order = (ops: Ops.Ops, path: string, token = TOKEN) =>
  ask(ops, path, { method: "POST", headers: bearer(token) })

const job = (held: Partial<Jobs.Held>, state: Jobs.Listed["state"] = "waiting"): Jobs.Held => ({
  listed: () => ({
    name: "daily sync",
    schedule: "every 5 minutes",
    state,
    nextAt: undefined,
    lastEndedAt: undefined,
    last: undefined,
    failures: 0,
  }),
  runNow: Effect.void,
  pause: Effect.void,
  resume: Effect.void,
  begin: Effect.void,
  ...held,
})

describe("the operator's port", () => {
  it.live("says that the bot lives, by shard, and what the loop does where that is watched", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const { headers, json, status } = yield* ask(ops, "/healthz")
        expect(status).toBe(200)
        expect(headers["content-type"]).toBe("application/json; charset=utf-8")
        expect(headers["cache-control"]).toBe("no-store")
        expect(json).toMatchObject({
          live: true,
          loop: { p50: 1.3, p99: 2, max: 120, blocks: 1, last: { millis: 120, by: "crunch (/bot/a.ts:7)" } },
          shards: [{ id: 0, state: "Ready", live: true, heartbeatLatency: 30 }],
        })
      }),
    ).pipe(
      Effect.provideService(Watchdog, {
        lag: () => ({ p50: 1.26, p99: 2, max: 120 }),
        blocks: () => 1,
        last: () => ({
          millis: 120.4,
          endedAt: now,
          by: { name: "crunch", file: "/bot/a.ts", line: 7, column: 1 },
          stack: [],
          standstill: false,
        }),
      }),
    ),
  )

  const away: ReadonlyArray<readonly [string, ReadonlyArray<ShardStatus>, number]> = [
    ["a young acknowledgement", [shard({ lastAckAt: now - 82_000 })], 200],
    ["none for two intervals", [shard({ lastAckAt: now - 83_000 })], 503],
    ["a new connection that had none yet", [shard({ lastAckAt: now - 500_000, since: now - 5_000 })], 200],
    ["one of two that is silent", [shard(), shard({ id: 1, lastAckAt: now - 200_000 })], 503],
    ["a short reconnection", [shard({ state: "Waiting", since: now - 50_000 })], 200],
    ["a long reconnection", [shard({ state: "Resuming", since: now - 61_000 })], 503],
    ["a shard that has ended for good", [shard({ state: "Ended", since: now })], 503],
    ["no shard yet, just after the start", [], 200],
  ]
  for (const [what, shards, expected] of away) {
    it.live(`answers ${expected} for ${what}`, () =>
      served({}, (ops, state) =>
        Effect.gen(function* () {
          state.shards = shards
          const { json, status } = yield* ask(ops, "/healthz")
          expect(status).toBe(expected)
          expect(json["live"]).toBe(expected === 200)
          expect(json["loop"]).toBe(null)
        }),
      ),
    )
  }

  it.live(
    "is ready while connected, not on the way down, and while its checks answer within a second",
    () => {
      let database: Effect.Effect<void, unknown> = Effect.void
      const checks = [{ name: "database", check: Effect.suspend(() => database) }]
      return served({ checks }, (ops, state) =>
        Effect.gen(function* () {
          expect(yield* ask(ops, "/readyz")).toMatchObject({
            status: 200,
            json: { ready: true, because: [] },
          })
          state.ready = false
          database = Effect.fail({ _tag: "SqlError", message: "postgres://bosun:secret@db" })
          const both = yield* ask(ops, "/readyz")
          expect(both.status).toBe(503)
          expect(both.json["because"]).toEqual(["not connected to Discord", "database: SqlError"])
          state.ready = true
          database = Effect.uninterruptible(Effect.never)
          const slow = yield* ask(ops, "/readyz")
          expect(slow.json["because"]).toEqual(["database: no answer within 1 second"])
          database = Effect.die(new Error("a bug"))
          expect((yield* ask(ops, "/readyz")).json["because"]).toEqual(["database: broken"])
          database = Effect.void
          yield* (yield* Shutdown.Shutdown).run(0)
          expect((yield* ask(ops, "/readyz")).json["because"]).toEqual(["shutting down"])
        }),
      )
    },
  )

  it.live("serves the metrics", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        yield* supervisor.fork({ kind: "command", name: "a" }, Effect.never)
        yield* supervisor.fork({ kind: "command", name: "b" }, Effect.never)
        const { headers, status, text } = yield* ask(ops, "/metrics")
        expect(status).toBe(200)
        expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8")
        expect(text).toMatch(/^process_resident_memory_bytes \d+$/mu)
        expect(text).toMatch(/^bosun_shard_ready\{shard="0"\} 1$/mu)
        expect(text).toMatch(/^bosun_tasks\{kind="command",state="running"\} 2$/mu)
      }),
    ),
  )

  it.live("lists tasks and jobs, and ends a task for who has the token", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        yield* (yield* Jobs.Jobs).enter("daily sync", job({}))
        const fiber = yield* supervisor.fork(
          { kind: "command", name: "tryout apply", userId: "1", guildId: "2" },
          Effect.never,
        )
        const { json } = yield* ask(ops, "/roster")
        const tasks = json["tasks"] as ReadonlyArray<Record<string, unknown>>
        expect(json["jobs"]).toMatchObject([{ name: "daily sync", state: "waiting" }])
        expect(tasks).toMatchObject([
          {
            kind: "command",
            name: "tryout apply",
            state: "running",
            user: "1",
            guild: "2",
            deadlineIn: null,
          },
        ])
        const id = Number(tasks[0]?.["id"])

        const path = `/roster/${id}/cancel`
        const wrong = [{}, bearer("guess"), bearer(`${TOKEN}x`), { authorization: `Basic ${TOKEN}` }]
        for (const headers of wrong) {
          const refused = yield* ask(ops, path, { method: "POST", headers })
          expect(refused.status).toBe(401)
          expect(refused.headers["www-authenticate"]).toBe("Bearer")
          expect(refused.text).not.toContain(TOKEN)
        }
        expect(yield* supervisor.roster).toHaveLength(1)
        expect(yield* order(ops, path)).toMatchObject({ status: 200, json: { ended: id } })
        expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
        expect((yield* order(ops, path)).status).toBe(404)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("names people and places, and shows what it cannot name as it is", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor.Supervisor
        const start = (userId: string) =>
          supervisor.fork(
            { kind: "command", name: `a yes of <@${userId}> in <#9>`, userId, channelId: "9" },
            Effect.never,
          )
        yield* start(CLEO)
        yield* start("5")
        const { json } = yield* ask(ops, "/roster")
        expect(json["tasks"]).toMatchObject([
          { name: "a yes of @Cleo in #general", userName: "Cleo", channelName: "general" },
          { name: "a yes of <@5> in #general", userName: null, user: "5" },
        ])
        yield* Effect.forEach(yield* supervisor.roster, ({ id }) => supervisor.cancel(id, "admin"))
      }).pipe(Effect.scoped),
    ),
  )

  it.live("runs, pauses and resumes jobs, and waits for none", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const ran = yield* Deferred.make<void>()
        const orders: Array<string> = []
        const note = (word: string) => Effect.sync(() => orders.push(word))
        yield* (yield* Jobs.Jobs).enter(
          "daily sync",
          job({
            runNow: Effect.zipRight(Deferred.succeed(ran, undefined), Effect.never),
            pause: note("pause"),
            resume: note("resume"),
          }),
        )
        expect((yield* ask(ops, "/jobs/daily%20sync/run", { method: "POST" })).status).toBe(401)
        expect(yield* order(ops, "/jobs/daily%20sync/run")).toMatchObject({
          status: 202,
          json: { started: "daily sync" },
        })
        yield* Deferred.await(ran)
        expect((yield* order(ops, "/jobs/daily%20sync/pause")).json).toEqual({ paused: "daily sync" })
        expect((yield* order(ops, "/jobs/daily%20sync/resume")).json).toEqual({ resumed: "daily sync" })
        expect(orders).toEqual(["pause", "resume"])
        const unknown = yield* order(ops, "/jobs/weekly/run")
        expect(unknown.status).toBe(404)
        expect(unknown.json["error"]).toContain("daily sync")
        expect((yield* order(ops, "/jobs/%zz/run")).status).toBe(404)
        yield* (yield* Shutdown.Shutdown).run(0)
        expect((yield* order(ops, "/jobs/daily%20sync/run")).status).toBe(503)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("changes nothing without a token of its own, and says what to set", () =>
    served({ token: undefined }, (ops) =>
      Effect.gen(function* () {
        const refused = yield* order(ops, "/roster/1/cancel", "")
        expect(refused.status).toBe(403)
        expect(refused.json["error"]).toContain("BOSUN_OPS_TOKEN")
        expect((yield* ask(ops, "/roster")).status).toBe(200)
      }),
    ),
  )

  it.live("serves its page, whole, to be shown by nobody but whom it was told of", () =>
    Effect.gen(function* () {
      const policy = (ops: Ops.Ops) =>
        Effect.map(ask(ops, "/"), ({ headers }) => String(headers["content-security-policy"]))
      yield* served({}, (ops) =>
        Effect.gen(function* () {
          const page = yield* ask(ops, "/")
          expect(page.status).toBe(200)
          for (const [, path] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/gu)) {
            const part = yield* ask(ops, path ?? "")
            expect(part.status).toBe(200)
            expect(part.text).not.toMatch(/(?:url\(|@import\s*["'(])\s*["']?https?:/u)
          }
          expect(yield* policy(ops)).toContain("frame-ancestors 'none'")
        }),
      )
      yield* served({ embedders: ["http://127.0.0.1:4000"] }, (ops) =>
        Effect.map(policy(ops), (told) => expect(told).toContain("frame-ancestors http://127.0.0.1:4000")),
      )
    }),
  )

  it.live("answers HEAD like GET, 404 for what is not there and 405 for what that does not do", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        const head = yield* ask(ops, "/healthz", { method: "HEAD" })
        expect(head.status).toBe(200)
        expect(head.text).toBe("")
        expect(head.headers["content-type"]).toBe("application/json; charset=utf-8")
        expect((yield* ask(ops, "/healthz?verbose=1")).status).toBe(200)
        for (const path of [
          "/roster.html",
          "/healthz/",
          "/roster/x/cancel",
          "//",
          "/%2e%2e/etc/passwd",
          "/jobs//run",
        ]) {
          expect((yield* ask(ops, path)).status).toBe(404)
        }
        const post = yield* ask(ops, "/healthz", { method: "POST" })
        expect(post.status).toBe(405)
        expect(post.headers["allow"]).toBe("GET, HEAD")
        const fetched = yield* ask(ops, "/roster/1/cancel")
        expect(fetched.status).toBe(405)
        expect(fetched.headers["allow"]).toBe("POST")
        expect((yield* ask(ops, "/roster", { method: "OPTIONS" })).status).toBe(405)
      }),
    ),
  )

  it.live("is no target for a page whose name points to this machine", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        for (const host of [
          "evil.example",
          "evil.example:80",
          "127.0.0.1.evil.example",
          "localhost.evil",
          "10.0.0.1",
        ]) {
          expect((yield* ask(ops, "/roster", { headers: { host } })).status).toBe(403)
        }
        for (const host of [
          "localhost",
          `LOCALHOST:${ops.port}`,
          `127.0.0.1:${ops.port}`,
          "[::1]:9",
          "[::1]",
        ]) {
          expect((yield* ask(ops, "/roster", { headers: { host } })).status).toBe(200)
        }
      }),
    ),
  )

  it.live("served beyond this machine it takes any host, and tells who uses the bot by the token only", () =>
    served({ host: "0.0.0.0" }, (ops) =>
      Effect.gen(function* () {
        const headers = { host: "bot.example" }
        expect((yield* ask(ops, "/healthz", { headers })).status).toBe(200)
        expect((yield* ask(ops, "/roster", { headers })).status).toBe(401)
        expect((yield* ask(ops, "/roster", { headers: { ...headers, ...bearer(TOKEN) } })).status).toBe(200)
      }),
    ),
  )

  it.live("tells no secret", () =>
    served({}, (ops) =>
      Effect.gen(function* () {
        for (const path of ["/healthz", "/readyz", "/metrics", "/roster"]) {
          const { text } = yield* ask(ops, path)
          expect(text).not.toMatch(/a-session-nobody-should-see|a-token-for-operators/u)
        }
      }),
    ),
  )

  it.live("names the variable where the port cannot be had", () =>
    served({}, ({ port }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.scoped(Ops.make({ port })))
        expect(error).toMatchObject({ _tag: "OpsError", reason: "PortInUse", port })
        expect(error.message).toContain("BOSUN_OPS_PORT")
        const nowhere = yield* Effect.flip(Effect.scoped(Ops.make({ port: 0, host: "192.0.2.1" })))
        expect(nowhere).toMatchObject({ reason: "NoSuchHost" })
        expect(nowhere.message).toContain("BOSUN_OPS_HOST")
      }),
    ),
  )

  it.live("cuts off who is slow to ask", () =>
    served({ clientWithin: "300 millis" }, (ops) =>
      Effect.gen(function* () {
        for (const text of [
          "",
          "GET /healthz HTTP/1.1\r\nHost: local",
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
        ]) {
          yield* Effect.async<void>((resume) => {
            const socket = Net.connect(ops.port, "127.0.0.1", () => socket.write(text))
            socket.resume()
            socket.on("error", () => {})
            socket.once("close", () => resume(Effect.void))
          }).pipe(Effect.timeout("3 seconds"))
        }
      }),
    ),
  )

  it.live("ends at once, whoever is connected, and frees the port", () =>
    Effect.gen(function* () {
      const sockets: Array<Net.Socket> = []
      const port = yield* served({}, (ops) =>
        Effect.gen(function* () {
          for (const text of [
            "",
            "GET /healthz HTTP/1.1\r\nHost: local",
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
          ]) {
            const socket = Net.connect(ops.port, "127.0.0.1")
            socket.on("error", () => {})
            sockets.push(socket)
            yield* Effect.async<void>((resume) => {
              socket.once("connect", () => socket.write(text, () => resume(Effect.void)))
            })
          }
          yield* Effect.sleep("50 millis")
          return ops.port
        }),
      ).pipe(Effect.timeout("2 seconds"))
      yield* served({ port }, (ops) =>
        Effect.map(ask(ops, "/healthz"), ({ status }) => expect(status).toBe(200)),
      )
      for (const socket of sockets) socket.destroy()
    }),
  )
})
