import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Redacted, Schedule, Scope } from "effect"
import * as fc from "effect/FastCheck"
import type * as NodeHttp from "node:http"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { gzipSync, brotliCompressSync, deflateRawSync, deflateSync } from "node:zlib"
import * as Http from "../../src/resource/Http.js"
import type * as HttpTransport from "../../src/resource/http/Transport.js"
import * as RateStore from "../../src/resource/RateStore.js"
import { eventually, serve, type Server } from "./HttpStandIn.js"

type Options = Partial<Http.UpstreamOptions> & { readonly transport?: HttpTransport.Options }

/** An upstream over sockets, on a server that behaves as the handler says. */
const live = <A, E>(
  handler: NodeHttp.RequestListener,
  use: (upstream: Http.Upstream, server: Server) => Effect.Effect<A, E, Scope.Scope>,
  { transport, ...options }: Options = {},
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* serve(handler)
      const run = Effect.gen(function* () {
        const http = yield* Http.Http
        const upstream = yield* http.upstream({ name: "harbour", baseUrl: server.origin, ...options })
        return yield* use(upstream, server)
      })
      return yield* Effect.provide(run, Http.layer(transport).pipe(Layer.provide(RateStore.layerMemory)))
    }),
  )

const quick = Schedule.recurs(2)

describe("Http over sockets", () => {
  it.live("sends method, path, query, headers and body, and gives the whole answer", () =>
    live(
      (request, response) => {
        let body = ""
        request.on("data", (chunk: Buffer) => (body += chunk.toString()))
        request.on("end", () => {
          response.writeHead(201, { "x-two": ["1", "2"], "content-type": "application/json" })
          response.end(
            JSON.stringify({
              method: request.method,
              url: request.url,
              agent: request.headers["user-agent"],
              authorization: request.headers.authorization,
              mine: request.headers["x-mine"],
              host: request.headers.host,
              body,
            }),
          )
        })
      },
      (upstream, server) =>
        Effect.gen(function* () {
          const answer = yield* upstream.request("POST", "/boats/Elly", {
            query: { q: "a b&c" },
            headers: { "X-Mine": "yes", Host: "evil.example" },
            body: { name: "é" },
          })
          expect(answer.status).toBe(201)
          expect(answer.headers["x-two"]).toBe("1, 2")
          expect(yield* answer.json).toEqual({
            method: "POST",
            url: "/boats/Elly?q=a+b%26c",
            agent: "bosun",
            authorization: "Bearer secret",
            mine: "yes",
            host: `127.0.0.1:${server.port}`,
            body: '{"name":"é"}',
          })
        }),
      {
        headers: { Authorization: Redacted.make("Bearer secret") },
      },
    ),
  )

  it.live("ends at the deadline where nothing comes, and closes the socket", () =>
    live(
      () => undefined,
      (upstream, server) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(upstream.get("/"))
          expect(error).toMatchObject({ _tag: "HttpTimeout", millis: 60 })
          yield* eventually(() => server.sockets.size === 0)
        }),
      { within: 60 },
    ),
  )

  it.live("ends at the deadline where the body never ends", () =>
    live(
      (_, response) => {
        response.write("a")
      },
      (upstream, server) =>
        Effect.gen(function* () {
          expect((yield* Effect.flip(upstream.get("/")))._tag).toBe("HttpTimeout")
          yield* eventually(() => server.sockets.size === 0)
        }),
      { within: 60 },
    ),
  )

  it.live("tries again where the connection breaks in the midst of a body", () => {
    let count = 0
    return live(
      (_, response) => {
        count++
        if (count === 2) return response.end("whole")
        response.writeHead(200, { "content-length": "100" })
        return response.write("half", () => response.destroy())
      },
      (upstream) =>
        Effect.gen(function* () {
          expect((yield* upstream.get("/")).text).toBe("whole")
          expect(count).toBe(2)
        }),
      { retry: quick },
    )
  })

  it.live("says where nobody listens", () =>
    Effect.gen(function* () {
      const port = yield* free
      const http = yield* Http.Http
      const upstream = yield* http.upstream({
        name: "harbour",
        baseUrl: `http://127.0.0.1:${port}`,
        retry: quick,
      })
      const error = yield* Effect.flip(upstream.get("/"))
      expect(error._tag).toBe("HttpUnreachable")
      expect(error.message).toContain("ECONNREFUSED")
    }).pipe(Effect.scoped, Effect.provide(Layer.provide(Http.layer(), RateStore.layerMemory))),
  )

  it.live("refuses a body that is too big, announced or not", () =>
    live(
      (request, response) => {
        if (request.url === "/announced") response.writeHead(200, { "content-length": "1001" })
        response.write("x".repeat(600))
        response.end("x".repeat(401))
      },
      (upstream, server) =>
        Effect.gen(function* () {
          for (const path of ["/announced", "/streamed"]) {
            const error = yield* Effect.flip(upstream.get(path))
            expect(error).toMatchObject({ _tag: "HttpMalformed", reason: "a body of more than 1000 bytes" })
          }
          // What cannot be read is not asked for again.
          expect(server.requests).toEqual(["GET /announced", "GET /streamed"])
        }),
      { bodyLimit: 1_000 },
    ),
  )

  it.live("minds no length of a body that does not come", () =>
    live(
      (request, response) => {
        response.writeHead(request.url === "/same" ? 304 : 200, { "content-length": "50000000" }).end()
      },
      (upstream) =>
        Effect.gen(function* () {
          const head = yield* upstream.request("HEAD", "/large")
          expect([head.status, head.headers["content-length"], head.text]).toEqual([200, "50000000", ""])
          expect((yield* upstream.get("/same")).status).toBe(304)
        }),
      { bodyLimit: 1_000 },
    ),
  )

  const packers = {
    gzip: gzipSync,
    deflate: deflateSync,
    raw: deflateRawSync,
    br: brotliCompressSync,
  }
  for (const [name, pack] of Object.entries(packers)) {
    const encoding = name === "raw" ? "deflate" : name
    it.live(`unpacks ${name}, and stops at a bomb`, () =>
      live(
        (request, response) => {
          response.writeHead(200, { "content-encoding": encoding })
          response.end(pack(Buffer.alloc(request.url === "/bomb" ? 20_000_000 : 1_000, "a")))
        },
        (upstream) =>
          Effect.gen(function* () {
            expect((yield* upstream.get("/fine")).text).toBe("a".repeat(1_000))
            const error = yield* Effect.flip(upstream.get("/bomb"))
            expect(error).toMatchObject({ _tag: "HttpMalformed" })
            expect(error.message).toContain("more than 100000 bytes")
          }),
        { bodyLimit: 100_000 },
      ),
    )
  }

  it.live("says what is wrong with a packed body", () =>
    live(
      (request, response) => {
        const encoding = request.url === "/odd" ? "zstandard" : "gzip"
        response.writeHead(200, { "content-encoding": encoding })
        response.end(gzipSync("hello").subarray(0, 12))
      },
      (upstream) =>
        Effect.gen(function* () {
          expect((yield* Effect.flip(upstream.get("/torn"))).message).toContain("damaged")
          expect((yield* Effect.flip(upstream.get("/odd"))).message).toContain("encoding zstandard")
        }),
    ),
  )

  it.live("comes back when a 429 says so", () => {
    let count = 0
    return live(
      (_, response) => {
        count++
        if (count > 1) return response.end("ok")
        return response.writeHead(429, { "retry-after": "1" }).end()
      },
      (upstream) =>
        Effect.gen(function* () {
          const [took, answer] = yield* Effect.timed(upstream.get("/"))
          expect(answer.text).toBe("ok")
          expect(Duration.toMillis(took)).toBeGreaterThan(950)
        }),
      { retry: quick },
    )
  })

  it.live("tries a 5xx again, but not for what may not be repeated", () => {
    let count = 0
    return live(
      (_, response) => {
        count++
        response.writeHead(count % 3 === 0 ? 200 : 503).end("body")
      },
      (upstream) =>
        Effect.gen(function* () {
          expect((yield* upstream.get("/")).status).toBe(200)
          expect(count).toBe(3)
          const error = yield* Effect.flip(upstream.request("POST", "/", { body: 1 }))
          expect(error).toMatchObject({ _tag: "HttpRefused", status: 503, body: "body" })
          expect(count).toBe(4)
          expect((yield* upstream.request("POST", "/", { body: 1, repeatable: true })).status).toBe(200)
        }),
      { retry: quick },
    )
  })

  it.live("follows redirects within its origin, and none elsewhere", () =>
    live(
      (request, response) => {
        const to = (location: string, status = 302) => response.writeHead(status, { location }).end("moved")
        switch (request.url) {
          case "/old":
            return to("/new?x=1#here", 301)
          case "/post":
            return to("/new", 303)
          case "/keep":
            return to("/new", 308)
          case "/out":
            return to("http://127.0.0.2:1/steal")
          case "/scheme":
            return to("//evil.example/")
          case "/loop":
            return to("/loop")
          default:
            return response.end(`${request.method} ${request.url}`)
        }
      },
      (upstream, server) =>
        Effect.gen(function* () {
          expect((yield* upstream.get("/old")).text).toBe("GET /new?x=1")
          expect((yield* upstream.request("POST", "/post", { body: 1 })).text).toBe("GET /new")
          expect((yield* upstream.request("POST", "/keep", { body: 1 })).text).toBe("POST /new")
          for (const path of ["/out", "/scheme"])
            expect((yield* Effect.flip(upstream.get(path))).message).toContain("a redirect to elsewhere")
          const before = server.requests.length
          expect((yield* Effect.flip(upstream.get("/loop"))).message).toContain("more than 5 redirects")
          expect(server.requests.length - before).toBe(6)
        }),
      { retry: quick },
    ),
  )

  it.live("closes the socket when it is interrupted", () =>
    live(
      () => undefined,
      (upstream, server) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(upstream.get("/"))
          yield* eventually(() => server.requests.length === 1)
          yield* Fiber.interrupt(fiber)
          yield* eventually(() => server.sockets.size === 0)
          expect(upstream.status()).toMatchObject({ running: 0, waiting: 0, breaker: "closed" })
        }),
    ),
  )

  it.live("uses few connections for many calls, also where calls fail", () =>
    live(
      (request, response) => {
        response.writeHead(request.url === "/missing" ? 404 : 200).end("x".repeat(10_000))
      },
      (upstream, server) =>
        Effect.gen(function* () {
          yield* Effect.forEach(
            Array.from({ length: 300 }, (_, index) => index),
            (index) => Effect.ignore(upstream.get(index % 3 === 0 ? "/missing" : "/")),
            { concurrency: "unbounded" },
          )
          expect(server.requests).toHaveLength(300)
          expect(server.connections()).toBeLessThanOrEqual(4)
        }),
      { concurrency: 8, transport: { connections: 4 } },
    ),
  )

  it.live("keeps what an upstream repeats of its secrets out of errors", () =>
    live(
      (request, response) => {
        response.writeHead(400).end(`bad credentials: ${request.headers.authorization}`)
      },
      (upstream) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(upstream.get("/"))
          expect(JSON.stringify(error)).not.toContain("hunter2")
          expect(error).toMatchObject({ status: 400, body: "bad credentials: <redacted>" })
        }),
      { headers: { authorization: Redacted.make("Bearer hunter2") } },
    ),
  )

  it.live.prop(
    "holds no connection and no place, whatever the other side does and whoever gives up",
    {
      calls: fc.array(
        fc.record({
          does: fc.constantFrom("answers", "hangs", "resets", "halts", "overflows", "refuses", "wanders"),
          at: fc.integer({ min: 0, max: 20 }),
          patience: fc.integer({ min: 0, max: 60 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    },
    ({ calls }) =>
      live(
        (request, response) => {
          switch (request.url) {
            case "/hangs":
              return undefined
            case "/resets":
              return response.destroy()
            case "/halts":
              return response.write("a")
            case "/overflows":
              return response.end("x".repeat(50_000))
            case "/refuses":
              return response.writeHead(404).end("no")
            case "/wanders":
              return response.writeHead(302, { location: "https://elsewhere.example/" }).end("x".repeat(500))
            default:
              return response.end("yes")
          }
        },
        (upstream, server) =>
          Effect.gen(function* () {
            yield* Effect.forEach(
              calls,
              ({ at, does, patience }) =>
                Effect.delay(Effect.ignore(Effect.timeoutOption(upstream.get(`/${does}`), patience)), at),
              { concurrency: "unbounded" },
            )
            expect(upstream.status()).toMatchObject({ running: 0, waiting: 0 })
            // What is left are connections that wait for the next call.
            yield* eventually(() => server.sockets.size <= 3)
            expect((yield* upstream.get("/fine")).text).toBe("yes")
          }),
        {
          within: "5 seconds",
          concurrency: 2,
          retry: quick,
          bodyLimit: 1_000,
          transport: { connections: 3 },
          breaker: { failures: 1_000, rest: 1 },
        },
      ),
    { fastCheck: { numRuns: 15 } },
  )

  it.live("leaves nothing open when its scope ends", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url !== "/hang") response.end("ok")
      })
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Http.layer().pipe(Layer.provide(RateStore.layerMemory)),
        scope,
      )
      const http = yield* Effect.provide(Http.Http, context)
      const upstream = yield* Scope.extend(
        http.upstream({ name: "harbour", baseUrl: server.origin, retry: quick }),
        scope,
      )
      yield* upstream.get("/")
      expect(http.upstreams().map(({ name }) => name)).toEqual(["harbour"])
      const hanging = yield* Effect.fork(Effect.flip(upstream.get("/hang")))
      yield* eventually(() => server.requests.length === 2)
      yield* Scope.close(scope, Exit.void)
      yield* eventually(() => server.sockets.size === 0)
      expect((yield* Fiber.join(hanging))._tag).toBe("HttpUnreachable")
      expect(http.upstreams()).toEqual([])
    }).pipe(Effect.scoped),
  )
})

/** A port on which nobody listens. */
const free = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})
