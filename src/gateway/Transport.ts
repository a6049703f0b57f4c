/**
 * How one gateway connection is made: a WebSocket in production, a direct call into a local Discord in tests.
 *
 * Text frames go through callbacks, not through a stream: this is one of the two hot edges, and a callback
 * costs nothing per event.
 *
 * @module
 */
import { Context, type Effect, type Scope } from "effect"
import type { ConnectionFailed } from "../DiscordError.js"

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
