import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer } from "effect"
import * as fc from "effect/FastCheck"
import * as Archive from "../../src/features/challenge/Archive.js"
import type { Sheet } from "../../src/features/challenge/Sheet.js"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import { Stored } from "../../src/features/guild/Stored.js"
import { layerInline, Offload, OffloadOverloaded } from "../../src/resource/Offload.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Challenges from "./Challenges.js"

const { said } = Challenges

/** Runs a script with a bot whose exports lie in a directory of its own. */
const play = <A, E>(
  script: (kit: Kit.Kit, path: string) => Effect.Effect<A, E, Archive.Archive | GuildSettings | Stored>,
  offload?: Layer.Layer<Offload>,
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const path = yield* Challenges.directory
      const downloads: Challenges.Downloads = { kit: undefined }
      // With a bot of its own, whose time begins at 0.
      return yield* Kit.run(Challenges.features(path, downloads, offload), { sandbox: {} }, (kit) => {
        downloads.kit = kit
        return script(kit, path)
      })
    }),
  )

const run = (who: Kit.Member, command: string, values: Parameters<Kit.Member["slash"]>[1] = {}) =>
  Effect.flatMap(who.slash(command, values), said)

const create = (who: Kit.Member, values: Parameters<Kit.Member["slash"]>[1] = {}) =>
  run(who, "challenge create", { name: "Morning run", stake: "2,50", ...values })

/** Where the task of that name finds no place. */
const overloaded = (broken: string) =>
  Layer.map(Layer.fresh(layerInline), (context) => {
    const inline = Context.get(context, Offload)
    const run: Offload["run"] = (task, input, options) =>
      task.name === broken
        ? Effect.fail(new OffloadOverloaded({ task: task.name, waiting: 9 }))
        : inline.run(task, input, options)
    return Context.make(Offload, { ...inline, run })
  })

describe("a challenge", () => {
  it.effect("goes from the first log to what is to pay, with a chart", () =>
    play((kit) =>
      Effect.gen(function* () {
        const { ada, ben, clock } = kit
        const cleo = kit.member("cleo")
        expect(yield* create(ada)).toContain(
          "**Morning run** is a challenge of 1970: every day, 2.50 € for each one missed.",
        )
        expect(yield* run(ben, "challenge join")).toContain("from 1 January on: 2.50 € for each missed day.")
        expect(yield* run(cleo, "challenge join", { name: "MORNING RUN" })).toContain(cleo.mention)
        expect(yield* run(cleo, "challenge join")).toBe("You take part in Morning run already.")
        expect(yield* run(ada, "challenge log")).toContain("You take no part in Morning run")
        expect(yield* run(ben, "challenge log")).toBe(
          `${ben.mention} has done it: **Morning run**, 1 January.`,
        )
        expect(yield* run(ben, "challenge log")).toBe("You have logged 1 January of **Morning run** already.")
        yield* clock.advance("1 day")
        // Yesterday can be made good for a day; further back nothing can.
        expect(yield* run(cleo, "challenge log", { when: "before" })).toContain("1 January.")
        yield* clock.advance("2 days")
        expect(yield* run(cleo, "challenge log")).toContain("4 January.")
        const standing = yield* run(ben, "challenge standing")
        expect(standing).toContain(`✅ ${cleo.mention}: 2 days done, 2 missed: **5.00 €**`)
        expect(standing).toContain(`⬜ ${ben.mention}: 1 day done, 2 missed: **5.00 €**`)

        yield* run(ben, "challenge leave")
        yield* clock.advance("3 days")
        const turn = yield* ada.slash("total")
        const { replies } = yield* turn.outcome
        expect(replies[0]?.embeds[0]).toMatchObject({
          title: "To pay for 1970",
          description: `${cleo.mention}: **10.00 €** (missed 4)\n${ben.mention}: **5.00 €** (missed 2)`,
          footer: { text: expect.stringContaining("2 members of 1 challenge.") as string },
          image: { url: expect.stringMatching(/\/total-1970-1\.png/u) as string },
        })
        expect(yield* run(ada, "total", { year: 1999 })).toBe("Nobody takes part in a challenge of 1999.")
        expect(yield* kit.leftovers).toEqual([])
      }),
    ),
  )

  it.effect("counts days in the server's time zone, and ends with its year", () =>
    play((kit) =>
      Effect.gen(function* () {
        const { ada, clock, guild } = kit
        yield* (yield* GuildSettings).change(guild.id, { zone: "Asia/Tokyo" })
        yield* clock.advance("9 hours")
        yield* create(ada, { every: "week" })
        yield* run(ada, "challenge join")
        expect(yield* run(ada, "challenge log")).toContain("week 1 (29 December to 4 January).")
        // There it is Monday when it is Sunday afternoon, UTC.
        yield* clock.advance("3 days")
        expect(yield* run(ada, "challenge log")).toContain("already")
        yield* clock.advance("6 hours")
        expect(yield* run(ada, "challenge log")).toContain("week 2 (5 January to 11 January).")
        yield* clock.advance(365 * 86_400_000)
        expect(yield* run(ada, "challenge log")).toBe("Morning run ended with the year 1970.")
        expect(yield* run(ada, "challenge join")).toBe("Morning run ended with the year 1970.")
        expect(yield* run(ada, "total", { year: 1970 })).toContain("**127.50 €** (missed 51)")
      }),
    ),
  )

  it.effect("says what is wrong with what was typed, and which there are", () =>
    play((kit) =>
      Effect.gen(function* () {
        const { ada, ben } = kit
        expect(yield* run(ada, "challenge join")).toContain("There is no challenge yet")
        expect(yield* create(ada, { stake: "2.505" })).toContain("an amount from 0.01")
        expect(yield* create(ada, { stake: "0" })).toContain("an amount from 0.01")
        expect(yield* create(ada, { stake: "$3", year: 1971 })).toContain("3.00 $")
        expect(yield* create(ada, { name: "morning RUN" })).toContain("already a challenge named morning RUN")
        yield* create(ada, { name: "Reading", every: "week", year: 1971 })
        expect(yield* run(ben, "challenge log")).toContain("Which one? There are: Morning run, Reading.")
        expect(yield* run(ben, "challenge log", { name: "Singing" })).toContain(
          "There is no challenge named Singing.",
        )
        expect(yield* run(ben, "challenge log", { name: "reading" })).toBe(
          "Reading begins with the year 1971.",
        )
        const turn = yield* ben.actor.autocomplete("general", "challenge join", "name", { name: "rEa" })
        const state = yield* turn.when(({ _tag }) => _tag === "ChoicesShown" || _tag === "Failed")
        expect(state).toMatchObject({ choices: [{ name: "Reading (1971)", value: "Reading" }] })
      }),
    ),
  )

  it.effect(
    "is right under two hundred logs at once, each tried twice",
    () =>
      play((kit) =>
        Effect.gen(function* () {
          const { ada, clock } = kit
          yield* create(ada, { stake: "0.10" })
          const people = Array.from({ length: 100 }, (_, index) => kit.member(`runner${index}`))
          yield* Effect.forEach(people, (who) => run(who, "challenge join"), { concurrency: "unbounded" })
          const answers = yield* Effect.forEach([...people, ...people], (who) => run(who, "challenge log"), {
            concurrency: "unbounded",
          })
          expect(answers.filter((text) => text.includes("has done it"))).toHaveLength(100)
          expect(answers.filter((text) => text.includes("already"))).toHaveLength(100)
          yield* clock.advance("3 days")
          const { replies } = yield* (yield* ada.slash("total")).outcome
          const text = String(replies[0]?.embeds[0]?.["description"])
          // More than an embed takes: the rest is in a file.
          const [, rest] = /and (\d+) more, in the attached file\.$/u.exec(text) ?? []
          expect(text.match(/\*\*0\.20 €\*\* \(missed 2\)/gu)).toHaveLength(100 - Number(rest))
          const list = replies[0]?.attachments.find((one) => one["filename"] === "total-1970.txt")
          const lines = new TextDecoder()
            .decode(kit.world.uploads.get(String(list?.["id"]))?.bytes)
            .trim()
            .split("\n")
          expect(lines).toHaveLength(100)
          expect(lines.every((line) => /^0\.20 €\t.+ \(\d+\)\tmissed 2$/u.test(line))).toBe(true)
        }),
      ),
    60_000,
  )

  it.effect("shows the numbers where there is no chart, and says so where there are none", () =>
    Effect.forEach(["chart", "totals"], (broken) =>
      play(
        (kit) =>
          Effect.gen(function* () {
            yield* create(kit.ada)
            yield* run(kit.ada, "challenge join")
            yield* kit.clock.advance("1 day")
            const text = yield* run(kit.ada, "total")
            if (broken === "totals")
              expect(text).toBe("There is too much to do just now. Try again in a moment.")
            else expect(text).toContain(`${kit.ada.mention}: **2.50 €** (missed 1)`)
          }),
        overloaded(broken),
      ),
    ),
  )

  it.effect("is added up one at a time in a server, however many ask", () => {
    let [running, most, runs] = [0, 0, 0]
    const slow = Layer.map(Layer.fresh(layerInline), (context) => {
      const inline = Context.get(context, Offload)
      const run: Offload["run"] = (task, input, options) =>
        task.name !== "totals"
          ? inline.run(task, input, options)
          : Effect.acquireUseRelease(
              Effect.sync(() => {
                runs++
                most = Math.max(most, ++running)
              }),
              () => Effect.delay(inline.run(task, input, options), "2 seconds"),
              () => Effect.sync(() => running--),
            )
      return Context.make(Offload, { ...inline, run })
    })
    return play(
      (kit) =>
        Effect.gen(function* () {
          const { ada, ben } = kit
          yield* create(ada)
          yield* create(ada, { name: "Evening run" })
          yield* run(ben, "challenge join", { name: "Morning run" })
          yield* run(ben, "challenge join", { name: "Evening run" })
          const answers = yield* Effect.forEach([ada, ben, kit.member("cleo")], (who) => run(who, "total"), {
            concurrency: "unbounded",
          })
          for (const text of answers) expect(text).toContain(`${ben.mention}: **0.00 €**`)
          expect({ most, runs }).toEqual({ most: 1, runs: 6 })
        }),
      slow,
    )
  })

  it.effect.prop(
    "adds up to what a person with a pencil would find, over any orders of logs",
    {
      days: fc.array(
        // Who logs on that day, in what order and how often; who joins or leaves.
        fc.record({
          logs: fc.array(fc.constantFrom("ben", "cleo", "dan"), { maxLength: 5 }),
          joins: fc.subarray(["ben", "cleo", "dan"]),
          leaves: fc.subarray(["ben", "cleo", "dan"]),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      cents: fc.integer({ min: 1, max: 1_000 }),
    },
    ({ cents, days }) =>
      play((kit) =>
        Effect.gen(function* () {
          const people = { ben: kit.member("ben"), cleo: kit.member("cleo"), dan: kit.member("dan") }
          const all = Object.keys(people) as ReadonlyArray<keyof typeof people>
          const who = (name: string) => people[name as keyof typeof people]
          yield* create(kit.ada, {
            stake: `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, "0")}`,
          })
          const missed = new Map<string, number>()
          const members = new Set<string>()
          for (const { joins, leaves, logs } of days) {
            yield* Effect.forEach(joins, (name) => run(who(name), "challenge join"), {
              concurrency: "unbounded",
            })
            for (const name of joins) members.add(name)
            yield* Effect.forEach(logs, (name) => run(who(name), "challenge log"), {
              concurrency: "unbounded",
            })
            yield* Effect.forEach(leaves, (name) => run(who(name), "challenge leave"), {
              concurrency: "unbounded",
            })
            for (const name of leaves) members.delete(name)
            for (const name of all)
              if (members.has(name) && !logs.includes(name)) missed.set(name, (missed.get(name) ?? 0) + 1)
            yield* kit.clock.advance("1 day")
          }
          const text = yield* run(kit.ada, "total")
          for (const name of all) {
            const count = missed.get(name) ?? 0
            const owed = ((count * cents) / 100).toFixed(2)
            if (count > 0) expect(text).toContain(`${who(name).mention}: **${owed} €** (missed ${count})`)
            else expect(text).not.toMatch(new RegExp(`${who(name).id}>: .*missed`, "u"))
          }
          expect(yield* kit.leftovers).toEqual([])
        }),
      ),
    { fastCheck: { numRuns: 12 }, timeout: 60_000 },
  )
})

describe("a challenge's file", () => {
  it.effect("is exported, and imported as it was; all of it or nothing", () =>
    play((kit, path) =>
      Effect.gen(function* () {
        const { ada, ben, clock, guild } = kit
        yield* create(ada)
        yield* run(ben, "challenge join")
        yield* run(ben, "challenge log")
        yield* clock.advance("2 days")
        yield* run(ben, "challenge log")
        const { replies } = yield* (yield* ada.slash("challenge export")).outcome
        expect(replies[0]?.attachments[0]).toMatchObject({ filename: "morning-run.json" })
        const bytes = kit.world.uploads.get(String(replies[0]?.attachments[0]?.["id"]))!.bytes
        const [file] = readdirSync(join(path, guild.id)).filter((one) => one.endsWith(".json"))
        expect(Buffer.from(bytes)).toEqual(readFileSync(join(path, guild.id, file!)))
        const sheet = JSON.parse(new TextDecoder().decode(bytes))
        expect(sheet).toEqual({
          name: "Morning run",
          every: "day",
          stake: "2.50",
          currency: "€",
          year: 1970,
          members: [
            {
              userId: ben.id,
              name: expect.any(String) as string,
              spans: [{ from: 1, until: null }],
              done: [1, 3],
            },
          ],
        })

        const bring = (content: unknown, values: Parameters<Kit.Member["slash"]>[1] = {}) =>
          run(ada, "challenge import", {
            file: {
              name: "run.json",
              bytes: new TextEncoder().encode(
                typeof content === "string" ? content : JSON.stringify(content),
              ),
            },
            ...values,
          })
        const before = yield* run(ada, "total")
        expect(yield* bring(sheet)).toBe("There is already a challenge named Morning run.")
        expect(yield* bring('{ "name": "x", ')).toContain("it is not JSON (line 1, column 16")
        expect(yield* bring({ ...sheet, stake: "much" })).toContain("$.stake: must be an amount")
        const [member] = sheet.members
        expect(yield* bring({ ...sheet, members: [member, member] })).toContain(
          "$.members[1].userId: is there twice",
        )
        expect(yield* bring({ ...sheet, members: [{ ...member, done: [1, 400] }] })).toContain(
          "$.members[0].done[1]: must lie within one of the spans",
        )
        expect(yield* run(ada, "total")).toBe(before)
        // In the place of the former, and beside it.
        expect(yield* bring(sheet, { replace: true })).toBe(
          "**Morning run** of 1970 was imported: 1 member, 2 days logged.",
        )
        expect(yield* run(ada, "total")).toBe(before)
        yield* bring({ ...sheet, name: "Evening run", stake: "1.00" })
        expect(yield* run(ada, "total")).toContain(`${ben.mention}: **3.50 €** (missed 2)`)
      }),
    ),
  )

  it.effect("is not read where there is no worker for it, and that is said", () =>
    play(
      ({ ada }) =>
        Effect.gen(function* () {
          const file = { name: "run.json", bytes: new TextEncoder().encode("{}") }
          expect(yield* run(ada, "challenge import", { file })).toBe(
            "There is too much to do just now. Try again in a moment.",
          )
        }),
      overloaded("sheet"),
    ),
  )

  it.effect("that somebody has spoilt is not written over", () =>
    play((kit, path) =>
      Effect.gen(function* () {
        const { ada, guild } = kit
        yield* create(ada)
        yield* run(ada, "challenge export")
        const [name] = readdirSync(join(path, guild.id)).filter((one) => one.endsWith(".json"))
        const file = join(path, guild.id, name!)
        writeFileSync(file, "{ mine")
        expect(yield* run(ada, "challenge export")).toContain("The file is not valid: it is not JSON")
        expect(readFileSync(file, "utf8")).toBe("{ mine")
      }),
    ),
  )
})

describe("what is stored of somebody", () => {
  it.effect("is shown and forgotten, in the database and in files", () =>
    play((kit, path) =>
      Effect.gen(function* () {
        const { ada, ben, clock, guild } = kit
        const part = (yield* Stored).parts().find(({ name }) => name === "challenges")!
        yield* create(ada)
        yield* run(ada, "challenge join")
        yield* run(ben, "challenge join")
        yield* run(ben, "challenge log")
        yield* run(ada, "challenge export")
        expect(yield* part.exportUser(ben.id)).toEqual([
          {
            kind: "part in a challenge",
            challenge: "Morning run",
            guildId: guild.id,
            year: 1970,
            calledThere: expect.any(String) as string,
            spans: [{ from: 1, until: null }],
            done: ["1 January"],
          },
        ])
        expect(yield* part.eraseUser(ben.id)).toEqual({ erased: 2 })
        expect(yield* part.exportUser(ben.id)).toEqual([])
        const files = () =>
          readdirSync(path, { recursive: true, withFileTypes: true })
            .filter((one) => one.isFile() && !one.name.startsWith("."))
            .map((one) => readFileSync(join(one.parentPath, one.name), "utf8"))
        expect(files()).toHaveLength(1)
        expect(files().join("")).not.toContain(ben.id)
        expect(files().join("")).toContain(ada.id)
        expect(yield* part.eraseUser(ada.id)).toEqual({
          erased: 2,
          kept: "challenges that you made stay, without your name.",
        })
        yield* clock.advance("3 days")
        expect(yield* run(ada, "total")).toBe("Nobody takes part in a challenge of 1970.")
        yield* part.forgetGuild(guild.id)
        expect(files()).toEqual([])
        expect(yield* run(ada, "challenge join")).toContain("There is no challenge yet")
      }),
    ),
  )

  it.effect("does not come back with an export that waits while the server is forgotten", () =>
    play((kit, path) =>
      Effect.gen(function* () {
        const { ada, clock, guild } = kit
        const part = (yield* Stored).parts().find(({ name }) => name === "challenges")!
        yield* create(ada)
        yield* run(ada, "challenge join")
        const written = yield* Deferred.make<Sheet, "none">()
        const other = { guildId: guild.id, name: "Evening run" }
        yield* Effect.fork((yield* Archive.Archive).save(other, Deferred.await(written)))
        yield* clock.settle
        const forgetting = yield* Effect.fork(part.forgetGuild(guild.id))
        yield* clock.settle
        const turn = yield* ada.slash("challenge export")
        yield* clock.settle
        yield* Deferred.fail(written, "none")
        yield* Fiber.join(forgetting)
        expect(yield* said(turn)).toContain("There is no challenge yet")
        expect(readdirSync(path)).toEqual([])
      }),
    ),
  )

  it.scopedLive("does not come back with a file that is written meanwhile", () =>
    Effect.gen(function* () {
      const path = yield* Challenges.directory
      const archive = Context.get(yield* Layer.build(Archive.layer(path)), Archive.Archive)
      const sheet = (userIds: ReadonlyArray<string>): Sheet => ({
        name: "Run",
        every: "day",
        stake: "1.00",
        currency: "€",
        year: 2026,
        members: userIds.map((userId) => ({
          userId,
          name: "Runner",
          spans: [{ from: 1, until: null }],
          done: [],
        })),
      })
      const [ben, cleo] = ["10000000000000001", "10000000000000002"]
      for (const [guildId, begin, erased] of [
        ["1", 10, 5],
        ["2", 0, 5],
      ] as const) {
        let there = [ben!, cleo!]
        const erase = Effect.suspend(() => {
          there = [cleo!]
          return archive.forgetUser(ben!)
        })
        const read = Effect.sync(() => sheet(there)).pipe(Effect.delay(begin), Effect.tap(Effect.sleep(20)))
        yield* Effect.all([archive.save({ guildId, name: "Run" }, read), Effect.delay(erase, erased)], {
          concurrency: "unbounded",
        })
        const [file] = readdirSync(join(path, guildId)).filter((one) => one.endsWith(".json"))
        const text = readFileSync(join(path, guildId, file!), "utf8")
        expect(text).not.toContain(ben)
        expect(text).toContain(cleo)
      }
    }),
  )

  it.scopedLive("goes with what a killed process has left half written", () =>
    Effect.gen(function* () {
      const path = yield* Challenges.directory
      const archive = Context.get(yield* Layer.build(Archive.layer(path)), Archive.Archive)
      mkdirSync(join(path, "1"))
      const [ben, cleo] = [".run-1.json.tmp", ".run-2.json.tmp"].map((name) => join(path, "1", name))
      writeFileSync(ben!, '{ "members": [{ "userId": "10000000000000001", "na')
      writeFileSync(cleo!, '{ "members": [{ "userId": "10000000000000002", "na')
      expect(yield* archive.forgetUser("10000000000000001")).toBe(1)
      expect(readdirSync(join(path, "1"))).toEqual([".run-2.json.tmp"])
    }),
  )
})
