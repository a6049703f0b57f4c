import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import * as fc from "effect/FastCheck"
import { type Application, isOpen, type Tryout } from "../../src/features/tryouts/Model.js"
import * as Store from "../../src/features/tryouts/Store.js"

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

const begun = Effect.gen(function* () {
  const store = yield* Store.makeMemory
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

describe("the store in memory", () => {
  it.effect("lets only the newest talk write", () =>
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

  it.effect("has one open application of a person in a server", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      const other = yield* Effect.either(store.begin({ id: "202", tryoutId: "101", userId: "5" }, 20))
      expect(Either.getLeft(other)).toMatchObject({ value: { _tag: "AlreadyApplied", status: "pending" } })
    }),
  )

  it.effect("gives a claim to one manager, and to another when it was lost", () =>
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

  it.effect("does not take a decision on an earlier round", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      yield* store.decline("200", 1, { status: "writing", by: "ada", reason: "More" }, 100)
      const { talk } = yield* store.begin({ id: "203", tryoutId: "100", userId: "5" }, 110)
      yield* store.submit("200", talk, 120)
      expect((yield* Effect.flip(store.claim("200", 1, "ben", 130)))._tag).toBe("NotPending")
      expect((yield* store.claim("200", 2, "ben", 130)).status).toBe("approving")
    }),
  )

  it.effect("keeps a manager from asking again once the try-out is closed", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      yield* store.close("1", "try-out 100", 50)
      const again = store.decline("200", 1, { status: "writing", by: "ada", reason: "More" }, 100)
      expect((yield* Effect.flip(again))._tag).toBe("TryoutClosed")
      expect((yield* store.claim("200", 1, "ada", 100)).status).toBe("approving")
    }),
  )

  it.effect("takes a claim that was lost with its bot for none, whoever comes next", () =>
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

  it.effect("withdraws the one that is named, and no other person's", () =>
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

  it.effect("keeps the card that was noted first of two posted at once", () =>
    Effect.gen(function* () {
      const { store } = yield* pending
      const card = (messageId: string) => ({ channelId: "9", messageId })
      expect(yield* store.post("200", card("1"), null)).toEqual(card("1"))
      expect(yield* store.post("200", card("2"), null)).toEqual(card("1"))
      expect(yield* store.post("200", card("3"), card("1"))).toEqual(card("3"))
    }),
  )

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

  it.prop(
    "whatever is done: one open application a person, and no end is ever left",
    [fc.array(step, { maxLength: 40 })],
    ([steps]) =>
      Effect.runSync(
        Effect.gen(function* () {
          const store = yield* Store.makeMemory
          yield* store.open(tryout("100"))
          yield* store.open(tryout("101"))
          const all = () =>
            Effect.map(Effect.all([store.of("1", "5"), store.of("1", "6")]), (found) => found.flat())
          const isEnd = ({ status }: Application) =>
            ["approved", "rejected", "withdrawn", "lapsed"].includes(status)
          let before = yield* all()
          for (const [index, run] of steps.entries()) {
            yield* Effect.either(run(store, index * 1_000))
            const now = yield* all()
            for (const userId of ["5", "6"])
              expect(now.filter((one) => one.userId === userId && isOpen(one)).length).toBeLessThanOrEqual(1)
            for (const ended of before.filter(isEnd)) expect(now).toContainEqual(ended)
            before = now
          }
        }),
      ),
  )
})
