/**
 * The door for discord.js: its REST client asks here for every request, through its option `makeRequest`.
 *
 * discord.js keeps its structures and, per route, the order of its calls; limits, time-outs, repetition and
 * abort are the edge's. So it is not shown any rate-limit header (its own limiter runs on real time), and is
 * to be given `retries: 0`, `timeout: 2 ** 31 - 1` and `globalRequestsPerSecond: Infinity`. Answers of 4xx are
 * passed on, for it to make its `DiscordAPIError`; everything else that fails rejects with the edge's own typed
 * error. `Answer.fromDiscordJs` gives one type to both.
 *
 * @module
 */
import { Exit, type Effect, type Fiber } from "effect"
import { STATUS_CODES } from "node:http"
import { MalformedAnswer, type RestError, TransportError } from "../DiscordError.js"
import * as Answer from "./Answer.js"
import * as Body from "./Body.js"
import * as Route from "./Route.js"
import * as Signal from "./Signal.js"
import type { Response as Whole } from "./Transport.js"

/** What discord.js passes, as far as it is used. */
export interface Init {
  readonly method?: string | undefined
  readonly headers?: unknown
  readonly body?: unknown
  readonly signal?: AbortSignal | null | undefined
}

/** What discord.js reads of an answer. */
export type ResponseLike = Pick<
  Response,
  "arrayBuffer" | "bodyUsed" | "headers" | "json" | "ok" | "status" | "statusText" | "text"
> & { readonly body: null }

export interface Options {
  /** The base without the version: `https://discord.com/api`. */
  readonly apiUrl: string
  /** Sends one call. `path` is below the version, with its query. */
  readonly call: (
    route: Route.Route,
    path: string,
    headers: Record<string, string>,
    body: Body.Body,
    repeatable: boolean,
  ) => Effect.Effect<Whole, RestError>
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
  readonly nonce: () => string
  readonly boundary: () => string
}

export type MakeRequest = (url: string, init: Init) => Promise<ResponseLike>

export const make = (options: Options): MakeRequest => {
  const base = new RegExp(`^${options.apiUrl.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/v\\d+(?=/)`)

  return async (url, init) => {
    const path = url.replace(base, "").replace(/^https?:\/\/[^/]+(?:.*?\/v\d+(?=\/))?/, "")
    const route = Route.parse((init.method ?? "GET").toUpperCase() as Route.Route["method"], path)
    const headers = lowerCased(init.headers)
    const { body, repeatable } = await bodyOf(route, init.body, headers["content-type"], options)
    const signals = [init.signal, Signal.current()].filter(
      (signal) => signal !== null && signal !== undefined,
    )
    return new Promise<ResponseLike>((resolve, reject) => {
      const aborted = () => reject(new TransportError({ route: route.display, code: "ABORTED", sent: true }))
      if (signals.some((signal) => signal.aborted)) return aborted()
      const fiber = options.fork(options.call(route, path, headers, body, repeatable))
      const interrupt = () => fiber.unsafeInterruptAsFork(fiber.id())
      for (const signal of signals) signal.addEventListener("abort", interrupt)
      fiber.addObserver((exit) => {
        for (const signal of signals) signal.removeEventListener("abort", interrupt)
        if (Exit.isSuccess(exit)) return resolve(responseLike(route, exit.value))
        // Never a name of AbortError: discord.js would send it again.
        return exit.cause._tag === "Fail" ? reject(exit.cause.error) : aborted()
      })
    })
  }
}

const bodyOf = async (
  route: Route.Route,
  given: unknown,
  contentType: string | undefined,
  options: Pick<Options, "boundary" | "nonce">,
): Promise<{ readonly body: Body.Body; readonly repeatable: boolean }> => {
  let repeatable = route.retry !== "never"
  const message = (text: string) => {
    if (route.retry !== "nonce") return text
    const made = Body.withNonce(text, options.nonce)
    repeatable = made.repeatable
    return made.payload
  }
  if (given === null || given === undefined) {
    return { body: Body.none, repeatable: repeatable && route.retry !== "nonce" }
  }
  if (typeof given === "string") return { body: { data: message(given), contentType }, repeatable }
  if (given instanceof FormData) {
    const parts: Array<Body.Part> = []
    for (const part of await Body.partsOf(given)) {
      parts.push(
        part.field === "payload_json" && typeof part.data === "string"
          ? { ...part, data: message(part.data) }
          : part,
      )
    }
    if (route.retry === "nonce" && !parts.some((part) => part.field === "payload_json")) {
      parts.unshift({ field: "payload_json", data: message("{}") })
    }
    return { body: Body.ofParts(parts, options.boundary()), repeatable }
  }
  // Bytes are somebody's own form: nothing is added, so that a message cannot be made safe to repeat.
  return {
    body: { data: await bytesOf(given), contentType },
    repeatable: repeatable && route.retry !== "nonce",
  }
}

const bytesOf = async (given: unknown): Promise<Uint8Array | string> => {
  if (given instanceof Uint8Array) return given
  if (given instanceof ArrayBuffer) return new Uint8Array(given)
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  if (given instanceof Blob) return new Uint8Array(await given.arrayBuffer())
  if (given instanceof URLSearchParams) return given.toString()
  throw new TypeError("A request's body must be text, bytes, a Blob, URLSearchParams or FormData")
}

const lowerCased = (given: unknown): Record<string, string> => {
  const headers: Record<string, string> = {}
  if (typeof given !== "object" || given === null) return headers
  const pairs =
    given instanceof Headers
      ? given.entries()
      : Array.isArray(given)
        ? (given as Array<[string, string]>)
        : Object.entries(given)
  for (const [name, value] of pairs) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value)
  }
  return headers
}

const hidden = /^(?:x-ratelimit-|retry-after$)/

const responseLike = (route: Route.Route, whole: Whole): ResponseLike => {
  const { body, status } = whole
  let used = false
  const headers = new Headers()
  for (const name in whole.headers) {
    // discord.js parses what claims to be JSON, and an empty body is none.
    if (hidden.test(name) || (name === "content-type" && body.length === 0)) continue
    headers.append(name, whole.headers[name]!)
  }
  const text = () => {
    used = true
    return Answer.text(body)
  }
  return {
    body: null,
    get bodyUsed() {
      return used
    },
    headers,
    ok: status >= 200 && status < 300,
    status,
    statusText: STATUS_CODES[status] ?? "",
    text: async () => text(),
    json: async () => {
      const all = text()
      const parsed = Answer.json(all)
      if (parsed === undefined) {
        throw new MalformedAnswer({ route: route.display, status, excerpt: Answer.excerpt(all) })
      }
      return parsed
    },
    arrayBuffer: async () => {
      used = true
      return new Uint8Array(body).buffer
    },
  }
}
