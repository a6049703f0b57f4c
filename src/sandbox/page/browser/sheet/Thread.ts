/**
 * Starting a thread in the channel that is open.
 *
 * @module
 */
import { html, type TemplateResult } from "lit"
import type { Page } from "../Store.js"
import * as Form from "./Form.js"

export const render = (page: Page): TemplateResult => {
  const submit = Form.submit(page, (fields) => ({
    _tag: "Thread",
    channel: page.store.channelId ?? "",
    name: Form.text(fields, "name"),
    private: fields.has("private"),
  }))
  return html`<form @submit=${submit}>
    <label>Name <input name="name" required maxlength="100" autocomplete="off" data-first /></label>
    <label class="check"><input type="checkbox" name="private" /> Private: only who is added sees it</label>
    ${Form.foot("Start")}
  </form>`
}
