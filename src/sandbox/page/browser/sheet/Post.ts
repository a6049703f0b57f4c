/**
 * A new post in the forum that is open.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as Store from "../Store.js"
import * as Form from "./Form.js"

export const render = (page: Store.Page): TemplateResult => {
  const { store } = page
  const tags = Store.channel(store)?.tags ?? []
  const submit = Form.submit(page, (fields) => ({
    _tag: "Thread",
    channel: store.channelId ?? "",
    name: Form.text(fields, "name"),
    content: Form.text(fields, "content"),
    tags: fields.getAll("tag").map(String),
  }))
  return html`<form @submit=${submit}>
    <label>Title <input name="name" required maxlength="100" autocomplete="off" data-first /></label>
    <label>Message <textarea name="content" required maxlength="2000" rows="5"></textarea></label>
    ${
      tags.length === 0
        ? nothing
        : html`<fieldset>
            <legend>Tags</legend>
            ${tags.map(
              ({ id, name }) =>
                html`<label class="check"><input type="checkbox" name="tag" value=${id} /> ${name}</label>`,
            )}
          </fieldset>`
    }
    ${Form.foot("Post")}
  </form>`
}
