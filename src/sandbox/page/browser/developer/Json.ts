/**
 * JSON as one reads it: indented, with its kinds in colours. What is no JSON, because it was shortened, stays as it
 * is.
 *
 * @module
 */
import { html, type TemplateResult } from "lit"

export const render = (text: string): TemplateResult => {
  const shown = indented(text)
  return html`${[...shown.matchAll(tokens)].map(([token, name, string, word]) => {
    const kind =
      name !== undefined ? "key" : string !== undefined ? "string" : word !== undefined ? "word" : ""
    return kind === "" ? token : html`<span class="json-${kind}">${token}</span>`
  })}`
}

/** A name, a string, a number or word, and whatever is between them. */
const tokens =
  /("(?:[^"\\]|\\.)*"(?=:))|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)|[^"\dtfn-]+|./gisu

const indented = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
