/**
 * One line of the chat, as it was typed.
 *
 * ```
 * /ping text:hello there          a slash command; a value runs to the next option, or stands in quotes
 * /userinfo (user) @dan           a user menu command        /Quote (message)   on the newest message
 * !ping hello                     anything else is a message
 * [Yes]                           presses a button           [Colour] red, blue  selects
 * cleo> hi     #tryouts> hi     cleo #tryouts> hi            as somebody else, somewhere else
 * help     exit
 * ```
 *
 * Nothing that can be typed is an error here; what it means is found out against the sandbox.
 *
 * @module
 */

export type Line =
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Exit" }
  | {
      readonly _tag: "Act"
      /** As typed, without `@`; undefined for whoever usually types. */
      readonly person: string | undefined
      /** Without `#`. */
      readonly channel: string | undefined
      readonly deed: Deed
    }

export type Deed =
  | { readonly _tag: "Say"; readonly text: string }
  /** `text` is everything after the slash. */
  | { readonly _tag: "Slash"; readonly text: string }
  | {
      readonly _tag: "Menu"
      readonly on: "user" | "message"
      readonly command: string
      /** Empty for whoever acts, or the newest message. */
      readonly target: string
    }
  | { readonly _tag: "Press"; readonly label: string; readonly values: ReadonlyArray<string> }

/** The part in front of `>`: a person, a channel, or both. */
const head = /^(?:@?([\p{L}\p{N}_.]+)(?:[ \t]+#([^\s#>]+))?|#([^\s#>]+))>[ \t]*/u

export const parse = (line: string): Line => {
  const text = line.trim()
  const found = head.exec(text)
  const body = found === null ? text : text.slice(found[0].length)
  if (found === null) {
    if (body === "") return { _tag: "Empty" }
    if (body === "help" || body === "?") return { _tag: "Help" }
    if (body === "exit" || body === "quit") return { _tag: "Exit" }
  } else if (body === "") return { _tag: "Empty" }
  return { _tag: "Act", person: found?.[1], channel: found?.[2] ?? found?.[3], deed: deed(body) }
}

const deed = (body: string): Deed => {
  const menu = /^\/(\S.*?)\s*\((user|message)\)\s*(\S*)$/u.exec(body)
  if (menu !== null) {
    const [, command = "", on, target = ""] = menu
    return { _tag: "Menu", on: on === "user" ? "user" : "message", command, target }
  }
  if (body.startsWith("/")) return { _tag: "Slash", text: body.slice(1).trim() }
  const press = /^\[([^\][]+)\]\s*(.*)$/u.exec(body)
  if (press === null) return { _tag: "Say", text: body }
  const [, label = "", rest = ""] = press
  const values = rest
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "")
  return { _tag: "Press", label: label.trim(), values }
}

// ---------------------------------------------------------------------------------------------------------
// The options of a slash command
// ---------------------------------------------------------------------------------------------------------

/** The options in the rest of a slash command's line, or what is wrong with it. */
export type Values =
  | { readonly _tag: "Values"; readonly values: Readonly<Record<string, string>> }
  | { readonly _tag: "Wrong"; readonly reason: string }

/**
 * Reads `name:value name:value`. A value runs to the next name of `names`; in double quotes it may have
 * anything, with `\"` for a quote and `\\` for a backslash.
 */
export const options = (text: string, names: ReadonlyArray<string>): Values => {
  const values: Record<string, string> = {}
  const known = new Set(names)
  let rest = text.trim()
  while (rest !== "") {
    const name = /^([^\s:"]+):/u.exec(rest)?.[1]
    if (name === undefined) {
      return wrong(
        `“${rest}” belongs to no option. ${names.length === 0 ? "There are no options here" : `Write ${names.map((one) => `${one}:…`).join(" ")}`}`,
      )
    }
    if (Object.hasOwn(values, name)) return wrong(`${name}: is given twice`)
    const { after, value } = readValue(rest.slice(name.length + 1).trimStart(), known)
    if (value === undefined) return wrong(`${name}: has no value`)
    values[name] = value
    rest = after.trimStart()
  }
  return { _tag: "Values", values }
}

/** A value as `options` reads it back. */
export const quoted = (value: string): string => `"${value.replace(/["\\]/gu, "\\$&")}"`

const wrong = (reason: string): Values => ({ _tag: "Wrong", reason })

const readValue = (
  text: string,
  known: ReadonlySet<string>,
): { readonly value: string | undefined; readonly after: string } => {
  const inQuotes = /^"((?:[^"\\]|\\.)*)"(?=\s|$)/su.exec(text)
  if (inQuotes !== null) {
    const [whole, inner = ""] = inQuotes
    return { value: inner.replace(/\\(["\\])/gu, "$1"), after: text.slice(whole.length) }
  }
  let end = text.length
  for (const match of text.matchAll(/(^|\s)([^\s:"]+):/gu)) {
    if (!known.has(match[2] ?? "")) continue
    end = match.index
    break
  }
  const value = text.slice(0, end).trim()
  return { value: value === "" ? undefined : value, after: text.slice(end) }
}
