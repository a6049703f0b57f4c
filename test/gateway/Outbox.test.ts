import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import * as fc from "fast-check"
import * as Outbox from "../../src/gateway/Outbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

const payload = (n: number) => ({ op: 3, d: n }) as never

const recorder = () => {
  const sent: Array<{ readonly at: number; readonly n: number }> = []
  const timed = Effect.map(Effect.clock, (clock) => ({
    send: (text: string) => {
      sent.push({ at: clock.unsafeCurrentTimeMillis(), n: JSON.parse(text).d })
    },
    close: () => {},
  }))
  return { sent, timed }
}

describe("Outbox", () => {
  it("sends in order and never more than the limit in any 60 s", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 400 }), (pauses) => {
        const { sent, timed } = recorder()
        VirtualClock.runSync(
          Effect.gen(function* () {
            const outbox = yield* Outbox.make(0)
            outbox.attach(yield* timed)
            const fibers: Array<Fiber.Fiber<void, Outbox.NotSent>> = []
            for (const [n, pause] of pauses.entries()) {
              yield* Effect.sleep(pause * 10)
              fibers.push(yield* Effect.fork(outbox.send(payload(n))))
            }
            yield* Fiber.joinAll(fibers)
          }),
        )
        expect(sent.map(({ n }) => n)).toEqual(pauses.map((_, n) => n))
        const spans = sent.slice(Outbox.perWindow).map(({ at }, index) => at - sent[index]!.at)
        expect(spans.filter((span) => span < 60_000)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it.effect("waits for a connection, and takes an interrupted payload out", () =>
    Effect.gen(function* () {
      const { sent, timed } = recorder()
      const outbox = yield* Outbox.make(0)
      const first = yield* Effect.fork(outbox.send(payload(1)))
      const second = yield* Effect.fork(outbox.send(payload(2)))
      yield* TestClock.adjust("1 minute")
      expect(sent).toEqual([])
      yield* Fiber.interrupt(first)
      outbox.attach(yield* timed)
      yield* Fiber.join(second)
      expect(sent.map(({ n }) => n)).toEqual([2])
    }),
  )

  it.effect("holds what waits while there is no connection", () =>
    Effect.gen(function* () {
      const { sent, timed } = recorder()
      const outbox = yield* Outbox.make(0)
      outbox.attach(yield* timed)
      outbox.detach()
      const fiber = yield* Effect.fork(outbox.send(payload(1)))
      yield* TestClock.adjust("1 hour")
      expect(sent).toEqual([])
      outbox.attach(yield* timed)
      yield* Fiber.join(fiber)
      expect(sent.map(({ n }) => n)).toEqual([1])
    }),
  )

  it.effect("refuses what Discord would close the connection for, and everything after its end", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox.make(7)
      const long = yield* Effect.flip(outbox.send({ op: 3, d: "é".repeat(2_050) } as never))
      expect(long.message).toContain("4096")
      const waiting = yield* Effect.fork(Effect.flip(outbox.send(payload(1))))
      yield* Effect.yieldNow()
      yield* outbox.end
      expect((yield* Fiber.join(waiting)).message).toContain("shard 7")
      expect((yield* Effect.flip(outbox.send(payload(2)))).reason).toBe("the shard has ended")
    }),
  )
})
