/**
 * The archived threads of the channel that is open. Writing into one wakes it.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import * as Address from "../Address.js"
import type * as Protocol from "../../Protocol.js"
import * as Channel from "../place/Channel.js"
import * as Store from "../Store.js"
import { icon } from "../style/Icon.js"

export const render = (page: Store.Page): TemplateResult => {
  const { store } = page
  const guild = Store.guild(store)
  const threads = guild === undefined ? [] : Channel.archivedOf(guild, store.channelId ?? "")
  const shut = () => {
    store.view.sheet = null
    page.changed()
  }
  return html`${threads.length === 0 ? html`<p class="empty">No archived threads.</p>` : nothing}
    <div @click=${shut}>${list(threads, "Archived threads")}</div>`
}

export const list = (threads: ReadonlyArray<Protocol.Channel>, name: string): TemplateResult =>
  html`<ul class="posts" data-roving aria-label=${name}>
    ${repeat(
      threads,
      ({ id }) => id,
      ({ guildId, id, locked, name }) =>
        html`<li>
          <a class="post" data-item href=${Address.href({ guildId, channelId: id })}
            >${icon("thread")}<span class="name">${name}</span>
            ${locked ? html`<span class="badge">Locked</span>` : nothing}</a
          >
        </li>`,
    )}
  </ul>`
