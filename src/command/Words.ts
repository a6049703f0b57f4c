/**
 * The words of a prefix message: `!berth "Elly May" 2` is `berth`, `Elly May`, `2`.
 *
 * Words are parted by white space; double quotes keep one together, and a backslash before a quote is a quote.
 * A quote that is never closed reaches to the end of the line. Nothing that can be typed is an error.
 *
 * @module
 */

/** One word, and where it starts in the line, so that the rest of the line can be taken as it was typed. */
export interface Word {
  readonly text: string
  readonly start: number
}

export const split = (line: string): ReadonlyArray<Word> => {
  const words: Array<Word> = []
  let at = 0
  while (at < line.length) {
    while (at < line.length && isSpace(line, at)) at++
    if (at >= line.length) break
    const start = at
    let text = ""
    let quoted = false
    while (at < line.length && (quoted || !isSpace(line, at))) {
      const char = line[at] as string
      if (char === "\\" && line[at + 1] === '"') {
        text += '"'
        at += 2
      } else if (char === '"') {
        quoted = !quoted
        at++
      } else {
        text += char
        at++
      }
    }
    words.push({ text, start })
  }
  return words
}

/** The line from a word on, as typed; without the quotes if that is one quoted text. */
export const restFrom = (line: string, words: ReadonlyArray<Word>, index: number): string | undefined => {
  const word = words[index]
  if (word === undefined) return undefined
  return index === words.length - 1 ? word.text : line.slice(word.start).trimEnd()
}

const isSpace = (line: string, at: number): boolean => /\s/u.test(line[at] as string)
