/**
 * Discord's components as they come over the wire: their numbers and how their fields are read. What a field holds
 * that is not of its kind counts as absent, so that no message can break the page.
 *
 * Numbers: Discord Developer Docs, "Component Reference".
 *
 * @module
 */
export type Json = Readonly<Record<string, unknown>>

export const type = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  textDisplay: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
  radioGroup: 21,
  checkboxGroup: 22,
  checkbox: 23,
} as const

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const object = (value: unknown): Json => (isObject(value) ? value : {})

export const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : []

export const text = (value: unknown): string => (typeof value === "string" ? value : "")

export const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise

export const numbers = (value: unknown): ReadonlyArray<number> =>
  Array.isArray(value) ? value.filter((one) => typeof one === "number") : []

/** What is chosen in a select before anybody touches it. */
export const preset = (component: Json): ReadonlyArray<string> => [
  ...objects(component["options"])
    .filter((option) => option["default"] === true)
    .map((option) => text(option["value"])),
  ...objects(component["default_values"]).map((value) => text(value["id"])),
]
