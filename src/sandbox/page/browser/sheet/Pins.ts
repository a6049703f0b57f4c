/**
 * The pinned messages of the channel that is open. The page knows of those it has loaded, so that opening this loads
 * what is older, up to a limit; a button goes on.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as MessageMenu from "../message/MessageMenu.js"
import * as Person from "../message/Person.js"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"

type Sheet = Extract<Store.Sheet, { _tag: "Pins" }>

/** So many pages of history at most, each time. */
const pages = 10

export const open = (page: Store.Page): void => {
  const sheet: Sheet = { _tag: "Pins", loading: false }
  page.store.view.sheet = sheet
  void further(page, sheet)
}

const further = async (page: Store.Page, sheet: Sheet): Promise<void> => {
  const { store } = page
  const channelId = store.channelId ?? ""
  sheet.loading = true
  page.changed()
  for (let n = 0; n < pages && store.more.has(channelId) && store.view.sheet === sheet; n++)
    await page.older(channelId)
  sheet.loading = false
  page.changed()
}

export const render = (page: Store.Page, sheet: Sheet): TemplateResult => {
  const { store } = page
  const channelId = store.channelId ?? ""
  const pinned = (store.messages.get(channelId) ?? []).filter(({ message }) => message.pinned)
  return html`
    ${pinned.length === 0 && !sheet.loading ? html`<p class="empty">No pinned messages.</p>` : nothing}
    <ul class="pins">
      ${pinned.toReversed().map((shown) => html`<li>${entry(page, shown)}</li>`)}
    </ul>
    <p role="status">${sheet.loading ? "Looking further back…" : nothing}</p>
    ${
      store.more.has(channelId) && !sheet.loading
        ? html`<button @click=${() => further(page, sheet)}>Look further back</button>`
        : nothing
    }
  `
}

const entry = (page: Store.Page, shown: Protocol.Message) => {
  const { message } = shown
  const unpin = () => void page.act({ _tag: "Pin", message: message.id, on: false })
  const name = Person.name(page.store, message.author.id, message.author)
  const text = message.content || message.embeds[0]?.title || message.sticker_items?.[0]?.name || "(no text)"
  return html`<article aria-label="Pinned: ${name}">
    <strong>${name}</strong>
    <p>${text}</p>
    ${MessageMenu.mayPin(page, shown) ? html`<button @click=${unpin}>Unpin</button>` : nothing}
  </article>`
}
