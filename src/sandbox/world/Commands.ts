/**
 * Application commands: what is registered, what a bot is shown of it, and what people find.
 *
 * A command that did not change keeps its version. Limits: Discord Developer Docs, "Application Commands"
 * (100 slash, 15 user and 15 message commands for each scope; 200 new ones a day for each scope).
 *
 * @module
 */
import { ApplicationCommandType as Kind } from "discord-api-types/v10"
import { ApiError, tooManyCommandsMade, unknownCommand } from "../model/ApiError.js"
import * as CommandForm from "../form/CommandForm.js"
import { Form, isObject } from "../form/Form.js"
import type { Command, Json } from "../model/Model.js"
import type { World } from "./World.js"

/** How many of each kind one scope may have. */
export const limits: Readonly<Record<number, number>> = {
  [Kind.ChatInput]: 100,
  [Kind.User]: 15,
  [Kind.Message]: 15,
}

/** Discord: new commands of one scope in a day. */
export const perDay = 200
const day = 86_400_000

/** The commands of a guild, or (`null`) the global ones, in the order of their making. */
export const list = (world: World, guildId: string | null): ReadonlyArray<Command> =>
  [...world.commands.values()].filter((command) => command.guildId === guildId)

/** Refuses with 10063 where the scope has no such command. */
export const get = (world: World, guildId: string | null, id: string): Command => {
  const command = world.commands.get(id)
  if (command === undefined || command.guildId !== guildId) throw unknownCommand()
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
  CommandForm.check(form, body, guildId === null)
  form.done()
  const kind = CommandForm.kindOf(body)
  const same = list(world, guildId).filter((command) => command.type === kind)
  const twin = same.find((command) => command.name === body["name"])
  if (twin === undefined) {
    needRoom(kind, same.length + 1)
    count(world, guildId, 1)
  }
  return { command: store(world, guildId, body, twin), created: twin === undefined }
}

/** Replaces all commands of a scope. One of a name and kind that was there keeps its id and is not new. */
export const overwrite = (world: World, guildId: string | null, bodies: unknown): ReadonlyArray<Command> => {
  const form = Form.make()
  if (bodies === undefined || bodies === null) form.required()
  const seen = new Set<string>()
  const key = (type: number, name: string): string => `${type}:${name}`
  const keyOf = (body: Json): string =>
    key(CommandForm.kindOf(body), typeof body["name"] === "string" ? body["name"] : "")
  const read = form.each(bodies, 130, (at, body) => {
    CommandForm.check(at, body, guildId === null)
    if (seen.has(keyOf(body)))
      at.fail("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    seen.add(keyOf(body))
    return body
  })
  form.done()
  const wanted = read ?? []
  for (const kind of Object.keys(limits).map(Number))
    needRoom(kind, wanted.filter((body) => CommandForm.kindOf(body) === kind).length)
  const before = new Map(list(world, guildId).map((command) => [key(command.type, command.name), command]))
  count(world, guildId, [...seen].filter((one) => !before.has(one)).length)
  for (const command of before.values()) world.commands.delete(command.id)
  const after = wanted.map((body) => store(world, guildId, body, before.get(keyOf(body))))
  for (const command of before.values()) if (!world.commands.has(command.id)) forget(world, command)
  return after
}

/** Changes what the body names. A name that another command of the kind has is refused. */
export const change = (world: World, command: Command, body: Json): Command => {
  const merged: Json = { ...command.raw, ...body, type: command.type }
  const form = Form.make()
  CommandForm.check(form, merged, command.guildId === null)
  const taken = list(world, command.guildId).some(
    (one) => one.id !== command.id && one.type === command.type && one.name === merged["name"],
  )
  if (taken) form.fail("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
  form.done()
  return store(world, command.guildId, merged, command)
}

/** Takes a command away, with who might use it. */
export const remove = (world: World, command: Command): void => {
  world.commands.delete(command.id)
  forget(world, command)
}

/**
 * A command as a list shows it: with all translations where they are asked for; otherwise without them, but with
 * the one text for `locale`, where there is one.
 */
export const shown = (
  command: Command,
  options: { readonly localizations: boolean; readonly locale: string | null },
): Json => (options.localizations ? command.raw : localized(command.raw, options.locale))

const translated = ["name", "description"] as const

const localized = (one: Json, locale: string | null): Json => {
  const shown: Json = { ...one }
  for (const field of translated) {
    const texts = one[`${field}_localizations`]
    const text = isObject(texts) && locale !== null && Object.hasOwn(texts, locale) ? texts[locale] : null
    delete shown[`${field}_localizations`]
    if (text !== null) shown[`${field}_localized`] = text
  }
  for (const key of ["options", "choices"]) {
    const below = one[key]
    if (Array.isArray(below))
      shown[key] = below.map((each) => (isObject(each) ? localized(each, locale) : each))
  }
  return shown
}

const needRoom = (kind: number, wanted: number): void => {
  const limit = limits[kind] ?? 0
  if (wanted <= limit) return
  const reason = `Maximum number of application commands reached (${limit})`
  throw new ApiError({ status: 400, code: 30032, reason })
}

/** Counts new commands against the day's limit: 30034 where that is reached. */
const count = (world: World, guildId: string | null, made: number): void => {
  const now = world.now()
  const recent = (world.commandsMade.get(guildId ?? "") ?? []).filter((at) => now - at < day)
  if (made > 0 && recent.length + made > perDay) throw tooManyCommandsMade()
  world.commandsMade.set(guildId ?? "", [...recent, ...Array.from({ length: made }, () => now)])
}

const forget = (world: World, command: Command): void => {
  for (const guild of world.guilds.values()) world.commandPermissions.of(guild).delete(command.id)
}

const store = (world: World, guildId: string | null, body: Json, twin: Command | undefined): Command => {
  const kind = CommandForm.kindOf(body)
  const slash = kind === Kind.ChatInput
  const permissions = body["default_member_permissions"]
  const name = String(body["name"])
  const made: Json = {
    id: twin?.id ?? world.id(),
    application_id: world.bot.id,
    type: kind,
    name,
    name_localizations: body["name_localizations"] ?? null,
    description: slash ? body["description"] : "",
    description_localizations: slash ? (body["description_localizations"] ?? null) : null,
    default_member_permissions:
      permissions === undefined || permissions === null ? null : BigInt(String(permissions)).toString(),
    nsfw: body["nsfw"] === true,
    ...(slash ? { options: CommandForm.kept(body["options"]) } : {}),
    ...(guildId === null ? reach(body) : { guild_id: guildId }),
  }
  const { version: before, ...known } = twin?.raw ?? {}
  const same = twin !== undefined && canonical(known) === canonical(made)
  const raw: Json = { ...made, version: same ? before : world.id() }
  const command: Command = { id: String(made["id"]), type: kind, name, guildId, raw }
  world.commands.set(command.id, command)
  return command
}

/** Where a global command can be used: `contexts` rules, and without it the older `dm_permission`. */
const reach = (body: Json): Json => {
  const contexts = body["contexts"]
  const given = Array.isArray(contexts) ? contexts : null
  return {
    dm_permission: given === null ? body["dm_permission"] !== false : given.includes(1),
    contexts: given,
    integration_types: body["integration_types"] ?? [0],
  }
}

/** The same text for the same values, whatever the order of fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  )
