import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

const ready = (more: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const connection = InProcess.connect(sandbox)
    InProcess.identify(connection, more)
    yield* InProcess.settle
    return { sandbox, connection }
  })

const types = (connection: InProcess.Connection) => connection.events().map((frame) => frame.t)

const twice = (c: InProcess.Connection) => {
  InProcess.identify(c, { intents: 1 })
  InProcess.identify(c, { intents: 1 })
}

const babble = (c: InProcess.Connection) => {
  InProcess.identify(c, { intents: 1 })
  c.sendOp(99, {})
}

const chatter = (c: InProcess.Connection) => {
  for (let n = 0; n < 121; n++) c.sendOp(1, null)
}

describe("Gateway", () => {
  it.scoped("says hello, READY with stubs, then the guilds", () =>
    Effect.gen(function* () {
      const { connection } = yield* ready()
      expect(connection.frames[0]).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 } })
      expect(types(connection)).toEqual(["READY", "GUILD_CREATE"])
      expect(connection.events()[0]?.d["guilds"]).toEqual([
        { id: connection.events()[1]?.d["id"], unavailable: true },
      ])
      connection.sendOp(1, 2)
      yield* InProcess.settle
      expect(connection.frames.at(-1)?.op).toBe(11)
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("hangs up with Discord's codes", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const closing = (act: (connection: InProcess.Connection) => void, query?: string) =>
        Effect.gen(function* () {
          const connection = InProcess.connect(sandbox, query)
          act(connection)
          yield* InProcess.settle
          return connection.closes.map((close) => close.code)
        })
      expect(yield* closing(() => {}, "v=9&encoding=json")).toEqual([4012])
      expect(yield* closing(() => {}, "v=10&encoding=etf")).toEqual([4002])
      expect(yield* closing((c) => c.send("{"))).toEqual([4002])
      expect(yield* closing((c) => c.sendOp(1, "x".repeat(5000)))).toEqual([4002])
      expect(yield* closing((c) => c.sendOp(8, {}))).toEqual([4003])
      expect(yield* closing((c) => InProcess.identify(c, { token: "" }))).toEqual([4004])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 2 ** 30 }))).toEqual([4013])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 1, shard: [2, 2] }))).toEqual([4010])
      expect(yield* closing((c) => InProcess.identify(c, { intents: 1 << 15 }))).toEqual([4014])
      expect(yield* closing(twice)).toEqual([4005])
      expect(yield* closing(babble)).toEqual([4001])
      expect(yield* closing(chatter)).toEqual([4008])
    }).pipe(
      Effect.provide(
        SandboxModule.layer({ privilegedIntents: { messageContent: false }, rateLimits: false }),
      ),
    ),
  )

  it.scoped("times a silent session out, and keeps one that beats", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      yield* TestClock.adjust("80 seconds")
      connection.sendOp(1, 2)
      yield* TestClock.adjust("80 seconds")
      expect(connection.closes).toEqual([])
      yield* TestClock.adjust("3 seconds")
      expect(connection.closes.map((close) => close.code)).toEqual([4009])
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("ends a session that closes with 1000, and keeps another for five minutes", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      connection.close(1000, "bye")
      expect(sandbox.sessions()).toEqual([])
      yield* TestClock.adjust("5 seconds")
      const second = yield* ready()
      second.connection.close(4200, "later")
      expect(sandbox.sessions()).toMatchObject([{ connected: false }])
      yield* TestClock.adjust("301 seconds")
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("counts identifies down and refuses beyond the limit", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* ready()
      const info = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
      expect(info.body).toMatchObject({
        shards: 1,
        session_start_limit: { total: 2, remaining: 1, max_concurrency: 1 },
      })
      yield* TestClock.adjust("5 seconds")
      const second = yield* ready()
      yield* TestClock.adjust("5 seconds")
      const third = yield* ready()
      expect(third.connection.closes.map((close) => close.code)).toEqual([4004])
      expect(second.connection.closes.map((close) => close.code)).toEqual([4004])
      expect(sandbox.sessions()).toEqual([])
    }).pipe(Effect.provide(SandboxModule.layer({ identifyLimit: 2 }))),
  )

  it.scoped("splits guilds over shards, and direct messages go to the first", () =>
    Effect.gen(function* () {
      const first = yield* ready({ shard: [0, 2] })
      yield* TestClock.adjust("5 seconds")
      const second = yield* ready({ shard: [1, 2] })
      const guilds = (connection: InProcess.Connection) =>
        types(connection).filter((type) => type === "GUILD_CREATE").length
      expect(guilds(first.connection) + guilds(second.connection)).toBe(11)
      expect(guilds(first.connection)).toBeGreaterThan(0)
      expect(guilds(second.connection)).toBeGreaterThan(0)
      const ada = yield* first.sandbox.actor("ada")
      yield* ada.say("dm", "hello")
      yield* InProcess.settle
      expect(types(first.connection).at(-1)).toBe("MESSAGE_CREATE")
      expect(types(second.connection)).not.toContain("MESSAGE_CREATE")
    }).pipe(Effect.provide(SandboxModule.layer({ seed: { more: { guilds: 10, channels: 2, members: 3 } } }))),
  )

  it.scoped("refuses a resume from before its buffer, and an unknown one, with op 9", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      const session = String(connection.events()[0]?.d["session_id"])
      sandbox.faults.dropSockets()
      const ada = yield* sandbox.actor("ada")
      for (let n = 0; n < 4; n++) yield* ada.say("general", `m${n}`)
      const again = InProcess.connect(sandbox)
      again.sendOp(6, { token: "any", session_id: session, seq: 2 })
      yield* InProcess.settle
      expect(again.frames.at(-1)).toMatchObject({ op: 9, d: false })
      again.sendOp(6, { token: "any", session_id: "nothing", seq: 2 })
      yield* InProcess.settle
      expect(again.frames.at(-1)).toMatchObject({ op: 9, d: false })
      again.sendOp(6, { token: "any", session_id: session, seq: 99 })
      yield* InProcess.settle
      expect(again.closes.map((close) => close.code)).toEqual([4007])
    }).pipe(Effect.provide(SandboxModule.layer({ replayLimit: 3 }))),
  )

  it.scoped("keeps the presence that a client sets, and refuses what is none with 4002", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      const bot = () => sandbox.world.presences.get(sandbox.world.bot.id)
      expect(bot()).toMatchObject({ status: "online" })
      const activities = [{ name: "the harbour", type: 3 }]
      connection.sendOp(3, { since: null, activities, status: "dnd", afk: false })
      expect(bot()).toEqual({ status: "dnd", activities })
      connection.sendOp(3, { since: null, activities: [], status: "invisible", afk: false })
      expect(bot()).toBe(undefined)
      connection.close(1000, "")
      const second = yield* ready({ presence: { status: "idle", activities: [], since: 91, afk: true } })
      expect(bot()).toMatchObject({ status: "idle" })
      for (const presence of [{}, { status: "busy" }, { status: "idle", activities: [{ name: "x" }] }]) {
        second.connection.sendOp(3, presence)
        yield* InProcess.settle
        expect(second.connection.closes.map(({ code }) => code)).toEqual([4002])
      }
      sandbox.faults.forgetSessions()
      const third = yield* ready({ presence: { status: "away" } })
      expect(third.connection.closes.map(({ code }) => code)).toEqual([4002])
      expect((yield* ready({ large_threshold: 251 })).connection.closes.map(({ code }) => code)).toEqual([
        4002,
      ])
      expect(bot()).toBe(undefined)
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it.scoped("shows the presence that was set last, by sessions that are there", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready({ presence: { status: "dnd" } })
      const bot = () => sandbox.world.presences.get(sandbox.world.bot.id)?.status
      sandbox.faults.dropSockets()
      yield* InProcess.settle
      expect(connection.closes).toHaveLength(1)
      expect(bot()).toBe("dnd")
      const idle = yield* ready({ presence: { status: "idle" } })
      expect(bot()).toBe("idle")
      const other = yield* ready({ presence: { status: "online" } })
      expect(bot()).toBe("online")
      idle.connection.sendOp(3, { status: "dnd" })
      expect(bot()).toBe("dnd")
      idle.connection.close(1000, "")
      expect(bot()).toBe("online")
      other.connection.close(4200, "")
      yield* ready()
      expect(bot()).toBe("online")
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it.scoped("goes on with connections whose sessions are forgotten, until they are lost", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      const ada = yield* sandbox.actor("ada")
      const session = connection.events()[0]?.d["session_id"]
      sandbox.faults.forgetSessions()
      yield* ada.say("general", "still there?")
      yield* InProcess.settle
      expect(types(connection).at(-1)).toBe("MESSAGE_CREATE")
      expect(sandbox.sessions()).toHaveLength(1)
      const resume = Effect.gen(function* () {
        const again = InProcess.connect(sandbox)
        again.sendOp(6, { token: "any", session_id: session, seq: 1 })
        yield* InProcess.settle
        return again.frames.at(-1)
      })
      expect(yield* resume).toMatchObject({ op: 9, d: false })
      connection.close(4200, "")
      expect(sandbox.sessions()).toEqual([])
      expect(yield* resume).toMatchObject({ op: 9, d: false })
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("gives members by name, by id and whole, within Discord's limits", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready()
      const guild = [...sandbox.world.guilds.values()].find(({ name }) => name !== "Harbour")
      const id = guild?.id ?? ""
      const size = guild?.members.size ?? 0
      expect(size).toBeGreaterThan(2_000)
      const ask = (data: Readonly<Record<string, unknown>>) =>
        Effect.gen(function* () {
          const before = connection.events().length
          connection.sendOp(8, { guild_id: id, ...data })
          yield* InProcess.settle
          return connection.events().slice(before)
        })
      const count = (frames: ReadonlyArray<InProcess.Frame>) =>
        frames.map(({ d }) => (d["members"] as ReadonlyArray<unknown>).length)
      const whole = yield* ask({ query: "", limit: 0, nonce: "all", presences: true })
      expect(count(whole)).toEqual([1_000, 1_000, size - 2_000])
      expect(whole.map(({ d }) => [d["chunk_index"], d["chunk_count"], d["nonce"]])).toEqual([
        [0, 3, "all"],
        [1, 3, "all"],
        [2, 3, "all"],
      ])
      expect(whole.flatMap(({ d }) => d["presences"])).toMatchObject([{ status: "online" }])
      yield* TestClock.adjust("10 seconds")
      expect(yield* ask({ query: "", limit: 0, nonce: "again" })).toMatchObject([
        { t: "RATE_LIMITED", d: { opcode: 8, retry_after: 20, meta: { guild_id: id, nonce: "again" } } },
      ])
      yield* TestClock.adjust("20 seconds")
      expect((yield* ask({ query: "", limit: 0 })).length).toBe(3)
      const one = [...(guild?.members.keys() ?? [])][5] ?? ""
      const name = sandbox.world.user(one).username
      expect(count(yield* ask({ query: name.toUpperCase(), limit: 1 }))).toEqual([1])
      expect(count(yield* ask({ query: "", limit: 500 }))).toEqual([100])
      expect(yield* ask({ user_ids: [one, "1"], nonce: "x".repeat(33) })).toMatchObject([
        { d: { members: [{ user: { id: one } }], not_found: ["1"], chunk_count: 1 } },
      ])
      expect(yield* ask({ user_ids: one })).toMatchObject([{ d: { not_found: [] } }])
      expect(yield* ask({ guild_id: "1", query: "", limit: 0 })).toEqual([])
      expect(yield* ask({})).toEqual([])
    }).pipe(
      Effect.provide(SandboxModule.layer({ seed: { more: { guilds: 1, channels: 1, members: 2_500 } } })),
    ),
  )

  it.scoped("gives no whole list and no presences without the intents for them", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* ready({ intents: 1 })
      const harbour = [...sandbox.world.guilds.keys()][0]
      const before = connection.events().length
      connection.sendOp(8, { guild_id: harbour, query: "", limit: 0 })
      yield* InProcess.settle
      expect(connection.events().length).toBe(before)
      connection.sendOp(8, { guild_id: harbour, query: "ada", limit: 1, presences: true })
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({ d: { members: [{ user: { username: "ada" } }] } })
      expect(connection.events().at(-1)?.d).not.toHaveProperty("presences")
    }).pipe(Effect.provide(SandboxModule.layer())),
  )

  it.scoped("leaves those who are offline out of a large guild", () =>
    Effect.gen(function* () {
      const listed = (more: Readonly<Record<string, unknown>>) =>
        Effect.map(ready(more), ({ connection, sandbox }) => {
          const guild = [...sandbox.world.guilds.values()].find(({ name }) => name !== "Harbour")
          const created = connection
            .events()
            .find(({ d, t }) => t === "GUILD_CREATE" && d["id"] === guild?.id)?.d
          return [
            (created?.["members"] as ReadonlyArray<unknown> | undefined)?.length,
            created?.["large"],
            guild?.members.size,
          ]
        })
      const [small, , size] = yield* listed({})
      expect([small, yield* listed({})]).toEqual([1, [1, true, size]])
      expect(yield* listed({ large_threshold: 250 })).toEqual([size, false, size])
      expect(yield* listed({ large_threshold: 250, intents: 1 })).toEqual([1, false, size])
    }).pipe(
      Effect.provide(
        SandboxModule.layer({ rateLimits: false, seed: { more: { guilds: 1, channels: 1, members: 99 } } }),
      ),
    ),
  )

  it.scoped("hides what a message says without the intent, but for what concerns the bot", () =>
    Effect.gen(function* () {
      // Guilds, guild messages, direct messages.
      const { connection, sandbox } = yield* ready({ intents: 1 | 512 | 4096 })
      const ada = yield* sandbox.actor("ada")
      const general = [...sandbox.world.channels.values()].find(({ name }) => name === "general")?.id ?? ""
      const bot = sandbox.world.bot.id
      const post = (body: unknown) => InProcess.call(sandbox, "POST", `/channels/${general}/messages`, body)
      const last = () => connection.events().at(-1)?.d
      const secret = yield* ada.say("general", "secret")
      yield* InProcess.settle
      expect(last()).toMatchObject({ content: "", embeds: [], attachments: [], components: [] })
      yield* ada.say("general", `<@${bot}> named`)
      yield* InProcess.settle
      expect(last()).toMatchObject({ content: `<@${bot}> named` })
      yield* ada.say("dm", "private")
      yield* InProcess.settle
      expect(last()).toMatchObject({ content: "private" })
      yield* post({ content: "own", message_reference: { message_id: secret.id } })
      yield* InProcess.settle
      expect(last()).toMatchObject({ content: "own", referenced_message: { content: "secret" } })
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it("never loses, repeats or reorders an event, however often the socket drops", () => {
    const step = fc.constantFrom("say", "drop", "reconnect", "close", "settle")
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { connection: first, sandbox } = yield* ready()
            const ada = yield* sandbox.actor("ada")
            const session = String(first.events()[0]?.d["session_id"])
            const received: Array<number> = first.events().map((frame) => frame.s ?? 0)
            const contents: Array<unknown> = []
            let connection = first
            let taken = first.frames.length
            let said = 0
            const take = () => {
              for (const frame of connection.frames.slice(taken)) {
                if (frame.op !== 0 || frame.t === "RESUMED") continue
                received.push(frame.s ?? 0)
                contents.push(frame.d["content"])
              }
              taken = connection.frames.length
            }
            const resume = Effect.gen(function* () {
              take()
              connection = InProcess.connect(sandbox)
              taken = 0
              connection.sendOp(6, { token: "any", session_id: session, seq: received.at(-1) })
              yield* InProcess.settle
              take()
            })
            for (const one of steps) {
              if (one === "say") yield* ada.say("general", `m${said++}`)
              else if (one === "drop") sandbox.faults.dropSockets()
              else if (one === "close") connection.close(4200, "")
              else if (one === "settle") yield* InProcess.settle
              else yield* resume
            }
            yield* InProcess.settle
            yield* resume
            return { received, contents, said }
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer())),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
        const { contents, received, said } = exit.value
        expect(received).toEqual(received.map((_, index) => index + 1))
        expect(contents).toEqual(Array.from({ length: said }, (_, index) => `m${index}`))
      }),
      { numRuns: 200 },
    )
  })
})
