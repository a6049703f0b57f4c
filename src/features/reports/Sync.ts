/**
 * Every hour, and when the bot is ready: the list of known scam domains, from a source outside.
 *
 * ```ts
 * Sync.layer({ url: "https://lists.example/scam-domains.json" })
 * ```
 *
 * The source is a JSON list of names, or an object that has one under `domains`. What is no name of a domain is left
 * out. Where the source has not changed since (ETag), nothing is read.
 *
 * Failure modes: a source that cannot be reached, or a store that cannot, is tried again; then the former list
 * stays, and the next hour tries again. A list without a single domain is not believed.
 *
 * @module
 */
import { Data, Effect, Layer, Schema } from "effect"
import { Http } from "../../resource/Http.js"
import * as Job from "../../supervise/Job.js"
import { ScamDomains } from "../guild/ScamDomains.js"

export interface Options {
  /** Where the list is. Only this host is asked. */
  readonly url: string
}

/** A URL that is none dies with what `Http.upstream` says of it. */
export const layer = ({ url }: Options): Layer.Layer<never, never, Http | Job.Services | ScamDomains> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const http = yield* Http
      const { origin, pathname, searchParams } = new URL(url)
      const upstream = yield* http.upstream({ name: "scam domains", baseUrl: origin, within: "30 seconds" })
      let etag: string | undefined
      const pull = Effect.gen(function* () {
        const domains = yield* ScamDomains
        const response = yield* upstream.get(pathname, {
          query: Object.fromEntries(searchParams),
          ...(etag === undefined ? {} : { headers: { "if-none-match": etag } }),
        })
        if (response.status === 304) return
        const { added, removed } = yield* domains.replace(yield* parse(yield* response.json))
        // Not before it is stored.
        etag = response.headers["etag"]
        if (added + removed > 0) yield* Effect.logInfo(`Scam domains: ${added} added, ${removed} removed`)
      })
      const sync = Job.define({
        name: "sync",
        every: { fixed: "1 hour" },
        missed: "once",
        jitter: "5 minutes",
        deadline: "5 minutes",
        first: pull,
        retry: { tags: ["HttpTimeout", "HttpUnreachable"] },
        run: pull,
      })
      yield* Job.make(Job.retryOn(sync, "DomainsUnreachable"))
    }),
  )

const Source = Schema.Union(
  Schema.Array(Schema.Unknown),
  Schema.transform(Schema.Struct({ domains: Schema.Array(Schema.Unknown) }), Schema.Array(Schema.Unknown), {
    decode: ({ domains }) => domains,
    encode: (domains) => ({ domains }),
  }),
)

/** The names in a list. Fails with `SourceUnusable`. */
export const parse = (json: unknown): Effect.Effect<ReadonlySet<string>, SourceUnusable> =>
  Schema.decodeUnknown(Source)(json).pipe(
    Effect.mapError(() => new SourceUnusable({ reason: "it is neither a list nor an object with one" })),
    Effect.flatMap((all) => {
      const names = new Set(all.flatMap((one) => (typeof one === "string" ? nameOf(one) : [])))
      return names.size === 0
        ? new SourceUnusable({ reason: "there is no name of a domain in it" })
        : Effect.succeed(names)
    }),
  )

/** RFC 1035: labels of 63 characters at most, 253 in all; one label alone would stand for too much. */
const nameOf = (text: string): ReadonlyArray<string> => {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^\*?\./u, "")
    .replace(/\.$/u, "")
  return name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/u.test(name)
    ? [name]
    : []
}

/** The source has sent what is no list of domains. */
export class SourceUnusable extends Data.TaggedError("SourceUnusable")<{ readonly reason: string }> {
  override get message() {
    return `The list of scam domains cannot be used: ${this.reason}`
  }
}
