/**
 * Somebody's picture with a dot for their presence.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as Person from "../message/Person.js"
import type * as Protocol from "../../Protocol.js"
import type { Store } from "../Store.js"

export const names: Readonly<Record<Protocol.Status, string>> = {
  online: "Online",
  idle: "Idle",
  dnd: "Do not disturb",
  offline: "Offline",
}

/** The picture says nothing to a screen reader: the name stands beside it. */
export const render = (
  store: Store,
  userId: string,
  name: string,
  status: Protocol.Status | undefined,
): TemplateResult => html`
  <span class="pictured">
    <img class="avatar" src=${Person.avatar(store, userId, name)} alt="" />
    ${status === undefined ? nothing : html`<span class="presence ${status}" title=${names[status]} aria-hidden="true"></span>`}
  </span>
`
