/**
 * Goes to a channel by part of its name, or becomes somebody else.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as Address from "../Address.js"
import * as Presence from "../people/Presence.js"
import * as Channel from "../place/Channel.js"
import * as Channels from "../place/Channels.js"
import type { Page, Sheet, Store } from "../Store.js"

interface Goal {
  readonly name: string
  readonly hint: string
  readonly picture: TemplateResult
  readonly go: () => void
}

/** So many are shown. */
const limit = 12

export const render = (page: Page, sheet: Extract<Sheet, { _tag: "Switcher" }>): TemplateResult => {
  const found = goals(page, sheet.query)
  const at = Math.min(sheet.at, found.length - 1)
  const go = (goal: Goal | undefined) => {
    if (goal === undefined) return
    page.store.view.sheet = null
    goal.go()
    page.changed()
  }
  const type = (event: Event) => {
    sheet.query = (event.target as HTMLInputElement).value
    sheet.at = 0
    page.changed()
  }
  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0 && found.length > 0) {
      event.preventDefault()
      sheet.at = (at + step + found.length) % found.length
      page.changed()
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault()
      go(found[at])
    }
  }
  return html`
    <input
      data-first
      role="combobox"
      aria-label="Channel or person"
      aria-expanded="true"
      aria-controls="goals"
      aria-activedescendant=${at < 0 ? nothing : `goal-${at}`}
      placeholder="Where to?"
      autocomplete="off"
      .value=${sheet.query}
      @input=${type}
      @keydown=${key}
    />
    <ul id="goals" role="listbox" aria-label="Places">
      ${found.map(
        (goal, index) =>
          html`<li id="goal-${index}" role="option" aria-selected=${index === at} @click=${() => go(goal)}>
            ${goal.picture}<span class="name">${goal.name}</span><small>${goal.hint}</small>
          </li>`,
      )}
    </ul>
    ${found.length === 0 ? html`<p class="empty">Nothing is called so.</p>` : nothing}
  `
}

const goals = (page: Page, query: string): ReadonlyArray<Goal> => {
  const wanted = query.trim().replace(/^[#@]/u, "").toLowerCase()
  const all = [...places(page), ...people(page.store)]
  const rank = ({ name }: Goal) => {
    const at = name.toLowerCase().replace(/^#/u, "").indexOf(wanted)
    return at < 0 ? Infinity : at
  }
  return all
    .filter((goal) => rank(goal) < Infinity)
    .sort((a, b) => Math.min(rank(a), 1) - Math.min(rank(b), 1))
    .slice(0, limit)
}

const places = (page: Page): ReadonlyArray<Goal> => {
  const { store } = page
  const { guilds, directs } = store.place
  const here = [...guilds].sort((a, b) => Number(b.id === store.guildId) - Number(a.id === store.guildId))
  const groups = [
    ...here.map((guild) => ({ hint: guild.name, channels: Channel.listed(guild) })),
    { hint: "Direct messages", channels: directs },
  ]
  return groups.flatMap(({ hint, channels }) =>
    channels.map((channel) => ({
      name: Channel.title(channel),
      hint,
      picture: Channels.picture(store, channel),
      go: () => page.open(channel.guildId, channel.id),
    })),
  )
}

const people = (store: Store): ReadonlyArray<Goal> =>
  store.place.people
    .filter(({ bot, id }) => !bot && id !== store.place.me.id)
    .map(({ id, name }) => ({
      name: `Be ${name}`,
      hint: "Person",
      picture: Presence.render(store, id, name, undefined),
      go: () => location.assign(Address.hrefAs(id)),
    }))
