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

/**
 * A reply. `Update` takes the place of the message that was pressed on, `Silent` means that the handler has shown
 * everything there is to show.
 */
export type Reply = Message | Update | Silent

export interface Update {
  readonly _tag: "Update"
  readonly message: Message
}

/**
 * Puts a message in the place of the one whose component was pressed; where nothing was pressed, of the first
 * one shown. What the new message leaves out goes.
 */
export const update = (message: Message): Update => ({ _tag: "Update", message })

export interface Silent {
  readonly _tag: "Silent"
}

/**
 * Nothing more to say. Where nothing was shown before, the person sees a short "Done.": an interaction never
 * stays without an answer.
 */
export const silent: Silent = { _tag: "Silent" }
