/**
 * Words that auto-moderation looks for.
 *
 * A word stands alone; `word*` begins one, `*word` ends one, `*word*` is anywhere. Case does not count. What lies
 * within an allowed word is no hit. Borders are everything that is no letter, digit or underscore.
 *
 * Source: Discord Developer Docs, "Auto Moderation", "Keyword Matching Strategies".
 *
 * @module
 */
import * as LinearRegex from "./LinearRegex.js"

/** What was found: the word as the rule has it, and as it was written; `null` where no word is the reason. */
export interface Hit {
  readonly keyword: string | null
  readonly content: string | null
}

interface Span {
  readonly start: number
  readonly end: number
}

/** The first of the words or patterns that is in a text. */
export const search = (
  text: string,
  words: ReadonlyArray<string>,
  patterns: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>,
): Hit | undefined => {
  const low = text.toLowerCase()
  const free = allowed.flatMap((word) => spans(low, word))
  const counts = ({ end, start }: Span) => !free.some((one) => one.start <= start && one.end >= end)
  for (const word of words) {
    const span = spans(low, word).find(counts)
    if (span !== undefined) return { keyword: word, content: text.slice(span.start, span.end) }
  }
  for (const pattern of patterns) {
    const span = LinearRegex.compile(pattern)?.find(text)
    if (span !== undefined && counts(span))
      return { keyword: pattern, content: text.slice(span.start, span.end) }
  }
  return undefined
}

const inWord = /[\p{L}\p{M}\p{N}_]/u

const spans = (low: string, word: string): ReadonlyArray<Span> => {
  const [, open, core = "", close] = /^(\*?)(.*?)(\*?)$/su.exec(word.toLowerCase()) ?? []
  if (core === "") return []
  const found: Array<Span> = []
  for (let start = low.indexOf(core); start >= 0; start = low.indexOf(core, start + 1)) {
    const end = start + core.length
    const opens = open === "*" || !inWord.test(low[start - 1] ?? "")
    const closes = close === "*" || !inWord.test(low[end] ?? "")
    if (opens && closes) found.push({ start, end })
  }
  return found
}
