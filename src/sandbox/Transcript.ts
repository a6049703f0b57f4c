/**
 * What went between the sandbox and the bot, in order: gateway events as they were dispatched, REST requests
 * with their answers.
 *
 * It keeps the newest entries, as references to texts that exist anyway; they are read as JSON, and freed of
 * tokens, when somebody looks. Bodies above 16 KiB are not kept, nor are files.
 *
 * @module
 */
import { isObject } from "./form/Form.js"
import * as Multipart from "./rest/Multipart.js"
import * as JsonText from "./model/JsonText.js"
import type { Json } from "./model/Model.js"
import type { Request, Response } from "./rest/Rest.js"

/** One event or one request. Times are milliseconds since the sandbox was made. */
export type Entry =
  | {
      readonly _tag: "Event"
      readonly at: number
      /** `MESSAGE_CREATE`, for instance. */
      readonly type: string
      readonly shard: number
      readonly sequence: number
      /** Without `token` and `session_id`. */
      readonly data: Json
    }
  | {
      readonly _tag: "Request"
      readonly at: number
      readonly method: string
      /** Below the version, with the query; `…` stands for the token of an interaction. */
      readonly path: string
      /** The JSON that was sent, files aside; `undefined` where there was none. */
      readonly body: unknown
      /** `null` as long as there is no answer, and for ever where the request was taken back. */
      readonly answeredAt: number | null
      readonly status: number | null
      readonly answer: unknown
    }

/** An entry with its number: they count up from 1. */
export interface Numbered {
  readonly n: number
  readonly entry: Entry
}

interface Noted {
  readonly n: number
  readonly at: number
  readonly event?: {
    readonly type: string
    readonly shard: number
    readonly sequence: number
    readonly data: string
  }
  readonly request?: Request
  answeredAt: number | null
  response: Response | null
}

const longest = 16 * 1024

export class Transcript {
  private readonly ring: Array<Noted> = []
  private oldest = 0
  private count = 0
  private readonly followers = new Set<(n: number, read: () => Numbered | undefined) => void>()
  private readonly startedAt: number

  /** `limit` is how many entries are kept; `now` gives milliseconds. */
  constructor(
    private readonly limit: number,
    private readonly now: () => number,
  ) {
    this.startedAt = now()
  }

  /** Notes an event; `data` is JSON. */
  event(type: string, shard: number, sequence: number, data: string): void {
    this.note({
      n: ++this.count,
      at: this.elapsed(),
      event: { type, shard, sequence, data },
      answeredAt: null,
      response: null,
    })
  }

  /** Notes a request; the result is to be told of its answer. */
  request(request: Request): (response: Response) => void {
    const noted: Noted = {
      n: ++this.count,
      at: this.elapsed(),
      request: keptRequest(request),
      answeredAt: null,
      response: null,
    }
    this.note(noted)
    return (response) => {
      noted.answeredAt = this.elapsed()
      noted.response = response.body.length > longest ? { ...response, body: empty } : response
      this.tell(noted)
    }
  }

  /** What is kept, oldest first, as it is now. */
  get entries(): ReadonlyArray<Entry> {
    return [...this.ring.slice(this.oldest), ...this.ring.slice(0, this.oldest)].flatMap(read)
  }

  /** The newest entries, oldest first, with their numbers. */
  newest(limit: number): ReadonlyArray<Numbered> {
    const all = [...this.ring.slice(this.oldest), ...this.ring.slice(0, this.oldest)]
    return all.slice(Math.max(0, all.length - limit)).flatMap(numbered)
  }

  /**
   * Calls back with the number of each entry that is new, and again when a request is answered, until the returned
   * function is called. What the entry says is read only where `read` is called.
   */
  follow(listener: (n: number, read: () => Numbered | undefined) => void): () => void {
    this.followers.add(listener)
    return () => this.followers.delete(listener)
  }

  private tell(noted: Noted): void {
    for (const listener of this.followers) listener(noted.n, () => numbered(noted)[0])
  }

  private elapsed(): number {
    return this.now() - this.startedAt
  }

  private note(noted: Noted): void {
    if (this.ring.length < this.limit) this.ring.push(noted)
    else if (this.limit > 0) {
      this.ring[this.oldest] = noted
      this.oldest = (this.oldest + 1) % this.limit
    }
    if (this.followers.size > 0) this.tell(noted)
  }
}

const empty = new Uint8Array(0)

/** The request without what is too much to be kept: of a form with files its JSON alone. */
const keptRequest = (request: Request): Request => {
  const { body, headers } = request
  if (body === null || body.length <= longest) return request
  const mark = Multipart.boundary(headers["content-type"])
  if (mark === undefined) return { ...request, body: null }
  const { json } = Multipart.parse(typeof body === "string" ? Buffer.from(body) : body, mark)
  return { ...request, headers: {}, body: json === undefined || json.length > longest ? null : json }
}

/** An entry as one line. */
export const line = (entry: Entry): string => {
  const at = `${String(entry.at).padStart(8)} ms`
  if (entry._tag === "Event") return `${at}  → ${entry.type} ${short(entry.data)}`
  const { answeredAt, body, method, path, status } = entry
  const took = answeredAt === null ? "no answer" : `${status} after ${answeredAt - entry.at} ms`
  return `${at}  ← ${method} ${path}: ${took}${body === undefined ? "" : ` ${short(body)}`}`
}

/** What of a payload tells most, in at most 200 characters. */
const short = (value: unknown): string => {
  const told = isObject(value) ? Object.fromEntries(telling.flatMap((key) => pick(value, key))) : value
  const text = JSON.stringify(told) ?? ""
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

const telling = [
  "id",
  "type",
  "name",
  "channel_id",
  "guild_id",
  "message_id",
  "user_id",
  "content",
  "custom_id",
  "values",
  "flags",
  "archived",
  "emoji",
  "data",
]

const pick = (value: Json, key: string): ReadonlyArray<readonly [string, unknown]> =>
  value[key] === undefined || value[key] === null || value[key] === "" ? [] : [[key, value[key]]]

const numbered = (noted: Noted): ReadonlyArray<Numbered> =>
  read(noted).map((entry) => ({ n: noted.n, entry }))

const read = (noted: Noted): ReadonlyArray<Entry> => {
  const { answeredAt, at, event, request, response } = noted
  if (event !== undefined) {
    const { data: text, sequence, shard, type } = event
    const data = parse(text)
    return [{ _tag: "Event", at, type, shard, sequence, data: isObject(data) ? withoutSecrets(data) : {} }]
  }
  if (request === undefined) return []
  return [
    {
      _tag: "Request",
      at,
      method: request.method,
      path: withoutToken(request.path),
      body: bodyOf(request),
      answeredAt,
      status: response?.status ?? null,
      answer: response === null ? undefined : answerOf(response),
    },
  ]
}

const withoutSecrets = (data: Json): Json => {
  const { session_id: _session, token: _token, ...rest } = data
  return rest
}

/** Below the version; the token of an interaction is left out. */
export const withoutToken = (path: string): string =>
  path.replace(/^\/api(?:\/v\d+)?/u, "").replace(/^(\/(?:interactions|webhooks)\/[^/]+)\/[^/?]+/u, "$1/…")

/** The JSON that a request brings, files aside; undefined where there is none, or too much of it. */
export const bodyOf = ({ body, headers }: Request): unknown => {
  if (body === null || body.length === 0) return undefined
  const mark = Multipart.boundary(headers["content-type"])
  if (mark !== undefined) {
    const { json } = Multipart.parse(typeof body === "string" ? Buffer.from(body) : body, mark)
    return json === undefined ? undefined : parse(json)
  }
  return body.length > longest ? undefined : parse(typeof body === "string" ? body : utf8(body))
}

/** What an answer says; undefined where that is nothing, or too much. */
export const answerOf = ({ body }: Response): unknown =>
  body.length > longest ? undefined : parse(utf8(body))

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

const parse = (text: string): unknown => {
  if (text === "") return undefined
  try {
    return JsonText.parse(text)
  } catch {
    return text
  }
}
