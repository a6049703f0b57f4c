import { setTimeout as pause } from "node:timers/promises"
import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Clock, Duration, Effect, Exit, Layer, Random, Ref, Schedule, TestClock } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import * as Route from "../../src/command/Route.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { Client } from "../../src/discord/Client.js"
import * as Md from "../../src/interaction/Md.js"
import * as Reply from "../../src/interaction/Reply.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Wait from "../../src/wait/Wait.js"

class Full {
  readonly _tag = "Full"
  readonly userText = "All 3 berths are taken."
}

const echo = Command.make(
  "echo",
  {
    description: "d",
    from: ["slash", "message"],
    params: { text: Param.string("d"), times: Param.integer("d").pipe(Param.withDefault(1)) },
  },
  ({ text, times }) => Effect.succeed(Reply.text(Md.text`${text.repeat(times)}`)),
)
const slow = Command.make("slow", { description: "d" }, () =>
  Effect.as(Effect.sleep("10 seconds"), Reply.text("at last")),
)
const forever = Command.make("forever", { description: "d" }, () => Effect.never).pipe(
  Policy.deadline("5 seconds"),
)
const full = Command.make("full", { description: "d" }, () => Effect.fail(new Full()))
const bug = Command.make("bug", { description: "d" }, () => Effect.die(new Error("broken")))
const whois = Command.make(
  "whois",
  { description: "d", in: "guild", params: { who: Param.member("d") } },
  ({ who }) => Effect.succeed(Reply.text(who.displayName)),
)
const leak = Command.make("leak", { description: "d" }, () =>
  Effect.as(Effect.forkDaemon(Effect.never), Reply.text("done")),
)
const pier = Command.group("pier", { description: "d" }, [
  Command.make("open", { description: "d", params: { n: Param.integer("d") } }, ({ n }) =>
    Effect.succeed(Reply.text(`pier ${n}`)),
  ),
])

const button = {
  type: ComponentType.Button as const,
  style: ButtonStyle.Primary as const,
  label: "Press me",
  custom_id: "w1.nobody~yes",
}
const abandoned = Command.make("abandoned", { description: "d" }, () =>
  Effect.succeed(
    Reply.make({ content: "Here", components: [{ type: ComponentType.ActionRow, components: [button] }] }),
  ),
)
const double = Command.make("double", { description: "d" }, (_, interaction) =>
  Effect.as(Effect.orDie(interaction.show(Reply.text("one"))), Reply.text("two")),
)
const mine = Command.make("mine", { description: "d" }, (_, interaction) =>
  Effect.gen(function* () {
    const row = { type: ComponentType.ActionRow as const, components: [{ ...button, custom_id: "mine" }] }
    yield* Effect.orDie(interaction.show(Reply.make({ content: "Mine", components: [row] })))
    yield* Wait.next(Wait.component({ customId: "mine" }), { within: "5 seconds" })
    return Reply.text("Pressed.")
  }),
)
const routed = Route.make("routed", { on: "button" }, () => Effect.succeed(Reply.text("routed")))
const kept = Command.make("kept", { description: "d" }, () =>
  Effect.map(Effect.orDie(Route.button(routed, undefined, { label: "Stays" })), (stays) =>
    Reply.make({ content: "Kept", components: [{ type: ComponentType.ActionRow, components: [stays] }] }),
  ),
)
const wrong = Layer.merge(Command.layer(abandoned, double, mine, kept), Route.layer(routed))

const lock = Effect.runSync(Effect.makeSemaphore(0))
const locked = Command.make("locked", { description: "d" }, () =>
  Effect.as(lock.withPermits(1)(Effect.void), Reply.text("never")),
).pipe(Policy.deadline("1 minute"))
const unseen = Command.make("unseen", { description: "d" }, () =>
  Effect.as(
    Effect.promise(() => pause(50)),
    Reply.text("never"),
  ),
).pipe(
  Policy.deadline("1 minute"),
  Command.catchTag("CommandTimeout", () => Effect.succeed(Reply.text("gave up"))),
)
const sleeps = Command.make("sleeps", { description: "d" }, () =>
  Effect.as(Effect.sleep("1 hour"), Reply.text("never")),
).pipe(Policy.deadline("1 minute"))
const waits = Command.make("waits", { description: "d" }, () =>
  Effect.as(Wait.next(Wait.message({}), { within: "1 hour" }), Reply.text("never")),
).pipe(Policy.deadline("1 minute"))
const dice = Command.make("dice", { description: "d" }, () =>
  Effect.map(Random.nextInt, (n) => Reply.text(`${n}`)),
)
const ask = Prompt.confirm("Book?", { within: "3 hours" })
const patient = Command.make("patient", { description: "d" }, () =>
  Effect.map(ask, (sure) => Reply.text(sure ? "Booked." : "Not booked.")),
).pipe(Policy.deadline("5 hours"))
const instead = Command.make("instead", { description: "d" }, () =>
  Effect.as(ask, Reply.update(Reply.text("Booked."))),
)
const listening = Command.make("listening", { description: "d" }, () =>
  Effect.map(Client, ({ discordJs }) => {
    discordJs.on("typingStart", () => {})
    return Reply.text("listens")
  }),
)
const asking = Command.layer(dice, patient, instead, listening)
const stuck = Command.layer(locked, unseen, sleeps, waits)

const features = Layer.mergeAll(Command.layer(echo, slow, forever, full, bug, whois, leak, pier))

describe("Kit", () => {
  it.effect("runs commands by slash and by message, with values as a person gives them", () =>
    Kit.run(features, ({ ada, ben, leftovers, clock }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(echo, { text: "hi", times: 2 })
        const outcome = yield* turn.outcome
        expect(outcome._tag).toBe("Completed")
        expect(outcome.replies.map(({ content }) => content)).toEqual(["hihi"])
        expect((yield* (yield* ada.run(whois, { who: ben })).nextMessage).content).toBe("Ben")
        expect((yield* (yield* ada.run(whois, { who: "ben" })).nextMessage).content).toBe("Ben")
        const said = yield* ben.say("!echo ahoy")
        expect((yield* said.outcome)._tag).toBe("Completed")
        expect((yield* said.nextMessage).content).toBe("ahoy")
        expect((yield* (yield* ada.slash("pier open", { n: 3 })).nextMessage).content).toBe("pier 3")
        yield* clock.runToIdle
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("knows how each call ended", () =>
    Kit.run(features, ({ ada, clock }) =>
      Effect.gen(function* () {
        const tags: Array<string> = []
        for (const name of ["full", "bug", "forever"])
          tags.push((yield* (yield* ada.slash(name)).outcome)._tag)
        expect(tags).toEqual(["Failed", "Died", "TimedOut"])
        expect(yield* clock.now).toBe(5_000)
        const turn = yield* ada.run(slow)
        yield* clock.advance("9 seconds")
        expect(yield* turn.replies).toEqual([])
        yield* clock.advance("1 seconds")
        expect((yield* turn.replies).map(({ content }) => content)).toEqual(["at last"])
      }),
    ),
  )

  it.effect("leaves the clock outside alone", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 day")
      const inside = yield* Kit.run(features, ({ clock }) =>
        Effect.zipRight(clock.advance("2 hours"), clock.now),
      )
      expect(inside).toBe(2 * 3_600_000)
      expect(yield* Clock.currentTimeMillis).toBe(86_400_000)
      yield* TestClock.adjust("1 day")
      expect(yield* Clock.currentTimeMillis).toBe(2 * 86_400_000)
    }),
  )

  it.effect("begins each run at the same hour of the same day of the week", () =>
    Effect.gen(function* () {
      const begun = Kit.run(features, ({ clock }) =>
        Effect.zip(Clock.currentTimeMillis, Effect.as(clock.advance("50 hours"), undefined)),
      )
      const moments = yield* Effect.replicateEffect(begun, 3)
      expect(moments.map(([at]) => at % Duration.toMillis("1 week"))).toEqual([0, 0, 0])
    }),
  )

  it.effect("names what is left", () =>
    Kit.run(features, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        yield* ada.run(leak)
        yield* clock.runToIdle
        const left = yield* leftovers
        expect(left).toHaveLength(1)
        expect(left[0]).toMatch(/^fiber #\d+ that leak has started, since 0 s$/u)
      }),
    ),
  )

  it.effect("reports a deadlock, and who waits for what, with the transcript", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        Kit.run(features, ({ ada }) =>
          Effect.gen(function* () {
            const turn = yield* ada.run(echo, { text: "hi" })
            yield* turn.nextMessage
            yield* turn.nextMessage
          }),
        ),
      )
      if (!Exit.isFailure(exit) || exit.cause._tag !== "Fail") throw new Error("no failure")
      expect(exit.cause.error._tag).toBe("Deadlock")
      expect(exit.cause.error.message).toContain("ada waits for a message of echo")
      expect(exit.cause.error.message).toMatch(/0\.000 {2}ada \/echo text:hi\n.*INTERACTION_CREATE/u)
      expect(exit.cause.error.message).not.toContain("token-of")
    }),
  )

  it.effect("catches live buttons and a wait that outlives its command", () =>
    Kit.run(wrong, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        yield* ada.run(abandoned)
        yield* clock.runToIdle
        expect(yield* leftovers).toEqual(['live component "Press me" on "Here"'])
      }),
    ),
  )

  it.effect("catches live buttons made by hand, and says which wait still awaits them", () =>
    Kit.run(wrong, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(mine)
        yield* turn.nextMessage
        const during = yield* leftovers
        expect(during).toHaveLength(3)
        expect(during[0]).toMatch(/^command mine \(task #\d+\) is waiting, until 840 s$/u)
        expect(during[1]).toMatch(/^wait #\d+ for a press of mine, until 5 s$/u)
        expect(during[2]).toMatch(/^live component "Press me" on "Mine", awaited by wait #\d+$/u)
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("TimedOut")
        expect(yield* leftovers).toEqual(['live component "Press me" on "Mine"'])
      }),
    ),
  )

  it.effect("lets the buttons of routes stay", () =>
    Kit.run(wrong, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(kept)
        yield* clock.runToIdle
        expect((yield* ada.finalReplies(turn))[0]?.buttons).toEqual(["Stays"])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("says that a command hung, and of no other time-out", () =>
    Kit.run(stuck, ({ ada, clock, transcript }) =>
      Effect.gen(function* () {
        for (const [command, hung] of [
          [locked, true],
          [unseen, true],
          [sleeps, undefined],
          [waits, undefined],
        ] as const) {
          const turn = yield* ada.run(command)
          yield* clock.runToIdle
          const outcome = yield* turn.outcome
          expect([command.name, outcome._tag, outcome.hung]).toEqual([command.name, "TimedOut", hung])
        }
        const lines = (yield* transcript).filter((line) => line.includes("timed_out"))
        expect(lines.map((line) => line.includes("hung until its deadline"))).toEqual([
          true,
          true,
          false,
          false,
        ])
        expect(lines[1]).toContain("wrap it in VirtualClock.outside")
      }),
    ),
  )

  it.effect("tells Discord's code and reason of a failed request", () =>
    Kit.run(features, ({ ada, clock, sandbox, transcript }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(slow)
        yield* clock.advance("3 seconds")
        sandbox.faults.answerNext({
          path: "/webhooks",
          status: 403,
          body: { code: 50_001, message: "Missing Access" },
        })
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("Completed")
        expect((yield* transcript).join("\n")).toMatch(/bot ← 403 PATCH \/webhooks.*: 50001 Missing Access/u)
      }),
    ),
  )

  it.effect("a horizon nearer than what the bot waits for is a deadlock", () =>
    Effect.gen(function* () {
      const body = ({ ada }: Kit.Kit) => Effect.flatMap(ada.slash("locked"), ({ outcome }) => outcome)
      const error = yield* Effect.flip(Kit.run(stuck, { horizon: "20 seconds" }, body))
      if (error._tag !== "Deadlock") throw error
      expect(error.at).toBeLessThan(60_000)
      expect(error.message).toContain("option `horizon` lets time go (20000 ms)")
      expect(error.message).toContain("command locked")
      yield* Kit.run(stuck, { horizon: "1 minute" }, body)
    }),
  )

  it.effect("runToIdle waits for a deadline, however far away", () =>
    Kit.run(asking, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(patient)
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("TimedOut")
        expect(yield* clock.now).toBe(3 * 3_600_000)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("the seed is that of the features, too", () =>
    Effect.gen(function* () {
      const draw = (seed: number) =>
        Kit.run(asking, { seed }, ({ ada }) =>
          Effect.flatMap(ada.run(dice), ({ nextMessage }) => Effect.map(nextMessage, (one) => one.content)),
        )
      const first = yield* draw(1)
      expect(yield* draw(1)).toBe(first)
      expect(yield* draw(2)).not.toBe(first)
    }),
  )

  it.effect(
    "an outcome that takes the place of the question is a final reply, a closed question is none",
    () =>
      Kit.run(asking, ({ ada, clock }) =>
        Effect.gen(function* () {
          for (const command of [instead, patient]) {
            const turn = yield* ada.run(command)
            yield* ada.click(yield* turn.nextMessage, "Yes")
            yield* clock.runToIdle
            expect((yield* ada.finalReplies(turn)).map(({ content }) => content)).toEqual(["Booked."])
          }
        }),
      ),
  )

  it.effect("names the events that a command still listens to", () =>
    Kit.run(asking, ({ ada, clock, leftovers }) =>
      Effect.gen(function* () {
        yield* ada.run(listening)
        yield* clock.runToIdle
        expect(yield* leftovers).toEqual(["1 more listener of typingStart on the Client"])
      }),
    ),
  )

  it.effect("catches a second reply", () =>
    Kit.run(wrong, ({ ada, clock }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(double)
        yield* clock.runToIdle
        expect((yield* ada.finalReplies(turn)).map(({ content }) => content)).toEqual(["one", "two"])
      }),
    ),
  )

  it.effect("a run that left something does not touch the next", () =>
    Effect.gen(function* () {
      yield* Kit.run(features, ({ ada }) => Effect.zipRight(ada.run(leak), ada.run(slow)))
      yield* Kit.run(features, ({ ada, clock, leftovers, world }) =>
        Effect.gen(function* () {
          expect(yield* clock.now).toBe(0)
          expect(yield* ada.sees).toEqual([])
          expect([...world.guilds.values()]).toHaveLength(1)
          yield* clock.advance("1 minute")
          expect(yield* leftovers).toEqual([])
        }),
      )
    }),
  )

  it.effect("keeps the bot for the next run where nothing was left on it, and only there", () =>
    Effect.gen(function* () {
      const sandboxOf = (leak: Layer.Layer<never, never, Client | Supervisor> = Layer.empty) =>
        Kit.run(Layer.merge(asking, leak), ({ ada, clock, sandbox }) =>
          Effect.gen(function* () {
            const turn = yield* ada.slash("patient")
            yield* ada.click(yield* turn.nextMessage, "Yes")
            yield* clock.runToIdle
            return sandbox
          }),
        )
      const first = yield* sandboxOf()
      expect(yield* sandboxOf()).toBe(first)

      const told: Array<string> = []
      const tell = (name: string) => Effect.sync(() => told.push(name))
      const fiber = Effect.forkDaemon(Effect.repeat(tell("fiber"), Schedule.spaced("1 second")))
      const task = Effect.flatMap(Supervisor, ({ fork }) =>
        fork({ kind: "background", name: "task" }, Effect.repeat(tell("task"), Schedule.spaced("1 second"))),
      )
      const listener = Effect.map(Client, ({ discordJs }) => {
        discordJs.on("messageCreate", () => told.push("listener"))
      })
      const leaks = [Layer.effectDiscard(fiber), Layer.effectDiscard(task), Layer.effectDiscard(listener)]
      for (const leak of leaks) {
        const before = yield* sandboxOf(leak)
        told.length = 0
        const after = yield* Kit.run(asking, ({ ada, clock, leftovers, roster, sandbox }) =>
          Effect.gen(function* () {
            yield* ada.say("hello")
            yield* clock.advance("10 seconds")
            expect(yield* leftovers).toEqual([])
            expect((yield* roster).map(({ name }) => name)).toEqual([])
            return sandbox
          }),
        )
        expect(after).not.toBe(before)
        expect(told).toEqual([])
      }
    }),
  )

  it.effect("builds the features afresh for each run, and releases them", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const resource = Layer.scopedDiscard(
        Effect.acquireRelease(
          Effect.sync(() => seen.push("made")),
          () => Effect.sync(() => seen.push("released")),
        ),
      )
      const body = () => Effect.sync(() => seen.push("test"))
      yield* Kit.run(resource, body)
      yield* Kit.run(resource, body)
      expect(seen).toEqual(["made", "test", "released", "made", "test", "released"])
    }),
  )

  it.scoped("gives the test what it needs from outside, and fails as it fails", () =>
    Effect.gen(function* () {
      const outer = yield* Effect.acquireRelease(Ref.make(1), () => Effect.void)
      const exit = yield* Effect.exit(
        Kit.run(features, () => Effect.zipRight(Ref.set(outer, 2), Effect.fail("as it fails" as const))),
      )
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("as it fails")
      expect(yield* Ref.get(outer)).toBe(2)
    }),
  )

  it.effect("takes requests and events their time, and tells the bot's own view of it", () =>
    Kit.run(features, { latency: "1 second", gatewayLatency: 200 }, ({ ada, clock, transcript }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(echo, { text: "late" })
        expect((yield* turn.nextMessage).content).toBe("late")
        expect(yield* clock.now).toBe(700)
        yield* clock.runToIdle
        expect(yield* clock.now).toBe(1_200)
        expect((yield* transcript).join("\n")).toMatch(/1\.200 {2}bot ← 204 POST \/interactions/u)
      }),
    ),
  )

  it.effect("is told of the shutdown", () =>
    Kit.run(features, ({ ada, clock, shutdown }) =>
      Effect.gen(function* () {
        const turn = yield* ada.run(slow)
        yield* clock.advance("1 second")
        yield* shutdown("2 seconds")
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        expect(yield* ada.finalReplies(turn)).toHaveLength(1)
      }),
    ),
  )
})
