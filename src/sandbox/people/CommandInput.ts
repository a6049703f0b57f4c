/**
 * What a person fills into a command: raw values by option name, turned into what Discord's own client would
 * send, or refused with what is accepted.
 *
 * Users, members, channels and roles may be given as a mention, an id or a name; numbers and booleans as text. By name
 * members come first, and after them who is not in the guild, so that somebody can be unbanned. Of channels there are
 * those that the person sees.
 *
 * @module
 */
import { Data } from "effect"
import { ApplicationCommandOptionType as Option } from "discord-api-types/v10"
import { isObject } from "../form/Form.js"
import type { Channel, Command, Guild, Json } from "../model/Model.js"
import * as Wire from "../world/Wire.js"
import type { World } from "../world/World.js"

/** A value as a person gives it. A file is given by bytes. */
export type Value = string | number | boolean | Attachment

export interface Attachment {
  readonly name: string
  readonly contentType?: string
  readonly bytes: Uint8Array
}

/** Discord: 10 MiB for a file, 6,000 characters for a text, numbers from -2^53 to 2^53. */
export const fileLimit = 10 * 1024 * 1024
const longestText = 6_000
const largestNumber = 2 ** 53

/** Something in the input does not fit the command. */
export class InvalidInput extends Data.TaggedError("InvalidInput")<{
  readonly command: string
  /** The option, or the subcommand that is missing. */
  readonly option: string
  readonly problem:
    | "UnknownOption"
    | "MissingOption"
    | "UnknownSubcommand"
    | "WrongType"
    | "NotAChoice"
    | "OutOfBounds"
    | "NotFound"
  /** What would be accepted, in words. */
  readonly accepted: string
}> {
  override get message() {
    return `/${this.command}, ${this.option}: ${sentences[this.problem]}. Accepted: ${this.accepted}`
  }
}

const sentences = {
  UnknownOption: "there is no such option",
  MissingOption: "this option is required",
  UnknownSubcommand: "there is no such subcommand",
  WrongType: "this is not of the option's type",
  NotAChoice: "this is not one of the choices",
  OutOfBounds: "this is out of bounds",
  NotFound: "nothing of that name is here",
}

/** Where the input is given. */
export interface Place {
  readonly world: World
  /** Whose input it is: what they do not see cannot be named. */
  readonly userId: string
  readonly channel: Channel
  readonly guild: Guild | undefined
  readonly store: (attachment: Attachment) => Json
}

/** The `data` of an interaction, as far as options go. */
export interface Filled {
  readonly options: ReadonlyArray<Json>
  readonly resolved: Json
}

/**
 * Fills a command. `path` is the subcommand's path below the command (`[]`, `["add"]`, `["list", "all"]`).
 * `focused` names the option that is being typed, one that completes itself: it and what is missing are then not
 * checked.
 */
export const fill = (
  place: Place,
  command: Command,
  path: ReadonlyArray<string>,
  values: Readonly<Record<string, Value>>,
  focused?: string,
): Filled => {
  const resolved: Record<string, Json> = {}
  const name = [command.name, ...path].join(" ")
  const descend = (declared: ReadonlyArray<Json>, rest: ReadonlyArray<string>): ReadonlyArray<Json> => {
    const subcommands = declared.filter((one) => isNested(one))
    const [next, ...below] = rest
    if (subcommands.length === 0) {
      if (next !== undefined) throw invalid(name, next, "UnknownSubcommand", "no subcommand")
      return read(declared)
    }
    const chosen = subcommands.find((one) => one["name"] === next)
    if (chosen === undefined)
      throw invalid(name, next ?? "subcommand", "UnknownSubcommand", names(subcommands))
    return [{ type: chosen["type"], name: chosen["name"], options: descend(list(chosen["options"]), below) }]
  }
  const read = (declared: ReadonlyArray<Json>): ReadonlyArray<Json> => {
    for (const given of Object.keys(values)) {
      if (!declared.some((one) => one["name"] === given)) {
        throw invalid(name, given, "UnknownOption", declared.length === 0 ? "no options" : names(declared))
      }
    }
    const completes = declared.filter((one) => one["autocomplete"] === true)
    if (focused !== undefined && !completes.some((one) => one["name"] === focused)) {
      const which = completes.length === 0 ? "none: no option here completes itself" : names(completes)
      throw invalid(name, focused, "UnknownOption", which)
    }
    return declared.flatMap((option) => {
      const key = String(option["name"])
      const given = values[key]
      if (key === focused)
        return [{ type: option["type"], name: key, value: String(given ?? ""), focused: true }]
      if (given === undefined) {
        if (option["required"] === true && focused === undefined)
          throw invalid(name, key, "MissingOption", accepted(option))
        return []
      }
      const value = converted(place, name, option, given, resolved, focused !== undefined)
      return value === undefined ? [] : [{ type: option["type"], name: key, value }]
    })
  }
  return { options: descend(list(command.raw["options"]), path), resolved }
}

/** A value in its option's type. While somebody still types elsewhere, one that does not fit is left out. */
const converted = (
  place: Place,
  command: string,
  option: Json,
  given: Value,
  resolved: Record<string, Json>,
  typing: boolean,
): string | number | boolean | undefined => {
  try {
    return convert(place, command, option, given, resolved)
  } catch (error) {
    if (typing && error instanceof InvalidInput) return undefined
    throw error
  }
}

const list = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one) => isObject(one)) : []

const isNested = (option: Json): boolean =>
  option["type"] === Option.Subcommand || option["type"] === Option.SubcommandGroup

const names = (options: ReadonlyArray<Json>): string => options.map((one) => String(one["name"])).join(", ")

const invalid = (command: string, option: string, problem: InvalidInput["problem"], what: string) =>
  new InvalidInput({ command, option, problem, accepted: what })

const typeNames: Readonly<Record<number, string>> = {
  [Option.String]: "text",
  [Option.Integer]: "a whole number",
  [Option.Boolean]: "true or false",
  [Option.User]: "a user: @name, id or mention",
  [Option.Channel]: "a channel: #name, id or mention",
  [Option.Role]: "a role: @name, id or mention",
  [Option.Mentionable]: "a user or a role",
  [Option.Number]: "a number",
  [Option.Attachment]: "a file of at most 10 MiB",
}

const accepted = (option: Json): string => {
  const choices = list(option["choices"])
  if (choices.length > 0) return choices.map((choice) => String(choice["name"])).join(", ")
  const base = typeNames[Number(option["type"])] ?? "a value"
  const from = option["min_value"] ?? option["min_length"]
  const to = option["max_value"] ?? option["max_length"]
  const unit = option["type"] === Option.String ? " characters" : ""
  if (from === undefined && to === undefined) return base
  return (
    `${base} ${from === undefined ? "" : `from ${String(from)} `}${to === undefined ? "" : `up to ${String(to)}`}`.trimEnd() +
    unit
  )
}

const convert = (
  place: Place,
  command: string,
  option: Json,
  given: Value,
  resolved: Record<string, Json>,
): string | number | boolean => {
  const refuse = (problem: InvalidInput["problem"]) =>
    invalid(command, String(option["name"]), problem, accepted(option))
  const type = Number(option["type"])
  if (type === Option.Attachment) {
    if (typeof given !== "object") throw refuse("WrongType")
    if (given.bytes.length > fileLimit) throw refuse("OutOfBounds")
    const stored = place.store(given)
    const id = String(stored["id"])
    note(resolved, "attachments", id, stored)
    return id
  }
  if (typeof given === "object") throw refuse("WrongType")
  switch (type) {
    case Option.String: {
      const text = String(given)
      const choice = chosen(option, text)
      if (choice === null) throw refuse("NotAChoice")
      // Discord's client sends no text without a character.
      if (text === "") throw invalid(command, String(option["name"]), "OutOfBounds", "1 character or more")
      const { max_length: max = longestText, min_length: min } = option
      const length = [...text].length
      if ((typeof min === "number" && length < min) || (typeof max === "number" && length > max))
        throw refuse("OutOfBounds")
      return choice ?? text
    }
    case Option.Integer:
    case Option.Number: {
      const choice = chosen(option, String(given))
      if (choice === null) throw refuse("NotAChoice")
      if (choice !== undefined) return choice
      const number =
        typeof given === "number" ? given : String(given).trim() === "" ? Number.NaN : Number(given)
      if (!Number.isFinite(number) || (type === Option.Integer && !Number.isSafeInteger(number)))
        throw refuse("WrongType")
      if (Math.abs(number) > largestNumber) throw refuse("OutOfBounds")
      const { max_value: max, min_value: min } = option
      if ((typeof min === "number" && number < min) || (typeof max === "number" && number > max))
        throw refuse("OutOfBounds")
      return number
    }
    case Option.Boolean: {
      const text = String(given).toLowerCase()
      if (["true", "yes", "on"].includes(text)) return true
      if (["false", "no", "off"].includes(text)) return false
      throw refuse("WrongType")
    }
    default: {
      const id = resolve(place, type, String(given), resolved, option)
      if (id === undefined) throw refuse("NotFound")
      return id
    }
  }
}

/** The value of a choice by its name or value; `undefined` without choices, `null` where none fits. */
const chosen = (option: Json, text: string): string | number | null | undefined => {
  const choices = list(option["choices"])
  if (choices.length === 0) return undefined
  const found =
    choices.find((choice) => String(choice["value"]) === text) ??
    choices.find((choice) => String(choice["name"]).toLowerCase() === text.toLowerCase())
  const value = found?.["value"]
  return typeof value === "string" || typeof value === "number" ? value : null
}

/** Finds what a mention, an id or a name means, and notes it among the resolved. */
export const resolve = (
  place: Place,
  type: Option,
  text: string,
  resolved: Record<string, Json>,
  option: Json = {},
): string | undefined => {
  const { guild, userId, world } = place
  if (type === Option.User || type === Option.Mentionable) {
    const user = world.findUser(text, guild)
    if (user !== undefined) {
      noteUser(place, user.id, resolved)
      return user.id
    }
    if (type === Option.User) return undefined
  }
  if (type === Option.Role || type === Option.Mentionable) {
    const wanted = /^<@&(\d+)>$/.exec(text)?.[1] ?? text.replace(/^@/, "")
    const role = [...(guild?.roles.values() ?? [])].find(
      (one) => one.id === wanted || one.name.toLowerCase() === wanted.toLowerCase(),
    )
    if (role !== undefined) note(resolved, "roles", role.id, Wire.role(role))
    return role?.id
  }
  const wanted = /^<#(\d+)>$/.exec(text)?.[1] ?? text.replace(/^#/, "")
  const types = option["channel_types"]
  const here = guild === undefined ? [place.channel] : [...guild.channels.values(), ...guild.threads.values()]
  const channel = here.find(
    (one) =>
      (one.id === wanted || one.name === wanted) &&
      (!Array.isArray(types) || types.includes(one.type)) &&
      world.canSee(userId, one),
  )
  if (channel !== undefined) {
    note(resolved, "channels", channel.id, {
      ...Wire.channel(world, channel),
      // Discord: of who asks; the bot's own stand beside them.
      permissions: world.permissions(userId, channel).toString(),
      app_permissions: world.permissions(world.bot.id, channel).toString(),
    })
  }
  return channel?.id
}

/** Notes a user, and their membership, among the resolved. */
export const noteUser = (
  { channel, guild, world }: Place,
  id: string,
  resolved: Record<string, Json>,
): void => {
  note(resolved, "users", id, Wire.user(world.user(id)))
  const member = guild?.members.get(id)
  if (member !== undefined) {
    // Discord: without `deaf` and `mute`.
    const { deaf: _deaf, mute: _mute, ...shown } = Wire.memberAlone(member)
    note(resolved, "members", id, {
      ...shown,
      permissions: world.permissions(id, channel).toString(),
    })
  }
}

const note = (resolved: Record<string, Json>, family: string, id: string, what: Json): void => {
  resolved[family] = { ...resolved[family], [id]: what }
}
