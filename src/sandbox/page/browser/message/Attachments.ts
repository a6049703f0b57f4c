/**
 * The files of a message: pictures as they are, everything else by name and size.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-attachments.js"
import "@skyra/discord-components-core/discord-spoiler.js"
import type { APIMessage } from "discord-api-types/v10"
import { html, nothing } from "lit"

/** A file to be fetched. */
export interface File {
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly url: string
  readonly spoiler: boolean
}

/** A number of bytes, as people read it. */
export const size = (bytes: number): string => {
  const units = ["bytes", "KB", "MB", "GB"]
  let [amount, unit] = [bytes, 0]
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`
}

/** Something that is shown at a press. */
export const hidden = (content: unknown): unknown =>
  html`<details class="hidden">
    <summary>Spoiler</summary>
    ${content}
  </details>`

/** A file by its name. */
export const file = (one: File): unknown => {
  const shown = html`<div class="file">
    <span aria-hidden="true">📄</span>
    <span class="words"
      >${
        one.url === ""
          ? one.name
          : html`<a
              class="link"
              href=${one.url}
              target="_blank"
              rel="noopener noreferrer"
              download=${one.name}
              >${one.name}</a
            >`
      }${one.size === 0 ? nothing : html`<small>${size(one.size)}</small>`}</span
    >
  </div>`
  return one.spoiler ? hidden(shown) : shown
}

/** A message, or what was forwarded of one. */
type Carrying = Pick<APIMessage, "attachments" | "embeds"> & { readonly components?: unknown }

/** All files of a message that nothing else in it shows. */
export const render = ({ attachments, components, embeds }: Carrying): unknown => {
  const elsewhere = JSON.stringify([components ?? [], embeds])
  const own = attachments.filter(
    ({ filename, url }) => !elsewhere.includes(`attachment://${filename}"`) && !elsewhere.includes(`${url}"`),
  )
  if (own.length === 0) return nothing
  return html`<discord-attachments slot="attachments">${own.map(attachment)}</discord-attachments>`
}

const attachment = (one: APIMessage["attachments"][number]): unknown => {
  const spoiler = one.filename.startsWith("SPOILER_")
  if (!(one.content_type?.startsWith("image/") ?? /\.(png|jpe?g|gif|webp)$/i.test(one.filename)))
    return file({ name: one.filename, size: one.size, url: one.url, spoiler })
  const picture = html`<a
    class="picture"
    href=${one.url}
    target="_blank"
    rel="noopener noreferrer"
    title=${`${one.filename}, ${size(one.size)}`}
    ><img src=${one.url} alt=${one.description ?? one.filename} width=${one.width ?? nothing} loading="lazy"
  /></a>`
  return spoiler ? hidden(picture) : picture
}
