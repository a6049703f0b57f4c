/**
 * Told where the first calls of a start or a deployment fail: it is the address, or the way to it, that is wrong.
 *
 * @module
 */
import { Data, Predicate } from "effect"
import { isUncertain } from "../DiscordError.js"

/** What Discord has for every bot: where these are not there, it is not Discord that answers. */
const FIRST: ReadonlySet<unknown> = new Set(["GET /gateway/bot", "GET /applications/@me"])

/** The error as it is, unless it means that nobody at `url` answers as Discord does. */
export const explain = <E>(error: E, url: string): E | NoDiscord =>
  Predicate.hasProperty(error, "route") &&
  FIRST.has(error.route) &&
  error instanceof Error &&
  (isUncertain(error) || Predicate.isTagged(error, "UnknownResource") || Predicate.isTagged(error, "Refused"))
    ? new NoDiscord({ url, reason: error.message.replace(/\s+/gu, " ").trim() })
    : error

/** Nobody at `DISCORD_API_URL` answers as Discord does. */
export class NoDiscord extends Data.TaggedError("NoDiscord")<{
  readonly url: string
  readonly reason: string
}> {
  override get message() {
    return `${this.url} does not answer as Discord does (${this.reason}). Check the network, a proxy, and DISCORD_API_URL`
  }
}
