/**
 * Files that anybody may fetch who knows their address: attachments, emojis and all other pictures, and those of who
 * has none (`/embed/avatars/0.png`). What is at an address never changes, so that clients may keep it.
 *
 * They are served from where the page in the browser is, so nothing in them may run there: only images, sound and
 * film are shown in place, and all else is a download.
 *
 * @module
 */
import * as DefaultAvatar from "../DefaultAvatar.js"
import type { World } from "../../world/World.js"

/** A file with the headers that it is served with. */
export interface Served {
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

const harmless = /^(image\/(png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/

/** Whether the path is one of a file's. */
export const isFile = (path: string): boolean =>
  /^\/((ephemeral-)?attachments|emojis|stickers|avatars|banners|icons|(discovery-)?splashes|role-icons|guilds|guild-events|app-icons|embed\/avatars)\//.test(
    path,
  )

/** The file of a path; `undefined` where it is not, or not any more. */
export const find = (world: World, path: string): Served | undefined => {
  const [, folder = "", first = "", second = "", third = ""] = path.split("/")
  if (folder === "embed") {
    const number = second.replace(/\.png$/, "")
    const drawn = DefaultAvatar.of(number)
    return drawn === undefined ? undefined : served(`${number}.png`, "image/png", drawn)
  }
  const attached = folder.endsWith("attachments")
  const upload = world.uploads.get(attached ? second : path.slice(1).replace(/\.\w+$/, ""))
  if (upload === undefined) return undefined
  if (attached && (upload.channelId !== first || decode(third) !== upload.name)) return undefined
  return served(upload.name, upload.contentType, upload.bytes)
}

const served = (name: string, type: string, body: Uint8Array): Served => {
  const shown = harmless.test(type)
  return {
    headers: {
      "cache-control": "public, max-age=31536000",
      "content-type": type,
      "content-disposition": `${shown ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(name)}`,
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": "default-src 'none'; sandbox",
    },
    body,
  }
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
