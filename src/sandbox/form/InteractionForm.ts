/**
 * Reads what answers an interaction without being a message: choices and modals; refuses what breaks Discord's
 * limits (50035).
 *
 * Numbers: Discord Developer Docs, "Receiving and Responding to Interactions" and "Component Reference".
 *
 * @module
 */
import { ComponentType } from "discord-api-types/v10"
import { Form } from "./Form.js"
import * as MessageForm from "./MessageForm.js"
import type { Json } from "../model/Model.js"
import type * as View from "../world/View.js"

/** The choices of an autocomplete. */
export const readChoices = (data: Json): ReadonlyArray<View.Choice> => {
  const form = Form.make()
  const at = form.at("data", "choices")
  const choices = at.list(data["choices"], 25).map((choice, n): View.Choice => {
    const name = at.at(n, "name").requiredText(choice["name"], { min: 1, max: 100 })
    const value = choice["value"]
    if (typeof value === "number") return { name, value }
    return { name, value: at.at(n, "value").requiredText(value, { min: 1, max: 100 }) }
  })
  form.done()
  return choices
}

/** What may stand at the top of a modal. */
const inModal: ReadonlyArray<number> = [
  ComponentType.ActionRow,
  ComponentType.TextDisplay,
  ComponentType.Label,
]

/** A modal that answers the interaction. */
export const readModal = (interactionId: string, data: Json): View.Modal => {
  const form = Form.make()
  const at = form.at("data")
  const customId = at.at("custom_id").requiredText(data["custom_id"], { min: 1, max: 100 })
  const title = at.at("title").requiredText(data["title"], { min: 1, max: 45 })
  const components = MessageForm.readComponents(at.at("components"), data["components"], true)
  components.forEach((component, n) => {
    at.at("components", n, "type").oneOf(component["type"] as number, inModal)
  })
  if (components.length < 1 || components.length > 5) {
    at.at("components").fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
  }
  form.done()
  return { interactionId, customId, title, components }
}
