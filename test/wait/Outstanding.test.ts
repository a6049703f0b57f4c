import { describe, expect, it } from "@effect/vitest"
import { GatewayDispatchEvents } from "discord-api-types/v10"
import { Effect, Fiber, Layer, TestClock } from "effect"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"
import * as Harness from "./Harness.js"

const { channelDelete, guildDelete, layer, leftovers, packet, press, reactionAdd, settle, userOf, waiting } =
  Harness
const within = "1 hour"
const inGeneral = { channelId: "general", guildId: "harbour" }
const inside = (id: string) => (id === "harbour" ? ["general", "talk"] : [])

/** What a wait ended with so far. */
const endOf = <A>(fiber: Fiber.RuntimeFiber<A, Wait.WaitTimeout | Wait.WaitTargetGone>) =>
  fiber.unsafePoll() === null
    ? Effect.succeed("waiting")
    : Effect.match(Fiber.join(fiber), {
        onSuccess: () => "answered",
        onFailure: (error) => (error._tag === "WaitTargetGone" ? error.gone : error._tag),
      })

/** One for each kind that has to do with one message or form. */
const kinds = (place: Wait.PlaceOptions = {}): ReadonlyArray<Wait.For<never>> => [
  Wait.reaction({ messageId: "m", ...place }),
  Wait.component({ messageId: "m", ...place }),
  Wait.component({ customId: "w1.q", ...place }),
  Wait.modal({ customId: "w1.f", ...place }),
]
const each = (place?: Wait.PlaceOptions) =>
  Effect.forEach(kinds(place), (what) => waiting(Wait.next(what, { within })))
const after = (fibers: ReadonlyArray<Fiber.RuntimeFiber<unknown, Wait.WaitTimeout | Wait.WaitTargetGone>>) =>
  Effect.zipRight(settle, Effect.forEach(fibers, endOf))

/** The same, by a command in #general. */
const byTask = (whats: ReadonlyArray<Wait.For<never>>) =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor.Supervisor
    const origin = { kind: "test", name: "asker", ...inGeneral }
    const fibers = yield* Effect.forEach(whats, (what) =>
      supervisor.fork(origin, Wait.next(what, { within })),
    )
    yield* settle
    return fibers
  })

describe("a wait for what has to do with one message or form", () => {
  it.effect("ends with the channel that it names, and takes nothing from another", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fibers = yield* each({ channelId: "general" })
      expect(waits.press(press({ customId: "w1.q", channelId: "other" }).press)).toBe("late")
      waits.packet(channelDelete("general"))
      expect(yield* after(fibers)).toEqual(Array(4).fill("channel"))
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("ends with the guild that it names", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fibers = yield* each({ guildId: "harbour" })
      waits.packet(guildDelete())
      expect(yield* after(fibers)).toEqual(Array(4).fill("guild"))
    }).pipe(Effect.provide(layer())),
  )

  it.effect("ends with the channel and guild of its task, where it names none", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const inChannel = yield* byTask(kinds())
      waits.packet(channelDelete("general"))
      expect(yield* after(inChannel)).toEqual(Array(4).fill("channel"))
      const inGuild = yield* byTask(kinds())
      waits.packet(guildDelete())
      expect(yield* after(inGuild)).toEqual(Array(4).fill("guild"))
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("is answered from anywhere all the same", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const [pressed] = yield* byTask([Wait.component({ customId: "w1.q" })])
      expect(waits.press(press({ customId: "w1.q", channelId: "other" }).press)).toBe("claimed")
      expect(yield* after([pressed!])).toEqual(["answered"])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("outlives the channel of its task, where it is held elsewhere", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const button = Wait.component({ customId: "w1.q" })
      const word = Wait.message({ channelId: "dm" })
      const fibers = yield* byTask([
        ...kinds({ channelId: "dm" }),
        Wait.either(button, word),
        Wait.message({ authorId: "ada" }),
      ])
      waits.packet(channelDelete("general"))
      waits.packet(guildDelete())
      expect(yield* after(fibers)).toEqual(Array(6).fill("waiting"))
    }).pipe(Effect.provide(layer({ inside }))),
  )
})

describe("a thread that the bot was removed from", () => {
  it.effect("ends what is waited for there, and no one else's leaving does", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const removed = (...ids: ReadonlyArray<string>) =>
        waits.packet(
          packet(GatewayDispatchEvents.ThreadMembersUpdate, { id: "talk", removed_member_ids: ids }),
        )
      const there = yield* waiting(Wait.next(Wait.message({ channelId: "talk" }), { within }))
      const elsewhere = yield* waiting(Wait.next(Wait.message({ channelId: "general" }), { within }))
      removed("bosun")
      waits.packet(packet(GatewayDispatchEvents.Ready, { user: userOf("bosun") }))
      removed("ada")
      waits.packet(packet(GatewayDispatchEvents.ThreadMembersUpdate, { id: "talk", member_count: 1 }))
      expect(yield* after([there, elsewhere])).toEqual(["waiting", "waiting"])
      removed("ada", "bosun")
      expect(yield* after([there, elsewhere])).toEqual(["thread", "waiting"])
    }).pipe(Effect.provide(layer())),
  )
})

describe("a press of somebody else", () => {
  const onlyAda = ({ user }: Wait.Press): boolean => {
    if (user.id !== "ada") throw new Error("not ada")
    return true
  }

  it.effect("ends no wait, whatever its `where` makes of it", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const what = Wait.component({ customId: "w1.q", userId: "ada", where: onlyAda })
      const fiber = yield* waiting(Wait.next(what, { within }))
      expect(waits.press(press({ user: userOf("cleo") }).press)).toBe("late")
      expect(yield* after([fiber])).toEqual(["waiting"])
      expect(waits.press(press().press)).toBe("claimed")
      expect((yield* Fiber.join(fiber)).user.id).toBe("ada")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("is foreign only to a wait that is on, and for just this", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const byCleo = { user: userOf("cleo") }
      const of = { userId: "ada" }
      yield* waiting(Wait.next(Wait.component({ customId: "ok", messageId: "m", ...of }), { within }))
      yield* waiting(Wait.next(Wait.component({ customId: "pick~1", ...of }), { within }))
      yield* waiting(
        Wait.next(Wait.component({ customId: "no", ...of, where: () => false }), { within: "1 second" }),
      )
      yield* waiting(Wait.next(Wait.component({ customId: "seen", ...of }), { within, watch: true }))
      const foreign = (customId: string, messageId?: string) =>
        waits.press(press({ ...byCleo, customId, ...(messageId === undefined ? {} : { messageId }) }).press)
      expect([foreign("ok", "m"), foreign("ok", "n"), foreign("ok")]).toEqual([
        "foreign",
        "unclaimed",
        "unclaimed",
      ])
      expect([foreign("pick~1"), foreign("pick~2"), foreign("no"), foreign("seen")]).toEqual([
        "foreign",
        "unclaimed",
        "unclaimed",
        "unclaimed",
      ])
      yield* TestClock.adjust(within)
      expect([foreign("ok", "m"), foreign("pick~1")]).toEqual(["unclaimed", "unclaimed"])
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )
})

describe("many waits that differ by person", () => {
  const people = Array.from({ length: 1_000 }, (_, index) => `u${index}`)

  it.scoped("cost a press, a reaction and a stranger's press no more than one", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      let asked = 0
      const where = (): boolean => {
        asked++
        return true
      }
      for (const userId of people) {
        yield* Wait.arm(Wait.component({ customId: "confirm", userId, where }))
        yield* Wait.arm(Wait.component({ messageId: "m", userId, where }))
        yield* Wait.arm({ ...Wait.reaction({ messageId: "m", userId }), where })
      }
      const last = userOf("u999")
      expect(waits.press(press({ customId: "confirm", user: last }).press)).toBe("claimed")
      expect(waits.press(press({ customId: "x", messageId: "m", user: last }).press)).toBe("claimed")
      waits.packet(reactionAdd("m", "u999"))
      expect(asked).toBe(3)
      const stranger = userOf("cleo")
      expect(waits.press(press({ customId: "confirm", user: stranger }).press)).toBe("foreign")
      expect(waits.press(press({ customId: "x", messageId: "m", user: stranger }).press)).toBe("foreign")
      expect(asked).toBe(5)
    }).pipe(Effect.provide(layer())),
  )
})

describe("the timer of a wait", () => {
  /** Timers that tell how many are set. */
  const counted = Effect.gen(function* () {
    const timers = yield* Timers.make
    const lanes: Array<Timers.Lane> = []
    const heap = (): Timers.Lane => {
      const lane = timers.heap()
      lanes.push(lane)
      return lane
    }
    const count = () => lanes.reduce((sum, lane) => sum + lane.size(), 0)
    return { count, layer: Layer.succeed(Timers.Timers, { ...timers, heap }) }
  })

  it.scoped("goes with it, however it ends", () =>
    Effect.gen(function* () {
      const { count, layer } = yield* counted
      const asked = (customId: string) => waiting(Wait.next(Wait.component({ customId }), { within }))
      yield* Effect.gen(function* () {
        const waits = yield* Waits.Waits
        const none = count()
        const [answered, stopped] = [yield* asked("w1.a"), yield* asked("w1.b")]
        const gone = yield* waiting(Wait.next(Wait.reaction({ messageId: "m", channelId: "c" }), { within }))
        expect(count() - none).toBe(3)
        waits.press(press({ customId: "w1.a" }).press)
        yield* Fiber.join(answered)
        expect(count() - none).toBe(2)
        yield* Fiber.interrupt(stopped)
        expect(count() - none).toBe(1)
        waits.packet(channelDelete("c"))
        yield* Fiber.await(gone)
        expect(count() - none).toBe(0)
      }).pipe(
        Effect.provide(Waits.layer().pipe(Layer.provide(Supervisor.layer()), Layer.provideMerge(layer))),
      )
    }),
  )
})
