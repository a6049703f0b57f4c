/**
 * What the compiler infers, and what it refuses. The `@ts-expect-error` lines fail the type check when the
 * compiler does not object.
 */
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { Guild, GuildMember, User } from "discord.js"
import { Context, Data, Effect, Exit, type Layer, Schedule, Schema } from "effect"
import * as Command from "../../src/command/Command.js"
import type { CommandTimeout } from "../../src/command/CommandError.js"
import type { Commands } from "../../src/command/Commands.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"

class Harbour extends Context.Tag("Harbour")<Harbour, { readonly name: string }>() {}
class Full extends Data.TaggedError("Full")<{ readonly berths: number }> {
  get userText() {
    return `All ${this.berths} berths are taken.`
  }
}
class Broken extends Data.TaggedError("Broken")<{}> {}

const Boat = Schema.String.pipe(Schema.brand("Boat"))
const answer = Effect.succeed(Reply.text("ok"))

describe("Command, to the compiler", () => {
  it("infers the parameters from their declaration", () => {
    Command.make(
      "berth",
      {
        description: "d",
        params: {
          boat: Param.string("d").pipe(Param.decode(Boat)),
          nights: Param.integer("d").pipe(Param.withDefault(1)),
          pier: Param.optional(Param.string("d", { choices: ["north", "south"] })),
          size: Param.integer("d", { choices: { Small: 1, Large: 2 } }),
          skipper: Param.user("d"),
        },
      },
      (params) => {
        expectTypeOf(params.boat).toEqualTypeOf<typeof Boat.Type>()
        expectTypeOf(params.nights).toEqualTypeOf<number>()
        expectTypeOf(params.pier).toEqualTypeOf<"north" | "south" | undefined>()
        expectTypeOf(params.size).toEqualTypeOf<1 | 2>()
        expectTypeOf(params.skipper).toEqualTypeOf<User>()
        return answer
      },
    )
  })

  it("knows what is there by where it may be called", () => {
    Command.make("g", { description: "d", in: "guild" }, (_, interaction) => {
      expectTypeOf(interaction.guild).toEqualTypeOf<Guild>()
      expectTypeOf(interaction.member).toEqualTypeOf<GuildMember>()
      expectTypeOf(interaction.guildId).toEqualTypeOf<string>()
      expectTypeOf(interaction.from).toEqualTypeOf<"slash">()
      return answer
    })
    Command.make("b", { description: "d", from: ["slash", "message"] }, (_, interaction) => {
      expectTypeOf(interaction.guild).toEqualTypeOf<Guild | undefined>()
      expectTypeOf(interaction.from).toEqualTypeOf<"slash" | "message">()
      return answer
    })
    Command.make("d", { description: "d", in: "dm" }, (_, interaction) => {
      expectTypeOf(interaction.guild).toEqualTypeOf<undefined>()
      return answer
    })
  })

  it("makes the services of the handlers the requirements of the layer, without the interaction", () => {
    const a = Command.make("a", { description: "d" }, () => Effect.zipRight(Harbour, answer))
    const b = Command.make("b", { description: "d" }, () =>
      Effect.zipRight(Interaction, Effect.zipRight(Effect.scope, answer)),
    )
    expectTypeOf(Command.layer(a, b)).toEqualTypeOf<Layer.Layer<never, never, Harbour | Commands>>()
    const c = a.pipe(Command.provideService(Harbour, { name: "Elbe" }))
    expectTypeOf(Command.layer(c)).toEqualTypeOf<Layer.Layer<never, never, Commands>>()
  })

  it("keeps the errors of a handler until they are handled or can be told", () => {
    const full = Command.make("full", { description: "d" }, () => Effect.fail(new Full({ berths: 3 })))
    expectTypeOf<Command.Error<typeof full>>().toEqualTypeOf<Full>()
    expectTypeOf(Command.layer(full)).toEqualTypeOf<Layer.Layer<never, never, Commands>>()

    const broken = Command.make("broken", { description: "d" }, () => Effect.fail(new Broken()))
    // @ts-expect-error -- these errors have no userText
    Command.layer(broken)
    Command.layer(broken.pipe(Command.orIncident))
    Command.layer(broken.pipe(Command.catchTag("Broken", () => answer)))

    const group = Command.group("g", { description: "d" }, [full, broken])
    expectTypeOf<Command.Error<typeof group>>().toEqualTypeOf<Full | Broken>()
    expectTypeOf<Command.Error<ReturnType<typeof caught>>>().toEqualTypeOf<Full>()
    function caught() {
      return group.pipe(Command.catchTag("Broken", () => answer))
    }
  })

  it("adds the time-out to the errors where a deadline is set", () => {
    const timed = Command.make("t", { description: "d" }, () => answer).pipe(Policy.deadline("1 second"))
    expectTypeOf<Command.Error<typeof timed>>().toEqualTypeOf<CommandTimeout>()
    const told = timed.pipe(
      Command.catchTag("CommandTimeout", ({ after }) => Effect.succeed(Reply.text(`${after}`))),
    )
    expectTypeOf<Command.Error<typeof told>>().toEqualTypeOf<never>()
    // @ts-expect-error -- there is no such error to catch
    timed.pipe(Command.catchTag("NoSuchError", () => answer))
  })

  it("makes what suggestions need a requirement of the command, and keeps it through every combinator", () => {
    const boat = Param.string("d").pipe(
      Param.autocomplete((typed, { user }) => Effect.map(Harbour, ({ name }) => [name, typed, user.id])),
      Param.decode(Boat),
      Param.optional,
    )
    const berth = Command.make(
      "berth",
      { description: "d", params: { boat, n: Param.integer("d") } },
      (params) => {
        expectTypeOf(params.boat).toEqualTypeOf<typeof Boat.Type | undefined>()
        return answer
      },
    )
    expectTypeOf<Command.Requirements<typeof berth>>().toEqualTypeOf<Harbour>()
    expectTypeOf(Command.layer(berth)).toEqualTypeOf<Layer.Layer<never, never, Harbour | Commands>>()
    expectTypeOf(
      Command.layer(Command.group("g", { description: "d" }, [berth]).pipe(Policy.ephemeral)),
    ).toEqualTypeOf<Layer.Layer<never, never, Harbour | Commands>>()
    expectTypeOf(Command.layer(Command.provideService(berth, Harbour, { name: "n" }))).toEqualTypeOf<
      Layer.Layer<never, never, Commands>
    >()
    // What the suggestions fail with concerns nobody: the field stays empty.
    const failing = Param.string("d").pipe(Param.autocomplete(() => Effect.fail(new Broken())))
    Command.layer(Command.make("f", { description: "d", params: { failing } }, () => answer))
    // @ts-expect-error -- a suggestion is text, a number or a choice
    Param.string("d").pipe(Param.autocomplete(() => Effect.succeed([true])))
  })

  it("retries only what the command may fail with, and keeps its error", () => {
    const flaky = Command.make("r", { description: "d" }, () =>
      Effect.fail<Full | Broken>(new Full({ berths: 1 })),
    )
    const schedule = Schedule.recurs(2)
    const retried = flaky.pipe(Policy.retry({ schedule, tags: ["Full"] }))
    expectTypeOf<Command.Error<typeof retried>>().toEqualTypeOf<Full | Broken>()
    // @ts-expect-error -- there is no such error to retry
    flaky.pipe(Policy.retry({ schedule, tags: ["NoSuchError"] }))
    // @ts-expect-error -- there is no time left to retry in
    flaky.pipe(Policy.deadline("1 second"), Policy.retry({ schedule, tags: ["CommandTimeout"] }))
    const needy = flaky.pipe(
      Policy.retry({ schedule: Schedule.mapEffect(schedule, () => Harbour), tags: ["Full", "Broken"] }),
    )
    expectTypeOf<Command.Requirements<typeof needy>>().toEqualTypeOf<Harbour>()
  })

  it("adds what hooks fail with and need, and lets it be caught", () => {
    const plain = Command.make("h", { description: "d" }, () => answer)
    const hooked = plain.pipe(
      Policy.before(Effect.zipRight(Harbour, Effect.fail(new Broken()))),
      Policy.after((exit) => (Exit.isFailure(exit) ? Effect.fail(new Full({ berths: 1 })) : Effect.void)),
    )
    expectTypeOf<Command.Error<typeof hooked>>().toEqualTypeOf<Broken | Full>()
    expectTypeOf<Command.Requirements<typeof hooked>>().toEqualTypeOf<Harbour>()
    // @ts-expect-error -- these errors have no userText
    Command.layer(hooked)
    expectTypeOf(Command.layer(hooked.pipe(Command.catchTag("Broken", () => answer)))).toEqualTypeOf<
      Layer.Layer<never, never, Harbour | Commands>
    >()
    Policy.defaults(Policy.deadline("1 second"), Policy.before(Effect.asVoid(Interaction)))
    // @ts-expect-error -- a bot's own hooks can need nothing but the interaction
    Policy.defaults(Policy.before(Harbour))
    // @ts-expect-error -- and must fail with what can be told
    Policy.defaults(Policy.before(Effect.fail(new Broken())))
  })

  it("keeps refusals of policies out of the errors", () => {
    const limited = Command.make(
      "l",
      {
        description: "d",
        in: "guild",
        params: { whom: Param.member("d"), why: Param.optional(Param.string("d")) },
      },
      () => answer,
    )
    const piped = limited.pipe(
      Policy.cooldown({ per: "user", window: "1 second" }),
      Policy.concurrency({ per: "guild" }),
      Policy.hierarchy("whom"),
      Policy.role("Harbour master"),
      Policy.ownerOnly,
    )
    expectTypeOf(piped).toEqualTypeOf<typeof limited>()
    // @ts-expect-error -- text has no rank
    expect(() => limited.pipe(Policy.hierarchy("why"))).toThrow("must be a param of kind user or member")
    // @ts-expect-error -- there is no such param
    expect(() => limited.pipe(Policy.hierarchy("who"))).toThrow("must be a param of kind user or member")
  })

  it("refuses a handler that does not end in a reply", () => {
    // @ts-expect-error -- a string is no reply
    Command.make("s", { description: "d" }, () => Effect.succeed("hello"))
    // @ts-expect-error -- there is no such place
    expect(() => Command.make("s", { description: "d", in: "nowhere" }, () => answer)).toThrow("nowhere")
  })
})
