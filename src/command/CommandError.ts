/**
 * Everything that can keep a command from its reply, besides the author's own errors: on one page.
 *
 * `userText` is what the person is told.
 *
 * @module
 */
import { Data } from "effect"
import type { DiscordError } from "../DiscordError.js"

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
  readonly reason: "user" | "admin" | "shutdown"
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
    }
  }
}

/** Why the router or a policy turned a call away before its handler ran. */
export type Refusal = ParamInvalid | ParamUnresolved | TooManyWords | WrongPlace | NotPermitted

const shorten = (typed: string): string => {
  const plain = typed.replace(/`/gu, "'")
  return plain.length > 60 ? `${plain.slice(0, 57)}…` : plain
}
