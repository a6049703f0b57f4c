import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Channels from "../../src/sandbox/world/Channels.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { bodyOf, make, provided } from "./Scene.js"

describe("the search in messages", () => {
  it.scoped("finds words, authors and channels where the bot may read, the newest first", () =>
    Effect.gen(function* () {
      const { call, general, guild, id, own, path, sandbox, world } = yield* make()
      const [ada, cleo] = [yield* sandbox.actor("ada"), yield* sandbox.actor("cleo")]
      const first = yield* ada.say("general", "The tide is high")
      const second = yield* cleo.say("tryouts", "high TIDE")
      const third = yield* cleo.say("general", "low tide")
      const search = (query: string) =>
        Effect.map(call("GET", `${path}/messages/search?${query}`), (answer) => {
          const { messages, total_results } = bodyOf(answer)
          return [(messages as ReadonlyArray<[{ id: string }]>).map(([one]) => one.id), total_results]
        })
      expect(yield* search("content=high%20tide")).toEqual([[second.id, first.id], 2])
      expect(yield* search(`author_id=${id("cleo")}&sort_order=asc`)).toEqual([[second.id, third.id], 2])
      expect(yield* search(`content=tide&channel_id=${general.id}&limit=1`)).toEqual([[third.id], 2])
      expect((yield* call("GET", `${path}/messages/search?has=image`)).status).toBe(501)
      expect((yield* call("GET", `${path}/messages/search?limit=26`)).status).toBe(400)
      const tryouts = [...guild.channels.values()].find(({ name }) => name === "tryouts")!
      const hide = { id: own.id, type: 0 as const, allow: 0n, deny: Bit.ReadMessageHistory }
      Channels.setOverwrite(world, tryouts, hide)
      expect(yield* search("content=high")).toEqual([[first.id], 1])
    }).pipe(provided),
  )
})
