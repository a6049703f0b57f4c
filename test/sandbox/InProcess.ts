/**
 * A bare client on a sandbox's in-process edges, for tests: frames and answers as they are.
 *
 * Everything that comes through it is held against Discord's published description, and the test fails with what
 * differs (`spec/Conformance.ts`). What a test breaks on purpose is passed by with `unchecked`.
 *
 * @module
 */
import { Effect } from "effect"
import type { Sandbox, Socket } from "../../src/sandbox/Sandbox.js"
import * as Conformance from "./spec/Conformance.js"

Conformance.watch()

/** How a test looks at what comes. */
export interface Looking {
  /** Why what comes need not conform to Discord's description. */
  readonly unchecked?: string
  /** Of the request's body, which is text then. Default: JSON. */
  readonly contentType?: string
}

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
  /** The same as they came, and what is no JSON. */
  readonly texts: Array<string>
  readonly closes: Array<{ readonly code: number; readonly reason: string }>
  readonly sendOp: (op: number, d: unknown) => void
  /** The numbered events, in the order of their arrival. */
  readonly events: () => ReadonlyArray<Frame>
}

export const connect = (
  sandbox: Sandbox,
  query = "v=10&encoding=json",
  looking: Looking = {},
): Connection => {
  const frames: Array<Frame> = []
  const texts: Array<string> = []
  const closes: Array<{ readonly code: number; readonly reason: string }> = []
  const socket = sandbox.connect(`ws://sandbox/?${query}`, {
    onText: (text) => {
      texts.push(text)
      const frame = parse(text)
      if (frame === undefined) return
      if (looking.unchecked === undefined && frame.op === 0 && frame.t !== null)
        Conformance.event(frame.t, frame.d)
      frames.push(frame)
    },
    onClose: (code, reason) => closes.push({ code, reason }),
  })
  return {
    ...socket,
    frames,
    texts,
    closes,
    sendOp: (op, d) => socket.send(JSON.stringify({ op, d })),
    events: () => frames.filter((frame) => frame.op === 0),
  }
}

const parse = (text: string): Frame | undefined => {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return undefined
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
export const call = (
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
  looking: Looking = {},
): Effect.Effect<Answer> =>
  Effect.async((resume) =>
    Effect.sync(
      sandbox.handle(
        {
          method,
          path: `/api/v10${path}`,
          headers: {
            authorization: "Bot any",
            "content-type": looking.contentType ?? "application/json",
          },
          body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
        },
        (response) => {
          const text = Buffer.from(response.body).toString("utf8")
          const { headers, status } = response
          const answer = { status, headers, body: text === "" ? null : (JSON.parse(text) as unknown) }
          if (looking.unchecked === undefined) Conformance.answer(method, path, status, answer.body)
          resume(Effect.succeed(answer))
        },
      ),
    ),
  )
