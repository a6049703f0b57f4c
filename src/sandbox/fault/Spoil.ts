/**
 * What a plan makes of an answer: one given instead of the World's, or the World's own, damaged on its way.
 *
 * @module
 */
import type { Bucket } from "../rest/RateLimits.js"
import type { Response } from "../rest/Rest.js"
import type { Hit } from "./Rules.js"

/** An answer before it has a date and a content length. */
export interface Draft {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: unknown
}

/**
 * The answer to a request that is not carried out; `undefined` for the kinds that carry it out. `now` in
 * milliseconds; `bucket` is that of the request, where it has one.
 */
export const instead = (hit: Hit, now: number, bucket: Bucket | undefined): Draft | undefined => {
  switch (hit.kind) {
    case "limited":
      return limited(hit, now, bucket)
    case "cloudflare":
      return banned(hit.millis ?? 1_000)
    case "error": {
      const status = hit.rule.status ?? 503
      if (status === 500)
        return { status, headers: {}, body: { message: "500: Internal Server Error", code: 0 } }
      return {
        status,
        headers: { "content-type": "text/html; charset=UTF-8", server: "cloudflare" },
        body: page(`${status}`, "The server behind this one gave no usable answer."),
      }
    }
    default:
      return undefined
  }
}

/** What Cloudflare says to whoever is banned for so many milliseconds. */
export const banned = (millis: number): Draft => ({
  status: 429,
  headers: {
    "content-type": "text/html; charset=UTF-8",
    server: "cloudflare",
    "retry-after": String(Math.max(1, Math.ceil(millis / 1_000))),
  },
  body: page("Access denied", "You are being rate limited (error 1015)."),
})

/** The answer as it arrives. The request was carried out. */
export const damage = (hit: Hit, response: Response): Response => {
  const { body, headers } = response
  switch (hit.kind) {
    case "lost":
      return { ...response, cut: -1 }
    case "reset":
      // What has no body has no middle.
      return { ...response, cut: body.byteLength === 0 ? -1 : Math.floor(body.byteLength * hit.share) }
    case "malformed":
      return { status: response.status === 204 ? 200 : response.status, headers: json(headers), body: torn }
    case "oversized":
      return {
        status: response.status === 204 ? 200 : response.status,
        headers: json(headers),
        body: Buffer.concat([Buffer.alloc(excess, " "), body.byteLength === 0 ? nothing : body]),
      }
    default:
      return response
  }
}

/** 8 MiB. */
const excess = 8 * 1024 * 1024
const torn = Buffer.from('{"id":"1","content":"torn of')
const nothing = Buffer.from("null")

const json = (headers: Record<string, string>): Record<string, string> => ({
  ...headers,
  "content-type": "application/json",
})

const seconds = ({ millis = 1_000 }: Hit): number => Math.max(1, Math.ceil(millis / 1_000))

const limited = (hit: Hit, now: number, bucket: Bucket | undefined): Draft => {
  const { bare = false, scope = "user" } = hit.rule
  const global = scope === "global"
  const message = "You are being rate limited."
  if (bare) return { status: 429, headers: {}, body: { message, global } }
  const wait = (hit.millis ?? 1_000) / 1_000
  const headers: Record<string, string> = {
    "retry-after": String(seconds(hit)),
    "x-ratelimit-scope": scope,
    ...(global ? { "x-ratelimit-global": "true" } : {}),
    ...(global || bucket === undefined
      ? {}
      : {
          "x-ratelimit-limit": String(bucket.limit.count),
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": (now / 1_000 + wait).toFixed(3),
          "x-ratelimit-reset-after": wait.toFixed(3),
          "x-ratelimit-bucket": bucket.name,
        }),
  }
  return { status: 429, headers, body: { message, retry_after: wait, global } }
}

const page = (title: string, text: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`
