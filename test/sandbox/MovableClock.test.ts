import { expect, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber, Ref } from "effect"
import * as MovableClock from "../../src/sandbox/MovableClock.js"

const within = <A, E, R>(
  body: (clock: MovableClock.MovableClock) => Effect.Effect<A, E, R>,
  options?: MovableClock.Options,
) => Effect.flatMap(MovableClock.make(options), (clock) => Effect.withClock(body(clock), clock))

it.live("a quarter of an hour passes in moments, and everybody who slept wakes in order", () =>
  within((clock) =>
    Effect.gen(function* () {
      const woken = yield* Ref.make<ReadonlyArray<string>>([])
      const sleeper = (name: string, after: string) =>
        Effect.sleep(after as "1 minute").pipe(
          Effect.zipRight(Ref.update(woken, (names) => [...names, name])),
          Effect.fork,
        )
      yield* sleeper("late", "14 minutes")
      yield* sleeper("soon", "10 seconds")
      yield* sleeper("never", "1 hour")
      yield* sleeper("middle", "5 minutes")
      yield* Effect.yieldNow()
      const before = yield* Clock.currentTimeMillis
      yield* clock.advance("15 minutes")
      expect(yield* Ref.get(woken)).toEqual(["soon", "middle", "late"])
      expect((yield* Clock.currentTimeMillis) - before).toBeGreaterThanOrEqual(15 * 60_000)
    }),
  ),
)

it.live("a loop that sleeps misses no turn: no step is longer than it may be", () =>
  within((clock) =>
    Effect.gen(function* () {
      const times = yield* Ref.make<ReadonlyArray<number>>([])
      const loop = yield* Effect.fork(
        Effect.forever(
          Effect.zipRight(
            Effect.sleep("20 seconds"),
            Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.update(times, (all) => [...all, now])),
          ),
        ),
      )
      yield* Effect.yieldNow()
      yield* clock.advance("10 minutes")
      yield* Fiber.interrupt(loop)
      const seen = yield* Ref.get(times)
      expect(seen.length).toBeGreaterThanOrEqual(28)
      const gaps = seen.slice(1).map((time, n) => time - (seen[n] ?? 0))
      expect(Math.max(...gaps)).toBeLessThan(20_000 + MovableClock.STEP_AT_MOST)
    }),
  ),
)

it.live("between its steps it waits for what is not done yet", () =>
  Effect.gen(function* () {
    let busy = false
    yield* within(
      (clock) =>
        Effect.gen(function* () {
          const done = yield* Deferred.make<number>()
          yield* Effect.fork(
            Effect.gen(function* () {
              yield* Effect.sleep("1 second")
              busy = true
              // Real work that the clock does not know of.
              yield* Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
              busy = false
              yield* Deferred.succeed(done, yield* Clock.currentTimeMillis)
            }),
          )
          yield* Effect.yieldNow()
          const before = yield* Clock.currentTimeMillis
          yield* clock.advance("1 minute")
          expect((yield* Deferred.await(done)) - before).toBeLessThan(5_000)
        }),
      { quiet: () => !busy },
    )
  }),
)

it.live("who is interrupted in their sleep leaves no timer; an interrupted move stops where it is", () =>
  within((clock) =>
    Effect.gen(function* () {
      const sleeper = yield* Effect.fork(Effect.sleep("1 hour"))
      yield* Effect.yieldNow()
      expect(Exit.isInterrupted(yield* Fiber.interrupt(sleeper))).toBe(true)
      const before = yield* Clock.currentTimeMillis
      const move = yield* Effect.fork(clock.advance("1 day"))
      while (!clock.moving()) yield* Effect.yieldNow()
      yield* Fiber.interrupt(move)
      expect(clock.moving()).toBe(false)
      expect((yield* Clock.currentTimeMillis) - before).toBeLessThan(86_400_000)
    }),
  ),
)

it.live("once it is settled it is not moved any more, and goes on by itself", () =>
  within((clock) =>
    Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const move = yield* Effect.fork(clock.advance("1 day"))
      while (!clock.moving()) yield* Effect.yieldNow()
      yield* clock.settle
      yield* Fiber.join(move)
      yield* clock.advance("1 day")
      expect((yield* Clock.currentTimeMillis) - before).toBeLessThan(3_600_000)
      yield* Effect.sleep("5 millis")
    }),
  ),
)
