/**
 * What one outstanding wait takes of the heap, above the fiber that waits. To be run with `--expose-gc`.
 *
 * @module
 */
import { Effect, Fiber, Layer, ManagedRuntime } from "effect"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"

const MANY = 20_000

const runtime = ManagedRuntime.make(
  Waits.layer().pipe(Layer.provideMerge(Supervisor.layer()), Layer.provideMerge(Timers.layer)),
)

const heap = Effect.zipRight(
  Effect.sleep("200 millis"),
  Effect.sync(() => {
    for (let round = 0; round < 6; round++) globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }),
)

/** Bytes for each of many fibers with such an effect. */
const measure = <R>(effect: (index: number) => Effect.Effect<unknown, unknown, R>) =>
  Effect.gen(function* () {
    const before = yield* heap
    const fibers: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
    for (let index = 0; index < MANY; index++) fibers.push(yield* Effect.forkDaemon(effect(index)))
    const after = yield* heap
    yield* Fiber.interruptAll(fibers)
    return (after - before) / MANY
  })

const parked = () => Effect.async<never>(() => Effect.void)
// Ids as long as Discord's, each its own.
const id = (index: number) => String(1_000_000_000_000_000_000n + BigInt(index))
const waiting = (index: number) =>
  Wait.next(Wait.message({ channelId: id(index % 100), authorId: id(index) }), { within: 3_600_000 + index })

const program = Effect.gen(function* () {
  // Compiled code and what is made once.
  yield* measure(waiting)
  yield* measure(parked)
  const wait = yield* measure(waiting)
  const fiber = yield* measure(parked)
  process.send?.({ wait, fiber })
})

process.on("message", () => {
  void runtime.runPromise(program).then(() => process.disconnect())
})
