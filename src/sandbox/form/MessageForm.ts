/**
 * Reads the body of a message as a bot sends it, and refuses what breaks Discord's limits (50035, 50006).
 *
 * Numbers: Discord Developer Docs, "Create Message", "Embed Limits" and "Component Reference".
 *
 * @module
 */
import { ComponentType, MessageFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import { Form, isObject } from "./Form.js"
import type { Json } from "../model/Model.js"
import * as Time from "../model/Time.js"

/** What was asked for. Absent fields were not in the body. */
export interface Draft {
  readonly content?: string
  readonly embeds?: ReadonlyArray<Json>
  readonly components?: ReadonlyArray<Json>
  readonly flags: number
  readonly tts: boolean
  readonly nonce: string | number | null
  readonly enforceNonce: boolean
  readonly replyTo: string | null
  /** False where a reply to a message that is gone is still to be sent. */
  readonly replyMustExist: boolean
  readonly allowedMentions: AllowedMentions | null
  /** Kept or described attachments; absent where the body says nothing of them. */
  readonly attachments?: ReadonlyArray<Json>
}

export interface AllowedMentions {
  readonly parse: ReadonlyArray<string>
  readonly users: ReadonlyArray<string>
  readonly roles: ReadonlyArray<string>
  readonly repliedUser: boolean
}

/** How a body is read. */
export interface Reading {
  /** An edit may leave everything out. */
  readonly edit?: boolean
  /** Whether the request carries files. */
  readonly files?: boolean
  /** Where in the request the message stands: `data` in an interaction's response. */
  readonly under?: "data"
}

/** Reads and checks. */
export const read = (body: Json, options: Reading = {}): Draft => {
  const form = options.under === undefined ? Form.make() : Form.make().at(options.under)
  const content = form.at("content").text(body["content"], { max: 2000 })
  const flags = form.at("flags").integer(body["flags"], 0, 2 ** 31 - 1) ?? 0
  const embeds = "embeds" in body ? readEmbeds(form.at("embeds"), body["embeds"]) : undefined
  const v2 = (flags & MessageFlags.IsComponentsV2) !== 0
  const components =
    "components" in body ? readComponents(form.at("components"), body["components"], v2) : undefined
  if (v2 && content !== undefined && content !== "") {
    form
      .at("content")
      .fail(
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
      )
  }
  if (v2 && embeds !== undefined && embeds.length > 0) {
    form
      .at("embeds")
      .fail(
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        "The 'embeds' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
      )
  }
  const nonce = body["nonce"]
  if (typeof nonce === "string") form.at("nonce").text(nonce, { max: 25 })
  const reference = body["message_reference"]
  const allowedMentions = readAllowed(form.at("allowed_mentions"), body["allowed_mentions"])
  const attachments = "attachments" in body ? form.at("attachments").list(body["attachments"], 10) : undefined
  form.done()
  if (options.edit !== true && isEmpty(content, embeds, components) && options.files !== true)
    throw ApiError.emptyMessage()
  return {
    ...("content" in body ? { content: content ?? "" } : {}),
    ...(embeds === undefined ? {} : { embeds }),
    ...(components === undefined ? {} : { components }),
    ...(attachments === undefined ? {} : { attachments }),
    flags,
    tts: body["tts"] === true,
    nonce: typeof nonce === "string" || typeof nonce === "number" ? nonce : null,
    enforceNonce: body["enforce_nonce"] === true,
    replyTo:
      isObject(reference) && typeof reference["message_id"] === "string" ? reference["message_id"] : null,
    replyMustExist: !(isObject(reference) && reference["fail_if_not_exists"] === false),
    allowedMentions,
  }
}

const isEmpty = (content?: string, embeds?: ReadonlyArray<Json>, components?: ReadonlyArray<Json>): boolean =>
  (content === undefined || content.trim() === "") &&
  (embeds?.length ?? 0) === 0 &&
  (components?.length ?? 0) === 0

const strings = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : []

const readAllowed = (form: Form, value: unknown): AllowedMentions | null => {
  if (!isObject(value)) return null
  const parse = strings(value["parse"])
  const users = strings(value["users"])
  const roles = strings(value["roles"])
  if ((users.length > 0 && parse.includes("users")) || (roles.length > 0 && parse.includes("roles"))) {
    form.fail("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse and the list of ids are mutually exclusive.")
  }
  form.at("users").list(
    users.map(() => ({})),
    100,
  )
  form.at("roles").list(
    roles.map(() => ({})),
    100,
  )
  return { parse, users, roles, repliedUser: value["replied_user"] === true }
}

const readEmbeds = (form: Form, value: unknown): ReadonlyArray<Json> => {
  let total = 0
  const count = (text: string | undefined) => {
    total += text?.length ?? 0
  }
  const embeds = form.list(value, 10).map((embed, index) => {
    const at = form.at(index)
    count(at.at("title").text(embed["title"], { max: 256 }))
    count(at.at("description").text(embed["description"], { max: 4096 }))
    if (isObject(embed["footer"]))
      count(at.at("footer", "text").requiredText(embed["footer"]["text"], { max: 2048 }))
    if (isObject(embed["author"]))
      count(at.at("author", "name").requiredText(embed["author"]["name"], { max: 256 }))
    at.at("color").integer(embed["color"], 0, 0xff_ff_ff)
    at.at("fields")
      .list(embed["fields"], 25)
      .forEach((field, n) => {
        count(at.at("fields", n, "name").requiredText(field["name"], { min: 1, max: 256 }))
        count(at.at("fields", n, "value").requiredText(field["value"], { min: 1, max: 1024 }))
      })
    const timestamp = embed["timestamp"]
    return {
      type: "rich",
      ...embed,
      ...(typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp))
        ? { timestamp: Time.iso(Date.parse(timestamp)) }
        : {}),
    }
  })
  if (total > 6000) form.fail("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
  return embeds
}

const inRow = 5
const rows = 5
const ofV2 = 40

/** Checks components, of messages and of modals, and gives each an `id`. */
export const readComponents = (form: Form, value: unknown, v2: boolean): ReadonlyArray<Json> => {
  const seen = new Set<string>()
  const used = { count: 0 }
  const top = form.list(value, v2 ? ofV2 : rows).map((component, index) => {
    const at = form.at(index)
    const type = component["type"]
    if (!v2 && type !== ComponentType.ActionRow)
      at.at("type").fail("BASE_TYPE_CHOICES", "Value must be one of {1}.")
    return readComponent(at, component, seen, used)
  })
  if (v2 && used.count > ofV2) form.fail("BASE_TYPE_MAX_LENGTH", `Must be ${ofV2} or fewer in length.`)
  return top
}

const selects: ReadonlyArray<unknown> = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
]

const readComponent = (form: Form, component: Json, seen: Set<string>, used: { count: number }): Json => {
  const type = component["type"]
  const made: Json = {
    ...component,
    id: typeof component["id"] === "number" && component["id"] > 0 ? component["id"] : ++used.count,
  }
  if (typeof component["id"] === "number") used.count += 1
  const children = (limit: number) => {
    const list = form.at("components").list(component["components"], limit)
    if (list.length === 0)
      form.at("components").fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${limit} in length.`)
    made["components"] = list.map((child, n) => readComponent(form.at("components", n), child, seen, used))
  }
  switch (type) {
    case ComponentType.ActionRow:
      children(inRow)
      return made
    case ComponentType.Container:
    case ComponentType.Section:
      children(type === ComponentType.Section ? 3 : ofV2)
      if (isObject(component["accessory"]))
        made["accessory"] = readComponent(form.at("accessory"), component["accessory"], seen, used)
      return made
    case ComponentType.Label:
      form.at("label").requiredText(component["label"], { min: 1, max: 45 })
      form.at("description").text(component["description"], { max: 100 })
      if (isObject(component["component"]))
        made["component"] = readComponent(form.at("component"), component["component"], seen, used)
      else form.at("component").required()
      return made
    case ComponentType.Button: {
      form.at("label").text(component["label"], { max: 80 })
      const style = form.at("style").oneOf(component["style"], [1, 2, 3, 4, 5, 6])
      if (style === undefined && component["style"] === undefined) form.at("style").required()
      if (style === 5) form.at("url").requiredText(component["url"], { max: 512 })
      else if (style !== 6) readCustomId(form, component, seen)
      return made
    }
    case ComponentType.TextInput:
      readCustomId(form, component, seen)
      form.at("label").text(component["label"], { min: 1, max: 45 })
      form.at("min_length").integer(component["min_length"], 0, 4000)
      form.at("max_length").integer(component["max_length"], 1, 4000)
      form.at("value").text(component["value"], { max: 4000 })
      form.at("placeholder").text(component["placeholder"], { max: 100 })
      return made
    case ComponentType.RadioGroup:
    case ComponentType.CheckboxGroup:
      readCustomId(form, component, seen)
      readOptions(form, component["options"], 10)
      return made
    case ComponentType.Checkbox:
      readCustomId(form, component, seen)
      return made
    case ComponentType.FileUpload:
      readCustomId(form, component, seen)
      form.at("min_values").integer(component["min_values"], 0, 10)
      form.at("max_values").integer(component["max_values"], 1, 10)
      return made
    default:
      if (selects.includes(type)) readSelect(form, component, seen)
      return made
  }
}

const readSelect = (form: Form, component: Json, seen: Set<string>): void => {
  readCustomId(form, component, seen)
  form.at("placeholder").text(component["placeholder"], { max: 150 })
  form.at("min_values").integer(component["min_values"], 0, 25)
  form.at("max_values").integer(component["max_values"], 1, 25)
  if (component["type"] !== ComponentType.StringSelect) return
  readOptions(form, component["options"], 25)
}

const readOptions = (form: Form, value: unknown, limit: number): void => {
  const options = form.at("options").list(value, limit)
  if (options.length === 0)
    form.at("options").fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${limit} in length.`)
  options.forEach((option, n) => {
    form.at("options", n, "label").requiredText(option["label"], { min: 1, max: 100 })
    form.at("options", n, "value").requiredText(option["value"], { min: 1, max: 100 })
    form.at("options", n, "description").text(option["description"], { max: 100 })
  })
}

const readCustomId = (form: Form, component: Json, seen: Set<string>): void => {
  const at = form.at("custom_id")
  const id = at.requiredText(component["custom_id"], { min: 1, max: 100 })
  if (seen.has(id)) at.fail("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
  seen.add(id)
}
