/**
 * Commands as values.
 *
 * A command has a name, a description, where (`in`) and how (`from`) it may be called, parameters, and a
 * handler: a function from the decoded parameters to an effect that ends in a reply. Commands compose: group
 * them, catch their errors by tag, give them services, put policies on them. `layer` hands them to the bot.
 *
 * ```ts
 * const ping = Command.make("ping", { description: "Answers" }, () => Effect.succeed(Reply.text("Pong!")))
 * export const layer = Command.layer(ping)
 * ```
 *
 * Everything that Discord would refuse in a declaration is thrown here, as `InvalidCommand`, with its place.
 *
 * @module
 */
import { Context, Effect, Layer, Predicate, Record, type Scope } from "effect"
import { dual } from "effect/Function"
import { pipeArguments } from "effect/Pipeable"
import type { From, Interaction, InteractionOf, Place } from "../interaction/Interaction.js"
import type { Reply } from "../interaction/Reply.js"
import { Commands } from "./Commands.js"
import * as Param from "./Param.js"
import type { Decoded, Params } from "./Param.js"
import * as Rules from "./Rules.js"
import {
  type Any,
  type Command,
  type Error,
  type Leaf,
  type Policies,
  type Requirements,
  TypeId,
} from "./Spec.js"

export type { Any, Command, Error, ParamsOf, Requirements } from "./Spec.js"

export interface Options<P extends Params, In extends Place, F extends From> {
  /** 1–100 characters (Discord). */
  readonly description: string
  /** Where it may be called. Default `"both"`: in servers and in direct messages. */
  readonly in?: In
  /** How it may be called. Default `["slash"]`. */
  readonly from?: ReadonlyArray<F>
  /** By name: 1–32 lower-case letters, digits, `-` or `_` (Discord). */
  readonly params?: P
  /** Heading under which `/help` lists it. Default `"General"`. */
  readonly category?: string
  /** Whether a "thinking…" shown after two seconds is private. Default false. */
  readonly ephemeral?: boolean
  /** Permission bits that a member needs: Discord hides it from others, and it is checked again at run time. */
  readonly permissions?: bigint
}

/**
 * Makes a command.
 *
 * The handler runs as a fiber of its own under the bot's supervisor. It is interrupted at its deadline (14
 * minutes unless a policy says otherwise, below the 15 minutes that Discord lets an interaction live), when
 * the user or an admin cancels it, and when the bot stops; the user is told in each case. Throws
 * `InvalidCommand` where the declaration breaks a rule of Discord's.
 */
export const make = <
  const Name extends string,
  const P extends Params = {},
  const In extends Place = "both",
  const F extends From = "slash",
  E = never,
  R = never,
>(
  name: Name,
  options: Options<P, In, F>,
  handler: (params: Decoded<P>, interaction: InteractionOf<In, F>) => Effect.Effect<Reply, E, R>,
): Command<Name, P, E, R | Param.Requirements<P>> => {
  const command = derive<Name, P, E, R | Param.Requirements<P>>({
    name,
    description: options.description,
    category: options.category ?? "General",
    policies: {},
    body: {
      _tag: "Leaf",
      place: options.in ?? "both",
      from: options.from ?? ["slash"],
      params: options.params ?? {},
      ephemeral: options.ephemeral ?? false,
      permissions: options.permissions,
      // The router passes exactly what `params`, `in` and `from` declare.
      handler: handler as Leaf<E, R>["handler"],
      onTimeout: undefined,
      before: [],
      after: [],
      retried: new Set(),
    },
  })
  Rules.check(command)
  return command
}

/**
 * Puts commands under one name: `/tryout apply`, `/tryout list`. Groups nest once. A policy on the group holds
 * for every command in it that has none of its own.
 */
export const group = <const Name extends string, const C extends ReadonlyArray<Any>>(
  name: Name,
  options: { readonly description: string; readonly category?: string },
  children: C,
): Command<Name, {}, Error<C[number]>, Requirements<C[number]>> => {
  const command = derive<Name, {}, Error<C[number]>, Requirements<C[number]>>({
    name,
    description: options.description,
    category: options.category ?? "General",
    policies: {},
    body: { _tag: "Group", children },
  })
  Rules.check(command)
  return command
}

// ---------------------------------------------------------------------------------------------------------
// Layer
// ---------------------------------------------------------------------------------------------------------

/** An error that says what the user may be told; the others have to be handled before `layer`. */
export interface Tellable {
  readonly userText: string
}

/** Shown by the compiler where a command may fail with something that no user can be told. */
export interface UncaughtErrors<Errors> {
  readonly "these errors have no userText: catch them, or pipe the command through Command.orIncident": Errors
}

type Checked<C> = [Exclude<Error<C>, Tellable>] extends [never]
  ? C
  : UncaughtErrors<Exclude<Error<C>, Tellable>>

/**
 * Hands commands to the bot, for as long as the layer's scope is open. The services that their handlers need
 * become the layer's requirements.
 */
export const layer = <const C extends ReadonlyArray<Any>>(
  ...commands: { readonly [I in keyof C]: C[I] & Checked<C[I]> }
): Layer.Layer<never, never, Exclude<Requirements<C[number]>, Interaction | Scope.Scope> | Commands> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const registry = yield* Commands
      const runtime = yield* Effect.runtime<Exclude<Requirements<C[number]>, Interaction | Scope.Scope>>()
      for (const command of commands) yield* registry.add(command as Any, runtime)
    }),
  )

// ---------------------------------------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------------------------------------

/** The same, its leaf replaced; in a group, every command's. For the modules beside this one. */
export const mapLeaves = <Name extends string, P extends Params, E, R, E2, R2>(
  self: Command<Name, P, E, R>,
  f: (leaf: Leaf<E, R>, policies: Policies) => Leaf<E2, R2>,
  inherited: Policies = {},
): Command<Name, P, E2, R2> => {
  const policies = { ...inherited, ...self.policies }
  const body = self.body
  return derive<Name, P, E2, R2>({
    ...self,
    body:
      body._tag === "Leaf"
        ? f(body, policies)
        : {
            _tag: "Group",
            children: body.children.map((child) =>
              mapLeaves(child as Command<string, Params, E, R>, f, policies),
            ),
          },
  })
}

/** A leaf whose handler and hooks are all passed through `f`. */
const through = <E, R, E2, R2>(
  leaf: Leaf<E, R>,
  f: <A extends Reply | undefined>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A | Reply, E2, R2>,
): Leaf<E2, R2> => {
  const { after, before, handler, onTimeout } = leaf
  return {
    ...leaf,
    handler: (params, interaction) => f(handler(params, interaction)),
    onTimeout: onTimeout === undefined ? undefined : (timeout) => f(onTimeout(timeout)),
    before: before.map((hook) => (params, interaction) => f(hook(params, interaction))),
    after: after.map((hook) => (exit) => f(hook(exit))),
  }
}

/**
 * Handles one kind of failure by its tag with another way to a reply. `CommandTimeout` is among them once
 * `Policy.deadline` was put on: the handler has then been told to stop, and has 10 seconds for its answer.
 */
export const catchTag: {
  <E, const K extends Tags<E>, E2, R2>(
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): <Name extends string, P extends Params, R>(
    self: Command<Name, P, E, R>,
  ) => Command<Name, P, Exclude<E, { readonly _tag: K }> | E2, R | R2>
  <Name extends string, P extends Params, E, R, const K extends Tags<E>, E2, R2>(
    self: Command<Name, P, E, R>,
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): Command<Name, P, Exclude<E, { readonly _tag: K }> | E2, R | R2>
} = dual(
  3,
  <Name extends string, P extends Params, E, R, const K extends Tags<E>, E2, R2>(
    self: Command<Name, P, E, R>,
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): Command<Name, P, Exclude<E, { readonly _tag: K }> | E2, R | R2> =>
    mapLeaves(self, (leaf, policies): Leaf<Exclude<E, { readonly _tag: K }> | E2, R | R2> => {
      const recover = (error: E): Effect.Effect<Reply, Exclude<E, { readonly _tag: K }> | E2, R | R2> =>
        Predicate.isTagged(error, tag)
          ? f(error as Extract<E, { readonly _tag: K }>)
          : Effect.fail(error as Exclude<E, { readonly _tag: K }>)
      return {
        ...through(leaf, (effect) => Effect.catchAll(effect, recover)),
        // What the handling itself fails with was not retried.
        retried: new Set([...leaf.retried].filter((retried) => retried !== tag)),
        ...(leaf.onTimeout === undefined && policies.deadline !== undefined && tag === "CommandTimeout"
          ? { onTimeout: (timeout) => recover(timeout as E) }
          : {}),
      }
    }),
)

/** The tags of an error type. */
export type Tags<E> = E extends { readonly _tag: infer K extends string } ? K : never

/**
 * Turns every error without a user text into an incident: the user gets a reference, the log gets the cause
 * with that reference. For errors of infrastructure, which no user can do anything about.
 */
export const orIncident = <Name extends string, P extends Params, E, R>(
  self: Command<Name, P, E, R>,
): Command<Name, P, Extract<E, Tellable>, R> =>
  mapLeaves(self, (leaf): Leaf<Extract<E, Tellable>, R> => {
    const incident = (error: E): Effect.Effect<never, Extract<E, Tellable>> =>
      isTellable(error) ? Effect.fail(error as Extract<E, Tellable>) : Effect.die(error)
    return through(leaf, (effect) => Effect.catchAll(effect, incident))
  })

/** Whether an error says what a user may be told. */
export const isTellable = (error: unknown): error is Tellable =>
  typeof error === "object" && error !== null && "userText" in error && typeof error.userText === "string"

/** Changes what the command answers. */
export const map: {
  (
    f: (reply: Reply) => Reply,
  ): <Name extends string, P extends Params, E, R>(self: Command<Name, P, E, R>) => Command<Name, P, E, R>
  <Name extends string, P extends Params, E, R>(
    self: Command<Name, P, E, R>,
    f: (reply: Reply) => Reply,
  ): Command<Name, P, E, R>
} = dual(
  2,
  <Name extends string, P extends Params, E, R>(
    self: Command<Name, P, E, R>,
    f: (reply: Reply) => Reply,
  ): Command<Name, P, E, R> =>
    mapLeaves(self, (leaf) =>
      through(leaf, (effect) =>
        Effect.map(effect, (reply) => (reply === undefined ? reply : f(reply as Reply))),
      ),
    ),
)

/** Gives the handler one of the services that it needs. To give it a layer, use `Layer.provide` on `layer`. */
export const provideService: {
  <I, S>(
    tag: Context.Tag<I, S>,
    service: S,
  ): <Name extends string, P extends Params, E, R>(
    self: Command<Name, P, E, R>,
  ) => Command<Name, P, E, Exclude<R, I>>
  <Name extends string, P extends Params, E, R, I, S>(
    self: Command<Name, P, E, R>,
    tag: Context.Tag<I, S>,
    service: S,
  ): Command<Name, P, E, Exclude<R, I>>
} = dual(
  3,
  <Name extends string, P extends Params, E, R, I, S>(
    self: Command<Name, P, E, R>,
    tag: Context.Tag<I, S>,
    service: S,
  ): Command<Name, P, E, Exclude<R, I>> =>
    mapLeaves(self, (leaf): Leaf<E, Exclude<R, I>> => ({
      ...through(leaf, (effect) => Effect.provideService(effect, tag, service)),
      params: Record.map(leaf.params, (param) => Param.provideService(param, tag, service)),
    })),
)

/** The same with a policy set; `Policy` has the ones there are. */
export const withPolicies = <Name extends string, P extends Params, E, R>(
  self: Command<Name, P, E, R>,
  policies: Policies,
): Command<Name, P, E, R> => derive({ ...self, policies: { ...self.policies, ...policies } })

const derive = <Name extends string, P extends Params, E, R>(
  fields: Omit<Command<Name, P, E, R>, TypeId | "pipe">,
): Command<Name, P, E, R> => ({
  ...fields,
  [TypeId]: variance,
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  },
})

const variance = { _P: (_: never) => _, _E: (_: never) => _, _R: (_: never) => _ }
