/**
 * Links that a message brings.
 *
 * @module
 */

/** Where a link may go: to the web, or to a mailbox; `undefined` for anything else, scripts above all. */
export const of = (target: unknown): string | undefined => {
  if (typeof target !== "string" || !URL.canParse(target)) return undefined
  const { href, protocol } = new URL(target)
  return ["http:", "https:", "mailto:"].includes(protocol) ? href : undefined
}
