/**
 * Kinds of fields that several forms share: addresses, ids, times, booleans, lists with their places.
 *
 * @module
 */
import { type Form, isObject } from "./Form.js"
import type { Json } from "../model/Model.js"
import * as Snowflake from "../model/Snowflake.js"

/** An object, or `undefined` where it is absent. */
export const object = (form: Form, value: unknown): Json | undefined => {
  if (value === undefined || value === null) return undefined
  if (isObject(value)) return value
  form.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
  return undefined
}

/** Reads each object of a list at its own place; what is no object is recorded and left out. */
export const each = <A>(
  form: Form,
  value: unknown,
  max: number,
  read: (at: Form, item: Json) => A,
): ReadonlyArray<A> => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    form.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return []
  }
  if (value.length > max) form.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
  const made: Array<A> = []
  value.forEach((item: unknown, index) => {
    const at = form.at(index)
    if (item === null) at.fail("LIST_ITEM_VALUE_REQUIRED", "List item values of ModelType are required")
    else if (isObject(item)) made.push(read(at, item))
    else at.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
  })
  return made
}

/** An id, or `undefined` where it is absent. */
export const snowflake = (form: Form, value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text === "string" && Snowflake.is(text)) return text
  form.fail("NUMBER_TYPE_COERCE", `Value "${String(value).slice(0, 100)}" is not snowflake.`)
  return undefined
}

/** Ids, at most `max`, each one once. */
export const snowflakes = (form: Form, value: unknown, max: number): ReadonlyArray<string> => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    form.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return []
  }
  if (value.length > max) form.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
  const made = new Set<string>()
  value.forEach((item: unknown, index) => {
    const id = snowflake(form.at(index), item)
    if (id === undefined) return
    if (made.has(id)) form.fail("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    made.add(id)
  })
  return [...made]
}

/** Whether it is true; false where it is absent. */
export const flag = (form: Form, value: unknown): boolean => {
  if (value === undefined || value === null) return false
  if (typeof value === "boolean") return value
  form.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
  return false
}

/** A text that must be there and not be blank: as Discord asks for it in embeds. */
export const filled = (form: Form, value: unknown, max: number): string => {
  if (value === undefined || value === null || (typeof value === "string" && value.trim() === "")) {
    form.required()
    return ""
  }
  return form.text(value, { max }) ?? ""
}

/** Schemes of pages, and of media that may be a file of the message. */
export const schemes = { page: ["http", "https"], media: ["http", "https", "attachment"] } as const

/** An address with one of the schemes, or `undefined` where it is absent. At most 2,048 characters. */
export const url = (
  form: Form,
  value: unknown,
  allowed: ReadonlyArray<string>,
  max = 2048,
): string | undefined => {
  const text = form.text(value, { max })
  if (text === undefined) return undefined
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? text
  if (!allowed.includes(scheme)) {
    const list = allowed.map((one) => `'${one}'`).join(", ")
    form.fail(
      "URL_TYPE_INVALID_SCHEME",
      `Scheme "${scheme.slice(0, 100)}" is not supported. Scheme must be one of (${list}).`,
    )
    return undefined
  }
  if (scheme === "attachment" ? text.length > "attachment://".length : URL.canParse(text)) return text
  form.fail("URL_TYPE_INVALID_URL", "Not a well formed URL.")
  return undefined
}
