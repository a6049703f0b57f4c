import { describe, expect, it } from "@effect/vitest"
import { Client, type ClientOptions, Events, GatewayIntentBits } from "discord.js"
import { Cause, Effect, Either, Exit, Logger, LogLevel, Random, Redacted, Scope } from "effect"
import { type AlreadyStarted, type FatalError, InvalidToken, Unauthorized } from "../../src/DiscordError.js"
import * as Gateway from "../../src/gateway/Gateway.js"
import * as Transport from "../../src/gateway/Transport.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as FakePeer from "./FakePeer.js"

const id = (n: number) => `1000000000000000${String(n).padStart(2, "0")}`

const user = (n: number) => ({
  id: id(n),
  username: `user${n}`,
  discriminator: "0",
  avatar: null,
  global_name: null,
})

const guild = {
  id: id(10),
  name: "Harbour",
  owner_id: id(1),
  roles: [],
  emojis: [],
  stickers: [],
  features: [],
  channels: [],
  threads: [],
  members: [],
  presences: [],
  voice_states: [],
  stage_instances: [],
  guild_scheduled_events: [],
  member_count: 1,
  joined_at: "2026-01-01T00:00:00.000Z",
  unavailable: false,
  large: false,
}

const member = (n: number) => ({
  guild_id: guild.id,
  user: user(n),
  roles: [],
  joined_at: "2026-01-01T00:00:00.000Z",
  deaf: false,
  mute: false,
  flags: 0,
})

const ready = {
  v: 10,
  user: user(0),
  application: { id: id(99), flags: 0 },
  guilds: [{ id: guild.id, unavailable: true }],
}

const info = {
  url: "fake://gateway",
  shards: 1,
  session_start_limit: { total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 },
}

const makeClient = (ws: ClientOptions["ws"]) =>
  new Client({
    shards: "auto",
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers],
    rest: {
      hashSweepInterval: 0,
      handlerSweepInterval: 0,
      makeRequest: () => Promise.reject(new Error("no REST")),
    },
    ...(ws === undefined ? {} : { ws }),
  })

/** A gateway at a peer, and a Client that is to log in. */
const harness = Effect.fnUntraced(function* (
  peer: FakePeer.FakePeer,
  options: Partial<Gateway.Options> = {},
) {
  const gateway = yield* Gateway.make({
    token: Redacted.make("secret"),
    intents: 3,
    info: Effect.succeed(info),
    ...options,
  }).pipe(Effect.provideService(Transport.Transport, Transport.fromConnect(peer.connect)))
  const client = makeClient({ buildStrategy: gateway.buildStrategy })
  return { gateway, client, login: login(client) }
})

const login = (client: Client) =>
  Effect.tryPromise({
    try: () => client.login("secret"),
    catch: (error) => error as FatalError | AlreadyStarted,
  })

const simulate = async <A, E>(
  program: (peer: FakePeer.FakePeer) => Effect.Effect<A, E, Scope.Scope>,
  options: FakePeer.Options = {},
) => {
  const outcome = await VirtualClock.run(
    Effect.gen(function* () {
      const peer = yield* FakePeer.make({ ready, ...options })
      const result = yield* Effect.scoped(program(peer))
      expect(peer.open()).toBe(0)
      return result
    }).pipe(Effect.withRandom(Random.make(1)), Logger.withMinimumLogLevel(LogLevel.None)),
  )
  if (Exit.isFailure(outcome.exit)) throw Cause.squash(outcome.exit.cause)
  return outcome.exit.value
}

const clientReady = (client: Client) =>
  Effect.async<void>((resume) => {
    client.once(Events.ClientReady, () => resume(Effect.void))
  })

describe("a discord.js Client", () => {
  it("gets ready, and its events in order", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login, gateway } = yield* harness(peer)
        const joined: Array<string> = []
        client.on(Events.GuildMemberAdd, ({ user }) => joined.push(user.username))
        expect(gateway.shards()).toEqual([])
        yield* login
        const isReady = yield* Effect.fork(clientReady(client))
        yield* Effect.yieldNow()
        peer.emit("GUILD_CREATE", guild)
        yield* isReady.await
        peer.emit("GUILD_MEMBER_ADD", member(2))
        peer.emit("GUILD_MEMBER_ADD", member(3))
        expect(client.user?.username).toBe("user0")
        expect(client.guilds.cache.get(guild.id)?.name).toBe("Harbour")
        expect(joined).toEqual(["user2", "user3"])
        expect(gateway.shards()).toMatchObject([{ id: 0, state: "Ready", sequence: 4 }])
        yield* Effect.sleep("2 minutes")
        expect(client.ws.ping).toBeGreaterThanOrEqual(0)
      }),
    ))

  it("misses no member who joins while the connection is resumed", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login } = yield* harness(peer)
        const joined: Array<string> = []
        const resumes: Array<number> = []
        client.on(Events.GuildMemberAdd, ({ user }) => joined.push(user.username))
        client.on(Events.ShardResume, (_, replayed) => resumes.push(replayed))
        yield* login
        peer.emit("GUILD_CREATE", guild)
        yield* Effect.sleep("1 minute")
        peer.sockets[0]!.close(1006)
        peer.emit("GUILD_MEMBER_ADD", member(2))
        peer.emit("GUILD_MEMBER_ADD", member(3))
        yield* Effect.sleep("1 minute")
        peer.emit("GUILD_MEMBER_ADD", member(4))
        expect(joined).toEqual(["user2", "user3", "user4"])
        expect(resumes).toEqual([2])
        expect(peer.sockets).toHaveLength(2)
      }),
    ))

  it("gets ready when the connection breaks before the guilds have come", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login } = yield* harness(peer)
        yield* login
        const isReady = yield* Effect.fork(clientReady(client))
        yield* Effect.yieldNow()
        peer.sockets[0]!.close(1006)
        peer.emit("GUILD_CREATE", guild)
        // In virtual time: discord.js's own time limit for guilds runs on the real clock.
        yield* isReady.await.pipe(Effect.timeout("30 seconds"))
        expect(client.isReady()).toBe(true)
        expect(peer.identifies).toHaveLength(1)
      }),
    ))

  it("goes on after a new session", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login } = yield* harness(peer)
        const joined: Array<string> = []
        client.on(Events.GuildMemberAdd, ({ user }) => joined.push(user.username))
        yield* login
        peer.emit("GUILD_CREATE", guild)
        yield* Effect.sleep("1 minute")
        peer.sockets[0]!.close(4009)
        yield* Effect.sleep("1 minute")
        peer.emit("GUILD_CREATE", guild)
        peer.emit("GUILD_MEMBER_ADD", member(2))
        expect(joined).toEqual(["user2"])
        expect(peer.identifies).toHaveLength(2)
      }),
    ))

  it("sends what members.fetch needs, and survives a listener that throws", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login, gateway } = yield* harness(peer)
        client.on(Events.GuildMemberAdd, () => {
          throw new Error("a bug")
        })
        yield* login
        peer.emit("GUILD_CREATE", guild)
        peer.emit("GUILD_MEMBER_ADD", member(2))
        peer.emit("GUILD_MEMBER_ADD", member(3))
        expect(gateway.shards()).toMatchObject([{ state: "Ready", sequence: 4 }])
        client.guilds.cache
          .get(guild.id)
          ?.shard.send({ op: 8, d: { guild_id: guild.id, query: "", limit: 0 } })
        yield* Effect.sleep("1 second")
        expect(peer.sockets[0]!.received.map(({ op }) => op)).toEqual([2, 1, 8])
      }),
    ))
})

describe("intercept", () => {
  it("sees every event first, and keeps what it claims from discord.js", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { client, login, gateway } = yield* harness(peer)
        const joined: Array<string> = []
        const seen: Array<string> = []
        client.on(Events.GuildMemberAdd, ({ user }) => joined.push(user.username))
        gateway.intercept((packet, shardId) => {
          seen.push(`${shardId} ${packet.t}`)
          if (packet.t !== "GUILD_MEMBER_ADD") return false
          if (packet.d.user.id === id(3)) throw new Error("a bug")
          return packet.d.user.id === id(2)
        })
        yield* login
        peer.emit("GUILD_CREATE", guild)
        for (const n of [2, 3, 4]) peer.emit("GUILD_MEMBER_ADD", member(n))
        expect(seen).toEqual(["0 READY", "0 GUILD_CREATE", ...Array(3).fill("0 GUILD_MEMBER_ADD")])
        expect(joined).toEqual(["user3", "user4"])
      }),
    ))
})

describe("the scope", () => {
  it("has one start, and a second one does not disturb it", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { login: first, gateway } = yield* harness(peer)
        yield* first
        const second = makeClient({ buildStrategy: gateway.buildStrategy })
        expect(yield* Effect.flip(login(second))).toMatchObject({ _tag: "AlreadyStarted" })
        yield* Effect.sleep("1 minute")
        expect(gateway.shards()).toMatchObject([{ state: "Ready" }])
        expect(peer.sockets).toHaveLength(1)
      }),
    ))

  it("leaves nothing behind, and a new one starts again in the same process", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        for (const round of [0, 1]) {
          const scope = yield* Scope.make()
          const { client, login, gateway } = yield* harness(peer).pipe(Scope.extend(scope))
          yield* login
          peer.emit("GUILD_CREATE", guild)
          expect(peer.open()).toBe(1)
          yield* Scope.close(scope, Exit.void)
          expect(peer.open()).toBe(0)
          expect(peer.sockets[round]!.clientCode).toBe(1000)
          expect(gateway.shards()).toMatchObject([{ state: "Ended" }])
          expect(yield* Effect.flip(gateway.send(0, { op: 3, d: null as never }))).toMatchObject({
            _tag: "NotSent",
          })
          yield* Effect.promise(() => client.destroy())
        }
        expect(peer.identifies).toHaveLength(2)
      }),
    ))

  it("may close before the Client is up: login rejects", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const scope = yield* Scope.make()
        const { login } = yield* harness(peer).pipe(Scope.extend(scope))
        const fiber = yield* Effect.fork(Effect.either(login))
        yield* Effect.sleep("1 second")
        expect(peer.open()).toBe(1)
        yield* Scope.close(scope, Exit.void)
        expect(Either.isLeft(yield* fiber)).toBe(true)
      }),
      { plans: [{ hello: "never" }] },
    ))

  it("client.destroy() ends the shards, also before they are ready", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { login, client, gateway } = yield* harness(peer)
        const fiber = yield* Effect.fork(Effect.either(login))
        yield* Effect.sleep("1 second")
        yield* Effect.promise(() => client.destroy())
        expect(peer.open()).toBe(0)
        expect(Either.isLeft(yield* fiber)).toBe(true)
        expect(gateway.shards()).toMatchObject([{ state: "Ended" }])
      }),
      { plans: [{ hello: "never" }] },
    ))
})

describe("a bot that cannot go on", () => {
  it("rejects login with the typed error, and tells it as fatal", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { login, gateway } = yield* harness(peer)
        expect(yield* Effect.flip(login)).toMatchObject({
          _tag: "DisallowedIntents",
          switches: ["Server Members Intent"],
        })
        expect(yield* Effect.flip(gateway.fatal)).toMatchObject({ _tag: "DisallowedIntents" })
      }),
      { plans: [{ entry: { kind: "close", code: 4014 } }] },
    ))

  it("is told after READY, too", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { login, gateway, client } = yield* harness(peer)
        const disconnects: Array<number> = []
        client.on(Events.ShardDisconnect, ({ code }) => disconnects.push(code))
        yield* login
        peer.emit("GUILD_CREATE", guild)
        expect(yield* Effect.flip(gateway.fatal)).toMatchObject({ _tag: "InvalidToken" })
        expect(disconnects).toEqual([4004])
      }),
      { plans: [{ later: { after: 60_000, fault: { kind: "close", code: 4004 } } }] },
    ))

  it("learns a wrong token from a 401", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const info = new Unauthorized({
          route: "GET /gateway/bot",
          status: 401,
          code: 0,
          reason: "Unauthorized",
        })
        const { login, gateway } = yield* harness(peer, { info })
        expect(yield* Effect.flip(login)).toBeInstanceOf(InvalidToken)
        expect(yield* Effect.flip(gateway.fatal)).toBeInstanceOf(InvalidToken)
        expect(peer.sockets).toEqual([])
      }),
    ))
})

describe("several shards", () => {
  it("start one after the other, and end together", () =>
    simulate(
      Effect.fnUntraced(function* (peer) {
        const { login, gateway } = yield* harness(peer, { info: Effect.succeed({ ...info, shards: 4 }) })
        yield* login.pipe(Effect.timeout("1 minute"))
        expect(gateway.shards().map(({ id, state }) => `${id} ${state}`)).toEqual(
          [0, 1, 2, 3].map((id) => `${id} Ready`),
        )
        expect(peer.identifies.map(({ shard }) => shard).sort()).toEqual([0, 1, 2, 3])
        peer.identifies.slice(1).forEach(({ at }, index) => {
          expect(at - peer.identifies[index]!.at).toBeGreaterThanOrEqual(5_000)
        })
      }),
    ))
})
