/**
 * Every error that Discord, or the way to it, can cause: on one page.
 *
 * Each is a tagged class with data, a `message` for the log and a `userText`: what the person who ran the
 * command may be told. Nothing here carries a token: routes are stored with ids but without interaction or
 * webhook tokens.
 *
 * Numbers are Discord's own JSON error codes (Developer Docs, "Opcodes and Status Codes").
 *
 * @module
 */
import { type Cause, Data } from "effect"

// ---------------------------------------------------------------------------------------------------------
// REST: what Discord answered
// ---------------------------------------------------------------------------------------------------------

/** What every answered request carries. */
export interface Answered {
  /** HTTP method and path, tokens removed: `POST /channels/1/messages`. */
  readonly route: string
  /** HTTP status. */
  readonly status: number
  /** Discord's JSON error code; 0 where the body had none. */
  readonly code: number
  /** Discord's own sentence. */
  readonly reason: string
}

/** The class of an answered error. */
type AnsweredError<Tag extends string> = new (
  fields: Answered,
) => Cause.YieldableError & Answered & { readonly _tag: Tag; readonly userText: string }

/** Makes one from its tag, and what the user is told. */
const answer = <const Tag extends string>(tag: Tag, userText: string): AnsweredError<Tag> =>
  class extends Data.TaggedError(tag)<Answered> {
    readonly userText = userText
    override get message() {
      return sentence(this)
    }
  }

const sentence = ({ code, reason, route, status }: Answered): string =>
  `${route} answered ${status}${code === 0 ? "" : ` (code ${code})`}: ${reason}`

/** 10062: the interaction's token was never acknowledged within 3 s, or is past its 15 minutes. */
export class UnknownInteraction extends answer(
  "UnknownInteraction",
  "That took too long for Discord to show an answer. Please try again.",
) {}

/** 40060: the interaction already has its first response. After a repeated send it means the first arrived. */
export class AlreadyAcknowledged extends answer("AlreadyAcknowledged", "That was already answered.") {}

/** 50013: the bot is here, but lacks a permission, or the target stands above it in the role order. */
export class MissingPermissions extends answer(
  "MissingPermissions",
  "I lack the permission for that here.",
) {}

/** 50001: the bot cannot see the channel or guild at all. */
export class MissingAccess extends answer("MissingAccess", "I have no access to that place.") {}

/** 10001–10999 except 10062, and any other 404: what was named does not exist (any more). */
export class UnknownResource extends answer("UnknownResource", "That does not exist any more.") {}

/** 50007: the person accepts no direct messages from this bot. */
export class CannotMessageUser extends answer(
  "CannotMessageUser",
  "That person accepts no direct messages from me.",
) {}

/** 50035, 50109 and other 400s: Discord refused the shape of what was sent; `fields` names each path and why. */
export class InvalidForm extends Data.TaggedError("InvalidForm")<
  Answered & { readonly fields: ReadonlyArray<{ readonly path: string; readonly reason: string }> }
> {
  override get message() {
    const fields = this.fields.map((field) => `${field.path}: ${field.reason}`).join("; ")
    return fields === "" ? sentence(this) : `${sentence(this)} [${fields}]`
  }
  get userText() {
    return "Discord refused the form of what I wanted to show. This was reported."
  }
}

/** 401: the token is not (or no longer) valid. Nothing will work until it is replaced. */
export class Unauthorized extends answer(
  "Unauthorized",
  "I am not signed in to Discord properly. This was reported.",
) {}

/** Any other 4xx, with its code; and an answer that is none of Discord's: a redirect, or JSON of another kind. */
export class Refused extends answer("Refused", "Discord refused that.") {}

/** 5xx after every retry that the route allows. */
export class ServerError extends answer(
  "ServerError",
  "Discord has trouble at the moment. Please try again in a minute.",
) {}

// ---------------------------------------------------------------------------------------------------------
// REST: what stood in the way
// ---------------------------------------------------------------------------------------------------------

/** A rate limit that would take longer than the call may wait, or a 429 that does not say how long. */
export class RateLimited extends Data.TaggedError("RateLimited")<{
  readonly route: string
  readonly scope: "user" | "global" | "shared" | "unknown"
  /** Milliseconds until a retry may succeed; undefined where Discord did not say. */
  readonly retryAfter: number | undefined
}> {
  override get message() {
    return this.retryAfter === undefined
      ? `${this.route} was rate limited (${this.scope}) without a Retry-After`
      : `${this.route} is rate limited (${this.scope}) for another ${this.retryAfter} ms`
  }
  get userText() {
    return "Discord asks me to slow down. Please try again in a moment."
  }
}

/** The bot's own count of 401, 403 and 429 answers came near Discord's 10,000 in 10 minutes: nothing is sent any more. */
export class InvalidRequestBudget extends Data.TaggedError("InvalidRequestBudget")<{
  readonly count: number
  readonly limit: number
}> {
  override get message() {
    return `${this.count} invalid requests in 10 minutes: stopped before Discord bans this address at ${this.limit}. Look in the log for the calls that answer 401, 403 or 429`
  }
  get userText() {
    return "I had to stop talking to Discord. This was reported."
  }
}

/** No answer within the request's time limit, after every retry that the route allows. */
export class RequestTimeout extends Data.TaggedError("RequestTimeout")<{
  readonly route: string
  /** Milliseconds waited in the last attempt. */
  readonly after: number
}> {
  override get message() {
    return `${this.route} gave no answer within ${this.after} ms`
  }
  get userText() {
    return "Discord did not answer in time. Please try again."
  }
}

/** The connection could not be made, or broke before the answer was whole. */
export class TransportError extends Data.TaggedError("TransportError")<{
  readonly route: string
  /** For instance `ECONNREFUSED`, `UND_ERR_SOCKET`. */
  readonly code: string
  /** False where the connection was never made, so that the request cannot have arrived. */
  readonly sent: boolean
  readonly cause?: unknown
}> {
  override get message() {
    return `${this.route} failed on the way (${this.code})`
  }
  get userText() {
    return "I could not reach Discord. Please try again."
  }
}

/** The answer was not what Discord documents: no JSON where JSON is due. */
export class MalformedAnswer extends Data.TaggedError("MalformedAnswer")<{
  readonly route: string
  readonly status: number
  readonly excerpt: string
}> {
  override get message() {
    return `${this.route} answered ${this.status} with something that is not JSON: ${this.excerpt}`
  }
  get userText() {
    return "Discord answered something that I do not understand. This was reported."
  }
}

/** A promise of discord.js rejected with something that is no answer of Discord's: a bug in a call, most often. */
export class LibraryError extends Data.TaggedError("LibraryError")<{ readonly cause: unknown }> {
  override get message() {
    return this.cause instanceof Error ? `${this.cause.name}: ${this.cause.message}` : String(this.cause)
  }
  get userText() {
    return "Something in me broke. This was reported."
  }
}

/** Everything that a REST call can fail with. */
export type RestError =
  | UnknownInteraction
  | AlreadyAcknowledged
  | MissingPermissions
  | MissingAccess
  | UnknownResource
  | CannotMessageUser
  | InvalidForm
  | Unauthorized
  | Refused
  | ServerError
  | RateLimited
  | InvalidRequestBudget
  | RequestTimeout
  | TransportError
  | MalformedAnswer

// ---------------------------------------------------------------------------------------------------------
// Gateway
// ---------------------------------------------------------------------------------------------------------

/** 401 from `/gateway/bot`, or close code 4004: the token is wrong. */
export class InvalidToken extends Data.TaggedError("InvalidToken")<{ readonly source: string }> {
  override get message() {
    return `Discord refused the token (${this.source}). Copy it again from the developer page (Applications → your app → Bot → Reset Token) into DISCORD_TOKEN`
  }
}

/** Close code 4014: the bot asked for a privileged intent that its application has not switched on. */
export class DisallowedIntents extends Data.TaggedError("DisallowedIntents")<{
  /** The names of the intents asked for, privileged ones first. */
  readonly intents: ReadonlyArray<string>
  /** The names of the switches on the developer page that may be off. */
  readonly switches: ReadonlyArray<string>
}> {
  override get message() {
    return `Discord refused the intents (4014). Switch on ${this.switches.join(" and ")} in the developer page (Applications → your app → Bot → Privileged Gateway Intents). Asked for: ${this.intents.join(", ")}`
  }
}

/** Close codes 4010–4013: a wrong shard, too many guilds for it, a wrong API version or wrong intents. */
export class GatewayRefused extends Data.TaggedError("GatewayRefused")<{
  readonly code: number
  readonly reason: string
}> {
  override get message() {
    return `Discord's gateway refused this bot for good (close code ${this.code}): ${this.reason}`
  }
}

/** No IDENTIFY left in Discord's 24 hours (`session_start_limit`); one more would reset the token. */
export class SessionBudgetUsedUp extends Data.TaggedError("SessionBudgetUsedUp")<{
  readonly total: number
  /** Milliseconds until Discord gives a new budget. */
  readonly resetAfter: number
}> {
  override get message() {
    return `All ${this.total} session starts of the last 24 hours are used up. Start again in ${Math.ceil(this.resetAfter / 60_000)} minutes, and find out what restarted the bot so often`
  }
}

/** The API or the gateway could not be reached at start, after every attempt. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  /** Without credentials: `https://discord.com/api`. */
  readonly url: string
  readonly attempts: number
  readonly reason: string
}> {
  override get message() {
    return `Could not reach ${this.url} in ${this.attempts} attempts (${this.reason}). Check the network, a proxy, and DISCORD_API_URL`
  }
}

/** The connection asked for cannot be opened, or closed before it was up. Retried; seen only by transports. */
export class ConnectionFailed extends Data.TaggedError("ConnectionFailed")<{
  readonly url: string
  readonly reason: string
}> {
  override get message() {
    return `The connection to ${this.url} failed: ${this.reason}`
  }
}

/** A second start in one scope: a connection, once started, is never started again. Open a new scope instead. */
export class AlreadyStarted extends Data.TaggedError("AlreadyStarted")<{ readonly what: string }> {
  override get message() {
    return `${this.what} was already started in this scope. Build the layer again in a new scope to start again`
  }
}

/** What ends a bot for good: it is told in one line, and the process ends with a non-zero code. */
export type FatalError =
  | InvalidToken
  | DisallowedIntents
  | GatewayRefused
  | SessionBudgetUsedUp
  | InvalidRequestBudget
  | Unreachable

const fatalTags: ReadonlySet<unknown> = new Set<FatalError["_tag"]>([
  "InvalidToken",
  "DisallowedIntents",
  "GatewayRefused",
  "SessionBudgetUsedUp",
  "InvalidRequestBudget",
  "Unreachable",
])

/** Whether an error, whatever it is, ends a bot for good. */
export const isFatal = (error: unknown): error is FatalError => isAmong(fatalTags, error)

const reportedTags: ReadonlySet<unknown> = new Set<DiscordError["_tag"]>([
  "InvalidForm",
  "Unauthorized",
  "InvalidRequestBudget",
  "MalformedAnswer",
  "LibraryError",
])

/** Whether an error, whatever it is, is one whose user is told that it was reported: it belongs in the log. */
export const isReported = (error: unknown): error is DiscordError => isAmong(reportedTags, error)

const uncertainTags: ReadonlySet<unknown> = new Set<RestError["_tag"]>([
  "TransportError",
  "RequestTimeout",
  "ServerError",
  "MalformedAnswer",
])

/** Whether an error, whatever it is, is none of Discord's own word: the call may have been carried out all the same. */
export const isUncertain = (
  error: unknown,
): error is TransportError | RequestTimeout | ServerError | MalformedAnswer => isAmong(uncertainTags, error)

const isAmong = (tags: ReadonlySet<unknown>, error: unknown): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && tags.has(error._tag)

/** Everything on this page that a feature can meet. */
export type DiscordError = RestError | LibraryError
