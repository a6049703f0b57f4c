/**
 * Everything that can keep a command from its reply, besides the author's own errors: on one page.
 *
 * `userText` is what the person is told.
 *
 * @module
 */
import { Data } from "effect"
import type { DiscordError, RestError } from "../DiscordError.js"
import * as Md from "../interaction/Md.js"
import type { Per } from "./stages/Per.js"

/**
 * A command breaks a rule of Discord's, or of its own declaration. Thrown while the command is built, so that
 * a bot with a wrong command does not start.
 */
export class InvalidCommand extends Data.TaggedError("InvalidCommand")<{
  /** Where: `tryout apply → param "name" → description`. */
  readonly place: string
  readonly reason: string
}> {
  override get message() {
    return `${this.place}: ${this.reason}`
  }
}

/** What the user gave for a parameter is not what it takes. */
export class ParamInvalid extends Data.TaggedError("ParamInvalid")<{
  readonly param: string
  /** Completes "must be …". */
  readonly expected: string
  /** As the user typed it; undefined where nothing was given. */
  readonly got: string | undefined
  /** How the command is called; only for prefix messages, where nothing else shows it. */
  readonly usage: string | undefined
}> {
  override get message() {
    return this.got === undefined
      ? `\`${this.param}\` is missing: it must be ${this.expected}.`
      : `\`${this.param}\` must be ${this.expected}, not \`${shorten(this.got)}\`.`
  }
  get userText() {
    return this.usage === undefined ? this.message : `${this.message}\nUsage: \`${this.usage}\``
  }
}

/** What a parameter stands for could not be asked of Discord; it is not the user's mistake. */
export class ParamUnresolved extends Data.TaggedError("ParamUnresolved")<{
  readonly param: string
  readonly cause: DiscordError
}> {
  override get message() {
    return `\`${this.param}\` could not be looked up: ${this.cause.message}`
  }
  get userText() {
    return `I could not look up \`${this.param}\`. ${this.cause.userText}`
  }
}

/** More words than the command has parameters for; prefix messages only. */
export class TooManyWords extends Data.TaggedError("TooManyWords")<{
  readonly extra: string
  readonly usage: string
}> {
  override get message() {
    return `I do not know what to do with \`${shorten(this.extra)}\`.`
  }
  get userText() {
    return `${this.message}\nUsage: \`${this.usage}\``
  }
}

/**
 * The command was called where it has no meaning: a guild command in a direct message, or the reverse, or in a
 * guild that the bot has not joined.
 */
export class WrongPlace extends Data.TaggedError("WrongPlace")<{
  readonly needs: "guild" | "dm" | "membership"
}> {
  override get message() {
    return this.userText
  }
  get userText() {
    switch (this.needs) {
      case "guild":
        return "That works only in a server."
      case "dm":
        return "That works only in a direct message."
      case "membership":
        return "That works only in a server that I have joined."
    }
  }
}

/** The person lacks what the command's `permissions` ask for. Slash commands are also hidden by Discord. */
export class NotPermitted extends Data.TaggedError("NotPermitted")<{
  readonly missing: ReadonlyArray<string>
}> {
  override get message() {
    return this.userText
  }
  get userText() {
    return `That needs the permission ${this.missing.join(", ")}.`
  }
}

/** The bot itself lacks what the command needs in this channel. */
export class BotNotPermitted extends Data.TaggedError("BotNotPermitted")<{
  readonly missing: ReadonlyArray<string>
}> {
  override get message() {
    return this.userText
  }
  get userText() {
    return `I cannot do that here: I need the permission ${this.missing.join(", ")}.`
  }
}

/** The person has none of the roles that the command is for. */
export class RoleNeeded extends Data.TaggedError("RoleNeeded")<{
  /** Ids or names, as the policy has them. */
  readonly roles: ReadonlyArray<string>
}> {
  override get message() {
    return this.userText
  }
  get userText() {
    const shown = this.roles.map((role) => (/^\d{17,20}$/u.test(role) ? `<@&${role}>` : Md.escape(role)))
    return `That needs the role ${shown.join(" or ")}.`
  }
}

/** The command is for those who own the bot's application, and the person does not. */
export class NotOwner extends Data.TaggedError("NotOwner")<{}> {
  override get message() {
    return this.userText
  }
  get userText() {
    return "Only my owner can do that."
  }
}

/** Discord could not be asked who owns the bot's application. */
export class OwnerUnknown extends Data.TaggedError("OwnerUnknown")<{ readonly cause: RestError }> {
  override get message() {
    return `The owner of the bot could not be looked up: ${this.cause.message}`
  }
  get userText() {
    return `I could not find out who my owner is. ${this.cause.userText}`
  }
}

/** The member stands too high for the caller, or for the bot, by the order of roles. */
export class Outranked extends Data.TaggedError("Outranked")<{
  readonly param: string
  /** Who does not stand above the member. */
  readonly who: "caller" | "bot"
  readonly why: "self" | "owner" | "rank"
}> {
  override get message() {
    return this.userText
  }
  get userText() {
    switch (this.why) {
      case "self":
        return this.who === "caller" ? "You cannot do that to yourself." : "I cannot do that to myself."
      case "owner":
        return "Nobody can do that to the owner of the server."
      case "rank":
        return this.who === "caller"
          ? "You can do that only to members whose highest role is below yours."
          : "I can do that only to members whose highest role is below mine."
    }
  }
}

/** The command was used as often as it may be for now. */
export class OnCooldown extends Data.TaggedError("OnCooldown")<{
  readonly command: string
  readonly per: Per
  /** Milliseconds until it may be used again. */
  readonly retryAfter: number
  /** The same as epoch milliseconds. */
  readonly until: number
}> {
  override get message() {
    return `${this.command} may be used again in ${this.retryAfter / 1000} s (per ${this.per})`
  }
  get userText() {
    return `${used[this.per]} Please try again ${when(this.retryAfter, this.until)}.`
  }
}

/** As many calls as there may be at a time are running or waiting already. */
export class TooManyCalls extends Data.TaggedError("TooManyCalls")<{
  readonly command: string
  readonly per: Per
  /** `running`: no place is free. `queued`: nor one in the queue. `waited`: none became free in time. */
  readonly reason: "running" | "queued" | "waited"
}> {
  override get message() {
    return `${this.command} is called too often at a time (per ${this.per}, ${this.reason})`
  }
  get userText() {
    switch (this.reason) {
      case "running":
        return `${running[this.per]} Please try again when that has ended.`
      case "queued":
        return "Too many are waiting for this already. Please try again in a minute."
      case "waited":
        return "Others took too long before it was your turn. Please try again in a minute."
    }
  }
}

/** The command did not end within its deadline. Its fiber was interrupted after the user was told. */
export class CommandTimeout extends Data.TaggedError("CommandTimeout")<{
  readonly command: string
  /** Milliseconds. */
  readonly after: number
}> {
  override get message() {
    return `${this.command} did not end within ${this.after / 1000} s`
  }
  get userText() {
    return "That took too long, so I stopped it."
  }
}

/** The command was ended from outside. */
export class CommandCancelled extends Data.TaggedError("CommandCancelled")<{
  readonly command: string
  /** `replaced`: a newer call took its place. */
  readonly reason: "user" | "admin" | "shutdown" | "replaced"
}> {
  override get message() {
    return `${this.command} was cancelled (${this.reason})`
  }
  get userText() {
    switch (this.reason) {
      case "shutdown":
        return "I am being restarted and had to stop this. Please try again in a minute."
      case "admin":
        return "This was stopped by an administrator."
      case "user":
        return "Cancelled."
      case "replaced":
        return "I stopped this: it was called anew."
    }
  }
}

/** Why the router or a policy turned a call away before its handler ran. */
export type Refusal =
  | ParamInvalid
  | ParamUnresolved
  | TooManyWords
  | WrongPlace
  | NotPermitted
  | BotNotPermitted
  | RoleNeeded
  | NotOwner
  | OwnerUnknown
  | Outranked
  | OnCooldown
  | TooManyCalls

/** The tags of all refusals. */
export const refusals: ReadonlyArray<Refusal["_tag"]> = [
  "ParamInvalid",
  "ParamUnresolved",
  "TooManyWords",
  "WrongPlace",
  "NotPermitted",
  "BotNotPermitted",
  "RoleNeeded",
  "NotOwner",
  "OwnerUnknown",
  "Outranked",
  "OnCooldown",
  "TooManyCalls",
]

const used: { readonly [P in Per]: string } = {
  user: "You have used this a moment ago.",
  channel: "This was used in this channel a moment ago.",
  guild: "This was used in this server a moment ago.",
  global: "This was used a moment ago.",
}

const running: { readonly [P in Per]: string } = {
  user: "You are running this already.",
  channel: "This is running in this channel already.",
  guild: "This is running in this server already.",
  global: "This is running already.",
}

/** Up to a minute in seconds; beyond it a time that Discord counts down in the reader's language. */
const when = (millis: number, until: number): string => {
  const seconds = Math.max(1, Math.ceil(millis / 1000))
  if (seconds > 60) return Md.time(Math.ceil(until / 1000) * 1000, "R").markdown
  return seconds === 1 ? "in a second" : `in ${seconds} seconds`
}

const shorten = (typed: string): string => {
  const plain = typed.replace(/`/gu, "'")
  return plain.length > 60 ? `${plain.slice(0, 57)}…` : plain
}
