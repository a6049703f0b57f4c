import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

const ready = (more: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const connection = InProcess.connect(sandbox)
    InProcess.identify(connection, more)
    yield* InProcess.settle
    return { sandbox, connection }
  })

const types = (connection: InProcess.Connection) => connection.events().map((frame) => frame.t)

const twice = (c: InProcess.Connection) => {
  InProcess.identify(c, { intents: 1 })
  InProcess.identify(c, { intents: 1 })
}

const babble = (c: InProcess.Connection) => {
  InProcess.identify(c, { intents: 1 })
  c.sendOp(99, {})
}

const chatter = (c: InProcess.Connection) => {
  for (let n = 0; n < 121; n++) c.sendOp(1, null)
}

describe("Gateway", () => {
  it.scoped("says hello, READY with stubs, then the guilds", () =>
    Effect.gen(function* () {
      const { connection } = yield* ready()
      expect(connection.frames[0]).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 } })
      expect(types(connection)).toEqual(["READY", "GUILD_CREATE"])
      expect(connection.events()[0]?.d["guilds"]).toEqual([
        { id: connection.events()[1]?.d["id"], unavailable: true },
      ])
      connection.sendOp(1, 2)
      yield* InProcess.settle
      expect(connection.frames.at(-1)?.op).toBe(11)
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("hangs up with Discord's codes", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const closing = (act: (connection: InProcess.Connection) => void, query?: string) =>
        Effect.gen(function* () {
          const connection = InProcess.connect(sandbox, query)
          act(connection)
          yield* InProcess.settle
          return connection.closes.map((close) => close.code)
        })
      expect(yield* closing(() => {}, "v=9&encoding=json")).toEqual([4012])
      expect(yield* closing(() => {}, "v=10&encoding=etf")).toEqual([4002])
      expect(yield* closing((c) => c.send("{"))).toEqual([4002])
      expect(yield* closing((c) => c.sendOp(1, "x".repeat(5000)))).toEqual([4002])
      expect(yield* closing((c) => c.sendOp(8, {}))).toEqual([4003])
      expect(yield* closing((c) => InProcess.identify(c, { token: "" }))).toEqual([4004])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 2 ** 30 }))).toEqual([4013])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 1, shard: [2, 2] }))).toEqual([4010])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 1 << 15 }))).toEqual([4014])
      expect(yield* closing(twice)).toEqual([4005])
      expect(yield* closing(babble)).toEqual([4001])
      expect(yield* closing(chatter)).toEqual([4008])
    }).pipe(Effect.provide(SandboxModule.layer({ privilegedIntents: { messageContent: false } }))),
  )

  it.scoped("times a silent session out, and keeps one that beats", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      yield* TestClock.adjust("80 seconds")
      connection.sendOp(1, 2)
      yield* TestClock.adjust("80 seconds")
      expect(connection.closes).toEqual([])
      yield* TestClock.adjust("3 seconds")
      expect(connection.closes.map((close) => close.code)).toEqual([4009])
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("ends a session that closes with 1000, and keeps another for five minutes", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      connection.close(1000, "bye")
      expect(sandbox.sessions()).toEqual([])
      const second = yield* ready()
      second.connection.close(4200, "later")
      expect(sandbox.sessions()).toMatchObject([{ connected: false }])
      yield* TestClock.adjust("301 seconds")
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("counts identifies down and refuses beyond the limit", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* ready()
      const info = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
      expect(info.body).toMatchObject({
        shards: 1,
        session_start_limit: { total: 2, remaining: 1, max_concurrency: 1 },
      })
      yield* ready()
      const third = yield* ready()
      expect(third.connection.closes.map((close) => close.code)).toEqual([4004])
    }).pipe(Effect.provide(SandboxModule.layer({ identifyLimit: 2 }))),
  )

  it.scoped("splits guilds over shards, and direct messages go to the first", () =>
    Effect.gen(function* () {
      const first = yield* ready({ shard: [0, 2] })
      const second = yield* ready({ shard: [1, 2] })
      const guilds = (connection: InProcess.Connection) =>
        types(connection).filter((type) => type === "GUILD_CREATE").length
      expect(guilds(first.connection) + guilds(second.connection)).toBe(11)
      expect(guilds(first.connection)).toBeGreaterThan(0)
      expect(guilds(second.connection)).toBeGreaterThan(0)
      const ada = yield* first.sandbox.actor("ada")
      yield* ada.say("dm", "hello")
      yield* InProcess.settle
      expect(types(first.connection).at(-1)).toBe("MESSAGE_CREATE")
      expect(types(second.connection)).not.toContain("MESSAGE_CREATE")
    }).pipe(Effect.provide(SandboxModule.layer({ seed: { more: { guilds: 10, channels: 2, members: 3 } } }))),
  )

  it.scoped("refuses a resume from before its buffer, and an unknown one, with op 9", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      const session = String(connection.events()[0]?.d["session_id"])
      sandbox.faults.dropSockets()
      const ada = yield* sandbox.actor("ada")
      for (let n = 0; n < 4; n++) yield* ada.say("general", `m${n}`)
      const again = InProcess.connect(sandbox)
      again.sendOp(6, { token: "any", session_id: session, seq: 2 })
      yield* InProcess.settle
      expect(again.frames.at(-1)).toMatchObject({ op: 9, d: false })
      again.sendOp(6, { token: "any", session_id: "nothing", seq: 2 })
      yield* InProcess.settle
      expect(again.frames.at(-1)).toMatchObject({ op: 9, d: false })
      again.sendOp(6, { token: "any", session_id: session, seq: 99 })
      yield* InProcess.settle
      expect(again.closes.map((close) => close.code)).toEqual([4007])
    }).pipe(Effect.provide(SandboxModule.layer({ replayLimit: 3 }))),
  )

  it("never loses, repeats or reorders an event, however often the socket drops", () => {
    const step = fc.constantFrom("say", "drop", "reconnect", "close", "settle")
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { connection: first, sandbox } = yield* ready()
            const ada = yield* sandbox.actor("ada")
            const session = String(first.events()[0]?.d["session_id"])
            const received: Array<number> = first.events().map((frame) => frame.s ?? 0)
            const contents: Array<unknown> = []
            let connection = first
            let taken = first.frames.length
            let said = 0
            const take = () => {
              for (const frame of connection.frames.slice(taken)) {
                if (frame.op !== 0 || frame.t === "RESUMED") continue
                received.push(frame.s ?? 0)
                contents.push(frame.d["content"])
              }
              taken = connection.frames.length
            }
            const resume = Effect.gen(function* () {
              take()
              connection = InProcess.connect(sandbox)
              taken = 0
              connection.sendOp(6, { token: "any", session_id: session, seq: received.at(-1) })
              yield* InProcess.settle
              take()
            })
            for (const one of steps) {
              if (one === "say") yield* ada.say("general", `m${said++}`)
              else if (one === "drop") sandbox.faults.dropSockets()
              else if (one === "close") connection.close(4200, "")
              else if (one === "settle") yield* InProcess.settle
              else yield* resume
            }
            yield* InProcess.settle
            yield* resume
            return { received, contents, said }
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer())),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
        const { contents, received, said } = exit.value
        expect(received).toEqual(received.map((_, index) => index + 1))
        expect(contents).toEqual(Array.from({ length: said }, (_, index) => `m${index}`))
      }),
      { numRuns: 200 },
    )
  })
})
