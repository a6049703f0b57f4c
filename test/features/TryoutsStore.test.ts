import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Either, Layer, type Scope } from "effect"
import * as fc from "effect/FastCheck"
import { type Application, isOpen, type Tryout } from "../../src/features/tryouts/Model.js"
import * as Store from "../../src/features/tryouts/Store.js"
import * as StoreSql from "../../src/features/tryouts/StoreSql.js"
import * as Databases from "../resource/Databases.js"

const tryout = (id: string): Tryout => ({
  id,
  guildId: "1",
  name: `Try-out ${id}`,
  channelId: "9",
  roleId: null,
  where: "thread",
  questions: [{ _tag: "Text", prompt: "Why?", min: 1, max: 100 }],
  deadline: 60_000,
  openedBy: "8",
  openedAt: 0,
  closedAt: null,
})

/** An empty store for the scope. */
type Fresh = Effect.Effect<Store.TryoutStore, never, Scope.Scope>

type Step = (store: Store.TryoutStore, at: number) => Effect.Effect<unknown, unknown>
const user = fc.constantFrom("5", "6")
const id = fc.constantFrom("200", "201", "202", "203")
const which = fc.constantFrom("100", "101")
const by = fc.constantFrom("ada", "ben")
const small = fc.integer({ min: 1, max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(id, which, user).map(
    ([id, tryoutId, userId]): Step =>
      (store, at) =>
        Effect.flatMap(Effect.option(store.application(id)), (known) =>
          // Discord never gives an id twice.
          known._tag === "Some" ? Effect.void : store.begin({ id, tryoutId, userId }, at),
        ),
  ),
  fc.tuple(which, user).map(
    ([tryoutId, userId]): Step =>
      (store, at) =>
        store.begin({ id: `9${at}`, tryoutId, userId }, at),
  ),
  fc.tuple(id, small).map(
    ([id, talk]): Step =>
      (store) =>
        store.save(id, talk, [{ _tag: "Text", text: "x" }]),
  ),
  fc.tuple(id, small).map(
    ([id, talk]): Step =>
      (store, at) =>
        store.submit(id, talk, at),
  ),
  fc.tuple(id, small).map(
    ([id, talk]): Step =>
      (store) =>
        store.discard(id, talk),
  ),
  fc.tuple(id, user).map(
    ([id, user]): Step =>
      (store, at) =>
        store.withdraw(id, user, at),
  ),
  fc.tuple(id, small, by).map(
    ([id, round, by]): Step =>
      (store, at) =>
        store.claim(id, round, by, at),
  ),
  fc.tuple(id, by).map(
    ([id, by]): Step =>
      (store, at) =>
        store.approve(id, by, at),
  ),
  fc.tuple(id, by).map(
    ([id, by]): Step =>
      (store) =>
        store.release(id, by),
  ),
  fc.tuple(id, small, by, fc.constantFrom("rejected" as const, "writing" as const)).map(
    ([id, round, by, status]): Step =>
      (store, at) =>
        store.decline(id, round, { status, by, reason: "r" }, at),
  ),
  fc.constantFrom("Try-out 100", "Try-out 101").map(
    (name): Step =>
      (store, at) =>
        store.close("1", name, at),
  ),
)

const suite = (fresh: Fresh, numRuns: number) => {
  const begun = Effect.gen(function* () {
    const store = yield* fresh
    yield* store.open(tryout("100"))
    yield* store.open(tryout("101"))
    const application = yield* store.begin({ id: "200", tryoutId: "100", userId: "5" }, 0)
    return { store, application }
  })

  const pending = Effect.gen(function* () {
    const { application, store } = yield* begun
    yield* store.save("200", 1, [{ _tag: "Text", text: "Because" }])
    yield* store.submit("200", 1, 10)
    return { store, application }
  })

  it.scoped("lets only the newest talk write", () =>
    Effect.gen(function* () {
      const { store } = yield* begun
      const again = yield* store.begin({ id: "201", tryoutId: "100", userId: "5" }, 5)
      expect(again).toMatchObject({ id: "200", talk: 2 })
      const late = yield* Effect.flip(store.save("200", 1, []))
      expect(late.why).toBe("elsewhere")
      yield* store.save("200", 2, [{ _tag: "Text", text: "x" }])
      yield* store.discard("200", 2)
      expect((yield* store.application("200")).answers).toHaveLength(1)
    }),
  )

  it.scoped("has one open application of a person in a server", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      const other = yield* Effect.either(store.begin({ id: "202", tryoutId: "101", userId: "5" }, 20))
      expect(Either.getLeft(other)).toMatchObject({ value: { _tag: "AlreadyApplied", status: "pending" } })
    }),
  )

  it.scoped("gives a claim to one manager, and to another when it was lost", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      yield* store.claim("200", 1, "ada", 100)
      const second = yield* Effect.flip(store.claim("200", 1, "ben", 60_100))
      expect(second).toMatchObject({ _tag: "NotPending", status: "approving", by: "ada" })
      yield* store.claim("200", 1, "ben", 60_101)
      // Too late: nothing that the first one does counts any more.
      yield* store.release("200", "ada")
      expect((yield* Effect.flip(store.approve("200", "ada", 60_102)))._tag).toBe("NotPending")
      expect((yield* store.approve("200", "ben", 60_103)).status).toBe("approved")
    }),
  )

  it.scoped("does not take a decision on an earlier round", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      yield* store.decline("200", 1, { status: "writing", by: "ada", reason: "More" }, 100)
      const { talk } = yield* store.begin({ id: "203", tryoutId: "100", userId: "5" }, 110)
      yield* store.submit("200", talk, 120)
      expect((yield* Effect.flip(store.claim("200", 1, "ben", 130)))._tag).toBe("NotPending")
      expect((yield* store.claim("200", 2, "ben", 130)).status).toBe("approving")
    }),
  )

  it.scoped("keeps a manager from asking again once the try-out is closed", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      yield* store.close("1", "try-out 100", 50)
      const again = store.decline("200", 1, { status: "writing", by: "ada", reason: "More" }, 100)
      expect((yield* Effect.flip(again))._tag).toBe("TryoutClosed")
      expect((yield* store.claim("200", 1, "ada", 100)).status).toBe("approving")
    }),
  )

  it.scoped("takes a claim that was lost with its bot for none, whoever comes next", () =>
    Effect.gen(function* () {
      const decline = { status: "rejected", by: "ben", reason: "No" } as const
      const lost = Effect.map(
        Effect.tap(pending, ({ store }) => store.claim("200", 1, "ada", 100)),
        ({ store }) => store,
      )
      const store = yield* lost
      expect(yield* store.pending("1", 60_100)).toEqual([])
      expect((yield* Effect.flip(store.withdraw("200", "5", 60_100)))._tag).toBe("NotPending")
      expect((yield* Effect.flip(store.decline("200", 1, decline, 60_100)))._tag).toBe("NotPending")
      expect(yield* store.pending("1", 60_101)).toMatchObject([
        { id: "200", status: "pending", decidedBy: null },
      ])
      expect((yield* store.withdraw("200", "5", 60_101)).status).toBe("withdrawn")
      const other = yield* lost
      expect((yield* other.decline("200", 1, decline, 60_101)).status).toBe("rejected")
    }),
  )

  it.scoped("withdraws the one that is named, and no other person's", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      expect((yield* Effect.flip(store.withdraw("200", "6", 20)))._tag).toBe("NoApplication")
      yield* store.decline("200", 1, { status: "rejected", by: "ada", reason: "No" }, 30)
      yield* store.begin({ id: "201", tryoutId: "101", userId: "5" }, 40)
      expect(yield* Effect.flip(store.withdraw("200", "5", 50))).toMatchObject({
        status: "rejected",
        by: "ada",
      })
      expect((yield* store.application("201")).status).toBe("writing")
    }),
  )

  it.scoped("keeps the card that was noted first of two posted at once", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      const card = (messageId: string) => ({ channelId: "9", messageId })
      expect(yield* store.post("200", card("1"), null)).toEqual(card("1"))
      expect(yield* store.post("200", card("2"), null)).toEqual(card("1"))
      expect(yield* store.post("200", card("3"), card("1"))).toEqual(card("3"))
    }),
  )

  it.scoped("gives back what it was given, and knows a name whatever its case", () =>
    Effect.gen(function* () {
      const store = yield* fresh
      const one: Tryout = {
        ...tryout("100"),
        name: "Éire; DROP TABLE",
        roleId: "7",
        where: "dm",
        questions: [
          { _tag: "Number", prompt: "How old?", min: 13 },
          { _tag: "Choice", prompt: "Which?", choices: ["a", "b"] },
        ],
      }
      yield* store.open(one)
      expect(yield* store.tryout("100")).toEqual(one)
      expect((yield* Effect.flip(store.open({ ...one, id: "101", name: "éIRE; drop table" })))._tag).toBe(
        "NameTaken",
      )
      yield* store.open({ ...one, id: "101", guildId: "2" })
      yield* store.close("1", "ÉIRE; drop table", 5)
      yield* store.open({ ...one, id: "102", openedAt: 6 })
      expect((yield* store.list("1")).map(({ id }) => id)).toEqual(["102"])
      expect((yield* Effect.flip(store.close("1", "other", 7))).open).toEqual([one.name])
      expect((yield* Effect.flip(store.tryout("9")))._tag).toBe("ApplicationGone")
    }),
  )

  it.live(
    "whatever is done: one open application a person, no end is ever left, and every store says the same",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
            Effect.gen(function* () {
              const store = yield* fresh
              const model = yield* Store.makeMemory
              for (const one of [store, model]) {
                yield* one.open(tryout("100"))
                yield* one.open(tryout("101"))
              }
              const all = (store: Store.TryoutStore) =>
                Effect.map(Effect.all([store.of("1", "5"), store.of("1", "6")]), (found) => found.flat())
              const isEnd = ({ status }: Application) =>
                ["approved", "rejected", "withdrawn", "lapsed"].includes(status)
              let before = yield* all(store)
              for (const [index, run] of steps.entries()) {
                const at = index * 1_000
                expect(yield* Effect.either(run(store, at))).toEqual(yield* Effect.either(run(model, at)))
                const now = yield* all(store)
                expect(now).toEqual(yield* all(model))
                for (const userId of ["5", "6"])
                  expect(
                    now.filter((one) => one.userId === userId && isOpen(one)).length,
                  ).toBeLessThanOrEqual(1)
                for (const ended of before.filter(isEnd)) expect(now).toContainEqual(ended)
                before = now
              }
              expect(yield* store.pending("1", 45_000)).toEqual(yield* model.pending("1", 45_000))
              for (const id of ["5", "ada", "8"])
                expect(yield* store.exportUser(id)).toEqual(yield* model.exportUser(id))
              expect(yield* store.eraseUser("ada")).toEqual(yield* model.eraseUser("ada"))
              expect(yield* store.eraseUser("5")).toEqual(yield* model.eraseUser("5"))
              expect(yield* all(store)).toEqual(yield* all(model))
              expect(yield* store.guilds).toEqual(yield* model.guilds)
              yield* store.forgetGuild("1")
              expect([yield* all(store), yield* store.list("1"), yield* store.guilds]).toEqual([[], [], []])
            }).pipe(Effect.scoped, Effect.runPromise),
          ),
          { numRuns },
        ),
      ),
  )
}

describe("the store in memory", () => {
  suite(Store.makeMemory, 100)
})

Databases.both("the store", (database) => {
  suite(
    Effect.map(
      Layer.build(Layer.provide(Layer.orDie(StoreSql.layer), database)),
      Context.get(Store.TryoutStore),
    ),
    20,
  )
})

Databases.shared("the store, opened by two bots,", (database) => {
  /** Two, that know nothing of each other. */
  const two = Effect.gen(function* () {
    const layer = Layer.provide(Layer.orDie(StoreSql.layer), yield* database)
    const opened = Effect.map(Layer.build(Layer.fresh(layer)), Context.get(Store.TryoutStore))
    return yield* Effect.all([opened, opened], { concurrency: "unbounded" })
  })

  it.live(
    "lets one of two win, and tells the other",
    () =>
      Effect.gen(function* () {
        const stores = yield* two
        const [store] = stores
        const race = <A, E>(act: (store: Store.TryoutStore, index: number) => Effect.Effect<A, E>) =>
          Effect.forEach(stores, (store, index) => Effect.either(act(store, index)), {
            concurrency: "unbounded",
          })
        const won = (results: ReadonlyArray<Either.Either<unknown, unknown>>) =>
          results.filter(Either.isRight).length
        for (let round = 0; round < 15; round++) {
          const guildId = String(round)
          const of = (id: string, name: string): Tryout => ({ ...tryout(`${round}-${id}`), guildId, name })
          const named = yield* race((store, index) =>
            store.open(of(`name${index}`, index === 0 ? "Crew" : "CREW")),
          )
          expect([won(named), (yield* store.list(guildId)).length]).toEqual([1, 1])
          yield* store.open(of("a", "A"))
          yield* store.open(of("b", "B"))
          const begun = yield* race((store, index) =>
            store.begin(
              { id: `${round}-${index}`, tryoutId: `${round}-${index === 0 ? "a" : "b"}`, userId: "5" },
              0,
            ),
          )
          expect(won(begun)).toBe(1)
          const [own] = yield* store.of(guildId, "5")
          if (own === undefined) throw new Error("nothing was begun")
          // The same once more, and in the same try-out: two talks of one application.
          const again = yield* race((store, index) =>
            store.begin({ id: `${round}-again${index}`, tryoutId: own.tryoutId, userId: "5" }, 1),
          )
          expect(again.flatMap((one) => (Either.isRight(one) ? [one.right.talk] : [])).toSorted()).toEqual([
            2, 3,
          ])
          const sent = yield* race((store) => store.submit(own.id, 3, 2))
          expect(won(sent)).toBe(1)
          const claimed = yield* race((store, index) =>
            store.claim(own.id, 1, index === 0 ? "ada" : "ben", 3),
          )
          expect(won(claimed)).toBe(1)
          const by = (yield* store.application(own.id)).decidedBy ?? ""
          const ended = yield* race((store, index) =>
            index === 0 ? store.approve(own.id, by, 4) : store.release(own.id, by),
          )
          const { status } = yield* store.application(own.id)
          expect(status).toBe(ended[0] !== undefined && Either.isRight(ended[0]) ? "approved" : "pending")
        }
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "closes and begins at once without an application that hangs in a closed try-out",
    () =>
      Effect.gen(function* () {
        const [one, other] = yield* two
        for (let round = 0; round < 15; round++) {
          const guildId = String(round)
          yield* one.open({ ...tryout(`t${round}`), guildId, name: "Crew" })
          yield* Effect.all(
            [
              Effect.either(other.begin({ id: `a${round}`, tryoutId: `t${round}`, userId: "5" }, 0)),
              one.close(guildId, "crew", 1),
            ],
            { concurrency: "unbounded" },
          )
          for (const { status } of yield* one.of(guildId, "5")) expect(status).toBe("lapsed")
        }
      }).pipe(Effect.scoped),
    60_000,
  )
})
