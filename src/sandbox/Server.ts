/**
 * The sandbox over the wire: HTTP for REST, WebSocket for the gateway, on 127.0.0.1.
 *
 * Raw `node:http` and `ws` on purpose: this is a hot edge, and the other side of every measurement, so it must
 * not be the bottleneck. Bodies are bounded (25 MiB, 413 above it), and so is the time that a request takes to
 * arrive. Closing the scope terminates every socket and frees the port.
 *
 * Whoever browses the web on this machine is kept out: a request has to name this machine as its host (421 else,
 * whatever name an address was rebound to), an `Origin` has to be the server's own, and a browser that asks for
 * another site's page has to be going to the chat's page, which a link may lead to (403 else): no picture of another
 * site's asks anything of the API in the name of this machine.
 *
 * @module
 */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { Context, Data, Effect, Layer, type Scope } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import { type Compressor, zlibStream } from "./gateway/Compression.js"
import { bodyTooLarge } from "./model/ApiError.js"
import * as Rest from "./rest/Rest.js"
import { Sandbox } from "./Sandbox.js"

export interface Options {
  /** 0 takes any free port. */
  readonly port: number
  readonly host?: "127.0.0.1"
  /** Asked first for what is neither the API's nor an attachment. True: it answers the request. */
  readonly page?: (request: Http.IncomingMessage, response: Http.ServerResponse) => boolean
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
    const server = Http.createServer(bounds, (request, response) => {
      const refusal = refuse(request)
      if (refusal !== undefined) return deny(response, refusal)
      if (options.page !== undefined && !isOwn(request.url ?? "/") && options.page(request, response)) return
      return serve(sandbox, request, response)
    })
    server.keepAliveTimeout = 60_000
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      // What is too large or no text is the connection's to refuse, with Discord's code; this bounds memory.
      maxPayload: 1024 * 1024,
      skipUTF8Validation: true,
    })
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy())
      const refusal = refuse(request)
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${refusal} ${Http.STATUS_CODES[refusal] ?? ""}\r\nconnection: close\r\n\r\n`)
        return
      }
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on("error", () => client.terminate())
        // Who does not wait for the hello is heard after it.
        client.pause()
        sandbox.world.after(HELLO_AFTER, () => {
          if (client.readyState !== client.OPEN) return
          attach(sandbox, client, request)
          client.resume()
        })
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

/** A client of the gateway. */
const attach = (sandbox: Sandbox, client: WebSocket, request: Http.IncomingMessage): void => {
  // Not as a whole: a path may be one that no URL has.
  const { headers, url = "" } = request
  const query = url.includes("?") ? url.slice(url.indexOf("?")) : ""
  let compressor: Compressor | undefined
  const connection = sandbox.gateway.accept(
    {
      send: (text) => (compressor === undefined ? client.send(text) : compressor.send(text)),
      close: (code, reason) =>
        compressor === undefined
          ? client.close(code, reason)
          : compressor.after(() => client.close(code, reason)),
      terminate: () => client.terminate(),
      compress: (way) => {
        if (way === "zlib-stream") compressor = zlibStream((bytes) => client.send(bytes))
        return compressor !== undefined
      },
    },
    new URLSearchParams(query),
    `ws://${headers.host ?? "127.0.0.1"}`,
  )
  client.on("message", (data: Buffer) => connection.receive(data.toString("utf8")))
  client.on("close", (code) => {
    compressor?.end()
    sandbox.gateway.closed(connection, code)
  })
}

/**
 * Milliseconds. Discord is never that near: some clients lose what arrives together with the answer to their upgrade.
 */
const HELLO_AFTER = 5

const nothing = (): void => {}

/** Discord's own edge bounds headers likewise; a request has a minute to arrive whole. */
const bounds: Http.ServerOptions = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

/** The status that a request is refused with before anybody looks at it. */
const refuse = ({ headers, url = "/" }: Http.IncomingMessage): 403 | 421 | undefined => {
  const host = headers.host ?? ""
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/iu.test(host)) return 421
  if (headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 403
  const site = headers["sec-fetch-site"]
  if (site !== "cross-site" && site !== "same-site") return undefined
  const followsLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"
  return followsLink && !isOwn(url) ? undefined : 403
}

const deny = (response: Http.ServerResponse, status: 403 | 421): void => {
  const message =
    status === 421
      ? "The sandbox answers to 127.0.0.1 and localhost only"
      : "The sandbox answers no other page's requests"
  response.writeHead(status, { "content-type": "application/json", connection: "close" })
  response.end(JSON.stringify({ message, code: 0 }))
}

/** What the sandbox itself answers: the API, and what Discord's CDN has. */
const isOwn = (url: string): boolean =>
  /^\/(?:api|attachments|ephemeral-attachments|avatars|banners|icons|splashes|discovery-splashes|emojis|stickers|role-icons|guilds|guild-events|app-icons|embed)(?:[/?]|$)/u.test(
    url,
  )

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
      (answer) => send(request, response, answer),
    )
  })
}

const send = (
  request: Http.IncomingMessage,
  response: Http.ServerResponse,
  { body, cut, headers, status }: Rest.Response,
): void => {
  if (cut !== undefined && cut < 0) return reset(request)
  if (status !== 204) headers["content-length"] = String(body.byteLength)
  response.writeHead(status, headers)
  if (cut === undefined) response.end(body)
  // What was written has to be on its way first, or the reset overtakes it.
  else response.write(body.subarray(0, cut), () => reset(request))
}

/** Ends the connection as a peer does that crashed. */
const reset = ({ socket }: Http.IncomingMessage): void => {
  socket.resetAndDestroy()
}
