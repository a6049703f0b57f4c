/**
 * What is accepted, in words that complete "must be …".
 *
 * @module
 */

/** `a number from 1 to 9`; a side without a limit is left out. */
export const range = (what: string, min: number | undefined, max: number | undefined): string =>
  min !== undefined && max !== undefined
    ? `${what} from ${min} to ${max}`
    : min !== undefined
      ? `${what}, at least ${min}`
      : max !== undefined
        ? `${what}, at most ${max}`
        : what

/** The same for a text, in characters. */
export const length = (min: number | undefined, max: number | undefined): string =>
  min !== undefined && max !== undefined
    ? `text of ${min} to ${max} characters`
    : min !== undefined
      ? `text of at least ${min} characters`
      : max !== undefined
        ? `text of at most ${max} characters`
        : "text"

/** How many characters a text has, as Discord counts them: an emoji outside of the first 65,536 is one. */
export const characters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
