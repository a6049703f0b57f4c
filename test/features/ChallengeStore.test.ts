import { expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import type { Book, Challenge } from "../../src/features/challenge/Model.js"
import * as Store from "../../src/features/challenge/Store.js"
import * as Databases from "../resource/Databases.js"

let ids = 1_000
/** In a server of its own. */
const challenge = (more: Partial<Challenge> = {}): Challenge => {
  const id = String(++ids)
  return {
    id,
    guildId: `g${id}`,
    name: "Morning run",
    every: "day",
    cents: 250,
    currency: "€",
    year: 2026,
    createdBy: "8",
    createdAt: 1_790_000_000_000,
    ...more,
  }
}
const who = (userId: string) => ({ userId, name: `Name of ${userId}` })

const suite = (make: Effect.Effect<Store.ChallengeStore, unknown, Scope.Scope>) => {
  it.scopedLive("has one challenge of a name in a server, whatever its case", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge({ name: "Läufe -- \"'; " })
      yield* store.create(one)
      expect(yield* store.list(one.guildId)).toEqual([one])
      const same = { ...one, id: "x", name: "LÄUFE -- \"'; " }
      expect(yield* Effect.flip(store.create(same))).toMatchObject({ _tag: "NameTaken", name: same.name })
      yield* store.create(challenge({ name: one.name }))
      const newer = challenge({ guildId: one.guildId, name: "A", year: 2027 })
      yield* store.create(newer)
      expect(yield* store.list(one.guildId)).toEqual([newer, one])
    }),
  )

  it.scopedLive("knows who takes part from when to when", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge()
      yield* store.create(one)
      const spans = Effect.map(store.book(one), ({ members }) => members[0]?.spans)
      expect(yield* Effect.flip(store.leave(one, "5", 3))).toMatchObject({ _tag: "NoMember" })
      expect(yield* Effect.flip(store.join(challenge(), who("5"), 3))).toMatchObject({
        _tag: "ChallengeUnknown",
      })
      yield* store.join(one, who("5"), 3)
      expect(yield* Effect.flip(store.join(one, who("5"), 4))).toMatchObject({ _tag: "AlreadyMember" })
      yield* store.leave(one, "5", 7)
      expect(yield* spans).toEqual([{ from: 3, until: 7 }])
      expect(yield* Effect.flip(store.leave(one, "5", 8))).toMatchObject({ _tag: "NoMember" })
      expect(yield* Effect.flip(store.log(one, who("5"), 6, "then"))).toMatchObject({ _tag: "NoMember" })
      // Back in the period of the departure it was none.
      yield* store.join(one, who("5"), 7)
      expect(yield* spans).toEqual([{ from: 3, until: null }])
      yield* store.leave(one, "5", 9)
      yield* store.join(one, who("5"), 12)
      expect(yield* spans).toEqual([
        { from: 3, until: 9 },
        { from: 12, until: null },
      ])
      expect(yield* Effect.flip(store.log(one, who("5"), 10, "then"))).toMatchObject({
        _tag: "NotThen",
        when: "then",
      })
      expect(yield* store.log(one, who("5"), 12, "now")).toBe(true)
      // Who leaves in the period of the arrival was never there.
      yield* store.leave(one, "5", 12)
      expect(yield* spans).toEqual([{ from: 3, until: 9 }])
      expect((yield* store.book(one)).members[0]?.done).toEqual([])
      yield* store.join(one, who("6"), 12)
      yield* store.leave(one, "6", 12)
      expect((yield* store.book(one)).members.map(({ userId }) => userId)).toEqual(["5"])
    }),
  )

  it.scopedLive("logs a period once, however many try", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge()
      yield* store.create(one)
      yield* Effect.forEach(["5", "6"], (userId) => store.join(one, who(userId), 1))
      const fresh = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => index),
        (index) => store.log(one, who(index % 2 === 0 ? "5" : "6"), 1 + (index % 3), "now"),
        { concurrency: "unbounded" },
      )
      expect(fresh.filter(Boolean)).toHaveLength(6)
      const { members } = yield* store.book(one)
      expect(members.map(({ done }) => done)).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ])
    }),
  )

  it.scopedLive("puts a challenge in the place of another as a whole, or not at all", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge()
      const book: Book = {
        challenge: one,
        members: [
          {
            userId: "5",
            name: "Five",
            spans: [
              { from: 1, until: 4 },
              { from: 6, until: null },
            ],
            done: Array.from({ length: 300 }, (_, index) => 6 + index),
          },
          { userId: "6", name: "Six", spans: [{ from: 2, until: null }], done: [2] },
        ],
      }
      yield* store.put(book, false)
      expect(yield* store.book(one)).toEqual(book)
      const next = { ...book, challenge: { ...one, id: `${one.id}n`, name: "MORNING run" } }
      expect(yield* Effect.flip(store.put(next, false))).toMatchObject({ _tag: "NameTaken" })
      // Twice the same member: the table has no place for that, and nothing of it is kept.
      const [member] = book.members
      const broken = { ...next, members: [member!, member!] }
      expect(Exit.isFailure(yield* Effect.exit(store.put(broken, true)))).toBe(true)
      expect(yield* store.list(one.guildId)).toEqual([one])
      expect(yield* store.book(one)).toEqual(book)
      yield* store.put(next, true)
      expect(yield* store.list(one.guildId)).toEqual([next.challenge])
      expect(yield* store.book(next.challenge)).toEqual(next)
      expect((yield* store.book(one)).members).toEqual([])
    }),
  )

  it.scopedLive("keeps more logs than go into one statement", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge()
      const done = Array.from({ length: 365 }, (_, index) => index + 1)
      const members = Array.from({ length: 60 }, (_, index) => ({
        userId: `m${String(index).padStart(3, "0")}`,
        name: "Runner",
        spans: [{ from: 1, until: null }],
        done,
      }))
      yield* store.put({ challenge: one, members }, false)
      expect(yield* store.book(one)).toEqual({ challenge: one, members })
    }),
  )

  it.scopedLive("takes no more members than a server may have, in all its challenges", () =>
    Effect.gen(function* () {
      const store = yield* make
      const one = challenge()
      const members = Array.from({ length: Store.MOST_MEMBERS - 1 }, (_, index) => ({
        userId: `m${index}`,
        name: "Runner",
        spans: [{ from: 1, until: null }],
        done: [],
      }))
      yield* store.put({ challenge: one, members }, false)
      yield* store.join(one, who("5"), 1)
      const full = { _tag: "TooManyMembers", most: Store.MOST_MEMBERS }
      expect(yield* Effect.flip(store.join(one, who("6"), 1))).toMatchObject(full)
      const other = challenge({ guildId: one.guildId, name: "Other" })
      const [first] = members
      expect(yield* Effect.flip(store.put({ challenge: other, members: [first!] }, false))).toMatchObject(
        full,
      )
      expect(yield* store.list(one.guildId)).toEqual([one])
      // Who is there already may come back.
      yield* store.leave(one, "5", 3)
      yield* store.join(one, who("5"), 4)
      // In another server nothing is full.
      const elsewhere = challenge()
      yield* store.create(elsewhere)
      yield* store.join(elsewhere, who("6"), 1)
    }),
  )

  it.scopedLive("shows what is stored of somebody, and forgets it", () =>
    Effect.gen(function* () {
      const store = yield* make
      const user = `u${++ids}`
      const mine = challenge({ createdBy: user })
      const other = challenge()
      for (const one of [mine, other]) {
        yield* store.create(one)
        yield* store.join(one, who(user), 1)
        yield* store.join(one, who("7"), 1)
        yield* store.log(one, who(user), 1, "now")
      }
      expect((yield* store.partsOf(user)).map(({ challenge }) => challenge)).toEqual([mine, other])
      expect((yield* store.partsOf(user))[0]).toEqual({
        challenge: mine,
        name: `Name of ${user}`,
        spans: [{ from: 1, until: null }],
        done: [1],
      })
      expect(yield* store.madeBy(user)).toEqual([mine])
      expect(yield* store.forgetUser(user)).toEqual({ parts: 2, made: 1 })
      expect(yield* store.partsOf(user)).toEqual([])
      expect(yield* store.list(mine.guildId)).toEqual([{ ...mine, createdBy: null }])
      expect((yield* store.book(other)).members.map(({ userId }) => userId)).toEqual(["7"])
      expect(yield* store.guilds).toEqual(expect.arrayContaining([mine.guildId, other.guildId]))
      yield* store.forgetGuild(other.guildId)
      expect(yield* store.guilds).not.toContain(other.guildId)
      expect(yield* store.list(other.guildId)).toEqual([])
      expect((yield* store.book(other)).members).toEqual([])
      expect(yield* store.list(mine.guildId)).toHaveLength(1)
    }),
  )

  it.scopedLive("loses nothing over any orders of joins, logs, departures and replacements at once", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.tuple(
              fc.constantFrom("join", "leave", "log", "forget"),
              fc.constantFrom("5", "6"),
              fc.integer({ min: 1, max: 4 }),
            ),
            { maxLength: 16 },
          ),
          (plan) =>
            Effect.runPromise(
              Effect.scoped(
                Effect.gen(function* () {
                  const store = yield* make
                  const one = challenge()
                  yield* store.create(one)
                  yield* Effect.forEach(
                    plan,
                    ([what, userId, period]) =>
                      Effect.exit<unknown, unknown, never>(
                        what === "join"
                          ? store.join(one, who(userId), period)
                          : what === "leave"
                            ? store.leave(one, userId, period)
                            : what === "log"
                              ? store.log(one, who(userId), period, "then")
                              : store.forgetUser(userId),
                      ).pipe(
                        Effect.tap((exit) =>
                          Effect.sync(() => {
                            // What is refused is refused by a word, and is no defect.
                            if (Exit.isFailure(exit)) expect(exit.cause._tag).toBe("Fail")
                          }),
                        ),
                      ),
                    { concurrency: "unbounded" },
                  )
                  const { members } = yield* store.book(one)
                  for (const { done, spans } of members) {
                    spans.forEach(({ from, until }, index) => {
                      expect(until ?? from + 1).toBeGreaterThan(from)
                      const next = spans[index + 1]
                      if (next !== undefined) expect(next.from).toBeGreaterThan(until ?? Number.NaN)
                    })
                    // Nothing is logged where they took no part.
                    for (const period of done)
                      expect(
                        spans.some(({ from, until }) => from <= period && period < (until ?? period + 1)),
                      ).toBe(true)
                  }
                }),
              ),
            ),
        ),
        { numRuns: 25 },
      ),
    ),
  )
}

Databases.both("the store of challenges", (database) => {
  suite(Effect.map(Layer.build(Layer.provide(Store.layer, database)), Context.get(Store.ChallengeStore)))
})
