/**
 * The fields of a modal: what they are, and what is wrong with what is in them, as Discord's client says it.
 *
 * Numbers: Discord Developer Docs, "Component Reference".
 *
 * @module
 */
import type { Upload } from "../../Protocol.js"
import * as Component from "../message/Component.js"
import type { Json } from "../message/Component.js"

export type Value = string | boolean | ReadonlyArray<string> | ReadonlyArray<Upload>

export interface Field {
  readonly customId: string
  readonly label: string
  readonly description: string
  readonly component: Json
  readonly type: unknown
  readonly required: boolean
  /** Of a text its length, of anything else how many. */
  readonly min: number
  readonly max: number
}

/** The field of a component at the top of a modal; `undefined` for text that is only shown. */
export const of = (top: Json): Field | undefined => {
  const component = Component.isObject(top["component"])
    ? top["component"]
    : Component.objects(top["components"])[0]
  if (component === undefined) return undefined
  const { number, text, type } = Component
  const required = component["required"] !== false && component["type"] !== type.checkbox
  const isText = component["type"] === type.textInput
  const all = component["type"] === type.checkboxGroup ? Component.objects(component["options"]).length : 1
  return {
    customId: text(component["custom_id"]),
    label: text(component["label"]) || text(top["label"]) || text(component["placeholder"]) || "Field",
    description: text(top["description"]),
    component,
    type: component["type"],
    required,
    min: isText ? number(component["min_length"], 0) : required ? number(component["min_values"], 1) : 0,
    max: isText ? number(component["max_length"], 4000) : number(component["max_values"], all),
  }
}

/** What is in a field before anybody touches it. */
export const initial = ({ component, type }: Field): Value => {
  switch (type) {
    case Component.type.textInput:
      return Component.text(component["value"])
    case Component.type.checkbox:
      return component["default"] === true
    case Component.type.fileUpload:
      return []
    default:
      return Component.preset(component)
  }
}

/** What is wrong with it, if anything. */
export const problem = ({ max, min, required, type }: Field, value: Value): string | undefined => {
  if (typeof value === "boolean") return undefined
  if (typeof value === "string") {
    const { length } = [...value]
    if (value.trim() === "") return required ? "This is required" : undefined
    if (length < min) return `Must be at least ${min} characters; there are ${length}`
    return length > max ? `Must be at most ${max} characters; there are ${length}` : undefined
  }
  const { length } = value
  const what = type === Component.type.fileUpload ? "file" : "choice"
  if (length === 0 && !required) return undefined
  if (length < min) return min === 1 ? `This is required` : `At least ${min} ${what}s are wanted`
  return length > max ? `At most ${max} ${what}${max === 1 ? " is" : "s are"} taken` : undefined
}
