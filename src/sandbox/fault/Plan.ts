/**
 * A fault plan: which faults come, how often, and where. Seeded, so that the same plan over the same requests and
 * events does the same again.
 *
 * As text, for a command line or a page: rules, separated by `;` or line ends, each a kind, then in any order a
 * rate (`2%`), a span of milliseconds (`50..400ms`, `2s`) and what is meant (`name=value`):
 *
 * ```
 * seed=7; latency 50..400ms path=/channels/*; limited 2% scope=global; error 1% status=503; drop 0.5%; close 0.2% code=4009
 * ```
 *
 * @module
 */

/** What can be done to a request. */
export type RestKind =
  /** It takes longer: `millis`. */
  | "latency"
  /** 429 with Discord's headers: `scope`; `bare` leaves Retry-After and the headers of the bucket out. */
  | "limited"
  /** 429 as Cloudflare answers it: HTML. */
  | "cloudflare"
  /** `status` from 500 to 504, and not carried out. */
  | "error"
  /** No answer, for `millis` (default: until the fault ends); then it is carried out. */
  | "hang"
  /** Carried out, and the connection is reset in the middle of the answer. */
  | "reset"
  /** Carried out, and the connection is reset before any answer. */
  | "lost"
  /** Carried out, and the answer is no JSON. */
  | "malformed"
  /** Carried out, and the answer has 8 MiB of spaces before it. */
  | "oversized"

/** What can be done to a connection to the gateway, each time when an event is sent. */
export type GatewayKind =
  /** The socket drops without a closing handshake. */
  | "drop"
  /** Heartbeats go unanswered, and nothing arrives, for `millis` (default: until the connection ends). */
  | "zombie"
  /** Op 7. */
  | "reconnect"
  /** Op 9: `resumable`. */
  | "invalid"
  /** The gateway closes: `code`. */
  | "close"
  /** The event arrives twice, with the same number. */
  | "duplicate"
  /** The event takes `millis`; those after it wait. */
  | "delay"
  /** The event arrives after the next one, where Discord keeps no order: typing, presences, other channels. */
  | "reorder"
  /** A frame that is no JSON comes first. */
  | "garbage"
  /** An event of 4 MiB comes first. */
  | "huge"
  /** An event that nobody knows comes first. */
  | "unknown"
  /** Frames come in bursts, `millis` apart, as to a client that reads slowly. */
  | "slow"

export type Kind = RestKind | GatewayKind

export interface Rule {
  readonly kind: Kind
  /** Of the requests or events that are meant, how many: 0 to 1. Default 1. */
  readonly rate?: number
  /** At most so many times. Default: no limit. */
  readonly times?: number
  /** Of a request: `POST`. Default: any. */
  readonly method?: string
  /** Of a request, below the version; `*` stands for anything: `/channels/*`. Default: any. */
  readonly path?: string
  /** Of an event: `MESSAGE_CREATE`. Default: any. */
  readonly event?: string
  /** The least and the most. */
  readonly millis?: readonly [number, number]
  readonly status?: number
  readonly scope?: "user" | "global" | "shared"
  readonly bare?: boolean
  readonly resumable?: boolean
  readonly code?: number
}

export interface Plan {
  readonly seed: number
  readonly rules: ReadonlyArray<Rule>
}

/** A plan at work. */
export interface Running {
  readonly plan: Plan
  /** How often each kind was done so far. */
  readonly counts: () => Readonly<Partial<Record<Kind, number>>>
  /** Takes the plan back: what hangs is carried out, what is delayed arrives. */
  readonly stop: () => void
}
