import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as example from "../../docs/examples/conversation.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import type { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import type { Waits } from "../../src/wait/Waits.js"
import * as Stage from "./Stage.js"

const minute = { within: "1 minute" } as const

describe("Prompt.confirm", () => {
  const ask = Prompt.confirm("Sure?", minute)

  it("gives true for Yes, and says so in place of the buttons", () =>
    Stage.play(ask, ({ ada, outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.press((yield* question()).id, "Yes")
        expect(yield* outcome).toBe("completed")
        expect(yield* seen()).toEqual(["Sure?\n— Yes", "Got true"])
      }),
    ))

  it("gives false for No, under the labels asked for", () =>
    Stage.play(
      Prompt.confirm("Sure?", { ...minute, yes: "Sink her", no: "Keep her", danger: true }),
      ({ ada, question, seen }) =>
        Effect.gen(function* () {
          yield* ada.press((yield* question()).id, "Keep her")
          expect(yield* seen()).toEqual(["Sure?\n— Keep her", "Got false"])
        }),
    ))

  it("asks privately, and the answer changes the private message", () =>
    Stage.play(Prompt.confirm("Sure?", { ...minute, ephemeral: true }), ({ ada, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.press((yield* question()).id, "Yes")
        expect(yield* seen()).toEqual(["(private) Sure?\n— Yes", "Got true"])
      }),
    ))
})

describe("Prompt.text", () => {
  it("takes what the person writes, and tells what is wrong with it", () =>
    Stage.play(
      Prompt.text("Which boat?", {
        ...minute,
        min: 2,
        max: 8,
        pattern: { is: /[A-Z][a-z]+/u, expected: "a name" },
      }),
      ({ ada, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("Which boat?")
          yield* ada.say("general", "x")
          yield* shows("⚠ Your answer must be 2 to 8 characters long.")
          yield* ada.say("general", "elly")
          yield* shows("⚠ Your answer must be a name.")
          yield* ada.say("general", "  Elly ")
          expect(yield* seen()).toEqual(["Which boat?\n— Elly", 'Got "Elly"'])
        }),
    ))

  it("takes no answer from others, and none from elsewhere", () =>
    Stage.play(Prompt.text("Which boat?", minute), ({ ada, cleo, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("Which boat?")
        yield* cleo.say("general", "Mary")
        yield* ada.say("tryouts", "Sue")
        yield* ada.say("general", "Elly")
        expect(yield* seen()).toEqual(["Which boat?\n— Elly", 'Got "Elly"'])
      }),
    ))

  it("asks by a field where the question is private, and shows again what was typed", () =>
    Stage.play(
      Prompt.text("Which boat?", { ...minute, ephemeral: true, max: 4 }),
      ({ ada, modal, question, seen, shows }) =>
        Effect.gen(function* () {
          yield* ada.press((yield* question()).id, "Answer")
          yield* Effect.either(ada.submit(yield* modal, { answer: "Elly" }))
          yield* shows("— Elly")
          expect(yield* seen()).toEqual(["(private) Which boat?\n— Elly", 'Got "Elly"'])
        }),
    ))

  it("does not show to others what was typed into a field", () =>
    Stage.play(Prompt.text("Which boat?", { ...minute, by: "modal" }), ({ ada, modal, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.press((yield* question()).id, "Answer")
        yield* ada.submit(yield* modal, { answer: "Elly" })
        expect(yield* seen()).toEqual(["Which boat?\n— answered", 'Got "Elly"'])
      }),
    ))

  it("opens the field again with what was invalid", () =>
    Stage.play(
      Prompt.number("How long is she?", { ...minute, ephemeral: true, max: 30 }),
      ({ ada, modal, question, seen, shows }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          yield* ada.press(id, "Answer")
          yield* ada.submit(yield* modal, { answer: "31" })
          yield* shows("⚠ Your answer must be a number of at most 30.")
          yield* ada.press(id, "Answer")
          const again = yield* modal
          expect(JSON.stringify(again.components)).toContain('"value":"31"')
          yield* ada.submit(again, { answer: "12.5" })
          expect(yield* seen()).toEqual(["(private) How long is she?\n— 12.5", "Got 12.5"])
        }),
    ))

  it("gives up after the retries that it was given", () =>
    Stage.play(Prompt.number("How old?", { ...minute, retries: 1 }), ({ ada, outcome, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("How old?")
        yield* ada.say("general", "very")
        yield* shows("⚠ Your answer must be a number.")
        yield* ada.say("general", "very!")
        expect(yield* outcome).toBe("failed")
        expect(yield* seen()).toEqual([
          "How old?\nYour answer must be a number.",
          "(private) I stopped: your answer must be a number.",
        ])
      }),
    ))

  it("leaves a prefix command to be one, and each answer to the question that came first", () =>
    Stage.play(Prompt.text("Which boat?", minute), ({ ada, outcomes, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("Which boat?")
        yield* ada.say("general", "!talk")
        yield* Effect.sleep("1 second")
        expect(outcomes()).toBe(0)
        yield* ada.say("general", "Elly")
        yield* Effect.sleep("1 second")
        yield* ada.say("general", "Mary")
        expect(yield* seen()).toEqual([
          "Which boat?\n— Elly",
          "Which boat?\n— Mary",
          'Got "Elly"',
          'Got "Mary"',
        ])
      }),
    ))

  it("takes an answer that came in time although something before it is still being told", () =>
    Stage.play(Prompt.number("How old?", minute), ({ ada, outcome, sandbox, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("How old?")
        yield* Effect.sleep(59_000)
        sandbox.faults.delayAnswers(2_000)
        yield* ada.say("general", "very")
        yield* Effect.sleep(500)
        yield* ada.say("general", "40")
        expect(yield* outcome).toBe("completed")
        expect(yield* seen()).toEqual(["How old?\n— 40", "Got 40"])
      }),
    ))

  it("gives no more time for an invalid answer", () =>
    Stage.play(Prompt.number("How old?", minute), ({ ada, outcome, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("How old?")
        yield* Effect.sleep(59_000)
        yield* ada.say("general", "very")
        yield* Effect.sleep(1_000)
        yield* ada.say("general", "40")
        expect(yield* outcome).toBe("timed_out")
        expect((yield* seen())[0]).toBe("How old?\nTimed out.")
      }),
    ))

  it("takes a demand of the author's own", () =>
    Stage.play(
      Prompt.text("Which boat?", {
        ...minute,
        check: (name) => (name === "Ghost" ? "a boat of ours" : undefined),
      }),
      ({ ada, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("Which boat?")
          yield* ada.say("general", "Ghost")
          yield* shows("⚠ Your answer must be a boat of ours.")
          yield* ada.say("general", "Elly")
          expect((yield* seen())[0]).toBe("Which boat?\n— Elly")
        }),
    ))

  it("says so where the bot may not read what is written", () =>
    Stage.play(
      Prompt.text("Which boat?", minute),
      ({ ada, outcome, question, shows }) =>
        Effect.gen(function* () {
          const { id } = yield* question()
          yield* ada.say("general", "Elly")
          yield* shows("I lack the Message Content Intent")
          yield* ada.press(id, "Cancel")
          expect(yield* outcome).toBe("cancelled")
        }),
      { world: { privilegedIntents: { messageContent: false } } },
    ))

  it("opens its field again after it was dismissed", () =>
    Stage.play(Prompt.text("Which boat?", { ...minute, by: "modal" }), ({ ada, modal, question, seen }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        yield* ada.press(id, "Answer")
        yield* ada.dismissModal(yield* modal)
        yield* ada.press(id, "Answer")
        yield* ada.submit(yield* modal, { answer: "Elly" })
        expect((yield* seen()).at(-1)).toBe('Got "Elly"')
      }),
    ))
})

describe("Prompt.number", () => {
  const answers = (given: ReadonlyArray<string>, options: Omit<Prompt.NumberOptions, "within">) =>
    Stage.play(Prompt.number("How many?", { ...minute, ...options }), ({ ada, seen, shows }) =>
      Effect.gen(function* () {
        yield* shows("How many?")
        for (const one of given) {
          yield* ada.say("general", one)
          yield* Effect.sleep("2 seconds")
        }
        return (yield* seen())[1]
      }),
    )

  it("takes what lies in its range", async () => {
    expect(await answers(["0", "15", "abc", "2.5", "1e1", "7"], { min: 1, max: 14, integer: true })).toBe(
      "Got 7",
    )
    expect(await answers(["-0"], {})).toBe("Got 0")
    expect(await answers([" +2.50 "], {})).toBe("Got 2.5")
  })
})

describe("Prompt.choice", () => {
  it("offers few short ones as buttons", () =>
    Stage.play(Prompt.choice("Tea or coffee?", ["tea", "coffee"], minute), ({ ada, question, seen }) =>
      Effect.gen(function* () {
        yield* ada.press((yield* question()).id, "coffee")
        expect(yield* seen()).toEqual(["Tea or coffee?\n— coffee", 'Got "coffee"'])
      }),
    ))

  it("gives the type of what can be chosen", () => {
    const drink = Prompt.choice("?", ["tea", "coffee"], minute)
    const number = Prompt.choice("?", [1, { value: 2, label: "Two" }], minute)
    expectTypeOf<Effect.Effect.Success<typeof drink>>().toEqualTypeOf<"tea" | "coffee">()
    expectTypeOf<Effect.Effect.Success<typeof number>>().toEqualTypeOf<1 | 2>()
  })

  it("offers many as a menu, with values of any kind", () => {
    const piers = Array.from({ length: 25 }, (_, n) => ({ value: { pier: n }, label: `Pier ${n}` }))
    return Stage.play(Prompt.choice("Which pier?", piers, minute), ({ ada, question, seen }) =>
      Effect.gen(function* () {
        const { components, id } = yield* question()
        const menu = (components[0]!["components"] as ReadonlyArray<{ readonly custom_id: string }>)[0]!
        yield* ada.select(id, menu.custom_id, ["Pier 24"])
        expect(yield* seen()).toEqual(["Which pier?\n— Pier 24", 'Got {"pier":24}'])
      }),
    )
  })

  it("refuses what Discord would refuse, where it is declared", () => {
    expect(() => Prompt.choice("?", [], minute)).toThrow('prompt "?" → choices: must be 1 to 25, are 0')
    expect(() =>
      Prompt.choice(
        "?",
        Array.from({ length: 26 }, (_, n) => n),
        minute,
      ),
    ).toThrow("1 to 25")
    expect(() => Prompt.choice("?", [""], minute)).toThrow("1 to 80 characters, has 0")
  })

  it("names the choice whose label is too long, for a button and for a menu", () => {
    const long = "m".repeat(90)
    expect(() => Prompt.choice("?", ["a", long], { ...minute, as: "buttons" })).toThrow(
      `prompt "?" → choice "${long}" → label: must have 1 to 80 characters, has 90`,
    )
    expect(() => Prompt.choice("?", ["a", long], minute)).not.toThrow()
    expect(() => Prompt.choice("?", ["a", "m".repeat(101)], minute)).toThrow("1 to 100 characters, has 101")
  })

  it("leaves a row for Cancel and Back below its buttons", () => {
    const ask = (count: number) =>
      Prompt.choice(
        "Which?",
        Array.from({ length: count }, (_, n) => n),
        { ...minute, as: "buttons" },
      )
    expect(() => ask(20)).not.toThrow()
    expect(() => ask(21)).toThrow("at most 20 as buttons, are 21")
  })

  it("refuses two choices of one label or one value", () => {
    const twice = "its label stands twice"
    expect(() => Prompt.choice("?", ["a", "b", "a"], minute)).toThrow(`prompt "?" → choice "a": ${twice}`)
    expect(() => Prompt.choice("?", [1, { value: 2, label: "1" }], minute)).toThrow(twice)
    expect(() => Prompt.choice("?", [{ value: 1, label: "One" }, 1], minute)).toThrow(
      'prompt "?" → choice "1": another choice has the same value',
    )
  })
})

describe("what is wrong with a declaration", () => {
  it("is told with the beginning of the question", () => {
    const question = "How long is she, in metres, from the bow to the stern?"
    expect(() => Prompt.text(question, { ...minute, min: 5, max: 3 })).toThrow(
      'prompt "How long is she, in metres, from the bow" → text: no length lies between min 5 and max 3',
    )
    expect(() => Prompt.text(Reply.text("Name?"), { ...minute, max: 5000 })).toThrow(
      'prompt "Name?" → text: its length must lie in 0–4000, is 1–5000',
    )
    expect(() => Prompt.number(Reply.embed({ title: "?" }), { ...minute, min: 2, max: 1 })).toThrow(
      "prompt → number: no number lies between min 2 and max 1",
    )
  })

  it("is a number of retries below 0", () => {
    for (const retries of [-1, Number.NaN])
      expect(() => Prompt.confirm("Sure?", { ...minute, retries })).toThrow(
        `prompt "Sure?" → retries: must be at least 0, not ${retries}`,
      )
    expect(() => Prompt.confirm("Sure?", { ...minute, retries: 0 })).not.toThrow()
  })
})

describe("Prompt.member", () => {
  it("takes a pick, or a mention", async () => {
    const pick = (how: (stage: Stage.Stage) => Effect.Effect<unknown, unknown>) =>
      Stage.play(
        Effect.map(Prompt.member("Who?", minute), ({ user }) => user.username),
        (stage) =>
          Effect.gen(function* () {
            yield* stage.question()
            yield* how(stage)
            return yield* stage.seen()
          }),
      )
    const byMenu = await pick(({ ada, question }) =>
      Effect.gen(function* () {
        const { components, id } = yield* question()
        const menu = (components[0]!["components"] as ReadonlyArray<{ readonly custom_id: string }>)[0]!
        yield* ada.select(id, menu.custom_id, ["cleo"])
      }),
    )
    expect(byMenu[1]).toBe('Got "cleo"')
    const byMention = await pick(({ ada, cleo }) => ada.say("general", `<@${cleo.user.id}>`))
    expect(byMention[1]).toBe('Got "cleo"')
  })
})

describe("Prompt.member's answer", () => {
  it("is plain data also where it was a mention", () =>
    Stage.play(Prompt.member("Who?", minute), ({ ada, cleo, outcome, question, seen }) =>
      Effect.gen(function* () {
        yield* question()
        yield* ada.say("general", `<@${cleo.user.id}>`)
        expect(yield* outcome).toBe("completed")
        expect((yield* seen())[1]).toContain('"username":"cleo"')
      }),
    ))
})

describe("Prompt.attachment", () => {
  const file = (name: string, contentType: string, size: number) => ({
    name,
    contentType,
    bytes: new Uint8Array(size),
  })

  it("takes a file of the right kind and size", () =>
    Stage.play(
      Effect.map(
        Prompt.attachment("A picture of her?", { ...minute, types: ["image/*"], maxSize: 2_048 }),
        ({ filename }) => filename,
      ),
      ({ ada, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("A picture of her?")
          yield* ada.say("general", "which one?")
          yield* ada.say("general", "", { attachments: [file("her.txt", "text/plain", 10)] })
          yield* shows("⚠ Your answer must be a file of the type `image/*`.")
          yield* ada.say("general", "", { attachments: [file("her.png", "image/png", 4_096)] })
          yield* shows("⚠ Your answer must be at most 2 KiB large.")
          yield* ada.say("general", "", { attachments: [file("her.png", "image/png", 1_024)] })
          expect(yield* seen()).toEqual(["A picture of her?\n— her.png", 'Got "her.png"'])
        }),
    ))
})

describe("every prompt", () => {
  const kinds: Readonly<Record<string, Effect.Effect<unknown, Prompt.Failure, Interaction | Waits>>> = {
    text: Prompt.text("?", minute),
    field: Prompt.text("?", { ...minute, by: "modal", pattern: { is: /[a-z]+/u, expected: "small" } }),
    private: Prompt.number("?", { ...minute, ephemeral: true, retries: 1 }),
    choice: Prompt.choice("?", ["a", "b"], minute),
    menu: Prompt.choice("?", ["a", "b"], { ...minute, as: "menu" }),
    confirm: Prompt.confirm("?", { ...minute, ephemeral: true }),
    member: Effect.map(Prompt.member("?", minute), ({ id }) => id),
    file: Effect.map(Prompt.attachment("?", minute), ({ filename }) => filename),
  }
  const act = fc.record({
    what: fc.constantFrom(
      "use",
      "use",
      "use",
      "say",
      "submit",
      "submit",
      "dismiss",
      "delete",
      "admin",
      "stop",
    ),
    which: fc.nat({ max: 3 }),
    after: fc.oneof(fc.constantFrom(0, 1, 60_000), fc.integer({ min: 0, max: 20_000 })),
  })
  const said = ["7", "small", "Cancel", "<@1>"]

  it(
    "ends once, with nothing left, whatever the person does",
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...Object.keys(kinds)),
          fc.array(act, { maxLength: 8 }),
          fc.constantFrom(0, 300, 1_800),
          fc.integer(),
          async (kind, acts, latency, interleaving) => {
            const outcomes = await Stage.play(
              kinds[kind]!,
              (stage) =>
                Effect.gen(function* () {
                  const { ada, cleo, sandbox } = stage
                  const supervisor = yield* Supervisor
                  const { id } = yield* stage.shows("?")
                  /** Whatever can be pressed or picked now. */
                  const use = (which: number) =>
                    Effect.gen(function* () {
                      const all = (yield* ada.history("general")).find((one) => one.id === id)
                      const live = (all?.components ?? []).flatMap(
                        (row) => row["components"] as ReadonlyArray<Record<string, unknown>>,
                      )
                      const one = live[which % Math.max(1, live.length)]
                      if (one === undefined) return
                      const customId = String(one["custom_id"])
                      if (one["type"] === 2) yield* ada.press(id, customId)
                      else yield* ada.select(id, customId, [one["type"] === 5 ? cleo.user.id : "a"])
                    })
                  const modal = () => ada.modals().at(-1)
                  const acting = ({ what, which }: { readonly what: string; readonly which: number }) =>
                    Effect.gen(function* () {
                      const text = said[which] ?? ""
                      const open = modal()
                      if (what === "use") yield* use(which)
                      else if (what === "say" && kind === "file")
                        yield* ada.say("general", text, {
                          attachments: [
                            { name: "a.txt", contentType: "text/plain", bytes: new Uint8Array(1) },
                          ],
                        })
                      else if (what === "say") yield* ada.say("general", text)
                      else if (what === "submit" && open !== undefined)
                        yield* ada.submit(open, { answer: text })
                      else if (what === "dismiss" && open !== undefined) yield* ada.dismissModal(open)
                      else if (what === "delete" && which === 0) yield* ada.deleteMessage(id)
                      else if (what === "stop" && which === 0) yield* supervisor.drain(0)
                      else if (what === "admin" && which === 0) {
                        const [task] = yield* supervisor.roster
                        if (task !== undefined) yield* supervisor.cancel(task.id, "admin")
                      }
                    })
                  for (const one of acts) {
                    yield* Effect.sleep(one.after)
                    yield* Effect.ignore(acting(one))
                  }
                  yield* stage.outcome
                  yield* Effect.sleep("1 minute")
                  expect(sandbox.unansweredInteractions()).toBe(0)
                  return stage.outcomes()
                }),
              {
                interleaving,
                before: ({ faults }) => Effect.sync(() => faults.delayAnswers(latency)),
              },
            )
            expect(outcomes).toBe(1)
          },
        ),
        { numRuns: 120 },
      ),
    60_000,
  )
})

describe("the example", () => {
  const moor = async (script: (stage: Stage.Stage) => Effect.Effect<unknown, unknown>) =>
    Stage.run(example.layer, "moor", (stage) => Effect.zipRight(script(stage), stage.seen()))

  it("moors a boat", async () => {
    const seen = await moor(({ ada, shows }) =>
      Effect.gen(function* () {
        yield* shows("Which boat?")
        yield* ada.say("general", "*Elly*")
        yield* ada.press((yield* shows("At which pier?")).id, "south")
        yield* shows("For how many nights?")
        yield* ada.say("general", "3")
        yield* ada.press((yield* shows("Moor")).id, "Yes")
      }),
    )
    expect(seen).toEqual([
      "Which boat?\n— \\*Elly\\*",
      "At which pier?\n— south",
      "For how many nights?\n— 3",
      "Moor \\*Elly\\* at the south pier for 3 nights?\n— Yes",
      "\\*Elly\\* is moored.",
    ])
  })

  it("answers a time-out in its own words", async () => {
    expect(await moor(() => Effect.sleep("3 minutes"))).toEqual([
      "Which boat?\nTimed out.",
      "Come back when you know.",
    ])
  })

  it.each([false, true])("enlists, direct messages closed: %s", async (closed) => {
    const pdf = { name: "papers.pdf", contentType: "application/pdf", bytes: new Uint8Array(8) }
    await Stage.run(
      example.layer,
      "enlist",
      ({ ada, sandbox, seen, shows }) =>
        Effect.gen(function* () {
          yield* shows("Go on in <#")
          const thread = [...sandbox.world.channels.values()].find((one) => one.thread !== null)
          const where = thread?.id ?? "dm"
          expect(where === "dm").toBe(!closed)
          yield* shows("How old are you?", where)
          yield* ada.say(where, "13")
          yield* shows("⚠ Your answer must be a whole number from 14 to 99.", where)
          yield* ada.say(where, "41")
          yield* shows("Your papers, please.", where)
          yield* ada.say(where, "", { attachments: [pdf] })
          expect((yield* seen()).at(-1)).toBe("(private) Enlisted at 41, with papers.pdf.")
        }),
      { before: ({ actor }) => Effect.flatMap(Effect.orDie(actor("ada")), (ada) => ada.closeDms(closed)) },
    )
  })
})
