/**
 * The channels of the server that is open, by category, with their threads; or the direct messages.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import * as Address from "../Address.js"
import * as Person from "../message/Person.js"
import * as Self from "../people/Self.js"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"
import { icon, type Name } from "../style/Icon.js"
import * as Channel from "./Channel.js"
import * as Mark from "./Mark.js"

export const render = (page: Store.Page): TemplateResult => {
  const guild = Store.guild(page.store)
  return html`
    <div class="places">
      <div class="places-title">${guild?.name ?? "Direct messages"}</div>
      <nav class="channels" aria-label="Channels" data-region="channels">
        <div data-roving>${guild === undefined ? directs(page) : groups(page, guild)}</div>
      </nav>
      ${Self.render(page)}
    </div>
  `
}

/** Where the chat alone has room. */
export const narrow = matchMedia("(max-width: 699px)")
/** Where members have no room beside the developer's side. */
export const tight = matchMedia("(max-width: 1500px)")

const groups = (page: Store.Page, guild: Protocol.Guild) => {
  const all = Channel.grouped(guild)
  if (guild.channels.length === 0) return html`<p class="empty">You see no channel here.</p>`
  return repeat(
    all,
    ({ category }) => category?.id ?? "",
    ({ category, channels }) => group(page, guild, category, channels),
  )
}

const group = (
  page: Store.Page,
  guild: Protocol.Guild,
  category: Protocol.Channel | null,
  channels: ReadonlyArray<Protocol.Channel>,
) => {
  const { folded } = page.store.view
  const closed = category !== null && folded.has(category.id)
  const fold = () => {
    if (category === null) return
    if (closed) folded.delete(category.id)
    else folded.add(category.id)
    page.changed()
  }
  // What is folded away and new, or open, is shown all the same.
  const shown = closed
    ? channels.filter(({ id }) => page.store.unread.has(id) || id === page.store.channelId)
    : channels
  const heading =
    category === null
      ? nothing
      : html`<button
          class="category ${closed ? "folded" : ""}"
          data-item
          aria-expanded=${!closed}
          @click=${fold}
        >
          ${icon("chevron")}<span>${category.name}</span>
        </button>`
  return html`<section aria-label=${category?.name ?? nothing}>
    ${heading}
    <ul>
      ${repeat(
        shown,
        ({ id }) => id,
        (channel) =>
          html`<li>
            ${link(page, channel)} ${Channel.isForum(channel) ? nothing : threads(page, guild, channel)}
          </li>`,
      )}
    </ul>
  </section>`
}

const threads = (page: Store.Page, guild: Protocol.Guild, parent: Protocol.Channel) => {
  // An archived one is in the list while it is open.
  const open = Channel.archivedOf(guild, parent.id).filter(({ id }) => id === page.store.channelId)
  const all = [...Channel.threadsOf(guild, parent.id), ...open]
  if (all.length === 0) return nothing
  return html`<ul class="threads">
    ${repeat(
      all,
      ({ id }) => id,
      (thread) => html`<li>${link(page, thread)}</li>`,
    )}
  </ul>`
}

const directs = (page: Store.Page) => {
  const { directs } = page.store.place
  if (directs.length === 0) return html`<p class="empty">No direct messages yet.</p>`
  return html`<ul>
    ${repeat(
      directs,
      ({ id }) => id,
      (channel) => html`<li>${link(page, channel)}</li>`,
    )}
  </ul>`
}

const link = ({ store }: Store.Page, channel: Protocol.Channel) => {
  const open = store.channelId === channel.id
  const fresh = store.unread.has(channel.id)
  return html`<div class="channel ${open ? "open" : ""} ${fresh ? "fresh" : ""}">
    <a
      data-item
      href=${Address.href({ guildId: channel.guildId, channelId: channel.id })}
      aria-label=${Channel.title(channel)}
      aria-current=${open ? "page" : nothing}
      >${picture(store, channel)}<span class="name">${channel.name}</span></a
    >${open ? nothing : Mark.render(store, [channel])}
  </div>`
}

/** What a channel is, as a picture: of a direct message the other one's. */
export const picture = (store: Store.Store, channel: Protocol.Channel): TemplateResult => {
  if (Channel.isDirect(channel)) {
    const { botId } = store.place
    return html`<img class="avatar small" src=${Person.avatar(store, botId, channel.name)} alt="" />`
  }
  return icon(kind(channel))
}

const kind = (channel: Protocol.Channel): Name => {
  if (Channel.isThread(channel)) return "thread"
  if (Channel.isForum(channel)) return "forum"
  if (Channel.isVoice(channel.type)) return "voice"
  return channel.type === 5 ? "news" : "hash"
}
