/**
 * What a method and a path mean to the edge: how to name the call in a log, which limits count it, which calls
 * must not overtake it, and whether it may be sent twice.
 *
 * Pure and total: an unknown path is a route like any other, with the careful answer to each question (a POST
 * is never repeated).
 *
 * @module
 */
import type { Request } from "./Transport.js"

/**
 * Whether a request whose answer was lost may be sent again.
 * - `safe`: twice is as good as once (reads, edits, deletions)
 * - `nonce`: a message; safe as long as the body carries a nonce that Discord enforces
 * - `once-then-40060`: the first response to an interaction; when a repetition answers 40060, the first arrived
 * - `never`: twice would be visible (follow-ups, threads, roles); repeated only if it certainly never arrived
 */
export type Retry = "safe" | "nonce" | "once-then-40060" | "never"

export interface Route {
  readonly method: Request["method"]
  /** For people: `POST /webhooks/1/:token`. Ids stay, tokens and the query do not. */
  readonly display: string
  /** The route with every id and code taken out: what Discord's bucket hashes belong to. */
  readonly template: string
  /** The major parameter, by which Discord splits a bucket: `channels/1`, `webhooks/1/token`; empty if none. */
  readonly major: string
  /** Calls with the same key are sent one after the other, in the order they were made. Empty: in any order. */
  readonly order: string
  /** Whether rate-limit buckets count it. False for the first response to an interaction. */
  readonly bucketed: boolean
  /** Whether the bot's 50 requests a second count it. False for routes that carry a token of their own. */
  readonly global: boolean
  readonly retry: Retry
  /** Whether a person waits for it: the first response, or the edit of a deferred one. */
  readonly acknowledges: boolean
}

/** Segments after which comes a code or a name instead of an id. */
const coded = new Set(["invites", "templates"])
const majors = new Set(["channels", "guilds", "webhooks"])
const digits = /^\d+$/

/**
 * Reads a route. `path` is below the API's version (`/channels/1/messages?limit=5`); percent-encoded `@` is
 * the same as a plain one.
 */
export const parse = (method: Request["method"], path: string): Route => {
  const query = path.indexOf("?")
  const segments = (query === -1 ? path : path.slice(0, query)).split("/")
  if (segments[0] === "") segments.shift()
  const family = segments[0] ?? ""
  const tokenAt = family === "interactions" || family === "webhooks" ? 2 : -1
  let display = method + " "
  let template = method + " "
  for (let at = 0; at < segments.length; at++) {
    const raw = segments[at]!
    const segment = raw.startsWith("%40") ? `@${raw.slice(3)}` : raw
    if (at === tokenAt && segment !== "") {
      display += "/:token"
      template += "/:token"
      continue
    }
    display += `/${segment}`
    if (segments[at - 1] === "reactions") {
      // Discord counts every emoji, and whose reaction it is, as one route.
      for (const rest of segments.slice(at + 1)) display += `/${rest.replace(/^%40/, "@")}`
      template += "/:reaction"
      break
    }
    if (digits.test(segment)) template += "/:id"
    else if (coded.has(segments[at - 1] ?? "")) template += "/:code"
    else template += `/${segment}`
  }
  const id = segments[1] ?? ""
  const token = tokenAt === -1 ? "" : (segments[2] ?? "")
  const callback = family === "interactions" && segments[3] === "callback" && segments.length === 4
  const major =
    !majors.has(family) || !digits.test(id)
      ? ""
      : token === ""
        ? `${family}/${id}`
        : `${family}/${id}/${token}`
  return {
    method,
    display,
    template,
    major,
    order: callback || method === "GET" ? "" : `${template} ${major}`,
    bucketed: !callback,
    global: token === "",
    retry: callback ? "once-then-40060" : retryOf(method, template),
    acknowledges:
      callback || (method === "PATCH" && token !== "" && display.endsWith("/:token/messages/@original")),
  }
}

const retryOf = (method: Request["method"], template: string): Retry => {
  if (method !== "POST") return "safe"
  switch (template) {
    case "POST /channels/:id/messages":
      return "nonce"
    case "POST /channels/:id/typing":
      return "safe"
    default:
      return "never"
  }
}
