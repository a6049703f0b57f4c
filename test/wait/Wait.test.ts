import { describe, expect, it } from "@effect/vitest"
import { GatewayDispatchEvents, GatewayIntentBits, MessageType } from "discord-api-types/v10"
import { Cause, Deferred, Effect, Exit, Fiber, Scope, Stream, TestClock } from "effect"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"
import * as Harness from "./Harness.js"

const { channelDelete, guildDelete, layer, leftovers, message, messageDelete, packet, press, said } = Harness
const { settle, userOf, waiting } = Harness

const ofAda = Wait.message({ channelId: "general", authorId: "ada" })
const within = "10 seconds"
const defectOf = <A, E>(exit: Exit.Exit<A, E>) =>
  Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "no failure"

describe("a wait for a message", () => {
  it.effect("ends with the message that fits, and takes it", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fiber = yield* waiting(Wait.next(ofAda, { within }))
      expect(waits.message(said("not me", "cleo"), false)).toBe(false)
      expect(waits.message({ ...said("elsewhere"), channel_id: "other" }, false)).toBe(false)
      expect(waits.message(said("yes"), false)).toBe(true)
      expect(waits.message(said("too late"), false)).toBe(false)
      expect((yield* Fiber.join(fiber)).content).toBe("yes")
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("ends at its deadline, which wins a tie", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fiber = yield* waiting(Wait.next(ofAda, { within }))
      yield* TestClock.adjust("9999 millis")
      expect(fiber.unsafePoll()).toBeNull()
      waits.message(said("irrelevant", "cleo"), false)
      yield* TestClock.adjust("1 millis")
      expect(waits.message(said("yes"), false)).toBe(false)
      const error = yield* Effect.flip(Fiber.join(fiber))
      expect(error).toEqual(
        new Wait.WaitTimeout({ what: "a message of <@ada> in <#general>", after: 10_000 }),
      )
      expect(error.message).toBe("a message of <@ada> in <#general> did not come within 10 s")
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("leaves commands, bots, webhooks and what Discord says alone, unless asked", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const inGeneral = { channelId: "general" }
      yield* waiting(Wait.next(Wait.message(inGeneral), { within }))
      const ofBot = message({ author: userOf("bosun", { bot: true }) })
      const ofWebhook = message({ webhook_id: "w" })
      const joined = message({ type: MessageType.UserJoin })
      expect(waits.message(said("!ping"), true)).toBe(false)
      for (const one of [ofBot, ofWebhook, joined]) expect(waits.message(one, false)).toBe(false)
      yield* waiting(Wait.next(Wait.message({ ...inGeneral, commands: true }), { within }))
      expect(waits.message(said("!ping"), true)).toBe(true)
      yield* waiting(Wait.collect(Wait.message({ ...inGeneral, bots: true }), { within }))
      expect(waits.message(joined, false)).toBe(false)
      expect(waits.message(ofBot, false)).toBe(true)
      expect(waits.message(ofWebhook, false)).toBe(true)
    }).pipe(Effect.provide(layer())),
  )

  it.effect("goes to one: the first that came, whatever it waits by", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const any = yield* waiting(Wait.next(Wait.message({}), { within }))
      const channel = yield* waiting(Wait.next(Wait.message({ channelId: "general" }), { within }))
      const both = yield* waiting(Wait.next(ofAda, { within }))
      const user = yield* waiting(Wait.next(Wait.message({ authorId: "ada" }), { within }))
      const guild = yield* waiting(Wait.next(Wait.message({ guildId: "harbour" }), { within }))
      const fibers = [any, channel, both, user, guild]
      for (const index of fibers.keys()) {
        expect(waits.message(said(String(index)), false)).toBe(true)
        yield* settle
        expect(fibers.map((fiber) => fiber.unsafePoll() !== null)).toEqual(fibers.map((_, at) => at <= index))
      }
    }).pipe(Effect.provide(layer())),
  )

  it.effect("is seen by all that watch, also when another takes it or it is a command of theirs to see", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const first = yield* waiting(Wait.next(ofAda, { within, watch: true }))
      const taker = yield* waiting(Wait.next(ofAda, { within }))
      const second = yield* waiting(Wait.next(ofAda, { within, watch: true }))
      expect(waits.message(said("hello"), false)).toBe(true)
      const seen = yield* Effect.all([Fiber.join(first), Fiber.join(taker), Fiber.join(second)])
      expect(seen.map(({ content }) => content)).toEqual(["hello", "hello", "hello"])
      yield* waiting(Wait.next(ofAda, { within, watch: true }))
      expect(waits.message(said("only seen"), false)).toBe(false)
    }).pipe(Effect.provide(layer())),
  )

  it.effect("with a `where` that throws dies, and no other with it", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const where = (): boolean => {
        throw new Error("a bug")
      }
      const broken = yield* waiting(Wait.next(Wait.message({ where }), { within }))
      const sound = yield* waiting(Wait.next(ofAda, { within }))
      expect(waits.message(said("yes"), false)).toBe(true)
      expect(defectOf(yield* Fiber.await(broken))).toBe("Error: a bug")
      expect((yield* Fiber.join(sound)).content).toBe("yes")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("refuses a deadline that is none", () =>
    Effect.gen(function* () {
      for (const within of [0, -5, Infinity, "0 seconds"] as const) {
        const exit = yield* Effect.exit(Wait.next(ofAda, { within }))
        expect(defectOf(exit)).toContain("`within` must be a finite time above zero")
        const armed = yield* Effect.exit(
          Effect.scoped(Effect.flatMap(Wait.arm(ofAda), ({ start }) => start(within))),
        )
        expect(defectOf(armed)).toContain("`within` must be a finite time above zero")
      }
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("says which intent it lacks", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Wait.next(ofAda, { within }))
      expect(defectOf(exit)).toContain(
        "MESSAGE_CREATE needs the gateway intent GuildMessages or DirectMessages; give it to the bot with its option `intents`",
      )
      const reaction = Wait.reaction({ messageId: "m" })
      expect(defectOf(yield* Effect.exit(Effect.scoped(Wait.arm(reaction))))).toContain(
        "GuildMessageReactions",
      )
      // A press needs none.
      const pressed = yield* waiting(Wait.next(Wait.component({ customId: "w1.q" }), { within }))
      expect(pressed.unsafePoll()).toBeNull()
    }).pipe(Effect.provide(layer({ granted: () => GatewayIntentBits.Guilds }))),
  )
})

describe("a wait for something else", () => {
  it.effect("a reaction by its emoji, and its taking back", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const react = (t: "ADD" | "REMOVE", name: string, user_id = "ada") =>
        waits.packet(
          packet(`MESSAGE_REACTION_${t}` as GatewayDispatchEvents, {
            user_id,
            channel_id: "general",
            message_id: "m",
            emoji: { id: null, name },
          }),
        )
      waits.packet(packet(GatewayDispatchEvents.Ready, { user: userOf("bosun") }))
      const added = yield* waiting(Wait.next(Wait.reaction({ messageId: "m", emoji: "👍" }), { within }))
      const removed = yield* waiting(Wait.next(Wait.reaction({ messageId: "m", removed: true }), { within }))
      react("ADD", "👎")
      react("ADD", "👍", "bosun")
      yield* settle
      expect([added.unsafePoll(), removed.unsafePoll()]).toEqual([null, null])
      react("ADD", "👍")
      react("REMOVE", "👎")
      expect((yield* Fiber.join(added)).user_id).toBe("ada")
      expect((yield* Fiber.join(removed)).emoji.name).toBe("👎")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("any event by its name, with its own payload's type", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const typing = yield* waiting(
        Wait.next(Wait.event(GatewayDispatchEvents.TypingStart, { channelId: "general", userId: "ada" }), {
          within,
        }),
      )
      const deleted = yield* waiting(
        Wait.next(Wait.event(GatewayDispatchEvents.MessageDelete, { messageId: "m" }), { within }),
      )
      const start = (user_id: string) =>
        packet(GatewayDispatchEvents.TypingStart, { user_id, channel_id: "general", timestamp: 7 })
      waits.packet(start("cleo"))
      waits.packet(start("ada"))
      waits.packet(messageDelete("m"))
      const timestamp: number = (yield* Fiber.join(typing)).timestamp
      expect(timestamp).toBe(7)
      // What is waited for comes before the end that it also is.
      expect((yield* Fiber.join(deleted)).id).toBe("m")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("a press: one for the right person, a word for others, nothing for what nobody waits for", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const wait = Wait.component({ customId: "w1.q", userId: "ada" })
      const fiber = yield* waiting(Wait.next(wait, { within }))
      expect(waits.press(press({ customId: "w1.other" }).press)).toBe("stale")
      expect(waits.press(press({ customId: "w1.q~yes", kind: "modal" }).press)).toBe("late")
      expect(waits.press(press({ customId: "w1.q~yes", user: userOf("cleo") }).press)).toBe("foreign")
      const own = press({ customId: "w1.q~yes" })
      expect(waits.press(own.press)).toBe("claimed")
      expect((yield* Fiber.join(fiber)).customId).toBe("w1.q~yes")
      expect(own.accepted()).toBe(0)
      expect(waits.press(press({ customId: "w1.q~yes" }).press)).toBe("late")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("a press by its message, and a form", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const button = yield* waiting(Wait.next(Wait.component({ messageId: "m", userId: "ada" }), { within }))
      const form = yield* waiting(Wait.next(Wait.modal({ customId: "w1.f" }), { within }))
      expect(waits.press(press({ customId: "x", messageId: "n" }).press)).toBe("unclaimed")
      expect(waits.press(press({ customId: "x", messageId: "m", user: userOf("cleo") }).press)).toBe(
        "foreign",
      )
      expect(waits.press(press({ customId: "x", messageId: "m" }).press)).toBe("claimed")
      expect(waits.press(press({ customId: "w1.f", kind: "modal" }).press)).toBe("claimed")
      yield* Effect.all([Fiber.join(button), Fiber.join(form)])
    }).pipe(Effect.provide(layer())),
  )
})

describe("a reaction", () => {
  it.scoped("can be waited for before the message is there, by its channel", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const armed = yield* Wait.arm(
        Wait.reaction({ channelId: "general", where: ({ user_id }) => user_id !== "u0" }),
      )
      const reacted = (user_id: string, message_id: string) =>
        waits.packet({
          op: 0,
          s: 1,
          t: "MESSAGE_REACTION_ADD",
          d: { user_id, message_id, channel_id: "general", emoji: { id: null, name: "✋" } },
        } as never)
      reacted("u0", "q")
      reacted("u1", "q")
      const { next } = yield* armed.start(within)
      expect(yield* next).toMatchObject({ user_id: "u1", message_id: "q" })
    }).pipe(Effect.provide(layer())),
  )
})

describe("an armed wait", () => {
  it.scoped("keeps what comes before anybody reads, and has no deadline before it starts", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const armed = yield* Wait.arm(ofAda)
      expect(waits.message(said("early"), false)).toBe(true)
      yield* TestClock.adjust("1 hour")
      const { next } = yield* armed.start(within)
      yield* armed.start("1 milli")
      expect((yield* next).content).toBe("early")
      const reading = yield* waiting(next)
      yield* TestClock.adjust("9 seconds")
      expect(reading.unsafePoll()).toBeNull()
      yield* TestClock.adjust("1 second")
      expect((yield* Effect.flip(Fiber.join(reading)))._tag).toBe("WaitTimeout")
      expect(waits.message(said("late"), false)).toBe(false)
      expect((yield* Effect.flip(next))._tag).toBe("WaitTimeout")
    }).pipe(Effect.provide(layer())),
  )

  it.scoped("gives an answer that came in time also after the deadline", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const armed = yield* Wait.arm(ofAda)
      const { next } = yield* armed.start(within)
      waits.message(said("in time"), false)
      yield* TestClock.adjust("1 minute")
      expect((yield* next).content).toBe("in time")
      expect((yield* Effect.flip(next))._tag).toBe("WaitTimeout")
    }).pipe(Effect.provide(layer())),
  )

  it.scoped("outlives an interrupted reader, who loses no event", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const { next } = yield* Effect.flatMap(Wait.arm(ofAda), ({ start }) => start(within))
      const given = yield* waiting(next)
      yield* Fiber.interrupt(given)
      const woken = yield* waiting(next)
      waits.message(said("yes"), false)
      // Before it has run again.
      woken.unsafeInterruptAsFork(woken.id())
      expect(Exit.isInterrupted(yield* Fiber.await(woken))).toBe(true)
      expect((yield* next).content).toBe("yes")
    }).pipe(Effect.provide(layer())),
  )

  it.scoped("wakes another reader where the one it woke was interrupted", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const { next } = yield* Effect.flatMap(Wait.arm(ofAda), ({ start }) => start(within))
      const first = yield* waiting(next)
      const second = yield* waiting(next)
      waits.message(said("yes"), false)
      first.unsafeInterruptAsFork(first.id())
      expect((yield* Fiber.join(second)).content).toBe("yes")
    }).pipe(Effect.provide(layer())),
  )

  it.effect("ends with its scope, and acknowledges the presses that nobody read", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const scope = yield* Scope.make()
      const what = Wait.component({ customId: "w1.q" })
      const armed = yield* Scope.extend(Wait.arm(what), scope)
      yield* Scope.extend(Wait.arm(what, { watch: true }), scope)
      const [read, unread] = [press(), press()]
      expect([waits.press(read.press), waits.press(unread.press)]).toEqual(["claimed", "claimed"])
      const { next } = yield* armed.start(within)
      yield* next
      expect(yield* leftovers).toEqual(["wait a press of w1.q", "wait a press of w1.q"])
      yield* Scope.close(scope, Exit.void)
      expect([read.accepted(), unread.accepted()]).toEqual([0, 1])
      expect(yield* leftovers).toEqual([])
      expect(waits.press(press().press)).toBe("late")
      expect(Exit.isInterrupted(yield* Effect.exit(next))).toBe(true)
    }).pipe(Effect.provide(layer())),
  )

  it.effect("an interrupted `next` acknowledges a press that it took and did not give", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const fiber = yield* waiting(Wait.next(Wait.component({ customId: "w1.q" }), { within }))
      const taken = press()
      expect(waits.press(taken.press)).toBe("claimed")
      yield* Fiber.interrupt(fiber)
      expect(taken.accepted()).toBe(1)
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )
})

describe("many events", () => {
  it.effect("up to so many, or until the deadline", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const two = yield* waiting(Wait.collect(ofAda, { within, atMost: 2 }))
      expect(["a", "b", "c"].map((text) => waits.message(said(text), false))).toEqual([true, true, false])
      expect((yield* Fiber.join(two)).map(({ content }) => content)).toEqual(["a", "b"])
      const timed = yield* waiting(Wait.collect(ofAda, { within }))
      waits.message(said("d"), false)
      yield* TestClock.adjust("5 seconds")
      waits.message(said("e"), false)
      yield* TestClock.adjust("5 seconds")
      expect((yield* Fiber.join(timed)).map(({ content }) => content)).toEqual(["d", "e"])
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("as a stream: whoever has enough ends the wait, and a deletion fails it", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const enough = yield* Wait.stream(ofAda, { within }).pipe(
        Stream.takeUntil(({ content }) => content === "stop"),
        Stream.runCount,
        waiting,
      )
      for (const text of ["a", "stop", "b"]) waits.message(said(text), false)
      expect(yield* Fiber.join(enough)).toBe(2)
      expect(yield* leftovers).toEqual([])
      const gone = yield* waiting(Wait.collect(ofAda, { within }))
      waits.packet(channelDelete("general"))
      expect((yield* Effect.flip(Fiber.join(gone)))._tag).toBe("WaitTargetGone")
    }).pipe(Effect.provide(layer())),
  )
})

describe("what a wait is for can go", () => {
  const goneOf = <A>(fiber: Fiber.RuntimeFiber<A, Wait.WaitTimeout | Wait.WaitTargetGone>) =>
    Effect.map(Effect.flip(Fiber.join(fiber)), (error) =>
      error._tag === "WaitTargetGone" ? error.gone : error._tag,
    )
  const inside = (id: string) => (id === "harbour" ? ["general", "talk"] : id === "general" ? ["talk"] : [])

  it.effect("its message, alone or with many, also the one that the question is on", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const one = yield* waiting(Wait.next(Wait.component({ messageId: "m" }), { within }))
      const bulk = yield* waiting(Wait.next(Wait.reaction({ messageId: "n" }), { within }))
      const asked = yield* waiting(
        Effect.scoped(
          Effect.gen(function* () {
            const armed = yield* Wait.arm(ofAda)
            const { next } = yield* armed.start(within)
            yield* armed.until({ messageId: "q", channelId: "general" })
            return yield* next
          }),
        ),
      )
      waits.packet(messageDelete("m"))
      waits.packet(
        packet(GatewayDispatchEvents.MessageDeleteBulk, { ids: ["x", "n"], channel_id: "general" }),
      )
      waits.packet(messageDelete("q"))
      expect(yield* Effect.all([goneOf(one), goneOf(bulk), goneOf(asked)])).toEqual(Array(3).fill("message"))
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("its channel, its thread, or the channel of its thread", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const inThread = Wait.message({ channelId: "talk" })
      const other = yield* waiting(Wait.next(Wait.message({ channelId: "other" }), { within }))
      const thread = yield* waiting(Wait.next(inThread, { within }))
      waits.packet(packet(GatewayDispatchEvents.ThreadDelete, { id: "talk", parent_id: "general" }))
      expect(yield* goneOf(thread)).toBe("thread")
      const [channel, child] = [
        yield* waiting(Wait.next(ofAda, { within })),
        yield* waiting(Wait.next(inThread, { within })),
      ]
      waits.packet(channelDelete("general"))
      expect(yield* Effect.all([goneOf(channel), goneOf(child)])).toEqual(["channel", "channel"])
      expect(other.unsafePoll()).toBeNull()
    }).pipe(Effect.provide(layer({ inside }))),
  )

  it.effect("its guild, but not for an outage", () =>
    Effect.gen(function* () {
      const waits = yield* Waits.Waits
      const byGuild = yield* waiting(Wait.next(Wait.message({ guildId: "harbour" }), { within }))
      const byChannel = yield* waiting(Wait.next(ofAda, { within }))
      waits.packet(guildDelete({ unavailable: true }))
      yield* settle
      expect([byGuild.unsafePoll(), byChannel.unsafePoll()]).toEqual([null, null])
      waits.packet(guildDelete())
      expect(yield* Effect.all([goneOf(byGuild), goneOf(byChannel)])).toEqual(["guild", "guild"])
    }).pipe(Effect.provide(layer({ inside }))),
  )
})

describe("waits on the roster", () => {
  const origin = { kind: "test", name: "asker", userId: "ada" }

  it.effect("are listed with their task, which waits while they do", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const waits = yield* Waits.Waits
      const answered = yield* Deferred.make<void>()
      yield* supervisor.fork(origin, Effect.zipRight(Wait.next(ofAda, { within }), Deferred.await(answered)))
      yield* settle
      expect(yield* supervisor.roster).toMatchObject([
        { id: 1, kind: "test", state: "waiting", ownerId: undefined },
        { id: 2, kind: "wait", name: "a message of <@ada> in <#general>", ownerId: 1, deadlineAt: 10_000 },
      ])
      expect(yield* waits.outstanding).toEqual([
        { id: 2, text: "a message of <@ada> in <#general>", since: 0, deadlineAt: 10_000, taskId: 1 },
      ])
      expect(supervisor.busy()).toBe(0)
      waits.message(said("yes"), false)
      yield* settle
      expect(yield* supervisor.roster).toMatchObject([{ kind: "test", state: "running" }])
      expect(supervisor.busy()).toBe(1)
      yield* Deferred.succeed(answered, undefined)
    }).pipe(Effect.provide(layer())),
  )

  it.effect("can be cancelled: the waiting fiber is interrupted, and its task knows by whom", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const waits = yield* Waits.Waits
      let endedBy: string | undefined
      const own = Supervisor.owned(Effect.exit(Wait.next(ofAda, { within })))
      supervisor.start(
        { ...origin, guildId: undefined, channelId: undefined },
        yield* Effect.runtime<Waits.Waits>(),
        Effect.flatten(own.effect),
        (exit, entry) => {
          endedBy = `${Exit.isInterrupted(exit)} ${entry.endedBy}`
          supervisor.release(entry)
        },
        own.onEntry,
      )
      yield* settle
      const [listed] = yield* waits.outstanding
      expect(yield* supervisor.cancel(listed!.id, "admin")).toBe(true)
      yield* settle
      expect(endedBy).toBe("true admin")
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("hold no shutdown up, and end with it", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const task = yield* supervisor.fork(origin, Wait.next(ofAda, { within: "1 hour" }))
      const free = yield* waiting(Wait.next(ofAda, { within: "1 hour" }))
      yield* settle
      const draining = yield* Effect.fork(supervisor.drain("25 seconds"))
      yield* settle
      yield* Fiber.join(draining)
      expect(Exit.isInterrupted(yield* Fiber.await(task))).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(free))).toBe(true)
      expect(Exit.isInterrupted(yield* Effect.exit(Wait.next(ofAda, { within })))).toBe(true)
      expect(yield* leftovers).toEqual([])
    }).pipe(Effect.provide(layer())),
  )

  it.effect("a task that begins to wait lets a shutdown go on", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.Supervisor
      const task = yield* supervisor.fork(
        origin,
        Effect.zipRight(Effect.sleep("3 seconds"), Wait.next(ofAda, { within: "1 hour" })),
      )
      const draining = yield* Effect.fork(supervisor.drain("25 seconds"))
      yield* TestClock.adjust("3 seconds")
      expect(Exit.isSuccess(yield* Fiber.await(draining))).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(task))).toBe(true)
    }).pipe(Effect.provide(layer())),
  )

  it.effect("end with the layer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.provide(
        Effect.flatMap(Waits.Waits, (waits) =>
          Effect.tap(Effect.forkDaemon(waits.next(ofAda, "1 hour")), settle),
        ),
        layer(),
      )
      expect(Exit.isInterrupted(yield* Fiber.await(fiber))).toBe(true)
    }),
  )
})
