/**
 * A forum: its posts, which are threads, and the way to a new one.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import * as Address from "../Address.js"
import type * as Protocol from "../../Protocol.js"
import * as Archived from "../sheet/Archived.js"
import * as Store from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Channel from "./Channel.js"
import * as Mark from "./Mark.js"

export const render = (page: Store.Page, forum: Protocol.Channel): TemplateResult => {
  const { store } = page
  const guild = Store.guild(store)
  const posts = guild === undefined ? [] : Channel.threadsOf(guild, forum.id)
  const archived = guild === undefined ? [] : Channel.archivedOf(guild, forum.id)
  const start = () => {
    store.view.sheet = { _tag: "Post" }
    page.changed()
  }
  return html`<section class="forum" aria-label="Posts">
    <div class="forum-top">
      ${
        forum.closed === null
          ? html`<button class="primary" aria-haspopup="dialog" @click=${start}>
              ${icon("plus")} New post
            </button>`
          : html`<p>${forum.closed}</p>`
      }
      <ul class="tags" aria-label="Tags">
        ${forum.tags.map(({ name }) => html`<li class="tag">${name}</li>`)}
      </ul>
    </div>
    ${posts.length === 0 ? html`<p class="empty">No posts yet.</p>` : nothing}
    <ul class="posts" data-roving aria-label="Posts">
      ${repeat(
        posts,
        ({ id }) => id,
        (post) =>
          html`<li>
            <a
              class="post ${store.unread.has(post.id) ? "fresh" : ""}"
              data-item
              href=${Address.href({ guildId: post.guildId, channelId: post.id })}
              >${icon("thread")}<span class="name">${post.name}</span>
              ${post.tags.map(({ name }) => html`<span class="tag">${name}</span>`)}
              ${post.locked ? html`<span class="badge">Locked</span>` : nothing}</a
            >${Mark.render(store, [post])}
          </li>`,
      )}
    </ul>
    ${
      archived.length === 0
        ? nothing
        : html`<h2>Archived</h2>
            ${Archived.list(archived, "Archived posts")}`
    }
  </section>`
}
