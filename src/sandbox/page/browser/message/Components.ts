/**
 * The components of a message, old and new: buttons, selects, containers and what is in them. The library's own
 * buttons and selects are for show; these are a browser's, and work by keyboard and name.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-action-row.js"
import { html, nothing } from "lit"
import { keyed } from "lit/directives/keyed.js"
import type * as Protocol from "../../Protocol.js"
import type { Page } from "../Store.js"
import * as Attachments from "./Attachments.js"
import * as Component from "./Component.js"
import type { Json } from "./Component.js"
import * as Doing from "./Doing.js"
import * as Items from "./Items.js"
import * as Link from "./Link.js"
import * as Markdown from "./Markdown.js"
import { sign } from "./SelectMenu.js"

interface Place {
  readonly page: Page
  readonly shown: Protocol.Message
}

/** All components of a message. */
export const render = (page: Page, shown: Protocol.Message): unknown => {
  const components = Component.objects(shown.message.components)
  if (components.length === 0) return nothing
  return html`<div slot="components" class="components">
    ${components.map((component) => one({ page, shown }, component))}
  </div>`
}

const children = (place: Place, component: Json): unknown =>
  Component.objects(component["components"]).map((child) => one(place, child))

const one = (place: Place, component: Json): unknown => {
  const { page } = place
  const { text, type } = Component
  switch (component["type"]) {
    case type.row:
      return html`<discord-action-row>${children(place, component)}</discord-action-row>`
    case type.button:
      return button(place, component)
    case type.section:
      return html`<div class="section">
        <div class="section-texts">${children(place, component)}</div>
        ${Component.isObject(component["accessory"]) ? one(place, component["accessory"]) : nothing}
      </div>`
    case type.textDisplay:
      return html`<div class="text-display">${Markdown.render(page, text(component["content"]))}</div>`
    case type.thumbnail:
      return picture(place, component["media"], component, "thumbnail")
    case type.gallery: {
      const items = Component.objects(component["items"])
      return html`<div class="gallery" data-count=${Math.min(items.length, 5)}>
        ${items.map((item) => picture(place, item["media"], item, "gallery-item"))}
      </div>`
    }
    case type.file: {
      const { url } = Component.object(component["file"])
      return Attachments.file({
        name: text(component["name"]) || text(url).split("/").at(-1) || "file",
        size: Component.number(component["size"], 0),
        url: source(place, url),
        spoiler: component["spoiler"] === true,
      })
    }
    case type.separator:
      return html`<div
        role="separator"
        class=${`separator ${component["spacing"] === 2 ? "large" : ""} ${component["divider"] === false ? "" : "line"}`}
      ></div>`
    case type.container: {
      const accent = component["accent_color"]
      const box = html`<div
        class="container"
        style=${typeof accent === "number" ? `border-left-color: #${accent.toString(16).padStart(6, "0")}` : nothing}
      >
        ${children(place, component)}
      </div>`
      return component["spoiler"] === true ? Attachments.hidden(box) : box
    }
    default:
      return Items.of(page.store, component) === undefined ? nothing : select(place, component)
  }
}

const looks: Readonly<Record<number, string>> = {
  1: "primary",
  2: "secondary",
  3: "success",
  4: "destructive",
  6: "primary",
}

const button = ({ page, shown: { message } }: Place, component: Json): unknown => {
  const { text } = Component
  const disabled = component["disabled"] === true
  const emoji = Items.emojiSign(page.store, component["emoji"])
  const label = html`${sign(emoji)}<span>${text(component["label"])}</span>`
  const named = text(component["label"]) === "" ? text(Component.object(component["emoji"])["name"]) : nothing
  if (component["style"] === 5) {
    const href = Link.of(component["url"])
    if (href === undefined || disabled)
      return html`<button type="button" class="press secondary" disabled>${label}</button>`
    return html`<a
      class="press secondary"
      href=${href}
      rel="noopener noreferrer"
      target="_blank"
      aria-label=${named}
      >${label}<span aria-hidden="true">↗</span></a
    >`
  }
  const customId = text(component["custom_id"])
  const waiting = Doing.waiting(page.store, message.id)
  const busy = waiting === customId
  // Keyed, so that the focus does not go over to a button that takes this one's place.
  const key = text(component["label"]) || text(Component.object(component["emoji"])["name"])
  return html`${keyed(
    key,
    html`<button
      type="button"
      class=${`press ${looks[Number(component["style"])] ?? "secondary"}`}
      aria-label=${named}
      aria-busy=${busy}
      aria-disabled=${waiting !== undefined}
      ?disabled=${disabled}
      @click=${(event: MouseEvent) => {
        if (waiting === undefined && Doing.isMeant(event, `${message.id} ${key}`))
          void Doing.use(page, { _tag: "Press", message: message.id, customId })
      }}
    >
      ${label}${busy ? html`<span class="dots" aria-hidden="true">…</span>` : nothing}
    </button>`,
  )}`
}

const select = ({ page, shown: { message } }: Place, component: Json): unknown => {
  const customId = Component.text(component["custom_id"])
  const placeholder = Component.text(component["placeholder"]) || "Make a selection"
  // Keyed, so that what was picked in one is not picked in another that takes its place.
  return html`${keyed(
    customId,
    html`<page-select
      .label=${placeholder}
      .placeholder=${placeholder}
      .items=${Items.of(page.store, component)}
      .min=${Component.number(component["min_values"], 1)}
      .max=${Component.number(component["max_values"], 1)}
      .values=${Component.preset(component)}
      .disabled=${component["disabled"] === true}
      .busy=${Doing.waiting(page.store, message.id) === customId}
      @choose=${(event: CustomEvent<ReadonlyArray<string>>) => {
        void Doing.use(page, { _tag: "Select", message: message.id, customId, values: event.detail })
      }}
    ></page-select>`,
  )}`
}

/** `attachment://name` is the message's file of that name. */
const source = ({ shown: { message } }: Place, url: unknown): string => {
  const address = Component.text(url)
  if (!address.startsWith("attachment://")) return address
  const name = address.slice("attachment://".length)
  return message.attachments.find(({ filename }) => filename === name)?.url ?? ""
}

const picture = (place: Place, media: unknown, more: Json, className: string): unknown => {
  const url = source(place, Component.object(media)["proxy_url"] ?? Component.object(media)["url"])
  // The page loads nothing from elsewhere.
  const isHere = URL.canParse(url, location.href) && new URL(url, location.href).origin === location.origin
  const shown = isHere || url === "" ? image(url, more, className) : elsewhere(url)
  return more["spoiler"] === true ? Attachments.hidden(shown) : shown
}

const elsewhere = (url: string): unknown =>
  html`<span class="elsewhere"
    ><span aria-hidden="true">🖼</span>
    <span
      >A picture from elsewhere:
      <a class="link" href=${Link.of(url) ?? nothing} rel="noopener noreferrer" target="_blank"
        >${url}</a
      ></span
    ></span
  >`

const image = (url: string, more: Json, className: string): unknown =>
  html`<img class=${className} src=${url} alt=${Component.text(more["description"])} loading="lazy" />`
