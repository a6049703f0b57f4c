/**
 * A model of what Discord does with one interaction, as a REST transport in virtual time: the 3 seconds, the
 * first response, `@original`, follow-ups. Each call takes the next latency; some answers get lost.
 */
import { Clock, Effect, Fiber, Runtime } from "effect"
import { type Request, type Response, type Transport } from "../../src/rest/Transport.js"

export interface Shown {
  text: string
  ephemeral: boolean
}

/** What happens to one call: `lost` arrives but its answer does not, `dropped` never arrives. */
export interface Turn {
  readonly latency: number
  readonly fate: "arrives" | "lost" | "dropped" | "unavailable"
}

export interface Model {
  readonly transport: Transport
  /** Everything that the person sees. */
  readonly visible: () => ReadonlyArray<Shown>
  /** A "thinking…" that was never resolved. */
  readonly thinking: () => boolean
  readonly calls: () => ReadonlyArray<string>
}

const json = (status: number, body?: unknown): Response => ({
  status,
  headers: body === undefined ? {} : { "content-type": "application/json" },
  body: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)),
})

export const make = (turns: ReadonlyArray<Turn>): Effect.Effect<Model> =>
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const createdAt = clock.unsafeCurrentTimeMillis()
    const calls: Array<string> = []
    const messages: Array<Shown> = []
    let acknowledged = false
    let original: Shown | "thinking" | undefined
    let deferredPrivately = false
    let next = 0

    const apply = (request: Request): Response => {
      const body: {
        readonly type?: number
        readonly content?: string
        readonly flags?: number
        readonly data?: { readonly content?: string; readonly flags?: number }
      } = typeof request.body === "string" ? JSON.parse(request.body) : {}
      if (request.path.includes("/callback")) {
        if (acknowledged)
          return json(400, { code: 40060, message: "Interaction has already been acknowledged." })
        if (clock.unsafeCurrentTimeMillis() - createdAt > 3_000) {
          return json(404, { code: 10062, message: "Unknown interaction" })
        }
        acknowledged = true
        const ephemeral = ((body.data?.flags ?? 0) & 64) !== 0
        if (body.type === 5) {
          original = "thinking"
          deferredPrivately = ephemeral
        } else {
          original = { text: body.data?.content ?? "", ephemeral }
        }
        return json(204)
      }
      if (request.path.includes("original")) {
        if (original === undefined) return json(404, { code: 10008, message: "Unknown Message" })
        if (request.method === "GET") return json(200, { id: "1" })
        if (request.method === "DELETE") {
          original = undefined
          return json(204)
        }
        original = { text: body.content ?? "", ephemeral: deferredPrivately }
        return json(200, { id: "1" })
      }
      if (!acknowledged) return json(404, { code: 10015, message: "Unknown Webhook" })
      messages.push({ text: body.content ?? "", ephemeral: ((body.flags ?? 0) & 64) !== 0 })
      return json(200, { id: "2" })
    }

    return {
      visible: () => (typeof original === "object" ? [original, ...messages] : messages),
      thinking: () => original === "thinking",
      calls: () => calls,
      transport: {
        send: (request, onResponse, onFailure) => {
          const turn = turns[next++] ?? { latency: 10, fate: "arrives" }
          calls.push(`${request.method} ${request.path.split("/").slice(3, 4).join("")} ${turn.fate}`)
          const fiber = fork(
            Effect.gen(function* () {
              yield* Effect.sleep(turn.latency / 2)
              if (turn.fate === "dropped")
                return onFailure({ code: "ECONNREFUSED", sent: false, cause: undefined })
              if (turn.fate === "unavailable") {
                yield* Effect.sleep(turn.latency / 2)
                return onResponse(json(503, { code: 0, message: "unavailable" }))
              }
              const response = apply(request)
              yield* Effect.sleep(turn.latency / 2)
              if (turn.fate === "lost")
                return onFailure({ code: "UND_ERR_SOCKET", sent: true, cause: undefined })
              return onResponse(response)
            }),
          )
          return () => {
            fork(Fiber.interrupt(fiber))
          }
        },
      },
    }
  })
