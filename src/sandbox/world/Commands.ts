/**
 * Application commands: what may be registered, and what is.
 *
 * Limits: Discord Developer Docs, "Application Commands" (100 slash, 15 user and 15 message commands for each
 * scope; 25 options, 25 choices; names 1–32, descriptions 1–100).
 *
 * @module
 */
import { ApplicationCommandOptionType as Option, ApplicationCommandType as Kind } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import { Form, isObject } from "../form/Form.js"
import type { Command, Json } from "../model/Model.js"
import type { World } from "./World.js"

/** How many of each kind one scope may have. */
export const limits: Readonly<Record<number, number>> = {
  [Kind.ChatInput]: 100,
  [Kind.User]: 15,
  [Kind.Message]: 15,
}

/** The commands of a guild, or (`null`) the global ones, in the order of their making. */
export const list = (world: World, guildId: string | null): ReadonlyArray<Command> =>
  [...world.commands.values()].filter((command) => command.guildId === guildId)

/** Refuses with 10063 where the scope has no such command. */
export const get = (world: World, guildId: string | null, id: string): Command => {
  const command = world.commands.get(id)
  if (command === undefined || command.guildId !== guildId) throw ApiError.unknownCommand()
  return command
}

/**
 * What somebody can run in a guild (`null`: in a direct message): its own commands hide global ones of the same name.
 * Where the bot is not, nothing.
 */
export const available = (world: World, guildId: string | null): ReadonlyArray<Command> => {
  if (guildId !== null && world.guilds.get(guildId)?.members.has(world.bot.id) !== true) return []
  const own = guildId === null ? [] : list(world, guildId)
  const taken = new Set(own.map((command) => `${command.type}:${command.name}`))
  return [...own, ...list(world, null).filter((command) => !taken.has(`${command.type}:${command.name}`))]
}

/** Registers one; one of the same name and kind is replaced and keeps its id. */
export const put = (
  world: World,
  guildId: string | null,
  body: Json,
): { readonly command: Command; readonly created: boolean } => {
  const form = Form.make()
  check(form, body)
  form.done()
  const kind = kindOf(body)
  const same = list(world, guildId).filter((command) => command.type === kind)
  const twin = same.find((command) => command.name === body["name"])
  if (twin === undefined && same.length >= (limits[kind] ?? 0)) throw ApiError.tooManyCommands()
  return { command: store(world, guildId, body, twin), created: twin === undefined }
}

/** Replaces all commands of a scope. */
export const overwrite = (world: World, guildId: string | null, bodies: unknown): ReadonlyArray<Command> => {
  const form = Form.make()
  const wanted = form.list(bodies, 130)
  const seen = new Set<string>()
  wanted.forEach((body, index) => {
    check(form.at(index), body)
    const key = `${kindOf(body)}:${String(body["name"])}`
    if (seen.has(key))
      form.at(index).fail("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    seen.add(key)
  })
  form.done()
  for (const [kind, limit] of Object.entries(limits)) {
    if (wanted.filter((body) => kindOf(body) === Number(kind)).length > limit)
      throw ApiError.tooManyCommands()
  }
  const before = list(world, guildId)
  for (const command of before) world.commands.delete(command.id)
  return wanted.map((body) =>
    store(
      world,
      guildId,
      body,
      before.find((one) => one.type === kindOf(body) && one.name === body["name"]),
    ),
  )
}

/** Changes what the body names. */
export const change = (world: World, command: Command, body: Json): Command => {
  const merged = { ...command.raw, ...body, type: command.type }
  const form = Form.make()
  check(form, merged)
  form.done()
  return store(world, command.guildId, merged, command)
}

const kindOf = (body: Json): number => (typeof body["type"] === "number" ? body["type"] : Kind.ChatInput)

const store = (world: World, guildId: string | null, body: Json, twin: Command | undefined): Command => {
  const id = twin?.id ?? world.id()
  const kind = kindOf(body)
  const permissions = body["default_member_permissions"]
  const name = String(body["name"])
  const raw: Json = {
    id,
    application_id: world.bot.id,
    version: world.id(),
    type: kind,
    name,
    name_localizations: body["name_localizations"] ?? null,
    description: kind === Kind.ChatInput ? body["description"] : "",
    description_localizations: body["description_localizations"] ?? null,
    default_member_permissions:
      permissions === undefined || permissions === null ? null : String(permissions),
    nsfw: body["nsfw"] === true,
    ...(kind === Kind.ChatInput ? { options: body["options"] ?? [] } : {}),
    ...(guildId === null
      ? {
          dm_permission: body["dm_permission"] !== false,
          contexts: body["contexts"] ?? null,
          integration_types: body["integration_types"] ?? [0],
        }
      : { guild_id: guildId }),
  }
  const command: Command = { id, type: kind, name, guildId, raw }
  world.commands.set(id, command)
  return command
}

const slashName = /^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$/u

const checkName = (form: Form, value: unknown, slash: boolean): void => {
  const name = form.requiredText(value, { min: 1, max: 32 })
  if (slash && name !== "" && (!slashName.test(name) || name !== name.toLowerCase())) {
    form.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
  }
}

const check = (form: Form, body: Json): void => {
  const kind =
    form.at("type").oneOf(body["type"], [Kind.ChatInput, Kind.User, Kind.Message]) ?? Kind.ChatInput
  checkName(form.at("name"), body["name"], kind === Kind.ChatInput)
  if (kind !== Kind.ChatInput) {
    const description = body["description"]
    if (typeof description === "string" && description !== "") {
      form
        .at("description")
        .fail("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Context menu commands cannot have description")
    }
    return
  }
  form.at("description").requiredText(body["description"], { min: 1, max: 100 })
  checkOptions(form.at("options"), body["options"], 0)
  if (textLength(body) > 8000)
    form.fail("APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
}

const checkOptions = (form: Form, value: unknown, depth: number): void => {
  const names = new Set<string>()
  let optionalSeen = false
  form.list(value, 25).forEach((option, index) => {
    const at = form.at(index)
    const type = at.at("type").integer(option["type"], 1, 11)
    if (option["type"] === undefined) at.at("type").required()
    checkName(at.at("name"), option["name"], true)
    at.at("description").requiredText(option["description"], { min: 1, max: 100 })
    const name = String(option["name"])
    if (names.has(name))
      at.at("name").fail(
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        "Option name already exists in this list",
      )
    names.add(name)
    if (type === Option.Subcommand || type === Option.SubcommandGroup) {
      if (depth > (type === Option.Subcommand ? 1 : 0)) {
        at.at("type").fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type is invalid")
      }
      checkOptions(at.at("options"), option["options"], depth + 1)
      return
    }
    if (option["required"] === true && optionalSeen) {
      at.fail(
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        "Required options must be placed before non-required options",
      )
    }
    if (option["required"] !== true) optionalSeen = true
    checkChoices(at, option, type)
  })
}

const checkChoices = (form: Form, option: Json, type: number | undefined): void => {
  const choices = form.at("choices").list(option["choices"], 25)
  if (choices.length > 0 && option["autocomplete"] === true) {
    form
      .at("autocomplete")
      .fail("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "Autocomplete cannot be used with choices")
  }
  choices.forEach((choice, n) => {
    const at = form.at("choices", n)
    at.at("name").requiredText(choice["name"], { min: 1, max: 100 })
    if (type === Option.String) at.at("value").requiredText(choice["value"], { min: 1, max: 100 })
    else if (typeof choice["value"] !== "number")
      at.at("value").fail("NUMBER_TYPE_COERCE", `Value "${String(choice["value"])}" is not a number.`)
  })
}

const textLength = (value: unknown): number => {
  if (!isObject(value)) return 0
  let total = 0
  for (const key of ["name", "description", "value"]) {
    const text = value[key]
    if (typeof text === "string") total += text.length
  }
  for (const key of ["options", "choices"]) {
    const nested = value[key]
    if (Array.isArray(nested)) for (const one of nested) total += textLength(one)
  }
  return total
}
