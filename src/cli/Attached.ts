/**
 * Files that are typed instead of chosen: a name makes a small file of that name.
 *
 * No file of this machine is read: what is attached in a script is the same everywhere.
 *
 * @module
 */
import type { Attachment } from "../sandbox/people/CommandInput.js"

const types: Readonly<Record<string, string>> = {
  csv: "text/csv; charset=utf-8",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  txt: "text/plain; charset=utf-8",
  webp: "image/webp",
  zip: "application/zip",
}

/** A file of a name. Its ending decides its type; what is in it says only what it is called. */
export const make = (name: string): Attachment => ({
  name,
  contentType: types[/\.([^.]+)$/u.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream",
  bytes: new TextEncoder().encode(`${name}\n`),
})
