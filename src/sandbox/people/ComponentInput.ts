/**
 * What a person does with components: finds one on a message, chooses in a select, fills in a modal.
 *
 * @module
 */
import { ApplicationCommandOptionType as Option, ComponentType } from "discord-api-types/v10"
import { NotAllowed, NotFound } from "./ActorError.js"
import * as CommandInput from "./CommandInput.js"
import { isObject } from "../form/Form.js"
import type { Json } from "../model/Model.js"
import type { Modal } from "../world/View.js"

/** All components of a message, containers opened. */
export const flatten = (components: ReadonlyArray<Json>): ReadonlyArray<Json> =>
  components.flatMap((component) => {
    const children = Array.isArray(component["components"])
      ? component["components"].filter((one) => isObject(one))
      : []
    const accessory = isObject(component["accessory"]) ? [component["accessory"]] : []
    return [component, ...flatten([...children, ...accessory])]
  })

const selectable: Readonly<Record<number, Option>> = {
  [ComponentType.UserSelect]: Option.User,
  [ComponentType.RoleSelect]: Option.Role,
  [ComponentType.MentionableSelect]: Option.Mentionable,
  [ComponentType.ChannelSelect]: Option.Channel,
}

/** The values that a person means, each as `choose` finds it. Throws `NotAllowed` where one is chosen twice. */
export const chooseAll = (
  place: CommandInput.Place,
  select: Json,
  values: ReadonlyArray<string>,
  resolved: Record<string, Json>,
): ReadonlyArray<string> => {
  const chosen = values.map((value) => choose(place, select, value, resolved))
  const twice = values.find((_, index) => chosen.indexOf(chosen[index] ?? "") !== index)
  if (twice !== undefined) throw new NotAllowed({ reason: `${twice} is chosen twice` })
  return chosen
}

/** The value that a person means among what a select offers; what it stands for is noted among the resolved. */
export const choose = (
  place: CommandInput.Place,
  select: Json,
  value: string,
  resolved: Record<string, Json>,
): string => {
  const type = selectable[Number(select["type"])]
  if (type !== undefined) {
    const id = CommandInput.resolve(place, type, value, resolved, select)
    if (id === undefined) throw new NotFound({ what: "value", name: value, known: [] })
    return id
  }
  const options = objects(select["options"])
  const found =
    options.find((one) => one["value"] === value) ??
    options.find((one) => one["label"] === value) ??
    options.find((one) => String(one["label"]).toLowerCase() === value.toLowerCase())
  if (found === undefined)
    throw new NotFound({ what: "value", name: value, known: options.map((one) => String(one["label"])) })
  return String(found["value"])
}

/** What a person puts into a field: text, values of a select, or files. */
export type Field =
  | string
  | boolean
  | CommandInput.Attachment
  | ReadonlyArray<string>
  | ReadonlyArray<CommandInput.Attachment>

/** A modal's components with what the person put into them, and what the values stand for. */
export interface Filled {
  readonly components: ReadonlyArray<Json>
  readonly resolved: Json
}

/** One field of a modal. */
export interface FieldInfo {
  readonly customId: string
  readonly label: string
  /** Discord's component type. */
  readonly type: number
  readonly component: Json
}

/** The fields of a modal, top to bottom. */
export const fieldsOf = (modal: Modal): ReadonlyArray<FieldInfo> =>
  modal.components.flatMap((component) => {
    const label = component["label"]
    return (isObject(component["component"]) ? [component["component"]] : objects(component["components"]))
      .filter((one) => typeof one["custom_id"] === "string")
      .map((one) => ({
        customId: String(one["custom_id"]),
        label: String(one["label"] ?? label ?? one["placeholder"] ?? one["custom_id"]),
        type: Number(one["type"]),
        component: one,
      }))
  })

/** The field of a custom id or label; case does not count, and `-` or `_` may stand for a space. */
export const fieldOf = (modal: Modal, name: string): FieldInfo => {
  const fields = fieldsOf(modal)
  const found =
    fields.find(({ customId }) => customId === name) ??
    fields.find(({ customId, label }) => [customId, label].some((one) => plain(one) === plain(name)))
  if (found !== undefined) return found
  throw new NotFound({ what: "field", name, known: fields.map(({ label }) => label) })
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s_-]+/gu, " ")
    .trim()

/** Fills a modal; fields are named by custom id or label. Those that are left out keep what is in them. */
export const fillModal = (
  place: CommandInput.Place,
  modal: Modal,
  given: Readonly<Record<string, Field>>,
): Filled => {
  const values = new Map(
    Object.entries(given).map(([name, value]) => [fieldOf(modal, name).customId, value] as const),
  )
  const resolved: Record<string, Json> = {}
  const info = new Map(fieldsOf(modal).map((one) => [one.customId, one]))
  const one = (component: Json): Json => {
    const id = String(component["custom_id"])
    const base = { type: component["type"], id: component["id"], custom_id: id }
    const label = info.get(id)?.label ?? id
    return { ...base, ...fillField(place, component, label, values.get(id), resolved) }
  }
  const components = modal.components.map((component): Json => {
    const base = { type: component["type"], id: component["id"] }
    if (isObject(component["component"])) return { ...base, component: one(component["component"]) }
    if (Array.isArray(component["components"]))
      return { ...base, components: objects(component["components"]).map(one) }
    return base
  })
  return { components, resolved }
}

/** A modal with what was put into it, files left out: what is on the screen again where nobody took it. */
export const refill = (modal: Modal, filled: Filled): Modal => {
  const given = new Map(
    fieldsOf({ ...modal, components: filled.components }).map(
      ({ component, customId }) => [customId, component] as const,
    ),
  )
  const one = (component: Json): Json => {
    const values = given.get(String(component["custom_id"]))
    return values === undefined
      ? component
      : { ...component, ...preselect(component, values, filled.resolved) }
  }
  const components = modal.components.map((component) => {
    if (isObject(component["component"])) return { ...component, component: one(component["component"]) }
    if (Array.isArray(component["components"]))
      return { ...component, components: objects(component["components"]).map(one) }
    return component
  })
  return { ...modal, components }
}

/** What makes a field begin with the values that it was given. */
const preselect = (component: Json, given: Json, resolved: Json): Json => {
  const value = given["value"]
  if (component["type"] === ComponentType.TextInput) return typeof value === "string" ? { value } : {}
  if (component["type"] === ComponentType.Checkbox) return { default: value === true }
  const chosen = Array.isArray(given["values"]) ? given["values"] : [value]
  if (Array.isArray(component["options"])) {
    const options = objects(component["options"])
    return { options: options.map((option) => ({ ...option, default: chosen.includes(option["value"]) })) }
  }
  if (selectable[Number(component["type"])] === undefined) return {}
  const typeOf = (id: unknown) =>
    families.find(([family]) => {
      const noted = resolved[family]
      return isObject(noted) && Object.hasOwn(noted, String(id))
    })?.[1]
  return { default_values: chosen.map((id) => ({ id, type: typeOf(id) })) }
}

/** Where something stands among the resolved, and what a default value calls it. */
const families = [
  ["users", "user"],
  ["roles", "role"],
  ["channels", "channel"],
] as const

const fillField = (
  place: CommandInput.Place,
  component: Json,
  label: string,
  given: Field | undefined,
  resolved: Record<string, Json>,
): Json => {
  const required = component["required"] !== false
  switch (component["type"]) {
    case ComponentType.TextInput: {
      const text = given === undefined ? component["value"] : Array.isArray(given) ? given[0] : given
      const value = typeof text === "string" ? text : ""
      const [min, max] = [
        Number(component["min_length"] ?? 0),
        Number(component["max_length"] ?? longestText),
      ]
      if (value === "" && required) throw new NotAllowed({ reason: `The field ${label} is required` })
      const { length } = [...value]
      if (value !== "" && (length < min || length > max))
        throw new NotAllowed({ reason: `The field ${label} takes ${min} to ${max} characters` })
      return { value }
    }
    case ComponentType.Checkbox:
      return { value: given === undefined ? component["default"] === true : isYes(given) }
    case ComponentType.RadioGroup: {
      const chosen = chooseAll(place, component, texts(given ?? preset(component)), resolved)
      count(label, chosen.length, required ? 1 : 0, 1)
      return { value: chosen[0] ?? null }
    }
    case ComponentType.FileUpload: {
      const files = filesOf(label, given)
      for (const file of files) acceptFile(component, label, file)
      bounds(component, label, files.length, required)
      const values = files.map((file) => {
        const stored = place.store(file)
        const id = String(stored["id"])
        resolved["attachments"] = { ...resolved["attachments"], [id]: stored }
        return id
      })
      return { values }
    }
    default: {
      const values = chooseAll(place, component, texts(given ?? preset(component)), resolved)
      bounds(component, label, values.length, required)
      return { values }
    }
  }
}

/** What is chosen in a select before anybody touches it. */
const preset = (component: Json): ReadonlyArray<string> => [
  ...objects(component["options"])
    .filter((option) => option["default"] === true)
    .map((option) => String(option["value"])),
  ...objects(component["default_values"]).map((value) => String(value["id"])),
]

const isYes = (given: Field): boolean =>
  typeof given === "boolean" ? given : ["true", "yes", "on"].includes(String(texts(given)[0]).toLowerCase())

const texts = (given: Field | undefined): ReadonlyArray<string> =>
  (Array.isArray(given) ? given : [given]).filter((one): one is string => typeof one === "string")

const filesOf = (label: string, given: Field | undefined): ReadonlyArray<CommandInput.Attachment> => {
  const all: ReadonlyArray<unknown> = given === undefined ? [] : Array.isArray(given) ? given : [given]
  return all.map((one) => {
    if (isFile(one)) return one
    throw new NotAllowed({ reason: `The field ${label} takes files` })
  })
}

const isFile = (value: unknown): value is CommandInput.Attachment =>
  typeof value === "object" && value !== null && "bytes" in value

const bounds = (component: Json, label: string, given: number, required: boolean): void =>
  count(
    label,
    given,
    // What is not required may be left empty, and is bound where it is not.
    given === 0 && !required ? 0 : Number(component["min_values"] ?? 1),
    Number(
      component["max_values"] ?? (component["type"] === ComponentType.CheckboxGroup ? most(component) : 1),
    ),
  )

const most = (component: Json): number => objects(component["options"]).length

/** Discord: what a text input takes without a bound of its own. */
const longestText = 4_000

/** Throws `NotAllowed` for a file that is too big, or not of the kinds that are asked for. */
const acceptFile = (component: Json, label: string, file: CommandInput.Attachment): void => {
  if (file.bytes.length > CommandInput.fileLimit)
    throw new NotAllowed({ reason: `The field ${label} takes files of at most 10 MiB` })
  const kinds = component["file_types"]
  if (!Array.isArray(kinds) || kinds.length === 0) return
  const family = `${file.contentType?.split("/")[0] ?? ""}/*`
  const fits = kinds.some(
    (kind) => kind === family || kind === file.contentType || file.name.toLowerCase().endsWith(String(kind)),
  )
  if (!fits) throw new NotAllowed({ reason: `The field ${label} takes ${kinds.join(", ")}` })
}

const count = (label: string, given: number, min: number, max: number): void => {
  if (given >= min && given <= max) return
  const wanted = min === max ? String(min) : `${min} to ${max}`
  throw new NotAllowed({ reason: `The field ${label} takes ${wanted}, not ${given}` })
}

const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : []

/** Whether a component is a button. */
export const isButton = (one: Json): boolean => one["type"] === ComponentType.Button

/** Whether a component is a select menu of any kind. */
export const isSelect = (one: Json): boolean =>
  [
    ComponentType.StringSelect,
    ComponentType.UserSelect,
    ComponentType.RoleSelect,
    ComponentType.MentionableSelect,
    ComponentType.ChannelSelect,
  ].includes(Number(one["type"]))

/** The emoji on a button, by name. */
export const emojiOf = (one: Json): unknown => {
  const emoji = one["emoji"]
  return typeof emoji === "object" && emoji !== null && "name" in emoji ? emoji.name : undefined
}
