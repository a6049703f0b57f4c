/**
 * Who one is, in this window: name, status, and the way to be somebody else.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { live } from "lit/directives/live.js"
import type * as Protocol from "../../Protocol.js"
import type { Page } from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Theme from "../style/Theme.js"
import * as Presence from "./Presence.js"

export const render = (page: Page): TemplateResult => {
  const { store } = page
  const { me } = store.place
  const status = statusOf(store.place)
  const choose = (event: Event) => {
    const { value } = event.target as HTMLSelectElement
    localStorage.setItem(key(me.id), value)
    void page.act({ _tag: "Status", status: value as Protocol.Status })
  }
  const other = () => {
    store.view.sheet = { _tag: "Person" }
    page.changed()
  }
  return html`<section class="self" aria-label="You" data-region="self">
    <button class="who" @click=${other} aria-haspopup="dialog" title="Be somebody else">
      ${Presence.render(store, me.id, me.name, status)}
      <span class="self-name"><strong>${me.name}</strong><small>@${me.username}</small></span>
      <span class="sr-only">: change who you are</span>
    </button>
    ${
      status === undefined
        ? nothing
        : html`<select
            class="status"
            aria-label="Your status"
            title="Your status"
            .value=${live(status)}
            @change=${choose}
          >
            ${Object.entries(Presence.names).map(
              ([value, name]) =>
                html`<option value=${value} ?selected=${value === status}>
                  ${value === "offline" ? "Invisible" : name}
                </option>`,
            )}
          </select>`
    }
    <button
      class="plain"
      @click=${() => Theme.toggle(page)}
      aria-label=${store.dark ? "Light colours" : "Dark colours"}
      title=${store.dark ? "Light colours" : "Dark colours"}
    >
      ${icon(store.dark ? "sun" : "moon")}
    </button>
  </section>`
}

/** Whoever opens a client is what they last chose to be, and online where they never chose. */
export const arrive = (page: Page): void => {
  const { place } = page.store
  const told = statusOf(place)
  const chosen = localStorage.getItem(key(place.me.id)) ?? (told === "offline" ? "online" : told)
  if (chosen !== undefined && chosen !== told)
    void page.act({ _tag: "Status", status: chosen as Protocol.Status })
}

const key = (personId: string) => `bosun.status.${personId}`

/** One's own status, as any server knows it. */
const statusOf = ({ guilds, me }: Protocol.Place): Protocol.Status | undefined => {
  for (const { members } of guilds) {
    const found = members.find(({ userId }) => userId === me.id)
    if (found !== undefined) return found.status
  }
  return undefined
}
