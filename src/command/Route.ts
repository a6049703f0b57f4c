/**
 * Buttons, selects and forms that outlive the process that made them.
 *
 * A route has a name, a schema for its state, and a handler: a function from that state and the press to an
 * effect that ends in a reply. The state travels in the component's custom id, signed; nothing is kept in
 * memory, so a press after a restart finds its way as one before it does.
 *
 * ```ts
 * const review = Route.make(
 *   "review",
 *   { on: "button", state: CustomId.fields({ user: CustomId.id }), expires: "7 days" },
 *   ({ user }, press) => Effect.succeed(Reply.update(Reply.text(Md.text`Approved by ${press.user.username}`))),
 * )
 * const button = Route.button(review, { user: member.id }, { label: "Approve", style: "success" })
 * export const layer = Route.layer(review)
 * ```
 *
 * For what is asked and answered within one conversation use `Prompt`: it knows when nobody waits any more.
 *
 * Failure modes: a forged, expired or foreign press, and one whose state the schema no longer takes, is told so
 * privately and reaches no handler. A press can come twice, and two people can press at once: the handler
 * decides who was first.
 *
 * @module
 */
import {
  type APIButtonComponentWithCustomId,
  type APIMessageComponentEmoji,
  ButtonStyle,
  ComponentType,
} from "discord-api-types/v10"
import { Clock, type Context, Duration, Effect, Layer, Option, Schema, type Scope } from "effect"
import { dual } from "effect/Function"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import type { Contravariant, Covariant } from "effect/Types"
import * as CustomId from "../interaction/CustomId.js"
import { boundOf, formatOf, type Textual } from "../interaction/CustomIdState.js"
import type { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import type { Reply } from "../interaction/Reply.js"
import { Signer } from "../interaction/Signer.js"
import { isTellable, type Tellable } from "./Command.js"
import { type CommandTimeout, InvalidCommand } from "./CommandError.js"
import { Routes } from "./Routes.js"

export const TypeId: unique symbol = Symbol.for("bosun/command/Route")
export type TypeId = typeof TypeId

/** What is pressed, chosen from or filled in. */
export type Kind = "button" | "select" | "modal"

/**
 * Where custom ids lead: all that making them takes. `On` is what the route stands behind, `State` what they carry.
 */
export interface Address<out On extends Kind, in State> {
  readonly name: string
  readonly on: On
  /** How long a custom id is good for; undefined means for ever. */
  readonly expires: Duration.Duration | undefined
  /** How the text of the state is to be read. */
  readonly format: string
  /** Throws where the schema refuses the state. */
  readonly encode: (state: State) => string
}

/** A route that has no handler yet. `E` is what its options add to what it may fail with. */
export interface Declared<out On extends Kind, in out State, out E = never> extends Address<On, State> {
  readonly deadline: Duration.Duration | undefined
  readonly ephemeral: boolean
  /** None where the schema refuses the text. */
  readonly decode: (text: string) => Option.Option<State>
  readonly _E: Covariant<E>
}

/** A route. `E` is what its handler may fail with, `R` the services that it needs. */
export interface Route<out On extends Kind, in State, out E, out R> extends Address<On, State>, Pipeable {
  readonly [TypeId]: {
    readonly _State: Contravariant<State>
    readonly _E: Covariant<E>
    readonly _R: Covariant<R>
  }
  readonly deadline: Duration.Duration | undefined
  readonly ephemeral: boolean
  /** None where the schema refuses the text. */
  readonly decode: (text: string) => Option.Option<unknown>
  readonly handler: (state: unknown, press: Press) => Effect.Effect<Reply, E, R>
  /** What the author does about the deadline; undefined where the user is just told. */
  readonly onTimeout: ((timeout: CommandTimeout) => Effect.Effect<Reply, E, R>) | undefined
}

export type Any = Route<Kind, never, unknown, unknown>

export type Error<T> = T extends Route<Kind, never, infer E, unknown> ? E : never
export type Requirements<T> = T extends Route<Kind, never, unknown, infer R> ? R : never

export interface Options<On extends Kind, S extends Textual, D extends Duration.DurationInput> {
  /** What it stands behind. A press of anything else does not reach it. */
  readonly on: On
  /** What its custom ids carry: `CustomId.fields({…})`, or any schema with text on its encoded side. Default nothing. */
  readonly state?: S
  /** How long its custom ids are good for, from when they are made. Default for ever. */
  readonly expires?: Duration.DurationInput
  /**
   * The handler must have ended after this time. Default 14 minutes, below the 15 minutes that a press's token lives
   * (Discord); what is shown after that comes as messages in the channel. At most 24 hours.
   */
  readonly deadline?: D
  /** Whether a "thinking…" is private. Default false. A press shows none unless its outcome needs one. */
  readonly ephemeral?: boolean
}

/**
 * Makes a route.
 *
 * The handler runs as a command's does: a fiber of its own under the supervisor, interrupted at its deadline,
 * when it is cancelled, and when the bot stops; the person is told in each case. Throws `InvalidCommand` where
 * the name does not fit, or the longest state that the schema allows would not.
 */
export const make = <
  const On extends Kind,
  S extends Textual = typeof CustomId.none,
  D extends Duration.DurationInput = never,
  E = never,
  R = never,
>(
  name: string,
  options: Options<On, S, D>,
  handler: (state: S["Type"], press: Press) => Effect.Effect<Reply, E, R>,
): Route<On, S["Type"], E | Timeout<D>, R> => handle(declare(name, options), handler)

/** A deadline of the route's own is something that its author can catch. */
type Timeout<D> = [D] extends [never] ? never : CommandTimeout

/**
 * A route without its handler, to be given one by `handle`: for buttons that the handler itself shows again, which
 * TypeScript could not type inside of `make`, and for routes that lead to each other.
 *
 * ```ts
 * const Count = Route.declare("count", { on: "button", state: CustomId.integer() })
 * const card = (n: number) => Route.button(Count, n + 1, { label: "One more" })
 * const count = Route.handle(Count, (n) => Effect.map(card(n), …))
 * ```
 *
 * Throws as `make` does.
 */
export const declare = <
  const On extends Kind,
  S extends Textual = typeof CustomId.none,
  D extends Duration.DurationInput = never,
>(
  name: string,
  options: Options<On, S, D>,
): Declared<On, S["Type"], Timeout<D>> => {
  const place = `route "${name}"`
  const schema: Textual = options.state ?? CustomId.none
  const encode = Schema.encodeSync(schema)
  // A schema may throw what it should have failed with; what a press carries must not break the router.
  const decode = Option.liftThrowable(Schema.decodeUnknownOption(schema))
  const expires = positive(`${place} → expires`, options.expires)
  const deadline = positive(`${place} → deadline`, options.deadline)
  if (deadline !== undefined && Duration.greaterThan(deadline, LONGEST)) {
    throw new InvalidCommand({
      place: `${place} → deadline`,
      reason: `"${String(options.deadline)}" must be at most 24 hours`,
    })
  }
  const declared = {
    name,
    on: options.on,
    expires: expires === undefined || Duration.isFinite(expires) ? expires : undefined,
    deadline,
    ephemeral: options.ephemeral ?? false,
    format: formatOf(schema.ast),
    encode,
    decode: (text: string) => Option.flatten(decode(text)),
    _E: variance._E,
  }
  checkLength(place, declared, schema)
  return declared
}

/** Gives a declared route its handler, as `make` does. Each declaration has one. */
export const handle = <On extends Kind, State, D, E, R>(
  { _E, ...declared }: Declared<On, State, D>,
  handler: (state: NoInfer<State>, press: Press) => Effect.Effect<Reply, E, R>,
): Route<On, State, D | E, R> =>
  derive<On, State, D | E, R>({
    ...declared,
    // Given only what `decode` has returned.
    handler: handler as (state: unknown, press: Press) => Effect.Effect<Reply, E, R>,
    onTimeout: undefined,
  })

/** As for commands: nothing that a restart would lose should take longer. */
const LONGEST = Duration.hours(24)

const positive = (
  place: string,
  input: Duration.DurationInput | undefined,
): Duration.Duration | undefined => {
  if (input === undefined) return undefined
  const duration = Duration.decodeUnknown(input)
  if (Option.isSome(duration) && Duration.toMillis(duration.value) > 0) return duration.value
  throw new InvalidCommand({
    place,
    reason: `"${String(input)}" must be a time above 0, for instance "7 days"`,
  })
}

const checkLength = (place: string, { expires, name }: Address<Kind, never>, schema: Textual): void => {
  if (!/^[a-z0-9_-]{1,32}$/u.test(name)) {
    throw new InvalidCommand({
      place: `${place} → name`,
      reason: 'must be 1 to 32 letters of a–z, digits, "-" or "_"',
    })
  }
  const bound = boundOf(schema.ast)
  const length = CustomId.longest(name, expires !== undefined, bound ?? { max: 0, plain: true })
  if (length > CustomId.LIMIT) {
    throw new InvalidCommand({
      place,
      reason: `bound to a user and with the longest state that the schema allows, its custom id has ${length} characters; Discord takes ${CustomId.LIMIT}`,
    })
  }
}

// ---------------------------------------------------------------------------------------------------------
// Components
// ---------------------------------------------------------------------------------------------------------

/** Who alone may use a component: one user, or everyone who has a role. */
export type Owner =
  | { readonly user?: never; readonly role?: never }
  | { readonly user: string; readonly role?: never }
  | { readonly role: string; readonly user?: never }

/**
 * A custom id that leads to this route with this state, for a component or a modal. It expires as the route
 * says, from now on. Fails with `CustomIdTooLong` where the state is too long for Discord's 100 characters;
 * that cannot happen where the schema bounds it. Dies where the schema refuses the state.
 */
export const customId: <State>(
  route: Address<Kind, State>,
  state: NoInfer<State>,
  owner?: Owner,
) => Effect.Effect<string, CustomId.CustomIdTooLong, Signer> = Effect.fnUntraced(function* (
  route,
  state,
  owner = {},
) {
  const signer = yield* Signer
  const now = yield* Clock.currentTimeMillis
  return yield* CustomId.encode(
    {
      route: route.name,
      expiresAt: route.expires === undefined ? undefined : now + Duration.toMillis(route.expires),
      bound: ownerOf(owner),
      state: route.encode(state),
    },
    route.format,
    signer,
  )
})

const ownerOf = ({ role, user }: Owner): CustomId.Owner | undefined =>
  user !== undefined
    ? { kind: "user", id: user }
    : role !== undefined
      ? { kind: "role", id: role }
      : undefined

const styles = {
  primary: ButtonStyle.Primary,
  secondary: ButtonStyle.Secondary,
  success: ButtonStyle.Success,
  danger: ButtonStyle.Danger,
} as const

export type ButtonOptions = Owner & {
  /** At most 80 characters (Discord). */
  readonly label: string
  /** Default `"secondary"`. */
  readonly style?: keyof typeof styles
  readonly emoji?: APIMessageComponentEmoji
  readonly disabled?: boolean
}

/** A button that leads to this route. Fails as `customId` does. */
export const button: <State>(
  route: Address<"button", State>,
  state: NoInfer<State>,
  options: ButtonOptions,
) => Effect.Effect<APIButtonComponentWithCustomId, CustomId.CustomIdTooLong, Signer> = (
  route,
  state,
  { disabled, emoji, label, style = "secondary", ...owner },
) =>
  Effect.map(customId(route, state, owner), (custom_id) => ({
    type: ComponentType.Button,
    custom_id,
    label,
    style: styles[style],
    ...(emoji === undefined ? {} : { emoji }),
    ...(disabled === undefined ? {} : { disabled }),
  }))

// ---------------------------------------------------------------------------------------------------------
// Layer
// ---------------------------------------------------------------------------------------------------------

/** Shown by the compiler where a route may fail with something that no user can be told. */
export interface UncaughtErrors<Errors> {
  readonly "these errors have no userText: catch them, or pipe the route through Route.orIncident": Errors
}

type Checked<T> = [Exclude<Error<T>, Tellable>] extends [never]
  ? T
  : UncaughtErrors<Exclude<Error<T>, Tellable>>

/**
 * Hands routes to the bot, for as long as the layer's scope is open. The services that their handlers need
 * become the layer's requirements. Dies with `SecretUnusable` where there is nothing to verify custom ids with.
 */
export const layer = <const T extends ReadonlyArray<Any>>(
  ...routes: { readonly [I in keyof T]: T[I] & Checked<T[I]> }
): Layer.Layer<never, never, Exclude<Requirements<T[number]>, Interaction | Scope.Scope> | Routes> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const registry = yield* Routes
      const runtime = yield* Effect.runtime<Exclude<Requirements<T[number]>, Interaction | Scope.Scope>>()
      for (const route of routes) yield* registry.add(route as Any, runtime)
    }),
  )

// ---------------------------------------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------------------------------------

type Tags<E> = E extends { readonly _tag: infer K extends string } ? K : never

/**
 * Handles one kind of failure by its tag with another way to a reply. `CommandTimeout` is among them where the
 * route has a deadline: the handler has then been told to stop, and has 10 seconds for its answer.
 */
export const catchTag: {
  <E, const K extends Tags<E>, E2, R2>(
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): <On extends Kind, State, R>(
    self: Route<On, State, E, R>,
  ) => Route<On, State, Exclude<E, { readonly _tag: K }> | E2, R | R2>
  <On extends Kind, State, E, R, const K extends Tags<E>, E2, R2>(
    self: Route<On, State, E, R>,
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): Route<On, State, Exclude<E, { readonly _tag: K }> | E2, R | R2>
} = dual(
  3,
  <On extends Kind, State, E, R, const K extends Tags<E>, E2, R2>(
    self: Route<On, State, E, R>,
    tag: K,
    f: (error: Extract<E, { readonly _tag: K }>) => Effect.Effect<Reply, E2, R2>,
  ): Route<On, State, Exclude<E, { readonly _tag: K }> | E2, R | R2> => {
    const recover = (error: E): Effect.Effect<Reply, Exclude<E, { readonly _tag: K }> | E2, R | R2> =>
      typeof error === "object" && error !== null && "_tag" in error && error._tag === tag
        ? f(error as Extract<E, { readonly _tag: K }>)
        : Effect.fail(error as Exclude<E, { readonly _tag: K }>)
    const changed = mapEffects(self, (effect) => Effect.catchAll(effect, recover))
    return self.onTimeout === undefined && self.deadline !== undefined && tag === "CommandTimeout"
      ? derive({ ...changed, onTimeout: (timeout) => recover(timeout as E) })
      : changed
  },
)

/**
 * Turns every error without a user text into an incident: the user gets a reference, the log gets the cause
 * with that reference.
 */
export const orIncident = <On extends Kind, State, E, R>(
  self: Route<On, State, E, R>,
): Route<On, State, Extract<E, Tellable>, R> =>
  mapEffects(self, (effect) =>
    Effect.catchAll(effect, (error) =>
      isTellable(error) ? Effect.fail(error as Extract<E, Tellable>) : Effect.die(error),
    ),
  )

/** Gives the handler one of the services that it needs. To give it a layer, use `Layer.provide` on `layer`. */
export const provideService: {
  <I, S>(
    tag: Context.Tag<I, S>,
    service: S,
  ): <On extends Kind, State, E, R>(self: Route<On, State, E, R>) => Route<On, State, E, Exclude<R, I>>
  <On extends Kind, State, E, R, I, S>(
    self: Route<On, State, E, R>,
    tag: Context.Tag<I, S>,
    service: S,
  ): Route<On, State, E, Exclude<R, I>>
} = dual(
  3,
  <On extends Kind, State, E, R, I, S>(
    self: Route<On, State, E, R>,
    tag: Context.Tag<I, S>,
    service: S,
  ): Route<On, State, E, Exclude<R, I>> =>
    mapEffects(self, (effect) => Effect.provideService(effect, tag, service)),
)

/** The same with all that it runs changed. */
const mapEffects = <On extends Kind, State, E, R, E2, R2>(
  { handler, onTimeout, ...self }: Route<On, State, E, R>,
  f: (effect: Effect.Effect<Reply, E, R>) => Effect.Effect<Reply, E2, R2>,
): Route<On, State, E2, R2> =>
  derive<On, State, E2, R2>({
    ...self,
    handler: (state, press) => f(handler(state, press)),
    onTimeout: onTimeout === undefined ? undefined : (timeout) => f(onTimeout(timeout)),
  })

const derive = <On extends Kind, State, E, R>(
  fields: Omit<Route<On, State, E, R>, TypeId | "pipe">,
): Route<On, State, E, R> => ({
  ...fields,
  [TypeId]: variance,
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  },
})

const variance = { _State: (_: unknown) => _, _E: (_: never) => _, _R: (_: never) => _ }
