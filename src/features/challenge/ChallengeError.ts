/**
 * What can keep somebody from what they want with a challenge, on one page. `userText` is what they are told.
 *
 * @module
 */
import { Data } from "effect"
import * as Md from "../../interaction/Md.js"

/** There is a challenge of that name in the server, whatever its case. */
export class NameTaken extends Data.TaggedError("NameTaken")<{ readonly name: string }> {
  override get message() {
    return `there is a challenge named ${this.name}`
  }
  get userText() {
    return Md.text`There is already a challenge named ${this.name}.`
  }
}

/** The server has as many as it may have. */
export class TooManyChallenges extends Data.TaggedError("TooManyChallenges")<{ readonly most: number }> {
  override get message() {
    return `there are ${this.most} challenges`
  }
  get userText() {
    return `This server has ${this.most} challenges, and there can be no more.`
  }
}

/** The server's challenges have as many members as they may have. */
export class TooManyMembers extends Data.TaggedError("TooManyMembers")<{ readonly most: number }> {
  override get message() {
    return `the challenges have ${this.most} members`
  }
  get userText() {
    return `The challenges of this server have ${this.most} members in all, and there can be no more.`
  }
}

/** No challenge has that name. */
export class ChallengeUnknown extends Data.TaggedError("ChallengeUnknown")<{
  /** Undefined where none was given, and it is not clear which one is meant. */
  readonly name: string | undefined
  readonly known: ReadonlyArray<string>
}> {
  override get message() {
    return `no challenge is named ${this.name ?? "(none given)"}`
  }
  get userText() {
    if (this.known.length === 0) return "There is no challenge yet: `/challenge create` makes one."
    const some = this.known.slice(0, 10).map((name) => Md.text`${name}`)
    const there = `There are: ${some.join(", ")}${this.known.length > 10 ? ", …" : ""}.`
    return this.name === undefined
      ? `Which one? ${there}`
      : Md.text`There is no challenge named ${this.name}. ${Md.raw(there)}`
  }
}

/** They take part already. */
export class AlreadyMember extends Data.TaggedError("AlreadyMember")<{ readonly name: string }> {
  override get message() {
    return `already a member of ${this.name}`
  }
  get userText() {
    return Md.text`You take part in ${this.name} already.`
  }
}

/** They take no part. */
export class NoMember extends Data.TaggedError("NoMember")<{ readonly name: string }> {
  override get message() {
    return `no member of ${this.name}`
  }
  get userText() {
    return Md.text`You take no part in ${this.name}: \`/challenge join\` does it.`
  }
}

/** The challenge's year has not begun, or is over. */
export class OutOfYear extends Data.TaggedError("OutOfYear")<{
  readonly name: string
  readonly year: number
  readonly when: "before" | "after"
}> {
  override get message() {
    return `${this.name} is of ${this.year}`
  }
  get userText() {
    return this.when === "before"
      ? Md.text`${this.name} begins with the year ${this.year}.`
      : Md.text`${this.name} ended with the year ${this.year}.`
  }
}

/** There is no earlier period to log, or they had not joined by then. */
export class NotThen extends Data.TaggedError("NotThen")<{ readonly name: string; readonly when: string }> {
  override get message() {
    return `not a member of ${this.name} at ${this.when}`
  }
  get userText() {
    return Md.text`You did not take part in ${this.name} then (${Md.raw(this.when)}).`
  }
}

/** The attached file is no challenge. */
export class FileRefused extends Data.TaggedError("FileRefused")<{
  /** A sentence that says what is wrong, and where. */
  readonly reason: string
}> {
  override get message() {
    return `the file is refused: ${this.reason}`
  }
  get userText() {
    return Md.text`I cannot use that file: ${this.reason}. Nothing was changed.`
  }
}
