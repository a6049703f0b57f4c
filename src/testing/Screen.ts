/**
 * Messages as a person sees them: snapshots, so that a later edit does not change what a test holds in hand.
 *
 * @module
 */
import { ButtonStyle, ComponentType, MessageFlags } from "discord-api-types/v10"
import { flatten } from "../sandbox/people/ComponentInput.js"
import type { Json, Message } from "../sandbox/model/Model.js"
import { PREFIX } from "../wait/Waits.js"

/** One message, as it was when it was looked at. */
export interface Shown {
  readonly id: string
  readonly channelId: string
  readonly authorId: string
  readonly content: string
  readonly embeds: ReadonlyArray<Json>
  readonly components: ReadonlyArray<Json>
  readonly attachments: ReadonlyArray<Json>
  /** Labels of the buttons that can be pressed; a link is none. */
  readonly buttons: ReadonlyArray<string>
  /** How many select menus can be used. */
  readonly selects: number
  /** Whether only one person sees it. */
  readonly private: boolean
  /** Whether it is a "thinking…" still. */
  readonly thinking: boolean
}

export const shown = (message: Message): Shown => ({
  id: message.id,
  channelId: message.channelId,
  authorId: message.authorId,
  content: message.content,
  embeds: message.embeds,
  components: message.components,
  attachments: message.attachments,
  buttons: message.components.length === 0 ? none : buttons(message).map(labelOf),
  selects: message.components.length === 0 ? 0 : selects(message).length,
  private: message.ephemeralFor !== null,
  thinking: isThinking(message),
})

export const isThinking = (message: Message): boolean => (message.flags & MessageFlags.Loading) !== 0

const none: ReadonlyArray<string> = []

/** What asks something of the bot and can be used. */
export const live = (message: Message): ReadonlyArray<Json> =>
  message.components.length === 0
    ? []
    : flatten(message.components).filter(
        (one) =>
          typeof one["custom_id"] === "string" &&
          one["disabled"] !== true &&
          one["style"] !== ButtonStyle.Link,
      )

/** Those of them that a wait owns. */
export const waited = (message: Message): ReadonlyArray<Json> =>
  live(message).filter((one) => String(one["custom_id"]).startsWith(PREFIX))

export const buttons = (message: Message): ReadonlyArray<Json> =>
  live(message).filter((one) => one["type"] === ComponentType.Button)

export const selects = (message: Message): ReadonlyArray<Json> =>
  live(message).filter((one) => one["type"] !== ComponentType.Button)

/** What a message says first, by which a question is known again after it was closed; undefined where it has no text. */
export const opening = ({ components, content, embeds }: Message): string | undefined => {
  if (embeds[0] !== undefined) return JSON.stringify(embeds[0])
  const texts = flatten(components).map((one) => (typeof one["content"] === "string" ? one["content"] : ""))
  // The longest question leaves room for what became of it.
  return [content, ...texts]
    .find((text) => text !== "")
    ?.split("\n", 1)[0]
    ?.slice(0, 1_000)
}

/** What a person would call it: its label, else its emoji, else its custom id. */
export const labelOf = (component: Json): string => {
  const { custom_id: customId, emoji, label } = component
  if (typeof label === "string") return label
  if (typeof emoji === "object" && emoji !== null && "name" in emoji && typeof emoji.name === "string")
    return emoji.name
  return String(customId)
}
