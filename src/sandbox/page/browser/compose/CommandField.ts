/**
 * How the options of a command are drawn: each a field named by its option, and one to type which comes next.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import type { Value } from "../../Protocol.js"
import { option, type Field } from "./CommandTree.js"
import * as Listbox from "./Listbox.js"

/** Where one types which option comes next. No option is called so. */
export const more = "+"

export const listId = "command-suggestions"
export const hintId = "command-hint"

/** What a field is at. */
export interface Entry {
  text: string
  /** What was chosen from a list, or read from a file. */
  picked: Value | undefined
  problem: string | undefined
  /** The interaction whose suggestions are shown, and the text that they are for. */
  asked: { readonly id: string; readonly text: string } | undefined
}

/** What a field does, by its name. */
export interface Hands {
  /** The row of the list that Enter takes, -1 for none; `undefined` where the field has no list just now. */
  readonly row: (name: string) => number | undefined
  readonly add: (name: string) => void
  readonly focused: (name: string) => void
  readonly blurred: () => void
  readonly typed: (name: string, text: string) => void
  readonly pressed: (name: string, event: KeyboardEvent) => void
  readonly upload: (name: string, input: HTMLInputElement) => void
}

/** One option. */
export const render = (field: Field, entry: Entry | undefined, hands: Hands): TemplateResult => {
  const { name } = field
  const problem = entry?.problem
  return html`<span class=${problem === undefined ? "command-field" : "command-field wrong"}>
    <label for=${`field-${name}`}>${name}</label>
    ${field.type === option.attachment ? file(field, problem, hands) : text(field, entry, hands)}
    ${
      problem === undefined
        ? nothing
        : html`<span class="problem" id=${`problem-${name}`} role="alert">${problem}</span>`
    }
  </span>`
}

const file = ({ name, required }: Field, problem: string | undefined, hands: Hands): TemplateResult =>
  html`<input
    type="file"
    id=${`field-${name}`}
    data-field=${name}
    aria-required=${required}
    aria-invalid=${problem !== undefined}
    aria-describedby=${`${hintId} problem-${name}`}
    @focus=${() => hands.focused(name)}
    @change=${(event: Event) => hands.upload(name, event.target as HTMLInputElement)}
  />`

const text = (
  { choices, name, required, type }: Field,
  entry: Entry | undefined,
  hands: Hands,
): TemplateResult => {
  const row = hands.row(name)
  const isNumber = type === option.integer || type === option.number
  return html`<input
    type="text"
    id=${`field-${name}`}
    data-field=${name}
    autocomplete="off"
    role="combobox"
    aria-autocomplete="list"
    aria-expanded=${row !== undefined}
    aria-controls=${listId}
    aria-activedescendant=${row === undefined || row < 0 ? nothing : Listbox.rowId(listId, row)}
    aria-required=${required}
    aria-invalid=${entry?.problem !== undefined}
    aria-describedby=${`${hintId} problem-${name}`}
    inputmode=${isNumber && choices.length === 0 ? "decimal" : nothing}
    .value=${entry?.text ?? ""}
    @focus=${() => hands.focused(name)}
    @blur=${hands.blurred}
    @input=${(event: Event) => hands.typed(name, (event.target as HTMLInputElement).value)}
    @keydown=${(event: KeyboardEvent) => hands.pressed(name, event)}
  />`
}

/** The options that are not there yet: by a press, or by typing their names. */
export const others = (left: ReadonlyArray<Field>, typed: string, hands: Hands): TemplateResult => {
  const row = hands.row(more)
  return html`${left.map(
      ({ description, name }) =>
        html`<button
          type="button"
          class="add-option"
          tabindex="-1"
          title=${description}
          aria-label=${`Add option ${name}`}
          @click=${() => hands.add(name)}
        >
          +${name}
        </button>`,
    )}<input
      type="text"
      class="next-option"
      data-field=${more}
      autocomplete="off"
      role="combobox"
      aria-label="Add an option"
      aria-autocomplete="list"
      aria-expanded=${row !== undefined}
      aria-controls=${listId}
      aria-activedescendant=${row === undefined || row < 0 ? nothing : Listbox.rowId(listId, row)}
      .value=${typed}
      @focus=${() => hands.focused(more)}
      @blur=${hands.blurred}
      @input=${(event: Event) => hands.typed(more, (event.target as HTMLInputElement).value)}
      @keydown=${(event: KeyboardEvent) => hands.pressed(more, event)}
    />`
}
