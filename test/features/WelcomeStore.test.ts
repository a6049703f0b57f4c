import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Store from "../../src/features/welcome/Store.js"
import * as Databases from "../resource/Databases.js"

const welcome: Store.Welcome = {
  channelId: "111111111111111111",
  message: 'It\'s {member}; "welcome"\n-- to ünïcode 🎉 {server}',
  roleIds: ["222222222222222222", "333333333333333333"],
}

Databases.both("how servers welcome", (fresh) => {
  const layer = Store.layer.pipe(Layer.provide(fresh))
  const run = <A, E>(body: (store: Store.WelcomeStore) => Effect.Effect<A, E>) =>
    Effect.flatMap(Store.WelcomeStore, body).pipe(Effect.provide(layer))

  it.effect("is kept for each, replaced, and forgotten", () =>
    run((store) =>
      Effect.gen(function* () {
        expect(yield* store.of("1")).toBeUndefined()
        expect(yield* store.off("1")).toBe(false)
        yield* store.set("1", welcome)
        yield* store.set("2", { ...welcome, roleIds: [] })
        expect(yield* store.of("1")).toEqual(welcome)
        expect(yield* store.of("2")).toEqual({ ...welcome, roleIds: [] })
        yield* store.set("1", { ...welcome, message: "Hello" })
        expect(yield* store.of("1")).toEqual({ ...welcome, message: "Hello" })
        expect((yield* store.guilds).toSorted()).toEqual(["1", "2"])
        expect(yield* store.off("1")).toBe(true)
        expect(yield* store.of("1")).toBeUndefined()
        expect(yield* store.guilds).toEqual(["2"])
        expect(yield* store.of("2")).toEqual({ ...welcome, roleIds: [] })
      }),
    ),
  )

  it.effect("is one whole of those that are set at the same time", () =>
    run((store) =>
      Effect.gen(function* () {
        const all = Array.from({ length: 20 }, (_, n) => ({
          channelId: `${n}`,
          message: `m${n}`,
          roleIds: [`${n}`],
        }))
        yield* Effect.forEach(all, (one) => store.set("1", one), { concurrency: "unbounded" })
        expect(all).toContainEqual(yield* store.of("1"))
        const ends = yield* Effect.replicateEffect(store.off("1"), 5, { concurrency: "unbounded" })
        expect(ends.filter(Boolean)).toHaveLength(1)
      }),
    ),
  )
})
