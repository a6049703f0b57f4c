/**
 * Everything that keeps an act of moderation from being done: on one page. `userText` is what the moderator is told.
 *
 * @module
 */
import { Data } from "effect"
import * as Md from "../../interaction/Md.js"
import { type Kind, kindText } from "./Model.js"

/** The server has no case of that number. */
export class CaseUnknown extends Data.TaggedError("CaseUnknown")<{ readonly number: number }> {
  override get message() {
    return `there is no case ${this.number}`
  }
  get userText() {
    return `There is no case ${this.number} in this server.`
  }
}

/** Discord refused, or did not say; the case is kept and says so. */
export class ActFailed extends Data.TaggedError("ActFailed")<{
  readonly kind: Kind
  readonly number: number
  /** True where nobody can tell whether it was done. */
  readonly uncertain: boolean
  /** A sentence. */
  readonly reason: string
}> {
  override get message() {
    return `case ${this.number} (${this.kind}) ${this.uncertain ? "may not have been done" : "failed"}: ${this.reason}`
  }
  get userText() {
    const what = this.uncertain
      ? `I cannot tell whether the ${kindText[this.kind]} was done`
      : `The ${kindText[this.kind]} failed`
    return `${what}. ${this.reason} This is case ${this.number}.`
  }
}

/** The user is banned already. */
export class AlreadyBanned extends Data.TaggedError("AlreadyBanned")<{ readonly userId: string }> {
  override get message() {
    return `${this.userId} is banned already`
  }
  get userText() {
    return Md.text`${Md.user(this.userId)} is banned already.`
  }
}

/** The user is not banned. */
export class NotBanned extends Data.TaggedError("NotBanned")<{ readonly userId: string }> {
  override get message() {
    return `${this.userId} is not banned`
  }
  get userText() {
    return Md.text`${Md.user(this.userId)} is not banned.`
  }
}

/** Whoever called has lost the permission for it while they were asked whether they are sure. */
export class NotAnyMore extends Data.TaggedError("NotAnyMore") {
  override get message() {
    return "the caller has lost the permission meanwhile"
  }
  get userText() {
    return "You may no longer do that here: nothing was done."
  }
}

/** Nobody is named whom a mass ban could be about. */
export class NobodyNamed extends Data.TaggedError("NobodyNamed")<{ readonly unread: ReadonlyArray<string> }> {
  override get message() {
    return "no id and no mention was found"
  }
  get userText() {
    const most = this.unread.slice(0, 5).map((one) => Md.text`${one.slice(0, 40)}`)
    const unread = most.length === 0 ? "" : ` I could not read: ${most.join(", ")}.`
    return `Name whom to ban by their ids or mentions, in \`users\` or in a text file.${unread}`
  }
}

/** More people are named than a mass ban takes. */
export class TooManyNamed extends Data.TaggedError("TooManyNamed")<{
  readonly count: number
  readonly most: number
}> {
  override get message() {
    return `${this.count} people are named, at most ${this.most} are taken`
  }
  get userText() {
    return `That is ${this.count} people: at most ${this.most} can be banned in one go.`
  }
}

/** Who is a member, or banned already, could not be found out: so nobody was touched. */
export class Unchecked extends Data.TaggedError("Unchecked")<{
  /** A sentence. */
  readonly reason: string
}> {
  override get message() {
    return `members and bans could not be looked up: ${this.reason}`
  }
  get userText() {
    return `I could not find out whom of them you may ban, so nobody was banned. ${this.reason}`
  }
}
