/**
 * Reads a modal that answers an interaction; refuses what breaks Discord's limits (50035).
 *
 * What may stand where is `ComponentForm`'s; here is what holds between the fields of one input.
 *
 * Numbers: Discord Developer Docs, "Modal" and "Component Reference": a title of 1–45 characters, 1–5 components at
 * the top, 2–10 options in a radio group, 1–10 in a checkbox group, 0–10 files.
 *
 * @module
 */
import { ComponentType as Type } from "discord-api-types/v10"
import { Form, isObject } from "./Form.js"
import * as MessageForm from "./MessageForm.js"
import type { Json } from "../model/Model.js"
import type * as View from "../world/View.js"

const most = 5

/** A modal that answers the interaction. */
export const read = (interactionId: string, data: Json): View.Modal => {
  const form = Form.make()
  const at = form.at("data")
  const customId = at.at("custom_id").requiredText(data["custom_id"], { min: 1, max: 100 })
  const title = at.at("title").requiredText(data["title"], { min: 1, max: 45 })
  const given = data["components"]
  if (given === undefined || given === null) at.at("components").required()
  const components = MessageForm.readComponents(at.at("components"), given, true)
  if (Array.isArray(given)) {
    if (given.length === 0)
      at.at("components").fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${most} in length.`)
    given.forEach((one: unknown, n) => {
      if (isObject(one)) readTop(at.at("components", n), one)
    })
  }
  form.done()
  return { interactionId, customId, title, components }
}

const readTop = (form: Form, one: Json): void => {
  if (one["type"] === Type.Label && isObject(one["component"])) {
    const at = form.at("component")
    const { component } = one
    if (
      component["type"] === Type.TextInput &&
      component["label"] !== undefined &&
      component["label"] !== null
    )
      at.at("label").fail(
        "COMPONENT_LABEL_NOT_ALLOWED",
        "A text input in a label cannot have a label of its own",
      )
    readInput(at, component)
  }
  if (one["type"] !== Type.ActionRow || !Array.isArray(one["components"])) return
  one["components"].forEach((child: unknown, n) => {
    if (!isObject(child) || child["type"] !== Type.TextInput) return
    const at = form.at("components", n)
    if (child["label"] === undefined || child["label"] === null) at.at("label").required()
    readInput(at, child)
  })
}

const readInput = (form: Form, one: Json): void => {
  form.at("required").boolean(one["required"])
  switch (one["type"]) {
    case Type.TextInput:
      if (one["style"] === undefined || one["style"] === null) form.at("style").required()
      return
    case Type.RadioGroup:
      readOptions(form, one, 2)
      if (preset(one) > 1) tooManyPreset(form)
      return
    case Type.CheckboxGroup: {
      const count = readOptions(form, one, 1)
      const min = form.at("min_values").integer(one["min_values"], 0, 10) ?? 1
      const max = form.at("max_values").integer(one["max_values"], 1, 10) ?? count
      if (min > count && count > 0)
        form.at("min_values").fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${count}.`)
      ordered(form, min, max)
      if (preset(one) > max) tooManyPreset(form)
      return optional(form, one)
    }
    case Type.FileUpload:
      ordered(
        form,
        form.at("min_values").integer(one["min_values"], 0, 10) ?? 1,
        form.at("max_values").integer(one["max_values"], 1, 10) ?? 1,
      )
      return optional(form, one)
    case Type.Checkbox:
      form.at("default").boolean(one["default"])
      return
    default:
      if (one["disabled"] === true)
        form.at("disabled").fail("COMPONENT_DISABLED_NOT_ALLOWED", "A select in a modal cannot be disabled")
      optional(form, one)
  }
}

/** Discord: what needs no value is not required. */
const optional = (form: Form, one: Json): void => {
  if (one["min_values"] === 0 && one["required"] === true)
    form
      .at("required")
      .fail("COMPONENT_REQUIRED_INVALID", "A required component needs min_values of at least 1")
}

const ordered = (form: Form, min: number, max: number): void => {
  if (min <= max) return
  form.at("min_values").fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`)
}

const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : []

const preset = (one: Json): number =>
  objects(one["options"]).filter((option) => option["default"] === true).length

const tooManyPreset = (form: Form): void =>
  form
    .at("options")
    .fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "The specified option defaults exceed max_values")

/** How many options there are; their values must differ. */
const readOptions = (form: Form, one: Json, least: number): number => {
  const options = objects(one["options"])
  if (options.length > 0 && options.length < least)
    form.at("options").fail("BASE_TYPE_BAD_LENGTH", `Must be between ${least} and 10 in length.`)
  const seen = new Set<unknown>()
  options.forEach((option, n) => {
    if (seen.has(option["value"]))
      form
        .at("options", n)
        .fail("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
    seen.add(option["value"])
  })
  return options.length
}
