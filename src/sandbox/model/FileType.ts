/**
 * What a file is, from its name and its first bytes: a clean name, a content type, an image's size.
 *
 * Of images PNG, JPEG, GIF, WebP and AVIF are known; what is cut short or broken has no size, nor has AVIF.
 *
 * @module
 */

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** An image by its bytes. */
export interface Image {
  readonly type: "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif"
  readonly size: Size | undefined
}

const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
  mp4: "video/mp4",
  webm: "video/webm",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  wav: "audio/x-wav",
  pdf: "application/pdf",
  zip: "application/zip",
  json: "application/json; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
}

/** A name as Discord keeps it: no spaces, nothing that means something in a path. */
export const clean = (name: string): string => {
  const made = name
    .trim()
    .replace(/\s+/gu, "_")
    .replace(/[\p{Cc}"'`\\/:*?<>|#%&]/gu, "")
  return made === "" || /^\.+$/.test(made) ? "unknown" : made
}

/** The content type: the bytes' of an image, else the given one, else what the name's ending says. */
export const contentType = (name: string, given: string, image: Image | undefined): string => {
  if (image !== undefined) return image.type
  if (given !== "" && !given.startsWith("application/octet-stream")) return given
  return types[/\.([a-z\d]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream"
}

/** The image that the bytes are, if any. */
export const image = (bytes: Uint8Array): Image | undefined => {
  if (bytes.byteLength < 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = view.getUint32(0)
  if (first === 0x89_50_4e_47) return { type: "image/png", size: png(view) }
  if (first >>> 8 === 0xff_d8_ff) return { type: "image/jpeg", size: jpeg(view) }
  if (first === 0x47_49_46_38)
    return { type: "image/gif", size: { width: view.getUint16(6, true), height: view.getUint16(8, true) } }
  if (first === 0x52_49_46_46 && view.getUint32(8) === 0x57_45_42_50)
    return { type: "image/webp", size: webp(view) }
  const kind = view.getUint32(8)
  if (view.getUint32(4) === 0x66_74_79_70 && (kind === 0x61_76_69_66 || kind === 0x61_76_69_73))
    return { type: "image/avif", size: undefined }
  return undefined
}

const png = (view: DataView): Size | undefined =>
  view.byteLength < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) }

/** Walks the segments to the frame's header. */
const jpeg = (view: DataView): Size | undefined => {
  let at = 2
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

const webp = (view: DataView): Size | undefined => {
  if (view.byteLength < 30) return undefined
  const low = (at: number): number => view.getUint16(at, true)
  switch (view.getUint32(12)) {
    case 0x56_50_38_20:
      return { width: low(26) & 0x3f_ff, height: low(28) & 0x3f_ff }
    case 0x56_50_38_4c: {
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3f_ff) + 1, height: ((bits >>> 14) & 0x3f_ff) + 1 }
    }
    case 0x56_50_38_58:
      return {
        width: (low(24) | (view.getUint8(26) << 16)) + 1,
        height: (low(27) | (view.getUint8(29) << 16)) + 1,
      }
    default:
      return undefined
  }
}
