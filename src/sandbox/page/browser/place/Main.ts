/**
 * The middle of the page: the channel that is open, with its messages and composer, or its posts.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import * as Composer from "../compose/Composer.js"
import * as MessageList from "../message/MessageList.js"
import * as Store from "../Store.js"
import * as Channel from "./Channel.js"
import * as Forum from "./Forum.js"
import * as Header from "./Header.js"

export const render = (page: Store.Page): TemplateResult => html`
  <main class="main" aria-label="Channel">
    ${Header.render(page)} ${banner(page.store)}
    <div class="middle" id="chat" data-region="chat" tabindex="-1">${content(page)}</div>
  </main>
`

const content = (page: Store.Page) => {
  const channel = Store.channel(page.store)
  if (channel === undefined) return empty(page)
  if (Channel.isForum(channel)) return Forum.render(page, channel)
  // Drawn anew for each channel, so that nothing of the one before (its scrolling, its picker) stays.
  return keyed(
    channel.id,
    html`${MessageList.render(page)}
      <div class="composer" id="composer" data-region="composer">${Composer.render(page)}</div>
      <div class="typing">${typing(page.store, channel.id)}</div>`,
  )
}

const empty = (page: Store.Page) => {
  const join = () => {
    page.store.view.sheet = { _tag: "Person" }
    page.changed()
  }
  if (page.store.guildId === null)
    return html`<p class="empty">
      ${
        page.store.place.guilds.length === 0
          ? html`You are in no server. <button @click=${join}>Join one</button>`
          : "No direct messages yet: the bot has not written to you."
      }
    </p>`
  return html`<p class="empty">You see no channel in this server.</p>`
}

const banner = ({ ended, place, live }: Store.Store) => {
  if (!live)
    return html`<p class="banner" role="status">
      ${
        ended
          ? "The sandbox has ended. Once it is started again on the same port, this page goes on by itself."
          : "The sandbox is not heard. Trying again…"
      }
    </p>`
  return html`<p class="banner ${place.botOnline ? "gone" : ""}" role="status">
    ${place.botOnline ? nothing : "The bot is offline: nobody answers commands and buttons."}
  </p>`
}

const typing = (store: Store.Store, channelId: string) => {
  const now = performance.now()
  const names = [...(store.typing.get(channelId) ?? [])]
    .filter(([userId, until]) => until > now && userId !== store.place.me.id)
    .map(([userId]) => Store.nameOf(store, userId))
  if (names.length === 0) return nothing
  const who =
    names.length > 3 ? "Several people are" : `${listed(names)} ${names.length === 1 ? "is" : "are"}`
  return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> ${who} typing…`
}

const listed = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
