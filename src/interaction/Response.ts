/**
 * The response lock: exactly one visible outcome for whatever was called.
 *
 * A response knows what was already sent and decides, under that knowledge, how the next thing is shown. Its
 * state changes before the HTTP call, so that two senders can never both take the first response.
 *
 * @module
 */
import type { APIModalInteractionResponseCallbackData } from "discord-api-types/v10"
import { Data, type Effect } from "effect"
import type { RestError } from "../DiscordError.js"
import type * as Reply from "./Reply.js"

export interface Response {
  /**
   * "thinking…"; a press is acknowledged in silence, so that its outcome can be either a new message or a
   * change of the one that it was made on. With `ephemeral` the next message is private. Does nothing if anything
   * was sent or is being sent.
   */
  readonly defer: (ephemeral: boolean) => void
  /**
   * Accepts a press that nobody has answered, without a trace; where it carries a call, like `defer`. Does nothing
   * if anything was sent or is being sent.
   */
  readonly accept: () => void
  /** From now on it stands for a call: false where it has ended, and cannot. */
  readonly carry: () => boolean
  /** Shows a message before the end. What it has under way is given up when the outcome is decided. */
  readonly show: (message: Reply.Message) => Effect.Effect<Shown, RestError | InteractionEnded>
  /**
   * Shows a question. Once begun it is neither given up nor interrupted (a call to Discord ends by its own
   * time-outs), so that whoever asks can always take the question's components away again.
   */
  readonly ask: (message: Reply.Message) => Effect.Effect<Shown, RestError | InteractionEnded>
  /** Replaces the message that was pressed on, or else the first one shown; shows it where there is none. */
  readonly update: (message: Reply.Message) => Effect.Effect<void, RestError | InteractionEnded>
  /** Opens a modal. Only as the first response, and never in answer to a modal (Discord). */
  readonly modal: (
    modal: APIModalInteractionResponseCallbackData,
  ) => Effect.Effect<void, RestError | InteractionEnded | ModalImpossible>
  /** Whether `modal` could be opened now. */
  readonly canShowModal: () => boolean
  /** Whether the first response was given: what follows may go through a newer interaction. */
  readonly isAnswered: () => boolean
  /** See `Interaction.willReplace`. */
  readonly willReplace: () => boolean
  /**
   * Shows the outcome, once. `done` is called when Discord has accepted it, or with why it could not be
   * shown. Later calls do nothing: the first outcome is the only one. What a `show` has under way is given up.
   * Throws what a builder in the message throws, and has then decided nothing.
   */
  readonly finish: (outcome: Reply.Reply, done: (error: RestError | null) => void) => void
}

/** A message that was shown, for as long as it is there. */
export interface Shown {
  readonly channelId: string
  readonly messageId: string
  /** Whether only one person sees it. */
  readonly ephemeral: boolean
  /** Replaces it whole: what the new message leaves out goes. Works also after the outcome. */
  readonly edit: (message: Reply.Message) => Effect.Effect<void, RestError>
  readonly remove: Effect.Effect<void, RestError>
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

/** No modal can be opened: something was shown before, or this is itself a modal or a message (Discord). */
export class ModalImpossible extends Data.TaggedError("ModalImpossible")<{ readonly id: string }> {
  override get message() {
    return `No modal can be opened in answer to ${this.id}: it was acknowledged before, or is no press or command`
  }
  get userText() {
    return "I could not open the form. Please try again."
  }
}
