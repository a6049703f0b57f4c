/**
 * The rail of servers, with direct messages above them.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import * as Address from "../Address.js"
import type * as Protocol from "../../Protocol.js"
import type { Page, Store } from "../Store.js"
import * as Icon from "../style/Icon.js"
import * as Mark from "./Mark.js"

export const render = (page: Page): TemplateResult => {
  const { store } = page
  const join = () => {
    store.view.sheet = { _tag: "Person" }
    page.changed()
  }
  return html`
    <nav class="servers" aria-label="Servers" data-region="servers">
      <ul data-roving>
        ${entry(store, null, "Direct messages", html`${Icon.icon("direct")}`, store.place.directs)}
        <li class="rule" role="presentation"></li>
        ${repeat(
          store.place.guilds,
          ({ id }) => id,
          ({ id, name, icon, channels }) =>
            entry(
              store,
              id,
              name,
              icon === null ? html`${initials(name)}` : html`<img src=${icon} alt="" />`,
              channels,
            ),
        )}
        ${
          (store.place.elsewhere ?? []).length === 0
            ? nothing
            : html`<li>
                <button
                  class="server"
                  data-item
                  aria-label="Join a server"
                  title="Join a server"
                  aria-haspopup="dialog"
                  @click=${join}
                >
                  ${Icon.icon("plus")}
                </button>
              </li>`
        }
      </ul>
    </nav>
  `
}

const entry = (
  store: Store,
  guildId: string | null,
  name: string,
  content: TemplateResult,
  channels: ReadonlyArray<Protocol.Channel>,
) => {
  const open = store.guildId === guildId
  return html`<li class=${open ? "open" : ""}>
    <a
      class="server"
      data-item
      href=${Address.href({ guildId, channelId: null })}
      aria-label=${name}
      title=${name}
      aria-current=${open ? "true" : nothing}
      >${content}</a
    >
    ${Mark.render(store, channels)}
  </li>`
}

const initials = (name: string): string =>
  name
    .split(/\s+/u)
    .slice(0, 3)
    .map((word) => [...word][0] ?? "")
    .join("")
