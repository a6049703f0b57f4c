/**
 * Gives the commands to Discord: first a plan (what is there against what is declared), then one overwrite.
 *
 * Discord counts creates (200 a day and guild) and hides a command for a moment when it changes, so this runs
 * when asked to, not at every start.
 *
 * @module
 */
import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
  Routes,
} from "discord-api-types/v10"
import { Effect } from "effect"
import type { RestError } from "../DiscordError.js"
import * as Answer from "../rest/Answer.js"
import * as Rest from "../rest/Rest.js"
import { Commands } from "./Commands.js"
import { optionType, type Param } from "./Param.js"
import { type Any, leaves, type Leaf, ordered, permissionsOf } from "./Spec.js"

/** A command as Discord takes it. */
export type Payload = RESTPutAPIApplicationCommandsJSONBody[number]

/** What applying would do, by the commands' shown names. */
export interface Plan {
  readonly create: ReadonlyArray<string>
  readonly change: ReadonlyArray<string>
  readonly delete: ReadonlyArray<string>
  readonly unchanged: ReadonlyArray<string>
}

/** Where to: everywhere, or in one guild, where changes show at once. */
export interface Target {
  readonly guildId?: string
}

/** The declared commands as Discord takes them. `contexts` mean nothing in a guild (Discord), and are left out. */
export const payloads = (commands: ReadonlyArray<Any>, target: Target = {}): ReadonlyArray<Payload> =>
  commands
    .flatMap(payloadsOf)
    .map(({ contexts, ...payload }) =>
      target.guildId === undefined && contexts !== undefined ? { ...payload, contexts } : payload,
    ) as ReadonlyArray<Payload>

/** Compares with what Discord has. Changes nothing. */
export const plan = Effect.fnUntraced(function* (
  target: Target = {},
): Effect.fn.Return<Plan, RestError, Rest.Rest | Commands> {
  const rest = yield* Rest.Rest
  const declared = payloads((yield* Commands).all(), target)
  const path = yield* pathOf(target)
  const existing = yield* Effect.flatMap(
    rest.request({ method: "GET", path }),
    Answer.read(path, Answer.isCommands),
  )
  return compare(declared, existing)
})

/** Applies the declared commands with one overwrite: what is not declared is gone afterwards. */
export const apply = Effect.fnUntraced(function* (
  target: Target = {},
): Effect.fn.Return<void, RestError, Rest.Rest | Commands> {
  const rest = yield* Rest.Rest
  const declared = payloads((yield* Commands).all(), target)
  yield* rest.request({ method: "PUT", path: yield* pathOf(target), body: declared })
})

/** Whether applying the plan would change anything. */
export const isEmpty = (self: Plan): boolean =>
  self.create.length === 0 && self.change.length === 0 && self.delete.length === 0

const pathOf = Effect.fnUntraced(function* (target: Target) {
  const rest = yield* Rest.Rest
  const path = "/applications/@me"
  const { id } = yield* Effect.flatMap(
    rest.request({ method: "GET", path }),
    Answer.read(path, Answer.isApplication),
  )
  return target.guildId === undefined
    ? Routes.applicationCommands(id)
    : Routes.applicationGuildCommands(id, target.guildId)
})

/** What differs between the declared commands and those that Discord has. */
export const compare = (
  declared: ReadonlyArray<Payload>,
  existing: ReadonlyArray<APIApplicationCommand>,
): Plan => {
  const there = new Map(existing.map((command) => [keyOf(command), command]))
  const wanted = new Set(declared.map(keyOf))
  const create: Array<string> = []
  const change: Array<string> = []
  const unchanged: Array<string> = []
  for (const command of declared) {
    const known = there.get(keyOf(command))
    if (known === undefined) create.push(shownName(command))
    else if (canonical(known) === canonical(command)) unchanged.push(shownName(command))
    else change.push(shownName(command))
  }
  return {
    create,
    change,
    delete: existing.filter((command) => !wanted.has(keyOf(command))).map(shownName),
    unchanged,
  }
}

interface Named {
  readonly name: string
  readonly type?: ApplicationCommandType | undefined
}

const keyOf = ({ name, type }: Named): string => `${type ?? ApplicationCommandType.ChatInput}:${name}`

const shownName = ({ name, type }: Named): string => {
  switch (type) {
    case ApplicationCommandType.User:
      return `${name} (user menu)`
    case ApplicationCommandType.Message:
      return `${name} (message menu)`
    default:
      return `/${name}`
  }
}

/**
 * The fields that a declaration sets, in one order and with Discord's defaults taken out, so that an answer of
 * Discord's, which adds ids and defaults, compares equal to what was sent.
 */
const canonical = (command: Payload | APIApplicationCommand): string => {
  const given = command as APIApplicationCommand
  const { contexts, default_member_permissions, description, options } = given
  return JSON.stringify({
    description: description ?? "",
    options: (options ?? []).map(canonicalOption),
    permissions: default_member_permissions ?? null,
    contexts: contexts == null ? null : [...contexts].sort(),
  })
}

const canonicalOption = (option: APIApplicationCommandOption): unknown => {
  const given = option as unknown as Readonly<Record<string, unknown>>
  const pick = (name: string, fallback: unknown) => given[name] ?? fallback
  return [
    option.type,
    option.name,
    option.description,
    pick("required", false),
    (pick("choices", []) as ReadonlyArray<{ readonly name: string; readonly value: unknown }>).map(
      ({ name, value }) => [name, value],
    ),
    pick("min_value", null),
    pick("max_value", null),
    pick("min_length", null),
    pick("max_length", null),
    [...(pick("channel_types", []) as ReadonlyArray<number>)].sort((a, b) => a - b),
    pick("autocomplete", false),
    (pick("options", []) as ReadonlyArray<APIApplicationCommandOption>).map(canonicalOption),
  ]
}

// ---------------------------------------------------------------------------------------------------------
// From a command to Discord's form
// ---------------------------------------------------------------------------------------------------------

const payloadsOf = (command: Any): ReadonlyArray<Payload> => {
  const body = command.body
  if (body._tag === "Group") {
    const children = body.children.filter(hasSlash)
    if (children.length === 0) return []
    return [
      {
        type: ApplicationCommandType.ChatInput,
        name: command.name,
        description: command.description,
        options: children.map(subcommand),
        ...shared(command),
      } as Payload,
    ]
  }
  const result: Array<Payload> = []
  if (body.from.includes("slash")) {
    result.push({
      type: ApplicationCommandType.ChatInput,
      name: command.name,
      description: command.description,
      options: optionsOf(body),
      ...shared(command),
    } as Payload)
  }
  if (body.from.includes("userMenu")) {
    result.push({ type: ApplicationCommandType.User, name: command.name, ...shared(command) })
  }
  if (body.from.includes("messageMenu")) {
    result.push({ type: ApplicationCommandType.Message, name: command.name, ...shared(command) })
  }
  return result
}

/** Where it is offered, and to whom; for a group what all of its commands have in common. */
const shared = (command: Any): Pick<Payload, "contexts" | "default_member_permissions"> => {
  // A group is offered for the sake of its slash commands alone.
  const offered =
    command.body._tag === "Leaf"
      ? leaves(command)
      : leaves(command).filter(({ leaf }) => leaf.from.includes("slash"))
  const guild = offered.some(({ leaf }) => leaf.place !== "dm")
  const dm = offered.some(({ leaf }) => leaf.place !== "guild")
  const common = offered
    .map(permissionsOf)
    .reduce((all, bits) => (all === undefined || bits === undefined ? undefined : all & bits))
  return {
    contexts: [
      ...(guild ? [InteractionContextType.Guild] : []),
      ...(dm ? [InteractionContextType.BotDM] : []),
    ],
    default_member_permissions: common === undefined || common === 0n ? null : common.toString(),
  }
}

const hasSlash = (command: Any): boolean => leaves(command).some(({ leaf }) => leaf.from.includes("slash"))

const subcommand = (command: Any): APIApplicationCommandOption => {
  const body = command.body
  return (
    body._tag === "Group"
      ? {
          type: ApplicationCommandOptionType.SubcommandGroup,
          name: command.name,
          description: command.description,
          options: body.children.filter(hasSlash).map(subcommand),
        }
      : {
          type: ApplicationCommandOptionType.Subcommand,
          name: command.name,
          description: command.description,
          options: optionsOf(body),
        }
  ) as APIApplicationCommandOption
}

const optionsOf = (leaf: Leaf<unknown, unknown>): ReadonlyArray<APIApplicationCommandOption> =>
  ordered(leaf.params).flatMap(([name, param]) => {
    const type = optionType(param.kind)
    return type === undefined ? [] : [optionOf(type, name, param)]
  })

const optionOf = (
  type: ApplicationCommandOptionType,
  name: string,
  param: Param<unknown>,
): APIApplicationCommandOption => {
  const bounds =
    param.kind === "string" ? (["min_length", "max_length"] as const) : (["min_value", "max_value"] as const)
  const bounded = param.choices === undefined
  return {
    type,
    name,
    description: param.description,
    ...(param.optional ? {} : { required: true }),
    ...(param.choices === undefined ? {} : { choices: param.choices }),
    ...(bounded && param.min !== undefined ? { [bounds[0]]: param.min } : {}),
    ...(bounded && param.max !== undefined ? { [bounds[1]]: param.max } : {}),
    ...(param.channelTypes === undefined ? {} : { channel_types: param.channelTypes }),
    ...(param.suggest === undefined ? {} : { autocomplete: true }),
  } as APIApplicationCommandOption
}
