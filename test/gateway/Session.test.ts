import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Session from "../../src/gateway/Session.js"

const session = { id: "abc", sequence: 1, resumeUrl: "wss://resume" }

/** What every store has to do. */
const contract = (name: string, make: () => Session.Store) =>
  describe(`a store ${name}`, () => {
    it.effect("keeps one session per shard, as far as it was told", () =>
      Effect.gen(function* () {
        const store = make()
        expect(yield* store.load(0)).toEqual(Option.none())
        store.save(0, session)
        store.save(1, { ...session, id: "def" })
        store.advance(0, 2)
        store.advance(0, 9)
        expect(yield* store.load(0)).toEqual(Option.some({ ...session, sequence: 9 }))
        expect(yield* store.load(1)).toEqual(Option.some({ ...session, id: "def" }))
        store.forget(0)
        store.advance(0, 10)
        expect(yield* store.load(0)).toEqual(Option.none())
      }),
    )

    it.effect("gives a session that later events do not change", () =>
      Effect.gen(function* () {
        const store = make()
        store.save(0, session)
        const loaded = yield* store.load(0)
        store.advance(0, 5)
        expect(loaded).toEqual(Option.some(session))
        expect(session.sequence).toBe(1)
      }),
    )
  })

contract("in memory", Session.makeMemory)
