/**
 * Runs an effect for each of discord.js's events: as a fiber on the roster, whose failure is logged and touches
 * neither the next event nor another listener.
 *
 * ```ts
 * const greet = Listener.layer("guildMemberAdd", (member) => Group.collect({ message: welcome(member), roles: give(member) }))
 * ```
 *
 * Listeners are taken off with their scope. What they have begun by then goes on, and has the grace at shutdown.
 *
 * Events that come too fast for a fiber each belong in an `Inbox`: `each` and `packets` hand them over
 * synchronously. `packets` shows them as Discord sent them, which spares the structures (a message: 3 µs).
 *
 * Failure modes: events come only with their intents, and those of discord.js only of what it knows; its `error` is
 * what else it has to say. Once the bot stops, nothing is begun any more.
 *
 * @module
 */
import type { GatewayDispatchEvents } from "discord-api-types/v10"
import type { ClientEvents } from "discord.js"
import { Cause, Effect, Layer, Runtime, type Scope } from "effect"
import { Supervisor } from "../supervise/Supervisor.js"
import { Client, type PacketOf } from "./Client.js"

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
    const start = Runtime.runSyncExit(yield* Effect.runtime<R>())
    const origin = { kind: "listener", name: options.name ?? event }
    yield* each(event, (...args) => {
      // Without a result where the bot stops.
      start(
        supervisor.fork(
          origin,
          Effect.suspend(() => handle(...args)),
        ),
      )
    })
  })

/** Calls a plain function for each event, synchronously, until the scope ends. What it throws is logged. */
export const each = <K extends keyof ClientEvents>(
  event: K,
  handle: (...args: ClientEvents[K]) => void,
): Effect.Effect<void, never, Client | Scope.Scope> =>
  Effect.gen(function* () {
    const { discordJs } = yield* Client
    const log = Runtime.runFork(yield* Effect.runtime<never>())
    // What one throws would keep discord.js from calling the others.
    const guarded = (...args: ClientEvents[K]): void => {
      try {
        handle(...args)
      } catch (defect) {
        log(Effect.logError(`A listener of ${event} threw`, Cause.die(defect)))
      }
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => discordJs.on(event, guarded)),
      () => Effect.sync(() => discordJs.off(event, guarded)),
    )
  })

/**
 * Calls a plain function for each packet's data, synchronously, before discord.js and the commands see it, until the
 * scope ends. What it throws is logged.
 */
export const packets = <T extends GatewayDispatchEvents>(
  event: T,
  handle: (data: PacketOf<T>["d"], shardId: number) => void,
): Effect.Effect<void, never, Client | Scope.Scope> =>
  Effect.flatMap(Client, ({ watch }) =>
    Effect.asVoid(
      Effect.acquireRelease(
        Effect.sync(() => watch(event, (packet, shardId) => handle(packet.d as PacketOf<T>["d"], shardId))),
        (stop) => Effect.sync(stop),
      ),
    ),
  )

/** `on` as a layer. */
export const layer = <K extends keyof ClientEvents, E, R>(
  event: K,
  handle: (...args: ClientEvents[K]) => Effect.Effect<unknown, E, R>,
  options?: Options,
): Layer.Layer<never, never, Client | Exclude<R, Scope.Scope> | Supervisor> =>
  Layer.scopedDiscard(on(event, handle, options))
