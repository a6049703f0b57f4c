import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import type { NewCase } from "../../src/features/moderation/Model.js"
import { CaseStore } from "../../src/features/moderation/Store.js"
import * as Store from "../../src/features/moderation/Store.js"
import * as Databases from "../resource/Databases.js"

let guilds = 0
/** A server of its own for each test: the database may be that of all. */
const fresh = (more: Partial<NewCase> = {}): NewCase => ({
  guildId: `g${++guilds}`,
  kind: "ban",
  userId: "5",
  moderatorId: "8",
  reason: null,
  at: 1_000,
  until: null,
  ...more,
})

const suite = (store: Effect.Effect<CaseStore, unknown, Scope.Scope>) => {
  it.scopedLive("keeps a case as it was given, settles it once, and knows no other", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh({ kind: "timeout", reason: 'It\'s "spam"; --', until: 1_800_000_000_000 })
      const opened = yield* cases.open(given)
      expect(opened).toEqual({ ...given, number: 1, status: "pending", detail: null })
      expect(yield* cases.find(given.guildId, 1)).toEqual(opened)
      const settled = yield* cases.settle(given.guildId, 1, "failed", "No.")
      expect(settled).toEqual({ ...opened, status: "failed", detail: "No." })
      // What came to an end stays as it is.
      expect(yield* cases.settle(given.guildId, 1, "done", null)).toEqual(settled)
      expect((yield* Effect.flip(cases.find(given.guildId, 2))).number).toBe(2)
      expect((yield* Effect.flip(cases.find("elsewhere", 1)))._tag).toBe("CaseUnknown")
      expect((yield* Effect.flip(cases.settle(given.guildId, 9, "done", null)))._tag).toBe("CaseUnknown")
    }),
  )

  it.scopedLive("numbers without a gap, however many at once", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh()
      const opened = yield* Effect.forEach(Array.from({ length: 40 }), () => cases.open(given), {
        concurrency: "unbounded",
      })
      expect(opened.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, n) => n + 1),
      )
    }),
  )

  it.scopedLive("numbers without a gap, though some are given up midway", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh()
      yield* Effect.forEach(
        Array.from({ length: 20 }, (_, n) => n),
        (n) => {
          const opening = Effect.asVoid(cases.open(given))
          return n % 2 === 0 ? opening : Effect.asVoid(Effect.timeoutOption(opening, 0))
        },
        { concurrency: "unbounded" },
      )
      const kept = yield* cases.list(given.guildId, { limit: 100 })
      expect(kept.length).toBeGreaterThanOrEqual(10)
      expect(kept.map(({ number }) => number)).toEqual(kept.map((_, n) => kept.length - n))
    }),
  )

  it.scopedLive("lists the newest first, by whom they are about", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh()
      yield* cases.open(given)
      yield* cases.open({ ...given, userId: "6", at: 2_000 })
      yield* cases.open({ ...given, kind: "massban", userId: null, at: 3_000 }, [
        { userId: "5", outcome: "pending" },
        { userId: "7", outcome: "denied" },
      ])
      const numbers = (options: {
        readonly userId?: string
        readonly since?: number
        readonly limit: number
      }) => Effect.map(cases.list(given.guildId, options), (all) => all.map(({ number }) => number))
      expect(yield* numbers({ limit: 10 })).toEqual([3, 2, 1])
      expect(yield* numbers({ limit: 2 })).toEqual([3, 2])
      expect(yield* numbers({ userId: "5", limit: 10 })).toEqual([3, 1])
      expect(yield* numbers({ userId: "9", limit: 10 })).toEqual([])
      expect(yield* numbers({ since: 2_000, limit: 10 })).toEqual([3, 2])
      yield* cases.decide(given.guildId, 3, [{ userId: "5", outcome: "banned" }])
      expect(yield* cases.subjects(given.guildId, 3)).toEqual([
        { userId: "5", outcome: "banned" },
        { userId: "7", outcome: "denied" },
      ])
    }),
  )

  it.scopedLive("keeps a mass ban of a thousand", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh({ kind: "massban", userId: null })
      const subjects = Array.from({ length: 1_000 }, (_, n) => ({
        userId: `${10_000 + n}`,
        outcome: "pending" as const,
      }))
      yield* cases.open(given, subjects)
      yield* cases.decide(
        given.guildId,
        1,
        subjects.map(({ userId }) => ({ userId, outcome: "banned" })),
      )
      const kept = yield* cases.subjects(given.guildId, 1)
      expect(kept).toHaveLength(1_000)
      expect(kept.every(({ outcome }) => outcome === "banned")).toBe(true)
    }),
  )

  it.scopedLive("keeps notes, and forgets who wrote them", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh()
      const author = `author of ${given.guildId}`
      yield* cases.open(given)
      yield* cases.note(given.guildId, 1, { authorId: author, text: "First", at: 10 })
      yield* cases.note(given.guildId, 1, { authorId: "8", text: "Second", at: 20 })
      const missing = cases.note(given.guildId, 2, { authorId: author, text: "x", at: 30 })
      expect((yield* Effect.flip(missing))._tag).toBe("CaseUnknown")
      expect(yield* cases.written(author)).toMatchObject([{ number: 1, text: "First" }])
      expect(yield* cases.anonymise(author)).toBe(1)
      expect(yield* cases.notes(given.guildId, 1)).toEqual([
        { authorId: null, text: "First", at: 10 },
        { authorId: "8", text: "Second", at: 20 },
      ])
    }),
  )

  it.scopedLive("makes unknown what was left pending, which may still be settled", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh({ kind: "massban", userId: null, at: 500 })
      yield* cases.open(given, [
        { userId: "5", outcome: "banned" },
        { userId: "6", outcome: "pending" },
      ])
      yield* cases.open({ ...given, at: 900 })
      const left = yield* cases.abandon(900)
      expect(left.filter(({ guildId }) => guildId === given.guildId)).toMatchObject([
        { number: 1, status: "unknown" },
      ])
      expect((yield* cases.subjects(given.guildId, 1)).map(({ outcome }) => outcome)).toEqual([
        "banned",
        "unknown",
      ])
      expect((yield* cases.find(given.guildId, 2)).status).toBe("pending")
      expect((yield* cases.settle(given.guildId, 1, "done", null)).status).toBe("done")
      yield* cases.settle(given.guildId, 2, "done", null)
    }),
  )

  it.scopedLive("prunes what is old and settled, and forgets a server", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh({ at: 100 })
      const person = `person of ${given.guildId}`
      yield* cases.open({ ...given, userId: person })
      yield* cases.open({ ...given, at: 200 })
      yield* cases.open(given)
      yield* cases.settle(given.guildId, 1, "done", null)
      yield* cases.settle(given.guildId, 2, "done", null)
      yield* cases.note(given.guildId, 1, { authorId: "8", text: "x", at: 1 })
      expect(yield* cases.prune(given.guildId, 200)).toBe(1)
      expect(yield* cases.notes(given.guildId, 1)).toEqual([])
      expect(yield* cases.about(person)).toEqual([])
      // A number is never used again, as long as the server is known.
      expect((yield* cases.open(given)).number).toBe(4)
      expect(yield* cases.guilds).toContain(given.guildId)
      yield* cases.forgetGuild(given.guildId)
      expect(yield* cases.guilds).not.toContain(given.guildId)
      expect(yield* cases.list(given.guildId, { limit: 10 })).toEqual([])
      expect((yield* cases.open(given)).number).toBe(1)
    }),
  )

  it.scopedLive("tells what is about a person, and what became of them", () =>
    Effect.gen(function* () {
      const cases = yield* store
      const given = fresh({ kind: "massban", userId: null })
      const person = `subject of ${given.guildId}`
      yield* cases.open(given, [{ userId: person, outcome: "already" }])
      yield* cases.open({ ...given, kind: "kick", userId: person, at: 2_000 })
      expect(yield* cases.about(person)).toMatchObject([
        { number: 1, kind: "massban", outcome: "already" },
        { number: 2, kind: "kick", outcome: null },
      ])
      const moderator = `moderator of ${given.guildId}`
      yield* cases.open({ ...given, moderatorId: moderator })
      expect(yield* cases.moderated(moderator)).toMatchObject([{ number: 3, moderatorId: moderator }])
    }),
  )

  it.effect("numbers each server by itself, in any order of servers", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 }), (order) =>
          Effect.gen(function* () {
            const cases = yield* store
            const own = [fresh(), fresh(), fresh()]
            const opened = yield* Effect.forEach(order, (n) => cases.open(own[n] ?? fresh()), {
              concurrency: "unbounded",
            })
            for (const [n, { guildId }] of own.entries()) {
              const numbers = opened.filter((one) => one.guildId === guildId).map(({ number }) => number)
              expect(numbers.toSorted((a, b) => a - b)).toEqual(
                Array.from({ length: order.filter((one) => one === n).length }, (_, index) => index + 1),
              )
            }
          }).pipe(Effect.scoped, Effect.runPromise),
        ),
        { numRuns: 8 },
      ),
    ),
  )
}

describe("cases", () => {
  Databases.both("cases", (layer) =>
    suite(
      Effect.flatMap(Layer.build(Layer.provide(Store.layer, layer)), (context) =>
        Effect.provide(CaseStore, context),
      ),
    ),
  )
})
