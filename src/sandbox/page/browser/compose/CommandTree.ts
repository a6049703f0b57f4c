/**
 * The commands that one can run, as they are typed: each with its subcommands is one line to choose, and a typed line
 * is taken apart.
 *
 * @module
 */
import type { Offered } from "../../Protocol.js"
import { number, object, objects, text, type Json } from "../message/Component.js"

/** Discord's numbers of options. */
export const option = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const

export interface Field {
  readonly name: string
  readonly description: string
  readonly type: number
  readonly required: boolean
  readonly autocomplete: boolean
  readonly choices: ReadonlyArray<{ readonly name: string; readonly value: string | number }>
  /** Of a number: its bounds; of a text: those of its length. */
  readonly min: number
  readonly max: number
  readonly channelTypes: ReadonlyArray<unknown>
}

/** What can be run. */
export interface Leaf {
  /** With the subcommands: `mod ban`. */
  readonly name: string
  readonly description: string
  readonly fields: ReadonlyArray<Field>
}

/** Everything that can be run by a slash. */
export const leaves = (commands: Offered["commands"]): ReadonlyArray<Leaf> =>
  commands
    .filter(({ type }) => Number(type ?? 1) === 1)
    .flatMap((command) => below(command.name, object(command)))

const below = (name: string, one: Json): ReadonlyArray<Leaf> => {
  const options = objects(one["options"])
  const nested = options.filter(({ type }) => type === option.subcommand || type === option.group)
  if (nested.length > 0) return nested.flatMap((each) => below(`${name} ${text(each["name"])}`, each))
  if (one["type"] === option.group) return []
  return [{ name, description: text(one["description"]), fields: options.map(field) }]
}

const field = (one: Json): Field => {
  const isNumber = one["type"] === option.integer || one["type"] === option.number
  return {
    name: text(one["name"]),
    description: text(one["description"]),
    type: number(one["type"], option.string),
    required: one["required"] === true,
    autocomplete: one["autocomplete"] === true,
    choices: objects(one["choices"]).map(({ name, value }) => ({
      name: text(name),
      value: typeof value === "number" ? value : text(value),
    })),
    min: number(one[isNumber ? "min_value" : "min_length"], isNumber ? -Infinity : 0),
    // Discord: 6,000 characters.
    max: number(one[isNumber ? "max_value" : "max_length"], isNumber ? Infinity : 6000),
    channelTypes: Array.isArray(one["channel_types"]) ? one["channel_types"] : [],
  }
}

/** Those that what was typed may become: where it begins the name, before where it stands within. */
export const matching = (all: ReadonlyArray<Leaf>, typed: string): ReadonlyArray<Leaf> => {
  const wanted = typed.replace(/^\//, "").trimStart().toLowerCase()
  const starts = all.filter(({ name }) => name.toLowerCase().startsWith(wanted))
  const within = all.filter(({ name }) => !starts.some((one) => one.name === name) && name.includes(wanted))
  return [...starts, ...within]
}

/** A typed line. */
export interface Line {
  readonly leaf: Leaf
  /** What stands behind the names of options. */
  readonly texts: Readonly<Record<string, string>>
}

/** Takes `/say text:hello times:2` apart. What stands there without a name is of the first option. */
export const parse = (all: ReadonlyArray<Leaf>, line: string): Line | undefined => {
  const typed = line.replace(/^\//, "").trim().replace(/ +/g, " ")
  const [leaf] = all
    .filter(({ name }) => typed === name || typed.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)
  if (leaf === undefined) return undefined
  const texts: Record<string, string> = {}
  const names = leaf.fields.map(({ name }) => name)
  let rest = line.trimStart().replace(/^\//, "").trimStart().slice(leaf.name.length)
  let current = names[0]
  while (rest !== "") {
    const next = names
      .map((name) => ({ name, at: rest.search(new RegExp(`(?:^|\\s)${escape(name)}:`, "u")) }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at || b.name.length - a.name.length)[0]
    const value = rest.slice(0, next?.at ?? rest.length).trim()
    if (value !== "" && current !== undefined) texts[current] = value
    if (next === undefined) break
    rest = rest
      .slice(next.at)
      .trimStart()
      .slice(next.name.length + 1)
    current = next.name
  }
  return { leaf, texts }
}

const escape = (name: string): string => name.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&")
