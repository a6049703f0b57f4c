/** What one fault holds up is no other's to let go. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Fiber } from "effect"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import * as InProcess from "./InProcess.js"
import * as Virtual from "./Virtual.js"

const planned = (text: string): Plan.Plan => Either.getOrThrowWith(Plan.parse(text), (error) => error)

const connected = Effect.gen(function* () {
  const all = yield* Virtual.connected()
  const { ada, connection } = all
  const said = (content: string, channel = "general") =>
    Effect.zipRight(ada.say(channel, content), InProcess.settle)
  const came = Effect.map(InProcess.settle, () =>
    connection.events().flatMap(({ d, t }) => (t === "MESSAGE_CREATE" ? [d["content"]] : [])),
  )
  return { ...all, said, came }
})

describe("Where another plan is stopped or replaced", () => {
  it("a request that hangs once hangs on, until everything is taken back", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { general, sandbox } = yield* connected
        const { faults } = sandbox
        faults.once({ kind: "hang" })
        const asked = yield* Effect.fork(
          InProcess.call(sandbox, "POST", `/channels/${general}/messages`, { content: "x" }),
        )
        yield* Effect.sleep("1 second")
        const first = faults.follow(planned("latency 1ms"))
        const pending = [sandbox.pendingRequests()]
        const second = faults.follow(planned("hang"))
        const other = yield* Effect.fork(
          InProcess.call(sandbox, "POST", `/channels/${general}/messages`, { content: "y" }),
        )
        yield* Effect.sleep("1 second")
        pending.push(sandbox.pendingRequests())
        first.stop()
        second.stop()
        // The one that was the plan's own went on.
        yield* Fiber.join(other)
        pending.push(sandbox.pendingRequests())
        faults.clear()
        yield* Fiber.join(asked)
        return [...pending, sandbox.pendingRequests()]
      }),
    )
    expect(seen).toEqual([1, 2, 1, 0])
  })

  it("a zombie of once lets nothing through still, and one of the plan leaves a pause of once its time", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { came, connection, said, sandbox } = yield* connected
        const { faults } = sandbox
        faults.once({ kind: "zombie" })
        yield* said("a")
        faults.follow(planned("latency 1ms")).stop()
        connection.sendOp(1, 2)
        yield* InProcess.settle
        const acks = () => connection.frames.filter(({ op }) => op === 11).length
        const zombie = [yield* came, acks()]
        faults.clear()
        const cleared = yield* came
        const running = faults.follow(planned("zombie 10s times=1"))
        faults.once({ kind: "slow", millis: [12_000, 12_000] })
        yield* said("b")
        running.stop()
        const stopped = yield* came
        connection.sendOp(1, 2)
        yield* Effect.sleep(11_999)
        const before = [yield* came, acks()]
        yield* Effect.sleep(1)
        return [zombie, cleared, stopped, before, yield* came, acks()]
      }),
    )
    expect(seen).toEqual([[[], 0], ["a"], ["a"], [["a"], 0], ["a", "b"], 1])
  })

  it("events travel as long as they were to, without what the plan added", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { came, said, sandbox } = yield* connected
        const { faults } = sandbox
        const plan = faults.follow(planned("delay 300ms"))
        faults.delayEvents(400)
        yield* said("a")
        yield* Effect.sleep(100)
        faults.once({ kind: "delay", millis: [200, 200] })
        faults.delayEvents(0)
        yield* said("b")
        plan.stop()
        const counts: Array<number> = []
        for (const millis of [0, 299, 1, 9_999]) {
          yield* Effect.sleep(millis)
          counts.push((yield* came).length)
        }
        faults.delayEvents(1_000)
        yield* said("c")
        faults.clear()
        return [counts, yield* came]
      }),
    )
    expect(seen).toEqual([
      [0, 0, 2, 2],
      ["a", "b", "c"],
    ])
  })

  it("an event of once that another one may pass waits for it still", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { came, said, sandbox } = yield* connected
        sandbox.faults.once({ kind: "reorder" })
        yield* said("first")
        sandbox.faults.follow(planned("latency 1ms")).stop()
        yield* said("second", "tryouts")
        return yield* came
      }),
    )
    expect(seen).toEqual(["second", "first"])
  })
})

describe("closeSockets", () => {
  it("with 1006 drops them, and the sessions can be resumed", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { connection, sandbox } = yield* connected
        sandbox.faults.closeSockets(1006)
        yield* InProcess.settle
        return [connection.closes.map(({ code }) => code), sandbox.sessions().map((one) => one.connected)]
      }),
    )
    expect(seen).toEqual([[1006], [false]])
  })

  it("refuses what no server can send, and leaves the sockets as they are", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { came, connection, said, sandbox } = yield* connected
        const { closeSockets } = sandbox.faults
        for (const code of [0, 999, 1004, 1005, 1015, 2999, 5000, 4000.5, Number.NaN])
          expect(() => closeSockets(code)).toThrow(RangeError)
        expect(() => closeSockets(4000, "é".repeat(62))).toThrow(RangeError)
        yield* said("a")
        return [yield* came, [...connection.closes]]
      }),
    )
    expect(seen).toEqual([["a"], []])
  })
})
