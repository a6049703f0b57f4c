/**
 * What the text that is being written is, above it: an answer, or an edit.
 *
 * @module
 */
import { html, nothing } from "lit"
import * as Person from "../message/Person.js"
import type { Page } from "../Store.js"
import * as Composing from "./Composing.js"

export const render = (page: Page, channelId: string): unknown => {
  const { store } = page
  const { editing, replyTo } = Composing.draft(store, channelId)
  if (editing === null && replyTo === null) return nothing
  const author = store.messages.get(channelId)?.find(({ message }) => message.id === replyTo)?.message.author
  const answered = author === undefined ? "a message" : Person.name(store, author.id, author)
  return html`<div class="compose-bar">
    <span>${editing === null ? html`Replying to <strong>${answered}</strong>` : "Editing a message"}</span>
    <button
      type="button"
      class="tool"
      aria-label=${editing === null ? "Cancel reply" : "Cancel edit"}
      @click=${() => Composing.leave(page)}
    >
      ✕
    </button>
  </div>`
}
