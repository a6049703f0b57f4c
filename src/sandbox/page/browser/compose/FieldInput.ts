/**
 * What is typed into a command's option: what is suggested for it, and what it comes to, or why it does not.
 *
 * @module
 */
import type { Value } from "../../Protocol.js"
import * as Items from "../message/Items.js"
import type { Item } from "../message/Item.js"
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
      return Items.people(store)
    case option.role:
      return Items.roles(store)
    case option.channel:
      return Items.channels(store, field.channelTypes)
    case option.mentionable:
      return Items.mentionables(store)
    default:
      return undefined
  }
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
    const found = all.find(
      ({ description, label, value }) =>
        String(value) === (/^<(?:@[!&]?|#)(\d+)>$/.exec(typed.trim())?.[1] ?? typed.trim()) ||
        plain(label) === plain(typed) ||
        (field.choices.length === 0 && plain(description ?? "") === plain(typed)),
    )
    return found === undefined ? { problem: "Choose one from the list" } : { value: found.value }
  }
  if (field.type === option.integer || field.type === option.number) return readNumber(field, typed.trim())
  if (field.type === option.attachment) return { problem: "Choose a file" }
  return readText(field, typed)
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
