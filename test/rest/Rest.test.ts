import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Random } from "effect"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Script from "./Script.js"

/** Runs in virtual time; fails the test where the program fails. */
const run = <A, E>(program: Effect.Effect<A, E, never>) => {
  const { exit, endedAt } = VirtualClock.runSync(Effect.withRandom(program, Random.make(1)), {
    start: 1_700_000_000_000,
  })
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return { value: exit.value, endedAt }
}

const message = { method: "POST", path: "/channels/1/messages", body: { content: "hi" } } as const
const followUp = { method: "POST", path: "/webhooks/1/tok", body: { content: "hi" } } as const
const read = { method: "GET", path: "/channels/1" } as const

describe("request", () => {
  it("sends JSON with the token and gives back status and JSON", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ body: { id: "7" } }))
          const answer = yield* rest.request({
            method: "PATCH",
            path: "/channels/1",
            body: { name: "quay" },
            query: { a: 1, b: undefined },
            reason: "tidy é",
          })
          expect(answer).toMatchObject({ status: 200, json: { id: "7" } })
          expect(sent).toHaveLength(1)
          expect(sent[0]).toMatchObject({
            method: "PATCH",
            path: "/api/v10/channels/1?a=1",
            body: '{"name":"quay"}',
            lane: "ordinary",
            headers: {
              authorization: `Bot ${Script.token}`,
              "content-type": "application/json",
              "x-audit-log-reason": "tidy%20%C3%A9",
            },
          })
          expect(rest.inFlight()).toBe(0)
          expect(rest.latency()).toBe(5)
        }),
      ),
    )
  })

  it("gives undefined for an empty answer, and MalformedAnswer for one that is no JSON", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make((request) =>
            request.method === "DELETE" ? { status: 204 } : { body: `<html>${Script.token}` },
          )
          expect((yield* rest.request({ method: "DELETE", path: "/channels/1" })).json).toBeUndefined()
          const error = yield* Effect.flip(rest.request(read))
          expect(error).toMatchObject({ _tag: "MalformedAnswer", route: "GET /channels/1", status: 200 })
          expect(JSON.stringify(error) + String(error)).not.toContain(Script.token)
        }),
      ),
    )
  })

  it("sends without the token where told to", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 204 }))
          yield* rest.request({ ...followUp, auth: false })
          expect(sent[0]?.headers["authorization"]).toBeUndefined()
        }),
      ),
    )
  })

  it("fails with the typed error of an answer, without repeating it", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({
            status: 403,
            body: { code: 50013, message: "Missing Permissions" },
          }))
          const error = yield* Effect.flip(rest.request(message))
          expect(error).toMatchObject({
            _tag: "MissingPermissions",
            code: 50013,
            route: "POST /channels/1/messages",
          })
          expect(sent).toHaveLength(1)
        }),
      ),
    )
  })

  it("repeats what is safe after 5xx, with growing pauses, and ends with ServerError", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 502, body: "<html>Bad gateway</html>" }))
          expect(yield* Effect.flip(rest.request(read))).toMatchObject({ _tag: "ServerError", status: 502 })
          expect(sent).toHaveLength(4)
          const pauses = sent.slice(1).map((one, n) => one.at - sent[n]!.at - 5)
          pauses.forEach((pause, n) => {
            expect(pause).toBeGreaterThanOrEqual(250 * 2 ** n)
            expect(pause).toBeLessThanOrEqual(500 * 2 ** n)
          })
        }),
      ),
    )
    expect(endedAt).toBeLessThan(4_000)
  })

  it("repeats a message with the same enforced nonce", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest, sent } = yield* Script.make(() => (n++ === 0 ? { instead: "reset" } : { body: {} }))
          yield* rest.request(message)
          expect(sent).toHaveLength(2)
          expect(sent[0]!.body).toBe(sent[1]!.body)
          const body = JSON.parse(String(sent[0]!.body)) as Record<string, unknown>
          expect(body).toMatchObject({ content: "hi", enforce_nonce: true })
          expect(String(body["nonce"]).length).toBeLessThanOrEqual(25)
        }),
      ),
    )
  })

  it("never repeats a follow-up whose answer was lost, but does when it was never sent", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const lost = yield* Script.make(() => ({ instead: "reset" }))
          expect(yield* Effect.flip(lost.rest.request(followUp))).toMatchObject({
            _tag: "TransportError",
            sent: true,
            route: "POST /webhooks/1/:token",
          })
          expect(lost.sent).toHaveLength(1)
          let n = 0
          const refused = yield* Script.make(() => (n++ < 2 ? { instead: "refused" } : { body: {} }))
          yield* refused.rest.request(followUp)
          expect(refused.sent).toHaveLength(3)
        }),
      ),
    )
  })

  it("gives a deletion that is found done after a lost answer as done", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest } = yield* Script.make(() =>
            n++ === 0
              ? { instead: "reset" }
              : { status: 404, body: { code: 10008, message: "Unknown Message" } },
          )
          const answer = yield* rest.request({ method: "DELETE", path: "/channels/1/messages/2" })
          expect(answer.status).toBe(204)
          const plain = yield* Effect.flip(rest.request({ method: "DELETE", path: "/channels/1/messages/3" }))
          expect(plain._tag).toBe("UnknownResource")
        }),
      ),
    )
  })

  it("gives it so also where that answer cannot be read", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest } = yield* Script.make(() =>
            n++ === 0 ? { instead: "reset" } : { status: 404, body: "{torn" },
          )
          const answer = yield* rest.request({ method: "DELETE", path: "/channels/1/messages/2" })
          expect(answer.status).toBe(204)
        }),
      ),
    )
  })

  it("times each attempt out, aborting it", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ instead: "hang" }))
          const error = yield* Effect.flip(rest.request({ ...followUp, timeout: "4 seconds" }))
          expect(error).toMatchObject({ _tag: "RequestTimeout", after: 4_000 })
          expect(sent.map((one) => one.aborted)).toEqual([true])
          expect(rest.inFlight()).toBe(0)
        }),
      ),
    )
    expect(endedAt).toBe(4_000)
  })

  it("aborts the request when its caller is interrupted", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ instead: "hang" }))
          const fiber = yield* Effect.fork(rest.request(message))
          yield* Effect.sleep(100)
          expect(rest.inFlight()).toBe(1)
          yield* Fiber.interrupt(fiber)
          expect(sent[0]?.aborted).toBe(true)
          expect(rest.inFlight()).toBe(0)
        }),
      ),
    )
  })
})

describe("limits", () => {
  it("honours Retry-After, and counts nothing as a failure", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest, sent } = yield* Script.make(() =>
            n++ < 5
              ? { status: 429, headers: { "retry-after": "2" }, body: { retry_after: 1.5, global: false } }
              : { body: {} },
          )
          yield* rest.request(followUp)
          expect(sent).toHaveLength(6)
        }),
      ),
    )
    expect(endedAt).toBe(5 * 2_000 + 6 * 5)
  })

  it("ends a 429 without Retry-After as an error at once", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 429, body: "<html>error 1015</html>" }))
          const error = yield* Effect.flip(rest.request(message))
          expect(error).toMatchObject({ _tag: "RateLimited", retryAfter: undefined })
          expect(sent).toHaveLength(1)
        }),
      ),
    )
  })

  it("repeats a 429 of Discord's that does not say for how long, with growing pauses", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 429, body: { message: "Slow down" } }))
          const error = yield* Effect.flip(rest.request(message))
          expect(error).toMatchObject({ _tag: "RateLimited", retryAfter: undefined })
          expect(sent).toHaveLength(4)
        }),
      ),
    )
    expect(endedAt).toBeGreaterThan(1_500)
  })

  it("a 429 after an answer that was lost leaves it as uncertain as it was", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest } = yield* Script.make(() =>
            n++ === 0 ? { status: 503, body: {} } : { status: 429, body: "<html>error 1015</html>" },
          )
          const error = yield* Effect.flip(rest.request({ ...message, method: "GET" }))
          expect(error).toMatchObject({ _tag: "ServerError", status: 503 })
        }),
      ),
    )
  })

  it("fails at once where the wait would be longer than its patience", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make(
            () => ({
              status: 429,
              headers: { "retry-after": "60", "x-ratelimit-scope": "shared" },
              body: {},
            }),
            { patience: "30 seconds" },
          )
          const error = yield* Effect.flip(rest.request(message))
          expect(error).toMatchObject({ _tag: "RateLimited", retryAfter: 60_000 })
        }),
      ),
    )
    expect(endedAt).toBe(5)
  })

  it("bounds the wait behind others too", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make(() => ({ instead: "hang" }), { patience: "10 seconds" })
          const first = yield* Effect.fork(rest.request({ ...message, timeout: "1 hour" }))
          yield* Effect.sleep(1)
          const error = yield* Effect.flip(rest.request(message))
          expect(error._tag).toBe("RateLimited")
          yield* Fiber.interrupt(first)
          expect(rest.inFlight()).toBe(0)
        }),
      ),
    )
    expect(endedAt).toBe(10_001)
  })

  it("pauses everything on a global 429, except what carries its own token", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest, sent } = yield* Script.make(() =>
            n++ === 0
              ? {
                  status: 429,
                  headers: { "retry-after": "10", "x-ratelimit-global": "true" },
                  body: { global: true },
                }
              : { body: {} },
          )
          const start = 1_700_000_000_000
          const first = yield* Effect.fork(rest.request(message))
          yield* Effect.sleep(100)
          yield* Effect.all([rest.request({ method: "GET", path: "/guilds/9" }), rest.request(followUp)], {
            concurrency: "unbounded",
          })
          yield* Fiber.join(first)
          const at = (path: string) =>
            sent.filter((one) => one.path.endsWith(path)).map((one) => one.at - start)
          expect(at("/webhooks/1/tok")).toEqual([100])
          expect(at("/guilds/9")).toEqual([10_005])
          expect(at("/messages")).toEqual([0, 10_005])
        }),
      ),
    )
  })
})

describe("the invalid-request budget", () => {
  it("stops everything at the margin, and says so once for the process", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 403, body: { code: 50001 } }), {
            invalidRequests: 20,
          })
          const fatal = yield* Effect.fork(Effect.flip(rest.fatal))
          for (let n = 0; n < 20; n++) {
            expect((yield* Effect.flip(rest.request(read)))._tag).toBe("MissingAccess")
          }
          expect((yield* Effect.flip(rest.request(read)))._tag).toBe("InvalidRequestBudget")
          const told: Array<unknown> = []
          rest.acknowledge("/interactions/1/t/callback", "{}", (error) => told.push(error?._tag))
          expect(told).toEqual(["InvalidRequestBudget"])
          expect(sent).toHaveLength(20)
          expect(yield* Fiber.join(fatal)).toMatchObject({ count: 20, limit: 10_000 })
        }),
      ),
    )
  })
})

describe("acknowledge", () => {
  const path = "/interactions/1/interaction-token/callback"
  const acknowledge = (rest: Script.Script["rest"]) =>
    Effect.async<string>((resume) => {
      rest.acknowledge(path, "{}", (error) => resume(Effect.succeed(error === null ? "ok" : error._tag)))
    })

  it("goes out at once on the lane of its own, without the bot's token", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest, sent } = yield* Script.make(() => ({ status: 204 }))
          expect(yield* acknowledge(rest)).toBe("ok")
          expect(sent[0]).toMatchObject({
            lane: "acknowledgement",
            path: `/api/v10${path}`,
            at: 1_700_000_000_000,
          })
          expect(sent[0]?.headers["authorization"]).toBeUndefined()
          expect(rest.inFlight()).toBe(0)
        }),
      ),
    )
  })

  it("takes a 40060 after a lost answer for the success that it is, and a first one for an error", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest } = yield* Script.make(() =>
            n++ === 0 ? { instead: "reset" } : { status: 400, body: { code: 40060, message: "already" } },
          )
          expect(yield* acknowledge(rest)).toBe("ok")
          expect(yield* acknowledge(rest)).toBe("AlreadyAcknowledged")
        }),
      ),
    )
  })

  it("times out after 2.5 s and tells whether a repetition helped", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          let n = 0
          const { rest, sent } = yield* Script.make(() =>
            n++ === 0 ? { instead: "hang" } : { status: 404, body: { code: 10062, message: "unknown" } },
          )
          expect(yield* acknowledge(rest)).toBe("UnknownInteraction")
          expect(sent[0]?.aborted).toBe(true)
          expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(2_550)
        }),
      ),
    )
  })

  it("is aborted in every state, and then tells nothing", () => {
    for (const after of [0, 3, 20, 2_520, 6_000]) {
      run(
        Effect.scoped(
          Effect.gen(function* () {
            let n = 0
            const { rest, sent } = yield* Script.make(() =>
              n++ === 0 ? { instead: "reset" } : { instead: "hang" },
            )
            let told = 0
            const abort = rest.acknowledge(path, "{}", () => told++)
            yield* Effect.sleep(after)
            abort()
            abort()
            expect(rest.inFlight()).toBe(0)
            const before = sent.length
            yield* Effect.sleep(60_000)
            expect(sent).toHaveLength(before)
            expect(told).toBe(0)
          }),
        ),
      )
    }
  })

  it("is told when the edge closes", () => {
    const told: Array<unknown> = []
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make(() => ({ instead: "hang" }))
          rest.acknowledge(path, "{}", (error) => told.push(error))
          yield* Effect.sleep(10)
        }),
      ),
    )
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({
      _tag: "TransportError",
      code: "CLOSED",
      route: "POST /interactions/1/:token/callback",
    })
    expect(String(told[0])).not.toContain("interaction-token")
  })
})

describe("onCall", () => {
  it("tells of every settled call, by its display route", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make((request) =>
            request.method === "GET" ? { status: 404, body: { code: 10003 } } : { status: 204 },
          )
          const calls: Array<unknown> = []
          const stop = rest.onCall((call) => calls.push(call))
          yield* rest.request(followUp)
          yield* Effect.flip(rest.request(read))
          rest.acknowledge("/interactions/1/t/callback", "{}", () => {})
          yield* Effect.sleep(50)
          stop()
          yield* rest.request(followUp)
          expect(calls).toEqual([
            { route: "POST /webhooks/1/:token", status: 204, error: undefined, millis: 5 },
            { route: "GET /channels/1", status: 404, error: undefined, millis: 5 },
            { route: "POST /interactions/1/:token/callback", status: 204, error: undefined, millis: 5 },
          ])
        }),
      ),
    )
  })
})
