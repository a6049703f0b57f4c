/**
 * Checks an application command as it is registered (50035 with the path of each field).
 *
 * Source of the limits: Discord Developer Docs, "Application Commands": 25 options, 25 choices, names 1–32,
 * descriptions 1–100, texts of an option 0–6,000, 8,000 characters in all (of a localized text the longest).
 *
 * @module
 */
import {
  ApplicationCommandOptionType as Option,
  ApplicationCommandType as Kind,
  ChannelType,
  Locale,
} from "discord-api-types/v10"
import { type Form, isObject } from "./Form.js"
import type { Json } from "../model/Model.js"

/** Discord: characters of all names, descriptions and values together. */
const largest = 8_000
const locales: ReadonlyArray<string> = Object.values(Locale)
const channelTypes = Object.values(ChannelType).filter((one) => typeof one === "number")
const nested: ReadonlyArray<number> = [Option.Subcommand, Option.SubcommandGroup]
const plain: ReadonlyArray<number> = [
  Option.String,
  Option.Integer,
  Option.Boolean,
  Option.User,
  Option.Channel,
  Option.Role,
  Option.Mentionable,
  Option.Number,
  Option.Attachment,
]

/** The kind that a body names; a slash command where it names none. */
export const kindOf = (body: Json): number =>
  typeof body["type"] === "number" ? body["type"] : Kind.ChatInput

/** Checks one command. Entry point commands (type 4) are for applications with an Activity, which this is not. */
export const check = (form: Form, body: Json, global: boolean): void => {
  const kind = form.at("type").oneOf(body["type"], [Kind.ChatInput, Kind.User, Kind.Message]) ?? kindOf(body)
  const slash = kind === Kind.ChatInput
  checkName(form.at("name"), body["name"], slash)
  checkLocalized(form, "name_localizations", body["name_localizations"], (at, text) =>
    checkName(at, text, slash),
  )
  form.at("nsfw").boolean(body["nsfw"])
  form.at("default_member_permissions").bits(body["default_member_permissions"])
  if (global) {
    form.at("dm_permission").boolean(body["dm_permission"])
    checkSet(form.at("contexts"), body["contexts"], [0, 1, 2])
    checkSet(form.at("integration_types"), body["integration_types"], [0, 1])
  }
  if (!slash) return checkMenu(form, body)
  form.at("description").requiredText(body["description"], { min: 1, max: 100 })
  checkDescriptions(form, body)
  checkOptions(form.at("options"), body["options"], [...nested, ...plain])
  if (size(body) > largest)
    form.fail("APPLICATION_COMMAND_TOO_LARGE", `Command exceeds maximum size (${largest})`)
}

const checkMenu = (form: Form, body: Json): void => {
  const given = (value: unknown) => value !== undefined && value !== null && value !== ""
  if (given(body["description"])) {
    form
      .at("description")
      .fail("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Context menu commands cannot have description")
  }
  if (Array.isArray(body["options"]) && body["options"].length > 0) {
    form
      .at("options")
      .fail("APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", "Context menu commands cannot have options")
  }
}

const slashName = /^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$/u

const checkName = (form: Form, value: unknown, slash: boolean): void => {
  const name = form.requiredText(value, { min: 1, max: 32 })
  const { length } = [...name]
  if (!slash || length === 0 || length > 32) return
  if (!slashName.test(name) || name !== name.toLowerCase())
    form.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
}

const checkDescriptions = (form: Form, body: Json): void =>
  checkLocalized(form, "description_localizations", body["description_localizations"], (at, text) => {
    at.requiredText(text, { min: 1, max: 100 })
  })

const checkLocalized = (
  form: Form,
  field: string,
  value: unknown,
  checkOne: (form: Form, text: unknown) => void,
): void => {
  if (value === undefined || value === null) return
  if (!isObject(value))
    return form.at(field).fail("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
  for (const [locale, text] of Object.entries(value)) {
    const at = form.at(field, locale)
    if (!locales.includes(locale))
      at.fail("BASE_TYPE_CHOICES", `Value must be one of {${locales.join(", ")}}.`)
    else if (text !== null) checkOne(at, text)
  }
}

/** A list of different numbers out of `allowed`, where there is one. */
const checkSet = (form: Form, value: unknown, allowed: ReadonlyArray<number>): void => {
  const items = form.items(value, Number.POSITIVE_INFINITY)
  if (items === undefined) return
  if (items.length === 0 || items.length > allowed.length)
    form.fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${allowed.length} in length.`)
  items.forEach((one, n) => {
    if (one === null) form.at(n).required()
    const found = form.at(n).oneOf(one as number, allowed)
    if (found !== undefined && items.indexOf(one) !== n)
      form.fail("SET_TYPE_ALREADY_CONTAINS_VALUE", `The set already contains the value ${found}.`)
  })
}

const checkOptions = (form: Form, value: unknown, allowed: ReadonlyArray<number>): void => {
  const names = new Set<string>()
  const given = objects(value)
  const mixed =
    given.some((one) => nested.includes(one["type"] as number)) &&
    given.some((one) => plain.includes(one["type"] as number))
  let optionalSeen = false
  form.each(value, 25, (at, option) => {
    const type = option["type"] as number
    if (option["type"] === undefined || option["type"] === null) return at.at("type").required()
    if (!allowed.includes(type)) {
      at.fail("UNION_TYPE_CHOICES", `Value of field "type" must be one of (${allowed.join(", ")}).`)
      return
    }
    if (mixed && plain.includes(type)) {
      at.at("type").fail(
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        "Sub-command and sub-command group option types are mutually exclusive to all other types",
      )
    }
    checkTexts(at, option, names)
    if (nested.includes(type)) {
      const group = type === Option.SubcommandGroup
      return checkOptions(at.at("options"), option["options"], group ? [Option.Subcommand] : plain)
    }
    at.at("required").boolean(option["required"])
    if (option["required"] === true && optionalSeen) {
      at.fail(
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        "Required options must be placed before non-required options",
      )
    }
    if (option["required"] !== true) optionalSeen = true
    checkValue(at, option, type)
  })
}

const checkTexts = (form: Form, option: Json, names: Set<string>): void => {
  checkName(form.at("name"), option["name"], true)
  checkLocalized(form, "name_localizations", option["name_localizations"], (at, text) =>
    checkName(at, text, true),
  )
  form.at("description").requiredText(option["description"], { min: 1, max: 100 })
  checkDescriptions(form, option)
  const name = option["name"]
  if (typeof name !== "string") return
  if (names.has(name)) {
    form
      .at("name")
      .fail("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists in this list")
  }
  names.add(name)
}

/** What an option says of its value: bounds, choices, completion, channel types. */
const checkValue = (form: Form, option: Json, type: number): void => {
  if (type === Option.String) {
    const min = form.at("min_length").integer(option["min_length"], 0, 6_000)
    const max = form.at("max_length").integer(option["max_length"], 1, 6_000)
    checkOrder(form, "min_length", "max_length", min, max)
  }
  if (type === Option.Integer || type === Option.Number) {
    const read = (field: string) => checkNumber(form.at(field), option[field], type)
    checkOrder(form, "min_value", "max_value", read("min_value"), read("max_value"))
  }
  if (type === Option.Channel && option["channel_types"] !== undefined && option["channel_types"] !== null)
    checkSet(form.at("channel_types"), option["channel_types"], channelTypes)
  if (![Option.String, Option.Integer, Option.Number].includes(type)) return
  form.at("autocomplete").boolean(option["autocomplete"])
  if (objects(option["choices"]).length > 0 && option["autocomplete"] === true) {
    form
      .at("autocomplete")
      .fail("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "Autocomplete cannot be used with choices")
  }
  const names = new Set<unknown>()
  form.at("choices").each(option["choices"], 25, (at, choice) => {
    at.at("name").requiredText(choice["name"], { min: 1, max: 100 })
    checkLocalized(at, "name_localizations", choice["name_localizations"], (one, text) => {
      one.requiredText(text, { min: 1, max: 100 })
    })
    if (names.has(choice["name"]))
      at.fail("APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists")
    names.add(choice["name"])
    if (type === Option.String) at.at("value").requiredText(choice["value"], { min: 1, max: 100 })
    else if (choice["value"] === undefined || choice["value"] === null) at.at("value").required()
    else checkNumber(at.at("value"), choice["value"], type)
  })
}

const checkOrder = (form: Form, low: string, high: string, min?: number, max?: number): void => {
  if (min === undefined || max === undefined || min <= max) return
  form
    .at(low)
    .fail("APPLICATION_COMMAND_OPTIONS_MIN_GREATER_THAN_MAX", `${low} cannot be greater than ${high}`)
}

const checkNumber = (form: Form, value: unknown, type: number): number | undefined => {
  if (type === Option.Integer) return form.integer(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  return form.double(value)
}

/** Characters that count: of a localized text the longest. */
const size = (value: Json): number => {
  let total = 0
  for (const key of ["name", "description", "value"]) {
    const texts = [value[key], ...Object.values(dictionary(value[`${key}_localizations`]))]
    total += Math.max(0, ...texts.map((text) => (typeof text === "string" ? [...text].length : 0)))
  }
  for (const key of ["options", "choices"]) {
    const below = value[key]
    if (Array.isArray(below)) for (const one of below) if (isObject(one)) total += size(one)
  }
  return total
}

const dictionary = (value: unknown): Json => (isObject(value) ? value : {})

const objects = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.filter(isObject) : [])

const named = ["name", "name_localizations"]
const texts = ["type", ...named, "description", "description_localizations"]
const lengths = ["min_length", "max_length"]
const values = ["min_value", "max_value"]

/** Checked options as Discord keeps them: what it knows and is not empty, and numbers as numbers. */
export const kept = (value: unknown): ReadonlyArray<Json> =>
  objects(value).map((option) => {
    const type = option["type"] as number
    if (nested.includes(type)) return { ...pick(option, texts), ...below(option, "options", kept) }
    const plainly = { ...pick(option, texts), ...pick(option, ["required"]) }
    if (type === Option.Channel) return { ...plainly, ...pick(option, ["channel_types"]) }
    if (![Option.String, Option.Integer, Option.Number].includes(type)) return plainly
    const numeric = type !== Option.String
    const choice = (one: Json): Json => ({ ...pick(one, named), ...pick(one, ["value"], numeric) })
    return {
      ...plainly,
      ...pick(option, ["autocomplete"]),
      ...pick(option, numeric ? values : lengths, true),
      ...below(option, "choices", (list) => objects(list).map(choice)),
    }
  })

const pick = (from: Json, fields: ReadonlyArray<string>, numbers = false): Json =>
  Object.fromEntries(
    fields
      .filter((field) => from[field] !== undefined && from[field] !== null)
      .map((field) => [field, numbers ? Number(from[field]) : from[field]]),
  )

const below = (from: Json, field: string, read: (list: unknown) => ReadonlyArray<Json>): Json =>
  Array.isArray(from[field]) ? { [field]: read(from[field]) } : {}
