import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { ComponentType, type GatewayInteractionCreateDispatch } from "discord-api-types/v10"
import { Context, Data, Effect, FastCheck as fc, Layer, Metric, Redacted, Schema, TestClock } from "effect"
import * as routes from "../../docs/examples/routes.js"
import { CommandTimeout } from "../../src/command/CommandError.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Route from "../../src/command/Route.js"
import * as Routes from "../../src/command/Routes.js"
import * as CustomId from "../../src/interaction/CustomId.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import type * as InteractionResponse from "../../src/interaction/InteractionResponse.js"
import * as Press from "../../src/interaction/Press.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Signer from "../../src/interaction/Signer.js"
import type { State } from "../../src/sandbox/world/Interactions.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Harbour from "../bot/Harbour.js"

const ADA = "1000000000000000001"
const CLEO = "1000000000000000002"
const MANAGER = "2000000000000000001"

/** A press as Discord sends it. */
const press = (
  custom_id: string,
  {
    on = "button",
    roles,
    user = ADA,
  }: { on?: Route.Kind; roles?: ReadonlyArray<string>; user?: string } = {},
): Press.Press => {
  const data =
    on === "modal"
      ? { custom_id, components: [] }
      : {
          custom_id,
          component_type: on === "button" ? ComponentType.Button : ComponentType.UserSelect,
          ...(on === "button" ? {} : { values: [CLEO] }),
        }
  const person = { id: user, username: user === ADA ? "ada" : "cleo" }
  const packet = {
    op: 0,
    s: 1,
    t: "INTERACTION_CREATE",
    d: {
      id: "3000000000000000001",
      application_id: "4",
      token: "t",
      type: on === "modal" ? 5 : 3,
      data,
      ...(roles === undefined ? { user: person } : { guild_id: "5", member: { user: person, roles } }),
    },
  } as unknown as GatewayInteractionCreateDispatch
  return Press.fromPacket({} as InteractionResponse.Edge, packet, 0) as Press.Press
}

const secret = Signer.layer([Redacted.make("a secret of the test")])
const over = <R>(features: Layer.Layer<never, never, R | Routes.Routes>) =>
  features.pipe(Layer.provideMerge(Routes.layer), Layer.provideMerge(secret))

/** What the person reads, or which error the handler ends with. */
const answer = Effect.fnUntraced(function* (press: Press.Press) {
  const routes = yield* Routes.Routes
  const now = yield* TestClock.currentTimeMillis
  const found = routes.find(press, now)
  if (found._tag !== "Route") return found._tag === "Refused" ? found.userText : found._tag
  const interaction = {} as Interaction
  const reply = yield* Effect.merge(found.handler({}, interaction))
  return typeof reply === "object" && reply !== null && "content" in reply ? reply.content : reply
})

const note = Route.make(
  "note",
  { on: "button", state: CustomId.fields({ user: CustomId.id, text: Schema.String }), expires: "1 hour" },
  ({ text, user }, press) => Effect.succeed(Reply.text(`${user}: ${text}, by ${press.user.username}`)),
)
const other = Route.make("other", { on: "button", state: Schema.String }, (text) =>
  Effect.succeed(Reply.text(`other: ${text}`)),
)
const chosen = Route.make("chosen", { on: "select" }, (_, press) =>
  Effect.succeed(Reply.text(press.values.join())),
)
const filled = Route.make("filled", { on: "modal" }, () => Effect.succeed(Reply.text("filled")))

describe("Route", () => {
  it.effect.prop(
    "brings any state to its handler, or says that it is too long",
    { text: fc.string({ unit: "binary", maxLength: 40 }), user: fc.bigInt({ min: 0n, max: 2n ** 63n }) },
    ({ text, user }) =>
      Effect.gen(function* () {
        const id = yield* Effect.either(Route.customId(note, { user: String(user), text }))
        if (id._tag === "Left") expect(id.left._tag).toBe("CustomIdTooLong")
        else expect(yield* answer(press(id.right))).toBe(`${user}: ${text}, by ada`)
      }).pipe(Effect.provide(over(Route.layer(note)))),
  )

  it.effect.prop(
    "runs neither this route nor another after a change of one character",
    { text: fc.string({ maxLength: 20 }), at: fc.nat(), char: fc.stringMatching(/^[\w.~-]$/u) },
    ({ at, char, text }) =>
      Effect.gen(function* () {
        const id = yield* Route.customId(other, text)
        const place = at % id.length
        if (id[place] === char) return
        const said = yield* answer(press(id.slice(0, place) + char + id.slice(place + 1)))
        // "None" where the prefix is gone: then it is nobody's, and the router says so.
        expect(said).toMatch(
          /^(?:None$|I do not recognise this|This comes from another version|That is no longer in use)/u,
        )
      }).pipe(Effect.provide(over(Route.layer(note, other)))),
  )

  it.effect.prop(
    "expires to the millisecond",
    { off: fc.integer({ min: -3, max: 3 }) },
    ({ off }) =>
      Effect.gen(function* () {
        const id = yield* Route.customId(note, { user: "7", text: "hello" })
        yield* TestClock.setTime(3_600_000 + off)
        expect(yield* answer(press(id))).toBe(
          off < 0 ? "7: hello, by ada" : "This expired <t:3600:R>. Please ask for a new one.",
        )
      }).pipe(Effect.provide(over(Route.layer(note)))),
    { fastCheck: { numRuns: 20 } },
  )

  it.effect("is counted apart from a command of its name", () =>
    Effect.gen(function* () {
      const routes = yield* Routes.Routes
      const found = routes.find(press(yield* Route.customId(other, "x")), 0)
      if (found._tag === "Route") found.metrics.ended("completed", 1)
      const names = Metric.unsafeSnapshot()
        .filter(({ metricKey }) => metricKey.name === "bosun_commands_total")
        .flatMap(({ metricKey }) => [...metricKey.tags].filter(({ key }) => key === "command"))
        .map(({ value }) => value)
      expect(names).toContain("route:other")
      expect(names).not.toContain("other")
    }).pipe(Effect.provide(over(Route.layer(other)))),
  )

  it.effect("is for the user or the role that it is bound to", () =>
    Effect.gen(function* () {
      const mine = yield* Route.customId(other, "x", { user: ADA })
      expect(yield* answer(press(mine))).toBe("other: x")
      expect(yield* answer(press(mine, { user: CLEO }))).toBe("This is for somebody else.")
      const ours = yield* Route.customId(other, "x", { role: MANAGER })
      expect(yield* answer(press(ours, { user: CLEO, roles: ["1", MANAGER] }))).toBe("other: x")
      expect(yield* answer(press(ours, { roles: ["1"] }))).toBe(`This is only for <@&${MANAGER}>.`)
      // Nobody has a role in direct messages.
      expect(yield* answer(press(ours))).toBe(`This is only for <@&${MANAGER}>.`)
    }).pipe(Effect.provide(over(Route.layer(other)))),
  )

  it.effect("takes presses of its own kind only", () =>
    Effect.gen(function* () {
      const select = yield* Route.customId(chosen, undefined)
      expect(yield* answer(press(select, { on: "select" }))).toBe(CLEO)
      expect(yield* answer(press(select))).toMatch(/^This comes from an earlier version of me/u)
      const modal = yield* Route.customId(filled, undefined)
      expect(yield* answer(press(modal, { on: "modal" }))).toBe("filled")
      expect(yield* answer(press(modal, { on: "select" }))).toMatch(/^This comes from an earlier version/u)
    }).pipe(Effect.provide(over(Route.layer(chosen, filled)))),
  )

  it.effect("is found again by another process with the same secret, unless it changed meanwhile", () =>
    Effect.gen(function* () {
      const id = yield* Route.customId(note, { user: "7", text: "hello" }).pipe(Effect.provide(secret))
      const said = (route: Layer.Layer<never, never, Routes.Routes>) =>
        answer(press(id)).pipe(Effect.provide(over(route)))
      expect(yield* said(Route.layer(note))).toBe("7: hello, by ada")
      expect(yield* said(Route.layer(other))).toBe("That is no longer in use.")
      expect(yield* said(Layer.empty)).toBe("That is no longer in use.")
      // "7" and "hello" are text, and would be ids as well.
      const state = CustomId.fields({ user: CustomId.id, text: CustomId.id })
      const changed = Route.make("note", { on: "button", state }, () => reply)
      expect(yield* said(Route.layer(changed))).toMatch(/^I do not recognise this/u)
      const short = CustomId.fields({ user: CustomId.id, text: Schema.String.pipe(Schema.maxLength(3)) })
      const stricter = Route.make("note", { on: "button", state: short }, () => reply)
      expect(yield* said(Route.layer(stricter))).toMatch(/^This comes from an earlier version of me/u)
    }),
  )

  it.effect("leaves alone what is not its own", () =>
    Effect.gen(function* () {
      for (const id of ["confirm", "w1.abc", "", "r1", "review.1", "R1.note.A"]) {
        expect(yield* answer(press(id))).toBe("None")
      }
    }).pipe(Effect.provide(over(Route.layer(note)))),
  )

  it.effect("leaves its scope with its layer", () =>
    Effect.gen(function* () {
      const id = yield* Route.customId(other, "x")
      yield* Effect.scoped(
        Effect.zipRight(
          Layer.build(Route.layer(other)),
          Effect.map(answer(press(id)), (said) => expect(said).toBe("other: x")),
        ),
      )
      expect(yield* answer(press(id))).toBe("That is no longer in use.")
    }).pipe(Effect.provide(over(Layer.empty))),
  )

  it.effect("has its name for itself", () =>
    Effect.gen(function* () {
      const twice = Effect.provide(Effect.void, over(Route.layer(other, other)))
      const cause = yield* Effect.flip(Effect.sandbox(twice))
      expect(String(cause)).toContain('route "other": there are two of that name')
    }),
  )

  it.effect("does not start without a secret", () =>
    Effect.gen(function* () {
      const broken = Signer.layerFile("/dev/null/data")
      const features = Route.layer(other).pipe(Layer.provide(Routes.layer), Layer.provide(broken))
      const cause = yield* Effect.flip(Effect.sandbox(Layer.build(features)))
      expect(String(cause)).toContain("SecretUnusable")
      // Without routes none is needed.
      yield* answer(press("r1.other.AxAAAAAAAAAAAA")).pipe(
        Effect.tap((said) => expect(said).toBe("That is no longer in use.")),
        Effect.provide(Routes.layer.pipe(Layer.provide(broken))),
      )
    }).pipe(Effect.scoped),
  )

  it("refuses while it is built what could not work", () => {
    const made = (name: string, options: object) =>
      Route.make(name, { on: "button", ...options } as { on: "button" }, () => reply)
    expect(() => made("Review", {})).toThrow('route "Review" → name: must be 1 to 32 letters')
    expect(() => made("a".repeat(33), {})).toThrow("must be 1 to 32")
    expect(() => made("a.b", {})).toThrow("must be 1 to 32")
    expect(() => made("a", { expires: 0 })).toThrow('route "a" → expires: "0" must be a time above 0')
    expect(() => made("a", { deadline: "soon" })).toThrow('route "a" → deadline: "soon" must be a time')
    expect(() => made("a", { deadline: "25 hours" })).toThrow(
      'route "a" → deadline: "25 hours" must be at most 24 hours',
    )
    expect(() => made("a", { deadline: Infinity })).toThrow("must be at most 24 hours")
    expect(() => made("a", { deadline: "24 hours" })).not.toThrow()
    const text = (max: number) => ({ state: Schema.String.pipe(Schema.maxLength(max)) })
    expect(() => made("a", { ...text(25), expires: "1 day" })).toThrow(
      /has 103 characters; Discord takes 100/u,
    )
    expect(() => made("a", { ...text(24), expires: "1 day" })).not.toThrow()
    expect(() => made("a".repeat(32), { state: Schema.Literal("x".repeat(42)) })).toThrow(
      /has 102 characters/u,
    )
  })

  it.effect.prop(
    "fits where it was built, with the longest state there is",
    {
      text: fc.string({ unit: "binary", minLength: 12, maxLength: 24 }).map((text) => text.slice(0, 24)),
      id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    },
    ({ id, text }) => {
      const route = Route.make(
        "a",
        { on: "button", state: Schema.String.pipe(Schema.maxLength(24)), expires: "1 day" },
        () => reply,
      )
      return Effect.gen(function* () {
        const made = yield* Route.customId(route, text, { user: String(id) })
        expect(made.length).toBeLessThanOrEqual(100)
      }).pipe(Effect.provide(secret))
    },
  )

  it.effect("makes a button as Discord takes it", () =>
    Effect.gen(function* () {
      const button = yield* Route.button(
        note,
        { user: "7", text: "hi" },
        { label: "Note", style: "danger", emoji: { name: "📝" }, disabled: true, user: ADA },
      )
      expect(button).toEqual({
        type: 2,
        style: 4,
        label: "Note",
        emoji: { name: "📝" },
        disabled: true,
        custom_id: yield* Route.customId(note, { user: "7", text: "hi" }, { user: ADA }),
      })
    }).pipe(Effect.provide(secret)),
  )

  it.effect("keeps its failures as a command does", () =>
    Effect.gen(function* () {
      const caught = failing.pipe(
        Route.catchTag("Broken", ({ part }) => Effect.succeed(Reply.text(`mended ${part}`))),
      )
      const id = yield* Route.customId(failing, "mast")
      const said = (route: Layer.Layer<never, never, Routes.Routes>) =>
        answer(press(id)).pipe(Effect.sandbox, Effect.merge, Effect.provide(over(route)))
      expect(yield* said(Route.layer(caught))).toBe("mended mast")
      expect(String(yield* said(Route.layer(failing.pipe(Route.orIncident))))).toContain("Broken")
    }).pipe(Effect.provide(secret)),
  )

  it.effect("answers a deadline in the author's words", () =>
    Effect.gen(function* () {
      const slow = Route.make("slow", { on: "button", deadline: "20 hours" }, () => Effect.never).pipe(
        Route.catchTag("CommandTimeout", ({ after }) => Effect.succeed(Reply.text(`no answer in ${after}`))),
      )
      const id = yield* Route.customId(slow, undefined)
      const found = yield* Effect.map(Routes.Routes, (routes) => routes.find(press(id), 0)).pipe(
        Effect.provide(over(Route.layer(slow))),
      )
      expect(found).toMatchObject({ _tag: "Route", name: "slow", deadline: 20 * 3_600_000 })
      const timeout = new CommandTimeout({ command: "slow", after: 5 })
      expect(yield* (found as Routes.Match).onTimeout!(timeout)).toMatchObject({ content: "no answer in 5" })
    }).pipe(Effect.provide(secret)),
  )
})

/** The first message that somebody saw for a call or a press. */
const seen = <E>(turn: Effect.Effect<{ readonly settled: Effect.Effect<State> }, E>) =>
  Effect.gen(function* () {
    const state = yield* (yield* turn).settled
    return (state._tag === "Responded" ? state.messages[0] : undefined) ?? { id: "", content: state._tag }
  })

describe("Route, over the sandbox", () => {
  it.live("answers presses that were made for a bot that has ended since", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const ben = yield* sandbox.actor("ben")
      const cleo = yield* sandbox.actor("cleo")
      const bot = (secret: string) =>
        Harbour.onSandbox(routes.layer, { signer: Signer.layer([Redacted.make(secret)]) })
      const ask = seen(cleo.slash("general", "ask-berth", { nights: 3, master: "Moderator" }))
      const [first, second, third] = yield* Effect.zipRight(Deploy.apply(), Effect.all([ask, ask, ask])).pipe(
        Effect.provide(bot("a secret of the test")),
      )
      expect(first.content).toMatch(/asks for 3 nights\.$/u)

      yield* Effect.gen(function* () {
        const foreign = yield* seen(cleo.press(first.id, "Accept"))
        expect(foreign.content).toMatch(/^This is only for <@&\d+>\.$/u)
        const accepted = yield* seen(ben.press(first.id, "Accept"))
        expect(accepted.content).toMatch(/^3 nights for <@\d+>: accepted by <@\d+>\.$/u)
        // In the place of the one that was pressed on.
        expect(accepted.id).toBe(first.id)
        const both = yield* Effect.all(
          [seen(ben.press(second.id, "Accept")), seen(ben.press(second.id, "Refuse"))],
          { concurrency: 2 },
        )
        expect(
          both.map(({ content }) => content).filter((text) => text === "Somebody was faster."),
        ).toHaveLength(1)
      }).pipe(Effect.provide(bot("a secret of the test")))

      const forged = yield* seen(ben.press(third.id, "Accept")).pipe(
        Effect.provide(bot("another secret than that")),
      )
      expect(forged.content).toMatch(/^I do not recognise this/u)
    }).pipe(Effect.provide(Sandbox.layer())),
  )
})

const reply = Effect.succeed(Reply.text("ok"))
class Broken extends Data.TaggedError("Broken")<{ readonly part: string }> {}
class Full extends Data.TaggedError("Full") {
  get userText() {
    return "All berths are taken."
  }
}
class Berths extends Context.Tag("Berths")<Berths, { readonly name: string }>() {}
const failing = Route.make("failing", { on: "button", state: Schema.String }, (part) =>
  Effect.fail(new Broken({ part })),
)

describe("Route, to the compiler", () => {
  it("infers its state, services and errors", () => {
    const state = CustomId.fields({ user: CustomId.id, verdict: Schema.Literal("yes", "no") })
    const route = Route.make("review", { on: "button", state }, (state, press) => {
      expectTypeOf(state).toEqualTypeOf<{ readonly user: string; readonly verdict: "yes" | "no" }>()
      expectTypeOf(press).toEqualTypeOf<Press.Press>()
      return Effect.zipRight(Berths, Effect.zipRight(Interaction, Effect.zipRight(Effect.scope, reply)))
    })
    expectTypeOf(Route.layer(route)).toEqualTypeOf<Layer.Layer<never, never, Berths | Routes.Routes>>()
    const given = route.pipe(Route.provideService(Berths, { name: "Elbe" }))
    expectTypeOf(Route.layer(given, chosen)).toEqualTypeOf<Layer.Layer<never, never, Routes.Routes>>()
    expectTypeOf(Route.customId(route, { user: "1", verdict: "no" })).toEqualTypeOf<
      Effect.Effect<string, CustomId.CustomIdTooLong, Signer.Signer>
    >()
    // @ts-expect-error -- no such verdict
    void Route.customId(route, { user: "1", verdict: "maybe" })
    // @ts-expect-error -- bound to one of them
    void Route.customId(route, { user: "1", verdict: "no" }, { user: ADA, role: MANAGER })
    // @ts-expect-error -- a select's route has no button
    void Route.button(chosen, undefined, { label: "Choose" })
    // @ts-expect-error -- a number is no text
    Route.make("number", { on: "button", state: Schema.Number }, () => reply)
  })

  it("keeps the errors of a handler until they are handled or can be told", () => {
    expectTypeOf<Route.Error<typeof failing>>().toEqualTypeOf<Broken>()
    // @ts-expect-error -- these errors have no userText
    Route.layer(failing)
    Route.layer(
      failing.pipe(Route.orIncident),
      Route.make("full", { on: "button" }, () => new Full()),
    )
    const timed = Route.make("timed", { on: "button", deadline: "1 second" }, () => reply)
    expectTypeOf<Route.Error<typeof timed>>().toEqualTypeOf<CommandTimeout>()
    expectTypeOf<Route.Error<typeof chosen>>().toEqualTypeOf<never>()
    // @ts-expect-error -- there is no such error to catch
    timed.pipe(Route.catchTag("NoSuchError", () => reply))
  })
})
