/**
 * How a field of a modal is drawn. Each is named by its label, and says what is wrong with it beneath.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import type { Upload } from "../../Protocol.js"
import * as Uploads from "../compose/Uploads.js"
import { size } from "../message/Attachments.js"
import * as Component from "../message/Component.js"
import * as Items from "../message/Items.js"
import * as SelectMenu from "../message/SelectMenu.js"
import type { Page } from "../Store.js"
import type { Field, Value } from "./ModalField.js"

SelectMenu.define()

export interface View {
  readonly page: Page
  readonly field: Field
  readonly value: Value
  readonly problem: string | undefined
  readonly disabled: boolean
  readonly put: (value: Value) => void
}

export const render = (view: View): TemplateResult => {
  const { field, problem } = view
  const ids = idsOf(field)
  const { type } = Component
  const isGroup = field.type === type.radioGroup || field.type === type.checkboxGroup
  const isSelect = Items.of(view.page.store, field.component) !== undefined && !isGroup
  const title = html`${field.label}${field.required ? html`<span class="star" aria-hidden="true"> *</span>` : nothing}`
  const head = isGroup
    ? html`<legend>${title}</legend>`
    : isSelect
      ? html`<span class="label">${title}</span>`
      : field.type === type.checkbox
        ? nothing
        : html`<label for=${ids.input}>${title}</label>`
  const inner = html`${head}${
    field.description === "" || field.type === type.checkbox
      ? nothing
      : html`<small id=${ids.description}>${field.description}</small>`
  }${control(view)}${
    problem === undefined
      ? nothing
      : html`<span class="problem" id=${ids.problem} role="alert">${problem}</span>`
  }`
  const name = problem === undefined ? "modal-field" : "modal-field wrong"
  return isGroup
    ? html`<fieldset
        class=${name}
        data-field=${field.customId}
        aria-describedby=${describedBy(field)}
        ?disabled=${view.disabled}
      >
        ${inner}
      </fieldset>`
    : html`<div class=${name} data-field=${field.customId}>${inner}</div>`
}

const idsOf = ({ customId }: Field) => ({
  input: `modal-${customId}`,
  description: `modal-${customId}-description`,
  problem: `modal-${customId}-problem`,
})

const describedBy = (field: Field): string => {
  const { description, problem } = idsOf(field)
  return `${description} ${problem}`
}

const control = (view: View): unknown => {
  const { type } = Component
  switch (view.field.type) {
    case type.textInput:
      return text(view)
    case type.radioGroup:
    case type.checkboxGroup:
      return group(view)
    case type.checkbox:
      return checkbox(view)
    case type.fileUpload:
      return files(view)
    default:
      return select(view)
  }
}

const text = ({ disabled, field, problem, put, value }: View): TemplateResult => {
  const { input } = idsOf(field)
  const placeholder = Component.text(field.component["placeholder"])
  const typed = (event: Event) => put((event.target as HTMLInputElement).value)
  const left = field.max - [...String(value)].length
  const counter = left > 100 && field.max > 200 ? nothing : html`<small class="counter">${left}</small>`
  return field.component["style"] === 2
    ? html`<textarea
          id=${input}
          rows="4"
          placeholder=${placeholder}
          aria-required=${field.required}
          aria-invalid=${problem !== undefined}
          aria-describedby=${describedBy(field)}
          ?disabled=${disabled}
          .value=${String(value)}
          @input=${typed}
        ></textarea
        >${counter}`
    : html`<input
          id=${input}
          type="text"
          autocomplete="off"
          placeholder=${placeholder}
          aria-required=${field.required}
          aria-invalid=${problem !== undefined}
          aria-describedby=${describedBy(field)}
          ?disabled=${disabled}
          .value=${String(value)}
          @input=${typed}
        />${counter}`
}

const chosen = (value: Value): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : []

const group = ({ field, page, problem, put, value }: View): unknown => {
  const isRadio = field.type === Component.type.radioGroup
  const now = chosen(value)
  const pick = (one: string, on: boolean) =>
    put(isRadio ? [one] : on ? [...now, one] : now.filter((each) => each !== one))
  return (Items.of(page.store, field.component) ?? []).map(
    (item) =>
      html`<label class="pick"
        ><input
          type=${isRadio ? "radio" : "checkbox"}
          name=${idsOf(field).input}
          aria-invalid=${problem !== undefined}
          .checked=${now.includes(item.value)}
          @change=${(event: Event) => pick(item.value, (event.target as HTMLInputElement).checked)}
        /><span class="words"
          ><span>${SelectMenu.sign(item.sign)} ${item.label}</span>${
            item.description === undefined ? nothing : html`<small>${item.description}</small>`
          }</span
        ></label
      >`,
  )
}

const checkbox = ({ disabled, field, put, value }: View): TemplateResult => {
  const { description, input } = idsOf(field)
  return html`<label class="pick"
    ><input
      type="checkbox"
      id=${input}
      aria-label=${field.label}
      aria-describedby=${description}
      ?disabled=${disabled}
      .checked=${value === true}
      @change=${(event: Event) => put((event.target as HTMLInputElement).checked)}
    /><span class="words"
      ><span>${field.label}</span>${
        field.description === "" ? nothing : html`<small id=${description}>${field.description}</small>`
      }</span
    ></label
  >`
}

const select = ({ disabled, field, page, problem, put, value }: View): TemplateResult =>
  html`<page-select
    .label=${field.label}
    .placeholder=${Component.text(field.component["placeholder"]) || "Make a selection"}
    .items=${Items.of(page.store, field.component) ?? []}
    .min=${field.min}
    .max=${field.max}
    .values=${value}
    .disabled=${disabled || field.component["disabled"] === true}
    .invalid=${problem !== undefined}
    .describedBy=${describedBy(field)}
    .eager=${true}
    @choose=${(event: CustomEvent<ReadonlyArray<string>>) => put(event.detail)}
  ></page-select>`

const files = ({ disabled, field, page, problem, put, value }: View): TemplateResult => {
  const all = Array.isArray(value) ? value.filter((one): one is Upload => typeof one === "object") : []
  const add = async (input: HTMLInputElement) => {
    const read = await Uploads.read(input.files ?? [], field.max === 1 ? [] : all, (why) => page.notice(why))
    input.value = ""
    put(field.max === 1 ? read.slice(-1) : [...all, ...read])
  }
  return html`<input
      id=${idsOf(field).input}
      type="file"
      ?multiple=${field.max > 1}
      aria-required=${field.required}
      aria-invalid=${problem !== undefined}
      aria-describedby=${describedBy(field)}
      ?disabled=${disabled}
      @change=${(event: Event) => void add(event.target as HTMLInputElement)}
    />${
      all.length === 0
        ? nothing
        : html`<ul class="given">
            ${all.map(
              (file) =>
                html`<li>
                  ${file.name} <small>${size(Uploads.bytes(file))}</small>
                  <button
                    type="button"
                    class="press quiet"
                    aria-label=${`Remove ${file.name}`}
                    @click=${() => put(all.filter((one) => one !== file))}
                  >
                    ✕
                  </button>
                </li>`,
            )}
          </ul>`
    }`
}
