/**
 * A local Discord in this process: one World with a REST side, a gateway side, people and faults.
 *
 * ```
 * World ← Rest            (handle)        ← Server (HTTP)
 *       ← Gateway         (connect)       ← Server (WebSocket)
 *       ← Actor           (people)        ← terminal, browser, tests
 * ```
 *
 * In-process edges behave as the wire does: frames and answers arrive in order and never within the call that
 * caused them. Time is Effect's clock; under a virtual one the whole sandbox runs in virtual time, with dates
 * from 2026 on where that clock starts at 0. Closing the scope ends every timer; sockets belong to `Server`.
 *
 * It knows nothing of any bot, and imports nothing of this package outside its own folder.
 *
 * @module
 */
import { Clock, Context, Effect, FiberRef, Layer, Runtime, type Scope } from "effect"
import * as Actor from "./people/Actor.js"
import type { UnknownActor } from "./people/ActorError.js"
import * as Faults from "./fault/Faults.js"
import * as Guilds from "./world/Guilds.js"
import type { Guild } from "./model/Model.js"
import * as Gateway from "./gateway/Gateway.js"
import type { Connection } from "./gateway/Connection.js"
import { Interactions } from "./world/Interactions.js"
import * as Rest from "./rest/Rest.js"
import * as Seed from "./world/Seed.js"
import * as Timers from "./Timers.js"
import { type Entry, Transcript } from "./Transcript.js"
import { type PrivilegedIntents, World } from "./world/World.js"

export interface Options extends Gateway.Options, Rest.Options {
  /** What the World starts with. Default: the guild `Harbour`. */
  readonly seed?: Seed.Options
  /** Which privileged intents the application may ask for. Default: all. */
  readonly privilegedIntents?: Partial<PrivilegedIntents>
  readonly botName?: string
  /** Messages kept in each channel. Default 2,000. */
  readonly historyLimit?: number
  /** How many events and requests are kept for `transcript`. Default 0: none. */
  readonly transcript?: number
}

/** What the client's side of an in-process socket is told. */
export interface Listener {
  readonly onText: (text: string) => void
  readonly onClose: (code: number, reason: string) => void
}

/** The client's side of an in-process socket. */
export interface Socket {
  readonly send: (text: string) => void
  readonly close: (code: number, reason: string) => void
}

export interface Sandbox {
  readonly world: World
  readonly gateway: Gateway.Gateway
  readonly interactions: Interactions
  /** Opens an in-process gateway socket. Only the query of `url` counts (`v=10&encoding=json`). */
  readonly connect: (url: string, listener: Listener) => Socket
  /** Answers an in-process REST request; honours faults. The result takes the request back. */
  readonly handle: (request: Rest.Request, onResponse: (response: Rest.Response) => void) => () => void
  readonly faults: Faults.Faults
  /**
   * A person, by username, shown name or id, case left aside. `guildId` chooses the guild in whose people and
   * channels names are meant first.
   */
  readonly actor: (name: string, guildId?: string) => Effect.Effect<Actor.Actor, UnknownActor>
  /** The gateway sessions, with the number of the last event that was dispatched to each. */
  readonly sessions: () => ReadonlyArray<Gateway.SessionInfo>
  /** The highest number dispatched over all sessions; 0 where there is none. */
  readonly lastSequence: () => number
  /** REST requests that have no answer yet. */
  readonly pendingRequests: () => number
  /** Interactions that await their first response, or were deferred and not answered yet. */
  readonly unansweredInteractions: () => number
  /** How many of those were deferred and show "thinking…" still. */
  readonly deferredInteractions: () => number
  /** What went between the sandbox and the bot, oldest first; empty unless `Options.transcript` is set. */
  readonly transcript: () => ReadonlyArray<Entry>
  /** The same, to be followed as it grows; `null` unless `Options.transcript` is set. */
  readonly recorder: Transcript | null
  /**
   * Deletes a guild at run time with everything that is remembered because of it: its people who are in no other
   * guild, their direct messages, its interactions. The bot gets GUILD_DELETE.
   */
  readonly forget: (guild: Guild) => void
}

export const Sandbox = Context.GenericTag<Sandbox>("bosun/sandbox/Sandbox")

/** Makes a sandbox that lives as long as the scope. */
export const make = (options: Options = {}): Effect.Effect<Sandbox, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const scheduler = yield* FiberRef.get(FiberRef.currentScheduler)
    const runtime = yield* Effect.runtime<Scope.Scope>()
    const scope = yield* Effect.scope
    const timers = yield* Timers.make
    const world = new World({
      clock,
      ...(options.botName === undefined ? {} : { botName: options.botName }),
      ...(options.privilegedIntents === undefined ? {} : { privilegedIntents: options.privilegedIntents }),
      ...(options.membersInGuildCreate === undefined
        ? {}
        : { membersInGuildCreate: options.membersInGuildCreate }),
      ...(options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit }),
    })
    const transcript =
      (options.transcript ?? 0) > 0 ? new Transcript(options.transcript ?? 0, () => world.now()) : undefined
    world.after = timers.after
    Seed.plant(world, options.seed)
    const gateway = new Gateway.Gateway(world, timers, options, transcript)
    const interactions = new Interactions(world, timers)
    const faults = Faults.make(gateway)
    const soon = (task: () => void) => scheduler.scheduleTask(task, 0)
    const fork = Runtime.runFork(runtime)
    const warn = (text: string) => {
      fork(Effect.logWarning(text), { scope })
    }
    const rest = new Rest.Rest(
      { world, interactions, gateway },
      timers,
      faults.rest,
      options,
      soon,
      warn,
      transcript,
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => gateway.forEachConnection((connection) => connection.drop())),
    )
    return {
      world,
      gateway,
      interactions,
      connect: (url, listener) => connect(gateway, soon, url, listener),
      handle: (request, onResponse) => rest.handle(request, onResponse),
      faults: faults.control,
      actor: (name, guildId) => Actor.make({ world, gateway, interactions }, name, guildId),
      sessions: () => gateway.info,
      lastSequence: () => gateway.info.reduce((highest, session) => Math.max(highest, session.sequence), 0),
      pendingRequests: () => rest.pending,
      unansweredInteractions: () => interactions.unanswered,
      deferredInteractions: () => interactions.deferred,
      transcript: () => transcript?.entries ?? [],
      recorder: transcript ?? null,
      forget: (guild) => {
        interactions.forgetGuild(guild)
        Guilds.forget(world, guild)
      },
    }
  })

/** A sandbox as a layer: fresh for each build. */
export const layer = (options?: Options): Layer.Layer<Sandbox> => Layer.scoped(Sandbox, make(options))

/** An in-process socket: what the gateway sends is queued and delivered in order, in one task for a burst. */
const connect = (
  gateway: Gateway.Gateway,
  soon: (task: () => void) => void,
  url: string,
  listener: Listener,
): Socket => {
  let outbox: Array<string> = []
  let flushing = false
  let closed = false
  let left = false
  let ending: { readonly code: number; readonly reason: string } | null = null
  const flush = () => {
    flushing = false
    const batch = outbox
    outbox = []
    for (const text of batch) if (accepting()) listener.onText(text)
    if (outbox.length > 0) return schedule()
    if (ending === null || closed) return
    closed = true
    listener.onClose(ending.code, ending.reason)
  }
  const accepting = () => !left
  const schedule = () => {
    if (flushing) return
    flushing = true
    soon(flush)
  }
  const end = (code: number, reason: string) => {
    if (ending !== null) return
    ending = { code, reason }
    schedule()
  }
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "")
  const resumeUrl = url.includes("?") ? url.slice(0, url.indexOf("?")) : url
  const connection: Connection = gateway.accept(
    {
      send: (text) => {
        if (ending !== null) return
        outbox.push(text)
        schedule()
      },
      close: end,
      terminate: () => end(1006, ""),
    },
    query,
    resumeUrl,
  )
  return {
    send: (text) => {
      if (ending === null) connection.receive(text)
    },
    close: (code, reason) => {
      if (ending !== null) return
      gateway.closed(connection, code)
      // What was on its way does not arrive any more, as after a close frame.
      outbox = []
      left = true
      end(code, reason)
    },
  }
}
