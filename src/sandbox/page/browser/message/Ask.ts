/**
 * A question before something that cannot be taken back.
 *
 * @module
 */
import { html } from "lit"
import * as Popup from "./Popup.js"

export interface Question {
  readonly text: string
  /** What the button that does it is called. */
  readonly yes: string
  readonly act: () => void
}

/** Asks beside an element, or at a point. Whatever else is pressed closes it. */
export const show = (anchor: Popup.Anchor, { act, text, yes }: Question): void => {
  const surface = Popup.show(
    anchor,
    { role: "dialog", label: text },
    (close) =>
      html`<div class="ask">
        <p>${text}</p>
        <div class="ask-answers">
          <button
            type="button"
            class="press destructive"
            @click=${() => {
              close()
              act()
            }}
          >
            ${yes}
          </button>
          <button type="button" class="press quiet" @click=${close}>Cancel</button>
        </div>
      </div>`,
  )
  surface.querySelector("button")?.focus()
}
