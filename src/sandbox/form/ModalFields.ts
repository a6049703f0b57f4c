/**
 * Reads the inputs that only modals have.
 *
 * Numbers: Discord Developer Docs, "Component Reference", "Text Input" and following.
 *
 * @module
 */
import { ComponentType as Type } from "discord-api-types/v10"
import * as ButtonForm from "./ButtonForm.js"
import type { Form } from "./Form.js"
import type { Json } from "../model/Model.js"

/** An input's own fields, as they came. */
export const read = (form: Form, item: Json, type: number, customIds: Set<string>): Json => {
  const { id: _id, type: _type, ...rest } = item
  ButtonForm.customId(form.at("custom_id"), item["custom_id"], customIds)
  switch (type) {
    case Type.TextInput: {
      form.at("style").oneOf(item["style"] as number, [1, 2])
      form.at("label").text(item["label"], { min: 1, max: 45 })
      const min = form.at("min_length").integer(item["min_length"], 0, 4000) ?? 0
      const max = form.at("max_length").integer(item["max_length"], 1, 4000) ?? 4000
      if (min > max)
        form.at("min_length").fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`)
      form.at("value").text(item["value"], { max: 4000 })
      form.at("placeholder").text(item["placeholder"], { max: 100 })
      return rest
    }
    case Type.RadioGroup:
    case Type.CheckboxGroup:
      readOptions(form.at("options"), item["options"])
      return rest
    default:
      return rest
  }
}

const readOptions = (form: Form, value: unknown): void => {
  const options =
    form.each(value, 10, (at, option) => {
      at.at("label").requiredText(option["label"], { min: 1, max: 100 })
      at.at("value").requiredText(option["value"], { min: 1, max: 100 })
      at.at("description").text(option["description"], { max: 100 })
    }) ?? []
  if (options.length === 0) form.fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
}
