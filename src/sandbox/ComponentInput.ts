/**
 * What a person does with components: finds one on a message, chooses in a select, fills in a modal.
 *
 * @module
 */
import { ApplicationCommandOptionType as Option, ComponentType } from "discord-api-types/v10"
import { NotAllowed, NotFound } from "./ActorError.js"
import * as CommandInput from "./CommandInput.js"
import { isObject } from "./Form.js"
import type { Json } from "./Model.js"
import type { Modal } from "./View.js"

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

/** The value that a person means among what a select offers; what it stands for is noted among the resolved. */
export const choose = (
  place: CommandInput.Place,
  select: Json,
  value: string,
  resolved: Record<string, Json>,
): string => {
  const type = selectable[Number(select["type"])]
  if (type !== undefined) {
    const id = CommandInput.resolve(place, type, value, resolved)
    if (id === undefined) throw new NotFound({ what: "value", name: value, known: [] })
    return id
  }
  const options = Array.isArray(select["options"]) ? select["options"].filter((one) => isObject(one)) : []
  const found = options.find((one) => one["value"] === value) ?? options.find((one) => one["label"] === value)
  if (found === undefined)
    throw new NotFound({ what: "value", name: value, known: options.map((one) => String(one["value"])) })
  return String(found["value"])
}

/** A modal's components with what the person put into them. */
export const fillModal = (
  place: CommandInput.Place,
  modal: Modal,
  fields: Readonly<Record<string, string | ReadonlyArray<string>>>,
): ReadonlyArray<Json> => {
  const known: Array<string> = []
  const one = (component: Json): Json => {
    const id = String(component["custom_id"])
    known.push(id)
    const given = fields[id]
    const base = { type: component["type"], id: component["id"], custom_id: id }
    if (component["type"] !== ComponentType.TextInput) {
      const values = given === undefined ? [] : typeof given === "string" ? [given] : given
      return { ...base, values: values.map((value) => choose(place, component, value, {})) }
    }
    const value = typeof given === "string" ? given : String(given?.[0] ?? component["value"] ?? "")
    const [min, max] = [Number(component["min_length"] ?? 0), Number(component["max_length"] ?? 4000)]
    if (value === "" && component["required"] !== false)
      throw new NotAllowed({ reason: `The field ${id} is required` })
    if (value !== "" && (value.length < min || value.length > max))
      throw new NotAllowed({ reason: `The field ${id} takes ${min} to ${max} characters` })
    return { ...base, value }
  }
  const filled = modal.components.map((component): Json => {
    const base = { type: component["type"], id: component["id"] }
    if (isObject(component["component"])) return { ...base, component: one(component["component"]) }
    if (Array.isArray(component["components"]))
      return { ...base, components: component["components"].filter((each) => isObject(each)).map(one) }
    return base
  })
  for (const given of Object.keys(fields)) {
    if (!known.includes(given)) throw new NotFound({ what: "field", name: given, known })
  }
  return filled
}
