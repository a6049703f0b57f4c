/**
 * The pictures of those who have none of their own: six, which differ by their ground. Drawn here, a head and
 * shoulders of 64 by 64 pixels as a PNG of two colours.
 *
 * Source: Discord Developer Docs, "CDN Endpoints" (`embed/avatars/0.png` to `5.png`).
 *
 * @module
 */
import { crc32, deflateSync } from "node:zlib"

const side = 64
const grounds = [0x5865f2, 0x747f8d, 0x3ba55c, 0xfaa61a, 0xed4245, 0xeb459f]
const made = new Map<string, Uint8Array>()

/** The picture of a number from 0 to 5, as it stands in a path; `undefined` for anything else. */
export const of = (number: string): Uint8Array | undefined => {
  const ground = /^\d$/.test(number) ? grounds[Number(number)] : undefined
  if (ground === undefined) return undefined
  const bytes = made.get(number) ?? draw(ground)
  made.set(number, bytes)
  return bytes
}

const draw = (ground: number): Uint8Array => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // One bit for each pixel, which is the place of its colour in the palette.
  header.set([1, 3], 8)
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from([ground >> 16, (ground >> 8) & 255, ground & 255, 255, 255, 255])),
    chunk("IDAT", deflateSync(pixels())),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

/** Rows from above, each after a byte that says that it is not filtered. */
const pixels = (): Uint8Array => {
  const stride = 1 + side / 8
  const rows = Buffer.alloc(side * stride)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (isFigure(x + 0.5 - side / 2, y + 0.5)) rows[y * stride + 1 + (x >> 3)]! |= 128 >> (x & 7)
  return rows
}

const isFigure = (x: number, y: number): boolean =>
  Math.hypot(x, y - 25) < 11 || (y < 54 && Math.hypot(x, y - 58) < 19)

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data])
  const bytes = Buffer.alloc(named.length + 8)
  bytes.writeUInt32BE(data.length, 0)
  bytes.set(named, 4)
  bytes.writeUInt32BE(crc32(named), named.length + 4)
  return bytes
}
