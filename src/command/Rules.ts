/**
 * Discord's rules for a command's declaration, checked while the command is built.
 *
 * Numbers from Discord's documentation of application commands: names of 1–32 characters, descriptions of
 * 1–100, 25 options, 25 choices with names and values of 1–100, 25 subcommands, two levels below the top,
 * 8,000 characters over everything that is shown.
 *
 * @module
 */
import type { From, Place } from "../interaction/Interaction.js"
import { InvalidCommand } from "./CommandError.js"
import type { Choice, Param, Params } from "./Param.js"
import type { Any, Group, Leaf } from "./Spec.js"

const CHAT_INPUT_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u
const MAX_DESCRIPTION = 100
const MAX_OPTIONS = 25
const MAX_CHOICES = 25
const MAX_CHOICE = 100
const MAX_TEXT = 6000
const MAX_COMBINED = 8000

/** Throws `InvalidCommand` for the first rule that the command breaks. */
export const check = (command: Any): void => {
  const place = `command "${command.name}"`
  checkNames(command, place)
  if (command.body._tag === "Group") checkGroup(command.body, place, 1)
  else checkLeaf(command.body, place)
  const length = combined(command)
  if (length > MAX_COMBINED) {
    fail(
      place,
      `all names, descriptions and choices have ${length} characters; Discord takes ${MAX_COMBINED}`,
    )
  }
}

const PLACES: ReadonlySet<string> = new Set<Place>(["guild", "dm", "both"])
const WAYS: ReadonlySet<string> = new Set<From>(["slash", "message", "userMenu", "messageMenu"])

const fail = (place: string, reason: string): never => {
  throw new InvalidCommand({ place, reason })
}

const checkNames = (command: Any, place: string): void => {
  if (isMenuOnly(command)) checkMenuName(command.name, `${place} → name`)
  else checkName(command.name, `${place} → name`)
  checkDescription(command.description, `${place} → description`)
}

const isMenuOnly = ({ body }: Any): boolean =>
  body._tag === "Leaf" &&
  Array.isArray(body.from) &&
  body.from.every((from) => from === "userMenu" || from === "messageMenu")

/** A context menu may have capitals and spaces in its name. */
const checkMenuName = (name: string, place: string): void => {
  if (typeof name !== "string" || name.trim() !== name || name.length < 1 || name.length > 32) {
    fail(place, `"${name}" must be 1 to 32 characters, without spaces around them`)
  }
}

const checkName = (name: string, place: string): void => {
  if (!CHAT_INPUT_NAME.test(name)) {
    fail(place, `"${name}" must be 1 to 32 letters, digits, "-" or "_"`)
  }
  if (name !== name.toLowerCase()) fail(place, `"${name}" must be in lower case`)
}

const checkDescription = (description: string, place: string): void => {
  if (typeof description !== "string") fail(place, "is missing")
  const length = description.length
  if (length < 1 || length > MAX_DESCRIPTION) {
    fail(place, `must have 1 to ${MAX_DESCRIPTION} characters, has ${length}`)
  }
}

const checkGroup = (group: Group, place: string, level: number): void => {
  if (group.children.length === 0) fail(place, "a group needs at least one command in it")
  if (group.children.length > MAX_OPTIONS) {
    fail(place, `has ${group.children.length} commands; Discord takes ${MAX_OPTIONS}`)
  }
  unique(
    group.children.map(({ name }) => name),
    place,
    "command",
  )
  for (const child of group.children) {
    const inside = `${place} → "${child.name}"`
    checkNames(child, inside)
    if (child.body._tag === "Group") {
      if (level === 2) fail(inside, "groups can be nested only once")
      checkGroup(child.body, inside, level + 1)
    } else {
      checkLeaf(child.body, inside)
      const menus = child.body.from.filter((from) => from === "userMenu" || from === "messageMenu")
      if (menus.length > 0) fail(inside, "a context menu cannot stand in a group")
    }
  }
}

const checkLeaf = (leaf: Leaf<unknown, unknown>, place: string): void => {
  // The compiler sees to these, unless the values are computed or the author writes JavaScript.
  if (!PLACES.has(leaf.place))
    fail(`${place} → in`, `"${leaf.place}" must be one of ${[...PLACES].join(", ")}`)
  if (!Array.isArray(leaf.from)) fail(`${place} → from`, `must be a list of ${[...WAYS].join(", ")}`)
  for (const from of leaf.from) {
    if (!WAYS.has(from)) fail(`${place} → from`, `"${from}" must be one of ${[...WAYS].join(", ")}`)
  }
  if (typeof leaf.handler !== "function") fail(`${place} → handler`, "is missing")
  if (leaf.permissions !== undefined && leaf.permissions < 0n) {
    fail(`${place} → permissions`, `${leaf.permissions} is no set of permission bits`)
  }
  const entries = Object.entries(leaf.params)
  if (leaf.from.length === 0) fail(`${place} → from`, "must name at least one way of calling it")
  if (entries.length > MAX_OPTIONS) fail(place, `has ${entries.length} params; Discord takes ${MAX_OPTIONS}`)
  for (const [name, param] of entries) checkParam(name, param, leaf, `${place} → param "${name}"`)
  checkMenu(leaf, "userMenu", ["user", "member"], place)
  checkMenu(leaf, "messageMenu", ["message"], place)
}

const checkMenu = (
  leaf: Leaf<unknown, unknown>,
  from: "userMenu" | "messageMenu",
  kinds: ReadonlyArray<string>,
  place: string,
): void => {
  if (!leaf.from.includes(from)) return
  const target = menuTarget(leaf.params, from)
  if (target === undefined) {
    fail(
      place,
      `is called from a ${from}, so it needs a param of kind ${kinds.join(" or ")} for what was picked`,
    )
  }
  const other = Object.entries(leaf.params).find(([name, param]) => name !== target && !param.optional)
  if (other !== undefined) {
    fail(`${place} → param "${other[0]}"`, `must be optional: a ${from} gives nothing but what was picked`)
  }
}

/** The parameter that takes what was picked: the first of the right kind. */
export const menuTarget = (params: Params, from: "userMenu" | "messageMenu"): string | undefined =>
  Object.entries(params).find(([, { kind }]) =>
    from === "messageMenu" ? kind === "message" : kind === "user" || kind === "member",
  )?.[0]

const checkParam = (
  name: string,
  param: Param<unknown>,
  leaf: Leaf<unknown, unknown>,
  place: string,
): void => {
  if (typeof param !== "object" || typeof param.decode !== "function") fail(place, "is not made by Param")
  checkName(name, `${place} → name`)
  checkDescription(param.description, `${place} → description`)
  if (param.kind === "member" && leaf.place !== "guild") {
    fail(place, 'members exist only in a server: declare the command with in: "guild", or take a user')
  }
  if (param.kind === "message" && leaf.from.includes("slash") && !param.optional) {
    fail(place, "a slash command cannot take a message: make it optional, or leave out slash")
  }
  if (param.suggest !== undefined) checkSuggest(param, place)
  if (param.choices !== undefined) checkChoices(param.choices, param, place)
  if (param.kind === "string") {
    for (const [what, value] of [
      ["min", param.min],
      ["max", param.max],
    ] as const) {
      const least = what === "max" ? 1 : 0
      if (value !== undefined && (!Number.isInteger(value) || value < least || value > MAX_TEXT)) {
        fail(`${place} → ${what}`, `must be a whole number from ${least} to ${MAX_TEXT}, is ${value}`)
      }
    }
  }
  if (param.kind === "integer" || param.kind === "number") checkBounds(param, place)
  if (param.min !== undefined && param.max !== undefined && param.min > param.max) {
    fail(place, `min ${param.min} is above max ${param.max}`)
  }
}

const checkSuggest = ({ choices, kind }: Param<unknown>, place: string): void => {
  if (kind !== "string" && kind !== "integer" && kind !== "number") {
    fail(`${place} → autocomplete`, `Discord completes strings, integers and numbers, not a ${kind}`)
  }
  if (choices !== undefined)
    fail(`${place} → autocomplete`, "it has choices already; Discord takes one or the other")
}

const checkBounds = (param: Param<unknown>, place: string): void => {
  for (const [what, value] of [
    ["min", param.min],
    ["max", param.max],
  ] as const) {
    if (value === undefined) continue
    const sound = param.kind === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value)
    if (!sound)
      fail(
        `${place} → ${what}`,
        `${value} is not ${param.kind === "integer" ? "a whole number" : "a number"} within ±2^53`,
      )
  }
}

const checkChoices = (choices: ReadonlyArray<Choice>, param: Param<unknown>, place: string): void => {
  if (choices.length === 0 || choices.length > MAX_CHOICES) {
    fail(`${place} → choices`, `must be 1 to ${MAX_CHOICES}, are ${choices.length}`)
  }
  unique(
    choices.map(({ name }) => name),
    `${place} → choices`,
    "choice",
  )
  for (const { name, value } of choices) {
    if (name.length < 1 || name.length > MAX_CHOICE) {
      fail(`${place} → choice "${name}"`, `its name must have 1 to ${MAX_CHOICE} characters`)
    }
    if (typeof value === "string" && (value.length < 1 || value.length > MAX_CHOICE)) {
      fail(`${place} → choice "${name}"`, `its value must have 1 to ${MAX_CHOICE} characters`)
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      fail(`${place} → choice "${name}"`, `its value ${value} is not a number`)
    }
    if (typeof value === "number" && param.kind === "integer" && !Number.isSafeInteger(value)) {
      fail(`${place} → choice "${name}"`, `its value ${value} is not a whole number`)
    }
  }
}

const unique = (names: ReadonlyArray<string>, place: string, what: string): void => {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) fail(place, `has two ${what}s named "${name}"`)
    seen.add(name)
  }
}

const combined = (command: Any): number => {
  const own = command.name.length + command.description.length
  const body = command.body
  if (body._tag === "Group") return body.children.reduce((sum, child) => sum + combined(child), own)
  return Object.entries(body.params).reduce(
    (sum, [name, { choices, description }]) =>
      sum +
      name.length +
      description.length +
      (choices ?? []).reduce((all, choice) => all + choice.name.length + String(choice.value).length, 0),
    own,
  )
}
