/**
 * What a wait can end with besides the answer: on one page.
 *
 * @module
 */
import { Data } from "effect"

/** Nothing came before the deadline. At an exact tie the deadline wins. */
export class WaitTimeout extends Data.TaggedError("WaitTimeout")<{
  /** For instance `a message of @ada in #general`, with ids. */
  readonly what: string
  /** Milliseconds from the moment the deadline began. */
  readonly after: number
}> {
  override get message() {
    return `${this.what} did not come within ${this.after / 1000} s`
  }
  get userText() {
    return "That took too long, so I stopped waiting."
  }
}

/** What the wait was for can no longer come: the place that it would come from is gone. */
export class WaitTargetGone extends Data.TaggedError("WaitTargetGone")<{
  readonly what: string
  readonly gone: "message" | "channel" | "thread" | "guild"
}> {
  override get message() {
    return `${this.what} can no longer come: the ${this.gone} is gone`
  }
  get userText() {
    return "The place where I was waiting for you is gone."
  }
}

/** A defect: the bot does not get such events, so that the wait could only end at its deadline. */
export class MissingIntent extends Data.TaggedError("MissingIntent")<{
  readonly what: string
  readonly event: string
  /** Any of these would bring it. */
  readonly intents: ReadonlyArray<string>
}> {
  override get message() {
    return `${this.what} cannot come: ${this.event} needs the gateway intent ${this.intents.join(" or ")}; give it to the bot with its option \`intents\``
  }
}

/** A defect: what was given as a deadline is none. */
export class InvalidWait extends Data.TaggedError("InvalidWait")<{ readonly within: string }> {
  override get message() {
    return `\`within\` must be a finite time above zero, not ${this.within}`
  }
}
