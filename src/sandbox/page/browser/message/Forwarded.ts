/**
 * What a message carries of one that was forwarded, as it was then.
 *
 * @module
 */
import type { APIMessage } from "discord-api-types/v10"
import { html, nothing } from "lit"
import type { Page } from "../Store.js"
import * as Attachments from "./Attachments.js"
import * as Embed from "./Embed.js"
import * as Markdown from "./Markdown.js"
import * as Stickers from "./Stickers.js"

export const render = (page: Page, message: APIMessage): unknown => {
  const original = message.message_snapshots?.[0]?.message
  if (original === undefined) return nothing
  const { content } = original
  return html`<div class="forwarded" role="group" aria-label="Forwarded message">
    <small>↪ Forwarded</small>
    ${content === "" ? nothing : html`<div>${Markdown.render(page, content)}</div>`}${Attachments.render(
      original,
    )}${Stickers.render(original)}${Embed.render(page, original)}
  </div>`
}
