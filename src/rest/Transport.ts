/**
 * How one HTTP request reaches Discord: an undici pool in production, a direct call into a local Discord in
 * tests.
 *
 * Callbacks, not effects: this is one of the two hot edges. Everything that has semantics (limits, retries,
 * typed errors, abort) lives above, in `Rest`.
 *
 * @module
 */
import { Context } from "effect"

/** One request, as it goes out. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Path and query below the origin, version included: `/api/v10/users/@me`. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  /**
   * `acknowledgement` requests have connections of their own, so that the first response to an interaction
   * never queues behind anything else.
   */
  readonly lane: "acknowledgement" | "ordinary"
}

/** One whole answer. */
export interface Response {
  readonly status: number
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Why there was no answer. */
export interface Failure {
  /** For instance `ECONNREFUSED`, `UND_ERR_SOCKET`, `ABORTED`. */
  readonly code: string
  /** False where the connection was never made, so that the request cannot have arrived. */
  readonly sent: boolean
  readonly cause: unknown
}

export interface Transport {
  /**
   * Sends one request. Exactly one of the callbacks is called, once, unless the returned function is called
   * first: it aborts the request (also when its connection does not exist yet), and then neither is called.
   */
  readonly send: (
    request: Request,
    onResponse: (response: Response) => void,
    onFailure: (failure: Failure) => void,
  ) => () => void
}

export const Transport = Context.GenericTag<Transport>("bosun/rest/Transport")
