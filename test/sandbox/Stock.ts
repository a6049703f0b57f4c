/**
 * A stock discord.js Client on a sandbox over real sockets, for tests.
 *
 * @module
 */
import { Client, type ClientEvents, type ClientOptions, Events, GatewayIntentBits } from "discord.js"
import { Data, Effect, Layer, type Scope } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"

/** Everything that the usual bot asks for. */
export const intents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMembers,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.GuildModeration,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.MessageContent,
]

/** A sandbox that listens on a port of its own. */
export const layer = (
  options?: Sandbox.Options,
): Layer.Layer<Sandbox.Sandbox | Server.Server, Server.ServerError> =>
  Server.layer({ port: 0 }).pipe(Layer.provideMerge(Sandbox.layer(options)))

/** A client that is logged in and ready, and destroyed with the scope. */
export const login = (
  options: Partial<ClientOptions> = {},
  token = "any",
): Effect.Effect<Client<true>, LoginFailure, Scope.Scope | Server.Server> =>
  Effect.gen(function* () {
    const { url } = yield* Server.Server
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Client({ intents, rest: { api: url }, ...options })),
      (made) => Effect.promise(() => made.destroy()),
    )
    client.on("error", () => {})
    const ready = yield* Effect.fork(event(client, Events.ClientReady))
    yield* Effect.tryPromise({
      try: () => client.login(token),
      catch: (cause) => new LoginFailure({ code: (cause as { code?: unknown }).code, reason: String(cause) }),
    })
    const [whole] = yield* ready
    return whole
  })

/** The next event of a name that fits. Subscribed once the effect runs. */
export const event = <K extends keyof ClientEvents>(
  client: Client,
  name: K,
  fits: (...args: ClientEvents[K]) => boolean = () => true,
): Effect.Effect<ClientEvents[K]> =>
  Effect.async((resume) => {
    const listener = (...args: ClientEvents[K]) => {
      if (!fits(...args)) return
      client.off(name, listener)
      resume(Effect.succeed(args))
    }
    client.on(name, listener)
    return Effect.sync(() => client.off(name, listener))
  })

/** Runs a promise of discord.js; its rejection is the failure. */
export const use = <A>(run: () => Promise<A>): Effect.Effect<A, DiscordFailure> =>
  Effect.tryPromise({ try: run, catch: (cause) => cause as DiscordFailure })

/** What of a DiscordAPIError tests look at. */
export interface DiscordFailure {
  readonly code: number
  readonly status: number
  readonly rawError: unknown
}

/** Why discord.js could not log in. */
export class LoginFailure extends Data.TaggedError("LoginFailure")<{
  readonly code: unknown
  readonly reason: string
}> {}
