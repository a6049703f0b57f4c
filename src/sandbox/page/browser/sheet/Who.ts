/**
 * Who one is in this window: the people of the sandbox, each also in a second window; a new one; and the servers
 * that one is in.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import * as Address from "../Address.js"
import * as Api from "../Api.js"
import * as Ask from "../message/Ask.js"
import * as Presence from "../people/Presence.js"
import type * as Protocol from "../../Protocol.js"
import type { Page, Store } from "../Store.js"
import { icon } from "../style/Icon.js"
import * as Form from "./Form.js"

export const render = (page: Page): TemplateResult => {
  const { place } = page.store
  const people = place.people.filter(({ bot }) => !bot)
  return html`
    <ul class="people" data-roving aria-label="People">
      ${repeat(
        people,
        ({ id }) => id,
        (person) => html`<li>${entry(page.store, person, person.id === place.me.id)}</li>`,
      )}
    </ul>
    <form class="line" @submit=${(event: SubmitEvent) => add(page, event)}>
      <label>New person <input name="name" required autocomplete="off" placeholder="Name" /></label>
      <button type="submit">Add</button>
      <p class="error" role="alert"></p>
    </form>
    <h3>Servers of ${place.me.name}</h3>
    <ul class="rows">
      ${place.guilds.map(
        ({ id, name }) =>
          html`<li>
            <span>${name}</span>
            <button
              aria-label="Leave ${name}"
              aria-haspopup="dialog"
              @click=${(event: Event) =>
                Ask.show(event.currentTarget as Element, {
                  text: `Leave ${name}?`,
                  yes: "Leave it",
                  act: () => void page.act({ _tag: "Leave", guild: id }),
                })}
            >
              Leave
            </button>
          </li>`,
      )}
      ${(place.elsewhere ?? []).map(
        ({ id, name }) =>
          html`<li>
            <span>${name}</span>
            <button @click=${() => page.act({ _tag: "Join", guild: id })} aria-label="Join ${name}">
              Join
            </button>
          </li>`,
      )}
    </ul>
    <label class="check">
      <input
        type="checkbox"
        .checked=${!place.directsClosed}
        @change=${(event: Event) =>
          page.act({ _tag: "Directs", closed: !(event.target as HTMLInputElement).checked })}
      />
      Takes direct messages
    </label>
  `
}

const entry = (store: Store, { id, name, username }: Protocol.Person, me: boolean) => html`
  <a class="person" data-item href=${Address.hrefAs(id)} aria-current=${me ? "true" : nothing}>
    ${Presence.render(store, id, name, undefined)}
    <span class="self-name"><strong>${name}</strong><small>@${username}${me ? " · you" : ""}</small></span>
  </a>
  <a
    class="plain"
    href=${Address.hrefAs(id)}
    target="_blank"
    rel="noopener"
    aria-label="Open a second window as ${name}"
    title="Open a second window as ${name}"
    >${icon("window")}</a
  >
`

const add = async (page: Page, event: SubmitEvent) => {
  event.preventDefault()
  const form = event.currentTarget as HTMLFormElement
  const button = form.querySelector<HTMLButtonElement>("button")
  if (button === null || button.disabled) return
  button.disabled = true
  const done = await page.tryAct({ _tag: "Person", name: Form.text(new FormData(form), "name") })
  button.disabled = false
  form.querySelector(".error")!.textContent = Api.isRefused(done) ? done.error : ""
  if (!Api.isRefused(done)) form.reset()
}
