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
  /** Written like the name of an option, which the command does not have. */
  readonly unknown?: string
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
  let isNamed = false
  let unknown: string | undefined
  while (rest !== "") {
    const next = names
      .map((name) => ({ name, at: rest.search(new RegExp(`(?:^|\\s)${escape(name)}:`, "u")) }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at || b.name.length - a.name.length)[0]
    const value = rest.slice(0, next?.at ?? rest.length).trim()
    unknown ??= misnamed(leaf, current, value, isNamed)
    if (value !== "" && current !== undefined) texts[current] = value
    if (next === undefined) break
    rest = rest
      .slice(next.at)
      .trimStart()
      .slice(next.name.length + 1)
    current = next.name
    isNamed = true
  }
  return unknown === undefined ? { leaf, texts } : { leaf, texts, unknown }
}

/**
 * What looks like an option's name in a value: where the name of one should stand, in a value that takes no free
 * text, or where it is nearly the name of one.
 */
const misnamed = (
  { fields }: Leaf,
  current: string | undefined,
  value: string,
  isNamed: boolean,
): string | undefined => {
  const field = fields.find(({ name }) => name === current)
  const isText = field?.type === option.string && field.choices.length === 0
  for (const { 1: name = "", index } of value.matchAll(/(?<!\S)(\p{L}[-_\p{L}\p{N}]{0,31}):(?=[^\s/])/gu)) {
    const slips = name.length > 4 ? 2 : name.length > 2 ? 1 : 0
    const isNear = fields.some((one) => distance(one.name, name.toLowerCase()) <= slips)
    if ((!isNamed && index === 0) || !isText || isNear) return name
  }
  return undefined
}

/** How many letters have to be changed, put in or left out to make one word the other. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, n) => n)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (let n = 1; n <= other.length; n++)
      next.push(
        Math.min(
          (row[n] ?? 0) + 1,
          (next[n - 1] ?? 0) + 1,
          (row[n - 1] ?? 0) + Number(letter !== other[n - 1]),
        ),
      )
    row = next
  }
  return row.at(-1) ?? 0
}

const escape = (name: string): string => name.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&")
