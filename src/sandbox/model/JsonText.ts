/**
 * JSON as it comes over the wire, read so that nothing behind can fall over its depth: whoever walks down a value or
 * writes it out again needs stack for each level.
 *
 * Failure modes: what is no JSON, or is nested deeper than `deepest`, is thrown as a `SyntaxError`.
 *
 * @module
 */

/** Levels of lists and objects. What Discord knows has about a dozen. */
export const deepest = 500

/** Reads a text. */
export const parse = (text: string): unknown => {
  // Each level takes two characters, so a short text cannot be too deep.
  if (text.length > 2 * deepest && isDeep(text)) throw new SyntaxError(`Nested deeper than ${deepest} levels`)
  return JSON.parse(text)
}

const [quote, backslash] = [34, 92]
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125]

const isDeep = (text: string): boolean => {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === backslash) at++
      else if (code === quote) quoted = false
    } else if (code === quote) quoted = true
    else if (code === openList || code === openObject) {
      if (++depth > deepest) return true
    } else if (code === closeList || code === closeObject) depth--
  }
  return false
}
