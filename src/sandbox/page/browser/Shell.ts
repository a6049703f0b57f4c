/**
 * The whole page: where one can be, the chat, who is there, the developer's side, and what lies on top.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as Developer from "./developer/Developer.js"
import * as ModalDialog from "./modal/ModalDialog.js"
import * as Notice from "./Notice.js"
import * as Members from "./people/Members.js"
import * as Channels from "./place/Channels.js"
import * as Main from "./place/Main.js"
import * as Servers from "./place/Servers.js"
import * as Sheet from "./sheet/Sheet.js"
import type { Page } from "./Store.js"
import { icon } from "./style/Icon.js"

export const render = (page: Page): TemplateResult => {
  const { store } = page
  if (!store.ready)
    return html`<div class="waiting" role="status">
      ${icon("anchor")}
      <p>${store.notice ?? "Bosun sandbox: looking for it…"}</p>
    </div>`
  const { drawer, tool } = store.view
  const shut = () => {
    store.view.drawer = null
    page.changed()
  }
  return html`
    <a class="skip" href="#chat" @click=${skip("chat")}>Skip to the messages</a>
    <a class="skip" href="#composer" @click=${skip("composer")}>Skip to writing</a>
    <div class="shell ${drawer === null ? "" : `drawer-${drawer}`} ${tool === null ? "" : "with-tools"}">
      ${Servers.render(page)} ${Channels.render(page)} ${Main.render(page)} ${Members.render(page)}
      ${Developer.render(page)} ${drawer === null ? nothing : html`<div class="veil" @click=${shut}></div>`}
    </div>
    ${Notice.render(page, store.view.sheet === null && !ModalDialog.isOpen(store))} ${Sheet.render(page)}
    ${ModalDialog.render(page)}
  `
}

/** The link must not become the place in the URL. */
const skip = (region: string) => (event: Event) => {
  event.preventDefault()
  const target = document.getElementById(region)
  const field = target?.querySelector<HTMLElement>("textarea, [contenteditable], input")
  ;(region === "composer" ? (field ?? target) : target)?.focus()
}
