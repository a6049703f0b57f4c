import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as fc from "effect/FastCheck"
import type { Part } from "../../src/features/guild/Stored.js"
import * as Settings from "../../src/features/guild/Settings.js"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Export from "../../src/features/privacy/Export.js"
import * as Privacy from "../../src/features/privacy/Privacy.js"
import * as TryoutStore from "../../src/features/tryouts/Store.js"
import * as Database from "../../src/resource/Database.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Alarm, type Notice } from "../../src/supervise/Alarm.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as Kit from "../../src/testing/Kit.js"

const enter = (part: Partial<Part> & { readonly name: string }) =>
  Layer.scopedDiscard(
    Effect.flatMap(Stored.Stored, (stored) =>
      stored.register({
        exportUser: () => Effect.succeed([]),
        eraseUser: () => Effect.succeed({ erased: 0 }),
        forgetGuild: () => Effect.void,
        ...part,
      }),
    ),
  )

const broken = enter({
  name: "broken part",
  exportUser: () => Effect.die("no database"),
  eraseUser: () => Effect.die("no database"),
  forgetGuild: () => Effect.die("no database"),
})

const stores = Layer.mergeAll(
  Stored.layer,
  GuildStore.layerMemory,
  TryoutStore.layerMemory,
  JobStore.layerMemory,
  Database.layerMemory,
)
const features = Layer.mergeAll(Privacy.layer, Settings.layer).pipe(Layer.provideMerge(stores))
const withBroken = Layer.mergeAll(broken, Privacy.layer, Settings.layer).pipe(Layer.provideMerge(stores))

/** Two try-outs, one opened by ben; ben has decided on cleo's application. */
const fill = (kit: Kit.Kit) =>
  Effect.gen(function* () {
    const store = yield* TryoutStore.TryoutStore
    const cleo = kit.member("cleo")
    const tryout = (id: string, guildId: string, openedBy: string) =>
      store.open({
        id,
        guildId,
        name: `Try-out ${id}`,
        channelId: "9",
        roleId: null,
        where: "dm",
        questions: [{ _tag: "Text", prompt: "Why?", min: 1, max: 100 }],
        deadline: 60_000,
        openedBy,
        openedAt: 0,
        closedAt: null,
      })
    yield* tryout("100", kit.guild.id, kit.ben.id)
    yield* tryout("101", "999", kit.ada.id)
    for (const [id, tryoutId] of [
      ["200", "100"],
      ["201", "101"],
    ] as const) {
      const { talk } = yield* store.begin({ id, tryoutId, userId: cleo.id }, 0)
      yield* store.save(id, talk, [{ _tag: "Text", text: "Because of the *sea*" }])
      yield* store.submit(id, talk, 1)
    }
    yield* store.decline("200", 1, { status: "rejected", by: kit.ben.id, reason: "Too wet" }, 5)
    return { cleo, store }
  })

const notices = Effect.gen(function* () {
  const heard: Array<Notice> = []
  yield* (yield* Alarm).listen((notice) => Effect.sync(() => heard.push(notice)))
  return heard
})

const contentOf = (kit: Kit.Kit, shown: Kit.Shown): unknown => {
  const { id } = shown.attachments[0] as { readonly id: string }
  return JSON.parse(new TextDecoder().decode(kit.world.uploads.get(id)!.bytes))
}

describe("/privacy export", () => {
  it.effect("gives a person all that is stored of them, in all servers, and nothing of others", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { cleo } = yield* fill(kit)
        const { _tag, replies } = yield* (yield* cleo.slash("privacy export")).outcome
        expect(_tag).toBe("Completed")
        expect(replies).toHaveLength(1)
        const [shown] = replies
        expect(shown).toMatchObject({ private: true, content: "2 records about you, of: try-outs." })
        expect(contentOf(kit, shown!)).toMatchObject({
          userId: cleo.id,
          at: expect.stringMatching(/T00:00:00.000Z$/u),
          stored: {
            "try-outs": [
              {
                kind: "application",
                id: "200",
                reason: "Too wet",
                answers: [{ text: "Because of the *sea*" }],
              },
              { kind: "application", id: "201", status: "pending" },
            ],
          },
        })
        const ben = (yield* (yield* kit.ben.slash("privacy export")).outcome).replies[0]!
        expect(contentOf(kit, ben)).toMatchObject({
          stored: {
            "try-outs": [
              { kind: "try-out that you opened", id: "100" },
              { kind: "decision of yours", applicationId: "200", decidedAt: 5 },
            ],
          },
        })
        const none = yield* (yield* kit.member("dan").slash("privacy export")).outcome
        expect(none.replies).toMatchObject([{ content: "Nothing is stored about you.", attachments: [] }])
      }),
    ),
  )

  it.effect("leaves out a part that cannot be read, says so, and tells the operator", () =>
    Kit.run(withBroken, (kit) =>
      Effect.gen(function* () {
        const heard = yield* notices
        const { cleo } = yield* fill(kit)
        const { replies } = yield* (yield* cleo.slash("privacy export")).outcome
        expect(replies[0]!.content).toBe(
          "2 records about you, of: try-outs.\nI could not read: broken part. Try again later.",
        )
        expect(heard).toMatchObject([{ about: "privacy broken part" }])
      }),
    ),
  )

  it.prop(
    "every record is in exactly one file or counted as left, and no file is too large",
    [
      fc.array(
        fc.record({
          part: fc.constantFrom("a", "cases", "try-outs €"),
          records: fc.array(fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ maxLength: 300 })), {
            maxLength: 6,
          }),
        }),
        { maxLength: 4 },
      ),
      fc.integer({ min: 100, max: 600 }),
    ],
    ([found, file]) => {
      const { files, left } = Export.filesOf(found, { userId: "1", at: "" }, { file, files: 2 })
      expect(files.length).toBeLessThanOrEqual(2)
      const all: Array<unknown> = []
      for (const { data } of files) {
        expect(data.byteLength).toBeLessThanOrEqual(file + 100)
        const { stored } = JSON.parse(new TextDecoder().decode(data)) as {
          stored: Record<string, Array<unknown>>
        }
        for (const [part, records] of Object.entries(stored))
          for (const record of records) all.push(JSON.stringify([part, record]))
      }
      const given = found.flatMap(({ part, records }) =>
        records.map((record) => JSON.stringify([part, record])),
      )
      expect(all.length + left).toBe(given.length)
      for (const one of all) {
        expect(given).toContain(one)
        given.splice(given.indexOf(String(one)), 1)
      }
    },
  )
})

describe("/privacy erase", () => {
  it.effect("erases after a yes, and says how much and what stays", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { cleo, store } = yield* fill(kit)
        const turn = yield* cleo.slash("privacy erase")
        const question = yield* turn.nextMessage
        expect(question.private).toBe(true)
        yield* cleo.click(question, "Erase it")
        const { _tag } = yield* turn.outcome
        expect(_tag).toBe("Completed")
        expect((yield* cleo.finalReplies(turn)).map(({ content }) => content)).toEqual([
          "- try-outs: 2 records erased. Kept: messages that were posted of it are their server's, whose managers can delete them.",
        ])
        expect((yield* store.exportUser(cleo.id)).applications).toEqual([])
        // Of a manager the decisions and what they opened stay, without the name.
        const again = yield* kit.ben.slash("privacy erase")
        yield* kit.ben.click(yield* again.nextMessage, "Erase it")
        yield* again.outcome
        expect((yield* kit.ben.finalReplies(again))[0]!.content).toContain("stays without your name")
        expect((yield* store.tryout("100")).openedBy).toBe(TryoutStore.NOBODY)
        expect(yield* kit.leftovers).toEqual([])
      }),
    ),
  )

  it.effect("erases nothing after a no, nor without an answer", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { cleo, store } = yield* fill(kit)
        const turn = yield* cleo.slash("privacy erase")
        yield* cleo.click(yield* turn.nextMessage, "Keep it")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        const late = yield* cleo.slash("privacy erase")
        yield* late.nextMessage
        yield* kit.clock.advance("6 minutes")
        expect((yield* late.outcome)._tag).toBe("TimedOut")
        expect((yield* store.exportUser(cleo.id)).applications).toHaveLength(2)
      }),
    ),
  )

  it.effect("goes on where one part fails", () =>
    Kit.run(withBroken, (kit) =>
      Effect.gen(function* () {
        const heard = yield* notices
        const { cleo, store } = yield* fill(kit)
        const turn = yield* cleo.slash("privacy erase")
        yield* cleo.click(yield* turn.nextMessage, "Erase it")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        const text = (yield* cleo.finalReplies(turn))[0]!.content
        expect(text).toContain("- broken part: I could not erase it.")
        expect(text).toContain("- try-outs: 2 records erased.")
        expect((yield* store.exportUser(cleo.id)).applications).toEqual([])
        expect(heard).toHaveLength(1)
      }),
    ),
  )
})

describe("an erasure that is cancelled midway", () => {
  const slow = (name: string) =>
    enter({ name, eraseUser: () => Effect.as(Effect.sleep("2 seconds"), { erased: 3 }) })
  const slowly = Layer.mergeAll(slow("one"), slow("two"), Privacy.layer, Settings.layer).pipe(
    Layer.provideMerge(stores),
  )

  it.effect("goes on to its end, and the person is told what was erased", () =>
    Kit.run(slowly, (kit) =>
      Effect.gen(function* () {
        const { ben, clock } = kit
        const turn = yield* ben.slash("privacy erase")
        yield* ben.click(yield* turn.nextMessage, "Erase it")
        yield* clock.advance("1 second")
        const supervisor = yield* Supervisor
        const task = (yield* supervisor.roster).find(({ kind }) => kind === "command")
        yield* Effect.fork(supervisor.cancel(task!.id, "admin"))
        yield* clock.runToIdle
        const { _tag, replies } = yield* turn.outcome
        expect(_tag).toBe("Cancelled")
        const texts = replies.map(({ content }) => content)
        expect(texts).toContain("- one: 3 records erased.\n- two: 3 records erased.")
        expect(texts.join("\n")).not.toContain("Erasing")
        expect(yield* kit.leftovers).toEqual([])
      }),
    ),
  )
})

describe("an erasure that has not begun", () => {
  let erased = 0
  const counting = enter({ name: "part", eraseUser: () => Effect.sync(() => ({ erased: ++erased })) })
  const layer = Layer.mergeAll(counting, Privacy.layer, Settings.layer).pipe(Layer.provideMerge(stores))

  it.effect("ends with the command where Discord hangs", () => {
    erased = 0
    return Kit.run(layer, (kit) =>
      Effect.gen(function* () {
        const { ben, clock, sandbox } = kit
        const turn = yield* ben.slash("privacy erase")
        const question = yield* turn.nextMessage
        sandbox.faults.hang({ method: "POST", path: /webhooks/u })
        yield* ben.click(question, "Erase it")
        yield* clock.advance("1 second")
        const supervisor = yield* Supervisor
        const task = (yield* supervisor.roster).find(({ kind }) => kind === "command")
        yield* Effect.fork(supervisor.cancel(task!.id, "admin"))
        yield* clock.advance("1 second")
        sandbox.faults.clear()
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        expect(erased).toBe(0)
      }),
    )
  })

  it.effect("takes place where its message cannot be sent", () => {
    erased = 0
    return Kit.run(layer, (kit) =>
      Effect.gen(function* () {
        const { ben, sandbox } = kit
        const turn = yield* ben.slash("privacy erase")
        const question = yield* turn.nextMessage
        sandbox.faults.answerNext({ method: "POST", path: /webhooks/u, status: 400, body: {} })
        yield* ben.click(question, "Erase it")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        expect((yield* ben.finalReplies(turn)).at(-1)!.content).toBe("- part: 1 record erased.")
        expect(erased).toBe(1)
      }),
    )
  })
})

describe("a server that the bot leaves", () => {
  it.effect("is forgotten by every part, one that fails being reported", () =>
    Kit.run(withBroken, (kit) =>
      Effect.gen(function* () {
        const heard = yield* notices
        const { cleo, store } = yield* fill(kit)
        const settings = yield* GuildSettings
        yield* settings.change(kit.guild.id, { zone: "Asia/Tokyo" })
        yield* settings.change("999", { zone: "Asia/Tokyo" })
        Guilds.removeBot(kit.world, kit.guild)
        yield* kit.clock.settle
        expect((yield* settings.all).map(({ guildId }) => guildId)).toEqual(["999"])
        expect((yield* store.exportUser(cleo.id)).applications).toMatchObject([{ id: "201" }])
        expect(heard.map(({ about }) => about)).toEqual(["privacy broken part"])
      }),
    ),
  )

  it.effect("is not forgotten while it is only away", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const settings = yield* GuildSettings
        yield* settings.change(kit.guild.id, { zone: "Asia/Tokyo" })
        const { id } = kit.guild
        kit.world.emit({ type: "GUILD_DELETE", guildId: id, data: () => ({ id, unavailable: true }) })
        yield* kit.clock.settle
        expect((yield* settings.of(id)).zone).toBe("Asia/Tokyo")
      }),
    ),
  )

  const left = Effect.map(
    Effect.flatMap(GuildSettings, ({ all }) => all),
    (all) => all.map(({ guildId }) => guildId).toSorted(),
  )
  const known = Effect.fnUntraced(function* (kit: Kit.Kit) {
    const settings = yield* GuildSettings
    yield* settings.change(kit.guild.id, { zone: "Asia/Tokyo" })
    yield* settings.change("999", { zone: "Asia/Tokyo" })
  })

  it.effect("while it does not run is forgotten by the looks every hour, and no other", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock, guild } = kit
        yield* fill(kit)
        yield* known(kit)
        yield* clock.advance("20 minutes")
        // Not at once: what is forgotten cannot be brought back.
        expect(yield* left).toEqual([guild.id, "999"].toSorted())
        yield* clock.advance("3 hours")
        expect(yield* left).toEqual([guild.id])
        const store = yield* TryoutStore.TryoutStore
        expect(yield* store.guilds).toEqual([guild.id])
      }),
    ),
  )

  it.effect("is not forgotten by another bot on the same database", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock, guild } = kit
        yield* known(kit)
        const sql = yield* SqlClient.SqlClient
        yield* sql`DELETE FROM privacy_owner`
        yield* sql`INSERT INTO privacy_owner ${sql.insert({ one: 1, bot_id: "1" })}`
        yield* clock.advance("4 hours")
        expect(yield* left).toEqual([guild.id, "999"].toSorted())
        expect((yield* kit.transcript).join("\n")).toContain("belongs to another bot")
      }),
    ),
  )

  it.effect("is not forgotten by a bot that is in none of the servers, on a database that is nobody's", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock, guild } = kit
        const settings = yield* GuildSettings
        const sql = yield* SqlClient.SqlClient
        yield* settings.change("998", { zone: "Asia/Tokyo" })
        yield* settings.change("999", { zone: "Asia/Tokyo" })
        yield* sql`DELETE FROM privacy_owner`
        yield* clock.advance("4 hours")
        expect(yield* left).toEqual(["998", "999"])
        expect(yield* sql`SELECT * FROM privacy_owner`).toEqual([])
        expect((yield* kit.transcript).join("\n")).toContain("I am in none of its servers")
        // In one of them it is its own after all.
        yield* settings.change(guild.id, { zone: "Asia/Tokyo" })
        yield* clock.advance("3 hours")
        expect(yield* left).toEqual([guild.id])
      }),
    ),
  )

  it.effect("makes no bot the owner where a part cannot tell whether it has any", () =>
    Kit.run(
      Layer.merge(enter({ name: "part", guilds: Effect.die("no database") }), features).pipe(
        Layer.provideMerge(stores),
      ),
      (kit) =>
        Effect.gen(function* () {
          yield* kit.clock.advance("4 hours")
          const sql = yield* SqlClient.SqlClient
          expect(yield* sql`SELECT * FROM privacy_owner`).toEqual([])
        }),
    ),
  )

  it.effect("is not forgotten as long as Discord does not give all of its list", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock, guild, sandbox } = kit
        yield* known(kit)
        const list = { method: "GET", path: "/users/@me/guilds" }
        sandbox.faults.answerNext({ ...list, status: 500, body: {}, times: 1_000 })
        yield* clock.advance("4 hours")
        expect(yield* left).toEqual([guild.id, "999"].toSorted())
      }),
    ),
  )

  it.effect("is not forgotten where the list is longer than a page and has it at its end", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock, guild, sandbox } = kit
        yield* known(kit)
        const ids = Array.from({ length: 200 }, (_, n) => ({ id: String(100 + n) }))
        const list = { method: "GET", status: 200 }
        sandbox.faults.answerNext({ ...list, body: ids, times: 9, path: /guilds\?limit=\d+$/u })
        sandbox.faults.answerNext({ ...list, body: [{ id: "999" }], times: 9, path: /after=299$/u })
        yield* clock.advance("4 hours")
        expect(yield* left).toEqual([guild.id, "999"].toSorted())
      }),
    ),
  )

  it.effect("and that a part fails to forget is tried again", () => {
    let fails = true
    let forgotten = 0
    const once = enter({
      name: "part",
      guilds: Effect.sync(() => (forgotten > 0 ? [] : ["999"])),
      forgetGuild: () =>
        Effect.suspend(() => {
          if (fails) return Effect.die("no database")
          forgotten++
          return Effect.void
        }),
    })
    const withOnce = Layer.mergeAll(once, Privacy.layer, Settings.layer).pipe(Layer.provideMerge(stores))
    return Kit.run(withOnce, (kit) =>
      Effect.gen(function* () {
        const heard = yield* notices
        yield* (yield* GuildSettings).change(kit.guild.id, { zone: "Asia/Tokyo" })
        yield* kit.clock.advance("150 minutes")
        expect(heard.map(({ about }) => about)).toContain("privacy part")
        fails = false
        yield* kit.clock.advance("2 hours")
        expect(forgotten).toBe(1)
      }),
    )
  })
})
