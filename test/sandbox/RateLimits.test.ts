import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import type { Response } from "../../src/sandbox/rest/Rest.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

const setUp = Effect.map(Sandbox, (sandbox) => {
  const channel = (name: string) =>
    [...sandbox.world.channels.values()].find((one) => one.name === name)?.id ?? ""
  return {
    sandbox,
    general: channel("general"),
    tryouts: channel("tryouts"),
    call: (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body),
  }
})

/** One request, whatever comes back. */
const raw = (sandbox: SandboxModule.Sandbox, method: string, path: string, token = "Bot any") =>
  Effect.async<Response>((resume) =>
    Effect.sync(
      sandbox.handle(
        { method, path: `/api/v10${path}`, headers: { authorization: token }, body: null },
        (answer) => resume(Effect.succeed(answer)),
      ),
    ),
  )

const statuses = (answers: ReadonlyArray<InProcess.Answer>) => answers.map(({ status }) => status)

describe("RateLimits", () => {
  it.scoped("tells the bucket on every answer, and counts it down by channel", () =>
    Effect.gen(function* () {
      const { call, general, tryouts } = yield* setUp
      const send = (id: string) => call("POST", `/channels/${id}/messages`, { content: "x" })
      const first = yield* send(general)
      expect(first.headers).toMatchObject({
        "x-ratelimit-limit": "5",
        "x-ratelimit-remaining": "4",
        "x-ratelimit-reset-after": "5.000",
      })
      const refused = yield* call("POST", `/channels/${general}/messages`, {})
      expect([refused.status, refused.headers["x-ratelimit-remaining"]]).toEqual([400, "3"])
      const others = yield* Effect.all([send(general), send(general), send(general), send(general)])
      expect(statuses(others)).toEqual([200, 200, 200, 429])
      const elsewhere = yield* send(tryouts)
      expect([elsewhere.status, elsewhere.headers["x-ratelimit-remaining"]]).toEqual([200, "4"])
      expect(elsewhere.headers["x-ratelimit-bucket"]).toBe(first.headers["x-ratelimit-bucket"])
      yield* TestClock.adjust("2500 millis")
      const late = yield* send(general)
      expect(late).toMatchObject({
        status: 429,
        headers: { "retry-after": "3", "x-ratelimit-scope": "user", "x-ratelimit-remaining": "0" },
        body: { message: "You are being rate limited.", retry_after: 2.5, global: false },
      })
      yield* TestClock.adjust("2500 millis")
      expect((yield* send(general)).status).toBe(200)
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("refuses the 51st request of a second, interactions aside", () =>
    Effect.gen(function* () {
      const { call, sandbox } = yield* setUp
      const users = [...sandbox.world.users.keys()]
      const limits = yield* Effect.forEach(Array.from({ length: 51 }), (_, n) =>
        call("GET", n % 2 === 0 ? "/users/@me" : `/users/${users[0] ?? ""}`),
      )
      expect(statuses(limits).filter((status) => status === 200).length).toBe(50)
      const last = limits.at(-1)
      expect(last).toMatchObject({
        status: 429,
        headers: { "x-ratelimit-global": "true", "x-ratelimit-scope": "global", "retry-after": "1" },
        body: { global: true },
      })
      expect(last?.headers).not.toHaveProperty("x-ratelimit-bucket")
      const callback = yield* call("POST", "/interactions/1/none/callback", { type: 5 })
      expect(callback.status).toBe(404)
      yield* TestClock.adjust("1 second")
      expect((yield* call("GET", "/users/@me")).status).toBe(200)
    }).pipe(
      Effect.provide(
        SandboxModule.layer({
          limits: {
            routes: {
              "GET /users/@me": { count: 100, millis: 1_000 },
              "GET /users/:user": { count: 100, millis: 1_000 },
            },
          },
        }),
      ),
    ),
  )

  it.scoped("gives reactions one bucket, one in 250 ms", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const { body } = yield* call("POST", `/channels/${general}/messages`, { content: "x" })
      const at = `/channels/${general}/messages/${String((body as { id: string }).id)}/reactions/%F0%9F%91%8D/@me`
      const added = yield* call("PUT", at)
      expect([
        added.status,
        added.headers["x-ratelimit-limit"],
        added.headers["x-ratelimit-reset-after"],
      ]).toEqual([204, "1", "0.250"])
      expect((yield* call("DELETE", at)).body).toMatchObject({ retry_after: 0.25 })
      yield* TestClock.adjust("250 millis")
      const removed = yield* call("DELETE", at)
      expect(removed.status).toBe(204)
      expect(removed.headers["x-ratelimit-bucket"]).toBe(added.headers["x-ratelimit-bucket"])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("deletes fresh, usual and old messages by buckets of their own", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const send = Effect.map(call("POST", `/channels/${general}/messages`, { content: "x" }), ({ body }) =>
        String((body as { id: string }).id),
      )
      const bucket = (id: string) =>
        Effect.map(call("DELETE", `/channels/${general}/messages/${id}`), ({ headers, status }) => ({
          status,
          limit: headers["x-ratelimit-limit"],
          name: headers["x-ratelimit-bucket"],
        }))
      const [fresh, usual, old] = yield* Effect.all([send, send, send])
      const first = yield* bucket(fresh ?? "")
      yield* TestClock.adjust("1 hour")
      const second = yield* bucket(usual ?? "")
      yield* TestClock.adjust("15 days")
      const third = yield* bucket(old ?? "")
      expect([first, second, third].map(({ status }) => status)).toEqual([204, 204, 204])
      expect(new Set([first, second, third].map(({ name }) => name)).size).toBe(3)
      expect([first.limit, third.limit]).toEqual(["3", "30"])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("lets a channel's name and topic change twice in ten minutes, other things oftener", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const change = (body: unknown) => call("PATCH", `/channels/${general}`, body)
      const changes = [{ name: "one" }, { topic: "two" }, { name: "three" }, { rate_limit_per_user: 5 }]
      const answers = yield* Effect.forEach(changes, change)
      expect(statuses(answers)).toEqual([200, 200, 429, 200])
      expect(answers[2]).toMatchObject({
        headers: { "retry-after": "600", "x-ratelimit-scope": "shared" },
        body: { retry_after: 600, global: false },
      })
      yield* TestClock.adjust("10 minutes")
      expect((yield* change({ name: "three" })).status).toBe(200)
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("bans whoever sends too many invalid requests, shared limits aside, until the window ends", () =>
    Effect.gen(function* () {
      const { call, general, sandbox } = yield* setUp
      const change = call("PATCH", `/channels/${general}`, { name: "again" })
      expect(statuses(yield* Effect.all([change, change, change, change]))).toEqual([200, 200, 429, 429])
      const wrong = raw(sandbox, "GET", "/users/@me", "Bearer x")
      const answers = yield* Effect.all([wrong, wrong, wrong])
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
      yield* TestClock.adjust("4 minutes")
      for (const path of ["/users/@me", "/gateway", "/nowhere"]) {
        const banned = yield* raw(sandbox, "GET", path)
        expect([banned.status, banned.headers["content-type"], banned.headers["retry-after"]]).toEqual([
          429,
          "text/html; charset=UTF-8",
          "360",
        ])
      }
      yield* TestClock.adjust("6 minutes")
      expect((yield* raw(sandbox, "GET", "/users/@me")).status).toBe(200)
    }).pipe(Effect.provide(SandboxModule.layer({ limits: { invalid: { count: 3, millis: 600_000 } } }))),
  )

  it.scoped("is silent where it is switched off", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const answers = yield* Effect.forEach(Array.from({ length: 60 }), () =>
        call("POST", `/channels/${general}/messages`, { content: "x" }),
      )
      expect(new Set(statuses(answers))).toEqual(new Set([200]))
      expect(Object.keys(answers[0]?.headers ?? {}).filter((name) => name.includes("ratelimit"))).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it("never lets more through in a window than it says, and never refuses who waits as told", () => {
    const step = fc.record({ wait: fc.nat(3_000), obey: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { call, general } = yield* setUp
            let since = 0
            let passed = 0
            let told = 0
            for (const { obey, wait } of steps) {
              yield* Effect.sleep(wait)
              if (obey && told > 0) yield* Effect.sleep(told)
              const { body, headers, status } = yield* call("POST", `/channels/${general}/typing`)
              const after = Number(headers["x-ratelimit-reset-after"]) * 1_000
              const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
              const limit = Number(headers["x-ratelimit-limit"])
              if (obey && told > 0) expect(status).toBe(204)
              if (now >= since) {
                since = now + after
                passed = 0
              }
              if (status === 204) passed++
              expect(passed).toBeLessThanOrEqual(limit)
              expect(Number(headers["x-ratelimit-remaining"])).toBe(limit - passed)
              told = status === 429 ? (body as { retry_after: number }).retry_after * 1_000 : 0
            }
          }).pipe(
            Effect.scoped,
            Effect.provide(
              SandboxModule.layer({
                limits: { routes: { "POST /channels/:channel/typing": { count: 3, millis: 5_000 } } },
              }),
            ),
          ),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
      }),
      { numRuns: 60 },
    )
  })
})
