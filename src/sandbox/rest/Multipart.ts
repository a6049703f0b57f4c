/**
 * Reads `multipart/form-data` as bots send it: `payload_json` or plain fields, and files.
 *
 * Only what undici, discord.js and browsers write is understood; a part without a name is left out.
 *
 * @module
 */
import type { File } from "../world/Attachments.js"

/** A request's parts. */
export interface Parts {
  /** The text of `payload_json`; `undefined` where there is none. */
  readonly json: string | undefined
  /** The texts of all other parts that are no files; `undefined` where there are none. */
  readonly fields: Readonly<Record<string, string>> | undefined
  /** In the order of their part's number (`files[0]`, `files[1]`, …). */
  readonly files: ReadonlyArray<File>
}

/** The boundary that a content type names; `undefined` where it is no multipart form. */
export const boundary = (contentType: string | undefined): string | undefined => {
  if (contentType === undefined || !contentType.toLowerCase().startsWith("multipart/form-data"))
    return undefined
  const found = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  return found?.[1] ?? found?.[2]
}

/** Splits a body into its parts. */
export const parse = (body: Uint8Array, mark: string): Parts => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = `--${mark}`
  const files: Array<File & { readonly index: number }> = []
  const fields = new Map<string, string>()
  let json: string | undefined
  let start = bytes.indexOf(delimiter)
  while (start >= 0) {
    const from = start + delimiter.length + 2
    const next = bytes.indexOf(delimiter, from)
    if (next < 0) break
    const head = bytes.indexOf("\r\n\r\n", from)
    if (head >= 0 && head < next) {
      const headers = bytes.toString("utf8", from, head)
      const content = bytes.subarray(head + 4, next - 2)
      const name = attribute(headers, "name")
      const fileName = attribute(headers, "filename")
      if (name === "payload_json") json = content.toString("utf8")
      else if (name !== undefined && fileName !== undefined) {
        const contentType = /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? "application/octet-stream"
        const index = Number(/\[(\d+)\]/.exec(name)?.[1] ?? files.length)
        files.push({ name: fileName, contentType, bytes: Uint8Array.from(content), index })
      } else if (name !== undefined) fields.set(name, content.toString("utf8"))
    }
    start = next
  }
  return {
    json,
    fields: fields.size === 0 ? undefined : Object.fromEntries(fields),
    files: files.sort((a, b) => a.index - b.index),
  }
}

/** Browsers and undici write quotes and line ends of a name in per cent. */
const attribute = (headers: string, name: string): string | undefined =>
  new RegExp(`[;\\s]${name}="([^"]*)"`, "i")
    .exec(headers)?.[1]
    ?.replace(/%(22|0D|0A)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
