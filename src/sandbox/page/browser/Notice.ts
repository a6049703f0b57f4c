/**
 * What went wrong last, for the person. A dialog makes all that is outside of it inert, to screen readers too: it is
 * said in whatever lies on top.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import type { Page } from "./Store.js"
import { icon } from "./style/Icon.js"

/** The region in a part of the page, where the notice is seen if that part is on top. */
export const render = (page: Page, on: boolean): TemplateResult =>
  html`<div class="notices" role="alert">
    ${
      page.store.notice === null || !on
        ? nothing
        : html`<p class="notice">
            <span>${page.store.notice}</span>
            <button type="button" class="plain" aria-label="Dismiss" @click=${() => page.notice(null)}>
              ${icon("close")}
            </button>
          </p>`
    }
  </div>`
