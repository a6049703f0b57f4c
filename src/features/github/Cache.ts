/**
 * What GitHub has answered, by path, for as long as there is room: the oldest used go first.
 *
 * @module
 */

/** An answer with the mark by which it is asked for again. */
export interface Kept {
  readonly etag: string
  readonly text: string
}

export interface Cache {
  readonly get: (key: string) => Kept | undefined
  readonly set: (key: string, kept: Kept) => void
  /** How many characters are kept. */
  readonly size: () => number
}

/** At most so many characters, keys included. */
export const make = (most: number): Cache => {
  const kept = new Map<string, Kept>()
  let size = 0
  const sizeOf = (key: string, { etag, text }: Kept) => key.length + etag.length + text.length
  const take = (key: string): Kept | undefined => {
    const found = kept.get(key)
    if (found === undefined) return undefined
    kept.delete(key)
    size -= sizeOf(key, found)
    return found
  }
  const put = (key: string, value: Kept) => {
    kept.set(key, value)
    size += sizeOf(key, value)
  }
  return {
    get: (key) => {
      const found = take(key)
      if (found !== undefined) put(key, found)
      return found
    },
    set: (key, value) => {
      take(key)
      if (sizeOf(key, value) > most) return
      put(key, value)
      for (const oldest of kept.keys()) {
        if (size <= most) return
        take(oldest)
      }
    },
    size: () => size,
  }
}
