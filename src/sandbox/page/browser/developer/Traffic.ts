/**
 * What goes between the sandbox and the bot: gateway events and REST calls, the newest first, each with what was
 * said and how long the answer took.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { live } from "lit/directives/live.js"
import { repeat } from "lit/directives/repeat.js"
import type * as Protocol from "../../Protocol.js"
import type { Page, Store } from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Json from "./Json.js"

/** So many entries are drawn. */
const limit = 200

export const render = (page: Page): TemplateResult => {
  const { store } = page
  const { traffic: view } = store.view
  const set = (change: () => void) => () => {
    change()
    page.changed()
  }
  const paused = view.paused !== null
  const found = matching(store)
  const missed = paused ? (store.traffic.at(-1)?.n ?? 0) - (view.paused?.at(-1)?.n ?? 0) : 0
  return html`
    <div class="tool-top">
      <input
        type="search"
        aria-label="Filter the traffic"
        placeholder="Filter…"
        .value=${live(view.filter)}
        @input=${(event: Event) => {
          view.filter = (event.target as HTMLInputElement).value
          page.changed()
        }}
      />
      <select
        aria-label="Kind of traffic"
        @change=${(event: Event) => {
          view.kind = (event.target as HTMLSelectElement).value as typeof view.kind
          page.changed()
        }}
      >
        <option value="all" ?selected=${view.kind === "all"}>Both</option>
        <option value="event" ?selected=${view.kind === "event"}>Events</option>
        <option value="request" ?selected=${view.kind === "request"}>Requests</option>
      </select>
      <button
        class="plain"
        aria-pressed=${paused}
        aria-label="Pause"
        title=${paused ? "Go on" : "Pause"}
        @click=${set(() => {
          view.paused = paused ? null : [...store.traffic]
        })}
      >
        ${icon(paused ? "play" : "pause")}
      </button>
      <button
        class="plain"
        aria-label="Clear the traffic"
        title="Clear"
        @click=${set(() => {
          store.traffic = []
          view.paused = paused ? [] : null
          view.open.clear()
        })}
      >
        ${icon("bin")}
      </button>
    </div>
    <p class="tool-note">
      ${found.length} of
      ${(view.paused ?? store.traffic).length}${paused ? `; paused, ${missed} more since` : ""}
    </p>
    <ol class="traffic" aria-label="Traffic" data-roving>
      ${repeat(
        found.slice(-limit).toReversed(),
        ({ n }) => n,
        (entry) => row(page, entry),
      )}
    </ol>
  `
}

const matching = ({ traffic, view }: Store): ReadonlyArray<Protocol.Traffic> => {
  const { filter, kind, paused } = view.traffic
  const words = filter.toLowerCase().split(/\s+/u).filter(Boolean)
  return (paused ?? traffic).filter((entry) => {
    if (kind !== "all" && entry.kind !== kind) return false
    if (words.length === 0) return true
    const text = `${entry.name} ${entry.status ?? ""} ${entry.body} ${entry.answer}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

const row = (page: Page, entry: Protocol.Traffic) => {
  const { open } = page.store.view.traffic
  const { n, at, kind, name, status, took, body, answer } = entry
  const unfolded = open.has(n)
  const fold = () => {
    if (unfolded) open.delete(n)
    else open.add(n)
    page.changed()
  }
  const tone = status === null ? "" : status >= 500 ? "bad" : status >= 400 ? "warn" : "good"
  return html`<li class="${kind} ${tone}">
    <button data-item aria-expanded=${unfolded} @click=${fold}>
      <span class="at">${(at / 1000).toFixed(3)}</span>
      <span class="way" title=${kind === "event" ? "To the bot" : "From the bot"} aria-hidden="true"
        >${kind === "event" ? "↓" : "↑"}</span
      >
      <span class="what">${name}</span>
      ${
        kind === "event"
          ? nothing
          : html`<span class="status-code">${status ?? "…"}</span
              ><span class="took">${took === null ? "" : `${took.toFixed(took < 10 ? 1 : 0)} ms`}</span>`
      }
    </button>
    ${
      unfolded
        ? html`<div class="bodies">
            ${part(kind === "event" ? "Data" : "Sent", body)}
            ${kind === "event" ? nothing : part("Answer", answer)}
          </div>`
        : nothing
    }
  </li>`
}

const part = (title: string, text: string) =>
  text === ""
    ? nothing
    : html`<h3>${title}</h3>
        <pre tabindex="0" aria-label=${title}>${Json.render(text)}</pre>`
