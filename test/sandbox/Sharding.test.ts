import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"
import * as Stock from "./Stock.js"

const many = { more: { guilds: 15, channels: 2, members: 3 } }

const attach = Effect.fnUntraced(function* (
  sandbox: SandboxModule.Sandbox,
  more: Readonly<Record<string, unknown>> = {},
) {
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection, more)
  yield* InProcess.settle
  return connection
})

const types = (connection: InProcess.Connection) => connection.events().map(({ t }) => t)

const guilds = (connection: InProcess.Connection) =>
  connection.events().flatMap(({ d, t }) => (t === "GUILD_CREATE" ? [String(d["id"])] : []))

/** Discord's own formula. */
const shardOf = (guildId: string, count: number) => Number((BigInt(guildId) >> 22n) % BigInt(count))

describe("Sharding", () => {
  it("gives each shard its guilds and their events, whatever counts are at work at once", () => {
    const counts = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(counts, (all) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const sandbox = yield* Sandbox
            const shards: Array<{
              readonly index: number
              readonly count: number
              readonly at: InProcess.Connection
            }> = []
            for (const count of all) {
              for (let index = 0; index < count; index++)
                shards.push({ index, count, at: yield* attach(sandbox, { shard: [index, count] }) })
            }
            const known = [...sandbox.world.guilds.keys()]
            for (const { at, count, index } of shards) {
              expect(at.events()[0]).toMatchObject({ t: "READY", d: { shard: [index, count] } })
              expect(guilds(at).toSorted()).toEqual(
                known.filter((id) => shardOf(id, count) === index).toSorted(),
              )
            }
            const ada = yield* sandbox.actor("ada")
            const harbour =
              [...sandbox.world.guilds.values()].find(({ name }) => name === "Harbour")?.id ?? ""
            yield* InProcess.call(sandbox, "PUT", `/applications/${sandbox.world.bot.id}/commands`, [
              { name: "ping", description: "Pings" },
            ])
            yield* InProcess.settle
            yield* ada.slash("general", "ping")
            yield* ada.say("general", "hello")
            yield* ada.say("dm", "private")
            yield* InProcess.settle
            for (const { at, count, index } of shards) {
              const home = shardOf(harbour, count) === index
              expect(types(at).filter((type) => type === "INTERACTION_CREATE").length).toBe(home ? 1 : 0)
              const contents = at
                .events()
                .flatMap(({ d, t }) => (t === "MESSAGE_CREATE" ? [d["content"]] : []))
              expect(contents).toEqual([...(home ? ["hello"] : []), ...(index === 0 ? ["private"] : [])])
            }
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer({ seed: many, rateLimits: false }))),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
      }),
      { numRuns: 25 },
    )
  })

  it.scoped("resumes each shard by itself", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const shards = [yield* attach(sandbox, { shard: [0, 2] }), yield* attach(sandbox, { shard: [1, 2] })]
      const ada = yield* sandbox.actor("ada")
      sandbox.faults.dropSockets()
      yield* ada.say("general", "missed")
      yield* ada.say("dm", "missed too")
      const seen: Array<unknown> = []
      for (const shard of shards) {
        const again = InProcess.connect(sandbox)
        again.sendOp(6, {
          token: "any",
          session_id: shard.events()[0]?.d["session_id"],
          seq: shard.events().at(-1)?.s,
        })
        yield* InProcess.settle
        expect(types(again).at(-1)).toBe("RESUMED")
        seen.push(again.events().flatMap(({ d, t }) => (t === "MESSAGE_CREATE" ? [d["content"]] : [])))
      }
      const home = shardOf(
        [...sandbox.world.guilds.values()].find(({ name }) => name === "Harbour")?.id ?? "",
        2,
      )
      expect(seen).toEqual(home === 0 ? [["missed", "missed too"], []] : [["missed too"], ["missed"]])
    }).pipe(Effect.provide(SandboxModule.layer({ seed: many, rateLimits: false }))),
  )

  it.scoped("refuses what is no shard with 4010", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      for (const shard of [[1, 1], [-1, 2], [0], [0, 0], [0, 1, 2], ["0", "1"], [0.5, 2], "0,1", {}]) {
        const connection = yield* attach(sandbox, { shard })
        expect([shard, connection.closes.map(({ code }) => code)]).toEqual([shard, [4010]])
      }
      for (const shard of [[0, 1], [4, 5], null]) {
        const connection = yield* attach(sandbox, { shard })
        expect([shard, types(connection)[0]]).toEqual([shard, "READY"])
      }
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it.scoped("recommends as many shards as it is told", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { body } = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
      expect(body).toMatchObject({
        shards: 4,
        session_start_limit: { total: 1_000, remaining: 1_000, max_concurrency: 2 },
      })
    }).pipe(Effect.provide(SandboxModule.layer({ shards: 4, maxConcurrency: 2 }))),
  )

  it.scoped("takes 2,500 guilds in a shard and no more, and recommends as many shards as that takes", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { body } = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
      expect(body).toMatchObject({ shards: 2 })
      const one = yield* attach(sandbox, { intents: 0 })
      expect(one.closes).toEqual([{ code: 4011, reason: "Sharding required." }])
      for (const index of [0, 1]) {
        const half = yield* attach(sandbox, { intents: 0, shard: [index, 2] })
        expect(types(half)).toEqual(["READY"])
      }
    }).pipe(
      Effect.provide(
        SandboxModule.layer({
          rateLimits: false,
          seed: { more: { guilds: 2_500, channels: 0, members: 1 } },
        }),
      ),
    ),
  )

  it.scoped("gives no members of another shard's guild, and none in an outage", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const known = [...sandbox.world.guilds.values()]
      const at = yield* attach(sandbox, { shard: [0, 2] })
      for (const guild of known) {
        for (const available of [true, false]) {
          guild.available = available
          const before = at.events().length
          at.sendOp(8, { guild_id: guild.id, query: "", limit: 0 })
          yield* InProcess.settle
          expect(at.events().length - before).toBe(available && shardOf(guild.id, 2) === 0 ? 1 : 0)
        }
      }
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false, seed: many }))),
  )

  it.scoped("lets one shard of each remainder identify in five seconds, others get op 9", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const first = yield* attach(sandbox, { shard: [0, 4] })
      const second = yield* attach(sandbox, { shard: [1, 4] })
      const third = yield* attach(sandbox, { shard: [2, 4] })
      expect([first, second].map((one) => types(one)[0])).toEqual(["READY", "READY"])
      expect(third.frames.at(-1)).toMatchObject({ op: 9, d: false })
      yield* TestClock.adjust("4999 millis")
      InProcess.identify(third, { shard: [2, 4] })
      yield* InProcess.settle
      expect(types(third)).toEqual([])
      yield* TestClock.adjust("1 millis")
      InProcess.identify(third, { shard: [2, 4] })
      yield* InProcess.settle
      expect(types(third)[0]).toBe("READY")
      expect(third.closes).toEqual([])
      // Those that were refused are not counted.
      const { body } = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
      expect(body).toMatchObject({ session_start_limit: { remaining: 997 } })
    }).pipe(Effect.provide(SandboxModule.layer({ maxConcurrency: 2 }))),
  )

  it.live("serves a stock client's shards, each on a socket of its own", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const heard: Array<readonly [content: string, shard: number]> = []
      const client = yield* Stock.login({ shards: [0, 1, 2], shardCount: 3 })
      expect(client.guilds.cache.size).toBe(16)
      expect(client.ws.shards.map(({ id }) => id).toSorted()).toEqual([0, 1, 2])
      expect(
        sandbox
          .sessions()
          .map(({ shard }) => shard[0])
          .toSorted(),
      ).toEqual([0, 1, 2])
      client.on("messageCreate", ({ content, guild }) => void heard.push([content, guild?.shardId ?? 0]))
      const rose = Stock.event(client, "messageCreate", ({ content }) => content === "hello")
      const arrived = yield* Effect.fork(rose)
      yield* Effect.yieldNow()
      const ada = yield* sandbox.actor("ada")
      yield* ada.say("general", "hello")
      yield* arrived
      const harbour = [...sandbox.world.guilds.values()].find(({ name }) => name === "Harbour")?.id ?? ""
      expect(heard).toEqual([["hello", shardOf(harbour, 3)]])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer({ seed: many, maxConcurrency: 3, shards: 3 }))),
  )
})
