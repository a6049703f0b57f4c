/**
 * A menu that is worked with the arrows, or by the first letter.
 *
 * @module
 */
import { html } from "lit"
import * as Popup from "./Popup.js"

export interface Entry {
  readonly label: string
  readonly act: (event: MouseEvent) => void
  readonly danger?: boolean
}

/** Opens a menu. Groups are parted by a line; empty ones are left out. */
export const open = (
  anchor: Popup.Anchor,
  label: string,
  groups: ReadonlyArray<ReadonlyArray<Entry>>,
): void => {
  const surface = Popup.show(anchor, { role: "menu", label }, (close) =>
    groups
      .filter((group) => group.length > 0)
      .map(
        (group, n) =>
          html`${n === 0 ? "" : html`<div role="separator" class="separator line"></div>`}
          ${group.map(
            (entry) =>
              html`<button
                type="button"
                role="menuitem"
                tabindex="-1"
                class=${entry.danger === true ? "entry danger" : "entry"}
                @click=${(event: MouseEvent) => {
                  close()
                  entry.act(event)
                }}
              >
                ${entry.label}
              </button>`,
          )}`,
      ),
  )
  const entries = [...surface.querySelectorAll<HTMLElement>("[role=menuitem]")]
  surface.addEventListener("keydown", (event) => {
    const at = entries.indexOf(document.activeElement as HTMLElement)
    const to = next(event, at, entries)
    if (to === undefined) return
    event.preventDefault()
    entries.at(to)?.focus()
  })
  entries[0]?.focus()
}

const next = (
  { ctrlKey, key, metaKey }: KeyboardEvent,
  at: number,
  entries: ReadonlyArray<HTMLElement>,
): number | undefined => {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % entries.length
    case "ArrowUp":
      return at <= 0 ? -1 : at - 1
    case "Home":
      return 0
    case "End":
      return -1
    default: {
      if (key.length !== 1 || ctrlKey || metaKey || key === " ") return undefined
      const order = [...entries.keys()].map((n) => (at + 1 + n) % entries.length)
      return order.find((n) => entries[n]?.textContent.trim().toLowerCase().startsWith(key.toLowerCase()))
    }
  }
}

/** Puts a text on the clipboard; says so where the browser does not allow it. */
export const copy = (text: string, failed: () => void): void => {
  navigator.clipboard?.writeText(text).catch(failed)
}
