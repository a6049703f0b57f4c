/**
 * All gateway sessions of the one bot: who may identify, which session gets which event, and what is left after
 * a connection is lost.
 *
 * An event is serialized at most twice (with and without message content) however many sessions get it. A
 * session whose connection is lost is kept for five minutes, with its newest events.
 *
 * @module
 */
import {
  GatewayCloseCodes as Close,
  GatewayIntentBits as Intent,
  GatewayOpcodes as Op,
} from "discord-api-types/v10"
import { Connection, type Host, type Peer, type Refusal, Session } from "./Session.js"
import * as Intents from "./Intents.js"
import { isObject } from "../form/Form.js"
import type { Guild, Json } from "../model/Model.js"
import type { Timers } from "../Timers.js"
import type { Transcript } from "../Transcript.js"
import * as Wire from "../world/Wire.js"
import type { Event, World } from "../world/World.js"

export interface Options {
  /** The only token that is let in (without `Bot `). Default: any. */
  readonly token?: string
  /** Milliseconds between heartbeats. Default 41,250, as Discord's. */
  readonly heartbeatInterval?: number
  /** Events kept for the replay of one session. Default 5,000. */
  readonly replayLimit?: number
  /**
   * Who is in a GUILD_CREATE: `discord` (everyone only with the presence intent, else the bot alone) or `all`.
   * Default `discord`.
   */
  readonly membersInGuildCreate?: "discord" | "all"
  /** Identifies in 24 hours. Discord: 1,000. */
  readonly identifyLimit?: number
}

/** One session as an onlooker sees it. */
export interface SessionInfo {
  readonly id: string
  readonly shard: readonly [number, number]
  readonly intents: number
  /** The number of the last event that was dispatched to it. */
  readonly sequence: number
  /** The number in its client's last heartbeat. */
  readonly heard: number
  readonly connected: boolean
}

/** Discord keeps a lost session for some minutes. */
const resumeWindow = 5 * 60_000
const day = 86_400_000
const chunkSize = 1_000

export class Gateway {
  private readonly sessions = new Map<string, Session>()
  private readonly connections = new Set<Connection>()
  private readonly identifyLimit: number
  private readonly host: Host
  private identified = 0
  private identifiedSince = 0
  private serial = 0
  /** False while heartbeats go unanswered. */
  acknowledges = true
  /** Milliseconds that an event is on its way to the client. */
  travel: (type: string) => number = none

  constructor(
    private readonly world: World,
    timers: Timers,
    private readonly options: Options,
    transcript?: Transcript,
  ) {
    this.identifyLimit = options.identifyLimit ?? 1_000
    this.host = {
      heartbeatInterval: options.heartbeatInterval ?? 41_250,
      now: () => world.now(),
      acknowledges: () => this.acknowledges,
      after: timers.after,
      identify: (data) => this.identify(data),
      resume: (data) => this.resume(data),
      welcome: (session, connection) => this.welcome(session, connection),
      requestMembers: (session, data) => this.requestMembers(session, data),
      travel: (type) => this.travel(type),
      dispatched:
        transcript === undefined
          ? undefined
          : (session, type, data) => transcript.event(type, session.shard[0], session.sequence, data),
      away: (session, ended) => {
        session.awaySince = world.now()
        if (ended) this.sessions.delete(session.id)
      },
    }
    world.onEvent((event) => this.route(event))
  }

  /**
   * Takes a new socket. `query` is that of the URL: version 10 and JSON, or the connection is closed (4012,
   * 4002). The returned connection wants to be told of frames and of the socket's end.
   */
  accept(peer: Peer, query: URLSearchParams, resumeUrl: string): Connection {
    const connection = new Connection(
      {
        send: peer.send,
        close: (code, reason) => {
          this.connections.delete(connection)
          peer.close(code, reason)
        },
        terminate: () => {
          this.connections.delete(connection)
          peer.terminate()
        },
      },
      this.host,
      resumeUrl,
    )
    this.connections.add(connection)
    const version = query.get("v")
    const encoding = query.get("encoding")
    if (version !== null && version !== "10")
      connection.hangUp(Close.InvalidAPIVersion, "The sandbox speaks gateway version 10 only.")
    else if (encoding !== null && encoding !== "json")
      connection.hangUp(Close.DecodeError, "The sandbox speaks encoding=json only.")
    else connection.begin()
    return connection
  }

  /** The socket of a connection is gone. */
  closed(connection: Connection, code: number): void {
    this.connections.delete(connection)
    connection.closed(code)
  }

  /** Sessions that are connected or can be resumed. */
  get info(): ReadonlyArray<SessionInfo> {
    this.expire()
    return [...this.sessions.values()].map(({ connection, heard, id, intents, sequence, shard }) => ({
      id,
      shard,
      intents,
      sequence,
      heard,
      connected: connection !== null,
    }))
  }

  /** Whether some session gets the events of a guild (`null`: direct messages). */
  reaches(guildId: string | null): boolean {
    this.expire()
    for (const session of this.sessions.values()) if (isHome(session, guildId)) return true
    return false
  }

  /** `session_start_limit` of `/gateway/bot`. */
  get startLimit(): Json {
    const now = this.world.now()
    const running = now - this.identifiedSince < day
    return {
      total: this.identifyLimit,
      remaining: Math.max(0, this.identifyLimit - (running ? this.identified : 0)),
      reset_after: running ? this.identifiedSince + day - now : 0,
      max_concurrency: 1,
    }
  }

  /** Does something to every open connection. */
  forEachConnection(task: (connection: Connection) => void): void {
    for (const connection of Array.from(this.connections)) task(connection)
  }

  /** Forgets every session, so that no resume succeeds; connections stay. */
  forgetSessions(): void {
    this.sessions.clear()
  }

  /** Sends op 9 to every connection; not resumable ones lose their session. */
  invalidate(resumable: boolean): void {
    this.forEachConnection((connection) => {
      const session = connection.session
      if (session === null) return
      connection.send({ op: Op.InvalidSession, t: null, s: null, d: resumable })
      connection.session = null
      session.connection = null
      this.host.away(session, !resumable)
    })
  }

  /** Sends an event as it is to every session, whatever its intents. */
  raw(type: string, data: unknown): void {
    const text = JSON.stringify(data)
    for (const session of this.sessions.values()) session.dispatch(type, text)
  }

  private identify(data: Json): Session | Refusal {
    const { options, world } = this
    if (!this.admits(data["token"]))
      return { close: Close.AuthenticationFailed, reason: "Authentication failed." }
    const intents = data["intents"]
    if (typeof intents !== "number" || !Number.isInteger(intents) || (intents & ~Intents.known) !== 0) {
      return { close: Close.InvalidIntents, reason: "Invalid intent(s)." }
    }
    if (!isObject(data["properties"]))
      return { close: Close.DecodeError, reason: "Error while decoding payload." }
    if ((intents & world.forbiddenIntents) !== 0)
      return { close: Close.DisallowedIntents, reason: "Disallowed intent(s)." }
    const shard = readShard(data["shard"])
    if (shard === undefined) return { close: Close.InvalidShard, reason: "Invalid shard." }
    const now = world.now()
    if (now - this.identifiedSince >= day) {
      this.identifiedSince = now
      this.identified = 0
    }
    // Discord resets the token of a bot that goes on identifying beyond its limit.
    if (++this.identified > this.identifyLimit)
      return { close: Close.AuthenticationFailed, reason: "Authentication failed." }
    this.expire()
    const id = (BigInt(world.id()) * 0x1_0000n + BigInt(++this.serial)).toString(16).padStart(32, "0")
    const session = new Session(id, intents, shard, options.replayLimit ?? 5_000, this.host)
    this.sessions.set(id, session)
    return session
  }

  private resume(data: Json): Session | Refusal | null {
    if (!this.admits(data["token"]))
      return { close: Close.AuthenticationFailed, reason: "Authentication failed." }
    this.expire()
    return this.sessions.get(String(data["session_id"])) ?? null
  }

  private admits(token: unknown): boolean {
    if (typeof token !== "string" || token === "") return false
    return this.options.token === undefined || token.replace(/^Bot /, "") === this.options.token
  }

  private welcome(session: Session, connection: Connection): void {
    const { world } = this
    const guilds = [...world.guilds.values()].filter(
      (guild) => isHome(session, guild.id) && guild.members.has(world.bot.id),
    )
    session.dispatch(
      "READY",
      JSON.stringify({
        v: 10,
        user: { ...Wire.user(world.bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
        user_settings: {},
        guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
        private_channels: [],
        relationships: [],
        presences: [],
        session_id: session.id,
        session_type: "normal",
        resume_gateway_url: connection.resumeUrl,
        shard: session.shard,
        application: { id: world.bot.id, flags: world.applicationFlags },
        _trace: [],
      }),
    )
    if ((session.intents & Intent.Guilds) === 0) return
    for (const guild of guilds) {
      session.dispatch(
        "GUILD_CREATE",
        JSON.stringify(Wire.guildCreate(world, guild, this.shownMembers(session, guild))),
      )
    }
  }

  private shownMembers(session: Session, guild: Guild) {
    const everyone =
      this.options.membersInGuildCreate === "all" || (session.intents & Intent.GuildPresences) !== 0
    return everyone ? guild.members.values() : [this.world.self(guild)]
  }

  private route(event: Event): void {
    if (this.sessions.size === 0) return
    const { world } = this
    if (event.channel !== undefined && !world.canSee(world.bot.id, event.channel)) return
    const guild = event.guildId === null ? undefined : world.guilds.get(event.guildId)
    // A guild goes on without the bot, which hears nothing of it but its own departure.
    if (guild !== undefined && !guild.members.has(world.bot.id) && event.type !== "GUILD_DELETE") return
    let whole: string | undefined
    let bare: string | undefined
    for (const session of this.sessions.values()) {
      if (!isHome(session, event.guildId) || !Intents.wants(session.intents, event, world.bot.id)) continue
      if (session.connection === null && world.now() - session.awaySince > resumeWindow) {
        this.sessions.delete(session.id)
      } else if (Intents.hidesContent(session.intents, event, world.bot.id)) {
        bare ??= JSON.stringify(Intents.withoutContent(event.data()))
        session.dispatch(event.type, bare)
      } else {
        whole ??= JSON.stringify(event.data())
        session.dispatch(event.type, whole)
      }
    }
  }

  private requestMembers(session: Session, data: Json): void {
    const { world } = this
    const guild = world.guilds.get(
      String(Array.isArray(data["guild_id"]) ? data["guild_id"][0] : data["guild_id"]),
    )
    if (guild === undefined) return
    const wanted = data["user_ids"]
    const ids = wanted === undefined ? undefined : (Array.isArray(wanted) ? wanted : [wanted]).map(String)
    const limit = typeof data["limit"] === "number" ? data["limit"] : 0
    const query = String(data["query"] ?? "").toLowerCase()
    // The whole list needs the intent; without it Discord stays silent.
    if (ids === undefined && query === "" && limit === 0 && (session.intents & Intent.GuildMembers) === 0)
      return
    const found =
      ids === undefined
        ? [...guild.members.values()].filter((member) => {
            const user = world.user(member.userId)
            return [user.username, member.nick ?? ""].some((name) => name.toLowerCase().startsWith(query))
          })
        : ids.flatMap((id) => guild.members.get(id) ?? [])
    const chosen = limit > 0 ? found.slice(0, Math.min(limit, 100)) : found
    const count = Math.max(1, Math.ceil(chosen.length / chunkSize))
    for (let index = 0; index < count; index++) {
      session.dispatch(
        "GUILD_MEMBERS_CHUNK",
        JSON.stringify({
          guild_id: guild.id,
          members: chosen
            .slice(index * chunkSize, (index + 1) * chunkSize)
            .map((member) => Wire.member(world, member)),
          chunk_index: index,
          chunk_count: count,
          ...(ids === undefined ? {} : { not_found: ids.filter((id) => !guild.members.has(id)) }),
          ...(data["presences"] === true ? { presences: [] } : {}),
          ...(typeof data["nonce"] === "string" ? { nonce: data["nonce"] } : {}),
        }),
      )
    }
  }

  private expire(): void {
    const now = this.world.now()
    for (const session of this.sessions.values()) {
      if (session.connection === null && now - session.awaySince > resumeWindow)
        this.sessions.delete(session.id)
    }
  }
}

const none = (): number => 0

const isHome = (session: Session, guildId: string | null): boolean => {
  const [index, count] = session.shard
  if (guildId === null) return index === 0
  return count === 1 || Number((BigInt(guildId) >> 22n) % BigInt(count)) === index
}

const readShard = (value: unknown): readonly [number, number] | undefined => {
  if (value === undefined || value === null) return [0, 1]
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [index, count]: ReadonlyArray<unknown> = value
  if (typeof index !== "number" || typeof count !== "number") return undefined
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count) return undefined
  return [index, count]
}
