import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Fiber, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Transcript from "../../src/sandbox/Transcript.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

/** Runs in virtual time and gives the result. */
const run = <A, E>(
  effect: Effect.Effect<A, E, Sandbox | Scope.Scope>,
  options?: SandboxModule.Options,
): A => {
  const { exit } = VirtualClock.runSync(Effect.scoped(Effect.provide(effect, SandboxModule.layer(options))))
  if (exit._tag === "Failure") throw new Error(String(exit.cause))
  return exit.value
}

const connected = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const ada = yield* sandbox.actor("ada")
  const general = [...sandbox.world.channels.values()].find(({ name }) => name === "general")?.id ?? ""
  return { sandbox, connection, ada, general }
})

describe("Faults", () => {
  it("a request takes its time on both ways, and is carried out between them", () => {
    const seen = run(
      Effect.gen(function* () {
        const { ada, general, sandbox } = yield* connected
        const path = `/channels/${general}/messages`
        const stop = sandbox.faults.slow(
          { method: "POST", path: /messages$/u },
          { request: 300, answer: 200 },
        )
        const start = yield* Clock.currentTimeMillis
        const since = Effect.map(Clock.currentTimeMillis, (now) => now - start)
        const arrived = yield* Effect.fork(
          Effect.zipRight(
            ada.message("general", ({ content }) => content === "slow"),
            since,
          ),
        )
        yield* InProcess.call(sandbox, "POST", path, { content: "slow" })
        const answered = yield* since
        yield* InProcess.call(sandbox, "GET", path)
        const unmeant = (yield* since) - answered
        stop()
        yield* InProcess.call(sandbox, "POST", path, { content: "quick" })
        return [yield* Fiber.join(arrived), answered, unmeant, (yield* since) - answered]
      }),
    )
    expect(seen).toEqual([300, 500, 0, 0])
  })

  it("a request that was taken back on its way is never carried out", () => {
    const seen = run(
      Effect.gen(function* () {
        const { ada, general, sandbox } = yield* connected
        sandbox.faults.plan((method) => (method === "POST" ? { request: 300 } : undefined))
        const fiber = yield* Effect.fork(
          InProcess.call(sandbox, "POST", `/channels/${general}/messages`, { content: "never" }),
        )
        yield* Effect.sleep(100)
        yield* Fiber.interrupt(fiber)
        yield* Effect.sleep(1_000)
        return [sandbox.pendingRequests(), (yield* ada.history("general")).length]
      }),
    )
    expect(seen).toEqual([0, 0])
  })

  it("events that travel keep their order, and none is lost, early or late, whatever each takes", () => {
    const plan = fc.array(fc.record({ wait: fc.nat(300), travel: fc.nat(500) }), { maxLength: 15 })
    fc.assert(
      fc.property(plan, (messages) => {
        const { arrived, due } = run(
          Effect.gen(function* () {
            const { ada, connection, sandbox } = yield* connected
            const arrived: Array<readonly [content: unknown, at: number]> = []
            const look = Effect.gen(function* () {
              yield* Effect.sleep(1)
              yield* InProcess.settle
              const now = yield* Clock.currentTimeMillis
              const all = connection.events().filter(({ t }) => t === "MESSAGE_CREATE")
              for (const { d } of all.slice(arrived.length)) arrived.push([d["content"], now])
            })
            yield* Effect.forkScoped(Effect.forever(look))
            const due: Array<readonly [content: unknown, at: number]> = []
            for (const { travel, wait } of messages) {
              yield* Effect.sleep(wait)
              sandbox.faults.delayEvents((type) => (type === "MESSAGE_CREATE" ? travel : 0))
              const at = (yield* Clock.currentTimeMillis) + travel
              const content = String(due.length)
              due.push([content, Math.max(at, due.at(-1)?.[1] ?? 0)])
              yield* ada.say("general", content)
            }
            yield* Effect.sleep(600)
            return { arrived, due }
          }),
        )
        expect(arrived.map(([content]) => content)).toEqual(due.map(([content]) => content))
        arrived.forEach(([, at], n) => expect([0, 1]).toContain(at - (due[n]?.[1] ?? 0)))
      }),
      { numRuns: 50 },
    )
  })

  it("an event arrives when it has travelled, together with what overtakes it nearly", () => {
    const seen = run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const count = () => connection.events().filter(({ t }) => t === "MESSAGE_CREATE").length
        sandbox.faults.delayEvents(400)
        yield* ada.say("general", "slow")
        yield* Effect.sleep(100)
        sandbox.faults.delayEvents(50)
        yield* ada.say("general", "fast")
        yield* Effect.sleep(299)
        const before = count()
        yield* Effect.sleep(1)
        yield* InProcess.settle
        return [before, count()]
      }),
    )
    expect(seen).toEqual([0, 2])
  })
})

describe("Transcript", () => {
  it("tells what went to and fro, in order, without tokens, and keeps the newest", () => {
    const text = run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const bot = sandbox.world.bot.id
        yield* InProcess.call(sandbox, "PUT", `/applications/${bot}/commands`, [
          { name: "ping", description: "Pings" },
        ])
        yield* Effect.sleep(250)
        yield* ada.slash("general", "ping")
        yield* InProcess.settle
        const { id, token } = connection.events().at(-1)?.d ?? {}
        sandbox.faults.delayAnswers(30)
        const body = { type: 4, data: { content: "pong" } }
        yield* InProcess.call(sandbox, "POST", `/interactions/${String(id)}/${String(token)}/callback`, body)
        yield* InProcess.call(sandbox, "GET", `/webhooks/${bot}/${String(token)}/messages/@original`)
        const entries = sandbox.transcript()
        expect(JSON.stringify(entries)).not.toContain(String(token))
        return { bot, id: String(id), lines: entries.map(Transcript.line), entries }
      }),
      { transcript: 4 },
    )
    expect(text.entries).toMatchObject([
      { _tag: "Event", type: "INTERACTION_CREATE", at: 250, shard: 0, data: { id: text.id, type: 2 } },
      {
        _tag: "Request",
        method: "POST",
        path: `/interactions/${text.id}/…/callback`,
        body: { type: 4, data: { content: "pong" } },
        at: 250,
        answeredAt: 280,
        status: 204,
      },
      { _tag: "Event", type: "MESSAGE_CREATE", at: 250, data: { content: "pong" } },
      {
        method: "GET",
        path: `/webhooks/${text.bot}/…/messages/@original`,
        status: 200,
        answer: { content: "pong" },
      },
    ])
    expect(text.lines[1]).toBe(
      `     250 ms  ← POST /interactions/${text.id}/…/callback: 204 after 30 ms {"type":4,"data":{"content":"pong"}}`,
    )
  })

  it("is empty unless it is asked for", () => {
    expect(
      run(
        Effect.gen(function* () {
          const { ada, sandbox } = yield* connected
          yield* ada.say("general", "hi")
          return sandbox.transcript()
        }),
      ),
    ).toEqual([])
  })
})
