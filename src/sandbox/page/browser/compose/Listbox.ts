/**
 * What is suggested while one types: a list above the field, worked from the field with the arrows.
 *
 * @module
 */
import { html, nothing } from "lit"
import { sign } from "../message/SelectMenu.js"

export interface Row {
  readonly label: string
  readonly description?: string | undefined
  readonly sign?: string | undefined
  readonly color?: string | undefined
}

export interface Options {
  readonly id: string
  readonly label: string
  /** The row that Enter takes; -1 for none. */
  readonly active: number
  readonly choose: (at: number) => void
}

/** The id of a row, for the field's `aria-activedescendant`. */
export const rowId = (id: string, at: number): string => `${id}-${at}`

export const render = (rows: ReadonlyArray<Row>, { active, choose, id, label }: Options): unknown =>
  html`<div class="suggestions" role="listbox" id=${id} aria-label=${label}>
    ${rows.map(
      (row, at) =>
        html`<div
          role="option"
          id=${rowId(id, at)}
          class=${at === active ? "option active" : "option"}
          aria-selected=${at === active}
          @mousedown=${(event: Event) => {
            // The field keeps the focus.
            event.preventDefault()
          }}
          @click=${() => choose(at)}
        >
          ${sign(row.sign)}<span class="words"
            ><span style=${row.color === undefined ? nothing : `color: ${row.color}`}>${row.label}</span>${
              row.description === undefined || row.description === ""
                ? nothing
                : html`<small>${row.description}</small>`
            }</span
          >
        </div>`,
    )}
  </div>`

/** Where the arrows lead. */
export const moved = (key: string, active: number, count: number): number | undefined => {
  if (count === 0) return undefined
  if (key === "ArrowDown") return (active + 1) % count
  if (key === "ArrowUp") return active <= 0 ? count - 1 : active - 1
  return undefined
}
