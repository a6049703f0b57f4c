import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Either, Fiber } from "effect"
import * as fc from "effect/FastCheck"
import * as Command from "../../src/command/Command.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import { Rules } from "../../src/sandbox/fault/Rules.js"
import type { Response } from "../../src/sandbox/rest/Rest.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import * as Kit from "../../src/testing/Kit.js"
import * as InProcess from "./InProcess.js"
import * as Virtual from "./Virtual.js"

const maybe = <A>(name: string, arb: fc.Arbitrary<A>): fc.Arbitrary<Record<string, A>> =>
  fc.oneof(
    fc.constant({}),
    arb.map((value) => ({ [name]: value })),
  )

const timed: ReadonlyArray<Plan.Kind> = [
  "latency",
  "limited",
  "cloudflare",
  "hang",
  "zombie",
  "delay",
  "reorder",
  "slow",
]

const own = (kind: Plan.Kind): ReadonlyArray<fc.Arbitrary<object>> => {
  switch (kind) {
    case "error":
      return [maybe("status", fc.integer({ min: 500, max: 504 }))]
    case "limited":
      return [maybe("scope", fc.constantFrom("user", "global", "shared")), maybe("bare", fc.boolean())]
    case "invalid":
      return [maybe("resumable", fc.boolean())]
    case "close":
      return [maybe("code", fc.integer({ min: 4000, max: 4014 }))]
    default:
      return []
  }
}

const rule = fc.constantFrom<Plan.Kind>(...Plan.restKinds, ...Plan.gatewayKinds).chain((kind) =>
  fc
    .tuple(
      maybe("rate", fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.07, 0.005, 0.29))),
      maybe("times", fc.integer({ min: 1, max: 1_000 })),
      Plan.isRest(kind)
        ? maybe("path", fc.constantFrom("/channels/*", "*", "/guilds/1/bans?x=1", "/a.b+c"))
        : maybe("event", fc.constantFrom("MESSAGE_CREATE", "READY")),
      Plan.isRest(kind) ? maybe("method", fc.constantFrom("GET", "POST", "DELETE")) : fc.constant({}),
      timed.includes(kind)
        ? maybe(
            "millis",
            fc
              .tuple(fc.nat(86_400_000), fc.nat(86_400_000))
              .map(([one, other]) => [Math.min(one, other), Math.max(one, other)]),
          )
        : fc.constant({}),
      ...own(kind),
    )
    .map((parts): Plan.Rule => Object.assign({ kind }, ...(parts as ReadonlyArray<object>)) as Plan.Rule),
)

const plan = fc.record({ seed: fc.nat(0xff_ff_ff_ff), rules: fc.array(rule, { maxLength: 8 }) })

const read = (text: string): Plan.Plan => Either.getOrThrowWith(Plan.parse(text), (error) => error)

const error = (text: string): Plan.PlanError =>
  Either.match(Plan.parse(text), {
    onLeft: (failure) => failure,
    onRight: () => {
      throw new Error(`accepted: ${text}`)
    },
  })

describe("Plan", () => {
  it("reads what it says in its own words", () => {
    expect(
      read(
        "seed=7; latency 50..400ms path=/channels/*; limited 2% scope=global;\n error 1% status=503\r\ndrop 0.5%; close code=4009 0.2% times=3;; hang 1s..2m",
      ),
    ).toEqual({
      seed: 7,
      rules: [
        { kind: "latency", millis: [50, 400], path: "/channels/*" },
        { kind: "limited", rate: 0.02, scope: "global" },
        { kind: "error", rate: 0.01, status: 503 },
        { kind: "drop", rate: 0.005 },
        { kind: "close", code: 4009, rate: 0.002, times: 3 },
        { kind: "hang", millis: [1_000, 120_000] },
      ],
    })
    expect(read("")).toEqual({ seed: 0, rules: [] })
    expect(read("zombie 1.5s")).toEqual({ seed: 0, rules: [{ kind: "zombie", millis: [1_500, 1_500] }] })
    expect(read("slow 1e-7..1.5e-2s")).toEqual({ seed: 0, rules: [{ kind: "slow", millis: [1e-4, 15] }] })
  })

  it("reads what it prints as the same plan", () => {
    fc.assert(
      fc.property(plan, (given) => {
        expect(read(Plan.print(given))).toEqual(given)
      }),
      { numRuns: 500 },
    )
    // Spans of less than a millisecond too.
    const millis = fc.double({ min: 0, max: 86_400_000, noNaN: true })
    fc.assert(
      fc.property(millis, millis, (one, other) => {
        const rules = [{ kind: "slow", millis: [Math.min(one, other), Math.max(one, other)] }] as const
        expect(read(Plan.print({ seed: 0, rules }))).toEqual({ seed: 0, rules })
      }),
    )
  })

  it("never throws, whatever the text, and points into it", () => {
    const words = fc.constantFrom(
      "drop",
      "latency",
      "2%",
      "200%",
      "5ms",
      "5..2ms",
      "code=1",
      "seed=1",
      ";",
      "=",
      "x",
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(words).map((all) => all.join(" ")),
    )
    fc.assert(
      fc.property(text, (given) => {
        const result = Plan.parse(given)
        if (Either.isRight(result)) return
        const { at, piece } = result.left
        expect(given.slice(at - 1, at - 1 + piece.length)).toBe(piece)
      }),
    )
  })

  it("says what is wrong, where, and what is accepted", () => {
    expect(error("seed=1; latncy 5ms").message).toMatch(
      /^There is no such kind of fault: latncy \(character 9\)\. Accepted: latency, limited, /,
    )
    expect(error("drop 120%").message).toBe(
      "A rate cannot be above 100%: 120% (character 6). Accepted: 0% to 100%",
    )
    expect(error("error status=404")).toMatchObject({
      piece: "status=404",
      at: 7,
      accepted: "status=… with 500 to 504",
    })
    expect(error("drop path=/x").message).toContain("Accepted: a rate (2%), times=…, event=…")
    expect(error("drop 2% 3%").what).toBe("The rule has two of rate")
    expect(error("latency 400..50ms").accepted).toBe("50..400ms")
    expect(error("seed=1; seed=2").at).toBe(9)
    expect(error("seed=-1").accepted).toBe("a whole number from 0 to 4294967295")
  })

  it("has presets that are plans, printed as they stand", () => {
    expect(Object.keys(Plan.presets).length).toBeGreaterThan(4)
    for (const text of Object.values(Plan.presets)) expect(Plan.print(read(text))).toBe(text)
  })
})

type Occasion =
  | { readonly event: string; readonly movable: boolean }
  | { readonly method: string; readonly path: string }

describe("Rules", () => {
  const events = ["MESSAGE_CREATE", "TYPING_START", "INTERACTION_CREATE"]
  const stream: fc.Arbitrary<Array<Occasion>> = fc.array(
    fc.oneof<fc.Arbitrary<Occasion>[]>(
      fc.record({ event: fc.constantFrom(...events), movable: fc.boolean() }),
      fc.record({
        method: fc.constantFrom("GET", "POST"),
        path: fc.constantFrom("/channels/1", "/users/@me"),
      }),
    ),
    { maxLength: 60 },
  )

  const strikes = (given: Plan.Plan, occasions: ReadonlyArray<Occasion>) => {
    const rules = new Rules(given)
    const hits = occasions.map((one, n) =>
      ("event" in one ? rules.event(one.event, one.movable) : rules.request(one.method, one.path)).map(
        ({ claim, isOver, ...hit }) => ({ ...hit, over: isOver(), done: n % 3 > 0 && claim() }),
      ),
    )
    return { hits, counts: rules.counts }
  }

  it("does the same again for the same seed and the same occasions", () => {
    fc.assert(
      fc.property(plan, stream, (given, occasions) => {
        expect(strikes(given, occasions)).toEqual(strikes(given, occasions))
      }),
    )
  })

  it("keeps to spans, times and what is meant, and counts what is claimed, and that alone", () => {
    fc.assert(
      fc.property(plan, stream, (given, occasions) => {
        const { counts, hits } = strikes(given, occasions)
        const all = hits.flat()
        for (const { millis, rule: by } of all) {
          if (by.millis === undefined) continue
          expect(millis).toBeGreaterThanOrEqual(by.millis[0])
          expect(millis).toBeLessThanOrEqual(by.millis[1])
        }
        given.rules.forEach((by) => {
          const done = all.filter((hit) => hit.rule === by && hit.done).length
          expect(done).toBeLessThanOrEqual(by.times ?? Infinity)
          if (by.rate === 0) expect(all.filter((hit) => hit.rule === by)).toEqual([])
        })
        hits.forEach((met, index) => {
          const occasion = occasions[index]
          for (const { rule: by } of met) {
            if (occasion === undefined) throw new Error("no occasion")
            if ("event" in occasion) expect(by.event ?? occasion.event).toBe(occasion.event)
            else expect(by.method ?? occasion.method).toBe(occasion.method)
          }
        })
        const sum = Object.values(counts).reduce((total, count) => total + count, 0)
        expect(sum).toBe(all.filter(({ done }) => done).length)
      }),
    )
  })

  it("strikes about as often as its rate, differently for each seed", () => {
    const struck = (seed: number) => {
      const rules = new Rules({ seed, rules: [{ kind: "drop", rate: 0.1 }] })
      return Array.from({ length: 10_000 }, () => rules.event("MESSAGE_CREATE", false).length)
    }
    const [one, other] = [struck(1), struck(2)]
    const count = (all: ReadonlyArray<number>) => all.filter((hits) => hits > 0).length
    for (const all of [one, other]) {
      expect(count(all)).toBeGreaterThan(850)
      expect(count(all)).toBeLessThan(1_150)
    }
    expect(one).not.toEqual(other)
  })
})

const connected = Virtual.connected({ unchecked: "broken on purpose" })

/** One request as it is answered, cut off or not. */
const raw = (sandbox: SandboxModule.Sandbox, method: string, path: string, body: unknown = undefined) =>
  Effect.async<Response>((resume) =>
    Effect.sync(
      sandbox.handle(
        {
          method,
          path: `/api/v10${path}`,
          headers: { authorization: "Bot any" },
          body: body === undefined ? null : JSON.stringify(body),
        },
        (response) => resume(Effect.succeed(response)),
      ),
    ),
  )

const textOf = ({ body }: Response): string => Buffer.from(body).toString("utf8")

const say = (sandbox: SandboxModule.Sandbox, general: string, content: string) =>
  raw(sandbox, "POST", `/channels/${general}/messages`, { content })

/** What is in the channel. */
const said = Effect.flatMap(connected, ({ ada, general, sandbox }) =>
  Effect.succeed({
    sandbox,
    general,
    contents: Effect.map(ada.history("general"), (all) => all.map(({ content }) => content)),
  }),
)

describe("a plan, on requests", () => {
  const spoilt = (rule: string) =>
    Virtual.run(
      Effect.gen(function* () {
        const { contents, general, sandbox } = yield* said
        const running = sandbox.faults.follow(read(rule))
        const start = yield* Clock.currentTimeMillis
        const response = yield* say(sandbox, general, "hello")
        const took = (yield* Clock.currentTimeMillis) - start
        return { response, took, contents: yield* contents, counts: running.counts() }
      }),
    )

  it("latency takes its time, and the request is carried out", () => {
    const { contents, counts, response, took } = spoilt("latency 300ms path=/channels/*/messages method=POST")
    expect([response.status, took, contents, counts]).toEqual([200, 300, ["hello"], { latency: 1 }])
    expect(spoilt("latency 300ms path=/channels/*/pins").took).toBe(0)
    expect(spoilt("latency 300ms method=GET").took).toBe(0)
  })

  it("limited is a 429 of the scope, not carried out", () => {
    const { contents, response } = spoilt("limited 1500ms")
    expect(response.status).toBe(429)
    expect(response.headers).toMatchObject({
      "retry-after": "2",
      "x-ratelimit-scope": "user",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset-after": "1.500",
    })
    expect(JSON.parse(textOf(response))).toMatchObject({ retry_after: 1.5, global: false })
    expect(contents).toEqual([])
    const global = spoilt("limited 1s scope=global").response
    expect(global.headers).toMatchObject({ "x-ratelimit-global": "true", "x-ratelimit-scope": "global" })
    expect(global.headers).not.toHaveProperty("x-ratelimit-bucket")
    expect(JSON.parse(textOf(global))).toMatchObject({ global: true })
    expect(spoilt("limited scope=shared").response.headers["x-ratelimit-scope"]).toBe("shared")
    const bare = spoilt("limited bare=true").response
    expect(bare.status).toBe(429)
    expect(Object.keys(bare.headers)).toEqual(["date", "content-type"])
    expect(textOf(bare)).not.toContain("retry_after")
  })

  it("cloudflare is a page", () => {
    const { contents, response } = spoilt("cloudflare 3s")
    expect([response.status, response.headers["content-type"], response.headers["retry-after"]]).toEqual([
      429,
      "text/html; charset=UTF-8",
      "3",
    ])
    expect(textOf(response)).toContain("<html>")
    expect(contents).toEqual([])
  })

  it("error is what it says, not carried out", () => {
    for (const status of [500, 501, 502, 503, 504]) {
      const { contents, response } = spoilt(`error status=${status}`)
      expect([response.status, contents]).toEqual([status, []])
    }
  })

  it("lost and reset are carried out, and cut off", () => {
    const lost = spoilt("lost")
    expect([lost.response.cut, lost.contents]).toEqual([-1, ["hello"]])
    const { contents, response } = spoilt("reset")
    expect(contents).toEqual(["hello"])
    expect(response.cut).toBeGreaterThanOrEqual(0)
    expect(response.cut).toBeLessThan(response.body.byteLength)
  })

  it("malformed is carried out, and no JSON; oversized is JSON after 8 MiB", () => {
    const malformed = spoilt("malformed")
    expect([malformed.response.status, malformed.contents]).toEqual([200, ["hello"]])
    expect(() => JSON.parse(textOf(malformed.response)) as unknown).toThrow(SyntaxError)
    const oversized = spoilt("oversized")
    expect(oversized.response.body.byteLength).toBeGreaterThan(8 * 1024 * 1024)
    expect(JSON.parse(textOf(oversized.response))).toMatchObject({ content: "hello" })
    expect(oversized.contents).toEqual(["hello"])
  })

  it("hang carries out after its time, or when the plan ends", () => {
    const timed = spoilt("hang 2s")
    expect([timed.response.status, timed.took, timed.contents]).toEqual([200, 2_000, ["hello"]])
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { contents, general, sandbox } = yield* said
        const running = sandbox.faults.follow(read("hang"))
        const answer = yield* Effect.fork(say(sandbox, general, "hello"))
        const given = yield* Effect.fork(say(sandbox, general, "taken back"))
        yield* Effect.sleep("1 hour")
        const before = [yield* contents, sandbox.pendingRequests()]
        yield* Fiber.interrupt(given)
        running.stop()
        const { status } = yield* Fiber.join(answer)
        return [before, status, yield* contents, sandbox.faults.running()]
      }),
    )
    expect(seen).toEqual([[[], 2], 200, ["hello"], null])
  })

  it("hangs nothing that arrives after its end, and carries out once what hangs for no time", () => {
    const seen = (text: string) =>
      Virtual.run(
        Effect.gen(function* () {
          const { contents, general, sandbox } = yield* said
          const running = sandbox.faults.follow(read(text))
          const answer = yield* Effect.fork(say(sandbox, general, "hello"))
          yield* Effect.sleep(50)
          running.stop()
          const { status } = yield* Fiber.join(answer)
          yield* Effect.sleep("1 minute")
          return [status, yield* contents, sandbox.pendingRequests(), running.counts()]
        }),
      )
    expect(seen("latency 300ms; hang")).toEqual([200, ["hello"], 0, { latency: 1 }])
    expect(seen("hang 0..0ms; latency 800ms")).toEqual([200, ["hello"], 0, { latency: 1 }])
    fc.assert(
      fc.property(fc.nat(120), fc.nat(120), (latency, hang) => {
        const [status, contents, pending] = seen(`hang ${hang}ms; latency ${latency}ms`)
        expect([status, contents, pending]).toEqual([200, ["hello"], 0])
      }),
      { numRuns: 30 },
    )
  })

  it("limited names the bucket that the route has without it", () => {
    const buckets = Virtual.run(
      Effect.gen(function* () {
        const { general, sandbox } = yield* said
        const routes = [
          `/channels/${general}/messages`,
          `/channels/${general}`,
          "/users/@me",
          "/nowhere",
          "/users/%",
        ]
        const asked = (path: string) =>
          Effect.map(raw(sandbox, "GET", path), ({ headers }) => headers["x-ratelimit-bucket"])
        const own = yield* Effect.forEach(routes, asked)
        sandbox.faults.follow(read("limited"))
        return [own, yield* Effect.forEach(routes, asked)]
      }),
    )
    expect(buckets[1]).toEqual(buckets[0])
    expect(new Set(buckets[0]).size).toBe(4)
  })

  it("of once and a plan on one request that one is done, and counts, which is seen", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { general, sandbox } = yield* said
        const running = sandbox.faults.follow(read("error status=500 times=1"))
        sandbox.faults.once({ kind: "limited" })
        const first = (yield* say(sandbox, general, "x")).status
        const before = running.counts()
        return [first, before, (yield* say(sandbox, general, "x")).status, running.counts()]
      }),
    )
    expect(seen).toEqual([429, {}, 500, { error: 1 }])
  })

  it("does nothing, and counts nothing, where the ban of invalid requests or a canned answer comes first", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { general, sandbox } = yield* said
        const running = sandbox.faults.follow(read("limited times=2"))
        sandbox.faults.answerNext({ status: 418 })
        const statuses: Array<number> = []
        for (let n = 0; n < 4; n++) statuses.push((yield* say(sandbox, general, "x")).status)
        return [statuses, running.counts()]
      }),
      { limits: { invalid: { count: 1, millis: 60_000 } } },
    )
    expect(seen).toEqual([[418, 429, 429, 429], { limited: 1 }])
  })

  it("a second plan takes the first one's place, and once strikes once", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { general, sandbox } = yield* said
        const { faults } = sandbox
        const statuses: Array<number> = []
        const send = Effect.map(say(sandbox, general, "x"), ({ status }) => statuses.push(status))
        const first = faults.follow(read("error status=500"))
        yield* send
        const second = faults.follow(read("error status=502 times=1"))
        yield* send
        yield* send
        first.stop()
        expect(faults.running()).toBe(second)
        second.stop()
        faults.once({ kind: "error", status: 504, rate: 0 })
        yield* send
        yield* send
        faults.follow(read("error status=503"))
        faults.clear()
        yield* send
        return { statuses, counts: [first.counts(), second.counts()], running: faults.running() }
      }),
      { rateLimits: false },
    )
    expect(seen).toEqual({
      statuses: [500, 502, 200, 504, 200, 200],
      counts: [{ error: 1 }, { error: 1 }],
      running: null,
    })
  })
})

describe("what a plan counts", () => {
  type Seen = Partial<Record<Plan.Kind, number>>

  const spans: Readonly<Partial<Record<Plan.Kind, readonly [number, number]>>> = {
    latency: [100, 100],
    hang: [1_000, 1_000],
    zombie: [500, 500],
    slow: [500, 500],
    delay: [500, 500],
    reorder: [50, 50],
  }

  const rulesOf = (kinds: ReadonlyArray<Plan.Kind>): ReadonlyArray<Plan.Rule> =>
    kinds.map((kind) => {
      const millis = spans[kind]
      const at = Plan.isRest(kind) ? {} : { event: "MESSAGE_CREATE" }
      return { kind, rate: 0.4, ...at, ...(millis === undefined ? {} : { millis }) }
    })

  /** Counts what was seen, of the kinds that are in the plan. */
  const sum = (kinds: ReadonlyArray<Plan.Kind>, seen: ReadonlyArray<Plan.Kind>): Seen => {
    const all: Seen = {}
    for (const kind of seen) if (kinds.includes(kind)) all[kind] = (all[kind] ?? 0) + 1
    return all
  }

  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }

  /** What somebody who knows no plan takes an answer for. */
  const marks = (response: Response, took: number): ReadonlyArray<Plan.Kind> => {
    const { body, cut, headers, status } = response
    const page = headers["content-type"]?.startsWith("text/html") ?? false
    return [
      ...(took % 1_000 === 100 ? ["latency" as const] : []),
      ...(took >= 1_000 ? ["hang" as const] : []),
      ...(status === 429 ? [page ? ("cloudflare" as const) : ("limited" as const)] : []),
      ...(status === 503 ? ["error" as const] : []),
      ...(cut === undefined ? [] : [cut < 0 ? ("lost" as const) : ("reset" as const)]),
      ...(status === 200 && !isJson(textOf(response)) ? ["malformed" as const] : []),
      ...(body.byteLength > 8 * 1024 * 1024 ? ["oversized" as const] : []),
    ]
  }

  it("is what a client saw of its requests, whatever the kinds and the seed", () => {
    const some = fc.subarray([...Plan.restKinds], { minLength: 1 })
    fc.assert(
      fc.property(some, fc.nat(1_000), (kinds, seed) => {
        const { counts, seen } = Virtual.run(
          Effect.gen(function* () {
            const { general, sandbox } = yield* said
            const running = sandbox.faults.follow({ seed, rules: rulesOf(kinds) })
            const seen: Array<Plan.Kind> = []
            for (let n = 0; n < 8; n++) {
              const start = yield* Clock.currentTimeMillis
              const response = yield* say(sandbox, general, "x")
              seen.push(...marks(response, (yield* Clock.currentTimeMillis) - start))
            }
            return { counts: running.counts(), seen }
          }),
          { rateLimits: false },
        )
        expect(counts).toEqual(sum(kinds, seen))
      }),
      { numRuns: 60 },
    )
  })

  /** What a client takes that for which came through one connection. */
  const heard = ({ closes, events, frames, texts }: InProcess.Connection): ReadonlyArray<Plan.Kind> => {
    const messages = events().filter(({ t }) => t === "MESSAGE_CREATE")
    const numbers = messages.map(({ s }) => s)
    const order = [...new Set(messages.map(({ d }) => Number(d["content"])))]
    return [
      ...closes.flatMap(({ code }) =>
        code === 1006 ? ["drop" as const] : code === 4000 ? ["close" as const] : [],
      ),
      ...frames.flatMap(({ op, t }) => {
        if (op === 7) return ["reconnect" as const]
        if (op === 9) return ["invalid" as const]
        return t === "A_THING_OF_TOMORROW" ? ["unknown" as const] : []
      }),
      ...numbers.flatMap((number, n) => (numbers.indexOf(number) < n ? ["duplicate" as const] : [])),
      ...order.flatMap((number, n) => (number < (order[n - 1] ?? 0) ? ["reorder" as const] : [])),
      ...texts.flatMap((text) => {
        if (text.length > 4 * 1024 * 1024) return ["huge" as const]
        return isJson(text) ? [] : ["garbage" as const]
      }),
    ]
  }

  it("is what a client saw of the gateway, whatever the kinds and the seed", () => {
    const held: ReadonlyArray<Plan.Kind> = ["zombie", "slow", "delay"]
    const others = Plan.gatewayKinds.filter((kind) => !held.includes(kind))
    // What is held up says so by its absence: one of those at a time, with one message at a time.
    const some = fc.oneof(
      fc.constantFrom(...held).map((kind) => [kind]),
      fc.constantFrom(...others).map((kind) => [kind]),
      fc.subarray(others, { minLength: 2 }),
      fc.shuffledSubarray(others.filter((kind) => kind !== "drop" && kind !== "close" && kind !== "invalid")),
    )
    const channels = fc.array(fc.constantFrom("general", "tryouts"), { minLength: 8, maxLength: 16 })
    fc.assert(
      fc.property(some, fc.nat(1_000), channels, (kinds, seed, said) => {
        const { counts, seen } = Virtual.run(
          Effect.gen(function* () {
            const { ada, connection, sandbox } = yield* connected
            const running = sandbox.faults.follow({ seed, rules: rulesOf(kinds) })
            const [kind] = kinds
            const waits = kind !== undefined && held.includes(kind)
            const seen: Array<Plan.Kind> = []
            let current = connection
            for (const [n, channel] of said.entries()) {
              yield* ada.say(channel, String(n + 1))
              if (waits) current.sendOp(1, 1)
              yield* InProcess.settle
              const came = current.events().some(({ d }) => d["content"] === String(n + 1))
              if (waits || n % 2 === 1) yield* Effect.sleep(600)
              yield* InProcess.settle
              const acks = current.frames.filter(({ op }) => op === 11).length
              const missed =
                kind === "zombie" ? acks < n + 1 - (sum(kinds, seen).zombie ?? 0) : waits && !came
              if (kind !== undefined && missed) seen.push(kind)
              if (current.closes.length === 0 && current.frames.every(({ op }) => op !== 9)) continue
              seen.push(...heard(current))
              current.close(1000, "")
              current = InProcess.connect(sandbox, undefined, { unchecked: "broken on purpose" })
              InProcess.identify(current)
              yield* InProcess.settle
            }
            yield* Effect.sleep("1 second")
            yield* InProcess.settle
            seen.push(...heard(current))
            return { counts: running.counts(), seen }
          }),
          { rateLimits: false },
        )
        expect(counts).toEqual(sum(kinds, seen))
      }),
      { numRuns: 60 },
    )
  })
})

describe("the kit", () => {
  const work = Command.make("work", { description: "Works" }, () => Effect.succeed(Reply.text("Done.")))

  const answers = (faults: string | Plan.Plan, times: number) =>
    Kit.run(Command.layer(work), { faults }, ({ ada, clock, leftovers, sandbox }) =>
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        for (let n = 0; n < times; n++) {
          const turn = yield* ada.run(work)
          yield* clock.runToIdle
          seen.push((yield* ada.finalReplies(turn))[0]?.content)
        }
        yield* clock.settle
        const counts = sandbox.faults.running()?.counts() ?? {}
        return { seen, counts, left: yield* leftovers }
      }),
    )

  it.effect("follows a plan while the test runs, and the bot answers all the same", () =>
    Effect.gen(function* () {
      const plan =
        "seed=3; latency 20..200ms; lost 20%; error 20% status=502; duplicate 50%; delay 20% 10..100ms"
      const { counts, left, seen } = yield* answers(plan, 20)
      expect(new Set(seen)).toEqual(new Set(["Done."]))
      expect(left).toEqual([])
      expect(counts.lost).toBeGreaterThan(0)
      expect(counts.error).toBeGreaterThan(0)
      expect(counts.duplicate).toBeGreaterThan(0)
      // The next run has no plan.
      expect(
        yield* Kit.run(Command.layer(work), ({ sandbox }) => Effect.sync(() => sandbox.faults.running())),
      ).toBe(null)
      expect((yield* answers({ seed: 1, rules: [{ kind: "reset", times: 2 }] }, 1)).counts).toEqual({
        reset: 2,
      })
    }),
  )
})
