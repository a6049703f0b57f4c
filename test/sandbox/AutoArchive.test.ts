import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Time from "../../src/sandbox/model/Time.js"
import { bodyOf, make, provided } from "./Scene.js"

const setUp = Effect.gen(function* () {
  const scene = yield* make()
  const start = (body: object = {}) =>
    Effect.map(
      scene.call("POST", `/channels/${scene.general.id}/threads`, {
        name: "Deck",
        type: 11,
        auto_archive_duration: 60,
        ...body,
      }),
      (answer) => String(bodyOf(answer)["id"]),
    )
  const metadata = (id: string) =>
    Effect.map(scene.call("GET", `/channels/${id}`), (answer) => bodyOf(answer)["thread_metadata"])
  // A session of no heartbeats does not live to hear it.
  const updates: Array<readonly [unknown, boolean]> = []
  scene.world.onEvent(({ data, type }) => {
    if (type !== "THREAD_UPDATE") return
    const { id, thread_metadata: more } = data()
    updates.push([id, (more as { archived: boolean }).archived])
  })
  return { ...scene, start, metadata, updates }
})

describe("A thread without activity", () => {
  it.scoped("is archived after its time, as of then, which is told", () =>
    Effect.gen(function* () {
      const { call, guild, metadata, start, updates, world } = yield* setUp
      const id = yield* start()
      const longer = yield* start({ auto_archive_duration: 1440 })
      const due = Time.iso(world.now() + 3_600_000)
      yield* TestClock.adjust("59 minutes")
      expect(yield* metadata(id)).toMatchObject({ archived: false })
      yield* TestClock.adjust("5 minutes")
      expect(yield* metadata(id)).toMatchObject({ archived: true })
      const { archive_timestamp: at } = (yield* metadata(id)) as { archive_timestamp: string }
      expect(Date.parse(at)).toBe(Date.parse(due))
      expect(yield* metadata(longer)).toMatchObject({ archived: false })
      expect(updates).toEqual([[id, true]])
      const active = bodyOf(yield* call("GET", `/guilds/${guild.id}/threads/active`))
      expect((active["threads"] as ReadonlyArray<{ id: string }>).map((one) => one.id)).toEqual([longer])
      yield* TestClock.adjust("1 day")
      expect(yield* metadata(longer)).toMatchObject({ archived: true })
    }).pipe(provided),
  )

  it.scoped("has it anew with a message, and with another time to wait for", () =>
    Effect.gen(function* () {
      const { call, metadata, start, updates } = yield* setUp
      const [talk, patient] = [yield* start(), yield* start()]
      yield* TestClock.adjust("50 minutes")
      yield* call("POST", `/channels/${talk}/messages`, { content: "still here" })
      yield* call("PATCH", `/channels/${patient}`, { auto_archive_duration: 1440 })
      yield* call("PATCH", `/channels/${patient}`, { auto_archive_duration: 60 })
      yield* TestClock.adjust("50 minutes")
      expect(yield* metadata(talk)).toMatchObject({ archived: false })
      expect(yield* metadata(patient)).toMatchObject({ archived: false })
      yield* TestClock.adjust("10 minutes")
      expect(yield* metadata(talk)).toMatchObject({ archived: true })
      expect(yield* metadata(patient)).toMatchObject({ archived: true })
      expect(updates.filter(([, archived]) => archived)).toHaveLength(2)
    }).pipe(provided),
  )

  it.scoped("wakes when a person writes after its time, which is told both ways", () =>
    Effect.gen(function* () {
      const { metadata, sandbox, start, updates } = yield* setUp
      const id = yield* start()
      yield* TestClock.adjust("61 minutes")
      const dan = yield* sandbox.actor("dan")
      yield* dan.say("deck", "anybody?")
      expect(updates).toEqual([
        [id, true],
        [id, false],
      ])
      yield* TestClock.adjust("61 minutes")
      expect(yield* metadata(id)).toMatchObject({ archived: true })
    }).pipe(provided),
  )

  it.scoped("stays where it is a pinned post, until it is unpinned or archived, which takes the pin", () =>
    Effect.gen(function* () {
      const { call, metadata, path } = yield* setUp
      const forum = bodyOf(yield* call("POST", `${path}/channels`, { name: "help", type: 15 }))["id"]
      const post = () =>
        Effect.map(
          call("POST", `/channels/${String(forum)}/threads`, {
            name: "Leak",
            auto_archive_duration: 60,
            message: { content: "Help!" },
          }),
          (answer) => String(bodyOf(answer)["id"]),
        )
      const [first, second] = [yield* post(), yield* post()]
      yield* call("PATCH", `/channels/${first}`, { flags: 2 })
      yield* TestClock.adjust("2 hours")
      expect(yield* metadata(first)).toMatchObject({ archived: false })
      expect(yield* metadata(second)).toMatchObject({ archived: true })
      expect(bodyOf(yield* call("PATCH", `/channels/${first}`, { archived: true }))["flags"]).toBe(0)
      yield* call("PATCH", `/channels/${first}`, { archived: false, flags: 2 })
      yield* TestClock.adjust("2 hours")
      yield* call("PATCH", `/channels/${first}`, { flags: 0 })
      expect(yield* metadata(first)).toMatchObject({ archived: true })
    }).pipe(provided),
  )
})
