/** A bot over the sandbox: through sockets, or in this process and in virtual time. */
import { Cause, Effect, Exit, Layer, Redacted } from "effect"
import * as Bot from "../../src/Bot.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as GatewayTransport from "../../src/gateway/Transport.js"
import * as RestTransport from "../../src/rest/Transport.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

type Features<A, E> = Layer.Layer<A, E, Bot.Services>
type Options = Partial<Bot.Options>

/** Over HTTP and WebSocket on the loopback. */
export const overSockets = <A, E>(
  features: Features<A, E>,
  options: Options = {},
  sandbox?: Sandbox.Options,
) =>
  Layer.unwrapEffect(
    Effect.map(Server.Server, ({ url }) =>
      Bot.layer(features, { token: Redacted.make("token"), apiUrl: url, grace: 0, ...options }),
    ),
  ).pipe(Layer.provideMerge(Server.layer({ port: 0 })), Layer.provideMerge(Sandbox.layer(sandbox)))

/** Without sockets: everything in this process, so that time can be virtual. */
export const inProcess = <A, E>(features: Features<A, E>, options: Options = {}, sandbox?: Sandbox.Options) =>
  onSandbox(features, options).pipe(Layer.provideMerge(Sandbox.layer(sandbox)))

/** The same on a sandbox that outlives the bot. */
export const onSandbox = <A, E>(features: Features<A, E>, options: Options = {}) =>
  Layer.unwrapEffect(
    Effect.map(Sandbox.Sandbox, ({ connect, handle }) =>
      Bot.over(features, {
        token: Redacted.make("token"),
        apiUrl: "http://127.0.0.1/api",
        grace: 0,
        ...options,
      }).pipe(
        Layer.provide(GatewayTransport.layerFrom(connect)),
        Layer.provide(RestTransport.layerInProcess(handle)),
      ),
    ),
  )

/** Runs a test against such a bot, its commands deployed, in virtual time; gives what it returns. */
export const virtually = async <A, E>(
  features: Layer.Layer<never, never, Bot.Services>,
  test: Effect.Effect<A, E, Bot.Bot | Bot.Services | Sandbox.Sandbox>,
  options: Options = {},
): Promise<A> => {
  const { exit } = await VirtualClock.run(
    Effect.zipRight(Deploy.apply(), test).pipe(Effect.provide(inProcess(features, options))),
  )
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value
}

export const actor = (name: string) => Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.actor(name))
