/**
 * The promises of the edge, held against a Discord that answers, refuses, loses and hangs as it likes.
 */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Random } from "effect"
import * as fc from "effect/FastCheck"
import type { RestError } from "../../src/DiscordError.js"
import * as Route from "../../src/rest/Route.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Script from "./Script.js"

const routes = [
  ["POST", "/channels/1/messages"],
  ["POST", "/channels/2/messages"],
  ["PATCH", "/channels/1"],
  ["DELETE", "/channels/1/messages/5"],
  ["GET", "/channels/1"],
  ["POST", "/webhooks/7/tok"],
  ["POST", "/guilds/3/roles"],
  ["POST", "/interactions/ID/tok/callback"],
] as const

type Fate = "ok" | "late" | "lost" | "refused" | "broken" | "denied" | "429" | "global" | "hang" | "4xx"

const fates = fc.array(
  fc.record({
    fate: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Fate>("ok") },
      {
        weight: 5,
        arbitrary: fc.constantFrom<Fate>(
          "late",
          "lost",
          "refused",
          "broken",
          "denied",
          "429",
          "global",
          "hang",
          "4xx",
        ),
      },
    ),
    travel: fc.integer({ min: 0, max: 400 }),
    latency: fc.integer({ min: 0, max: 400 }),
  }),
  { minLength: 1, maxLength: 25 },
)

const calls = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 2_000 }),
    route: fc.nat({ max: routes.length - 1 }),
    /** Milliseconds after which its caller gives up. */
    interrupt: fc.option(fc.integer({ min: 0, max: 6_000 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
)

/** How often the server acted on each call: what a person in the channel would see. */
class Effects {
  readonly seen = new Map<string, number>()
  private readonly nonces = new Set<string>()
  /** False where it was recognised as a repetition. */
  act(id: string, request: Script.Sent): boolean {
    const nonce = typeof request.body === "string" ? /"nonce":"(\w+)"/.exec(request.body)?.[1] : undefined
    const key = nonce ?? (request.path.includes("/callback") ? request.path : undefined)
    if (key !== undefined && this.nonces.has(key)) return false
    if (key !== undefined) this.nonces.add(key)
    this.seen.set(id, (this.seen.get(id) ?? 0) + 1)
    return true
  }
}

const idOf = (request: { readonly path: string }): string => /[?&]n=(\d+)/.exec(request.path)?.[1] ?? ""

const answer = (fate: Fate, request: Script.Sent, effects: Effects, latency: number): Script.Answer => {
  const id = idOf(request)
  switch (fate) {
    case "refused":
      return { instead: "refused" }
    case "denied":
      return { status: 503, latency, body: "<html>" }
    case "429":
      return { status: 429, latency, headers: { "retry-after": "1" }, body: { retry_after: 0.8 } }
    case "global":
      return { status: 429, latency, headers: { "retry-after": "1" }, body: { retry_after: 1, global: true } }
    case "4xx":
      return { status: 403, latency, body: { code: 50013, message: "Missing Permissions" } }
    default: {
      const first = effects.act(id, request)
      if (fate === "hang") return { instead: "hang" }
      if (fate === "lost") return { instead: "reset", latency }
      if (fate === "broken") return { status: 500, latency, body: {} }
      if (!first && request.path.includes("/callback")) {
        return { status: 400, latency, body: { code: 40060, message: "Already acknowledged" } }
      }
      return { status: 200, latency: fate === "late" ? latency + 2_000 : latency, body: {} }
    }
  }
}

interface Ended {
  readonly id: string
  readonly order: string
  readonly retry: Route.Retry
  readonly exit: Exit.Exit<unknown, RestError>
}

const play = (
  workload: ReadonlyArray<{ at: number; route: number; interrupt: number | undefined }>,
  network: ReadonlyArray<{ fate: Fate; travel: number; latency: number }>,
) => {
  const effects = new Effects()
  let arrivals = 0
  const program = Effect.scoped(
    Effect.gen(function* () {
      const { rest, sent } = yield* Script.make(
        (request) => {
          const { fate, latency } = network[arrivals++ % network.length]!
          return answer(fate, request, effects, latency)
        },
        { timeout: "5 seconds" },
        (_, n) => network[n % network.length]!.travel,
      )
      const ended = yield* Effect.forEach(
        workload.map((call, n) => ({ ...call, n })),
        ({ at, interrupt, n, route }) =>
          Effect.gen(function* () {
            yield* Effect.sleep(at)
            const [method, template] = routes[route]!
            const path = template.replace("ID", String(n + 100))
            const known = Route.parse(method, path)
            const fiber = yield* Effect.fork(
              rest.request({ method, path, query: { n }, ...(method === "POST" ? { body: { n } } : {}) }),
            )
            if (interrupt !== undefined) {
              yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), interrupt))
            }
            const exit = yield* Fiber.await(fiber)
            const { order, retry } = known
            return { id: String(n), order, retry, exit } satisfies Ended
          }),
        { concurrency: "unbounded" },
      )
      return { ended, inFlight: rest.inFlight(), sent }
    }),
  )
  const { endedAt, exit } = VirtualClock.runSync(Effect.withRandom(program, Random.make(1)))
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return { ...exit.value, effects: effects.seen, endedAt }
}

describe("any mix of calls, latencies, refusals, losses and interruptions", () => {
  it.prop(
    "ends every call with an answer, a typed error or its interruption, and leaves nothing in flight",
    [calls, fates],
    ([workload, network]) => {
      const { endedAt, ended, inFlight } = play(workload, network)
      expect(ended).toHaveLength(workload.length)
      expect(inFlight).toBe(0)
      for (const { exit } of ended) {
        if (Exit.isSuccess(exit)) continue
        if (Cause.isInterruptedOnly(exit.cause)) continue
        expect(exit.cause._tag).toBe("Fail")
        const failure = Cause.failureOption(exit.cause)
        if (failure._tag === "Some") expect(failure.value.userText).not.toBe("")
      }
      expect(endedAt).toBeLessThan(16 * 60_000)
    },
    { fastCheck: { numRuns: 300 } },
  )

  it.prop(
    "shows no effect twice, and none of a call that is told to have succeeded is missing",
    [calls, fates],
    ([workload, network]) => {
      const { effects, ended } = play(workload, network)
      for (const { exit, id, retry } of ended) {
        const seen = effects.get(id) ?? 0
        if (retry !== "safe") expect(seen).toBeLessThanOrEqual(1)
        if (Exit.isSuccess(exit)) expect(seen).toBeGreaterThanOrEqual(1)
      }
    },
    { fastCheck: { numRuns: 500 } },
  )

  it.prop(
    "keeps the calls of one route in order, one at a time",
    [calls, fates],
    ([workload, network]) => {
      const { ended, sent } = play(workload, network)
      const orders = new Map(ended.map(({ id, order }) => [id, order]))
      const startOf = (id: string) => workload[Number(id)]!.at
      const last = new Map<string, string>()
      for (const request of sent) {
        const id = idOf(request)
        const order = orders.get(id) ?? ""
        if (order === "") continue
        const before = last.get(order)
        // Once a later call was sent, an earlier one never is again: neither first nor repeated.
        if (before !== undefined && before !== id) {
          const earlier = startOf(before) - startOf(id) || Number(before) - Number(id)
          expect(earlier).toBeLessThan(0)
        }
        last.set(order, id)
      }
    },
    { fastCheck: { numRuns: 500 } },
  )
})
