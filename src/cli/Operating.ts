/**
 * What stands beside a running bot: the watchdog, where metrics and traces go, the operator's port.
 *
 * What is not asked for is not loaded.
 *
 * @module
 */
import { Data, Effect, Layer, Option } from "effect"
import type * as Bot from "../Bot.js"
import type { OtlpError } from "../observe/Otlp.js"
import * as Tracing from "../observe/Tracing.js"
import * as Watchdog from "../observe/Watchdog.js"
import type { OpsError } from "../ops/Ops.js"
import * as Database from "../resource/Database.js"
import { Shutdown } from "../supervise/Shutdown.js"
import type { Settings } from "./Settings.js"

/** What blocks while the program loads and connects is its start, and nobody's mistake. */
const watchdog = Watchdog.layer({ startAfter: "10 seconds" })

/** For the whole bot: to be provided to it. */
export const around = ({
  otlpUrl,
  traceRatio,
}: Pick<Settings, "otlpUrl" | "traceRatio">): Layer.Layer<Watchdog.Watchdog, OtlpError> => {
  if (otlpUrl === undefined) return watchdog
  const exported = Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("../observe/Otlp.js")),
      (Otlp) => Otlp.layer({ baseUrl: otlpUrl }),
    ),
  )
  const traced = traceRatio === 0 ? Layer.empty : Tracing.layer({ ratio: traceRatio })
  return Layer.merge(watchdog, Layer.provideMerge(traced, exported))
}

/** What a page around the operator's page has to say, and to know. */
export interface Embedding {
  /** Its own origin. */
  readonly origin: string
  /** Told the port's URL. */
  readonly opened: (url: string) => void
}

/** The features, with what is built beside them: before the bot is connected, and with all that they know. */
export const beside = <A, E>(
  features: Layer.Layer<A, E, Bot.Services>,
  settings: Pick<Settings, "ops" | "statsd">,
  embedding?: Embedding,
): Layer.Layer<A, E | OpsError, Bot.Services> =>
  Layer.merge(port(settings, embedding), metrics(settings)).pipe(Layer.provideMerge(features))

/** The operator's port; whether the bot is ready depends on its database, where it has one. */
const port = (
  { ops }: Pick<Settings, "ops">,
  embedding: Embedding | undefined,
): Layer.Layer<never, OpsError, Bot.Services> =>
  ops === undefined
    ? Layer.empty
    : Layer.unwrapEffect(
        Effect.gen(function* () {
          const { make } = yield* Effect.promise(() => import("../ops/Ops.js"))
          const database = yield* Effect.serviceOption(Database.Database)
          const checks = Option.match(database, {
            onNone: () => [],
            onSome: ({ ping }) => [{ name: "database", check: Effect.mapError(ping, () => new NoAnswer()) }],
          })
          return Layer.scopedDiscard(
            Effect.flatMap(
              make({ ...ops, checks, ...(embedding === undefined ? {} : { embedders: [embedding.origin] }) }),
              ({ url }) => {
                embedding?.opened(url)
                return Effect.logInfo(`The operator's port is ${url}`)
              },
            ),
          )
        }),
      )

const metrics = ({ statsd }: Pick<Settings, "statsd">): Layer.Layer<never, never, Bot.Services> =>
  statsd === undefined
    ? Layer.empty
    : Layer.scopedDiscard(
        Effect.gen(function* () {
          const Statsd = yield* Effect.promise(() => import("../observe/Statsd.js"))
          const { flush } = yield* Statsd.make(statsd)
          const shutdown = yield* Shutdown
          yield* shutdown.register({ name: "metrics", phase: "flush", deadline: "3 seconds", run: flush })
        }),
      )

/** Told by its tag. */
class NoAnswer extends Data.TaggedError("NoAnswer") {}
