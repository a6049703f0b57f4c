import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as Field from "./Field.js"

/** What can befall an interview while its second question is open. */
type Event = "answer" | "word" | "button" | "withdraw" | "close" | "thread" | "admin" | "restart"

const events: ReadonlyArray<Event> = [
  "answer",
  "word",
  "button",
  "withdraw",
  "close",
  "thread",
  "admin",
  "restart",
]

const happen = (event: Event, field: Field.Field): Effect.Effect<unknown, unknown> => {
  const { ada, cancel, cleo, guild, restart, sandbox, thread } = field
  const there = thread(cleo)
  switch (event) {
    case "answer":
      return cleo.actor.say(there, "20")
    case "word":
      return cleo.actor.say(there, "Cancel")
    case "button":
      return Effect.flatMap(cleo.actor.history(there), (all) =>
        Effect.forEach(all.filter(Field.isLive), ({ id }) => cleo.actor.press(id, "Cancel")),
      )
    case "withdraw":
      return Effect.zipRight(
        cleo.actor.slash("general", "tryout withdraw"),
        Effect.timeoutOption(cleo.press("general", "Take back", "Withdraw"), "1 minute"),
      )
    case "close":
      return ada.actor.slash("general", "tryout close", { name: "Keepers" })
    case "thread":
      return Effect.sync(() => {
        const one = [...guild.threads.values()].find(({ name }) => name === there)
        if (one !== undefined) Guilds.removeChannel(sandbox.world, guild.channels.get(one.parentId ?? "")!)
      })
    case "admin":
      return cancel("interview")
    case "restart":
      return restart
  }
}

/** The words that an interview ends with. */
const END = /(?<!stops; )What you have answered is kept: |so the interview is over/u

describe("an interview, whatever happens in whatever order", () => {
  it("ends once, leaves nothing live behind, and can be gone on with unless it is over for good", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...events), fc.integer({ min: 0, max: 400 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer(),
        (plan, latency, interleaving) =>
          Field.play(
            (field) =>
              Effect.gen(function* () {
                const { cleo, dan, guild, open, sandbox, store, thread } = field
                // Also words that went with their thread.
                const ends: Array<string> = []
                cleo.actor.observe((sight) => {
                  if (sight._tag !== "MessageShown") return
                  const text = Field.textOf(sight.message)
                  if (END.test(text) && sight.message.authorId === sandbox.world.bot.id) ends.push(text)
                })
                yield* open()
                yield* cleo.run("tryout apply")
                yield* cleo.live(thread(cleo), "Your name?")
                yield* cleo.actor.say(thread(cleo), "Cleo")
                yield* cleo.live(thread(cleo), "Your age?")
                sandbox.faults.slow({}, { request: latency })
                yield* Effect.forEach(
                  plan,
                  ([event, at]) => Effect.ignore(Effect.delay(happen(event, field), at)),
                  { concurrency: "unbounded" },
                )
                // Every deadline passes.
                yield* Effect.sleep("30 minutes")
                sandbox.faults.clear()
                const [application, ...more] = yield* store.of(guild.id, cleo.actor.user.id)
                expect(more).toEqual([])
                expect(yield* field.roster).toEqual([])
                const messages = [...sandbox.world.channels.values()].flatMap((one) => [
                  ...one.messages.values(),
                ])
                expect(messages.filter(Field.isLive).map(Field.textOf)).toEqual([])
                expect(ends).toHaveLength(1)
                const names = plan.map(([event]) => event)
                const isOver = application?.status === "withdrawn" || application?.status === "lapsed"
                if (isOver) expect(names.some((one) => one === "withdraw" || one === "close")).toBe(true)
                else expect(application?.status).toBe("writing")
                expect(application?.answers[0]).toEqual({ _tag: "Text", text: "Cleo" })
                // Others go on as before.
                if (names.includes("close") || names.includes("thread")) return
                yield* dan.run("tryout apply")
                yield* field.send(dan, thread(dan))
                yield* dan.sees(thread(dan), "is sent")
              }),
            { interleaving },
          ),
      ),
      { numRuns: 40 },
    ))
})
