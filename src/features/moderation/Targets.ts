/**
 * People as a moderator pastes them: ids and mentions, in any mix, with anything between them.
 *
 * Pure. A word is only read where it is an id as a whole: of `user123456789012345678` nobody knows who is meant.
 *
 * @module
 */

export interface Targets {
  /** Each once, in the order of their first mention. */
  readonly ids: ReadonlyArray<string>
  /** How many were named more than once, and each time but the first. */
  readonly repeated: number
  /** What could not be read, as it was typed. */
  readonly unread: ReadonlyArray<string>
}

/** Ids are 63-bit numbers of 17 to 19 digits (Discord). */
const LARGEST = 2n ** 63n - 1n

/** A mention, anything else in angle brackets, or what stands between separators. */
const word = /<@!?(\d+)>|<[^<>\s]*>|[^\s,;|<]+|</gu

/** What people put around a word. */
const wrapping = /[\p{P}<>`~]/u

/** By hand: a pattern that ends in `+$` takes the square of the length for a long row of dots. */
const unwrapped = (text: string): string => {
  let from = 0
  let to = text.length
  while (from < to && wrapping.test(text[from] ?? "")) from++
  while (to > from && wrapping.test(text[to - 1] ?? "")) to--
  return text.slice(from, to)
}

/** Reads a list of people. */
export const parse = (text: string): Targets => {
  const ids = new Set<string>()
  const unread: Array<string> = []
  let repeated = 0
  for (const [whole, mentioned] of text.matchAll(word)) {
    const id = mentioned ?? (whole.startsWith("<") ? whole : unwrapped(whole))
    // Separators of another kind: a bullet, a dash, a lone quote.
    if (id === "" || id === "<") continue
    if (!isId(id)) unread.push(whole)
    else if (ids.has(id)) repeated++
    else ids.add(id)
  }
  return { ids: [...ids], repeated, unread }
}

const isId = (text: string): boolean => /^[1-9]\d{16,18}$/u.test(text) && BigInt(text) <= LARGEST
