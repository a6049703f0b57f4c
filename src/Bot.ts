/**
 * A whole bot as one layer: both edges, the discord.js Client, the supervisor, the commands, and the features
 * on top of them.
 *
 * ```ts
 * NodeRuntime.runMain(Bot.run(Command.layer(ping), { token: Redacted.make(process.env.DISCORD_TOKEN!) }))
 * ```
 *
 * The features are built before the bot connects, so no event finds a command that is not there yet. On the
 * way down the order is reversed: nothing new is started, what runs is drained and its users are told, the
 * features' resources are released, the gateway is closed.
 *
 * Failure modes: the layer fails with one typed error that says what to do; afterwards `fatal` fails when
 * Discord has ended the bot for good, and nothing else ends it. Building it twice gives two bots; the same
 * Client is never started twice.
 *
 * @module
 */
import { GatewayIntentBits } from "discord-api-types/v10"
import { IntentsBitField } from "discord.js"
import { Context, Duration, Effect, Layer, type Redacted, Scheduler } from "effect"
import { Commands, layer as commandsLayer } from "./command/Commands.js"
import * as Router from "./command/Router.js"
import * as Routes from "./command/Routes.js"
import type { Policies } from "./command/Spec.js"
import type * as Caches from "./discord/Caches.js"
import * as Client from "./discord/Client.js"
import * as Discord from "./discord/Discord.js"
import { type FatalError, Unreachable } from "./DiscordError.js"
import * as GatewayTransport from "./gateway/Transport.js"
import * as Signer from "./interaction/Signer.js"
import * as Rest from "./rest/Rest.js"
import * as RestTransport from "./rest/Transport.js"
import * as Alarm from "./supervise/Alarm.js"
import * as Jobs from "./supervise/Jobs.js"
import * as Shutdown from "./supervise/Shutdown.js"
import * as Supervisor from "./supervise/Supervisor.js"
import * as Timers from "./supervise/Timers.js"
import * as Places from "./wait/Places.js"
import * as Waits from "./wait/Waits.js"

export interface Options {
  readonly token: Redacted.Redacted
  /** REST base without the version; the gateway's address comes from it. Default Discord's own. */
  readonly apiUrl?: string
  /** What prefix messages start with. Default `!`. */
  readonly prefix?: string
  /** Gateway intents beyond those that the commands need, as `GatewayIntentBits`. */
  readonly intents?: {
    /** The bot does not start without these. */
    readonly required?: number
    /** Privileged ones that it can do without. */
    readonly optional?: number
  }
  /** How much of Discord is kept in memory. Default `lean`. */
  readonly caches?: Caches.Caches
  /** For commands that have none of their own, nor in their groups: `Policy.defaults(…)`. */
  readonly policies?: Policies
  /**
   * Whether the bot gets messages, by the intents for those in servers and direct messages. Default true: prefix
   * commands and answers in conversations come by them. False spares a bot that has neither their traffic.
   */
  readonly messages?: boolean
  /**
   * What signs the custom ids of routes: `Signer.layer(secrets)` or `Signer.layerFile("./data")`. Default a random
   * secret: then their buttons do not outlive the process.
   */
  readonly signer?: Layer.Layer<Signer.Signer>
  /** Told of every call's outcome when it is decided. */
  readonly onOutcome?: Router.Options["onOutcome"]
  /** What a user may be told of a defect: `Database.explain`, for instance. Default that something broke. */
  readonly explain?: Router.Options["explain"]
  /** How long running commands may go on when the bot is asked to stop. Default 25 seconds. */
  readonly grace?: Duration.DurationInput
  /** A fiber older than this is named in the log. Default 30 seconds. */
  readonly warnAfter?: Duration.DurationInput
  /** Further options for discord.js, except those that the edges own. */
  readonly discordJs?: Client.Options["discordJs"]
}

/** A connected bot. */
export interface Bot {
  /** The intents that were granted. */
  readonly intents: number
  /** Names of the optional intents that are switched off on Discord's developer page. */
  readonly missingIntents: ReadonlyArray<string>
  /**
   * Never completes; fails when Discord has ended the bot for good, or a service was given up that it cannot do
   * without. Whoever launches a bot must watch it.
   */
  readonly fatal: Effect.Effect<never, FatalError | Supervisor.Escalated>
}

export const Bot = Context.GenericTag<Bot>("bosun/Bot")

/** What features can use. */
export type Services =
  | Alarm.Alarm
  | Client.Client
  | Commands
  | Discord.Discord
  | Jobs.Jobs
  | Rest.Rest
  | Routes.Routes
  | Shutdown.Shutdown
  | Signer.Signer
  | Supervisor.Supervisor
  | Timers.Timers
  | Waits.Waits

/** Discord's API. */
export const DISCORD = "https://discord.com/api"

/**
 * The bot over sockets. Builds the features, then connects; fails with what kept it from connecting, within 15
 * seconds. Interruption, and the end of the scope, close everything again.
 */
export const layer = <A, E, R>(
  features: Layer.Layer<A, E, R>,
  options: Options,
): Layer.Layer<Bot | Services | A, E | Client.StartError, Exclude<R, Services>> =>
  over(features, options).pipe(
    Layer.provide(GatewayTransport.layerWebSocket),
    Layer.provide(undici(options.apiUrl)),
    // Effect's own scheduler lets busy fibers keep timers waiting for a second and more, the heartbeat's too.
    Layer.provide(Layer.setScheduler(Scheduler.makeBatched((run) => setImmediate(run)))),
  )

/**
 * Runs a bot over sockets until it is interrupted, or fails with what kept it from connecting or ended it for
 * good. (`Layer.launch` on `layer` would not notice the latter: then watch `Bot.fatal` yourself.)
 */
export const run = <A, E, R>(
  features: Layer.Layer<A, E, R>,
  options: Options,
): Effect.Effect<never, E | Client.StartError | Supervisor.Escalated, Exclude<R, Services>> =>
  Layer.build(layer(features, options)).pipe(
    Effect.flatMap((context) => Context.get(context, Bot).fatal),
    Effect.scoped,
  )

/** The same over transports of the caller's choice: an in-process Discord, for instance. */
export const over = <A, E, R>(
  features: Layer.Layer<A, E, R>,
  options: Options,
): Layer.Layer<
  Bot | Services | A,
  E | Client.StartError,
  Exclude<R, Services> | GatewayTransport.Transport | RestTransport.Transport
> => connected(options).pipe(Layer.provideMerge(features), Layer.provideMerge(services(options)))

/**
 * The features and what they can use, without a connection: for what concerns the commands themselves, such as
 * giving them to Discord. REST works; nothing comes from the gateway.
 */
export const offline = <A, E, R>(
  features: Layer.Layer<A, E, R>,
  options: Options,
): Layer.Layer<Services | A, E | Unreachable, Exclude<R, Services>> =>
  features.pipe(
    Layer.provideMerge(services(options)),
    Layer.provide(GatewayTransport.layerWebSocket),
    Layer.provide(undici(options.apiUrl)),
  )

/**
 * REST alone, without a gateway: for scripts, and for processes that only send.
 */
export const rest = (
  options: Pick<Options, "token" | "apiUrl">,
): Layer.Layer<Rest.Rest | Discord.Discord, Unreachable> => {
  const apiUrl = options.apiUrl ?? DISCORD
  return Discord.layer.pipe(
    Layer.provideMerge(Rest.layer({ apiUrl, token: options.token })),
    Layer.provide(Timers.layer),
    Layer.provide(undici(options.apiUrl)),
  )
}

const undici = (apiUrl: string = DISCORD): Layer.Layer<RestTransport.Transport, Unreachable> =>
  URL.canParse(apiUrl)
    ? RestTransport.layerUndici({ origin: new URL(apiUrl).origin })
    : Layer.fail(new Unreachable({ url: apiUrl, attempts: 0, reason: "the option apiUrl is not a URL" }))

const services = (options: Options) => {
  const apiUrl = options.apiUrl ?? DISCORD
  return Layer.mergeAll(
    commandsLayer({ prefix: options.prefix ?? "!" }),
    Routes.layer,
    Discord.layer,
    Alarm.layer,
    Jobs.layer,
    waits,
  ).pipe(
    Layer.provideMerge(options.signer ?? Signer.layerRandom),
    Layer.provideMerge(
      Layer.merge(
        Supervisor.layer(options.warnAfter === undefined ? {} : { warnAfter: options.warnAfter }),
        Client.layer({
          token: options.token,
          apiUrl,
          ...(options.caches === undefined ? {} : { caches: options.caches }),
          ...(options.discordJs === undefined ? {} : { discordJs: options.discordJs }),
        }),
      ),
    ),
    Layer.provideMerge(Rest.layer({ apiUrl, token: options.token })),
    Layer.provideMerge(Layer.merge(Timers.layer, Shutdown.layer)),
  )
}

/** The intents are known once the client is connected. */
const waits = Layer.unwrapEffect(
  Effect.map(Client.Client, ({ discordJs }) =>
    Waits.layer({
      granted: () => new IntentsBitField(discordJs.options.intents).bitfield,
      inside: Places.inside(discordJs),
    }),
  ),
)

const connected = (options: Options) =>
  Layer.scoped(
    Bot,
    Effect.gen(function* () {
      const client = yield* Client.Client
      const commands = yield* Commands
      const supervisor = yield* Supervisor.Supervisor
      const shutdown = yield* Shutdown.Shutdown
      const jobs = yield* Jobs.Jobs
      const grace = Duration.decode(options.grace ?? "25 seconds")
      yield* Router.make({
        ...(options.policies === undefined ? {} : { policies: options.policies }),
        ...(options.onOutcome === undefined ? {} : { onOutcome: options.onOutcome }),
        ...(options.explain === undefined ? {} : { explain: options.explain }),
      })
      yield* shutdown.register({ name: "new commands", phase: "intake", run: supervisor.close })
      yield* shutdown.register({
        name: "running tasks",
        phase: "end",
        deadline: Duration.sum(grace, LAST_WORDS),
        run: Effect.flatMap(shutdown.remaining, supervisor.drain).pipe(
          Effect.filterOrFail(
            (left) => left === 0,
            (left) => new Shutdown.StillRunning({ left }),
          ),
        ),
      })
      // Added last, so it comes first on the way down: before anything that a command uses is released.
      let isUp = false
      yield* Effect.addFinalizer(() =>
        // A start that failed has its own line, and hardly anything to wind up.
        isUp ? Shutdown.complete(shutdown, grace) : supervisor.drain(0),
      )
      const messages = options.messages ?? true
      const connection = yield* client.connect({
        required:
          GatewayIntentBits.Guilds |
          (messages ? GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages : 0) |
          (options.intents?.required ?? 0),
        optional: (messages ? GatewayIntentBits.MessageContent : 0) | (options.intents?.optional ?? 0),
      })
      const missingIntents = intentNames(connection.missing)
      if (!messages) commands.setPrefix(undefined)
      if ((connection.missing & GatewayIntentBits.MessageContent) !== 0) {
        commands.setPrefix(undefined)
        yield* Effect.logWarning(
          "Prefix commands, and answers typed in a server, are off: the Message Content Intent is not switched on in Discord's developer page (Applications → your app → Bot → Privileged Gateway Intents)",
        )
      }
      isUp = true
      yield* jobs.begin
      return {
        intents: connection.intents,
        missingIntents,
        fatal: Effect.raceFirst(client.fatal, supervisor.escalated),
      }
    }),
  )

/** Longer than an ended task may take to tell its user. */
const LAST_WORDS = Duration.seconds(15)

const intentNames = (bits: number): ReadonlyArray<string> =>
  Object.entries(GatewayIntentBits)
    .filter(([, bit]) => typeof bit === "number" && (bits & bit) !== 0)
    .map(([name]) => name)
