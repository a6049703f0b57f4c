/**
 * The choice of an emoji: common ones, the guild's own, or any that is typed.
 *
 * @module
 */
import { html } from "lit"
import { guild, type Page } from "../Store.js"
import { common } from "./CommonEmoji.js"
import * as Popup from "./Popup.js"

/** Opens it; `chosen` is given the emoji, or the id of a custom one and its name. */
export const open = (
  { store }: Page,
  anchor: Popup.Anchor,
  chosen: (emoji: string, name: string) => void,
): void => {
  const surface = Popup.show(anchor, { role: "dialog", label: "Choose an emoji" }, (close) => {
    const choose = (emoji: string, name: string) => () => {
      close()
      chosen(emoji, name)
    }
    return html`<form
      class="emoji-picker"
      @submit=${(event: SubmitEvent) => {
        event.preventDefault()
        const typed = String(new FormData(event.target as HTMLFormElement).get("emoji")).trim()
        if (typed !== "") choose(...find(typed))()
      }}
    >
      <input name="emoji" aria-label="Emoji" placeholder="Emoji or :name:" autocomplete="off" />
      <div class="emoji-grid">
        ${(guild(store)?.emojis ?? []).map(
          (emoji) =>
            html`<button
              type="button"
              aria-label=${`:${emoji.name}:`}
              title=${`:${emoji.name}:`}
              @click=${choose(emoji.id, emoji.name)}
            >
              <img class="sign" src=${emoji.url} alt="" />
            </button>`,
        )}
        ${common.map(
          ([emoji, name]) =>
            html`<button type="button" aria-label=${emoji} title=${`:${name}:`} @click=${choose(emoji, name)}>
              ${emoji}
            </button>`,
        )}
      </div>
    </form>`
  })
  const find = (typed: string): readonly [emoji: string, name: string] => {
    const name = typed.replace(/^:|:$/g, "").toLowerCase()
    const own = guild(store)?.emojis.find((emoji) => emoji.name.toLowerCase() === name)
    if (own !== undefined) return [own.id, own.name]
    return common.find(([, each]) => each === name) ?? [typed, typed]
  }
  surface.querySelector("input")?.focus()
}
