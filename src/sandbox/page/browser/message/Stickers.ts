/**
 * The stickers that a message carries.
 *
 * @module
 */
import type { APIMessage } from "discord-api-types/v10"
import { html, nothing } from "lit"

/** All stickers of a message, or of one that was forwarded. */
export const render = ({ sticker_items: all = [] }: Pick<APIMessage, "sticker_items">): unknown =>
  all.length === 0
    ? nothing
    : html`<div slot="attachments" class="stickers">
        ${all.map(
          ({ format_type: format, id, name }) =>
            html`<img
              class="sticker"
              src=${`/stickers/${id}.${Number(format) === gif ? "gif" : "png"}`}
              alt=${`Sticker: ${name}`}
              title=${name}
              loading="lazy"
            />`,
        )}
      </div>`

/** Discord's format of a sticker that is a GIF; others are PNG. */
const gif = 4
