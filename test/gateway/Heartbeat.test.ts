import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Random, TestClock } from "effect"
import * as fc from "fast-check"
import * as Heartbeat from "../../src/gateway/Heartbeat.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

describe("Heartbeat", () => {
  it("ends at the first beat that finds the last one unanswered, and not before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 60_000 }),
        fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { maxLength: 20 }),
        fc.integer(),
        (interval, answers, seed) => {
          const beats: Array<number> = []
          const { endedAt } = VirtualClock.runSync(
            Effect.gen(function* () {
              const clock = yield* Effect.clock
              const asked = yield* Queue.unbounded<number>()
              const heartbeat = Heartbeat.make(clock, () => {
                beats.push(clock.unsafeCurrentTimeMillis())
                asked.unsafeOffer(beats.length)
              })
              const peer = Effect.forEach(answers, (part) =>
                Effect.gen(function* () {
                  yield* Queue.take(asked)
                  yield* Effect.sleep(Math.floor(part * interval))
                  heartbeat.acknowledge()
                }),
              )
              yield* Effect.fork(peer)
              yield* heartbeat.run(interval)
            }).pipe(Effect.withRandom(Random.make(seed))),
          )
          const late = answers.findIndex((part) => Math.floor(part * interval) >= interval)
          expect(beats).toHaveLength(late === -1 ? answers.length + 1 : late + 1)
          expect(beats[0]).toBeLessThan(interval)
          expect(endedAt).toBe(beats[0]! + beats.length * interval)
        },
      ),
      { numRuns: 300 },
    )
  })

  it.effect("tells what one took, and nothing for an acknowledgement that nobody asked for", () =>
    Effect.gen(function* () {
      const heartbeat = Heartbeat.make(yield* Effect.clock, () => {})
      expect(heartbeat.acknowledge()).toBe(undefined)
      yield* TestClock.adjust("1 second")
      heartbeat.beat()
      yield* TestClock.adjust("30 millis")
      expect(heartbeat.acknowledge()).toEqual({ heartbeatAt: 1_000, ackAt: 1_030, latency: 30 })
      expect(heartbeat.acknowledge()).toBe(undefined)
    }),
  )

  it.effect("tells how late each one in turn goes out, and counts the next from there", () =>
    Effect.gen(function* () {
      const late: Array<number> = []
      const clock = yield* Effect.clock
      let behind = 0
      // A loop that is held up: what was due is looked at later than it was due.
      const slow = { ...clock, unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + behind }
      const heartbeat: Heartbeat.Heartbeat = Heartbeat.make(
        slow,
        () => heartbeat.acknowledge(),
        (millis) => late.push(millis),
      )
      const fiber = yield* Effect.fork(heartbeat.run(1_000))
      yield* TestClock.adjust("1 second")
      behind = 300
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      expect(late).toEqual([0, 300, 0])
    }),
  )

  it.effect("does not beat faster than Discord's send limit, whatever it is asked for", () =>
    Effect.gen(function* () {
      let beats = 0
      const heartbeat: Heartbeat.Heartbeat = Heartbeat.make(yield* Effect.clock, () => {
        beats++
        heartbeat.acknowledge()
      })
      const fiber = yield* Effect.fork(heartbeat.run(1))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.interrupt(fiber)
      expect(beats).toBeLessThanOrEqual(121)
    }),
  )
})
