import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as InProcess from "./InProcess.js"
import * as Presences from "../../src/sandbox/world/Presences.js"
import { bodyOf, make, provided } from "./Scene.js"

/** All intents but that for presences. */
const quiet = InProcess.everyIntent & ~(1 << 8)

describe("Presences", () => {
  it.scoped("are told to every guild that one is in, once for each change", () =>
    Effect.gen(function* () {
      const { guild, id, told, world } = yield* make()
      const cleo = id("cleo")
      const bay = Guilds.create(world, { name: "Bay", ownerId: cleo, channels: [], memberIds: [] })
      Presences.set(world, cleo, "dnd", [{ name: "Chess", type: 0 }])
      Presences.set(world, cleo, "online")
      Presences.set(world, cleo, "online")
      Presences.set(world, cleo, "offline")
      const seen = (yield* told).filter(({ t }) => t === "PRESENCE_UPDATE").map(({ d }) => d)
      expect(seen.map(({ guild_id, status }) => [guild_id, status])).toEqual(
        ["dnd", "online", "offline"].flatMap((status) => [
          [guild.id, status],
          [bay.id, status],
        ]),
      )
      expect(seen[0]).toMatchObject({
        user: { id: cleo },
        activities: [{ name: "Chess", type: 0 }],
        client_status: { desktop: "dnd" },
      })
    }).pipe(provided),
  )

  it.scoped("come with the guild to those who may see them, and are counted", () =>
    Effect.gen(function* () {
      const { call, id, path, sandbox, world } = yield* make()
      Presences.set(world, id("dan"), "idle")
      Presences.setBot(world, "invisible")
      const counted = bodyOf(yield* call("GET", `${path}?with_counts=true`))
      expect(counted).toMatchObject({ approximate_member_count: 5, approximate_presence_count: 1 })
      const sees = (intents: number) =>
        Effect.gen(function* () {
          // One identify in 5 s.
          yield* TestClock.adjust("5 seconds")
          const other = InProcess.connect(sandbox)
          InProcess.identify(other, { intents })
          yield* InProcess.settle
          return other.events().find(({ t }) => t === "GUILD_CREATE")?.d["presences"]
        })
      expect(yield* sees(quiet)).toEqual([])
      expect(yield* sees(InProcess.everyIntent)).toContainEqual(
        expect.objectContaining({ user: { id: id("dan") }, status: "idle" }),
      )
    }).pipe(provided),
  )
})
