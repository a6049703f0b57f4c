import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Logger, LogLevel, Metric, Redacted, Tracer } from "effect"
import * as Otlp from "../../src/observe/Otlp.js"
import * as Tracing from "../../src/observe/Tracing.js"

interface Collector {
  readonly url: string
  readonly requests: Array<{
    readonly path: string
    readonly headers: Http.IncomingHttpHeaders
    readonly body: string
  }>
}

/** A collector that answers with a status, or not at all. */
const collector = (status: number | undefined) =>
  Effect.acquireRelease(
    Effect.async<Collector & { readonly server: Http.Server }>((resume) => {
      const requests: Collector["requests"] = []
      const server = Http.createServer((request, response) => {
        let body = ""
        request.on("data", (part: Buffer) => {
          body += part.toString("utf8")
        })
        request.on("end", () => {
          requests.push({ path: request.url ?? "", headers: request.headers, body })
          if (status !== undefined) response.writeHead(status).end("{}")
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, requests, server }))
      })
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )

const logged = () => {
  const lines: Array<string> = []
  const layer = Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ logLevel, message }) => {
        lines.push(`${logLevel.label} ${String(message)}`)
      }),
    ),
    Logger.minimumLogLevel(LogLevel.Debug),
  )
  return { lines, layer }
}

const call = { interactionId: "1", name: "ping", userId: "2", guildId: "3" }

/** Traces one call, over a tracing that goes to a collector. */
const once = (options: Otlp.Options) =>
  Effect.gen(function* () {
    const tracing = yield* Tracing.Tracing
    const trace = tracing.begin(call)
    trace?.begin("ping")
    yield* trace?.handler(() => Effect.withSpan(Effect.void, "own work")) ?? Effect.void
    trace?.decided("completed")
    trace?.end()
  }).pipe(Effect.provide(Layer.provide(Tracing.layer({ ratio: 1 }), Otlp.layer(options))))

describe("Otlp", () => {
  it.live(
    "gives a collector the trace and the metrics, at the end at the latest, with its key and no other secret",
    () =>
      Effect.gen(function* () {
        Metric.counter("otlp_calls_total", { incremental: true }).unsafeUpdate(2, [])
        const { requests, url } = yield* collector(200)
        yield* once({
          baseUrl: `${url}/`,
          serviceName: "harbour",
          headers: { "x-key": Redacted.make("k") },
          every: "1 hour",
        })
        expect(requests.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"])
        const traces = requests.find(({ path }) => path === "/v1/traces")
        expect(traces?.headers["x-key"]).toBe("k")
        const spans = (
          JSON.parse(traces?.body ?? "") as {
            resourceSpans: [
              { scopeSpans: [{ spans: Array<{ name: string; spanId: string; parentSpanId?: string }> }] },
            ]
          }
        ).resourceSpans[0].scopeSpans[0].spans
        const nameOf = (id: string | undefined) => spans.find(({ spanId }) => spanId === id)?.name
        expect(spans.map(({ name, parentSpanId }) => [name, nameOf(parentSpanId)])).toEqual([
          ["admission", "interaction ping"],
          ["own work", "handler"],
          ["handler", "interaction ping"],
          ["delivery", "interaction ping"],
          ["interaction ping", undefined],
        ])
        expect(traces?.body).toContain("harbour")
        expect(requests.find(({ path }) => path === "/v1/metrics")?.body).toContain("otlp_calls_total")
      }).pipe(Effect.scoped),
  )

  it.live("costs nothing where the collector refuses, hangs or is gone", () =>
    Effect.gen(function* () {
      for (const status of [500, undefined, "gone"] as const) {
        const { layer, lines } = logged()
        const url = status === "gone" ? "http://127.0.0.1:1" : (yield* collector(status)).url
        const [took] = yield* Effect.timed(
          Effect.provide(once({ baseUrl: url, every: "1 hour", lastWithin: "300 millis" }), layer),
        )
        expect(Duration.toMillis(took)).toBeLessThan(3_000)
        expect(lines.filter((line) => !line.startsWith("DEBUG"))).toEqual([])
      }
    }).pipe(Effect.scoped),
  )

  it.live("leaves the tracer of the program alone", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* collector(200)
      yield* Effect.withSpan(Effect.void, "of another").pipe(
        Effect.provide(Layer.map(Otlp.layer({ baseUrl: url, every: "1 hour" }), () => Context.empty())),
      )
      expect(requests.filter(({ path }) => path === "/v1/traces")).toEqual([])
    }).pipe(Effect.scoped),
  )

  it.effect("says what is wrong with a URL, and does not repeat it", () =>
    Effect.gen(function* () {
      for (const baseUrl of ["", "collector:4318", "ftp://user:secret@collector"]) {
        const error = yield* Effect.flip(Effect.provide(Tracer.Tracer, Otlp.layer({ baseUrl })))
        expect(error).toMatchObject({ _tag: "OtlpError", reason: "BadUrl" })
        expect(error.message).not.toContain("secret")
      }
    }),
  )
})
