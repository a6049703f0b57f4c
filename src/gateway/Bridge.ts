/**
 * How one shard speaks to discord.js: as one of the shards of its `WebSocketManager` (`@discordjs/ws` 1.2).
 *
 * discord.js drops member events of a shard that it takes to be resuming. So it is told `resumed` right after
 * `hello`, before the replay. And it counts the guilds of a READY only while nothing else happens to the shard:
 * as long as guilds are missing, a connection that breaks and is resumed is not told to it at all.
 *
 * @module
 */
import {
  type GatewayDispatchPayload,
  GatewayIntentBits,
  type GatewayReadyDispatchData,
} from "discord-api-types/v10"
import type { ClientOptions, SessionInfo } from "discord.js"
import { ConnectionFailed } from "../DiscordError.js"
import type * as Heartbeat from "./Heartbeat.js"
import type { Listener } from "./Shard.js"

/** Builds what discord.js calls a sharding strategy. */
export type BuildStrategy = NonNullable<NonNullable<ClientOptions["ws"]>["buildStrategy"]>
/** The manager that a Client makes. */
export type Manager = Parameters<BuildStrategy>[0]
/** What a manager asks us to do. */
export type Strategy = ReturnType<BuildStrategy>

export interface Options {
  readonly manager: Manager
  readonly shardId: number
  readonly shardCount: number
  /** For errors. */
  readonly url: string
  /** The last event handed on. */
  readonly sequence: () => number
  /** Sees every event first. True keeps it from discord.js. Must not throw. */
  readonly intercept: (packet: GatewayDispatchPayload, shardId: number) => boolean
}

/** The listener of a shard that tells a manager. */
export const listener = (options: Options): Listener => {
  const { manager, shardId } = options
  const emitter = manager as unknown as Emitter
  /** The guilds of the last READY that have not come yet; undefined when there are none. */
  let missing: Set<string> | undefined

  const arrived = (packet: GatewayDispatchPayload) => {
    if (packet.t !== "GUILD_CREATE" && packet.t !== "GUILD_DELETE") return
    missing?.delete(packet.d.id)
    if (missing?.size === 0) missing = undefined
  }
  return {
    onDispatch: (packet) => {
      if (missing !== undefined) arrived(packet)
      if (!options.intercept(packet, shardId)) emitter.emit("dispatch", { data: packet, shardId })
    },
    onSession: (session) => {
      missing = undefined
      const known: SessionInfo | null =
        session === undefined
          ? null
          : {
              sessionId: session.id,
              resumeURL: session.resumeUrl,
              shardId,
              shardCount: options.shardCount,
              get sequence() {
                return options.sequence()
              },
            }
      void manager.options.updateSessionInfo(shardId, known)
    },
    onReady: (packet) => {
      emitter.emit("ready", { data: packet.d, shardId })
      // Without the intent no guild ever comes, and discord.js waits for none.
      const expected = (manager.options.intents & GatewayIntentBits.Guilds) !== 0
      if (expected && packet.d.guilds.length > 0) missing = new Set(packet.d.guilds.map((guild) => guild.id))
    },
    onHello: (resuming) => {
      if (missing !== undefined) return
      emitter.emit("hello", { shardId })
      if (resuming) emitter.emit("resumed", { shardId })
    },
    onHeartbeat: (beat) => emitter.emit("heartbeat", { ...beat, shardId }),
    onClosed: (code) => {
      if (missing === undefined) emitter.emit("closed", { code, shardId })
    },
    onFailed: (reason) =>
      emitter.emit("error", { error: new ConnectionFailed({ url: options.url, reason }), shardId }),
  }
}

/** The manager's events by their names: the enum that types them is not an export of discord.js. */
interface Emitter {
  emit<K extends keyof Events>(event: K, payload: Events[K] & { readonly shardId: number }): boolean
}

interface Events {
  readonly dispatch: { readonly data: GatewayDispatchPayload }
  readonly ready: { readonly data: GatewayReadyDispatchData }
  readonly hello: unknown
  readonly resumed: unknown
  readonly heartbeat: Heartbeat.Beat
  readonly closed: { readonly code: number }
  readonly error: { readonly error: Error }
}
