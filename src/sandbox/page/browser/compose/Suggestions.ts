/**
 * What the bot suggests for a field, for as long as it answers what stands there.
 *
 * @module
 */
import type { Choice } from "../../Protocol.js"

export interface Asking {
  readonly text: string
  /** The interaction whose suggestions are shown, and the text that they are for. */
  readonly asked: { readonly id: string; readonly text: string } | undefined
}

/** None while they are only for what stood there before. */
export const of = (
  { asked, text }: Asking,
  choices: ReadonlyMap<string, ReadonlyArray<Choice>>,
): ReadonlyArray<{ readonly label: string; readonly value: Choice["value"] }> =>
  asked === undefined || asked.text !== text
    ? []
    : (choices.get(asked.id) ?? []).map(({ name, value }) => ({ label: name, value }))
