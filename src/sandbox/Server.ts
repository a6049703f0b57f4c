/**
 * The sandbox over the wire: HTTP for REST, WebSocket for the gateway, on 127.0.0.1.
 *
 * Raw `node:http` and `ws` on purpose: this is a hot edge, and the other side of every measurement, so it must
 * not be the bottleneck. Bodies are bounded (25 MiB, 413 above it). Closing the scope terminates every socket
 * and frees the port.
 *
 * @module
 */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { Context, Data, Effect, Layer, type Scope } from "effect"
import { WebSocketServer } from "ws"
import { bodyTooLarge } from "./model/ApiError.js"
import * as Rest from "./rest/Rest.js"
import { Sandbox } from "./Sandbox.js"

export interface Options {
  /** 0 takes any free port. */
  readonly port: number
  readonly host?: "127.0.0.1"
}

export interface Server {
  /** The REST base without the version: `http://127.0.0.1:4010/api`. */
  readonly url: string
  /** The gateway: `ws://127.0.0.1:4010`. */
  readonly gatewayUrl: string
  readonly port: number
}

export const Server = Context.GenericTag<Server>("bosun/sandbox/Server")

/** Serves the sandbox for as long as the scope is open. Fails where the port cannot be had. */
export const make = (options: Options): Effect.Effect<Server, ServerError, Sandbox | Scope.Scope> =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const host = options.host ?? "127.0.0.1"
    const server = Http.createServer((request, response) => serve(sandbox, request, response))
    server.keepAliveTimeout = 60_000
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 })
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy())
      sockets.handleUpgrade(request, socket, head, (client) => {
        const url = new URL(request.url ?? "/", `ws://${request.headers.host ?? host}`)
        const connection = sandbox.gateway.accept(
          {
            send: (text) => client.send(text),
            close: (code, reason) => client.close(code, reason),
            terminate: () => client.terminate(),
          },
          url.searchParams,
          `ws://${url.host}`,
        )
        client.on("message", (data: Buffer) => connection.receive(data.toString("utf8")))
        client.on("close", (code) => sandbox.gateway.closed(connection, code))
        client.on("error", () => client.terminate())
      })
    })
    yield* Effect.acquireRelease(listen(server, options.port, host), () => close(server, sockets))
    const { port } = server.address() as AddressInfo
    sandbox.world.origin = `http://${host}:${port}`
    return { url: `http://${host}:${port}/api`, gatewayUrl: `ws://${host}:${port}`, port }
  })

/** The sandbox on a port, as a layer. */
export const layer = (options: Options): Layer.Layer<Server, ServerError, Sandbox> =>
  Layer.scoped(Server, make(options))

/** The port could not be had. */
export class ServerError extends Data.TaggedError("ServerError")<{
  readonly reason: "PortInUse" | "NotAllowed" | "Other"
  readonly port: number
  readonly cause: unknown
}> {
  override get message() {
    switch (this.reason) {
      case "PortInUse":
        return `Port ${this.port} on 127.0.0.1 is taken by another process: choose another one, or 0 for any`
      case "NotAllowed":
        return `Port ${this.port} on 127.0.0.1 may not be opened by this user: choose one above 1023`
      default:
        return `Port ${this.port} on 127.0.0.1 could not be opened: ${String(this.cause)}`
    }
  }
}

const listen = (server: Http.Server, port: number, host: string): Effect.Effect<void, ServerError> =>
  Effect.async<void, ServerError>((resume) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === "EADDRINUSE" ? "PortInUse" : cause.code === "EACCES" ? "NotAllowed" : "Other"
      resume(Effect.fail(new ServerError({ reason, port, cause })))
    })
    server.listen(port, host, () => resume(Effect.void))
  })

const close = (server: Http.Server, sockets: WebSocketServer): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    for (const client of sockets.clients) client.terminate()
    sockets.close()
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

const nothing = (): void => {}

const serve = (sandbox: Sandbox, request: Http.IncomingMessage, response: Http.ServerResponse): void => {
  const chunks: Array<Buffer> = []
  let size = 0
  let cancel = nothing
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size <= Rest.bodyLimit) chunks.push(chunk)
  })
  request.on("error", () => response.destroy())
  response.on("close", () => cancel())
  request.on("end", () => {
    if (size > Rest.bodyLimit) {
      const refusal = bodyTooLarge()
      response.writeHead(refusal.status, { "content-type": "application/json" })
      response.end(JSON.stringify(refusal.body))
      return
    }
    cancel = sandbox.handle(
      {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        // Headers that may repeat are of no use to any route.
        headers: request.headers as Record<string, string | undefined>,
        body: chunks.length === 0 ? null : chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks),
      },
      ({ body, headers, status }) => {
        if (status !== 204) headers["content-length"] = String(body.byteLength)
        response.writeHead(status, headers)
        response.end(body)
      },
    )
  })
}
