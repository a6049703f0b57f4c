/**
 * What is typed into a command's option: what is suggested for it, and what it comes to, or why it does not.
 *
 * @module
 */
import type { Value } from "../../Protocol.js"
import * as Items from "../message/Items.js"
import type { Item } from "../message/Item.js"
import * as Person from "../message/Person.js"
import type { Store } from "../Store.js"
import { option, type Field } from "./CommandTree.js"

/** What is suggested; the value is what is sent. */
export interface Suggestion extends Omit<Item, "value"> {
  readonly value: string | number | boolean
}

export type Reading = { readonly value: Value } | { readonly problem: string } | "Empty"

/** All that can be chosen; `undefined` where one types freely. */
export const offered = (store: Store, field: Field): ReadonlyArray<Suggestion> | undefined => {
  if (field.choices.length > 0) return field.choices.map(({ name, value }) => ({ label: name, value }))
  switch (field.type) {
    case option.boolean:
      return [
        { label: "True", value: true },
        { label: "False", value: false },
      ]
    case option.user:
      return [...Items.people(store), ...strangers(store)]
    case option.role:
      return Items.roles(store)
    case option.channel:
      return Items.channels(store, field.channelTypes)
    case option.mentionable:
      return [...Items.mentionables(store), ...strangers(store)]
    default:
      return undefined
  }
}

/** People who are not here: those who left or are banned too are named in commands. */
const strangers = (store: Store): ReadonlyArray<Suggestion> => {
  const here = new Set(Person.around(store).map(({ id }) => id))
  return store.place.people
    .filter(({ id }) => !here.has(id))
    .map(({ id, name, username }) => ({
      label: name,
      description: username,
      value: id,
      sign: Person.avatar(store, id, name),
    }))
}

/** Those of them that what is typed may become. */
export const matching = (all: ReadonlyArray<Suggestion>, typed: string): ReadonlyArray<Suggestion> => {
  const wanted = plain(typed)
  return all
    .filter(
      ({ description, label }) => plain(label).includes(wanted) || plain(description ?? "").includes(wanted),
    )
    .toSorted((a, b) => Number(plain(b.label).startsWith(wanted)) - Number(plain(a.label).startsWith(wanted)))
    .slice(0, 25)
}

/** Reads a field, of which `picked` was chosen from a list. */
export const read = (store: Store, field: Field, typed: string, picked: Value | undefined): Reading => {
  if (picked !== undefined) return { value: picked }
  if (typed.trim() === "") return field.required ? { problem: "This option is required" } : "Empty"
  const all = offered(store, field)
  if (all !== undefined) {
    const id = /^<(?:@[!&]?|#)(\d+)>$/.exec(typed.trim())?.[1] ?? typed.trim()
    const found =
      all.find(({ value }) => String(value) === id) ??
      all.find(
        ({ description, label }) =>
          plain(label) === plain(typed) ||
          (field.choices.length === 0 && plain(description ?? "") === plain(typed)),
      )
    return found === undefined ? { problem: absence(field, typed.trim(), id) } : { value: found.value }
  }
  if (field.type === option.integer || field.type === option.number) return readNumber(field, typed.trim())
  if (field.type === option.attachment) return { problem: "Choose a file" }
  return readText(field, typed)
}

const nouns: Readonly<Record<number, string>> = {
  [option.user]: "Nobody here",
  [option.role]: "No role",
  [option.channel]: "No channel that fits",
  [option.mentionable]: "Nobody and no role here",
}

/** Discord: an id has 17 to 20 digits. */
const absence = (field: Field, typed: string, id: string): string => {
  const noun = field.choices.length > 0 ? undefined : nouns[field.type]
  if (noun === undefined) return "Choose one from the list"
  return /^\d{17,20}$/.test(id) ? `${noun} has the id ${id}` : `${noun} is called ${typed}`
}

const readNumber = ({ max, min, type }: Field, typed: string): Reading => {
  const isWhole = type === option.integer
  const value = Number(typed.replace(",", "."))
  if (Number.isNaN(value) || (isWhole && !Number.isSafeInteger(value)))
    return { problem: isWhole ? "A whole number is wanted" : "A number is wanted" }
  if (value < min || value > max) return { problem: bounds("A number", min, max) }
  return { value }
}

const readText = ({ max, min }: Field, typed: string): Reading => {
  const { length } = [...typed]
  return length < min || length > max
    ? { problem: `${bounds("A text", min, max)} characters` }
    : { value: typed }
}

const bounds = (what: string, min: number, max: number): string => {
  if (min === -Infinity || min === 0) return `${what} of at most ${max}`
  if (max === Infinity || max === 6000) return `${what} of at least ${min}`
  return `${what} from ${min} to ${max}`
}

const plain = (text: string): string => text.trim().replace(/^[@#]/, "").toLowerCase()
