/**
 * The reactions to a message: a press takes one's own part in one, or takes it back.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-reaction.js"
import "@skyra/discord-components-core/discord-reactions.js"
import { html, nothing } from "lit"
import type * as Protocol from "../../Protocol.js"
import { channel, type Page } from "../Store.js"
import * as EmojiPicker from "./EmojiPicker.js"
import * as Items from "./Items.js"
import * as Person from "./Person.js"
import type * as Popup from "./Popup.js"

/** What is permitted to everybody who may add reactions. */
const addReactions = 1n << 6n

export const mayReact = ({ store }: Page, shown: Protocol.Message): boolean =>
  !shown.ephemeral && (channel(store)?.guildId === null || Person.may(store, addReactions))

/** Asks for an emoji, and reacts with it. */
export const add = (page: Page, messageId: string, anchor: Popup.Anchor): void =>
  EmojiPicker.open(page, anchor, (emoji) => {
    void page.act({ _tag: "React", message: messageId, emoji, on: true })
  })

/** All reactions to a message. */
export const render = (page: Page, shown: Protocol.Message): unknown => {
  const { message, reacted } = shown
  const reactions = message.reactions ?? []
  if (reactions.length === 0) return nothing
  return html`<discord-reactions slot="reactions">
    ${reactions.map(({ count, emoji }) => {
      const key = emoji.id ?? emoji.name ?? ""
      const on = reacted.includes(key)
      const name = emoji.name ?? key
      return html`<button
        type="button"
        class="reaction"
        aria-pressed=${on}
        aria-label=${`${name}, ${count} ${count === 1 ? "reaction" : "reactions"}`}
        @click=${() => void page.act({ _tag: "React", message: message.id, emoji: key, on: !on })}
      >
        <discord-reaction
          .emoji=${Items.emojiSign(page.store, emoji) ?? name}
          .name=${name}
          .count=${count}
          ?reacted=${on}
        ></discord-reaction>
      </button>`
    })}
    ${
      mayReact(page, shown)
        ? html`<button
            type="button"
            class="reaction-add"
            aria-label="Add reaction"
            @click=${(event: Event) => add(page, message.id, event.currentTarget as Element)}
          >
            ☺+
          </button>`
        : nothing
    }
  </discord-reactions>`
}
