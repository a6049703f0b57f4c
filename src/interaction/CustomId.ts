/**
 * What a button, a select or a form carries through Discord: which route it belongs to, until when, for whom,
 * and with what state. Signed, in at most 100 URL-safe characters.
 *
 * ```
 * r1.review.KBjxq2_bAAECAwQFBgcVx3k…
 * │  │      ││      │          │    └ signature: 12
 * │  │      ││      │          └ state
 * │  │      ││      └ user or role that it is bound to: 11, if any
 * │  │      │└ when it expires, in milliseconds: 7, if ever
 * │  │      └ which of these there are, and how the state is written: 1
 * │  └ route
 * └ version
 * ```
 *
 * Every custom id that starts with `r`, a number and a dot is taken for one of these.
 *
 * Failure modes: `encode` fails with `CustomIdTooLong`; `decode` and `check` say what is wrong with a custom
 * id, and throw for no text.
 *
 * @module
 */
import { Data, Either, Schema } from "effect"
import { type Bound, digitsToInt, id, intToDigits, isPlain } from "./CustomIdState.js"
import * as Md from "./Md.js"
import { type Signer, TAG_LENGTH } from "./Signer.js"

export { boolean, fields, id, integer, none } from "./CustomIdState.js"

/** What a custom id says. */
export interface Content {
  /** Letters of `a–z`, digits, `-` and `_`. */
  readonly route: string
  /** Epoch milliseconds; from then on it is expired. Undefined means never. */
  readonly expiresAt: number | undefined
  /** Who alone may use it. */
  readonly bound: Owner | undefined
  readonly state: string
}

/** A user, or everyone who has a role. */
export interface Owner {
  readonly kind: "user" | "role"
  readonly id: string
}

/** Characters in a custom id (Discord). */
export const LIMIT = 100

const VERSION = "1"
const EXPIRY_LENGTH = 7
const OWNER_LENGTH = 11
/** The year 2109. */
const LATEST = 2 ** 42 - 1

/** How the state is written. */
const AS_IT_IS = 0
const UTF8 = 1
const UTF16 = 2
const OWNERS = [undefined, "user", "role"] as const

/**
 * Writes and signs; `format` says how the state is to be read, and is signed with it. Left where it would be longer
 * than Discord takes. Throws for an owner's id that is none.
 */
export const encode = (
  { bound, expiresAt, route, state }: Content,
  format: string,
  signer: Pick<Signer, "sign">,
): Either.Either<string, CustomIdTooLong> => {
  const [how, text] = write(state)
  const flags = how + 3 * OWNERS.indexOf(bound?.kind) + (expiresAt === undefined ? 0 : 9)
  const body = [
    `r${VERSION}.${route}.`,
    intToDigits(BigInt(flags)),
    expiresAt === undefined
      ? ""
      : intToDigits(BigInt(Math.min(Math.max(0, Math.ceil(expiresAt)), LATEST)), EXPIRY_LENGTH),
    bound === undefined ? "" : Schema.encodeSync(id)(bound.id).padStart(OWNER_LENGTH, "A"),
    text,
  ].join("")
  const length = body.length + TAG_LENGTH
  return length > LIMIT
    ? Either.left(new CustomIdTooLong({ route, length }))
    : Either.right(body + signer.sign(signed(body, format)))
}

/** Whether it is a route's custom id, of this or of another version. */
export const isRoute = (customId: string): boolean => versionOf(customId) !== undefined

const versionOf = (customId: string): string | undefined => /^r(\d{1,3})\./u.exec(customId)?.[1]

/**
 * Reads what one of the signer's secrets has signed, for a route that there is and in the format that it has now.
 * Undefined where it is no custom id of this kind. Throws only as the signer does.
 */
export const decode = (
  customId: string,
  formatOf: (route: string) => string | undefined,
  signer: Pick<Signer, "verify">,
): Either.Either<Content, Unreadable> | undefined => {
  const version = versionOf(customId)
  if (version === undefined) return undefined
  if (version !== VERSION) return Either.left(new CustomIdVersion({ version }))
  const shape = /^r1\.([a-z0-9_-]+)\.([A-R])([A-Za-z0-9._~-]*)[A-Za-z0-9_-]{12}$/u.exec(customId)
  const [, route = "", flags = "", rest = ""] = shape ?? []
  if (customId.length > LIMIT || shape === null) return Either.left(new CustomIdMalformed())
  const format = formatOf(route)
  if (format === undefined) return Either.left(new CustomIdUnused({ route }))
  const body = customId.slice(0, -TAG_LENGTH)
  return signer.verify(signed(body, format), customId.slice(-TAG_LENGTH))
    ? Either.fromNullable(parse(route, Number(digitsToInt(flags)), rest), () => new CustomIdMalformed())
    : Either.left(new CustomIdForged())
}

const signed = (body: string, format: string): string => `${body} ${format}`

const parse = (route: string, flags: number, rest: string): Content | undefined => {
  let at = 0
  const take = (length: number): bigint | undefined => digitsToInt(rest.slice(at, (at += length)))
  const expiresAt = flags >= 9 ? take(EXPIRY_LENGTH) : undefined
  const kind = OWNERS[Math.floor((flags % 9) / 3)]
  const owner = kind === undefined ? undefined : take(OWNER_LENGTH)
  if (at > rest.length || (flags >= 9 && expiresAt === undefined)) return undefined
  if (kind !== undefined && owner === undefined) return undefined
  return {
    route,
    expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
    bound: kind === undefined ? undefined : { kind, id: String(owner) },
    state: read(flags % 3, rest.slice(at)),
  }
}

/** Whoever presses, and when. */
export interface Presser {
  readonly userId: string
  /** Undefined in direct messages. */
  readonly roles: ReadonlyArray<string> | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** Whether it may be used by this person now; otherwise why not. At the very millisecond it is expired. */
export const check = (
  { bound, expiresAt, route }: Content,
  { now, roles, userId }: Presser,
): CustomIdExpired | CustomIdForeign | undefined => {
  if (expiresAt !== undefined && now >= expiresAt) return new CustomIdExpired({ route, expiresAt })
  if (bound === undefined) return undefined
  const theirs = bound.kind === "user" ? bound.id === userId : roles?.includes(bound.id) === true
  return theirs ? undefined : new CustomIdForeign({ route, bound })
}

/** How long a custom id of this route can get, bound to somebody and with the longest state there is. */
export const longest = (route: string, expires: boolean, state: Bound): number =>
  `r${VERSION}.${route}.`.length +
  1 +
  (expires ? EXPIRY_LENGTH : 0) +
  OWNER_LENGTH +
  (state.plain ? state.max : Math.ceil((state.max * 2 * 4) / 3)) +
  TAG_LENGTH

/** The shortest way that gives back the same text, half of a surrogate pair included. */
const write = (state: string): readonly [how: number, text: string] => {
  if (isPlain(state)) return [AS_IT_IS, state]
  const utf8 = Buffer.from(state, "utf8")
  const utf16 = Buffer.from(state, "utf16le")
  return utf8.length <= utf16.length && utf8.toString("utf8") === state
    ? [UTF8, utf8.toString("base64url")]
    : [UTF16, utf16.toString("base64url")]
}

const read = (how: number, text: string): string =>
  how === AS_IT_IS ? text : Buffer.from(text, "base64url").toString(how === UTF8 ? "utf8" : "utf16le")

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** With this state the custom id has more than the 100 characters that Discord takes. */
export class CustomIdTooLong extends Data.TaggedError("CustomIdTooLong")<{
  readonly route: string
  readonly length: number
}> {
  override get message() {
    return `A custom id of route "${this.route}" would have ${this.length} characters; Discord takes ${LIMIT}`
  }
  get userText() {
    return "That is too long for me to keep on a button."
  }
}

/** Starts like one of ours, but is not built like one. */
export class CustomIdMalformed extends Data.TaggedError("CustomIdMalformed") {
  override get message() {
    return "The custom id is not built like one of this bot's"
  }
  get userText() {
    return unknown
  }
}

/** Was changed, made by somebody else, signed with a secret that is gone, or made when the state was another. */
export class CustomIdForged extends Data.TaggedError("CustomIdForged") {
  override get message() {
    return "The custom id was changed, signed with a secret that this bot does not have, or made when the route's state was another"
  }
  get userText() {
    return unknown
  }
}

/** No feature that is loaded has such a route. */
export class CustomIdUnused extends Data.TaggedError("CustomIdUnused")<{ readonly route: string }> {
  override get message() {
    return `There is no route "${this.route}" for the custom id`
  }
  get userText() {
    return "That is no longer in use."
  }
}

/** Was written in a way that this bot does not know. */
export class CustomIdVersion extends Data.TaggedError("CustomIdVersion")<{ readonly version: string }> {
  override get message() {
    return `The custom id has version ${this.version}; this bot reads ${VERSION}`
  }
  get userText() {
    return "This comes from another version of me, and I cannot read it. Please ask for a new one."
  }
}

/** Its time is over. */
export class CustomIdExpired extends Data.TaggedError("CustomIdExpired")<{
  readonly route: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}> {
  override get message() {
    return `The custom id of route "${this.route}" expired at ${this.expiresAt}`
  }
  get userText() {
    return Md.text`This expired ${Md.time(this.expiresAt, "R")}. Please ask for a new one.`
  }
}

/** It is bound to somebody else, or to a role that the person does not have. */
export class CustomIdForeign extends Data.TaggedError("CustomIdForeign")<{
  readonly route: string
  readonly bound: Owner
}> {
  override get message() {
    return `The custom id of route "${this.route}" is bound to ${this.bound.kind} ${this.bound.id}`
  }
  get userText() {
    return this.bound.kind === "user"
      ? "This is for somebody else."
      : Md.text`This is only for ${Md.role(this.bound.id)}.`
  }
}

/** What `decode` can find wrong. */
export type Unreadable = CustomIdMalformed | CustomIdForged | CustomIdUnused | CustomIdVersion

const unknown = "I do not recognise this, so I did nothing. Please ask for a new one."
