/**
 * Other services: whether each answers, whatever it says.
 *
 * @module
 */
import { Effect, Layer, Schedule } from "effect"
import * as Http from "../../resource/Http.js"
import * as RateStore from "../../resource/RateStore.js"
import { bounded, type Finding, ok, reasonOf, warn } from "./Finding.js"

export interface Upstream {
  /** As in the log and in what users are told. */
  readonly name: string
  readonly baseUrl: string
}

/** One request without a body, 3 seconds. A service that does not answer is a warning: the bot runs without it. */
export const check = (
  { baseUrl, name }: Upstream,
  options: { readonly ipv4Only: boolean },
): Effect.Effect<ReadonlyArray<Finding>> =>
  bounded(
    name,
    Effect.gen(function* () {
      const http = yield* Http.Http
      const upstream = yield* http.upstream({ name, baseUrl, within: "3 seconds", retry: Schedule.stop })
      const { status } = yield* upstream.request("HEAD", "/")
      return [ok(name, `${baseUrl} answers (${status})`)]
    }).pipe(
      Effect.catchAll((error) =>
        Effect.succeed([
          "status" in error
            ? ok(name, `${baseUrl} answers (${error.status})`)
            : warn(name, `${baseUrl}: ${reasonOf(error)}. What needs it says so to its users meanwhile`),
        ]),
      ),
      Effect.scoped,
      Effect.provide(Http.layer({ ipv4Only: options.ipv4Only }).pipe(Layer.provide(RateStore.layerMemory))),
    ),
  )
