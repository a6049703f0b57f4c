/**
 * GitHub's API, as far as the commands need it.
 *
 * Answers are kept with their `ETag` and asked for again only if they have changed. When GitHub says that its limit
 * is used up (`x-ratelimit-remaining: 0`, or 403 and 429 for its secondary limits), nothing is asked until the time
 * that it names; who asks meanwhile is told when to come back. (GitHub: 60 calls an hour without a token, 5,000 with
 * one.)
 *
 * @module
 */
import { Context, type Duration, Effect, Layer, Redacted, Schema } from "effect"
import { Http, type Upstream, type UpstreamOptions } from "../../resource/Http.js"
import { HttpMalformed } from "../../resource/HttpError.js"
import type { Rate } from "../../resource/RateStore.js"
import * as Cache from "./Cache.js"
import { type GithubError, NotOnGithub, TokenRefused } from "./GithubError.js"
import { Account, type FullName, Repository } from "./Model.js"

export interface Options {
  /** Default `https://api.github.com`. */
  readonly baseUrl?: string
  /** A token without any rights is enough: it raises the limit. */
  readonly token?: Redacted.Redacted
  /** For a call with all its tries. Default 8 seconds. */
  readonly within?: Duration.DurationInput
}

export interface Api {
  readonly account: (login: string) => Effect.Effect<Account, GithubError>
  /** The page at an index from 0 of an account's repositories, `PER_PAGE` each, the last changed first. */
  readonly repositories: (
    login: string,
    page: number,
  ) => Effect.Effect<ReadonlyArray<Repository>, GithubError>
  readonly repository: (name: FullName) => Effect.Effect<Repository, GithubError>
}

export const Api = Context.GenericTag<Api>("bosun/features/github/Api")

/** GitHub: at most 100. */
export const PER_PAGE = 100
/** Characters. */
const KEPT = 4_000_000
/**
 * What is left of an hour's calls is GitHub's to say. This keeps a minute's below its secondary limit (900 points),
 * and remembers over a restart that nothing may be asked.
 */
const RATE: Rate = { limit: 60, windowMillis: 60_000 }
/** GitHub: a minute at least, where a secondary limit does not say how long. */
const SECONDARY = 60_000

export const layer = ({
  baseUrl = "https://api.github.com",
  token,
  within = "8 seconds",
}: Options = {}): Layer.Layer<Api, never, Http> =>
  Layer.scoped(
    Api,
    Effect.gen(function* () {
      const http = yield* Http
      const github = yield* http.upstream({
        name: "GitHub",
        baseUrl,
        within,
        rate: RATE,
        limits: usedUp,
        bodyLimit: 4 * 1_048_576,
        headers: {
          accept: "application/vnd.github+json",
          "x-github-api-version": "2022-11-28",
          ...(token === undefined ? {} : { authorization: Redacted.make(`Bearer ${Redacted.value(token)}`) }),
        },
      })
      return make(github, Cache.make(KEPT))
    }),
  )

const make = (github: Upstream, cache: Cache.Cache): Api => {
  /** A text that is there, from GitHub or as it was kept; undefined where there is none. */
  const ask = Effect.fnUntraced(function* (path: string, query: Readonly<Record<string, string>> = {}) {
    const key = `${path}?${new URLSearchParams(query)}`
    const kept = cache.get(key)
    const response = yield* github
      .get(path, {
        query,
        accept: [404],
        ...(kept === undefined ? {} : { headers: { "if-none-match": kept.etag } }),
      })
      .pipe(Effect.catchIf((error) => error._tag === "HttpRefused" && error.status === 401, refuseToken))
    if (response.status === 304) return kept?.text
    if (response.status === 404) return undefined
    const { etag } = response.headers
    if (etag !== undefined) cache.set(key, { etag, text: response.text })
    return response.text
  })

  const read = <A, I>(schema: Schema.Schema<A, I>) => {
    const decode = Schema.decode(Schema.parseJson(schema))
    return (text: string): Effect.Effect<A, HttpMalformed> =>
      Effect.mapError(
        decode(text),
        ({ message }) => new HttpMalformed({ upstream: github.name, reason: message.slice(0, 500) }),
      )
  }
  const [readAccount, readAll, readOne] = [read(Account), read(Schema.Array(Repository)), read(Repository)]

  const found = <A>(
    text: Effect.Effect<string | undefined, GithubError>,
    what: NotOnGithub["what"],
    name: string,
    decode: (text: string) => Effect.Effect<A, HttpMalformed>,
  ): Effect.Effect<A, GithubError> =>
    Effect.flatMap(text, (given): Effect.Effect<A, GithubError> =>
      given === undefined ? Effect.fail(new NotOnGithub({ what, name })) : decode(given),
    )

  return {
    account: (login) => found(ask(`/users/${encodeURIComponent(login)}`), "account", login, readAccount),
    repositories: (login, page) =>
      found(
        ask(`/users/${encodeURIComponent(login)}/repos`, {
          sort: "pushed",
          per_page: String(PER_PAGE),
          page: String(page + 1),
        }),
        "account",
        login,
        readAll,
      ),
    repository: ({ name, owner }) =>
      found(
        ask(`/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`),
        "repository",
        `${owner}/${name}`,
        readOne,
      ),
  }
}

const refuseToken = () =>
  Effect.zipRight(
    Effect.logWarning("GitHub refuses the token: nothing can be asked until it is replaced"),
    new TokenRefused(),
  )

/** When GitHub may be asked again (epoch milliseconds); undefined where it may be now. */
const usedUp: NonNullable<UpstreamOptions["limits"]> = ({ headers, status, text }, now) => {
  const refused = status === 403 || status === 429
  const after = headers["retry-after"] ?? ""
  if (refused && /^\d{1,6}$/u.test(after)) return now + Number(after) * 1_000
  const reset = Number(headers["x-ratelimit-reset"]) * 1_000
  if (headers["x-ratelimit-remaining"] === "0" && reset > now) return reset
  return status === 429 || (refused && /rate limit/iu.test(text)) ? now + SECONDARY : undefined
}
