import { connect as dial } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { WebSocket } from "ws"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as InProcess from "./InProcess.js"

const live = Effect.provide(
  Server.layer({ port: 0 }).pipe(Layer.provideMerge(SandboxModule.layer({ rateLimits: false }))),
)

interface Client {
  readonly socket: WebSocket
  readonly ops: Array<number>
  readonly closes: Array<readonly [number, string]>
}

/** A client of the gateway, and what came to it. */
const connect = (url: string): Effect.Effect<Client, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = new WebSocket(url)
      const ops: Array<number> = []
      const closes: Array<readonly [number, string]> = []
      socket.on("error", () => {})
      socket.on("message", (data: Buffer) => ops.push((JSON.parse(data.toString()) as InProcess.Frame).op))
      socket.on("close", (code, reason) => closes.push([code, reason.toString()]))
      return { socket, ops, closes }
    }),
    ({ socket }) => Effect.sync(() => socket.terminate()),
  )

const until = (done: () => boolean): Effect.Effect<void> =>
  Effect.sleep("5 millis").pipe(
    Effect.repeat({ until: done }),
    Effect.timeout("3 seconds"),
    Effect.orDie,
    Effect.asVoid,
  )

const identity = JSON.stringify({
  op: 2,
  d: { token: "any", intents: InProcess.everyIntent, properties: {} },
})

/** The status line of the answer to a request as it is. */
const raw = (port: number, text: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    const socket = dial(port, "127.0.0.1", () => socket.write(text))
    socket.on("error", () => resume(Effect.succeed("error")))
    socket.on("data", (data) => {
      socket.destroy()
      resume(Effect.succeed(String(data).split("\r\n")[0] ?? ""))
    })
    socket.on("close", () => resume(Effect.succeed("closed")))
    return Effect.sync(() => socket.destroy())
  })

describe("a socket of the gateway", () => {
  it.live("may have any path, and one that nobody can read closes nobody else's way in", () =>
    Effect.gen(function* () {
      const { gatewayUrl, port } = yield* Server.Server
      for (const path of ["/?v=10", "//?v=10&encoding=json", "///", "/gateway?v=10", "//[/?v=10"]) {
        const { ops, socket } = yield* connect(`${gatewayUrl}${path}`)
        yield* until(() => ops.length > 0 || socket.readyState === WebSocket.CLOSED)
        expect([path, ops]).toEqual([path, [10]])
      }
      const upgrade = [
        "GET http://[ HTTP/1.1",
        `host: 127.0.0.1:${port}`,
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "",
      ].join("\r\n")
      yield* raw(port, upgrade)
      yield* Effect.sleep("30 millis")
      const { ops } = yield* connect(`${gatewayUrl}/?v=10`)
      yield* until(() => ops.length > 0)
    }).pipe(Effect.scoped, live),
  )

  it.live("hears a client that does not wait for the hello", () =>
    Effect.gen(function* () {
      const { gatewayUrl } = yield* Server.Server
      const { ops, socket } = yield* connect(`${gatewayUrl}/?v=10`)
      socket.on("open", () => socket.send(identity))
      yield* until(() => ops.length >= 3)
      expect(ops.slice(0, 3)).toEqual([10, 0, 0])
    }).pipe(Effect.scoped, live),
  )

  it.live("is closed with 4002 for a payload that is too large, however large, or no text", () =>
    Effect.gen(function* () {
      const { gatewayUrl } = yield* Server.Server
      const sends: ReadonlyArray<readonly [string, (socket: WebSocket) => void]> = [
        ["4,097 bytes", (socket) => socket.send(`{"op":1,"d":${" ".repeat(4_084)}1}`)],
        ["100 kB", (socket) => socket.send(" ".repeat(100_000))],
        ["no text", (socket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false })],
        ["binary", (socket) => socket.send(Buffer.from([0x83, 0x68]))],
        ["no JSON", (socket) => socket.send("{")],
      ]
      for (const [name, send] of sends) {
        const { closes, ops, socket } = yield* connect(`${gatewayUrl}/?v=10`)
        yield* until(() => ops.length > 0)
        send(socket)
        yield* until(() => closes.length > 0)
        expect([name, closes]).toEqual([name, [[4002, "Error while decoding payload."]]])
      }
    }).pipe(Effect.scoped, live),
  )
})

describe("a request", () => {
  it.live("of an odd kind is answered, and the next one too", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const head = (line: string, more = "") =>
        `${line} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bot any\r\n${more}connection: close\r\n\r\n`
      const odd: ReadonlyArray<readonly [string, string]> = [
        [head("GET //"), "404"],
        [head("GET /api"), "404"],
        [head("GET /api/v10"), "501"],
        [head("GET /api/v9/users/@me"), "400"],
        [head("GET http://[/"), "404"],
        [head("OPTIONS *"), "404"],
        [head("HEAD /api/v10/users/@me"), "501"],
        [head("GET /api/v10/users/%E0%A4%A"), "404"],
        [head("GET /attachments/%E0%A4%A/1/x"), "404"],
        [
          head("POST /api/v10/users/@me/channels", "content-type: application/json\r\ncontent-length: 0\r\n"),
          "400",
        ],
        [head("POST /api/v10/users/@me/channels", "expect: 100-continue\r\ncontent-length: 0\r\n"), "100"],
      ]
      const statuses: Array<readonly [string, string]> = []
      for (const [text] of odd) statuses.push([text, (yield* raw(port, text)).split(" ")[1] ?? ""])
      expect(statuses).toEqual(odd)
      expect(yield* raw(port, head("GET /api/v10/users/@me"))).toBe("HTTP/1.1 200 OK")
    }).pipe(Effect.scoped, live),
  )
})
