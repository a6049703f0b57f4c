/**
 * How one gateway connection is made: a WebSocket in production, a direct call into a local Discord in tests.
 *
 * Text frames go through callbacks, not through a stream: this is one of the two hot edges, and a callback
 * costs nothing per event.
 *
 * @module
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { WebSocket } from "ws"
import { ConnectionFailed } from "../DiscordError.js"

/** An open connection. */
export interface Connection {
  /** Sends one text frame. Does nothing once the connection is closing or closed. */
  readonly send: (text: string) => void
  /** Starts the closing handshake; `onClose` follows. Later calls do nothing. */
  readonly close: (code: number, reason: string) => void
}

/** What the owner of a connection is told. Never called again after `onClose`. */
export interface Listener {
  /** One whole text frame. Called synchronously, in order. */
  readonly onText: (text: string) => void
  /** Exactly once, however the connection ends. 1006 where no close frame was received. */
  readonly onClose: (code: number, reason: string) => void
}

/** Opens connections. */
export interface Transport {
  /**
   * Opens one connection. The frames that arrive before the effect has resumed are not lost: they reach the
   * listener. Closing the scope terminates the socket without waiting for the peer. Interruption during the
   * opening aborts it.
   */
  readonly open: (url: string, listener: Listener) => Effect.Effect<Connection, ConnectionFailed, Scope.Scope>
}

export const Transport = Context.GenericTag<Transport>("bosun/gateway/Transport")

// ---------------------------------------------------------------------------------------------------------
// In this process
// ---------------------------------------------------------------------------------------------------------

/**
 * A connection that is a direct call. `connect` may call the listener before it returns; what it throws is a
 * refused connection. Closing the scope closes with 1006, which to such a peer means a socket that broke.
 */
export const fromConnect = (connect: (url: string, listener: Listener) => Connection): Transport => ({
  open: (url, listener) =>
    Effect.acquireRelease(
      Effect.try({
        try: () => connect(url, listener),
        catch: (cause) => new ConnectionFailed({ url, reason: reasonOf(cause) }),
      }),
      (connection) => Effect.sync(() => connection.close(1006, "terminated")),
    ),
})

/** A layer of {@link fromConnect}. */
export const layerFrom = (connect: (url: string, listener: Listener) => Connection): Layer.Layer<Transport> =>
  Layer.succeed(Transport, fromConnect(connect))

// ---------------------------------------------------------------------------------------------------------
// WebSocket
// ---------------------------------------------------------------------------------------------------------

/** The largest message taken, in bytes. Guilds with many members send several megabytes at once. */
const maxPayload = 128 * 1024 * 1024

const openWebSocket = Effect.fnUntraced(function* (url: string, listener: Listener) {
  const socket = yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload })
        // Terminating a socket that still connects reports an error: without a listener it would be thrown.
        socket.on("error", () => {})
        return socket
      },
      catch: (cause) => new ConnectionFailed({ url, reason: reasonOf(cause) }),
    }),
    (socket) => Effect.sync(() => socket.terminate()),
  )
  yield* Effect.async<void, ConnectionFailed>((resume) => {
    let reason = "closed before it was open"
    let opened = false
    socket.on("error", (error) => {
      reason = reasonOf(error)
    })
    socket.on("open", () => {
      opened = true
      resume(Effect.void)
    })
    // With the default binary type a message is one Buffer.
    socket.on("message", (data) => listener.onText((data as Buffer).toString("utf8")))
    socket.on("close", (code, text) => {
      if (opened) listener.onClose(code, text.length === 0 ? reason : text.toString("utf8"))
      else resume(Effect.fail(new ConnectionFailed({ url, reason })))
    })
  })
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: (code, reason) => {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason)
    },
  } satisfies Connection
})

/**
 * WebSockets, without compression. An opening that takes longer than 15 s is a `ConnectionFailed`.
 * A message above 128 MiB ends the connection with 1009.
 */
export const layerWebSocket: Layer.Layer<Transport> = Layer.succeed(Transport, {
  open: (url, listener) =>
    openWebSocket(url, listener).pipe(
      Effect.timeoutFail({
        duration: "15 seconds",
        onTimeout: () => new ConnectionFailed({ url, reason: "no answer within 15 s" }),
      }),
    ),
})

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const code = (cause as NodeJS.ErrnoException).code
  // An AggregateError (every address refused) has a code but no message.
  return cause.message === "" ? (code ?? cause.name) : cause.message
}
