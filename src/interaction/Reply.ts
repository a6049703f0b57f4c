/**
 * What a command answers: a message, or nothing more than it has already shown.
 *
 * @module
 */
import type { Message } from "../discord/Message.js"

export {
  type Body,
  body,
  type Built,
  embed,
  ephemeral,
  type Fields,
  type File,
  make,
  mentioning,
  type Message,
  text,
  withFiles,
} from "../discord/Message.js"

/** A reply. `Silent` means that the handler has shown everything there is to show. */
export type Reply = Message | Silent

export interface Silent {
  readonly _tag: "Silent"
}

/**
 * Nothing more to say. Where nothing was shown before, the person sees a short "Done.": an interaction never
 * stays without an answer.
 */
export const silent: Silent = { _tag: "Silent" }
