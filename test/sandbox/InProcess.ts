/**
 * A bare client on a sandbox's in-process edges, for tests: frames and answers as they are.
 *
 * @module
 */
import { Effect } from "effect"
import type { Sandbox, Socket } from "../../src/sandbox/Sandbox.js"

/** A gateway payload. */
export interface Frame {
  readonly op: number
  readonly t: string | null
  readonly s: number | null
  readonly d: Readonly<Record<string, unknown>>
}

/** One socket and all that came through it. */
export interface Connection extends Socket {
  readonly frames: Array<Frame>
  readonly closes: Array<{ readonly code: number; readonly reason: string }>
  readonly sendOp: (op: number, d: unknown) => void
  /** The numbered events, in the order of their arrival. */
  readonly events: () => ReadonlyArray<Frame>
}

export const connect = (sandbox: Sandbox, query = "v=10&encoding=json"): Connection => {
  const frames: Array<Frame> = []
  const closes: Array<{ readonly code: number; readonly reason: string }> = []
  const socket = sandbox.connect(`ws://sandbox/?${query}`, {
    onText: (text) => frames.push(JSON.parse(text) as Frame),
    onClose: (code, reason) => closes.push({ code, reason }),
  })
  return {
    ...socket,
    frames,
    closes,
    sendOp: (op, d) => socket.send(JSON.stringify({ op, d })),
    events: () => frames.filter((frame) => frame.op === 0),
  }
}

/** All intents, privileged ones included. */
export const everyIntent = 53_608_447

export const identify = (connection: Connection, more: Readonly<Record<string, unknown>> = {}): void =>
  connection.sendOp(2, {
    token: "any",
    intents: everyIntent,
    properties: { os: "linux", browser: "test", device: "test" },
    ...more,
  })

/** Lets queued frames and answers arrive. */
export const settle: Effect.Effect<void> = Effect.repeatN(Effect.yieldNow(), 5)

/** An answer with its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** One REST request as the bot. */
export const call = (sandbox: Sandbox, method: string, path: string, body?: unknown): Effect.Effect<Answer> =>
  Effect.async((resume) =>
    Effect.sync(
      sandbox.handle(
        {
          method,
          path: `/api/v10${path}`,
          headers: { authorization: "Bot any", "content-type": "application/json" },
          body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
        },
        (response) => {
          const text = Buffer.from(response.body).toString("utf8")
          resume(
            Effect.succeed({
              status: response.status,
              headers: response.headers,
              body: text === "" ? null : (JSON.parse(text) as unknown),
            }),
          )
        },
      ),
    ),
  )
