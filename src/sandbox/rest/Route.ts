/**
 * Routes as values: a method, a pattern and a handler, gathered in a table that finds the one for a path.
 *
 * A handler is a synchronous function over the World: it returns what to answer or throws an `ApiError`. The
 * list of what the sandbox implements is the table itself.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import { Form } from "../form/Form.js"
import type { Gateway } from "../gateway/Gateway.js"
import type { Interactions } from "../world/Interactions.js"
import type { File } from "../world/Messages.js"
import type { Json } from "../model/Model.js"
import type { World } from "../world/World.js"

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** The names after a colon in a pattern. */
export type Params<Pattern extends string> = Pattern extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Params<`/${Rest}`>
  : Pattern extends `${string}:${infer Name}`
    ? Name
    : never

/** What every handler has at hand. */
export interface Site {
  readonly world: World
  readonly interactions: Interactions
  readonly gateway: Gateway
}

/** One request, as a handler sees it. */
export interface Call<Name extends string = string> extends Site {
  readonly params: Readonly<Record<Name, string>>
  readonly query: URLSearchParams
  /** The JSON body; `undefined` where there is none. */
  readonly body: unknown
  readonly files: ReadonlyArray<File>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** `X-Audit-Log-Reason`, decoded. */
  readonly reason: string | null
  /** The gateway's URL, as the caller reaches it. */
  readonly gatewayUrl: string
}

/** What a handler answers. */
export interface Answer {
  readonly status: number
  /** `undefined`: no body, and so no content type. */
  readonly body: unknown
}

/** A number of requests in a span of milliseconds. */
export interface Limit {
  readonly count: number
  readonly millis: number
}

export interface Route<Name extends string = string> {
  readonly method: Method
  readonly pattern: string
  readonly handler: (call: Call<Name>) => Answer
  /** Whether an `Authorization` header is needed. */
  readonly authorized: boolean
  readonly limit: Limit
  /** Whether the request counts against the global limit. */
  readonly global: boolean
}

/** What a route may say of itself. */
export interface Traits {
  readonly authorized?: boolean
  readonly limit?: Limit
  readonly global?: boolean
}

const usual: Limit = { count: 30, millis: 10_000 }

/** Makes a route. */
export const make = <const Pattern extends string>(
  method: Method,
  pattern: Pattern,
  handler: (call: Call<Params<Pattern>>) => Answer,
  traits: Traits = {},
): Route => ({
  method,
  pattern,
  // The table fills exactly the names that the pattern has.
  handler: handler as (call: Call) => Answer,
  authorized: traits.authorized ?? true,
  limit: traits.limit ?? usual,
  global: traits.global ?? true,
})

/** 200 with a body. */
export const ok = (body: unknown): Answer => ({ status: 200, body })
/** 201 with a body. */
export const created = (body: unknown): Answer => ({ status: 201, body })
/** 204. */
export const nothing: Answer = { status: 204, body: undefined }

/** The body as an object; an absent one is empty. Refuses a list with 50035. */
export const object = (call: Pick<Call, "body">): Json => {
  const form = Form.make()
  const body = form.object(call.body) ?? {}
  form.done()
  return body
}

/** Whether the query says yes, in one of the ways that Discord takes for it. */
export const yes = (query: URLSearchParams, name: string): boolean =>
  ["true", "True", "1"].includes(query.get(name) ?? "")

/** A route with what its path said. */
export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export interface Table {
  readonly routes: ReadonlyArray<Route>
  /** `path` is below the version, without query. */
  readonly find: (method: string, path: string) => Match | undefined
}

interface Compiled {
  readonly route: Route
  readonly segments: ReadonlyArray<string>
}

/** Gathers routes. Where two fit, the one that comes first wins. */
export const table = (routes: ReadonlyArray<Route>): Table => {
  const index = new Map<string, Array<Compiled>>()
  for (const route of routes) {
    const segments = route.pattern.split("/")
    const key = `${route.method}${segments.length}${segments[1] ?? ""}`
    const known = index.get(key)
    if (known === undefined) index.set(key, [{ route, segments }])
    else known.push({ route, segments })
  }
  return {
    routes,
    find: (method, path) => {
      // Clients write a name that they put in for an id (`@me`) in per cent, too.
      const parts = path.includes("%") ? path.split("/").map(decode) : path.split("/")
      const candidates = index.get(`${method}${parts.length}${parts[1] ?? ""}`) ?? []
      for (const { route, segments } of candidates) {
        const params = match(segments, parts)
        if (params !== undefined) return { route, params }
      }
      return undefined
    },
  }
}

const match = (
  segments: ReadonlyArray<string>,
  parts: ReadonlyArray<string>,
): Record<string, string> | undefined => {
  const params: Record<string, string> = {}
  for (let at = 1; at < segments.length; at++) {
    const segment = segments[at] ?? ""
    const part = parts[at] ?? ""
    if (segment.startsWith(":")) params[segment.slice(1)] = part
    else if (segment !== part) return undefined
  }
  return params
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw ApiError.notFound()
  }
}
