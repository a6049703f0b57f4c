/**
 * Runs an effect for each of discord.js's events: as a fiber on the roster, whose failure is logged and touches
 * neither the next event nor another listener.
 *
 * ```ts
 * const greet = Listener.layer("guildMemberAdd", (member) => Effect.all([welcome(member), roles(member)], { concurrency: 2 }))
 * ```
 *
 * Listeners are taken off with their scope. Events that come too fast for a fiber each belong in an `Inbox`:
 * `Listener.each` hands them over synchronously.
 *
 * @module
 */
import type { ClientEvents } from "discord.js"
import { Effect, Layer, type Scope } from "effect"
import { Supervisor } from "../supervise/Supervisor.js"
import { Client } from "./Client.js"

export interface Options {
  /** As on the roster. Default the event's name. */
  readonly name?: string
}

/** Listens until the scope ends. */
export const on = <K extends keyof ClientEvents, E, R>(
  event: K,
  handle: (...args: ClientEvents[K]) => Effect.Effect<unknown, E, R>,
  options: Options = {},
): Effect.Effect<void, never, Client | R | Scope.Scope | Supervisor> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const runtime = yield* Effect.runtime<R>()
    yield* each(event, (...args) => {
      runtime satisfies unknown
      Effect.runSync(
        Effect.provide(
          supervisor.fork({ kind: "listener", name: options.name ?? event }, Effect.suspend(() => handle(...args))),
          runtime,
        ),
      )
    })
  })

/** Calls a plain function for each event, synchronously, until the scope ends. What it throws is logged by the Client. */
export const each = <K extends keyof ClientEvents>(
  event: K,
  handle: (...args: ClientEvents[K]) => void,
): Effect.Effect<void, never, Client | Scope.Scope> =>
  Effect.flatMap(Client, ({ discordJs }) =>
    Effect.acquireRelease(
      Effect.sync(() => discordJs.on(event, handle)),
      () => Effect.sync(() => discordJs.off(event, handle)),
    ),
  )

/** The same as a layer. */
export const layer = <K extends keyof ClientEvents, E, R>(
  event: K,
  handle: (...args: ClientEvents[K]) => Effect.Effect<unknown, E, R>,
  options?: Options,
): Layer.Layer<never, never, Client | Exclude<R, Scope.Scope> | Supervisor> =>
  Layer.scopedDiscard(on(event, handle, options))
