/**
 * What a command is: a plain value. `Command` makes them, `Policy` adds to them, `Router` runs them, `Deploy`
 * gives them to Discord.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import type { Duration, Effect, Exit } from "effect"
import type { Pipeable } from "effect/Pipeable"
import type { Covariant } from "effect/Types"
import type { From, Interaction, Place } from "../interaction/Interaction.js"
import type { Reply } from "../interaction/Reply.js"
import type { CommandTimeout } from "./CommandError.js"
import type * as Concurrency from "./stages/Concurrency.js"
import type * as Cooldown from "./stages/Cooldown.js"
import type { Params } from "./Param.js"

export const TypeId: unique symbol = Symbol.for("bosun/command/Command")
export type TypeId = typeof TypeId

/**
 * A command, or a group of them. `P` are its parameters, `E` what its handler may fail with, `R` the services
 * that it needs.
 */
export interface Command<out Name extends string, out P extends Params, out E, out R> extends Pipeable {
  readonly [TypeId]: {
    readonly _P: Covariant<P>
    readonly _E: Covariant<E>
    readonly _R: Covariant<R>
  }
  readonly name: Name
  readonly description: string
  /** Heading under which `/help` lists it. */
  readonly category: string
  readonly policies: Policies
  readonly body: Leaf<E, R> | Group
}

export type Any = Command<string, Params, unknown, unknown>

/** Something to run. */
export interface Leaf<out E, out R> {
  readonly _tag: "Leaf"
  readonly place: Place
  readonly from: ReadonlyArray<From>
  readonly params: Params
  /** Whether a "thinking…" that is shown after two seconds is private. */
  readonly ephemeral: boolean
  /** What a member needs for it to be offered, and is asked for again at run time. */
  readonly permissions: bigint | undefined
  readonly handler: (
    params: Readonly<Record<string, unknown>>,
    interaction: Interaction,
  ) => Effect.Effect<Reply, E, R>
  /** What the author does about the deadline; undefined where the user is just told. */
  readonly onTimeout: ((timeout: CommandTimeout) => Effect.Effect<Reply, E, R>) | undefined
  /** Run once before the handler, in this order. */
  readonly before: ReadonlyArray<Before<E, R>>
  /** Run once after it, in this order. */
  readonly after: ReadonlyArray<After<E, R>>
  /** The tags of the errors that a retry around the handler already sees to. */
  readonly retried: ReadonlySet<string>
}

/** A hook before the handler. A reply, which only the handling of its own error makes, ends the call. */
export type Before<out E, out R> = (
  params: Readonly<Record<string, unknown>>,
  interaction: Interaction,
) => Effect.Effect<Reply | undefined, E, R>

/** A hook after the handler. A reply, which only the handling of its own error makes, takes the place of the handler's. */
export type After<out E, out R> = (exit: Exit.Exit<Reply, unknown>) => Effect.Effect<Reply | undefined, E, R>

/** Subcommands; at most two levels below the top (Discord). */
export interface Group {
  readonly _tag: "Group"
  readonly children: ReadonlyArray<Any>
}

/**
 * Settings that resolve bot → group → command: the one nearest to the command that is set wins. One that is set
 * to `undefined` is switched off.
 */
export interface Policies {
  readonly deadline?: Duration.Duration | undefined
  readonly cooldown?: Cooldown.Settings | undefined
  readonly concurrency?: Concurrency.Settings | undefined
  /** Bits that the caller needs. */
  readonly permissions?: bigint | undefined
  /** Bits that the bot needs. */
  readonly botPermissions?: bigint | undefined
  /** Ids or names of roles of which the caller needs one. */
  readonly roles?: ReadonlyArray<string> | undefined
  readonly ownerOnly?: boolean | undefined
  /** The param whose member caller and bot must outrank. */
  readonly hierarchy?: string | undefined
  readonly ephemeral?: boolean | undefined
  /** The bot's hooks, outside of those that the leaves have. */
  readonly before?: ReadonlyArray<Before<unknown, unknown>>
  readonly after?: ReadonlyArray<After<unknown, unknown>>
}

export type Error<C> = C extends Command<string, Params, infer E, unknown> ? E : never
export type Requirements<C> = C extends Command<string, Params, unknown, infer R> ? R : never
export type ParamsOf<C> = C extends Command<string, infer P, unknown, unknown> ? P : never

/** A leaf with its path and resolved settings: what the router runs and `/help` lists. */
export interface Resolved {
  /** From the top: `["tryout", "apply"]`. */
  readonly path: ReadonlyArray<string>
  /** The path joined by spaces. */
  readonly name: string
  readonly description: string
  readonly category: string
  readonly policies: Policies
  readonly leaf: Leaf<unknown, unknown>
}

/** All leaves of a command, with the settings of their groups. */
export const leaves = (command: Any): ReadonlyArray<Resolved> => collect(command, [], {}, undefined)

const collect = (
  command: Any,
  above: ReadonlyArray<string>,
  inherited: Policies,
  category: string | undefined,
): ReadonlyArray<Resolved> => {
  const path = [...above, command.name]
  const policies = { ...inherited, ...command.policies }
  const heading = category ?? command.category
  const body = command.body
  if (body._tag === "Group") return body.children.flatMap((child) => collect(child, path, policies, heading))
  return [
    {
      path,
      name: path.join(" "),
      description: command.description,
      category: heading,
      policies,
      leaf: body,
    },
  ]
}

/** What a member needs to be offered the command, by its declaration and its policies. */
export const permissionsOf = ({ leaf, policies }: Resolved): bigint | undefined =>
  leaf.permissions === undefined ? policies.permissions : leaf.permissions | (policies.permissions ?? 0n)

/** What permissions are called in Discord's own client, where that is not what the API calls them. */
const CALLED: { readonly [name: string]: string } = {
  CreateGuildExpressions: "Create Expressions",
  CreateInstantInvite: "Create Invite",
  ManageGuild: "Manage Server",
  ManageGuildExpressions: "Manage Expressions",
  ModerateMembers: "Timeout Members",
  SendPolls: "Create Polls",
  SendTTSMessages: "Send Text-to-Speech Messages",
  Stream: "Video",
  UseEmbeddedActivities: "Use Activities",
  UseVAD: "Use Voice Activity",
  ViewChannel: "View Channels",
  ViewGuildInsights: "View Server Insights",
}

/** Permissions as people see them in Discord; a bit without a name as a number. */
export const permissionNames = (bits: bigint): ReadonlyArray<string> => {
  if (bits === 0n) return []
  // Of two names for one bit the newer stands last.
  const names = new Map(Object.entries(PermissionFlagsBits).map(([name, bit]) => [bit, name]))
  const known = Array.from(names).filter(([bit]) => (bits & bit) !== 0n)
  const rest = known.reduce((left, [bit]) => left & ~bit, bits)
  return [
    ...known.map(([, name]) => CALLED[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/gu, " ")),
    ...(rest === 0n ? [] : [`0x${rest.toString(16)}`]),
  ]
}

/** Parameters as Discord wants them: required ones before optional ones, otherwise as declared. */
export const ordered = (params: Params): ReadonlyArray<readonly [string, Params[string]]> => {
  const entries = Object.entries(params)
  return [...entries.filter(([, param]) => !param.optional), ...entries.filter(([, param]) => param.optional)]
}

/**
 * How a leaf is called: `/berth boat: [nights:]`, or with a prefix `!berth <boat> [nights]`.
 */
export const usage = (resolved: Resolved, prefix?: string): string => {
  const words = ordered(resolved.leaf.params)
    .filter(([, param]) => param.kind !== "message" || prefix !== undefined)
    .map(([name, param]) => {
      if (prefix === undefined) return param.optional ? `[${name}:]` : `${name}:`
      return param.optional ? `[${name}]` : `<${name}>`
    })
  return [`${prefix ?? "/"}${resolved.name}`, ...words].join(" ")
}
