/**
 * What the compiler infers, and what it refuses. The `@ts-expect-error` lines fail the type check when the
 * compiler does not object.
 */
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { Guild, GuildMember, User } from "discord.js"
import { Context, Data, Effect, type Layer, Schema } from "effect"
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

  it("refuses a handler that does not end in a reply", () => {
    // @ts-expect-error -- a string is no reply
    Command.make("s", { description: "d" }, () => Effect.succeed("hello"))
    // @ts-expect-error -- there is no such place
    expect(() => Command.make("s", { description: "d", in: "nowhere" }, () => answer)).toThrow("nowhere")
  })
})
