/**
 * All gateway sessions of the one bot: who may identify, which session gets which event, and what is left after
 * a connection is lost.
 *
 * An event is serialized at most twice (with and without message content) however many sessions get it. A
 * session whose connection is lost is kept for five minutes, with its newest events.
 *
 * @module
 */
import { GatewayCloseCodes as Close, GatewayIntentBits as Intent } from "discord-api-types/v10"
import type { Hit } from "../fault/Rules.js"
import * as Admission from "./Admission.js"
import { Connection, type Host, type Peer, type Refusal } from "./Connection.js"
import * as Intents from "./Intents.js"
import * as MemberRequests from "./MemberRequests.js"
import * as Order from "./Order.js"
import * as Presence from "./Presence.js"
import { isOf, Session } from "./Session.js"
import type { Guild, Json, Member } from "../model/Model.js"
import type { Timers } from "../Timers.js"
import type { Transcript } from "../Transcript.js"
import * as Presences from "../world/Presences.js"
import * as Wire from "../world/Wire.js"
import type { Event, World } from "../world/World.js"

export interface Options extends Admission.Options {
  /** Milliseconds between heartbeats. Default 41,250, as Discord's. */
  readonly heartbeatInterval?: number
  /** Events kept for the replay of one session. Default 5,000. */
  readonly replayLimit?: number
  /** How long a lost session can be resumed, in milliseconds. Default 5 minutes. */
  readonly resumeWindow?: number
  /** How many shards `/gateway/bot` recommends. Default: as few as may hold the bot's guilds. */
  readonly shards?: number
  /**
   * Who is in a GUILD_CREATE: `discord` (everyone only with the presence intent, else the bot alone) or `all`.
   * Default `discord`.
   */
  readonly membersInGuildCreate?: "discord" | "all"
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
const usualWindow = 5 * 60_000
/** Discord: 2,500 guilds in a shard. */
const shardLimit = 2_500

export class Gateway {
  private readonly sessions = new Map<string, Session>()
  private readonly connections = new Set<Connection>()
  private readonly admission: Admission.Admission
  private readonly host: Host
  private readonly resumeWindow: number
  private serial = 0
  /** False while heartbeats go unanswered. */
  acknowledges = true
  /** Milliseconds that an event is on its way to the client. */
  travel: (type: string) => number = none
  /** What a plan does to each event; `null` where there is none. `movable`: another event may pass it. */
  meet: ((type: string, movable: boolean) => ReadonlyArray<Hit>) | null = null

  constructor(
    private readonly world: World,
    timers: Timers,
    private readonly options: Options,
    transcript?: Transcript,
  ) {
    this.admission = new Admission.Admission(options, () => world.now())
    this.resumeWindow = options.resumeWindow ?? usualWindow
    this.host = {
      heartbeatInterval: options.heartbeatInterval ?? 41_250,
      now: () => world.now(),
      acknowledges: () => this.acknowledges,
      after: timers.after,
      identify: (data) => this.identify(data),
      resume: (data) => this.resume(data),
      welcome: (session, connection) => this.welcome(session, connection),
      requestMembers: (session, data) => MemberRequests.answer(world, session, data),
      presence: (session) => {
        session.presenceOrder = ++this.serial
        this.showBot()
      },
      travel: (type) => this.travel(type),
      meet: () => this.meet,
      dispatched:
        transcript === undefined
          ? undefined
          : (session, type, data) => transcript.event(type, session.shard[0], session.sequence, data),
      away: (session, ended) => {
        session.awaySince = world.now()
        if (!ended && session.resumable) return
        this.sessions.delete(session.id)
        this.showBot()
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
    else if (query.has("compress") && peer.compress?.(query.get("compress") ?? "") !== true)
      connection.hangUp(Close.DecodeError, "The sandbox speaks compress=zlib-stream only, on a socket.")
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
    for (const session of this.sessions.values()) if (session.isHome(guildId)) return true
    return false
  }

  /** How many shards are recommended. */
  get shards(): number {
    return this.options.shards ?? Math.max(1, Math.ceil(this.guildsOf([0, 1]).length / shardLimit))
  }

  /** `session_start_limit` of `/gateway/bot`. */
  get startLimit(): Json {
    return this.admission.startLimit
  }

  /** Does something to every open connection. */
  forEachConnection(task: (connection: Connection) => void): void {
    for (const connection of Array.from(this.connections)) task(connection)
  }

  /** Lets no resume of the sessions that there are succeed; those that are connected go on until they are lost. */
  forgetSessions(): void {
    for (const session of this.sessions.values()) {
      session.resumable = false
      if (session.connection === null) this.sessions.delete(session.id)
    }
    this.showBot()
  }

  /** Sends op 9 to every connection; not resumable ones lose their session. */
  invalidate(resumable: boolean): void {
    this.forEachConnection((connection) => connection.invalidate(resumable))
  }

  /** What such strokes hold up arrives now; without any, everything that is on its way. */
  release(ends?: (hit: Hit) => boolean): void {
    for (const session of this.sessions.values()) session.release(ends)
    this.forEachConnection((connection) => connection.release(ends))
  }

  /** Sends an event as it is to every session, whatever its intents. */
  raw(type: string, data: unknown): void {
    const text = JSON.stringify(data)
    for (const session of this.sessions.values()) session.dispatch(type, text)
  }

  private identify(data: Json): Session | Refusal | null {
    const { admission, options, world } = this
    const found = admission.identify(data, world.forbiddenIntents)
    if (found === "wait") return null
    if (found === "spent") {
      // Discord ends every session of such a bot and resets its token.
      this.forgetSessions()
      const { close, reason } = Admission.failed
      this.forEachConnection((connection) => connection.hangUp(close, reason))
      return Admission.failed
    }
    if ("close" in found) return found
    if (this.guildsOf(found.shard).length > shardLimit)
      return { close: Close.ShardingRequired, reason: "Sharding required." }
    this.expire()
    const id = (BigInt(world.id()) * 0x1_0000n + BigInt(++this.serial)).toString(16).padStart(32, "0")
    const session = new Session(id, found, options.replayLimit ?? 5_000, this.host)
    session.presence = Presence.read(data["presence"]) ?? null
    session.presenceOrder = this.serial
    // First, so that no session hears of itself before READY.
    this.showBot(session)
    this.sessions.set(id, session)
    return session
  }

  private resume(data: Json): Session | Refusal | null {
    if (!this.admission.admits(data["token"])) return Admission.failed
    this.expire()
    const found = this.sessions.get(String(data["session_id"]))
    return found?.resumable === true ? found : null
  }

  /** The bot's guilds in a shard. */
  private guildsOf(shard: readonly [number, number]): ReadonlyArray<Guild> {
    const { bot, guilds } = this.world
    return [...guilds.values()].filter(({ id, members }) => isOf(shard, id) && members.has(bot.id))
  }

  private welcome(session: Session, connection: Connection): void {
    const { world } = this
    const guilds = this.guildsOf(session.shard)
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
      if (guild.available !== false) session.dispatch("GUILD_CREATE", this.guildCreate(session, guild))
    }
  }

  /** As JSON. Who and whose presence is in it depends on the session. */
  private guildCreate(session: Session, guild: Guild): string {
    const { world } = this
    const large = guild.members.size > session.largeThreshold
    const presences = seesPresences(session) ? Presences.list(world, guild.members.values()) : []
    const created = Wire.guildCreate(world, guild, this.shownMembers(session, guild), presences)
    return JSON.stringify({ ...created, large })
  }

  private shownMembers(session: Session, guild: Guild): Iterable<Member> {
    const { bot, presences } = this.world
    if (this.options.membersInGuildCreate === "all") return guild.members.values()
    if (!seesPresences(session)) return [this.world.self(guild)]
    if (guild.members.size <= session.largeThreshold) return guild.members.values()
    return [...guild.members.values()].filter(({ userId }) => userId === bot.id || presences.has(userId))
  }

  /**
   * What the bot shows of itself: what a session set last, online where none did, offline without any. Sessions that
   * lost their connection count where there are no others; `coming` is about to be one.
   */
  private showBot(coming?: Session): void {
    const all = [...this.sessions.values()]
    const here = all.filter((one) => one.connection !== null)
    if (coming !== undefined) here.push(coming)
    const sessions = here.length > 0 ? here : all
    const set = sessions
      .filter(({ presence }) => presence !== null)
      .toSorted((one, other) => other.presenceOrder - one.presenceOrder)[0]?.presence
    const status = sessions.length === 0 ? "offline" : (set?.["status"] ?? "online")
    const activities = sessions.length === 0 ? [] : (set?.["activities"] ?? [])
    Presences.setBot(this.world, status as "online", activities as ReadonlyArray<Json>)
  }

  private route(event: Event): void {
    if (this.sessions.size === 0) return
    const { world } = this
    if (!world.hears(event)) return
    const guild = event.guildId === null ? undefined : world.guilds.get(event.guildId)
    // A guild goes on without the bot, which hears nothing of it but its own departure.
    if (guild !== undefined && !guild.members.has(world.bot.id) && event.type !== "GUILD_DELETE") return
    const place = () => Order.place(event)
    let whole: string | undefined
    let bare: string | undefined
    for (const session of this.sessions.values()) {
      if (!session.isHome(event.guildId) || !Intents.wants(session.intents, event, world.bot.id)) continue
      if (session.connection === null && world.now() - session.awaySince > this.resumeWindow) {
        this.sessions.delete(session.id)
      } else if (event.type === "GUILD_CREATE" && guild !== undefined) {
        session.dispatch(event.type, this.guildCreate(session, guild), place)
      } else if (Intents.hidesContent(session.intents, event, world.bot.id)) {
        bare ??= JSON.stringify(Intents.withoutContent(event.data(), world.bot.id))
        session.dispatch(event.type, bare, place)
      } else {
        whole ??= JSON.stringify(event.data())
        session.dispatch(event.type, whole, place)
      }
    }
  }

  private expire(): void {
    const now = this.world.now()
    const before = this.sessions.size
    for (const session of this.sessions.values()) {
      if (session.connection === null && now - session.awaySince > this.resumeWindow)
        this.sessions.delete(session.id)
    }
    if (this.sessions.size < before) this.showBot()
  }
}

const none = (): number => 0

const seesPresences = ({ intents }: Session): boolean => (intents & Intent.GuildPresences) !== 0
