/**
 * Metrics and traces for an OpenTelemetry collector, over HTTP as JSON.
 *
 * The exporter is `@effect/opentelemetry`, an optional package, loaded when this layer is built. Traces are those
 * of `Tracing`, which takes the `Tracer` that this layer gives; the tracer of the rest of the program stays as it
 * is.
 *
 * Failure modes: without the package, or with a base URL that is none, the layer fails and says what to do. A
 * collector that is gone, slow or refuses costs nothing but what it was to be told: it is left alone for a minute,
 * which is one line at debug level.
 *
 * @module
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { Data, type Duration, Effect, Layer, Redacted, Tracer } from "effect"

export interface Options {
  /** Without `/v1/traces`: `http://127.0.0.1:4318`. */
  readonly baseUrl: string
  /** As the collector lists it. Default `bosun`. */
  readonly serviceName?: string
  readonly serviceVersion?: string
  /** For the collector alone: a key, for instance. */
  readonly headers?: Readonly<Record<string, Redacted.Redacted>>
  /** Default 10 seconds. */
  readonly every?: Duration.DurationInput
  /** How long the last export may take at the end. Default 3 seconds. */
  readonly lastWithin?: Duration.DurationInput
}

/** Of one request. A collector that takes longer is gone. */
const REQUEST_TIMEOUT = "5 seconds"

/** Exports until the scope ends, and once more then. */
export const layer = (options: Options): Layer.Layer<Tracer.Tracer, OtlpError> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      if (!/^https?:$/u.test(protocolOf(options.baseUrl))) {
        return yield* new OtlpError({ reason: "BadUrl", cause: undefined })
      }
      const { OtlpMetrics, OtlpSerialization, OtlpTracer } = yield* load
      const base = options.baseUrl.replace(/\/+$/u, "")
      const every = options.every ?? "10 seconds"
      const shared = {
        resource: {
          serviceName: options.serviceName ?? "bosun",
          ...(options.serviceVersion === undefined ? {} : { serviceVersion: options.serviceVersion }),
        },
        headers: Object.fromEntries(
          Object.entries(options.headers ?? {}).map(([name, value]) => [name, Redacted.value(value)]),
        ),
        exportInterval: every,
        shutdownTimeout: options.lastWithin ?? "3 seconds",
      }
      return Layer.merge(
        OtlpMetrics.layer({ ...shared, url: `${base}/v1/metrics` }),
        Layer.scoped(Tracer.Tracer, OtlpTracer.make({ ...shared, url: `${base}/v1/traces` })),
      ).pipe(Layer.provide(OtlpSerialization.layerJson), Layer.provide(client))
    }),
  )

/** The exporter sets no time limit of its own. */
const client = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (http) =>
    HttpClient.transformResponse(http, (response) =>
      Effect.catchTag(Effect.timeout(response, REQUEST_TIMEOUT), "TimeoutException", Effect.die),
    ),
  ),
).pipe(Layer.provide(FetchHttpClient.layer))

const load = Effect.tryPromise({
  try: async () => {
    const [OtlpMetrics, OtlpSerialization, OtlpTracer] = await Promise.all([
      import("@effect/opentelemetry/OtlpMetrics"),
      import("@effect/opentelemetry/OtlpSerialization"),
      import("@effect/opentelemetry/OtlpTracer"),
    ])
    return { OtlpMetrics, OtlpSerialization, OtlpTracer }
  },
  catch: (cause) => new OtlpError({ reason: "NotInstalled", cause }),
})

const protocolOf = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : "")

/**
 * - `BadUrl`: the base URL is none of HTTP. (It is not repeated: it may have a password in it.)
 * - `NotInstalled`: the optional package is not there.
 */
export class OtlpError extends Data.TaggedError("OtlpError")<{
  readonly reason: "BadUrl" | "NotInstalled"
  readonly cause: unknown
}> {
  override get message() {
    switch (this.reason) {
      case "BadUrl":
        return "The base URL for OTLP is not an http:// or https:// URL"
      case "NotInstalled":
        return "OTLP needs the package @effect/opentelemetry: npm install @effect/opentelemetry"
    }
  }
}
