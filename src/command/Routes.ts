/**
 * The bot's routes: features put theirs in through `Route.layer`, the router asks whose a press is.
 *
 * @module
 */
import { ComponentType } from "discord-api-types/v10"
import { Context, Data, Duration, Effect, Either, Layer, Option, type Runtime, type Scope } from "effect"
import * as CustomId from "../interaction/CustomId.js"
import type { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import type { Reply } from "../interaction/Reply.js"
import { Signer } from "../interaction/Signer.js"
import * as Metrics from "../observe/Metrics.js"
import { type CommandTimeout, InvalidCommand } from "./CommandError.js"
import type { Any, Kind } from "./Route.js"

/** What a press leads to. */
export type Found =
  | Match
  /** It is one of ours, but nothing may come of it. */
  | { readonly _tag: "Refused"; readonly error: Refusal; readonly userText: string }
  /** It has nothing to do with routes. */
  | { readonly _tag: "None" }

/** A route, with the state of this press put in. */
export interface Match {
  readonly _tag: "Route"
  readonly name: string
  readonly runtime: Runtime.Runtime<never>
  readonly metrics: Metrics.CommandMetrics
  /** Milliseconds; undefined where the route says nothing. */
  readonly deadline: number | undefined
  readonly ephemeral: boolean
  readonly handler: (
    params: Readonly<Record<string, unknown>>,
    interaction: Interaction,
  ) => Effect.Effect<Reply, unknown>
  readonly onTimeout: ((timeout: CommandTimeout) => Effect.Effect<Reply, unknown>) | undefined
}

/** Why a press of a route's component does not reach its handler. */
export type Refusal =
  | CustomId.Unreadable
  | CustomId.CustomIdExpired
  | CustomId.CustomIdForeign
  | RouteOutdated

export interface Routes {
  /**
   * Takes a route in until the scope closes. Dies with `InvalidCommand` where its name is taken, and with
   * `SecretUnusable` where there is no secret to sign with.
   */
  readonly add: (route: Any, runtime: Runtime.Runtime<never>) => Effect.Effect<void, never, Scope.Scope>
  /** Whose a press is. `now`: epoch milliseconds on the clock that `Route.customId` reads. Never throws. */
  readonly find: (press: Press, now: number) => Found
}

export const Routes = Context.GenericTag<Routes>("bosun/command/Routes")

interface Registration {
  readonly route: Any
  readonly runtime: Runtime.Runtime<never>
  readonly metrics: Metrics.CommandMetrics
}

export const make: Effect.Effect<Routes, never, Signer> = Effect.map(Signer, (signer) => {
  const byName = new Map<string, Registration>()
  const formatOf = (name: string) => byName.get(name)?.route.format
  return {
    add: (route, runtime) =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          if (byName.has(route.name)) {
            return Effect.die(
              new InvalidCommand({ place: `route "${route.name}"`, reason: "there are two of that name" }),
            )
          }
          // A command may have the same name.
          byName.set(route.name, { route, runtime, metrics: Metrics.forCommand(`route:${route.name}`) })
          return Effect.void
        }),
        () => Effect.sync(() => byName.delete(route.name)),
      ).pipe(Effect.zipLeft(Effect.orDie(signer.load))),
    find: (press, now) => {
      const content = CustomId.decode(press.customId, formatOf, signer)
      if (content === undefined) return none
      if (Either.isLeft(content)) return refused(content.left)
      const registration = byName.get(content.right.route) as Registration
      const wrong = CustomId.check(content.right, {
        userId: press.user.id,
        roles: press.memberRoles,
        now,
      })
      return wrong === undefined ? match(registration, content.right.state, press) : refused(wrong)
    },
  }
})

export const layer: Layer.Layer<Routes, never, Signer> = Layer.effect(Routes, make)

const none: Found = { _tag: "None" }
const refused = (error: Refusal): Found => ({ _tag: "Refused", error, userText: error.userText })

const match = ({ metrics, route, runtime }: Registration, text: string, press: Press): Found => {
  const state = kindOf(press) === route.on ? route.decode(text) : Option.none()
  if (Option.isNone(state)) return refused(new RouteOutdated({ route: route.name }))
  return {
    _tag: "Route",
    name: route.name,
    runtime,
    metrics,
    deadline: route.deadline === undefined ? undefined : Duration.toMillis(route.deadline),
    ephemeral: route.ephemeral,
    // The registered runtime has what they require.
    handler: () => route.handler(state.value, press) as Effect.Effect<Reply, unknown>,
    onTimeout: route.onTimeout as Match["onTimeout"],
  }
}

const kindOf = (press: Press): Kind =>
  press.kind === "modal" ? "modal" : press.component === ComponentType.Button ? "button" : "select"

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** The route no longer takes the state, or what was pressed is not of its kind. */
export class RouteOutdated extends Data.TaggedError("RouteOutdated")<{ readonly route: string }> {
  override get message() {
    return `The custom id of route "${this.route}" has a state that the route does not take, or stands on what the route is not for`
  }
  get userText() {
    return "This comes from an earlier version of me and no longer works. Please ask for a new one."
  }
}
