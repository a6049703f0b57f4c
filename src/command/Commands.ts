/**
 * The bot's commands: features put theirs in through `Command.layer`, the router and `/help` read them.
 *
 * @module
 */
import { Context, Effect, Layer, type Runtime, type Scope } from "effect"
import type { From } from "../interaction/Interaction.js"
import { InvalidCommand } from "./CommandError.js"
import { type Any, leaves, type Resolved } from "./Spec.js"

/** A leaf, and the services that its handler runs with. */
export interface Registration {
  readonly resolved: Resolved
  readonly runtime: Runtime.Runtime<never>
}

/** What the bot offers, and where each is found. */
export interface Commands {
  /** Takes a command in until the scope closes. Dies with `InvalidCommand` where its name is taken. */
  readonly add: (command: Any, runtime: Runtime.Runtime<never>) => Effect.Effect<void, never, Scope.Scope>
  /** The commands, in the order of their coming. */
  readonly all: () => ReadonlyArray<Any>
  /** Every leaf, in the same order. */
  readonly list: Effect.Effect<ReadonlyArray<Resolved>>
  /** By full path joined by spaces. */
  readonly find: (name: string) => Registration | undefined
  /** What prefix commands start with; undefined while they are switched off. */
  readonly prefix: () => string | undefined
  readonly setPrefix: (prefix: string | undefined) => void
}

export const Commands = Context.GenericTag<Commands>("bosun/command/Commands")

/** How many commands of each kind an application may have (Discord). */
const LIMITS = [
  ["slash", 100],
  ["userMenu", 15],
  ["messageMenu", 15],
] as const

const isOffered = (command: Any, kind: From): boolean =>
  leaves(command).some(({ leaf }) => leaf.from.includes(kind))

export const make = (options: { readonly prefix: string | undefined }): Effect.Effect<Commands> =>
  Effect.sync(() => {
    const commands = new Map<string, Any>()
    const byPath = new Map<string, Registration>()
    let prefix = options.prefix
    return {
      add: (command, runtime) =>
        Effect.acquireRelease(
          Effect.suspend(() => {
            if (commands.has(command.name)) {
              return Effect.die(
                new InvalidCommand({
                  place: `command "${command.name}"`,
                  reason: "there are two of that name",
                }),
              )
            }
            const resolved = leaves(command)
            for (const [kind, most] of LIMITS) {
              const there = [...commands.values(), command].filter((one) => isOffered(one, kind)).length
              if (there > most) {
                return Effect.die(
                  new InvalidCommand({
                    place: `command "${command.name}"`,
                    reason: `it is one ${kind} command more than the ${most} that Discord takes`,
                  }),
                )
              }
            }
            commands.set(command.name, command)
            for (const leaf of resolved) byPath.set(leaf.name, { resolved: leaf, runtime })
            return Effect.succeed(resolved)
          }),
          (resolved) =>
            Effect.sync(() => {
              commands.delete(command.name)
              for (const leaf of resolved) byPath.delete(leaf.name)
            }),
        ).pipe(Effect.asVoid),
      all: () => Array.from(commands.values()),
      list: Effect.sync(() => Array.from(byPath.values(), ({ resolved }) => resolved)),
      find: (name) => byPath.get(name),
      prefix: () => prefix,
      setPrefix: (next) => {
        prefix = next
      },
    }
  })

export const layer = (options: { readonly prefix: string | undefined }): Layer.Layer<Commands> =>
  Layer.effect(Commands, make(options))
