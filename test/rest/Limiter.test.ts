import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Random } from "effect"
import * as fc from "effect/FastCheck"
import * as Limiter from "../../src/rest/Limiter.js"
import * as Route from "../../src/rest/Route.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Script from "./Script.js"

interface Window {
  readonly limit: number
  readonly length: number
  count: number
  end: number
  /** The answers that tell of this bucket, and when they reach the edge, unless aborted before. */
  readonly told: Array<{ readonly request: Script.Sent; readonly at: number }>
}

/** A server that counts by fixed windows, which begin with their first request, as Discord's headers tell. */
class Counting {
  readonly windows = new Map<string, Window>()
  /** Requests above a limit that the edge knew of when it sent them. */
  violations = 0
  constructor(
    private readonly limits: ReadonlyArray<{ readonly limit: number; readonly length: number }>,
    /**
     * With lost or abandoned answers, the edge can only know a window's length once it has heard of one from its
     * first request on.
     */
    private readonly losing: boolean,
  ) {}

  arrive(request: Script.Sent, now: number, latency: number, lost: boolean): Script.Answer {
    const route = Route.parse(request.method, request.path.slice("/api/v10".length))
    // Reading and writing a message's channel share a bucket, so that two routes have one hash.
    const hash = route.template.replace(/^(?:PATCH|POST) /, "WRITE ").replace("/:id/messages", "/:id")
    const key = `${hash} ${route.major}`
    const kind = this.limits[hash.length % this.limits.length]!
    const window = this.windows.get(key) ?? { ...kind, count: 0, end: 0, told: [] }
    this.windows.set(key, window)
    if (now >= window.end) {
      window.count = 0
      window.end = now + window.length
    }
    const resetAfter = String((window.end - now) / 1_000)
    const headers = (remaining: number) => ({
      "x-ratelimit-bucket": hash,
      "x-ratelimit-limit": String(window.limit),
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-reset-after": resetAfter,
    })
    if (window.count >= window.limit) {
      const known = window.told.some((one) => !one.request.aborted && one.at < request.at)
      if (known) this.violations++
      if (!this.losing) window.told.push({ request, at: now + latency })
      return { status: 429, latency, headers: { ...headers(0), "retry-after": resetAfter }, body: {} }
    }
    window.count++
    if (lost) return { instead: "reset", latency }
    if (!this.losing || window.count === 1) window.told.push({ request, at: now + latency })
    return { latency, headers: headers(window.limit - window.count), body: {} }
  }
}

const routes = [
  ["GET", "/channels/1/messages"],
  ["GET", "/channels/2/messages"],
  ["PATCH", "/channels/1/messages/5"],
  ["PUT", "/guilds/3/bans/9"],
  ["DELETE", "/channels/1/messages/5"],
] as const

const step = fc.record({
  at: fc.integer({ min: 0, max: 4_000 }),
  route: fc.nat({ max: routes.length - 1 }),
  travel: fc.integer({ min: 0, max: 300 }),
  latency: fc.integer({ min: 0, max: 300 }),
  lost: fc.boolean(),
  interrupt: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined, freq: 4 }),
})

const limits = fc.array(
  fc.record({ limit: fc.integer({ min: 1, max: 6 }), length: fc.integer({ min: 200, max: 5_000 }) }),
  { minLength: 1, maxLength: 3 },
)

const run = <A, E>(program: Effect.Effect<A, E>) => {
  const { endedAt, exit } = VirtualClock.runSync(Effect.withRandom(program, Random.make(1)))
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return { value: exit.value, endedAt }
}

describe("Limiter", () => {
  it.prop(
    "never asks a bucket for more than it allows, once its headers are known",
    [fc.array(step, { minLength: 1, maxLength: 60 }), limits, fc.boolean(), fc.boolean()],
    ([made, kinds, losing, leaving]) => {
      const steps = leaving ? made : made.map((one) => ({ ...one, interrupt: undefined }))
      const server = new Counting(kinds, losing || steps.some(({ interrupt }) => interrupt !== undefined))
      let arrivals = 0
      const { value } = run(
        Effect.scoped(
          Effect.gen(function* () {
            const { rest } = yield* Script.make(
              (request, now) => {
                const { latency, lost } = steps[arrivals++ % steps.length]!
                return server.arrive(request, now, latency, lost && losing)
              },
              {},
              (_, n) => steps[n % steps.length]!.travel,
            )
            yield* Effect.forEach(
              steps,
              ({ at, interrupt, route }) =>
                Effect.gen(function* () {
                  yield* Effect.sleep(at)
                  const [method, path] = routes[route]!
                  const fiber = yield* Effect.fork(rest.request({ method, path }))
                  if (interrupt !== undefined)
                    yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), interrupt))
                  return yield* Fiber.await(fiber)
                }),
              { concurrency: "unbounded" },
            )
            return rest.inFlight()
          }),
        ),
      )
      expect(value).toBe(0)
      expect(server.violations).toBe(0)
    },
    { fastCheck: { numRuns: 500 } },
  )

  it.prop(
    "sends at most 50 in any second, whatever the routes, and wastes no second",
    [fc.array(fc.nat({ max: 500 }), { minLength: 51, maxLength: 160 })],
    ([starts]) => {
      const { endedAt, value: sent } = run(
        Effect.scoped(
          Effect.gen(function* () {
            const made = yield* Script.make(() => ({ body: {} }))
            yield* Effect.forEach(
              starts,
              (at, n) => Effect.delay(made.rest.request({ method: "GET", path: `/channels/${n}` }), at),
              { concurrency: "unbounded" },
            )
            return made.sent
          }),
        ),
      )
      const times = sent.map((one) => one.at)
      times.forEach((time, n) => {
        if (n >= 50) expect(time - times[n - 50]!).toBeGreaterThanOrEqual(1_000)
      })
      expect(endedAt).toBeLessThanOrEqual(500 + Math.ceil(starts.length / 50) * 1_000)
    },
    { fastCheck: { numRuns: 50 } },
  )

  it("exempts what carries its own token from the bot's 50 a second", () => {
    const { endedAt } = run(
      Effect.scoped(
        Effect.gen(function* () {
          const { rest } = yield* Script.make(() => ({ body: {} }))
          yield* Effect.forEach(
            Array.from({ length: 300 }, (_, n) => n),
            (n) => rest.request({ method: "POST", path: `/webhooks/1/t${n}`, body: {} }),
            { concurrency: "unbounded" },
          )
        }),
      ),
    )
    expect(endedAt).toBe(5)
  })

  it("passes a place on when who waits for it is interrupted, in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 10 }), (interrupted) => {
        const { value } = run(
          Effect.scoped(
            Effect.gen(function* () {
              const { rest, sent } = yield* Script.make(() => ({ latency: 100, body: {} }))
              const fibers = yield* Effect.forEach(interrupted, (_, n) =>
                Effect.fork(
                  Effect.delay(rest.request({ method: "PATCH", path: "/channels/1", query: { n } }), n),
                ),
              )
              yield* Effect.sleep(50)
              // All at once: some are handed the place in the very moment they are interrupted.
              yield* Fiber.interruptAll(fibers.filter((_, n) => interrupted[n]))
              yield* Effect.forEach(fibers, Fiber.await)
              return sent.map((one) => Number(one.path.split("n=")[1]))
            }),
          ),
        )
        const expected = interrupted.flatMap((gone, n) => (gone && n > 0 ? [] : [n]))
        expect(value).toEqual(expected)
      }),
    )
  })

  it("keeps nothing of routes that carry a token, once they are idle", () => {
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const timers = yield* Timers.make
          const limiter = Limiter.make(timers.lane(), yield* Effect.clock, { globalPerSecond: 50 })
          const answer = {
            status: 200,
            body: new Uint8Array(0),
            headers: {
              "x-ratelimit-bucket": "h",
              "x-ratelimit-limit": "5",
              "x-ratelimit-remaining": "4",
              "x-ratelimit-reset-after": "1",
            },
          }
          for (let n = 0; n < 5_000; n++) {
            const route = Route.parse("POST", `/webhooks/1/token${n}`)
            const send = Effect.as(Effect.sleep(10), answer)
            yield* limiter.inOrder(route, Infinity, limiter.through(route, Infinity, send))
          }
          expect(limiter.size()).toBeLessThanOrEqual(512)
        }),
      ),
    )
  })
})
