/**
 * One discord.js Client between the two edges.
 *
 * The Client stays what authors know: caches and structures. It opens no socket and sends no request of its
 * own: its gateway is `Gateway`, its REST is `Rest`. An interaction becomes a structure only when someone
 * touches it, because that costs more than the rest of a command.
 *
 * A Client is made and destroyed with its scope and never used again; build the layer again for a new one.
 *
 * Failure modes: `connect` fails with one typed error that says what to do; after it, `fatal` fails when
 * Discord ends the bot for good. Everything between is reconnected by the edges.
 *
 * @module
 */
import {
  type APIApplication,
  type APIGatewayBotInfo,
  ApplicationFlags,
  type GatewayDispatchPayload,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Routes,
} from "discord-api-types/v10"
import {
  type BaseInteraction,
  Client as DiscordClient,
  type ClientOptions,
  Events,
  IntentsBitField,
  type Message,
  Partials,
} from "discord.js"
import { Cause, Context, Deferred, Effect, Layer, Redacted, Runtime, type Scope } from "effect"
import {
  AlreadyStarted,
  type FatalError,
  InvalidToken,
  isFatal,
  isUncertain,
  LibraryError,
  type RestError,
  Unreachable,
} from "../DiscordError.js"
import * as Gateway from "../gateway/Gateway.js"
import type { Transport } from "../gateway/Transport.js"
import * as Answer from "../rest/Answer.js"
import * as Rest from "../rest/Rest.js"
import * as Caches from "./Caches.js"

export interface Options {
  readonly token: Redacted.Redacted
  /** REST base without the version. */
  readonly apiUrl: string
  /** Default `lean`. */
  readonly caches?: Caches.Caches
  /** Further options for discord.js, except those that the edges own. */
  readonly discordJs?: Omit<Partial<ClientOptions>, "intents" | "rest" | "makeCache">
}

/** The intents to identify with. */
export interface Intents {
  /** Without these nothing starts. */
  readonly required: number
  /** The bot can do without these: privileged ones are left out where the application has them switched off. */
  readonly optional: number
}

/** What is known once connected. */
export interface Connection {
  /** The intents that Discord has granted. */
  readonly intents: number
  /** Optional intents that are switched off on the developer page. */
  readonly missing: number
}

export interface Client {
  /** The discord.js Client: caches, managers, and events to listen to. */
  readonly discordJs: DiscordClient
  /**
   * Connects, and resumes when every guild has arrived. Fails with what ended the attempt, in at most 15
   * seconds; a second call in one scope fails with `AlreadyStarted`. Interruption closes what was opened.
   */
  readonly connect: (intents: Intents) => Effect.Effect<Connection, StartError>
  /** Completes when the first connection is up and its guilds have arrived. */
  readonly ready: Effect.Effect<void>
  readonly isReady: () => boolean
  /** Never completes; fails when Discord has ended the bot for good. */
  readonly fatal: Effect.Effect<never, FatalError>
  /**
   * Sees every packet before discord.js does, in order. Returns true to keep it from discord.js. One handler;
   * to be set before `connect`.
   */
  readonly intercept: (handler: (packet: GatewayDispatchPayload, shardId: number) => boolean) => void
  /**
   * Calls a plain function for each packet of that name, before anybody else sees it, until what it returns is called.
   * For whoever wants messages as they come in, without the structures. What it throws is logged.
   */
  readonly watch: <T extends GatewayDispatchEvents>(
    event: T,
    see: (packet: PacketOf<T>, shardId: number) => void,
  ) => () => void
  /** Whether somebody listens to discord.js's own `interactionCreate` or `raw`. */
  readonly hasListeners: () => boolean
  /** Builds the structure of an interaction's packet; undefined before `ready`. 3–5 µs. */
  readonly interaction: (packet: GatewayDispatchPayload, shardId: number) => BaseInteraction | undefined
  /** Gives a message's packet to discord.js and returns the structure; undefined where it makes none. */
  readonly message: (packet: GatewayDispatchPayload, shardId: number) => Message | undefined
  /** The state of each shard's connection; empty before `connect`. */
  readonly shards: () => ReadonlyArray<Gateway.ShardStatus>
}

/** The packets of one name. */
export type PacketOf<T extends GatewayDispatchEvents, P = GatewayDispatchPayload> = P extends {
  readonly t: infer Name
}
  ? T extends Name
    ? P
    : never
  : never

/** What a start can end with. */
export type StartError = FatalError | AlreadyStarted | RestError | LibraryError

export const Client = Context.GenericTag<Client>("bosun/discord/Client")

/** How long one of them may take: with the back-off between them a start has failed within 15 seconds. */
const START_TIMEOUT = "1.4 seconds"
/** How many attempts to reach the API a start makes. */
const START_ATTEMPTS = 5

export const make = (options: Options): Effect.Effect<Client, never, Scope.Scope | Rest.Rest | Transport> =>
  Effect.gen(function* () {
    const rest = yield* Rest.Rest
    const context = yield* Effect.context<Transport | Scope.Scope>()
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const ready = yield* Deferred.make<void>()
    const fatal = yield* Deferred.make<never, FatalError>()
    let gateway: Gateway.Gateway | undefined
    let started = false
    let emit: ((packet: GatewayDispatchPayload, shardId: number) => void) | undefined
    let handler: (packet: GatewayDispatchPayload, shardId: number) => boolean = () => false
    const lean = (options.caches ?? "lean") === "lean"

    const discordJs: DiscordClient = new DiscordClient({
      ...options.discordJs,
      intents: 0,
      partials: options.discordJs?.partials ?? [Partials.Channel],
      allowedMentions: options.discordJs?.allowedMentions ?? { parse: [] },
      makeCache: Caches.factory(options.caches ?? "lean", () => discordJs.user?.id),
      rest: {
        api: options.apiUrl,
        // The edge has its own limits, retries and time-outs, on Effect's clock.
        makeRequest: rest.makeRequest,
        retries: 0,
        timeout: 2 ** 31 - 1,
        globalRequestsPerSecond: Infinity,
        hashSweepInterval: 0,
        handlerSweepInterval: 60_000,
      },
      ws: {
        ...options.discordJs?.ws,
        buildStrategy: (manager) => {
          emit = (data, shardId) => {
            ;(manager as Dispatching).emit("dispatch", { data, shardId })
          }
          if (gateway === undefined)
            throw new LibraryError({ cause: "the gateway is started by Client.connect" })
          return gateway.buildStrategy(manager)
        },
      },
    })

    let lastInteraction: BaseInteraction | undefined
    let lastMessage: Message | undefined
    discordJs.on(Events.InteractionCreate, (interaction) => {
      lastInteraction = interaction
    })
    discordJs.on(Events.MessageCreate, (message) => {
      lastMessage = message
    })
    discordJs.on(Events.Error, (error) => {
      fork(Effect.logError("discord.js reported an error", Cause.fail(error)))
    })

    /** Gives a packet to discord.js. What a listener throws there is its own affair. */
    const forward = (packet: GatewayDispatchPayload, shardId: number): void => {
      try {
        emit?.(packet, shardId)
      } catch (defect) {
        fork(Effect.logError(`A listener of discord.js threw at ${packet.t}`, Cause.die(defect)))
      }
    }
    const build = (packet: GatewayDispatchPayload, shardId: number): BaseInteraction | undefined => {
      const before = lastInteraction
      lastInteraction = undefined
      forward(packet, shardId)
      const built = lastInteraction
      lastInteraction = before
      return built
    }
    const seen = new WeakMap<GatewayDispatchPayload, BaseInteraction>()
    const hasListeners = () =>
      discordJs.listenerCount(Events.InteractionCreate) > 1 ||
      // discord.js has one of its own while it fetches members; a bundler may put a number behind its name.
      discordJs.listeners(Events.Raw).some(({ name }) => !name.startsWith("rateLimitHandler"))
    const watchers = new Map<string, ReadonlyArray<Watcher>>()
    const watch: Client["watch"] = (event, see) => {
      // Only packets of that name come to it.
      const watcher = see as unknown as Watcher
      watchers.set(event, [...(watchers.get(event) ?? []), watcher])
      return () => {
        const left = (watchers.get(event) ?? []).filter((one) => one !== watcher)
        if (left.length === 0) watchers.delete(event)
        else watchers.set(event, left)
      }
    }
    const show = (packet: GatewayDispatchPayload, shardId: number): void => {
      for (const see of watchers.get(packet.t) ?? []) {
        try {
          see(packet, shardId)
        } catch (defect) {
          fork(Effect.logError(`What watches ${packet.t} threw`, Cause.die(defect)))
        }
      }
    }
    const onPacket = (packet: GatewayDispatchPayload, shardId: number): boolean => {
      if (watchers.size > 0) show(packet, shardId)
      if (lean) Caches.trim(packet, discordJs.user?.id)
      // Listeners see an interaction whoever answers it; seen once, its structure is kept for the handler.
      if (packet.t === GatewayDispatchEvents.InteractionCreate && discordJs.isReady() && hasListeners()) {
        const structure = build(packet, shardId)
        if (structure !== undefined) seen.set(packet, structure)
        handler(packet, shardId)
        return true
      }
      return handler(packet, shardId)
    }

    const connect = (intents: Intents): Effect.Effect<Connection, StartError> =>
      Effect.gen(function* () {
        if (started) return yield* new AlreadyStarted({ what: "The client" })
        started = true
        const [gatewayInfo, application] = yield* Effect.all(
          [
            start(rest, options.apiUrl, Routes.gatewayBot(), Answer.isGatewayInfo),
            start(rest, options.apiUrl, "/applications/@me", Answer.isApplication),
          ],
          { concurrency: 2 },
        )
        const missing = intents.optional & PRIVILEGED & ~switchedOn(application)
        const granted = intents.required | (intents.optional & ~missing)
        discordJs.options.intents = new IntentsBitField(granted)
        let fresh: APIGatewayBotInfo | undefined = gatewayInfo
        gateway = yield* Gateway.make({
          token: options.token,
          intents: granted,
          info: Effect.suspend(() => {
            const known = fresh
            fresh = undefined
            return known === undefined
              ? start(rest, options.apiUrl, Routes.gatewayBot(), Answer.isGatewayInfo)
              : Effect.succeed(known)
          }),
        }).pipe(Effect.provide(context))
        gateway.intercept(onPacket)
        fork(Effect.catchAll(gateway.fatal, (error) => Deferred.fail(fatal, error)))
        const allReady = Effect.async<void>((resume) => {
          const onReady = () => resume(Effect.void)
          discordJs.once(Events.ClientReady, onReady)
          return Effect.sync(() => discordJs.off(Events.ClientReady, onReady))
        })
        const login = Effect.tryPromise({
          try: () => discordJs.login(Redacted.value(options.token)),
          catch: startError,
        })
        yield* Effect.all([login, allReady], { concurrency: 2, discard: true }).pipe(
          Effect.raceFirst(Deferred.await(fatal)),
        )
        yield* Deferred.succeed(ready, undefined)
        return { intents: granted, missing }
      })

    yield* Effect.addFinalizer(() =>
      Effect.promise(() => discordJs.destroy()).pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("discord.js did not stop cleanly", cause)),
        Effect.zipRight(
          Effect.sync(() => {
            discordJs.removeAllListeners()
          }),
        ),
      ),
    )

    return {
      discordJs,
      connect,
      ready: Deferred.await(ready),
      isReady: () => discordJs.isReady(),
      fatal: Effect.raceFirst(Deferred.await(fatal), rest.fatal),
      intercept: (next) => {
        handler = next
      },
      watch,
      hasListeners,
      interaction: (packet, shardId) => seen.get(packet) ?? build(packet, shardId),
      message: (packet, shardId) => {
        const before = lastMessage
        lastMessage = undefined
        forward(packet, shardId)
        const built = lastMessage
        lastMessage = before
        return built
      },
      shards: () => gateway?.shards() ?? [],
    }
  })

export const layer = (options: Options): Layer.Layer<Client, never, Rest.Rest | Transport> =>
  Layer.scoped(Client, make(options))

type Watcher = (packet: GatewayDispatchPayload, shardId: number) => void

/** The one event of discord.js's shard collection that is emitted here; its own type asks for an enum's member. */
interface Dispatching {
  readonly emit: (
    event: "dispatch",
    payload: { readonly data: GatewayDispatchPayload; readonly shardId: number },
  ) => boolean
}

/** A call that a start cannot do without: told apart are a wrong token, an API that cannot be reached, and another's. */
const start = <A>(
  rest: Rest.Rest,
  url: string,
  path: string,
  isAnswer: (answer: unknown) => answer is A,
): Effect.Effect<A, FatalError | RestError> =>
  rest.request({ method: "GET", path, retries: START_ATTEMPTS - 1, timeout: START_TIMEOUT }).pipe(
    Effect.flatMap(Answer.read(path, isAnswer)),
    Effect.mapError((error) => {
      if (error._tag === "Unauthorized") return new InvalidToken({ source: "401" })
      if (!isUncertain(error)) return error
      return new Unreachable({ url, attempts: START_ATTEMPTS, reason: error.message })
    }),
  )

/** The intents that have a switch on the developer page. */
const PRIVILEGED =
  GatewayIntentBits.GuildPresences | GatewayIntentBits.GuildMembers | GatewayIntentBits.MessageContent

/** The privileged intents that the application has switched on, in full or in their limited form. */
const switchedOn = (application: APIApplication): number => {
  const flags = application.flags ?? 0
  const on = (full: number, limited: number, intent: number): number =>
    (flags & (full | limited)) === 0 ? 0 : intent
  return (
    on(
      ApplicationFlags.GatewayPresence,
      ApplicationFlags.GatewayPresenceLimited,
      GatewayIntentBits.GuildPresences,
    ) |
    on(
      ApplicationFlags.GatewayGuildMembers,
      ApplicationFlags.GatewayGuildMembersLimited,
      GatewayIntentBits.GuildMembers,
    ) |
    on(
      ApplicationFlags.GatewayMessageContent,
      ApplicationFlags.GatewayMessageContentLimited,
      GatewayIntentBits.MessageContent,
    )
  )
}

const startError = (error: unknown): StartError => (isFatal(error) ? error : Answer.fromDiscordJs(error))
