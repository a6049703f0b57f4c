/**
 * What people see: the World as it looks from their side of the screen, as a stream of sights.
 *
 * A sight goes to those who may see it: the members of a channel, or the one person whom an ephemeral message,
 * a modal or a failure concerns. Listeners are called synchronously, in order; they must not throw.
 *
 * @module
 */
import type { Message } from "../model/Model.js"

/** Something on a screen changed. */
export type Sight =
  | { readonly _tag: "MessageShown"; readonly channelId: string; readonly message: Message }
  /** Also where a "thinking…" becomes the answer. */
  | { readonly _tag: "MessageEdited"; readonly channelId: string; readonly message: Message }
  | { readonly _tag: "MessageDeleted"; readonly channelId: string; readonly message: Message }
  | { readonly _tag: "ReactionsChanged"; readonly channelId: string; readonly message: Message }
  | { readonly _tag: "Typing"; readonly channelId: string; readonly userId: string }
  /** A command was run or a component used. */
  | {
      readonly _tag: "InteractionStarted"
      readonly channelId: string
      readonly interactionId: string
      readonly userId: string
      readonly name: string | null
    }
  /** A deferred answer; `message` is the placeholder, absent where a component was acknowledged in silence. */
  | {
      readonly _tag: "Thinking"
      readonly channelId: string
      readonly interactionId: string
      readonly message: Message | null
    }
  | {
      readonly _tag: "ModalShown"
      readonly channelId: string
      readonly interactionId: string
      readonly modal: Modal
    }
  | {
      readonly _tag: "ChoicesShown"
      readonly channelId: string
      readonly interactionId: string
      readonly choices: ReadonlyArray<Choice>
    }
  | {
      readonly _tag: "InteractionFailed"
      readonly channelId: string
      readonly interactionId: string
      readonly reason: string
    }

/** A modal on somebody's screen. */
export interface Modal {
  /** The interaction that it answered. */
  readonly interactionId: string
  readonly customId: string
  readonly title: string
  readonly components: ReadonlyArray<Record<string, unknown>>
}

/** One suggestion of an autocomplete. */
export interface Choice {
  readonly name: string
  readonly value: string | number
}

/** Who sees a sight: everyone who sees the channel, or one person. */
export type Audience = { readonly only: string } | "channel"

/** A listener with the audience of each sight. */
export type Listener = (sight: Sight, audience: Audience) => void
