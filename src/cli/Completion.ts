/**
 * What Tab offers at the end of a line of the chat.
 *
 * @module
 */
import { ApplicationCommandOptionType as Type } from "discord-api-types/v10"
import * as Line from "./Line.js"
import * as Offered from "./Offered.js"

/** What there is to complete with. */
export interface Known {
  readonly commands: ReadonlyArray<Offered.Offered>
  /** As they are typed: `userinfo (user)`, `Quote (message)`. */
  readonly menus: ReadonlyArray<string>
  /** With their prefix: `!ping`. */
  readonly prefixed: ReadonlyArray<string>
  /** Names without signs. */
  readonly people: ReadonlyArray<string>
  readonly roles: ReadonlyArray<string>
  readonly channels: ReadonlyArray<string>
  /** What can be pressed and chosen, the likeliest first. */
  readonly controls: ReadonlyArray<Control>
  /** Of the form that is open: their names as they are typed. */
  readonly fields: ReadonlyArray<string>
}

/** A button, or a menu with its choices. */
export interface Control {
  readonly label: string
  readonly isButton: boolean
  readonly choices: ReadonlyArray<string>
}

/** The candidates, and the part of the line that they replace. */
export const complete = (line: string, known: Known): readonly [ReadonlyArray<string>, string] => {
  const head = /^\s*(?:@?[\p{L}\p{N}_.]+(?:[ \t]+#[^\s#>]+)?|#[^\s#>]+)>[ \t]*/u.exec(line)?.[0] ?? ""
  const body = line
    .slice(head.length)
    .trimStart()
    .replace(/^suggest\s+(?=\/)/u, "")
  const word = /\S*$/u.exec(line)?.[0] ?? ""
  if (body.startsWith("/") && !body.includes(" ")) {
    return among(
      [...known.commands.map(({ name }) => name), ...known.menus].map((name) => `/${name} `),
      word,
    )
  }
  const verb = /^(click|pick|submit|dms)\s+(.*)$/su.exec(body)
  if (verb !== null) return afterWord(verb[1] ?? "", verb[2] ?? "", word, known)
  if (body.startsWith("[") && !body.includes("]")) {
    return among(
      known.controls.map(({ label }) => `[${label}] `),
      body,
    )
  }
  const menu = /^\/\S.*?\s\((?:user|message)\)\s+(\S*)$/u.exec(body)
  if (menu !== null) {
    return among(
      known.people.map((name) => `@${name} `),
      menu[1] ?? "",
    )
  }
  if (body.startsWith("/")) return inCommand(body.slice(1), word, known)
  if (word.startsWith("@") || (word.startsWith("#") && body !== word)) return signs(word, known)
  if (body !== word) return [[], word]
  const starts = [
    ...known.prefixed,
    ...(known.controls.some(({ isButton }) => isButton) ? ["click "] : []),
    ...(known.controls.some(({ isButton }) => !isButton) ? ["pick "] : []),
    ...(known.fields.length > 0 ? ["submit "] : []),
    "react ",
    "delete",
    "suggest /",
    "dms ",
    "join @",
    "leave @",
    "flood ",
    ...(head === ""
      ? [
          ...known.people.map((name) => `${name}> `),
          ...known.channels.map((name) => `#${name}> `),
          "help",
          "exit",
        ]
      : []),
    ...(word === "" ? known.commands.map(({ name }) => `/${name} `) : []),
  ]
  return among(starts, word)
}

const afterWord = (
  verb: string,
  rest: string,
  word: string,
  known: Known,
): readonly [ReadonlyArray<string>, string] => {
  switch (verb) {
    case "click":
      return among(
        known.controls.filter(({ isButton }) => isButton).map(({ label }) => Line.quoted(label)),
        rest,
      )
    case "pick": {
      const menus = known.controls.filter(({ isButton }) => !isButton)
      const given = /^menu:\s*"([^"]*)"\s*/u.exec(rest)
      const menu = given === null ? menus[0] : menus.find(({ label }) => label === given[1])
      const part =
        rest
          .slice(given?.[0].length ?? 0)
          .split(/,\s*/u)
          .at(-1) ?? ""
      return among(
        [
          ...(menu?.choices.map(Line.quoted) ?? []),
          ...(given === null ? menus.map(({ label }) => `menu:${Line.quoted(label)} `) : []),
        ],
        part,
      )
    }
    case "submit":
      return among(
        known.fields.filter((name) => !Line.namesIn(rest).includes(name)).map((name) => `${name}:"`),
        word,
      )
    default:
      return among(["on", "off"], rest)
  }
}

const inCommand = (body: string, word: string, known: Known): readonly [ReadonlyArray<string>, string] => {
  const { offered, rest } = Offered.find(known.commands, body)
  // A word that is still being typed may be a subcommand: look at what is above it.
  const above = offered ?? Offered.find(known.commands, body.slice(0, body.length - word.length)).offered
  if (above === undefined) return [[], word]
  if (above.children.length > 0) {
    return among(
      above.children.map(({ name }) => `${name} `),
      word,
    )
  }
  const names = above.options.map(({ name }) => name)
  const open = lastOpen(rest, names)
  if (open !== undefined) {
    const option = above.options.find(({ name }) => name === open.name)
    const values = option === undefined ? [] : valuesOf(option, known)
    const found = among(values, open.value)
    if (found[0].length > 0) return found
  }
  const left = names.filter((name) => !new RegExp(`(?:^|\\s)${escape(name)}:`, "u").test(rest))
  return among(
    left.map((name) => `${name}:`),
    word,
  )
}

/** The option whose value stands at the end of the line. */
const lastOpen = (
  rest: string,
  names: ReadonlyArray<string>,
): { readonly name: string; readonly value: string } | undefined => {
  const last = Array.from(rest.matchAll(/(?:^|\s)([^\s:"]+):/gu)).findLast((match) =>
    names.includes(match[1] ?? ""),
  )
  return last === undefined
    ? undefined
    : { name: last[1] ?? "", value: rest.slice(last.index + last[0].length).trimStart() }
}

const valuesOf = (option: Offered.Option, known: Known): ReadonlyArray<string> => {
  const people = known.people.map((name) => `@${name} `)
  const roles = known.roles.map((name) => `@${name} `)
  switch (option.type) {
    case Type.User:
      return people
    case Type.Role:
      return roles
    case Type.Mentionable:
      return [...people, ...roles]
    case Type.Channel:
      return known.channels.map((name) => `#${name} `)
    case Type.Boolean:
      return ["true ", "false "]
    default:
      return option.choices.map((name) => `${name} `)
  }
}

const signs = (word: string, known: Known): readonly [ReadonlyArray<string>, string] =>
  word.startsWith("#")
    ? among(
        known.channels.map((name) => `#${name} `),
        word,
      )
    : among(
        [...known.people, ...known.roles].map((name) => `@${name} `),
        word,
      )

const among = (candidates: ReadonlyArray<string>, part: string): readonly [ReadonlyArray<string>, string] => [
  candidates.filter((one) => one.toLowerCase().startsWith(part.toLowerCase()) && one !== part),
  part,
]

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")
