/**
 * Reads selects: their options, how many may be chosen, and what is chosen already.
 *
 * Numbers: Discord Developer Docs, "Component Reference", "String Select" and following.
 *
 * @module
 */
import { ComponentType as Type, SelectMenuDefaultValueType as Default } from "discord-api-types/v10"
import * as ButtonForm from "./ButtonForm.js"
import type { Form } from "./Form.js"
import type { Json } from "../model/Model.js"

/** The kinds of default values that each select takes. */
const defaults: Readonly<Record<number, ReadonlyArray<string>>> = {
  [Type.UserSelect]: [Default.User],
  [Type.RoleSelect]: [Default.Role],
  [Type.MentionableSelect]: [Default.User, Default.Role],
  [Type.ChannelSelect]: [Default.Channel],
}

export const isSelect = (type: number): boolean => type === Type.StringSelect || type in defaults

export const read = (form: Form, item: Json, type: number, customIds: Set<string>): Json => {
  const placeholder = form.at("placeholder").text(item["placeholder"], { max: 150 })
  const min = form.at("min_values").integer(item["min_values"], 0, 25) ?? 1
  const max = form.at("max_values").integer(item["max_values"], 1, 25) ?? 1
  if (min > max)
    form
      .at("min_values")
      .fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${Math.max(max, 0)}.`)
  const made: Json = {
    custom_id: ButtonForm.customId(form.at("custom_id"), item["custom_id"], customIds),
    min_values: min,
    max_values: max,
  }
  if (placeholder !== undefined && placeholder !== "") made["placeholder"] = placeholder
  if (form.at("disabled").boolean(item["disabled"]) ?? false) made["disabled"] = true
  // Only modals show it.
  if (typeof item["required"] === "boolean") made["required"] = item["required"]
  if (type === Type.StringSelect)
    return { ...made, options: readOptions(form.at("options"), item["options"], min, max) }
  const chosen = readDefaults(form.at("default_values"), item["default_values"], type, max)
  if (chosen.length > 0) made["default_values"] = chosen
  const types =
    type === Type.ChannelSelect ? readTypes(form.at("channel_types"), item["channel_types"]) : undefined
  if (types !== undefined) made["channel_types"] = types
  return made
}

const readOptions = (form: Form, value: unknown, min: number, max: number): ReadonlyArray<Json> => {
  const seen = new Set<string>()
  let chosen = 0
  if (value === undefined || value === null) form.required()
  const options =
    form.each(value, Number.POSITIVE_INFINITY, (at, option) => {
      const made = readOption(at, option)
      const own = String(made["value"])
      if (own !== "" && seen.has(own))
        at.fail("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
      seen.add(own)
      if (made["default"] === true) chosen++
      return made
    }) ?? []
  // There must be as many as may be chosen.
  const least = Math.max(1, min, max)
  if (Array.isArray(value) && (value.length < least || value.length > 25))
    form.fail("BASE_TYPE_BAD_LENGTH", `Must be between ${least} and 25 in length.`)
  if (chosen > max)
    form.fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "The specified option defaults exceed max_values")
  return options
}

const readOption = (form: Form, option: Json): Json => {
  const description = form.at("description").text(option["description"], { max: 100 })
  const emoji = ButtonForm.readEmoji(form.at("emoji"), option["emoji"])
  return {
    label: form.at("label").requiredText(option["label"], { min: 1, max: 100 }),
    value: form.at("value").requiredText(option["value"], { min: 1, max: 100 }),
    ...(description === undefined || description === "" ? {} : { description }),
    ...(emoji === undefined ? {} : { emoji }),
    ...((form.at("default").boolean(option["default"]) ?? false) ? { default: true } : {}),
  }
}

const readDefaults = (form: Form, value: unknown, type: number, max: number): ReadonlyArray<Json> => {
  const chosen =
    form.each(value, 25, (at, one) => {
      const id = at.at("id").snowflake(one["id"])
      if (id === undefined && (one["id"] === undefined || one["id"] === null)) at.at("id").required()
      const kind = at.at("type").oneOf(one["type"] as string, defaults[type] ?? [])
      if (one["type"] === undefined || one["type"] === null) at.at("type").required()
      return { id, type: kind }
    }) ?? []
  if (chosen.length > max)
    form.fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "The default values exceed max_values")
  return chosen
}

const readTypes = (form: Form, value: unknown): ReadonlyArray<unknown> | undefined =>
  form.items(value, Number.POSITIVE_INFINITY)?.map((one, index) => {
    if (one === null) form.at(index).required()
    return form.at(index).integer(one, 0, 16)
  })
