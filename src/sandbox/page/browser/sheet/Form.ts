/**
 * A form of a dialog, which starts a thread: a refusal is shown in it and keeps what was typed.
 *
 * @module
 */
import { html, type TemplateResult } from "lit"
import * as Api from "../Api.js"
import type * as Protocol from "../../Protocol.js"
import type { Page } from "../Store.js"

export const text = (fields: FormData, name: string): string => String(fields.get(name) ?? "").trim()

/** The button, and where a refusal goes. */
export const foot = (name: string): TemplateResult => html`
  <p class="error" role="alert"></p>
  <button class="primary" type="submit">${name}</button>
`

/** Does it, opens the thread that was started, and closes the dialog. */
export const submit =
  (page: Page, act: (fields: FormData) => Protocol.Act) =>
  async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const button = form.querySelector<HTMLButtonElement>("button[type=submit]")
    if (button?.disabled === true) return
    if (button) button.disabled = true
    const { channelId, guildId } = page.store
    const done = await page.tryAct(act(new FormData(form)))
    if (button) button.disabled = false
    if (Api.isRefused(done)) {
      form.querySelector(".error")!.textContent = done.error
      if (!form.isConnected) page.notice(done.error)
      return
    }
    // Whoever put the dialog away, or went elsewhere meanwhile, stays there.
    if (form.isConnected) page.store.view.sheet = null
    if (done.channel !== undefined && page.store.channelId === channelId) page.open(guildId, done.channel)
    page.changed()
  }
