/**
 * Servers on the loopback that behave as a test says.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface Server {
  readonly origin: string
  readonly port: number
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>
  /** Method and path of each request. */
  readonly requests: ReadonlyArray<string>
  readonly headers: ReadonlyArray<Http.IncomingHttpHeaders>
  /** How many connections were ever made. */
  readonly connections: () => number
}

/** Serves until the scope ends. */
export const serve = (handler: Http.RequestListener): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<Server & { readonly server: Http.Server }>((resume) => {
        const sockets = new Set<Socket>()
        const requests: Array<string> = []
        const headers: Array<Http.IncomingHttpHeaders> = []
        let connections = 0
        const server = Http.createServer((request, response) => {
          requests.push(`${request.method} ${request.url}`)
          headers.push(request.headers)
          handler(request, response)
        })
        server.on("connection", (socket) => {
          connections++
          sockets.add(socket)
          socket.on("close", () => sockets.delete(socket))
        })
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          const origin = `http://127.0.0.1:${port}`
          resume(
            Effect.succeed({
              origin,
              port,
              sockets,
              requests,
              headers,
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
    ),
    (made): Server => made,
  )

/** Until something outside this process's control holds: a socket noticed as closed, for instance. */
export const eventually = (holds: () => boolean): Effect.Effect<void> =>
  Effect.sleep(2).pipe(
    Effect.repeat({ until: holds }),
    Effect.timeout("3 seconds"),
    Effect.orDie,
    Effect.asVoid,
  )
