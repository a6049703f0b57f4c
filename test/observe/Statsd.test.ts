import { createSocket, type Socket } from "node:dgram"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Logger, LogLevel, Metric, MetricBoundaries, MetricLabel } from "effect"
import * as fc from "fast-check"
import type { Family } from "../../src/observe/Snapshot.js"
import * as Statsd from "../../src/observe/Statsd.js"

interface Collector {
  readonly port: number
  readonly lines: Array<string>
  /** Their sizes in bytes. */
  readonly packets: Array<number>
  readonly socket: Socket
}

/** A collector that keeps its lines. */
const collector = Effect.acquireRelease(
  Effect.async<Collector>((resume) => {
    const socket = createSocket("udp4")
    const lines: Array<string> = []
    const packets: Array<number> = []
    socket.on("message", (message) => {
      packets.push(message.byteLength)
      lines.push(...message.toString("utf8").split("\n").slice(0, -1))
    })
    socket.bind(0, "127.0.0.1", () => {
      const { port } = socket.address() as AddressInfo
      resume(Effect.succeed({ port, lines, packets, socket }))
    })
  }),
  ({ socket }) => Effect.sync(() => socket.close()),
)

const logged = () => {
  const lines: Array<string> = []
  const layer = Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ logLevel, message }) => {
        if (LogLevel.greaterThanEqual(logLevel, LogLevel.Info))
          lines.push(`${logLevel.label} ${String(message)}`)
      }),
    ),
    Logger.minimumLogLevel(LogLevel.Debug),
  )
  return { lines, layer }
}

const counter = (value: number, labels: Family["series"][number]["labels"] = []): Family => ({
  name: "calls",
  help: undefined,
  type: "counter",
  series: [{ suffix: "", labels, value }],
})

describe("Statsd", () => {
  it("sends of what grows what was added, and never twice", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (steps) => {
        const lines = Statsd.liner("tags")
        let total = 0
        let told = 0
        for (const step of steps) {
          total += step
          const said = lines([counter(total)])
          expect(said).toEqual(step === 0 ? [] : [`calls:${step}|c`])
          told += step
        }
        expect(told).toBe(total)
      }),
    )
  })

  it("puts labels into tags or into the name, and lets nothing of them break a line", () => {
    const labels = [
      ["command", "tryout apply"],
      ["outcome", "a|b:c#d,e@f\ng.h"],
    ] as const
    expect(Statsd.liner("tags")([counter(1, labels)])).toEqual([
      "calls:1|c|#command:tryout_apply,outcome:a_b_c_d_e_f_g.h",
    ])
    expect(Statsd.liner("name")([counter(1, labels)])).toEqual(["calls.tryout_apply.a_b_c_d_e_f_g_h:1|c"])
  })

  it("says a negative gauge so that it is no difference", () => {
    const gauge = (value: number): Family => ({ ...counter(value), name: "depth", type: "gauge" })
    const lines = Statsd.liner("tags")
    expect(lines([gauge(-2)])).toEqual(["depth:0|g", "depth:-2|g"])
    expect(lines([gauge(3)])).toEqual(["depth:3|g"])
    expect(lines([gauge(Number.NaN)])).toEqual([])
  })

  it("fills datagrams as far as they go, and loses no line", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 400, unit: "grapheme" })), (lines) => {
        const packets = Statsd.packed(lines)
        expect(packets.join("")).toBe(lines.map((line) => `${line}\n`).join(""))
        for (const packet of packets) {
          const size = Buffer.byteLength(packet)
          if (packet.split("\n").length > 2) expect(size).toBeLessThanOrEqual(1_432)
        }
      }),
    )
  })

  it.live("tells a collector what was counted, again and again, and once more at the end", () =>
    Effect.gen(function* () {
      const { lines, packets, port } = yield* collector
      const calls = Metric.counter("statsd_calls_total", { incremental: true })
      const tags = [MetricLabel.make("command", "ping")]
      const took = Metric.histogram("statsd_took_ms", MetricBoundaries.fromIterable([10]))
      calls.unsafeUpdate(2, tags)
      took.unsafeUpdate(4, [])
      took.unsafeUpdate(6, [])
      const mine = () => lines.filter((line) => line.startsWith("statsd_"))
      const arrived = (count: number) =>
        Effect.repeat(Effect.sleep("10 millis"), { until: () => mine().length >= count }).pipe(
          Effect.timeout("3 seconds"),
        )
      yield* Effect.gen(function* () {
        yield* arrived(3)
        expect(mine().sort()).toEqual([
          "statsd_calls_total:2|c|#command:ping",
          "statsd_took_ms_count:2|c",
          "statsd_took_ms_sum:10|c",
        ])
        expect(lines.some((line) => /^process_resident_memory_bytes:\d+\|g$/u.test(line))).toBe(true)
        lines.length = 0
        calls.unsafeUpdate(1, tags)
        yield* (yield* Statsd.Statsd).flush
        yield* arrived(1)
        expect(mine()).toEqual(["statsd_calls_total:1|c|#command:ping"])
        lines.length = 0
        calls.unsafeUpdate(5, tags)
      }).pipe(Effect.provide(Statsd.layer({ host: "127.0.0.1", port, every: "200 millis" })))
      yield* arrived(1)
      expect(mine()).toEqual(["statsd_calls_total:5|c|#command:ping"])
      expect(Math.max(...packets)).toBeLessThanOrEqual(1_432)
    }).pipe(Effect.scoped),
  )

  it.live(
    "costs nothing where the collector is gone, the name is unknown or the network is not there",
    () => {
      const { layer, lines } = logged()
      return Effect.gen(function* () {
        for (const host of ["127.0.0.1", "no-such-host.invalid", "255.255.255.255"]) {
          lines.length = 0
          const [took] = yield* Effect.timed(
            Effect.gen(function* () {
              const { flush } = yield* Statsd.Statsd
              yield* Effect.repeatN(flush, 4)
            }).pipe(Effect.provide(Layer.provide(Statsd.layer({ host, port: 1 }), layer))),
          )
          // Each of the six has two seconds at most; a name server that is not there takes them.
          expect(Duration.toMillis(took)).toBeLessThan(13_000)
          // Nobody may be listening: UDP does not say. What it says is said once.
          if (host === "127.0.0.1") expect(lines).toEqual([])
          else expect(lines.filter((line) => line.startsWith("WARN"))).toHaveLength(1)
        }
      })
    },
  )
})
