/**
 * A GitHub of one's own, over real HTTP: accounts with repositories, pages, `ETag`s, and limits.
 *
 * By hand: `start({ port: 8999 })`, and the feature with `baseUrl: "http://127.0.0.1:8999"`.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What it does with the next requests. */
export type Mood =
  | { readonly _tag: "Willing" }
  /** It takes the request, and never answers. */
  | { readonly _tag: "Silent" }
  /** 403, none left, until then (epoch milliseconds). */
  | { readonly _tag: "UsedUp"; readonly until: number }
  /** One more answer, and then none until then. */
  | { readonly _tag: "LastOne"; readonly until: number }
  /** A secondary limit: so many seconds. */
  | { readonly _tag: "TooFast"; readonly seconds: number | undefined }
  | { readonly _tag: "Broken" }
  | { readonly _tag: "Nonsense" }

export interface StandIn {
  readonly url: string
  /** Path, query, and status of each answer. */
  readonly answers: Array<string>
  mood: Mood
  /** Descriptions by full name, in place of the usual one. */
  readonly descriptions: Map<string, string>
  /** What a call has to bring along; undefined where none is asked for. */
  token: string | undefined
}

const COUNTS: Readonly<Record<string, number>> = { ada: 234, ben: 3, cleo: 0 }

/** Answers requests as GitHub does. */
const answering = (state: StandIn): RequestListener => {
  const send = (
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: unknown,
    more = {},
  ) => {
    const text = JSON.stringify(body)
    const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 20)}"`
    const same = status === 200 && request.headers["if-none-match"] === etag
    state.answers.push(`${request.url} ${same ? 304 : status}`)
    response.writeHead(same ? 304 : status, {
      "content-type": "application/json; charset=utf-8",
      "x-ratelimit-limit": "60",
      "x-ratelimit-remaining": "59",
      ...(status === 200 ? { etag } : {}),
      ...more,
    })
    response.end(same ? undefined : text)
  }
  return (request, response) => {
    const { mood } = state
    const url = new URL(request.url ?? "/", state.url)
    if (mood._tag === "Silent") return
    if (mood._tag === "Broken") return send(request, response, 502, { message: "Bad gateway" })
    if (mood._tag === "UsedUp")
      return send(request, response, 403, { message: "API rate limit exceeded" }, spent(mood.until))
    if (mood._tag === "TooFast")
      return send(
        request,
        response,
        403,
        { message: "You have exceeded a secondary rate limit" },
        mood.seconds === undefined ? {} : { "retry-after": String(mood.seconds) },
      )
    if (mood._tag === "Nonsense") {
      response.end("<html>")
      return
    }
    if (state.token !== undefined && request.headers.authorization !== `Bearer ${state.token}`)
      return send(request, response, 401, { message: "Bad credentials" })
    const more = mood._tag === "LastOne" ? spent(mood.until) : {}
    // As of a repository that has another name now.
    if (url.pathname === "/repos/ada/dinghy")
      return send(request, response, 301, { message: "Moved" }, { location: `${state.url}/repos/ada/boat-1` })
    const found = content(url, state)
    return found === undefined
      ? send(request, response, 404, { message: "Not Found" }, more)
      : send(request, response, 200, found, more)
  }
}

const spent = (until: number) => ({
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": String(Math.ceil(until / 1_000)),
})

const content = (url: URL, state: StandIn): unknown => {
  const [, kind, owner = "", name] = url.pathname.split("/")
  const count = COUNTS[owner]
  if (count === undefined) return undefined
  if (kind === "repos") {
    const index = Number(/^boat-(\d+)$/u.exec(name ?? "")?.[1])
    return index >= 1 && index <= count ? repository(owner, index, state) : undefined
  }
  if (kind !== "users") return undefined
  if (name === undefined)
    return { login: owner, name: owner === "ada" ? "Ada *L*" : null, public_repos: count }
  const per = Number(url.searchParams.get("per_page") ?? 30)
  const first = (Number(url.searchParams.get("page") ?? 1) - 1) * per
  return Array.from({ length: Math.max(0, Math.min(per, count - first)) }, (_, index) =>
    repository(owner, first + index + 1, state),
  )
}

const repository = (owner: string, index: number, { descriptions }: StandIn) => {
  const full_name = `${owner}/boat-${index}`
  return {
    full_name,
    html_url: `https://github.com/${full_name}`,
    description: descriptions.get(full_name) ?? (index % 3 === 0 ? null : `Boat number ${index}`),
    language: index % 2 === 0 ? "TypeScript" : null,
    license: { spdx_id: "MIT", name: "MIT License" },
    topics: ["boats"],
    stargazers_count: index,
    forks_count: 2,
    open_issues_count: 1,
    archived: index === 2,
    fork: index === 3,
    pushed_at: "2026-01-02T03:04:05Z",
  }
}

/** Serves on the loopback until it is stopped; any free port by default. */
export const start = (
  options: { readonly port?: number } = {},
): Promise<StandIn & { readonly stop: () => void }> =>
  new Promise((resolve) => {
    const state = {
      url: "",
      answers: [] as Array<string>,
      mood: { _tag: "Willing" } as Mood,
      descriptions: new Map<string, string>(),
      token: undefined as string | undefined,
      stop: () => {
        server.close()
        server.closeAllConnections()
      },
    }
    const server = createServer(answering(state))
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      resolve(state)
    })
  })

/** The same until the scope ends. */
export const serve: Effect.Effect<StandIn, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => start()),
  ({ stop }) => Effect.sync(stop),
)
