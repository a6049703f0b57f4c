/**
 * The one door through which foreign code runs Bosun's effects: an HTTP server's handler, a queue's consumer,
 * an emitter's listener.
 *
 * Elsewhere each such place brings its own way to start an event loop or a runtime, and they conflict. Here
 * the door is opened inside the bot, with the services that are there, and what comes through it is a fiber on
 * the roster that ends with the bot.
 *
 * ```ts
 * const door = yield* Door.make<Database>()
 * server.on("request", (request, response) => {
 *   void door.run("http", answer(request)).then((body) => response.end(body))
 * })
 * ```
 *
 * @module
 */
import { Cause, Data, Effect, Exit, type Runtime } from "effect"
import type * as Roster from "./Roster.js"
import { owned, Supervisor } from "./Supervisor.js"

export interface Door<R> {
  /**
   * Runs an effect as a supervised fiber under the given name. The promise settles with its result, or rejects
   * with its error, or with `DoorClosed` where it was interrupted or the bot has stopped. The signal, where one
   * is given, interrupts it.
   */
  readonly run: <A, E>(
    name: string,
    effect: Effect.Effect<A, E, R>,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<A>
}

/** The bot has stopped, or the effect was interrupted. */
export class DoorClosed extends Data.TaggedError("DoorClosed")<{ readonly name: string }> {
  override get message() {
    return `${this.name} did not finish: the bot has stopped or it was cancelled`
  }
}

/** Opens a door with the services that are here now. */
export const make = <R = never>(): Effect.Effect<Door<R>, never, R | Supervisor> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const runtime: Runtime.Runtime<R> = yield* Effect.runtime<R>()
    return {
      run: (name, effect, options) => {
        const signal = options?.signal
        const { promise, reject, resolve } = withResolvers<Awaited<Effect.Effect.Success<typeof effect>>>()
        let entry: Roster.Held | undefined
        const stop = (): void => {
          const fiber = entry?.fiber
          if (fiber !== undefined) fiber.unsafeInterruptAsFork(fiber.id())
        }
        if (signal?.aborted === true) {
          reject(new DoorClosed({ name }))
          return promise
        }
        signal?.addEventListener("abort", stop)
        const own = owned(effect)
        entry = supervisor.start(
          { kind: "foreign", name, userId: undefined, guildId: undefined, channelId: undefined },
          runtime,
          Effect.interruptible(own.effect),
          (exit, self) => {
            supervisor.release(self)
            signal?.removeEventListener("abort", stop)
            if (Exit.isSuccess(exit)) resolve(exit.value as Awaited<typeof exit.value>)
            else if (Cause.isInterruptedOnly(exit.cause)) reject(new DoorClosed({ name }))
            else reject(Cause.squash(exit.cause))
          },
          own.onEntry,
        )
        if (entry === undefined) reject(new DoorClosed({ name }))
        return promise
      },
    }
  })

const withResolvers = <A>() => {
  let resolve: (value: A) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<A>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}
