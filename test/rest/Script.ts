/**
 * A Discord for one test: decides, request by request, what is answered and after how long, in virtual time.
 */
import { Clock, Context, Effect, Layer, Redacted, Runtime, Scope } from "effect"
import * as Rest from "../../src/rest/Rest.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as Transport from "../../src/rest/Transport.js"

export interface Answer {
  /** Virtual milliseconds until the request arrives. */
  readonly arrival?: number
  /** Virtual milliseconds from the arrival to the answer. */
  readonly latency?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** No answer: `hang` for ever, `reset` after arrival, `refused` before it. */
  readonly instead?: "hang" | "reset" | "refused"
}

export interface Sent extends Transport.Request {
  readonly at: number
  aborted: boolean
}

/** Is asked when a request has arrived; time is that of the arrival. */
export type Server = (request: Sent, now: number) => Answer

export interface Script {
  readonly rest: Rest.Rest
  readonly sent: Array<Sent>
}

const encoder = new TextEncoder()

export const bytes = (body: unknown): Uint8Array =>
  body === undefined
    ? new Uint8Array(0)
    : encoder.encode(typeof body === "string" ? body : JSON.stringify(body))

export const transport = (
  server: Server,
  travel: (request: Transport.Request, n: number) => number,
): Effect.Effect<{ readonly transport: Transport.Transport; readonly sent: Array<Sent> }> =>
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const sent: Array<Sent> = []
    return {
      sent,
      transport: {
        send: (request, onResponse, onFailure) => {
          const entry: Sent = { ...request, at: clock.unsafeCurrentTimeMillis(), aborted: false }
          const arrival = travel(request, sent.length)
          sent.push(entry)
          let settled = false
          const fiber = fork(
            Effect.gen(function* () {
              yield* Effect.sleep(arrival)
              const answer = server(entry, clock.unsafeCurrentTimeMillis())
              if (answer.instead === "hang") return yield* Effect.never
              yield* Effect.sleep(answer.latency ?? 0)
              settled = true
              if (answer.instead !== undefined) {
                const unsent = answer.instead === "refused"
                return onFailure({
                  code: unsent ? "ECONNREFUSED" : "UND_ERR_SOCKET",
                  sent: !unsent,
                  cause: undefined,
                })
              }
              onResponse({
                status: answer.status ?? 200,
                headers: answer.headers ?? {},
                body: bytes(answer.body),
              })
            }),
          )
          return () => {
            if (settled) return
            entry.aborted = true
            fiber.unsafeInterruptAsFork(fiber.id())
          }
        },
      },
    }
  })

export const token = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0.abcdef.a-very-secret-token-of-a-bot-0123456789"

/** The edge over a scripted Discord, for the current scope. */
export const make = (
  server: Server,
  options: Partial<Rest.Options> = {},
  travel: (request: Transport.Request, n: number) => number = () => 5,
): Effect.Effect<Script, never, Scope.Scope> =>
  Effect.gen(function* () {
    const made = yield* transport(server, travel)
    const context = yield* Layer.build(
      Rest.layer({ apiUrl: "https://discord.test/api", token: Redacted.make(token), ...options }).pipe(
        Layer.provide(Layer.succeed(Transport.Transport, made.transport)),
        Layer.provide(Timers.layer),
      ),
    )
    return { rest: Context.get(context, Rest.Rest), sent: made.sent }
  })
