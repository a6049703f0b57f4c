/**
 * Reads the choices that answer an autocomplete; refuses what breaks Discord's limits (50035).
 *
 * Numbers: Discord Developer Docs, "Receiving and Responding to Interactions".
 *
 * @module
 */
import { ApplicationCommandOptionType as Option } from "discord-api-types/v10"
import { Form, isObject } from "./Form.js"
import type { Json } from "../model/Model.js"
import type * as View from "../world/View.js"

/**
 * The choices of an autocomplete: at most 25, with values of the type of the option that is being typed. A name
 * with a translation for `locale` is shown in it.
 */
export const readChoices = (data: Json, type: number, locale: string): ReadonlyArray<View.Choice> => {
  const form = Form.make()
  const at = form.at("data", "choices")
  if (data["choices"] === undefined || data["choices"] === null) at.required()
  const choices = at.each(data["choices"], 25, (one, choice): View.Choice => {
    const name = one.at("name").requiredText(choice["name"], { min: 1, max: 100 })
    const translations = new Map(
      Object.entries(one.at("name_localizations").object(choice["name_localizations"]) ?? {}),
    )
    for (const [key, text] of translations) one.at("name_localizations", key).text(text, { min: 1, max: 100 })
    const translated = translations.get(locale)
    const value = readValue(one.at("value"), choice["value"], type)
    return { name: typeof translated === "string" ? translated : name, value }
  })
  form.done()
  return choices ?? []
}

const readValue = (form: Form, value: unknown, type: number): string | number => {
  if (type === Option.Integer) {
    if (value === undefined || value === null) form.required()
    return form.integer(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ?? 0
  }
  if (type !== Option.Number) return form.requiredText(value, { min: 1, max: 100 })
  if (value === undefined || value === null) form.required()
  return form.double(value) ?? 0
}

/** The type of the option that is being typed, subcommands opened; text where there is none. */
export const focusedType = (data: Json): number => {
  const options = Array.isArray(data["options"]) ? data["options"] : []
  for (const option of options) {
    if (!isObject(option)) continue
    if (option["focused"] === true) return Number(option["type"])
    if (Array.isArray(option["options"])) return focusedType(option)
  }
  return Option.String
}
