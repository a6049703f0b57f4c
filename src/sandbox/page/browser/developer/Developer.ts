/**
 * The developer's side: what goes between the sandbox and the bot, what can be made to go wrong, the clock, and the
 * pages of others that belong beside the chat.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import * as Store from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Clock from "./Clock.js"
import * as Faults from "./Faults.js"
import * as Traffic from "./Traffic.js"

interface Tab {
  readonly id: string
  readonly title: string
  readonly content: () => unknown
}

export const render = (page: Store.Page): TemplateResult | typeof nothing => {
  const { view, panels } = page.store
  if (view.tool === null) return nothing
  const tabs: ReadonlyArray<Tab> = [
    { id: "traffic", title: "Traffic", content: () => Traffic.render(page) },
    { id: "faults", title: "Faults", content: () => Faults.render(page) },
    { id: "clock", title: "Clock", content: () => Clock.render(page) },
    ...panels.map(({ title, url }) => ({
      id: `panel:${title}`,
      title,
      content: () =>
        html`<iframe
          title=${title}
          src=${url}
          referrerpolicy="no-referrer"
          sandbox="allow-scripts allow-same-origin allow-forms allow-modals"
        ></iframe>`,
    })),
  ]
  const open = tabs.find(({ id }) => id === Store.tool(page.store)) ?? tabs[0]!
  const choose = (id: string | null) => () => {
    view.tool = id
    page.changed()
  }
  return html`<aside class="developer" aria-label="Developer" data-region="developer">
    <div class="tabs">
      <div role="tablist" aria-label="Developer" data-roving="row">
        ${tabs.map(
          ({ id, title }) =>
            html`<button
              role="tab"
              data-item
              id="tab-${id}"
              aria-selected=${id === open.id}
              aria-controls="tool"
              @click=${choose(id)}
              @focus=${choose(id)}
            >
              ${title}
            </button>`,
        )}
      </div>
      <button class="plain" aria-label="Close the developer's side" title="Close" @click=${choose(null)}>
        ${icon("close")}
      </button>
    </div>
    <div class="tool" id="tool" role="tabpanel" aria-labelledby="tab-${open.id}">
      ${keyed(open.id, open.content())}
    </div>
  </aside>`
}
