/**
 * Reads images that come inside a body, as `data:` addresses.
 *
 * Source: Discord Developer Docs, "Image Data".
 *
 * @module
 */
import * as FileType from "../model/FileType.js"
import type { Form } from "./Form.js"

/** An image and its bytes. */
export interface Image extends FileType.Image {
  readonly bytes: Uint8Array
}

/** An image of at most `max` bytes, `null` where there is to be none, `undefined` where nothing is said of it. */
export const read = (form: Form, value: unknown, max: number): Image | null | undefined => {
  if (value === undefined || value === null) return value
  const data =
    typeof value === "string" ? /^data:image\/[\w.+-]+;base64,([\w+/=-]+)$/.exec(value)?.[1] : undefined
  const bytes = data === undefined ? undefined : new Uint8Array(Buffer.from(data, "base64"))
  const image = bytes === undefined ? undefined : FileType.image(bytes)
  if (bytes === undefined || image === undefined) {
    form.fail("IMAGE_INVALID", "Invalid image data")
    return undefined
  }
  if (bytes.byteLength > max) {
    form.fail("BINARY_TYPE_MAX_SIZE", `File cannot be larger than ${(max / 1024).toFixed(1)} kb.`)
    return undefined
  }
  return { ...image, bytes }
}
