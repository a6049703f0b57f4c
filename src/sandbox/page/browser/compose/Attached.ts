/**
 * The files that go with what is being written.
 *
 * @module
 */
import { html, nothing } from "lit"
import { size } from "../message/Attachments.js"
import type { Draft } from "../Store.js"
import * as Uploads from "./Uploads.js"

export const render = (draft: Draft, changed: () => void): unknown => {
  const { files } = draft
  if (files.length === 0) return nothing
  return html`<ul class="attached" aria-label="Attached files">
    ${files.map(
      (file) =>
        html`<li>
          ${
            file.contentType.startsWith("image/")
              ? html`<img src=${`data:${file.contentType};base64,${file.base64}`} alt="" />`
              : html`<span aria-hidden="true">📄</span>`
          }
          <span>${file.name} <small>${size(Uploads.bytes(file))}</small></span>
          <button
            type="button"
            class="tool"
            aria-label=${`Remove ${file.name}`}
            @click=${() => {
              draft.files = draft.files.filter((one) => one !== file)
              changed()
            }}
          >
            ✕
          </button>
        </li>`,
    )}
  </ul>`
}
