import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import * as Transport from "../../src/rest/Transport.js"

interface Server {
  readonly origin: string
  readonly sockets: Set<Socket>
  readonly paths: Array<string>
  /** How many connections were ever made. */
  readonly connections: () => number
}

const serve = (handler: Http.RequestListener): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server & { readonly server: Http.Server }>((resume) => {
      const sockets = new Set<Socket>()
      const paths: Array<string> = []
      let connections = 0
      const server = Http.createServer((request, response) => {
        paths.push(request.url ?? "")
        handler(request, response)
      })
      server.on("connection", (socket) => {
        connections++
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            origin: `http://127.0.0.1:${port}`,
            sockets,
            paths,
            connections: () => connections,
            server,
          }),
        )
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )

const request = (
  path: string,
  lane: Transport.Request["lane"] = "ordinary",
  body: string | null = null,
): Transport.Request => ({ method: body === null ? "GET" : "POST", path, headers: { a: "b" }, body, lane })

const send = (transport: Transport.Transport, outgoing: Transport.Request) =>
  Effect.async<Transport.Response, Transport.Failure>((resume) => {
    const abort = transport.send(
      outgoing,
      (response) => resume(Effect.succeed(response)),
      (failure) => resume(Effect.fail(failure)),
    )
    return Effect.sync(abort)
  })

const live = <A, E>(
  handler: Http.RequestListener,
  use: (transport: Transport.Transport, server: Server) => Effect.Effect<A, E>,
  options: Partial<Transport.UndiciOptions> = {},
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* serve(handler)
      return yield* Transport.Transport.pipe(
        Effect.flatMap((transport) => use(transport, server)),
        Effect.provide(Transport.layerUndici({ origin: server.origin, ...options })),
      )
    }),
  )

/** Until something outside this process's control holds: a socket noticed as closed, for instance. */
const eventually = (holds: () => boolean) =>
  Effect.sleep(2).pipe(Effect.repeat({ until: holds }), Effect.timeout("2 seconds"), Effect.orDie)

const text = (response: Transport.Response) => new TextDecoder().decode(response.body)

describe("layerUndici", () => {
  it.live("sends method, path, headers and body, and gives back the whole answer", () =>
    live(
      (incoming, response) => {
        let body = ""
        incoming.on("data", (chunk: Buffer) => (body += chunk.toString()))
        incoming.on("end", () => {
          response.writeHead(201, { "X-Two": ["1", "2"], "content-type": "text/plain" })
          response.write(`${incoming.method} ${incoming.url} ${incoming.headers["a"]} `)
          setImmediate(() => response.end(body))
        })
      },
      (transport) =>
        Effect.gen(function* () {
          const answer = yield* send(transport, request("/api/v10/x?y=1", "ordinary", "é".repeat(3)))
          expect(answer.status).toBe(201)
          expect(answer.headers["x-two"]).toBe("1, 2")
          expect(text(answer)).toBe("POST /api/v10/x?y=1 b ééé")
        }),
    ),
  )

  it.live("keeps connections alive, and the lanes apart", () =>
    live(
      (_, response) => response.end("{}"),
      (transport, server) =>
        Effect.gen(function* () {
          for (let n = 0; n < 20; n++) yield* send(transport, request("/a"))
          // A request made from within an answer's callback finds its connection not quite free yet.
          const ordinary = server.connections()
          expect(ordinary).toBeLessThanOrEqual(2)
          for (let n = 0; n < 20; n++) yield* send(transport, request("/b", "acknowledgement"))
          expect(server.connections()).toBeGreaterThan(ordinary)
          expect(server.connections()).toBeLessThanOrEqual(4)
        }),
    ),
  )

  it.live("lets no ordinary request stand before an acknowledgement", () =>
    live(
      (incoming, response) => {
        if (incoming.url === "/ack") response.end()
      },
      (transport) =>
        Effect.gen(function* () {
          for (let n = 0; n < 10; n++) yield* Effect.fork(send(transport, request("/slow")))
          const answer = yield* send(transport, request("/ack", "acknowledgement")).pipe(
            Effect.timeout("2 seconds"),
          )
          expect(answer.status).toBe(200)
        }),
      { connections: 2 },
    ),
  )

  it.live("tells a refused connection from a broken one", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(
        Effect.map(
          serve(() => {}),
          (server) => server.origin,
        ),
      )
      const refused = yield* Transport.Transport.pipe(
        Effect.flatMap((transport) => Effect.flip(send(transport, request("/")))),
        Effect.provide(Transport.layerUndici({ origin: gone })),
      )
      expect(refused).toMatchObject({ code: "ECONNREFUSED", sent: false })

      yield* live(
        (incoming, response) => {
          if (incoming.url === "/before") return incoming.socket.destroy()
          response.writeHead(200, { "content-length": "100" })
          response.write("half")
          return setImmediate(() => incoming.socket.destroy())
        },
        (transport) =>
          Effect.gen(function* () {
            for (const path of ["/before", "/mid"]) {
              const failure = yield* Effect.flip(send(transport, request(path)))
              expect(failure).toMatchObject({ code: "UND_ERR_SOCKET", sent: true })
            }
          }),
      )
    }),
  )

  it.live("sends nothing where it was aborted before the connection existed, and keeps the connection", () =>
    live(
      (_, response) => response.end(),
      (transport, server) =>
        Effect.gen(function* () {
          let told = 0
          const abort = transport.send(
            request("/aborted"),
            () => told++,
            () => told++,
          )
          abort()
          yield* send(transport, request("/next"))
          expect(server.paths).toEqual(["/next"])
          expect(server.connections()).toBe(1)
          expect(told).toBe(0)
        }),
      { connections: 1 },
    ),
  )

  it.live("closes the socket of a request that is aborted in flight", () =>
    live(
      () => {},
      (transport, server) =>
        Effect.gen(function* () {
          let told = 0
          const abort = transport.send(
            request("/hang"),
            () => told++,
            () => told++,
          )
          yield* eventually(() => server.paths.length === 1)
          const [socket] = server.sockets
          abort()
          // undici opens another connection in its place; what counts is that the server sees this one go.
          yield* eventually(() => socket?.destroyed === true)
          expect(told).toBe(0)
          expect(server.paths).toEqual(["/hang"])
        }),
    ),
  )

  it.live("leaves no socket behind, and fails what is in flight, at the end of its scope", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* serve(() => {})
        const failures: Array<string> = []
        yield* Transport.Transport.pipe(
          Effect.flatMap((transport) =>
            Effect.gen(function* () {
              transport.send(
                request("/hang"),
                () => {},
                (failure) => failures.push(failure.code),
              )
              yield* eventually(() => server.paths.length === 1)
            }),
          ),
          Effect.provide(Transport.layerUndici({ origin: server.origin })),
        )
        yield* eventually(() => server.sockets.size === 0)
        expect(failures).toEqual(["UND_ERR_DESTROYED"])
      }),
    ),
  )

  it.live("fails, and does not throw, for what cannot be sent", () =>
    live(
      (_, response) => response.end(),
      (transport) =>
        Effect.gen(function* () {
          const failure = yield* Effect.flip(send(transport, request("/a b")))
          expect(failure).toMatchObject({ code: "UND_ERR_INVALID_ARG", sent: false })
        }),
    ),
  )
})

describe("fromHandle", () => {
  it("answers once, and not after an abort", () => {
    const answers: Array<(response: Transport.Response) => void> = []
    let cancelled = 0
    const transport = Transport.fromHandle((_, onResponse) => {
      answers.push(onResponse)
      return () => cancelled++
    })
    const told: Array<number> = []
    const response = { status: 200, headers: {}, body: new Uint8Array(0) }
    const listen = () =>
      transport.send(
        request("/"),
        (answer) => told.push(answer.status),
        () => told.push(0),
      )
    const first = listen()
    answers[0]!(response)
    answers[0]!(response)
    first()
    const second = listen()
    second()
    second()
    answers[1]!(response)
    expect(told).toEqual([200])
    expect(cancelled).toBe(1)
  })
})
