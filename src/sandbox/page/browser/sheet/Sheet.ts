/**
 * The page's own dialogs, one at a time. Escape and the button close it; the focus goes back to where it was.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import { ref } from "lit/directives/ref.js"
import * as ModalDialog from "../modal/ModalDialog.js"
import * as Notice from "../Notice.js"
import type { Page, Sheet } from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Archived from "./Archived.js"
import * as Keys from "./Keys.js"
import * as Pins from "./Pins.js"
import * as Post from "./Post.js"
import * as Switcher from "./Switcher.js"
import * as Thread from "./Thread.js"
import * as Who from "./Who.js"

export const render = (page: Page): TemplateResult | typeof nothing => {
  const { sheet } = page.store.view
  if (sheet === null) return nothing
  const { title, content } = body(page, sheet)
  return html`${keyed(
    sheet._tag,
    html`<dialog
      class="sheet sheet-${sheet._tag.toLowerCase()}"
      aria-label=${title}
      ${ref(show)}
      @close=${() => close(page)}
      @click=${(event: Event) => {
        // The dialog itself is hit only beside its content.
        if (event.target === event.currentTarget) close(page)
      }}
    >
      <div class="sheet-body">
        <div class="sheet-top">
          <h2>${title}</h2>
          <button class="plain" aria-label="Close" title="Close" @click=${() => close(page)}>
            ${icon("close")}
          </button>
        </div>
        ${content}
      </div>
      ${Notice.render(page, !ModalDialog.isOpen(page.store))}
    </dialog>`,
  )}`
}

export const close = (page: Page): void => {
  page.store.view.sheet = null
  page.changed()
}

/** Once it is in the page. */
const show = (element: Element | undefined) => {
  if (!(element instanceof HTMLDialogElement)) return
  const before = document.activeElement
  queueMicrotask(() => {
    if (!element.isConnected || element.open) return
    element.showModal()
    element.querySelector<HTMLElement>("[data-first]")?.focus()
    // Taken away without having been closed: the browser forgets where the focus was.
    const gone = new MutationObserver(() => {
      if (element.isConnected) return
      gone.disconnect()
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus()
    })
    if (element.parentNode !== null) gone.observe(element.parentNode, { childList: true })
  })
}

const body = (page: Page, sheet: Sheet): { readonly title: string; readonly content: unknown } => {
  switch (sheet._tag) {
    case "Switcher":
      return { title: "Go to", content: Switcher.render(page, sheet) }
    case "Person":
      return { title: "Who you are", content: Who.render(page) }
    case "Thread":
      return { title: "Start a thread", content: Thread.render(page) }
    case "Post":
      return { title: "New post", content: Post.render(page) }
    case "Archived":
      return { title: "Archived threads", content: Archived.render(page) }
    case "Pins":
      return { title: "Pinned messages", content: Pins.render(page, sheet) }
    case "Keys":
      return { title: "Keys", content: Keys.render() }
  }
}
