/**
 * Reads buttons: what each style must have and may not, and emojis on components.
 *
 * Numbers: Discord Developer Docs, "Component Reference", "Button".
 *
 * @module
 */
import { ButtonStyle } from "discord-api-types/v10"
import * as EmojiText from "../model/EmojiText.js"
import * as Fields from "./Fields.js"
import type { Form } from "./Form.js"
import type { Json } from "../model/Model.js"

/** What a button needs to be told apart by, and what it has instead of a `custom_id`. */
export const read = (form: Form, item: Json, customIds: Set<string>): Json => {
  const label = form.at("label").text(item["label"], { max: 80 })
  const emoji = readEmoji(form.at("emoji"), item["emoji"])
  const disabled = form.at("disabled").boolean(item["disabled"]) ?? false
  const style = form.at("style").oneOf(item["style"] as number, [1, 2, 3, 4, 5, 6])
  if (item["style"] === undefined || item["style"] === null) form.at("style").required()
  const made: Json = { style }
  if (label !== undefined && label !== "") made["label"] = label
  if (emoji !== undefined) made["emoji"] = emoji
  if (disabled) made["disabled"] = true
  if (style === ButtonStyle.Premium) {
    const sku = form.at("sku_id").snowflake(item["sku_id"])
    if (sku === undefined && !given(item, "sku_id")) form.at("sku_id").required()
    for (const key of ["custom_id", "url", "label", "emoji"]) if (given(item, key)) notAllowed(form.at(key))
    return { ...made, sku_id: sku }
  }
  if (made["label"] === undefined && emoji === undefined)
    form.at("label").fail("BASE_TYPE_REQUIRED", "This field is required")
  if (given(item, "sku_id")) notAllowed(form.at("sku_id"))
  if (style === ButtonStyle.Link) {
    if (given(item, "custom_id")) {
      form.fail(
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
        "A custom id and url cannot both be specified",
      )
    }
    if (!given(item, "url")) form.at("url").required()
    return { ...made, url: Fields.url(form.at("url"), item["url"], ["http", "https", "discord"], 512) }
  }
  if (given(item, "url")) {
    form.fail(
      "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
      "A custom id and url cannot both be specified",
    )
  }
  if (!given(item, "custom_id")) {
    form.at("custom_id").fail("COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
    return made
  }
  return { ...made, custom_id: customId(form.at("custom_id"), item["custom_id"], customIds) }
}

const given = (item: Json, key: string): boolean => item[key] !== undefined && item[key] !== null

const notAllowed = (form: Form): void =>
  form.fail("BUTTON_COMPONENT_FIELD_NOT_ALLOWED", "This field is not allowed for the button's style")

/** A `custom_id`, 1 to 100 characters, once in a message. */
export const customId = (form: Form, value: unknown, seen: Set<string>): string => {
  const id = form.requiredText(value, { min: 1, max: 100 })
  if (id !== "" && seen.has(id))
    form.fail("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
  seen.add(id)
  return id
}

/** The emoji on a button or an option, or `undefined` where there is none. */
export const readEmoji = (form: Form, value: unknown): Json | undefined => {
  const emoji = form.object(value)
  if (emoji === undefined) return undefined
  const id = form.at("id").snowflake(emoji["id"])
  const name = form.at("name").text(emoji["name"], { max: 32 })
  if (id === undefined && (name === undefined || !EmojiText.isUnicode(name))) {
    form.at("name").fail("COMPONENT_INVALID_EMOJI", "Invalid emoji")
    return undefined
  }
  return {
    ...(id === undefined ? {} : { id }),
    name: name ?? "",
    ...(emoji["animated"] === true ? { animated: true } : {}),
  }
}
