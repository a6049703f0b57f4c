/**
 * The embeds of a message.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-embed.js"
import "@skyra/discord-components-core/discord-embed-description.js"
import "@skyra/discord-components-core/discord-embed-field.js"
import "@skyra/discord-components-core/discord-embed-fields.js"
import "@skyra/discord-components-core/discord-embed-footer.js"
import type { APIEmbed, APIMessage } from "discord-api-types/v10"
import { html, nothing } from "lit"
import { ifDefined } from "lit/directives/if-defined.js"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Link from "./Link.js"
import * as Markdown from "./Markdown.js"
import * as Person from "./Person.js"
import * as Timestamp from "./Timestamp.js"

/** A message, or what was forwarded of one. */
type Carrying = Pick<APIMessage, "attachments" | "embeds">

/** All embeds of a message; what came of a poll stands in its own line. */
export const render = (page: Page, message: Carrying): unknown =>
  message.embeds.filter(({ type }) => type !== "poll_result").map((embed) => one(page, message, embed))

const one = (page: Page, message: Carrying, embed: APIEmbed): unknown => {
  const picture = (url: string | undefined): string | undefined => {
    if (url === undefined || !url.startsWith("attachment://")) return url
    return message.attachments.find(({ filename }) => url === `attachment://${filename}`)?.url
  }
  const fields = embed.fields ?? []
  return html`<discord-embed
    slot="embeds"
    color=${ifDefined(embed.color === undefined ? undefined : Person.css(embed.color))}
    author-name=${ifDefined(embed.author?.name)}
    author-url=${ifDefined(Link.of(embed.author?.url))}
    author-image=${ifDefined(picture(embed.author?.icon_url))}
    thumbnail=${ifDefined(picture(embed.thumbnail?.url))}
    image=${ifDefined(picture(embed.image?.url))}
    provider=${ifDefined(embed.provider?.name)}
  >
    ${embed.title === undefined ? nothing : title(page, embed.title, Link.of(embed.url))}
    ${
      embed.description === undefined
        ? nothing
        : html`<discord-embed-description slot="description"
            >${Markdown.render(page, embed.description)}</discord-embed-description
          >`
    }
    ${
      fields.length === 0
        ? nothing
        : html`<discord-embed-fields slot="fields">
            ${fields.map(
              (field, n) =>
                html`<discord-embed-field
                  ?inline=${field.inline === true}
                  inline-index=${ifDefined(inlineIndex(fields, n))}
                  ><span class="embed-name">${Markdown.render(page, field.name)}</span
                  >${Markdown.render(page, field.value)}</discord-embed-field
                >`,
            )}
          </discord-embed-fields>`
    }
    ${embed.footer === undefined && embed.timestamp === undefined ? nothing : footer(page, embed, picture)}
  </discord-embed>`
}

/** The library's own title takes no Markdown: this one stands where the description does. */
const title = (page: Page, text: string, href: string | undefined): unknown => {
  const words = Markdown.render(page, text)
  return html`<div slot="description" class="embed-title">
    ${
      href === undefined
        ? words
        : html`<a class="link" href=${href} rel="noopener noreferrer" target="_blank">${words}</a>`
    }
  </div>`
}

const footer = (
  { store }: Page,
  { footer: below, timestamp }: APIEmbed,
  picture: (url: string | undefined) => string | undefined,
): unknown => {
  const at = timestamp === undefined ? undefined : Timestamp.beside(Date.parse(timestamp), Store.now(store))
  return html`<discord-embed-footer slot="footer" footer-image=${ifDefined(picture(below?.icon_url))}
    >${[below?.text, at].filter((text) => text !== undefined).join(" • ")}</discord-embed-footer
  >`
}

/** The column of a field: up to three inline ones stand in a row. */
const inlineIndex = (
  fields: ReadonlyArray<{ readonly inline?: boolean }>,
  at: number,
): number | undefined => {
  if (fields[at]?.inline !== true) return undefined
  let before = 0
  for (let n = at - 1; n >= 0 && fields[n]?.inline === true; n--) before += 1
  return (before % 3) + 1
}
