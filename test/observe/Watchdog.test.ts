import { close, open } from "node:inspector"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger, Metric, Scheduler } from "effect"
import * as Watchdog from "../../src/observe/Watchdog.js"

/** Holds the loop, in a function whose name can be found. */
const crunchNumbers = (millis: number): void => {
  const until = performance.now() + millis
  while (performance.now() < until);
}

const blocks = (): number => {
  const pair = Metric.unsafeSnapshot().find(({ metricKey }) => metricKey.name === "bosun_loop_blocks_total")
  return pair !== undefined && "count" in pair.metricState ? Number(pair.metricState.count) : 0
}

const collected = () => {
  const lines: Array<{ readonly text: string; readonly fields: Readonly<Record<string, unknown>> }> = []
  const layer = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ annotations, message }) => {
      lines.push({ text: String(message), fields: Object.fromEntries(annotations) })
    }),
  )
  return { lines, layer }
}

const watched = Watchdog.layer({ startAfter: 0 }).pipe(
  Layer.provide(Layer.setScheduler(Scheduler.makeBatched((run) => setImmediate(run)))),
)

describe("Watchdog", () => {
  it.live("names the function, the file and the line that blocked, and counts it", () => {
    const { layer, lines } = collected()
    return Effect.gen(function* () {
      const watchdog = yield* Watchdog.Watchdog
      const before = blocks()
      // The thread is there once it has loaded.
      yield* Effect.sleep("1500 millis")
      yield* Effect.sync(() => crunchNumbers(400))
      yield* Effect.repeat(Effect.sleep("20 millis"), {
        until: () => watchdog.last()?.by?.name === "crunchNumbers",
      }).pipe(Effect.timeout("5 seconds"))

      const last = watchdog.last()
      expect(last?.by).toMatchObject({ name: "crunchNumbers", line: 9 })
      expect(last?.by?.file).toMatch(/test\/observe\/Watchdog\.test\.ts$/u)
      expect(last?.millis).toBeGreaterThanOrEqual(380)
      expect(watchdog.blocks()).toBeGreaterThanOrEqual(1)
      expect(blocks() - before).toBe(watchdog.blocks())
      expect(watchdog.lag().max).toBeGreaterThan(300)
      const line = lines.find(({ text }) => text.includes("crunchNumbers"))
      expect(line?.text).toMatch(/^The event loop was blocked for \d+ ms by crunchNumbers \(.+:9:\d+\)$/u)
      expect(line?.fields["function"]).toBe("crunchNumbers")
    }).pipe(Effect.provide(Layer.provideMerge(watched, layer)))
  })

  it.live("says nothing of a loop that is only busy", () => {
    const { layer, lines } = collected()
    return Effect.gen(function* () {
      const watchdog = yield* Watchdog.Watchdog
      yield* Effect.sleep("500 millis")
      const before = watchdog.blocks()
      yield* Effect.repeatN(
        Effect.zipRight(
          Effect.sync(() => crunchNumbers(5)),
          Effect.sleep(1),
        ),
        60,
      )
      // A machine that is busy with others may stop us all the same.
      if (watchdog.blocks() === before) expect(lines).toEqual([])
      expect(watchdog.last()?.by?.name).not.toBe("crunchNumbers")
    }).pipe(Effect.provide(Layer.provideMerge(watched, layer)))
  })

  it.live("keeps away from a process that a debugger may be attached to", () => {
    const { layer } = collected()
    return Effect.gen(function* () {
      const watchdog = yield* Watchdog.Watchdog
      yield* Effect.acquireRelease(
        Effect.sync(() => open(0, "127.0.0.1")),
        () => Effect.sync(close),
      )
      yield* Effect.sleep("1500 millis")
      const before = watchdog.blocks()
      yield* Effect.sync(() => crunchNumbers(300))
      yield* Effect.sleep("200 millis")
      expect(watchdog.blocks()).toBeGreaterThan(before)
      expect(watchdog.last()).toMatchObject({ by: undefined, stack: [] })
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(watched, layer)))
  })

  it.live("measures delays from the first moment, says nothing of the start, and ends with its scope", () =>
    Effect.gen(function* () {
      const watchdog = yield* Watchdog.Watchdog
      yield* Effect.sleep("100 millis")
      yield* Effect.sync(() => crunchNumbers(250))
      yield* Effect.sleep("100 millis")
      expect(watchdog.blocks()).toBe(0)
      expect(watchdog.last()).toBeUndefined()
    }).pipe(Effect.provide(Layer.provide(Watchdog.layer({ startAfter: "1 hour" }), collected().layer))),
  )
})
