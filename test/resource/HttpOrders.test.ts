import { describe, expect, it } from "@effect/vitest"
import {
  Cause,
  Effect,
  Either,
  Exit,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Metric,
  MetricState,
  Option,
  Schedule,
  type Scope,
} from "effect"
import * as fc from "effect/FastCheck"
import * as Http from "../../src/resource/Http.js"
import * as HttpTransport from "../../src/resource/http/Transport.js"
import * as RateStore from "../../src/resource/RateStore.js"
import * as Explore from "../../src/testing/Explore.js"

/** What the other side does with one request. */
interface Plan {
  /** Milliseconds; it never answers if undefined. */
  readonly takes: number | undefined
  /** 0: no connection. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

interface Sent {
  readonly at: number
  readonly path: string
}

interface Other {
  readonly upstream: Http.Upstream
  /** What went out, in order. */
  readonly sent: ReadonlyArray<Sent>
  /** The most that were under way at once. */
  readonly most: () => number
  readonly now: Effect.Effect<number>
}

/** An upstream on another side that does with its requests as planned, one plan each, the last one for ever. */
const against = <A, E>(
  plan: (n: number, path: string) => Plan,
  options: Partial<Http.UpstreamOptions>,
  use: (other: Other) => Effect.Effect<A, E, Scope.Scope>,
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const sent: Array<Sent> = []
    let running = 0
    let most = 0
    const clock = yield* Effect.clock
    const now = Effect.sync(() => clock.unsafeCurrentTimeMillis())
    const transport: HttpTransport.Transport = {
      send: ({ url }) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            sent.push({ at: clock.unsafeCurrentTimeMillis(), path: url.pathname })
            running++
            most = Math.max(most, running)
            return plan(sent.length - 1, url.pathname)
          }),
          ({ headers = {}, status, takes }) =>
            takes === undefined
              ? Effect.never
              : Effect.delay(
                  status === 0
                    ? Effect.fail(new HttpTransport.Unanswered({ reason: "ECONNREFUSED", malformed: false }))
                    : Effect.succeed({ status, headers, body: new TextEncoder().encode("{}") }),
                  takes,
                ),
          () => Effect.sync(() => running--),
        ),
    }
    const upstream = yield* Effect.flatMap(Http.Http, (http) =>
      http.upstream({ name: "harbour", baseUrl: "https://harbour.example/api", ...options }),
    ).pipe(
      Effect.provide(
        Http.layerOver.pipe(
          Layer.provide(Layer.succeed(HttpTransport.Transport, transport)),
          Layer.provide(RateStore.layerMemory),
        ),
      ),
    )
    const result = yield* use({ upstream, sent, most: () => most, now })
    // Whatever happened, no place is held and nobody waits.
    expect(upstream.status()).toMatchObject({ running: 0, waiting: 0 })
    expect(running).toBe(0)
    return result
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None))

const once = Schedule.recurs(0)
const status = fc.constantFrom(0, 200, 204, 304, 404, 429, 500, 501, 503)

describe("an upstream in virtual time", () => {
  it("never goes on beyond its deadline, nor tries more often than it may", () =>
    Explore.checkSync(
      {
        within: fc.integer({ min: 1, max: 5_000 }),
        tryWithin: fc.integer({ min: 1, max: 5_000 }),
        post: fc.boolean(),
        plans: fc.array(
          fc.record({
            takes: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
            status,
            after: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
          }),
          { minLength: 1, maxLength: 5 },
        ),
      },
      ({ plans, post, tryWithin, within }) =>
        against(
          (n) => {
            const { after, ...plan } = plans[Math.min(n, plans.length - 1)]!
            return { ...plan, headers: after === undefined ? {} : { "retry-after": String(after) } }
          },
          { within, tryWithin },
          ({ now, sent, upstream }) =>
            Effect.gen(function* () {
              const exit = yield* Effect.exit(upstream.request(post ? "POST" : "GET", "/"))
              const end = yield* now
              expect(end).toBeLessThanOrEqual(within)
              expect(sent.length).toBeLessThanOrEqual(post ? 1 : 3)
              // What decides is the last request that went out.
              const last = plans[Math.min(sent.length, plans.length) - 1]!
              const fine = last.status !== 0 && last.status < 400
              if (Exit.isSuccess(exit)) {
                expect(fine).toBe(true)
                return
              }
              const error = Option.getOrThrow(Cause.failureOption(exit.cause))
              if (error._tag === "HttpRefused") expect(error.status).toBe(last.status)
              else if (error._tag === "HttpUnreachable") expect(last.status).toBe(0)
              else if (error._tag === "HttpLimited") {
                expect(last.status).toBe(429)
                expect(error.retryAt).toBeGreaterThanOrEqual(end)
              } else expect(error._tag).toBe("HttpTimeout")
              // What may pass is not given up while there is time, and tries, for it.
              const passes =
                last.status === 0 || last.status === 429 || last.status === 500 || last.status === 503
              if (
                !post &&
                passes &&
                error._tag !== "HttpTimeout" &&
                last.after === undefined &&
                within - end > 500
              )
                expect(sent).toHaveLength(3)
            }),
        ),
      { runs: 200 },
    ))

  it("asks in the order of arrival, so many at once, whoever gives up meanwhile", () =>
    Explore.checkSync(
      {
        concurrency: fc.integer({ min: 1, max: 4 }),
        calls: fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: 50 }),
            takes: fc.integer({ min: 0, max: 40 }),
            patience: fc.integer({ min: 0, max: 200 }),
          }),
          { minLength: 1, maxLength: 15 },
        ),
      },
      ({ calls, concurrency }) =>
        against(
          (_, path) => ({ takes: calls[Number(path.slice("/api/".length))]!.takes, status: 200 }),
          { concurrency },
          ({ most, sent, upstream }) =>
            Effect.gen(function* () {
              const order = calls.map((call, index) => ({ ...call, index })).sort((a, b) => a.at - b.at)
              const fibers = yield* Effect.forEach(order, ({ at, index, patience }) =>
                Effect.fork(Effect.delay(Effect.timeoutOption(upstream.get(`/${index}`), patience), at)),
              )
              yield* Fiber.joinAll(fibers)
              const asked = sent.map(({ path }) => Number(path.slice("/api/".length)))
              const expected = order.map(({ index }) => index).filter((index) => asked.includes(index))
              expect(asked).toEqual(expected)
              expect(most()).toBeLessThanOrEqual(concurrency)
            }),
        ),
      { runs: 200 },
    ))

  it("stops asking after so many failures in a row, and lets one call try", () =>
    Explore.checkSync(
      {
        failures: fc.integer({ min: 1, max: 4 }),
        rest: fc.integer({ min: 1, max: 1_000 }),
        calls: fc.array(fc.record({ gap: fc.integer({ min: 0, max: 700 }), status }), {
          minLength: 1,
          maxLength: 40,
        }),
      },
      ({ calls, failures, rest }) =>
        against(
          () => ({ takes: 0, status: next }),
          { retry: once, breaker: { failures, rest } },
          ({ now, sent, upstream }) =>
            Effect.gen(function* () {
              // What the breaker should be, in five lines.
              let inARow = 0
              let openUntil: number | undefined
              for (const call of calls) {
                yield* Effect.sleep(call.gap)
                const at = yield* now
                const asked = openUntil === undefined || at >= openUntil
                next = call.status
                const before = sent.length
                const exit = yield* Effect.exit(upstream.get("/"))
                expect(sent.length - before).toBe(asked ? 1 : 0)
                if (!asked) {
                  expect(exit).toMatchObject(
                    Exit.fail({ _tag: "HttpBroken", upstream: "harbour", retryAt: openUntil }),
                  )
                  continue
                }
                const failed = [0, 500, 503].includes(call.status)
                inARow = failed ? inARow + 1 : 0
                openUntil = failed && (openUntil !== undefined || inARow >= failures) ? at + rest : undefined
                expect(upstream.status().breaker).toBe(openUntil === undefined ? "closed" : "open")
              }
            }),
        ),
      { runs: 200 },
    ))
  let next = 200

  it("goes on asking one that answers all it is asked, however many wait in our own line", () =>
    Explore.checkSync(
      {
        calls: fc.integer({ min: 1, max: 40 }),
        concurrency: fc.integer({ min: 1, max: 8 }),
        takes: fc.integer({ min: 1, max: 9_999 }),
      },
      ({ calls, concurrency, takes }) =>
        against(
          () => ({ takes, status: 200 }),
          { concurrency, breaker: { failures: 1, rest: "30 seconds" } },
          ({ upstream }) =>
            Effect.gen(function* () {
              const ends = yield* Effect.forEach(
                Array.from({ length: calls }),
                () => Effect.either(upstream.get("/")),
                { concurrency: "unbounded" },
              )
              for (const end of ends) if (Either.isLeft(end)) expect(end.left._tag).toBe("HttpTimeout")
              expect(upstream.status().breaker).toBe("closed")
              expect((yield* upstream.get("/")).status).toBe(200)
            }),
        ),
      { runs: 100 },
    ))

  it("lets only one call try, and another where that one was interrupted", () =>
    Explore.checkSync({ callers: fc.integer({ min: 2, max: 10 }) }, ({ callers }) =>
      against(
        (n) =>
          n === 0
            ? { takes: 0, status: 500 }
            : n === 1
              ? { takes: undefined, status: 0 }
              : { takes: 5, status: 200 },
        { retry: once, breaker: { failures: 1, rest: "1 second" }, concurrency: 20 },
        ({ sent, upstream }) =>
          Effect.gen(function* () {
            yield* Effect.ignore(upstream.get("/"))
            yield* Effect.sleep("1 second")
            const probe = yield* Effect.fork(upstream.get("/"))
            yield* Effect.sleep(1)
            expect(upstream.status().breaker).toBe("half-open")
            const tags = yield* Effect.replicateEffect(Effect.flip(upstream.get("/")), callers)
            expect(tags.every(({ _tag }) => _tag === "HttpBroken")).toBe(true)
            expect(sent).toHaveLength(2)
            yield* Fiber.interrupt(probe)
            expect((yield* upstream.get("/")).status).toBe(200)
            expect(upstream.status().breaker).toBe("closed")
          }),
      ),
    ))

  it("keeps to its rate, and refuses at once what would have to wait too long", () =>
    Explore.checkSync(
      {
        limit: fc.integer({ min: 1, max: 5 }),
        windowMillis: fc.integer({ min: 10, max: 2_000 }),
        within: fc.integer({ min: 1, max: 1_000 }),
        at: fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 30 }),
      },
      ({ at, limit, windowMillis, within }) =>
        against(
          () => ({ takes: 0, status: 200 }),
          { rate: { limit, windowMillis }, within, retry: once },
          ({ now, sent, upstream }) =>
            Effect.gen(function* () {
              yield* Effect.forEach(
                at,
                (start) =>
                  Effect.gen(function* () {
                    yield* Effect.sleep(start)
                    const exit = yield* Effect.exit(upstream.get("/"))
                    const end = yield* now
                    expect(end - start).toBeLessThanOrEqual(within)
                    if (Exit.isSuccess(exit)) return
                    const error = Option.getOrThrow(Cause.failureOption(exit.cause))
                    expect(["HttpLimited", "HttpTimeout"]).toContain(error._tag)
                    if (error._tag === "HttpLimited") expect(error.retryAt).toBeGreaterThanOrEqual(end)
                  }),
                { concurrency: "unbounded" },
              )
              // In any stretch no more than a full bucket and what came in meanwhile.
              sent.forEach((from, i) => {
                sent.slice(i).forEach((to, n) => {
                  expect(n + 1).toBeLessThanOrEqual(limit + ((to.at - from.at) * limit) / windowMillis + 1e-6)
                })
              })
            }),
        ),
      { runs: 200 },
    ))

  it("leaves an upstream alone that has said so, for all calls, and an hour at most", () =>
    Explore.checkSync({ seconds: fc.integer({ min: 0, max: 100_000 }) }, ({ seconds }) =>
      against(
        (n) =>
          n === 0
            ? { takes: 0, status: 429, headers: { "retry-after": String(seconds) } }
            : { takes: 0, status: 200 },
        { within: "30 seconds", rate: { limit: 100, windowMillis: 1_000 } },
        ({ now, sent, upstream }) =>
          Effect.gen(function* () {
            const first = yield* Effect.exit(upstream.get("/"))
            const until = Math.min(seconds, 3_600) * 1_000
            if (seconds < 30) {
              expect(Exit.isSuccess(first)).toBe(true)
              expect(sent[1]!.at).toBeGreaterThanOrEqual(until)
              return
            }
            expect(yield* now).toBe(0)
            expect(first).toMatchObject(Exit.fail({ _tag: "HttpLimited", retryAt: seconds * 1_000 }))
            expect(yield* Effect.flip(upstream.get("/other"))).toMatchObject({
              _tag: "HttpLimited",
              retryAt: until,
            })
            yield* Effect.sleep(until)
            expect((yield* upstream.get("/other")).status).toBe(200)
            expect(sent).toHaveLength(2)
          }),
      ),
    ))

  it("knows after a restart that it may not ask", () =>
    Explore.checkSync({ seconds: fc.integer({ min: 11, max: 3_600 }) }, ({ seconds }) =>
      Effect.gen(function* () {
        const store = yield* RateStore.makeMemory
        let asked = 0
        const run = <A, E>(use: (upstream: Http.Upstream) => Effect.Effect<A, E>) =>
          Effect.flatMap(Http.Http, (http) =>
            http.upstream({
              name: "harbour",
              baseUrl: "https://harbour.example",
              rate: { limit: 10, windowMillis: 1_000 },
            }),
          ).pipe(
            Effect.flatMap(use),
            Effect.scoped,
            Effect.provide(
              Http.layerOver.pipe(
                Layer.provide(
                  Layer.succeed(HttpTransport.Transport, {
                    send: () => {
                      asked++
                      const headers = { "retry-after": String(seconds) }
                      return Effect.succeed({
                        status: asked === 1 ? 429 : 200,
                        headers,
                        body: new Uint8Array(),
                      })
                    },
                  }),
                ),
                Layer.provide(Layer.succeed(RateStore.RateStore, store)),
              ),
            ),
          )
        const limited = { _tag: "HttpLimited", retryAt: seconds * 1_000 }
        expect(yield* run((upstream) => Effect.flip(upstream.get("/")))).toMatchObject(limited)
        expect(yield* run((upstream) => Effect.flip(upstream.get("/")))).toMatchObject(limited)
        expect(asked).toBe(1)
        yield* Effect.sleep(seconds * 1_000)
        expect((yield* run((upstream) => upstream.get("/"))).status).toBe(200)
      }),
    ))

  it("counts its calls by how they ended", () =>
    Explore.checkSync(
      { statuses: fc.array(fc.constantFrom(0, 200, 404), { maxLength: 8 }), name: fc.uuid() },
      ({ name, statuses }) =>
        against(
          (n) => ({ takes: 3, status: statuses[n]! }),
          { name, retry: once, breaker: { failures: 100, rest: 1 } },
          ({ upstream }) =>
            Effect.gen(function* () {
              yield* Effect.forEach(statuses, () => Effect.ignore(upstream.get("/")))
              yield* Effect.ignore(upstream.get("nowhere"))
              const counted = (yield* Metric.snapshot).flatMap(({ metricKey, metricState }) => {
                const tags = Object.fromEntries([...metricKey.tags].map(({ key, value }) => [key, value]))
                return metricKey.name === "bosun_http_calls_total" &&
                  tags["upstream"] === name &&
                  MetricState.isCounterState(metricState)
                  ? [[tags["outcome"], metricState.count]]
                  : []
              })
              const count = (status: number) => statuses.filter((one) => one === status).length
              const expected = {
                answered: count(200),
                refused: count(404),
                unreachable: count(0),
                outside: 1,
              }
              expect(Object.fromEntries(counted)).toEqual(
                Object.fromEntries(Object.entries(expected).filter(([, times]) => times > 0)),
              )
            }),
        ),
      { runs: 20 },
    ))

  it("waits in line no longer than it may", () =>
    Explore.checkSync({ within: fc.integer({ min: 1, max: 100 }) }, ({ within }) =>
      against(
        () => ({ takes: undefined, status: 0 }),
        { within, concurrency: 1, retry: once, breaker: { failures: 100, rest: 1 } },
        ({ now, sent, upstream }) =>
          Effect.gen(function* () {
            yield* Effect.all(
              [1, 2, 3].map(() => Effect.flip(upstream.get("/"))),
              { concurrency: 3 },
            )
            expect(yield* now).toBe(within)
            expect(sent).toHaveLength(1)
          }),
      ),
    ))

  it("sends nothing where the path leaves the base URL", () =>
    Explore.checkSync(
      {
        path: fc.constantFrom(
          "boats",
          "//evil.example/",
          "/../secret",
          "/%2e%2E/secret",
          "/a/..%2fsecret",
          "/\\evil",
          "/a?b=c",
          "/a#b",
          "/a b",
          "/\u0000",
        ),
      },
      ({ path }) =>
        against(
          () => ({ takes: 0, status: 200 }),
          {},
          ({ sent, upstream }) =>
            Effect.gen(function* () {
              expect((yield* Effect.flip(upstream.get(path)))._tag).toBe("HttpOutside")
              expect(sent).toEqual([])
            }),
        ),
    ))

  it("dies where its base URL cannot be used", () => {
    for (const baseUrl of [
      "harbour",
      "ftp://x.example",
      "https://a:b@x.example",
      "https://x.example/?key=1",
    ]) {
      const exit = Effect.runSyncExit(
        against(
          () => ({ takes: 0, status: 200 }),
          { baseUrl },
          () => Effect.void,
        ),
      )
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(
        "The base URL of harbour cannot be used",
      )
    }
  })
})
