/**
 * The commands that a person is offered, as far as typing them goes: names, options and choices.
 *
 * @module
 */
import { ApplicationCommandOptionType as Type } from "discord-api-types/v10"

export interface Offered {
  readonly name: string
  readonly description: string
  /** Empty for a command that runs by itself. */
  readonly children: ReadonlyArray<Offered>
  readonly options: ReadonlyArray<Option>
}

export interface Option {
  readonly name: string
  readonly type: Type
  readonly required: boolean
  /** The shown names; empty where anything can be typed. */
  readonly choices: ReadonlyArray<string>
  /** Whether the bot suggests values while it is typed. */
  readonly suggests: boolean
}

type Json = Readonly<Record<string, unknown>>

/** From a command as it goes over the wire. */
export const fromJson = (command: Json): Offered => {
  const below = objects(command["options"])
  const nested = below.filter(({ type }) => type === Type.Subcommand || type === Type.SubcommandGroup)
  return {
    name: String(command["name"]),
    description: String(command["description"] ?? ""),
    children: nested.map(fromJson),
    options: nested.length > 0 ? [] : below.map(option),
  }
}

const option = (json: Json): Option => ({
  name: String(json["name"]),
  type: Number(json["type"]),
  required: json["required"] === true,
  choices: objects(json["choices"]).map(({ name }) => String(name)),
  suggests: json["autocomplete"] === true,
})

const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === "object" && one !== null) : []

/** A command found in a line, with what of the line is left. */
export interface Found {
  /** The names from the top; the last may be one that is not there. */
  readonly path: string
  readonly offered: Offered | undefined
  readonly rest: string
}

/** Finds the command that a line (without the slash) names. */
export const find = (commands: ReadonlyArray<Offered>, text: string): Found => {
  const [word, rest] = cut(text)
  let offered = commands.find(({ name }) => name === word.toLowerCase())
  let path = word
  let left = rest
  while (offered !== undefined && offered.children.length > 0 && left !== "") {
    const [next, after] = cut(left)
    path = `${path} ${next}`
    left = after
    offered = offered.children.find(({ name }) => name === next)
  }
  return { path, offered, rest: left }
}

const cut = (text: string): readonly [string, string] => {
  const [word = "", rest = ""] = text.trim().split(/\s+(.*)/su)
  return [word, rest]
}

/** How each command is typed: `/berth boat: [nights:]`. */
export const usages = (offered: Offered, above = "/"): ReadonlyArray<string> => {
  const name = `${above}${offered.name}`
  if (offered.children.length > 0) return offered.children.flatMap((child) => usages(child, `${name} `))
  const words = offered.options.map(({ name, required }) => (required ? `${name}:` : `[${name}:]`))
  return [[name, ...words].join(" ")]
}
