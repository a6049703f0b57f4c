/**
 * The mark of what is new: a number where somebody was mentioned, else a dot.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import type { Store } from "../Store.js"

/** Of channels taken together. */
export const render = (
  store: Store,
  channels: ReadonlyArray<{ readonly id: string }>,
): TemplateResult | typeof nothing => {
  let mentions = 0
  let unread = false
  for (const { id } of channels) {
    mentions += store.mentions.get(id) ?? 0
    unread ||= store.unread.has(id)
  }
  if (mentions > 0)
    return html`<span class="mark count" role="img" aria-label="${mentions} new for you">${mentions}</span>`
  return unread ? html`<span class="mark" role="img" aria-label="Unread"></span>` : nothing
}
