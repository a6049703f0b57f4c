/**
 * What an answer of Discord's means: the typed error of a status and a body, of an error that discord.js
 * threw, and the time after which a 429 may be repeated.
 *
 * By the code first, then by the status; an unknown code falls back to its status, so that a new code of
 * Discord's is never a defect. Whatever text of Discord's is kept has anything that looks like a token cut out.
 *
 * @module
 */
import type { APIApplication, APIApplicationCommand, APIGatewayBotInfo } from "discord-api-types/v10"
import { Effect } from "effect"
import * as DiscordError from "../DiscordError.js"
import * as Route from "./Route.js"

const decoder = new TextDecoder()

/** The text of a body. */
export const text = (body: Uint8Array): string => decoder.decode(body)

/** A body's JSON, or undefined where it has none. */
export const json = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}

/**
 * The start of a text in one line, without anything that could be a token; of a page of HTML, which a proxy puts
 * in the place of Discord's answer, its title.
 */
export const excerpt = (body: string): string =>
  (PAGE.test(body) ? titleOf(body.slice(0, 10_000)) : body)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replace(/[\w.-]{40,}/g, ":token")
    .slice(0, 200)

const PAGE = /^\s*<(?:!doctype|!--|\?xml|html|head|body|title|center|h1)\b/iu

const titleOf = (page: string): string => {
  const title = /<title(?:\s[^<>]*)?>([^<]*)/iu.exec(page)?.[1] ?? ""
  return title.trim() === "" ? "an HTML page" : title
}

/** The answer to `GET path`. One that has nothing of what Discord's has there somebody else gave: `Refused`. */
export const read =
  <A>(path: string, is: (answer: unknown) => answer is A) =>
  ({ json, status }: { readonly json: unknown; readonly status: number }) =>
    is(json)
      ? Effect.succeed(json)
      : Effect.fail(
          new DiscordError.Refused({
            route: `GET ${path}`,
            status,
            code: 0,
            reason: excerpt(JSON.stringify(json) ?? "nothing"),
          }),
        )

/** Of a call that Discord has carried out by its word, though what it says besides cannot be read: undefined. */
export const unread = (
  call: Effect.Effect<{ readonly json: unknown }, DiscordError.RestError>,
): Effect.Effect<unknown, DiscordError.RestError> =>
  Effect.catchTag(
    Effect.map(call, ({ json }) => json),
    "MalformedAnswer",
    () => Effect.succeed(undefined),
  )

/** Whether it can be what Discord answers to `GET /applications/@me`. */
export const isApplication = (answer: unknown): answer is APIApplication =>
  isRecord(answer) && typeof answer["id"] === "string"

/** Whether it can be a list of commands of Discord's. */
export const isCommands = (answer: unknown): answer is ReadonlyArray<APIApplicationCommand> =>
  Array.isArray(answer) && answer.every((one) => isRecord(one) && typeof one["name"] === "string")

/** Whether it can be what Discord answers to `GET /gateway/bot`. */
export const isGatewayInfo = (answer: unknown): answer is APIGatewayBotInfo => {
  if (!isRecord(answer) || typeof answer["url"] !== "string" || typeof answer["shards"] !== "number")
    return false
  const limit = answer["session_start_limit"]
  return (
    isRecord(limit) &&
    ["remaining", "reset_after", "max_concurrency"].every((name) => typeof limit[name] === "number")
  )
}

/**
 * The error of an answer of 400 or above. `route` is its display form (without tokens), `body` the parsed
 * JSON, or the bare text where it was none.
 */
export const fromAnswer = (route: string, status: number, body: unknown): DiscordError.RestError => {
  const fields = isRecord(body) ? body : {}
  const code = typeof fields["code"] === "number" ? fields["code"] : 0
  const sentence =
    typeof fields["message"] === "string"
      ? fields["message"]
      : typeof body === "string" && body !== ""
        ? body
        : "no reason given"
  const answered = { route, status, code, reason: excerpt(sentence) }
  if (status === 429) return new DiscordError.RateLimited({ route, scope: "unknown", retryAfter: undefined })
  if (status >= 500) return new DiscordError.ServerError(answered)
  switch (code) {
    case 10062:
      return new DiscordError.UnknownInteraction(answered)
    case 40060:
      return new DiscordError.AlreadyAcknowledged(answered)
    case 50001:
      return new DiscordError.MissingAccess(answered)
    case 50007: // does not accept direct messages
    case 50278: // no guild in common
      return new DiscordError.CannotMessageUser(answered)
    case 50013:
      return new DiscordError.MissingPermissions(answered)
    case 50035:
    case 50109:
      return new DiscordError.InvalidForm({ ...answered, fields: flatten(fields["errors"]) })
  }
  if (status === 401) return new DiscordError.Unauthorized(answered)
  if ((code >= 10001 && code <= 10999) || status === 404) return new DiscordError.UnknownResource(answered)
  if (status === 400) return new DiscordError.InvalidForm({ ...answered, fields: flatten(fields["errors"]) })
  return new DiscordError.Refused(answered)
}

/**
 * The error behind whatever a promise of discord.js rejected with. Errors of this edge pass unchanged; what is
 * neither an answer of Discord's nor an error of the way to it is a `LibraryError`.
 */
export const fromDiscordJs = (error: unknown): DiscordError.DiscordError => {
  if (isOurs(error)) return error
  // By shape, not by class: the edge does not load discord.js, and a bot may hold two copies of it.
  if (error instanceof Error) {
    const { status, method, url, rawError } = error as Error & Record<string, unknown>
    if (
      typeof status === "number" &&
      typeof method === "string" &&
      typeof url === "string" &&
      status >= 400
    ) {
      return fromAnswer(display(method, url), status, rawError ?? error.message)
    }
    if (error.name.startsWith("RateLimitError")) {
      const { route, scope, retryAfter } = error as Error & Record<string, unknown>
      return new DiscordError.RateLimited({
        route: typeof route === "string" ? route : "a route",
        scope: scope === "user" || scope === "global" || scope === "shared" ? scope : "unknown",
        retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
      })
    }
  }
  return new DiscordError.LibraryError({ cause: error })
}

/** A 429, read. */
export interface Refusal {
  readonly scope: "user" | "global" | "shared" | "unknown"
  /** Milliseconds, or undefined where Discord did not say, or said something that is no time. */
  readonly retryAfter: number | undefined
}

/** Reads a 429: the header first (seconds), then the body (`retry_after`, seconds with a fraction). */
export const refusal = (headers: Readonly<Record<string, string>>, body: string): Refusal => {
  const parsed = json(body)
  const fields = isRecord(parsed) ? parsed : undefined
  const said = headers["x-ratelimit-scope"]
  const scope =
    headers["x-ratelimit-global"] === "true" || fields?.["global"] === true
      ? "global"
      : said === "user" || said === "global" || said === "shared"
        ? said
        : // Not from Discord's API but from the wall before it, which counts the whole address.
          fields === undefined
          ? "global"
          : "unknown"
  // The body's number has the finer resolution; the larger of both is right for either reading.
  const times = [seconds(headers["retry-after"]), seconds(fields?.["retry_after"])].filter(
    (time) => time !== undefined,
  )
  return { scope, retryAfter: times.length === 0 ? undefined : Math.max(...times) }
}

/** Milliseconds from a number of seconds, or undefined where it is none. */
export const seconds = (value: unknown): number | undefined => {
  if (typeof value === "string" ? value.trim() === "" : typeof value !== "number") return undefined
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? Math.ceil(Math.round(number * 1e6) / 1e3) : undefined
}

/** The display route of a method and a whole address, as discord.js's errors carry them. */
const display = (method: string, url: string): string => {
  const path = url.replace(/^https?:\/\/[^/]+/, "").replace(/^.*?\/v\d+(?=\/)/, "")
  return Route.parse(method.toUpperCase() as "GET", path).display
}

/** `{ embeds: { 0: { title: { _errors: [{ message }] } } } }` as `embeds[0].title`. */
const flatten = (errors: unknown): ReadonlyArray<{ readonly path: string; readonly reason: string }> => {
  const found: Array<{ path: string; reason: string }> = []
  const walk = (node: unknown, path: string, depth: number): void => {
    if (!isRecord(node) || depth > 32) return
    for (const [key, value] of Object.entries(node)) {
      if (key === "_errors" && Array.isArray(value)) {
        for (const entry of value as Array<unknown>) {
          const message = isRecord(entry) ? entry["message"] : undefined
          found.push({ path, reason: excerpt(typeof message === "string" ? message : "refused") })
        }
      } else {
        walk(value, /^\d+$/.test(key) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, depth + 1)
      }
    }
  }
  walk(errors, "", 0)
  return found
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const ours: ReadonlyArray<abstract new (...args: never) => DiscordError.DiscordError> = [
  DiscordError.UnknownInteraction,
  DiscordError.AlreadyAcknowledged,
  DiscordError.MissingPermissions,
  DiscordError.MissingAccess,
  DiscordError.UnknownResource,
  DiscordError.CannotMessageUser,
  DiscordError.InvalidForm,
  DiscordError.Unauthorized,
  DiscordError.Refused,
  DiscordError.ServerError,
  DiscordError.RateLimited,
  DiscordError.InvalidRequestBudget,
  DiscordError.RequestTimeout,
  DiscordError.TransportError,
  DiscordError.MalformedAnswer,
  DiscordError.LibraryError,
]

const isOurs = (error: unknown): error is DiscordError.DiscordError =>
  error instanceof Error && ours.some((kind) => error instanceof kind)
