import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Scope, TestClock } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import * as Transport from "../../src/gateway/Transport.js"

/** A local server, and the sockets that came. */
const server = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly wss: WebSocketServer; readonly sockets: Array<WebSocket> }>(
    (resume) => {
      const sockets: Array<WebSocket> = []
      const wss: WebSocketServer = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () =>
        resume(
          Effect.succeed({ url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, wss, sockets }),
        ),
      )
      wss.on("connection", (socket) => {
        sockets.push(socket)
        socket.send("first")
      })
    },
  ),
  ({ wss, sockets }) =>
    Effect.async<void>((resume) => {
      for (const socket of sockets) socket.terminate()
      wss.close(() => resume(Effect.void))
    }),
)

/** Collects what a connection says, to be waited for. */
const ear = Effect.gen(function* () {
  const texts: Array<string> = []
  const closes: Array<number> = []
  const closed = yield* Deferred.make<number>()
  const waiting: Array<{ readonly count: number; readonly go: () => void }> = []
  const listener: Transport.Listener = {
    onText: (text) => {
      texts.push(text)
      for (const { count, go } of waiting) if (texts.length >= count) go()
    },
    onClose: (code) => {
      closes.push(code)
      Deferred.unsafeDone(closed, Exit.succeed(code))
    },
  }
  const hear = (count: number) =>
    Effect.async<void>((resume) => {
      if (texts.length >= count) resume(Effect.void)
      else waiting.push({ count, go: () => resume(Effect.void) })
    })
  return { texts, closes, closed: Deferred.await(closed), listener, hear }
})

const open = (url: string, listener: Transport.Listener) =>
  Effect.flatMap(Transport.Transport, (transport) => transport.open(url, listener))

describe("layerWebSocket", () => {
  it.scoped("carries text both ways, also large frames and what comes at once", () =>
    Effect.gen(function* () {
      const { url, sockets } = yield* server
      const { listener, texts, hear } = yield* ear
      const connection = yield* open(url, listener)
      yield* hear(1)
      const large = JSON.stringify({ text: "é".repeat(4_000_000) })
      sockets[0]!.on("message", (data) => sockets[0]!.send(`echo ${String(data)}`))
      sockets[0]!.send(large)
      connection.send("hello")
      yield* hear(3)
      expect(texts[0]).toBe("first")
      expect(texts[1] === large).toBe(true)
      expect(texts[2]).toBe("echo hello")
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("tells a close by the server, once, and does nothing afterwards", () =>
    Effect.gen(function* () {
      const { url, sockets } = yield* server
      const { listener, closes, closed, hear } = yield* ear
      const connection = yield* open(url, listener)
      yield* hear(1)
      sockets[0]!.close(4009, "timed out")
      expect(yield* closed).toBe(4009)
      connection.send("late")
      connection.close(1000, "")
      expect(closes).toEqual([4009])
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("tells a dropped socket as 1006", () =>
    Effect.gen(function* () {
      const { url, sockets } = yield* server
      const { listener, closed, hear } = yield* ear
      yield* open(url, listener)
      yield* hear(1)
      sockets[0]!.terminate()
      expect(yield* closed).toBe(1006)
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("closes with the code that is asked for", () =>
    Effect.gen(function* () {
      const { url, sockets } = yield* server
      const { listener, closed, hear } = yield* ear
      const connection = yield* open(url, listener)
      yield* hear(1)
      const seen = yield* Deferred.make<number>()
      sockets[0]!.on("close", (code) => Deferred.unsafeDone(seen, Exit.succeed(code)))
      connection.close(4200, "")
      expect(yield* closed).toBe(4200)
      expect(yield* Deferred.await(seen)).toBe(4200)
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("leaves no socket when its scope closes", () =>
    Effect.gen(function* () {
      const { url, sockets } = yield* server
      const { listener, closes, closed, hear } = yield* ear
      const scope = yield* Scope.make()
      yield* open(url, listener).pipe(Scope.extend(scope))
      yield* hear(1)
      const seen = yield* Deferred.make<void>()
      sockets[0]!.on("close", () => Deferred.unsafeDone(seen, Exit.void))
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(seen)
      yield* closed
      expect(closes).toEqual([1006])
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("fails on a refused connection, and on an address that is none", () =>
    Effect.gen(function* () {
      const { listener, closes } = yield* ear
      const refused = yield* Effect.flip(open("ws://127.0.0.1:9", listener))
      expect(refused).toMatchObject({
        _tag: "ConnectionFailed",
        reason: expect.stringContaining("ECONNREFUSED"),
      })
      const wrong = yield* Effect.flip(open("no address", listener))
      expect(wrong._tag).toBe("ConnectionFailed")
      expect(closes).toEqual([])
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )

  it.scoped("gives up a server that takes the connection and says nothing", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const gone = yield* Deferred.make<void>()
      const silent = yield* Effect.acquireRelease(
        Effect.async<ReturnType<typeof createServer>>((resume) => {
          const made = createServer((socket) => {
            socket.on("error", () => {})
            socket.on("close", () => Deferred.unsafeDone(gone, Exit.void))
            socket.resume()
            Deferred.unsafeDone(arrived, Exit.void)
          }).listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
        }),
        (made) => Effect.sync(() => made.close()),
      )
      const { listener } = yield* ear
      const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`
      const scope = yield* Scope.make()
      const fiber = yield* Effect.fork(Effect.flip(open(url, listener).pipe(Scope.extend(scope))))
      yield* Deferred.await(arrived)
      yield* TestClock.adjust("15 seconds")
      expect((yield* Fiber.join(fiber)).reason).toContain("15 s")
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(gone)
    }).pipe(Effect.provide(Transport.layerWebSocket)),
  )
})

describe("layerFrom", () => {
  it.effect("opens by a call, drops with the scope, and fails on what the call throws", () =>
    Effect.gen(function* () {
      const { listener, texts } = yield* ear
      const calls: Array<unknown> = []
      const layer = Transport.layerFrom((url, peer) => {
        if (url === "bad") throw new Error("not here")
        peer.onText("hello")
        return { send: (text) => calls.push(text), close: (code) => calls.push(code) }
      })
      yield* Effect.scoped(Effect.map(open("good", listener), (connection) => connection.send("hi"))).pipe(
        Effect.provide(layer),
      )
      expect(texts).toEqual(["hello"])
      expect(calls).toEqual(["hi", 1006])
      const error = yield* Effect.flip(
        Effect.scoped(open("bad", listener)).pipe(Effect.provide(Layer.fresh(layer))),
      )
      expect(error.reason).toBe("not here")
    }),
  )
})
