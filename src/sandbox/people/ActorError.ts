/**
 * Why a person could not do something, in words that a person may be shown.
 *
 * @module
 */
import { Data } from "effect"

/** There is no person of that name. */
export class UnknownActor extends Data.TaggedError("UnknownActor")<{
  readonly name: string
  readonly known: ReadonlyArray<string>
}> {
  override get message() {
    return `Nobody here is called ${this.name}. There are: ${this.known.join(", ")}`
  }
}

/** The person may not do that. */
export class NotAllowed extends Data.TaggedError("NotAllowed")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** What was named is not there, or the person does not see it. */
export class NotFound extends Data.TaggedError("NotFound")<{
  readonly what:
    | "channel"
    | "message"
    | "command"
    | "component"
    | "user"
    | "value"
    | "modal"
    | "field"
    | "emoji"
    | "tag"
    | "answer"
    | "server"
  readonly name: string
  readonly known: ReadonlyArray<string>
}> {
  override get message() {
    return `There is no ${this.what} ${this.name}${this.known.length === 0 ? "" : `. There are: ${this.known.join(", ")}`}`
  }
}

/** No gateway session of the bot would get the interaction. */
export class BotOffline extends Data.TaggedError("BotOffline") {
  override get message() {
    return "The bot is not connected"
  }
}
