/**
 * Emojis as texts: which are Unicode's, and how Discord writes its own in paths.
 *
 * @module
 */

/** An emoji: Unicode's (`id` is `null`, `name` is the emoji itself) or one of Discord's. */
export interface EmojiText {
  readonly id: string | null
  readonly name: string
}

// Joiners, variation selectors, keycaps and skin tones are components; so are digits.
const made = /^[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u
const telling = /[\p{Extended_Pictographic}\p{Regional_Indicator}\u20E3]/u

/** Whether the text is an emoji of Unicode's, as far as its characters tell. */
export const isUnicode = (text: string): boolean => text.length <= 32 && made.test(text) && telling.test(text)

/** Reads `🎉`, `name:id` and `<:name:id>`; `undefined` where it is none of these. */
export const parse = (text: string): EmojiText | undefined => {
  const custom = /^<?(?:a?:)?(\w{1,32}):(\d{17,19})>?$/.exec(text)
  if (custom !== null) return { id: custom[2] ?? null, name: custom[1] ?? "" }
  return isUnicode(text) ? { id: null, name: text } : undefined
}
