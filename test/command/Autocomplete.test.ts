import { describe, expect, it } from "@effect/vitest"
import type { APIApplicationCommandAutocompleteInteraction } from "discord-api-types/v10"
import { Context, Effect, Exit, FastCheck as fc, Layer, Logger } from "effect"
import * as Autocomplete from "../../src/command/Autocomplete.js"
import * as Command from "../../src/command/Command.js"
import * as Commands from "../../src/command/Commands.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Param from "../../src/command/Param.js"
import * as Client from "../../src/discord/Client.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Rest from "../../src/rest/Rest.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

/** What was on its way to Discord: for each keystroke when, and the names of the choices. */
interface Answer {
  readonly id: string
  readonly at: number
  readonly names: ReadonlyArray<string>
}

interface Keystroke {
  readonly at: number
  readonly typed: string
  readonly user?: string
  readonly option?: string
  /** How old the interaction is when it arrives. */
  readonly age?: number
  readonly permissions?: string
}

class Boats extends Context.Tag("Boats")<Boats, { readonly names: ReadonlyArray<string> }>() {}

/** Types, one keystroke after the other; what Discord got, what ran, and what was left. */
const play = (
  suggest: Param.Suggest<Boats>,
  keystrokes: ReadonlyArray<Keystroke>,
  options: { readonly permissions?: bigint } = {},
) => {
  const answers: Array<Answer> = []
  const logged: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    if (logLevel.label !== "DEBUG") logged.push(String(message))
  })
  const command = Command.make(
    "berth",
    {
      description: "d",
      ...(options.permissions === undefined ? {} : { permissions: options.permissions }),
      params: {
        boat: Param.string("d").pipe(Param.autocomplete(suggest)),
        pier: Param.string("d").pipe(Param.autocomplete(suggest), Param.optional),
        plain: Param.optional(Param.string("d")),
      },
    },
    () => Effect.succeed(Reply.silent),
  )
  const rest = Layer.effect(
    Rest.Rest,
    Effect.map(
      Effect.clock,
      (clock) =>
        ({
          clockSkew: () => 0,
          acknowledge: (path: string, body: string, sent: (error: null) => void) => {
            const { data } = JSON.parse(body) as {
              readonly data: { readonly choices: ReadonlyArray<Param.Choice> }
            }
            answers.push({
              id: /interactions\/(\d+)\/secret\/callback/u.exec(path)?.[1] ?? "0",
              at: clock.unsafeCurrentTimeMillis(),
              names: data.choices.map(({ name }) => name),
            })
            sent(null)
            return () => {}
          },
        }) as unknown as Rest.Rest,
    ),
  )
  const client = Layer.succeed(Client.Client, { isReady: () => true } as unknown as Client.Client)
  const services = Layer.mergeAll(
    Supervisor.layer(),
    rest,
    client,
    Commands.layer({ prefix: undefined }),
  ).pipe(Layer.provideMerge(Timers.layer))
  const program = Effect.gen(function* () {
    const complete = yield* Autocomplete.make
    const supervisor = yield* Supervisor.Supervisor
    const clock = yield* Effect.clock
    yield* Effect.forEach(
      keystrokes,
      ({ age = 0, at, option = "boat", permissions = "0", typed, user = "1" }, index) =>
        Effect.delay(
          Effect.sync(() => {
            const made = clock.unsafeCurrentTimeMillis() - age
            complete({
              // Ids carry the time of their making; the lower bits tell the keystrokes apart.
              id: String((BigInt(made - DISCORD_EPOCH) << 22n) | BigInt(index)),
              token: "secret",
              data: { name: "berth", options: [{ type: 3, name: option, value: typed, focused: true }] },
              member: { user: { id: user }, permissions },
              guild_id: "20",
              channel: { id: "10" },
              locale: "en-US",
            } as unknown as APIApplicationCommandAutocompleteInteraction)
          }),
          at,
        ),
      { concurrency: "unbounded", discard: true },
    )
    yield* Effect.sleep("1 minute")
    return {
      answers: keystrokes.map((_, index) =>
        answers.filter(({ id }) => (BigInt(id) & 0xfffn) === BigInt(index)),
      ),
      roster: yield* supervisor.roster,
      logged,
    }
  }).pipe(
    Effect.provide(
      Command.layer(command).pipe(
        Layer.provide(Layer.succeed(Boats, { names: ["Elly", "Mary"] })),
        Layer.provideMerge(services),
        Layer.provideMerge(Logger.replace(Logger.defaultLogger, logger)),
      ),
    ),
  )
  const { exit } = VirtualClock.runSync(Effect.scoped(program), { start: START })
  if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
  return {
    ...exit.value,
    answers: exit.value.answers.map((each) => each.map(({ at, names }) => ({ at: at - START, names }))),
  }
}
const DISCORD_EPOCH = 1_420_070_400_000
const START = 1_800_000_000_000

const found: Param.Suggest<Boats> = (typed) =>
  Effect.map(Boats, ({ names }) => names.filter((name) => name.toLowerCase().startsWith(typed)))

describe("autocomplete", () => {
  it("offers what fits, with the services of the command's layer", () => {
    expect(play(found, [{ at: 0, typed: "el" }]).answers).toEqual([[{ at: 100, names: ["Elly"] }]])
  })

  it("is ended by a newer keystroke of the same person in the same option, before and while it runs", () => {
    const begun: Array<string> = []
    const slow: Param.Suggest<Boats> = (typed) =>
      Effect.suspend(() => {
        begun.push(typed)
        return Effect.delay(Effect.succeed([typed]), 300)
      })
    const { answers } = play(slow, [
      { at: 0, typed: "e" },
      { at: 50, typed: "el" },
      { at: 250, typed: "ell" },
      { at: 260, typed: "m", user: "2" },
      { at: 270, typed: "north", option: "pier" },
    ])
    expect(begun).toEqual(["el", "ell", "m", "north"])
    expect(answers).toEqual([
      [{ at: 50, names: [] }],
      [{ at: 250, names: [] }],
      [{ at: 650, names: ["ell"] }],
      [{ at: 660, names: ["m"] }],
      [{ at: 670, names: ["north"] }],
    ])
  })

  it("is empty where the suggestions fail, die or take too long, with one line in the log", () => {
    const cases: ReadonlyArray<readonly [Param.Suggest<Boats>, number, RegExp]> = [
      [() => Effect.fail("no database"), 100, /Suggestions for berth boat failed/u],
      [() => Effect.die(new Error("a bug")), 100, /Suggestions for berth boat failed/u],
      [
        () => {
          throw new Error("a bug")
        },
        100,
        /Suggestions for berth boat failed/u,
      ],
      [() => Effect.never, 2_000, /took too long/u],
      [() => Effect.uninterruptible(Effect.delay(Effect.succeed(["late"]), "5 seconds")), 2_000, /too long/u],
    ]
    for (const [suggest, at, line] of cases) {
      const seen = play(suggest, [{ at: 0, typed: "" }])
      expect(seen.answers).toEqual([[{ at, names: [] }]])
      expect(seen.logged).toHaveLength(1)
      expect(seen.logged[0]).toMatch(line)
      expect(seen.roster).toEqual([])
    }
  })

  it("counts the three seconds from when Discord made the interaction", () => {
    expect(play(() => Effect.never, [{ at: 0, typed: "", age: 1_500 }]).answers).toEqual([
      [{ at: 500, names: [] }],
    ])
  })

  it("offers nothing for options without suggestions, nor to those who may not call the command", () => {
    expect(play(found, [{ at: 0, typed: "el", option: "plain" }]).answers).toEqual([[{ at: 0, names: [] }]])
    const guarded = { permissions: 16n }
    expect(play(found, [{ at: 0, typed: "el" }], guarded).answers).toEqual([[{ at: 0, names: [] }]])
    expect(play(found, [{ at: 0, typed: "el", permissions: "16" }], guarded).answers).toEqual([
      [{ at: 100, names: ["Elly"] }],
    ])
  })

  it("answers every keystroke exactly once, in time, and leaves nothing behind", () => {
    const keystrokes = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 1_500 }),
        typed: fc.constantFrom("fast", "slow", "late", "fails", "dies", "stuck"),
        user: fc.constantFrom("1", "2"),
        age: fc.integer({ min: 0, max: 2_500 }),
      }),
      { maxLength: 10 },
    )
    const suggest: Param.Suggest<Boats> = (typed) => {
      switch (typed) {
        case "fast":
          return Effect.succeed(["fast"])
        case "slow":
          return Effect.delay(Effect.succeed(["slow"]), 200)
        case "late":
          return Effect.uninterruptible(Effect.delay(Effect.succeed(["late"]), "4 seconds"))
        case "fails":
          return Effect.fail("no")
        case "dies":
          return Effect.die("a bug")
        default:
          return Effect.never
      }
    }
    fc.assert(
      fc.property(keystrokes, (keystrokes) => {
        const seen = play(suggest, keystrokes)
        keystrokes.forEach(({ age, at }, index) => {
          expect(seen.answers[index]).toHaveLength(1)
          const answered = seen.answers[index]?.[0]?.at ?? Infinity
          expect(answered - at).toBeLessThanOrEqual(Math.max(0, 2_000 - age))
        })
        expect(seen.roster).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

describe("autocomplete, when the bot stops", () => {
  it("answers those who are typing, also where Discord is slow", async () => {
    const boat = Param.string("d").pipe(Param.autocomplete(() => Effect.succeed(["Elly"])))
    const command = Command.make("berth", { description: "d", params: { boat } }, () =>
      Effect.succeed(Reply.silent),
    )
    const { exit } = await VirtualClock.run(
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        const turn = yield* Effect.gen(function* () {
          yield* Deploy.apply()
          sandbox.faults.slow({ path: "/callback" }, { request: 200 })
          const turn = yield* cleo.autocomplete("general", "berth", "boat", { boat: "e" })
          // Within the debounce.
          yield* Effect.sleep("50 millis")
          return turn
        }).pipe(Effect.provide(Harbour.onSandbox(Command.layer(command))))
        yield* Effect.sleep("1 minute")
        return turn.state()
      }).pipe(Effect.provide(Sandbox.layer())),
    )
    expect(exit).toEqual(Exit.succeed({ _tag: "ChoicesShown", choices: [] }))
  })
})

describe("Autocomplete.choicesOf", () => {
  it("takes what Discord takes, whatever is offered", () => {
    const one = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 150 }),
      fc.double(),
      fc.record({
        name: fc.string({ maxLength: 150 }),
        value: fc.oneof(fc.string({ maxLength: 150 }), fc.double()),
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom("string" as const, "integer" as const, "number" as const),
        fc.array(one, { maxLength: 60 }),
        (kind, found) => {
          const choices = Autocomplete.choicesOf(kind, found)
          expect(choices.length).toBeLessThanOrEqual(25)
          expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length)
          for (const { name, value } of choices) {
            expect(name.length).toBeGreaterThan(0)
            expect(name.length).toBeLessThanOrEqual(100)
            expect(name).not.toMatch(/\p{Surrogate}/u)
            expect(name.trim()).not.toBe("")
            if (kind === "string") expect(String(value).length).toBeLessThanOrEqual(100)
            else if (kind === "integer") expect(Number.isSafeInteger(value)).toBe(true)
            else expect(Number.isFinite(value)).toBe(true)
          }
        },
      ),
    )
  })

  it("keeps names and values apart", () => {
    expect(Autocomplete.choicesOf("integer", [{ name: "Large", value: 2 }, 3, "4", "x", 2])).toEqual([
      { name: "Large", value: 2 },
      { name: "3", value: 3 },
      { name: "4", value: 4 },
    ])
  })
})
