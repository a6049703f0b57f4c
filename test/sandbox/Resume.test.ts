import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

const ready = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const ada = yield* sandbox.actor("ada")
  const session = String(connection.events()[0]?.d["session_id"])
  return { sandbox, connection, ada, session }
})

const resume = Effect.fnUntraced(function* (
  sandbox: SandboxModule.Sandbox,
  data: Readonly<Record<string, unknown>>,
) {
  const connection = InProcess.connect(sandbox)
  connection.sendOp(6, { token: "any", ...data })
  yield* InProcess.settle
  return connection
})

const types = (connection: InProcess.Connection) => connection.events().map(({ t }) => t)

describe("Resume", () => {
  it.scoped("replays what was missed with the same numbers, then says RESUMED", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox, session } = yield* ready
      sandbox.faults.dropSockets()
      yield* ada.say("general", "one")
      yield* ada.say("general", "two")
      const again = yield* resume(sandbox, { session_id: session, seq: 2 })
      expect(again.events().map(({ d, s, t }) => [t, s, d["content"]])).toEqual([
        ["MESSAGE_CREATE", 3, "one"],
        ["MESSAGE_CREATE", 4, "two"],
        ["RESUMED", 4, undefined],
      ])
      // From further back it comes again, as it was.
      const further = yield* resume(sandbox, { session_id: session, seq: 0 })
      expect(types(further)).toEqual(["READY", "GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"])
      expect(further.events().slice(0, 2)).toEqual(connection.events())
      // The newest connection has the session.
      expect(again.closes.map(({ code }) => code)).toEqual([4000])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("keeps a lost session to the very end of its time, and no longer", () =>
    Effect.gen(function* () {
      const { connection, sandbox, session } = yield* ready
      connection.close(4200, "later")
      yield* TestClock.adjust("60 seconds")
      const again = yield* resume(sandbox, { session_id: session, seq: 2 })
      expect(types(again)).toEqual(["RESUMED"])
      again.close(4200, "later")
      yield* TestClock.adjust("60001 millis")
      const late = yield* resume(sandbox, { session_id: session, seq: 2 })
      expect(late.frames.at(-1)).toMatchObject({ op: 9, d: false })
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer({ resumeWindow: 60_000 }))),
  )

  it.scoped("refuses a number above the last with 4007, after which nothing is left", () =>
    Effect.gen(function* () {
      const { connection, sandbox, session } = yield* ready
      connection.close(4200, "later")
      const above = yield* resume(sandbox, { session_id: session, seq: 3 })
      expect(above.closes.map(({ code }) => code)).toEqual([4007])
      expect(sandbox.sessions()).toEqual([])
      const late = yield* resume(sandbox, { session_id: session, seq: 2 })
      expect(late.frames.at(-1)).toMatchObject({ op: 9, d: false })
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("tells op 9 to who has no session, a wrong number, or one before the buffer", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox, session } = yield* ready
      connection.close(4200, "later")
      for (let n = 0; n < 3; n++) yield* ada.say("general", `m${n}`)
      for (const data of [
        { session_id: "none", seq: 1 },
        { seq: 1 },
        { session_id: session },
        { session_id: session, seq: "2" },
        { session_id: session, seq: 3.5 },
        { session_id: session, seq: 2 },
      ]) {
        const again = yield* resume(sandbox, data)
        expect([data, again.frames.at(-1)]).toMatchObject([data, { op: 9, d: false }])
        expect(again.closes).toEqual([])
      }
      expect((yield* resume(sandbox, { session_id: session, seq: 3 })).closes).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer({ replayLimit: 2 }))),
  )

  it.scoped("refuses another token, and one who has identified already", () =>
    Effect.gen(function* () {
      const { connection, sandbox, session } = yield* ready
      const wrong = yield* resume(sandbox, { session_id: session, seq: 2, token: "other" })
      expect(wrong.closes.map(({ code }) => code)).toEqual([4004])
      connection.sendOp(6, { token: "any", session_id: session, seq: 2 })
      yield* InProcess.settle
      expect(connection.closes.map(({ code }) => code)).toEqual([4005])
    }).pipe(Effect.provide(SandboxModule.layer({ token: "any" }))),
  )

  it.scoped("lets a client resume that was told so by op 9, on the same connection", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox, session } = yield* ready
      sandbox.faults.invalidateSessions(true)
      yield* ada.say("general", "meanwhile")
      connection.sendOp(6, { token: "any", session_id: session, seq: 2 })
      yield* InProcess.settle
      expect(types(connection).slice(2)).toEqual(["MESSAGE_CREATE", "RESUMED"])
      sandbox.faults.invalidateSessions(false)
      connection.sendOp(6, { token: "any", session_id: session, seq: 3 })
      yield* InProcess.settle
      expect(connection.frames.slice(-2)).toMatchObject([
        { op: 9, d: false },
        { op: 9, d: false },
      ])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("brings once what was on its way when op 9 came, by the replay", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox, session } = yield* ready
      sandbox.faults.delayEvents(300)
      yield* ada.say("general", "one")
      sandbox.faults.invalidateSessions(true)
      sandbox.faults.delayEvents(0)
      connection.sendOp(6, { token: "any", session_id: session, seq: 2 })
      yield* ada.say("general", "two")
      yield* TestClock.adjust("1 second")
      yield* InProcess.settle
      const came = connection.events().slice(2)
      expect(came.map(({ s, t }) => [t, s])).toEqual([
        ["MESSAGE_CREATE", 3],
        ["RESUMED", 3],
        ["MESSAGE_CREATE", 4],
      ])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it("brings every event exactly once in order to a client that resumes, whatever a plan does meanwhile", () => {
    const kinds = [
      "drop",
      "reconnect",
      "delay",
      "slow",
      "duplicate",
      "unknown",
      "garbage",
      "zombie",
      "reorder",
    ] as const
    const rules = fc.array(
      fc.record({ kind: fc.constantFrom(...kinds), rate: fc.double({ min: 0.05, max: 0.5, noNaN: true }) }),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(rules, fc.nat(10_000), fc.integer({ min: 1, max: 25 }), (given, seed, count) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { ada, connection, sandbox, session } = yield* ready
            const got = new Map<number, unknown>()
            let last = 2
            let current = connection
            let taken = connection.texts.length
            const take = () => {
              for (const frame of current.frames.slice(taken)) {
                if (frame.op !== 0 || frame.t === "RESUMED" || frame.s === null) continue
                // A number never comes before its predecessor has.
                expect(frame.s).toBeLessThanOrEqual(last + 1)
                if (frame.s === last + 1) {
                  last = frame.s
                  got.set(frame.s, frame.d["content"])
                } else if (frame.t === "MESSAGE_CREATE") expect(got.get(frame.s)).toBe(frame.d["content"])
              }
              taken = current.frames.length
            }
            taken = connection.frames.length
            const again = Effect.gen(function* () {
              take()
              current.close(4900, "again")
              current = InProcess.connect(sandbox, undefined, { unchecked: "broken on purpose" })
              taken = 0
              current.sendOp(6, { token: "any", session_id: session, seq: last })
              yield* InProcess.settle
              take()
            })
            const running = sandbox.faults.follow({ seed, rules: given })
            yield* again
            for (let n = 0; n < count; n++) {
              yield* ada.say("general", `m${n}`)
              yield* InProcess.settle
              take()
              if (current.closes.length > 0) yield* again
            }
            yield* Effect.sleep("5 seconds")
            yield* InProcess.settle
            running.stop()
            yield* again
            const contents = [...got.values()].filter((content) => content !== undefined)
            expect(contents).toEqual(Array.from({ length: count }, (_, n) => `m${n}`))
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer())),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
      }),
      { numRuns: 150 },
    )
  })
})
