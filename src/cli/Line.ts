/**
 * One line of the chat, as it was typed.
 *
 * ```
 * /ping text:hello there          a slash command; a value runs to the next option, or stands in quotes
 * /userinfo (user) @dan           a user menu command        /Quote (message)   on the newest message
 * !ping hello                     anything else is a message
 * click "Yes"      [Yes]          presses a button
 * pick "red", "blue"              chooses in the newest menu
 * pick menu:"Colour" "red"        [Colour] red, blue         in the menu of that name
 * submit name:"Ada" age:42        fills in the form on the screen
 * say "look" file:notes.txt       a message with a file; say "…" also says what would mean something else
 * react 👍     react 👍 "text"    adds a reaction to the newest message, or to the newest with that text
 * delete       delete "text"      deletes the bot's newest message, or the newest with that text
 * suggest /paint colour:re        what the bot suggests for the last option
 * dms off      dms on             takes no direct messages of the bot, or does again
 * join @dora   leave @dora        comes into the server, made up where there is no such person, or leaves it
 * leave @Bosun join @Bosun        the bot is put out of the server, or let in again
 * flood 1000   flood 50 "text"    writes so many messages at once
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
  /** `files` are names of files. */
  | { readonly _tag: "Say"; readonly text: string; readonly files: ReadonlyArray<string> }
  /** `text` is everything after the slash. */
  | { readonly _tag: "Slash"; readonly text: string }
  | {
      readonly _tag: "Menu"
      readonly on: "user" | "message"
      readonly command: string
      /** Empty for whoever acts, or the newest message. */
      readonly target: string
    }
  /** With values where it was meant for a menu. */
  | { readonly _tag: "Press"; readonly label: string; readonly values: ReadonlyArray<string> }
  /** Without a menu in the newest one. */
  | { readonly _tag: "Pick"; readonly menu: string | undefined; readonly values: ReadonlyArray<string> }
  /** `text` is everything after the word. */
  | { readonly _tag: "Submit"; readonly text: string }
  /** Without a text the newest message. */
  | { readonly _tag: "React"; readonly emoji: string; readonly text: string | undefined }
  /** Without a text the bot's newest message. */
  | { readonly _tag: "Delete"; readonly text: string | undefined }
  /** `text` is everything after the slash; its last option is the one that is being typed. */
  | { readonly _tag: "Suggest"; readonly text: string }
  | { readonly _tag: "Dms"; readonly open: boolean }
  /** `name` without `@`. */
  | { readonly _tag: "Join" | "Leave"; readonly name: string }
  /** Without a text the messages are numbered. */
  | { readonly _tag: "Flood"; readonly count: number; readonly text: string | undefined }

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

/** The line with whose it is, who otherwise is `person`. */
export const attributed = (line: string, person: string): string => {
  const text = line.trim()
  const found = head.exec(text)
  if (found === null) return `${person}> ${text}`
  return found[1] === undefined ? `${person} ${text}` : text
}

const deed = (body: string): Deed => {
  const menu = /^\/(\S.*?)\s*\((user|message)\)\s*(\S*)$/u.exec(body)
  if (menu !== null) {
    const [, command = "", on, target = ""] = menu
    return { _tag: "Menu", on: on === "user" ? "user" : "message", command, target }
  }
  if (body.startsWith("/")) return { _tag: "Slash", text: body.slice(1).trim() }
  const press = /^\[([^\][]+)\]\s*(.*)$/u.exec(body)
  if (press !== null) {
    const [, label = "", rest = ""] = press
    return { _tag: "Press", label: label.trim(), values: list(rest) }
  }
  const dms = /^dms\s+(on|off)$/u.exec(body)
  if (dms !== null) return { _tag: "Dms", open: dms[1] === "on" }
  const move = /^(join|leave)\s+@([\p{L}\p{N}_.]+)$/u.exec(body)
  if (move !== null) return { _tag: move[1] === "join" ? "Join" : "Leave", name: move[2] ?? "" }
  const flood = /^flood\s+(\d{1,9})(?:\s+("(?:[^"\\]|\\.)+"))?$/su.exec(body)
  if (flood !== null) return { _tag: "Flood", count: Number(flood[1]), text: textOf(flood[2]) }
  const suggest = /^suggest\s+\/(\S.*)$/su.exec(body)
  if (suggest !== null) return { _tag: "Suggest", text: suggest[1] ?? "" }
  const react =
    /^react\s+([^\s"]*[\p{Extended_Pictographic}\p{RI}\u20e3][^\s"]*)(?:\s+("(?:[^"\\]|\\.)+"))?$/su.exec(
      body,
    )
  if (react !== null) return { _tag: "React", emoji: react[1] ?? "", text: textOf(react[2]) }
  const remove = /^delete(?:\s+("(?:[^"\\]|\\.)+"))?$/su.exec(body)
  if (remove !== null) return { _tag: "Delete", text: textOf(remove[1]) }
  const [, word, rest = ""] = /^(click|pick|submit|say)(?:\s+(.*))?$/su.exec(body) ?? []
  return (
    (word === undefined ? undefined : worded(word, rest.trim())) ?? { _tag: "Say", text: body, files: [] }
  )
}

const textOf = (quoted: string | undefined): string | undefined =>
  quoted === undefined ? undefined : unquote(quoted)

/** What one of the words means; undefined where it is only how a sentence begins. */
const worded = (word: string, rest: string): Deed | undefined => {
  switch (word) {
    case "click":
      return rest === "" ? undefined : { _tag: "Press", label: unquote(rest), values: [] }
    case "submit":
      return { _tag: "Submit", text: rest }
    case "pick": {
      const menu = /^menu:\s*("(?:[^"\\]|\\.)*"|\S+)\s*/u.exec(rest)
      const values = list(menu === null ? rest : rest.slice(menu[0].length))
      if (menu === null && values.length === 0) return undefined
      return { _tag: "Pick", menu: menu === null ? undefined : unquote(menu[1] ?? ""), values }
    }
    default: {
      const said = /^("(?:[^"\\]|\\.)*")?((?:(?:^|\s+)file:(?:"(?:[^"\\]|\\.)*"|\S+))*)$/su.exec(rest)
      if (said === null || rest === "") return undefined
      const files = Array.from((said[2] ?? "").matchAll(/file:("(?:[^"\\]|\\.)*"|\S+)/gu), (one) =>
        unquote(one[1] ?? ""),
      )
      return { _tag: "Say", text: unquote(said[1] ?? ""), files }
    }
  }
}

/** Values between commas; in double quotes a value may have commas. */
export const list = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,"]+/gsu), (one) =>
    one[1] === undefined ? one[0].trim() : one[1].replace(/\\(["\\])/gu, "$1"),
  ).filter((value) => value !== "")

const unquote = (text: string): string => {
  const inner = /^"((?:[^"\\]|\\.)*)"$/su.exec(text)?.[1]
  return inner === undefined ? text : inner.replace(/\\(["\\])/gu, "$1")
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

/** The option at the end of a line, which is still being typed, and all values; what has none yet has none. */
export const typing = (
  text: string,
  names: ReadonlyArray<string>,
): { readonly name: string | undefined; readonly read: Values } => {
  const empty = /(?:^|\s)([^\s:"]+):$/u.exec(text.trim())
  const last = empty === null || !names.includes(empty[1] ?? "") ? undefined : empty
  const read = options(last === undefined ? text : text.trim().slice(0, last.index), names)
  return {
    name: last?.[1] ?? (read._tag === "Values" ? Object.keys(read.values).at(-1) : undefined),
    read,
  }
}

/** How a field of a form is named in a line: by its label, unless the custom id is plainer. */
export const fieldName = (customId: string, label: string): string => {
  const dashed = label.toLowerCase().replace(/[\s_]+/gu, "-")
  return /^[\w-]{1,20}$/u.test(customId) || !/^[^\s:"]{1,45}$/u.test(dashed) ? customId : dashed
}

/** The names in a text that may be those of fields: whatever stands before a colon. */
export const namesIn = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.replace(/"(?:[^"\\]|\\.)*"/gsu, '""').matchAll(/(?:^|\s)([^\s:"]+):/gu),
    (one) => one[1] ?? "",
  )

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
