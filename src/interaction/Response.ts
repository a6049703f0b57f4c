/**
 * The response lock: exactly one visible outcome for whatever was called.
 *
 * A response knows what was already sent and decides, under that knowledge, how the next thing is shown. Its
 * state changes before the HTTP call, so that two senders can never both take the first response.
 *
 * @module
 */
import { Data, type Effect } from "effect"
import type { RestError } from "../DiscordError.js"
import type * as Reply from "./Reply.js"

export interface Response {
  /** "thinking…"; does nothing if anything was sent or is being sent. */
  readonly defer: (ephemeral: boolean) => void
  /** Shows a message before the end. */
  readonly show: (message: Reply.Message) => Effect.Effect<void, RestError | InteractionEnded>
  /**
   * Shows the outcome, once. `done` is called when Discord has accepted it, or with why it could not be
   * shown. Later calls do nothing: the first outcome is the only one. What a `show` has under way is given up.
   * Throws what a builder in the message throws, and has then decided nothing.
   */
  readonly finish: (outcome: Reply.Reply, done: (error: RestError | null) => void) => void
}

/** The outcome of this call was already decided, so nothing more can be shown. */
export class InteractionEnded extends Data.TaggedError("InteractionEnded")<{ readonly id: string }> {
  override get message() {
    return `Interaction ${this.id} has ended: nothing more can be shown`
  }
  get userText() {
    return "That has already ended."
  }
}
