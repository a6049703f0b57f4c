import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import {
  ActivityType,
  type GatewayDispatchPayload,
  type GatewayPresenceUpdateData,
  PresenceUpdateStatus,
} from "discord-api-types/v10"
import {
  Cause,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Logger,
  LogLevel,
  Option,
  Random,
  Redacted,
  Scope,
} from "effect"
import * as fc from "fast-check"
import { WebSocketServer } from "ws"
import { ServerError } from "../../src/DiscordError.js"
import * as Identify from "../../src/gateway/Identify.js"
import * as Session from "../../src/gateway/Session.js"
import * as Shard from "../../src/gateway/Shard.js"
import * as Transport from "../../src/gateway/Transport.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as FakePeer from "./FakePeer.js"

const limits = (remaining = 1_000) => ({
  url: "fake://gateway",
  shards: 1,
  session_start_limit: { total: 1_000, remaining, reset_after: 3_600_000, max_concurrency: 1 },
})

const refresh = Effect.succeed(limits(0))

/** A shard at a peer, and what its listener heard. */
const harness = Effect.fnUntraced(function* (
  peer: FakePeer.FakePeer,
  options: Partial<Shard.Options> & { readonly onEvent?: (packet: GatewayDispatchPayload) => void } = {},
) {
  const events: Array<{ readonly session: string; readonly s: number; readonly t: string }> = []
  const heard: Array<string> = []
  let session = "none"
  const shard = yield* Shard.make({
    id: 0,
    count: 1,
    token: Redacted.make("secret"),
    intents: 0,
    url: "fake://gateway",
    gate: Identify.make(limits(), refresh),
    sessions: Session.makeMemory(),
    closeWith: "end",
    listener: {
      onDispatch: (packet) => {
        events.push({ session, s: packet.s, t: packet.t })
        options.onEvent?.(packet)
      },
      onSession: (next) => {
        session = next?.id ?? "none"
      },
      onHello: (resuming) => heard.push(resuming ? "hello again" : "hello"),
      onReady: () => heard.push("ready"),
      onHeartbeat: () => heard.push("heartbeat"),
      onClosed: (code) => heard.push(`closed ${code}`),
      onFailed: () => heard.push("failed"),
    },
    ...options,
  }).pipe(Effect.provideService(Transport.Transport, Transport.fromConnect(peer.connect)))
  const scope = yield* Scope.make()
  const fiber = yield* Effect.forkIn(shard.run, scope)
  return { shard, fiber, events, heard, stop: Scope.close(scope, Exit.void) }
})

const simulate = <A, E>(
  program: (peer: FakePeer.FakePeer) => Effect.Effect<A, E>,
  options: FakePeer.Options & { readonly seed?: number } = {},
) => {
  const outcome = VirtualClock.runSync(
    Effect.gen(function* () {
      const peer = yield* FakePeer.make(options)
      return yield* program(peer)
    }).pipe(Effect.withRandom(Random.make(options.seed ?? 1)), Logger.withMinimumLogLevel(LogLevel.None)),
  )
  if (Exit.isFailure(outcome.exit)) throw Cause.squash(outcome.exit.cause)
  return outcome.exit.value
}

/** The error that a shard ended with. */
const failure = (fiber: Fiber.Fiber<never, unknown>) =>
  Effect.map(Fiber.await(fiber), (exit) =>
    Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined,
  )

const presence = (name: string): GatewayPresenceUpdateData => ({
  since: null,
  activities: [{ name, type: ActivityType.Playing }],
  status: PresenceUpdateStatus.Online,
  afk: false,
})

const sentBy = (peer: FakePeer.FakePeer, op: number) =>
  peer.sockets.flatMap((socket) => socket.received.filter((frame) => frame.op === op))

const faults: fc.Arbitrary<FakePeer.Fault> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("close" as const),
      code: fc.constantFrom(1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4900),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("close" as const),
      code: fc.constantFrom(4004, 4010, 4011, 4012, 4013, 4014),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "op7" as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("op9" as const), resumable: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ kind: "silence" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("text" as const),
      text: fc.constantFrom(
        "{",
        "null",
        "[]",
        '{"op":99}',
        '{"op":0}',
        '{"op":10}',
        '{"op":0,"t":"READY","s":1}',
      ),
    }),
  },
)

const plans: fc.Arbitrary<FakePeer.Plan> = fc.record(
  {
    open: fc.constant("refuse" as const),
    hello: fc.oneof(
      fc.integer({ min: 0, max: 30_000 }),
      fc.integer({ min: 0, max: 500 }),
      fc.constant("never" as const),
    ),
    entry: faults,
    later: fc.record({ after: fc.integer({ min: 0, max: 90_000 }), fault: faults }),
    latency: fc.integer({ min: 0, max: 2_000 }),
    deaf: fc.boolean(),
    overlap: fc.integer({ min: 0, max: 20 }),
    rude: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** A first plan that lets the shard come up, most of the time. */
const scripts = fc
  .tuple(fc.boolean(), fc.array(plans, { maxLength: 9 }))
  .map(([wellAtFirst, rest]) =>
    wellAtFirst ? [{ later: { after: 5_000, fault: { kind: "op7" as const } } }, ...rest] : rest,
  )

describe("any peer", () => {
  it("never has two sockets, never loses or reorders an event, keeps the limits, and always ends", () => {
    fc.assert(
      fc.property(
        scripts,
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 }),
        fc.integer(),
        fc.integer({ min: 0, max: 400_000 }),
        (script, pauses, seed, stopAt) => {
          const seen = simulate(
            Effect.fnUntraced(function* (peer) {
              const { shard, fiber, events, stop } = yield* harness(peer)
              for (const pause of pauses) {
                yield* Effect.sleep(pause)
                peer.emit()
              }
              // Sometimes the scope closes in the middle of whatever goes on, else long after the last fault.
              const early = stopAt < 100_000
              if (early) yield* Effect.sleep(stopAt)
              else yield* Effect.sleep("40 minutes")
              const status = shard.status()
              const ended = fiber.unsafePoll() !== null
              yield* stop
              const error = yield* failure(fiber)
              const left = peer.open()
              yield* Effect.sleep("10 minutes")
              return { peer, events, status, ended, error, left, early, after: shard.status().state }
            }),
            { plans: script, seed },
          )
          const { peer, events } = seen
          expect(peer.mostOpen()).toBeLessThanOrEqual(1)
          expect(seen.left).toBe(0)
          expect(peer.open()).toBe(0)
          expect(seen.after).toBe("Ended")
          // Every session was heard from its beginning, without a gap, a repetition or a change of order.
          const order = events.map(({ session }) => session).filter((id, at, all) => id !== all[at - 1])
          expect(new Set(order).size).toBe(order.length)
          for (const { id, log } of peer.sessions) {
            const heard = events.filter(({ session, t }) => session === id && t !== "RESUMED")
            expect(heard.map(({ s, t }) => ({ s, t }))).toEqual(
              log.slice(0, heard.length).map(({ s, t }) => ({ s, t })),
            )
          }
          // A session that could still be resumed was never given up.
          expect(peer.wasted).toEqual([])
          const spacings = peer.identifies.slice(1).map(({ at }, index) => at - peer.identifies[index]!.at)
          expect(spacings.filter((spacing) => spacing < 5_000)).toEqual([])
          for (const socket of peer.sockets) {
            for (const frame of socket.received) {
              const window = socket.received.filter(({ at }) => at >= frame.at && at < frame.at + 60_000)
              expect(window.length).toBeLessThanOrEqual(120)
            }
          }
          const current = peer.sessions.at(-1)?.log.length ?? 0
          const how = seen.ended
            ? (seen.error as { readonly _tag: string })._tag
            : seen.early
              ? "stopped"
              : `${seen.status.state} at ${seen.status.sequence}`
          expect([
            "InvalidToken",
            "GatewayRefused",
            "DisallowedIntents",
            ...(events.length === 0 ? ["Unreachable"] : []),
            ...(seen.early ? ["stopped"] : [`Ready at ${current}`]),
          ]).toContain(how)
        },
      ),
      { numRuns: 1_000 },
    )
  }, 60_000)

  it("fails a start within 15 s when there is no READY", () => {
    const noReady = fc.record(
      {
        open: fc.constant("refuse" as const),
        hello: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.constant("never" as const)),
        latency: fc.integer({ min: 0, max: 2_000 }),
        rude: fc.boolean(),
        entry: faults,
      },
      { requiredKeys: ["entry"] },
    )
    fc.assert(
      fc.property(fc.array(noReady, { minLength: 6, maxLength: 6 }), fc.integer(), (script, seed) => {
        const { error, at, peer } = simulate(
          Effect.fnUntraced(function* (peer) {
            const { fiber } = yield* harness(peer)
            const error = yield* failure(fiber)
            return { error, at: yield* Effect.clockWith((clock) => clock.currentTimeMillis), peer }
          }),
          { plans: script, seed },
        )
        expect(at).toBeLessThanOrEqual(15_000)
        expect(peer.sockets.length + peer.refused.length).toBeLessThanOrEqual(Shard.startAttempts)
        expect(peer.open()).toBe(0)
        expect(error).toMatchObject({
          _tag: expect.stringMatching(/Unreachable|InvalidToken|GatewayRefused|DisallowedIntents/),
        })
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)
})

const minute = 60_000

describe("a connection", () => {
  it("identifies, beats once when it is up, at a random part of the interval and then at each interval", () => {
    const { peer, latency } = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, stop } = yield* harness(peer, { presence: presence("at start"), largeThreshold: 250 })
        yield* Effect.sleep(5 * minute)
        const latency = shard.status().heartbeatLatency
        yield* stop
        return { peer, latency }
      }),
      { plans: [{ latency: 40 }] },
    )
    const [identify] = sentBy(peer, 2)
    expect(identify?.d).toMatchObject({
      token: "secret",
      shard: [0, 1],
      large_threshold: 250,
      presence: presence("at start"),
    })
    const beats = sentBy(peer, 1).map(({ at }) => at)
    const [atOnce, ...regular] = beats
    expect(atOnce).toBeLessThanOrEqual(200)
    expect(regular[0]).toBeLessThanOrEqual(41_250 + 40)
    expect(regular.slice(1).map((at, index) => at - regular[index]!)).toEqual(
      regular.slice(1).map(() => 41_250),
    )
    expect(latency).toBe(40)
    expect(peer.sockets[0]?.clientCode).toBe(1000)
  })

  it("is given up when a heartbeat has no acknowledgement by the next, and then resumed", () => {
    const { peer, heard } = simulate(
      Effect.fnUntraced(function* (peer) {
        const { heard, stop } = yield* harness(peer)
        yield* Effect.sleep(3 * minute)
        yield* stop
        return { peer, heard }
      }),
      { plans: [{ deaf: true }] },
    )
    const [zombie] = peer.sockets
    expect(zombie?.received.filter(({ op }) => op === 1)).toHaveLength(2)
    expect(zombie?.clientCode).toBe(4200)
    expect(zombie?.closedAt).toBeLessThanOrEqual(2 * 41_250)
    expect(sentBy(peer, 6)).toHaveLength(1)
    expect(peer.sessions).toHaveLength(1)
    expect(heard.filter((what) => what !== "heartbeat")).toEqual([
      "hello",
      "ready",
      "closed 4200",
      "hello again",
    ])
  })

  it("answers a request for a heartbeat at once", () => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { stop } = yield* harness(peer)
        yield* Effect.sleep(10)
        peer.sockets[0]?.send({ op: 1, d: null })
        yield* stop
        return peer
      }),
    )
    expect(sentBy(peer, 1).at(-1)).toEqual({ at: 10, op: 1, d: 1 })
  })

  it("is resumed at its own address, at once when Discord asks", () => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { stop } = yield* harness(peer)
        yield* Effect.sleep(minute)
        peer.emit()
        peer.sockets[0]?.send({ op: 7, d: null })
        yield* Effect.sleep(1)
        yield* stop
        return peer
      }),
    )
    expect(peer.sockets.map(({ url }) => url)).toEqual([
      "fake://gateway/?v=10&encoding=json",
      "fake://resume/?v=10&encoding=json",
    ])
    expect(peer.sockets[1]?.openedAt).toBe(minute)
    expect(sentBy(peer, 6).map(({ d }) => d)).toEqual([{ token: "secret", session_id: "session-0", seq: 2 }])
  })

  it("is resumed at the common address when the session's own cannot be opened twice", () => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { stop } = yield* harness(peer)
        yield* Effect.sleep(5 * minute)
        yield* stop
        return peer
      }),
      {
        plans: [
          { later: { after: minute, fault: { kind: "close", code: 1006 } } },
          { open: "refuse" },
          { open: "refuse" },
        ],
      },
    )
    expect(peer.sockets[1]?.url).toBe("fake://gateway/?v=10&encoding=json")
    expect(peer.sessions).toHaveLength(1)
  })

  it.each([4007, 4009])("begins a new session after close code %i", (code) => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { stop } = yield* harness(peer)
        yield* Effect.sleep(2 * minute)
        yield* stop
        return peer
      }),
      { plans: [{ later: { after: minute, fault: { kind: "close", code } } }] },
    )
    expect(sentBy(peer, 6)).toEqual([])
    expect(peer.sessions).toHaveLength(2)
  })

  it("waits 1 to 5 s after an invalid session before it begins a new one", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const peer = simulate(
          Effect.fnUntraced(function* (peer) {
            const { stop } = yield* harness(peer)
            yield* Effect.sleep(2 * minute)
            yield* stop
            return peer
          }),
          { seed, plans: [{ later: { after: minute, fault: { kind: "op9", resumable: false } } }] },
        )
        const [, again] = sentBy(peer, 2)
        expect(again?.at).toBeGreaterThanOrEqual(minute + 1_000)
        expect(again?.at).toBeLessThanOrEqual(minute + 5_000)
      }),
      { numRuns: 100 },
    )
  })

  it("is tried again for ever after a first READY, ever less often, until it holds", () => {
    const { peer, state } = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, stop } = yield* harness(peer)
        yield* Effect.sleep("3 hours")
        const { state } = shard.status()
        yield* stop
        return { peer, state }
      }),
      {
        plans: [
          { later: { after: minute, fault: { kind: "close", code: 1006 } } },
          ...Array.from({ length: 200 }, () => ({ open: "refuse" as const })),
        ],
      },
    )
    expect(peer.refused).toHaveLength(200)
    expect(state).toBe("Ready")
    const pauses = peer.refused.slice(1).map((at, index) => at - peer.refused[index]!)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000)
    expect(Math.max(...pauses)).toBeGreaterThan(30_000)
    expect(peer.sessions).toHaveLength(1)
  })

  it("backs off from a gateway that drops every connection right after READY", () => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { stop } = yield* harness(peer)
        yield* Effect.sleep("1 hours")
        yield* stop
        return peer
      }),
      {
        plans: Array.from({ length: 5_000 }, () => ({
          later: { after: 1, fault: { kind: "op7" as const } },
        })),
      },
    )
    expect(peer.sockets.length).toBeLessThan(250)
  })
})

const ended = (options: FakePeer.Options, shardOptions: Partial<Shard.Options> = {}) =>
  simulate(
    Effect.fnUntraced(function* (peer) {
      const { fiber, shard } = yield* harness(peer, shardOptions)
      const error = yield* failure(fiber)
      const at = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const send = yield* Effect.flip(shard.send({ op: 3, d: presence("late") }))
      return { error, at, peer, send, state: shard.status().state }
    }),
    options,
  )
const after = (code: number): FakePeer.Options => ({
  plans: [{ later: { after: minute, fault: { kind: "close", code } } }],
})

describe("what ends a shard", () => {
  it("a wrong token", () => {
    const { error, peer, state, send } = ended({ plans: [{ entry: { kind: "close", code: 4004 } }] })
    expect(error).toMatchObject({ _tag: "InvalidToken" })
    expect(String(error)).not.toContain("secret")
    expect(peer.sockets).toHaveLength(1)
    expect(state).toBe("Ended")
    expect(send).toMatchObject({ _tag: "NotSent", reason: "the shard has ended" })
  })

  it.each([4010, 4011, 4012, 4013])("close code %i, also long after READY", (code) => {
    const { error, peer } = ended(after(code))
    expect(error).toMatchObject({ _tag: "GatewayRefused", code })
    expect(peer.sockets).toHaveLength(1)
  })

  it("an intent that is not switched on, with its name on the developer page", () => {
    const { error } = ended(after(4014), { intents: (1 << 0) | (1 << 1) | (1 << 15) })
    expect(error).toMatchObject({
      _tag: "DisallowedIntents",
      intents: ["GuildMembers", "MessageContent", "Guilds"],
      switches: ["Server Members Intent", "Message Content Intent"],
    })
  })

  it("no session start left", () => {
    const { error, peer, at } = ended({}, { gate: Identify.make(limits(0), Effect.succeed(limits(0))) })
    expect(error).toMatchObject({ _tag: "SessionBudgetUsedUp", total: 1_000, resetAfter: 3_600_000 })
    expect(sentBy(peer, 2)).toEqual([])
    expect(peer.open()).toBe(0)
    expect(at).toBe(0)
  })

  it("a gateway that refuses five times", () => {
    const { error, peer, at } = ended({
      plans: Array.from({ length: 9 }, () => ({ open: "refuse" as const })),
    })
    expect(error).toMatchObject({ _tag: "Unreachable", url: "fake://gateway", attempts: 5 })
    expect(peer.refused).toHaveLength(5)
    expect(at).toBeLessThanOrEqual(3_750)
  })

  it("a gateway that never says HELLO", () => {
    const { error, at, peer } = ended({
      plans: Array.from({ length: 9 }, () => ({ hello: "never" as const, rude: true })),
    })
    expect(error).toMatchObject({ _tag: "Unreachable" })
    expect(String(error)).toContain("no HELLO")
    expect(at).toBeLessThanOrEqual(15_000)
    expect(peer.open()).toBe(0)
  })
})

describe("a stored session", () => {
  const stored = { id: "session-0", sequence: 1, resumeUrl: "fake://resume" }

  it("is left open for a resume when asked to, and resumed by the next shard, with no IDENTIFY left", () => {
    const { peer, events } = simulate(
      Effect.fnUntraced(function* (peer) {
        const sessions = Session.makeMemory()
        const first = yield* harness(peer, { sessions, closeWith: "keep" })
        yield* Effect.sleep(minute)
        peer.emit()
        yield* first.stop
        peer.emit()
        const gate = Identify.make(limits(0), Effect.succeed(limits(0)))
        const second = yield* harness(peer, { sessions, closeWith: "end", gate })
        yield* second.shard.ready
        yield* second.stop
        expect(yield* sessions.load(0)).toEqual(Option.none())
        return { peer, events: [first.events, second.events] }
      }),
    )
    expect(events.map((all) => all.map(({ s, t }) => `${s} ${t}`))).toEqual([
      ["1 READY", "2 TYPING_START"],
      ["3 TYPING_START", "3 RESUMED"],
    ])
    expect(peer.sockets.map(({ clientCode }) => clientCode)).toEqual([4200, 1000])
  })

  it("that Discord no longer knows is followed by a new one", () => {
    const { peer, events } = simulate(
      Effect.fnUntraced(function* (peer) {
        const sessions = Session.makeMemory()
        sessions.save(0, stored)
        const { shard, events, stop } = yield* harness(peer, { sessions })
        yield* shard.ready
        yield* stop
        return { peer, events }
      }),
    )
    expect(peer.sockets.map((socket) => socket.received.map(({ op }) => op))).toEqual([[6], [2, 1]])
    expect(events.map(({ t }) => t)).toEqual(["READY"])
  })
})

describe("around a connection", () => {
  it("a RESUMED without a number of its own ends a resume", () => {
    const { state, events } = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, events, stop } = yield* harness(peer)
        yield* Effect.sleep(minute)
        peer.sockets[0]?.close(1006)
        yield* Effect.sleep(minute)
        peer.sockets[1]?.send({ op: 0, t: "RESUMED", s: null, d: {} })
        const { state } = shard.status()
        yield* stop
        return { state, events }
      }),
      { plans: [{}, { entry: { kind: "silence" } }] },
    )
    expect(state).toBe("Ready")
    expect(events.map(({ t }) => t)).toEqual(["READY", "RESUMED"])
  })

  it("a listener that throws loses nothing and ends nothing", () => {
    const { events, state } = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, events, stop } = yield* harness(peer, {
          onEvent: () => {
            throw new Error("a bug")
          },
        })
        yield* Effect.sleep(10)
        peer.emit()
        peer.emit()
        const { state } = shard.status()
        yield* stop
        return { events, state }
      }),
    )
    expect(events.map(({ s }) => s)).toEqual([1, 2, 3])
    expect(state).toBe("Ready")
  })

  it("a gate that cannot say whether there is a session start is asked again", () => {
    const busy = new ServerError({ route: "GET /gateway/bot", status: 500, code: 0, reason: "trouble" })
    let asked = 0
    const again = Effect.suspend(() => (asked++ < 2 ? Effect.fail(busy) : Effect.succeed(limits(1))))
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, stop } = yield* harness(peer, { gate: Identify.make(limits(0), again) })
        yield* shard.ready
        yield* stop
        return peer
      }),
    )
    expect(peer.sockets).toHaveLength(3)
    expect(peer.mostOpen()).toBe(1)
  })

  it("a new session shows the presence that was last sent", () => {
    const peer = simulate(
      Effect.fnUntraced(function* (peer) {
        const { shard, stop } = yield* harness(peer, { presence: presence("first") })
        yield* shard.ready
        yield* shard.send({ op: 3, d: presence("second") })
        peer.sockets[0]?.close(4009)
        yield* Effect.sleep(minute)
        yield* stop
        return peer
      }),
    )
    expect(sentBy(peer, 2).map(({ d }) => (d as { readonly presence: unknown }).presence)).toEqual([
      presence("first"),
      presence("second"),
    ])
  })
})

const nothing = () => {}

describe("over a socket", () => {
  const server = Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly codes: Array<number>; readonly wss: WebSocketServer }>(
      (resume) => {
        const codes: Array<number> = []
        const wss: WebSocketServer = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
          const url = `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`
          wss.on("connection", (socket) => {
            socket.on("close", (code) => codes.push(code))
            socket.on("message", (data) => {
              const { op } = JSON.parse(String(data))
              const t = op === 2 ? "READY" : "RESUMED"
              const d = { session_id: "a", resume_gateway_url: url, guilds: [] }
              socket.send(JSON.stringify({ op: 0, t, s: op === 2 ? 1 : 2, d }))
              if (op === 2) socket.close(4000)
            })
            socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }))
          })
          resume(Effect.succeed({ url, codes, wss }))
        })
      },
    ),
    ({ wss }) => Effect.async<void>((resume) => void wss.close(() => resume(Effect.void))),
  )

  it.scopedLive.each([
    { closeWith: "end" as const, code: 1000 },
    { closeWith: "keep" as const, code: 4200 },
  ])("resumes, and tells the server goodbye with $code", ({ closeWith, code }) =>
    Effect.gen(function* () {
      const { url, codes, wss } = yield* server
      const resumed = yield* Deferred.make<void>()
      const shard = yield* Shard.make({
        id: 0,
        count: 1,
        token: Redacted.make("secret"),
        intents: 0,
        url,
        gate: Identify.make(limits(), refresh),
        sessions: Session.makeMemory(),
        closeWith,
        listener: {
          onDispatch: ({ t }) => {
            if (t === "RESUMED") Deferred.unsafeDone(resumed, Exit.void)
          },
          onSession: nothing,
          onHello: nothing,
          onReady: nothing,
          onHeartbeat: nothing,
          onClosed: nothing,
          onFailed: nothing,
        },
      })
      const fiber = yield* Effect.fork(shard.run)
      yield* Deferred.await(resumed)
      yield* Fiber.interrupt(fiber)
      // The server handles the end of the handshake just after the client.
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => codes.length === 2 })
      expect(codes).toEqual([4000, code])
      expect(wss.clients.size).toBe(0)
    }).pipe(
      Effect.provide(Transport.layerWebSocket),
      Effect.withRandom(Random.make(1)),
      Logger.withMinimumLogLevel(LogLevel.None),
    ),
  )
})
